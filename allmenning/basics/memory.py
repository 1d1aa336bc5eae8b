"""Remembering answers in this process for a short while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

SETTINGS_SECONDS = 5.0  # how long what a municipality has set may be remembered where every request asks for it

_all: list[Remembered[Any, Any]] = []


class Remembered(Generic[P, R]):
    """A function whose answers are kept for some seconds, for each set of positional arguments.

    Only for values that nobody changes (frozen ones), and that hold nothing personal: every request of the process
    sees them. Another process learns of a change when its own answer has grown old.
    """

    def __init__(self, function: Callable[P, R], seconds: float) -> None:
        self._function, self._seconds = function, seconds
        self._answers: dict[tuple[Any, ...], tuple[float, R]] = {}
        self._lock = threading.Lock()
        self._locks: dict[tuple[Any, ...], threading.RLock] = {}
        self._forgotten = 0
        update_wrapper(self, function)
        _all.append(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        known = self._answers.get(args)
        if known is not None and not kwargs and known[0] > time.monotonic():
            return known[1]
        if kwargs:
            return self._function(*args, **kwargs)
        # One thread asks while the others wait: a big answer is not computed by all of them at once. Those who ask for
        # something else do not wait: it may be another municipality's, in a database that answers.
        with self._lock:
            lock = self._locks.setdefault(args, threading.RLock())
        with lock:
            known = self._answers.get(args)
            if known is None or known[0] <= time.monotonic():
                forgotten = self._forgotten
                known = (time.monotonic() + self._seconds, self._function(*args, **kwargs))
                with self._lock:
                    if forgotten == self._forgotten:  # else it may be as it was before the change
                        self._answers[args] = known
            return known[1]

    def forget(self) -> None:
        """Ask again next time."""
        with self._lock:
            self._forgotten += 1
            self._answers.clear()


def remembered(seconds: float) -> Callable[[Callable[P, R]], Remembered[P, R]]:
    """Decorate a function so that its answers are kept: `@remembered(seconds=60)`."""
    return lambda function: Remembered(function, seconds)


def forget_everything() -> None:
    """Forget all answers of this process: between tests, and after the data was replaced."""
    for each in _all:
        each.forget()
