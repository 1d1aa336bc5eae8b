"""`python -m bench.sealing`: the part of the worker that seals the log and asks the witnesses, alone, until told to stop.

`bin/bench log` has it in a process of its own, so that its CPU is counted apart from letters and e-mail.
"""

from __future__ import annotations

import os
import signal
import threading

from demo import prepare


def main() -> None:
    prepare.set_up_django()
    from allmenning.doors.cli.commands import POLITENESS
    from allmenning.journeys.sealing import Sealer

    os.nice(POLITENESS)  # as the worker is
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Sealer():
        stop.wait()


if __name__ == "__main__":
    main()
