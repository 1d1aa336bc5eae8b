"""Logs and metrics, watched through everything that is tried: nobody's words may stand in them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from .canaries import Canaries
from .tally import Tally

KIND = "logs"


class Watcher(logging.Handler):
    """Reads each line, with its traceback, as an operator would, and looks for canaries."""

    def __init__(self, canaries: Canaries, tally: Tally) -> None:
        super().__init__(logging.DEBUG)
        self.canaries, self.tally, self.typed = canaries, tally, set[str]()
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.tally.tried(KIND)
        line = self.format(record)
        for scope, what in self.canaries.found_in(line, self.typed):
            self.tally.leaked(KIND, f"{what} of {scope} in the log {record.name}")


@contextmanager
def watched(canaries: Canaries, tally: Tally) -> Iterator[Watcher]:
    """Every logger's every line goes to a watcher, and none to the screen."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    watcher = Watcher(canaries, tally)
    root.handlers[:] = [watcher]
    root.setLevel(logging.INFO)
    try:
        yield watcher
    finally:
        root.handlers[:] = before
        root.setLevel(level)
