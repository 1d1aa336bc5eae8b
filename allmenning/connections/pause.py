"""Leaving a system alone that does not answer: each call would keep a visitor, or everything behind it, waiting."""

from __future__ import annotations

import math
import threading
import time

FAILURES = 3  # in a row: one may be chance
SECONDS = 15.0
LONGEST = 600.0  # that we let a system ask us to wait


class Pause:
    """Begins after some failures in a row, or when the system asks for it. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0

    @property
    def seconds_left(self) -> int:
        """0: call. Else how long to leave it alone."""
        return max(0, math.ceil(self._until - time.monotonic()))

    def answered(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        """It did not answer. After the pause one more failure begins the next."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                self._until = time.monotonic() + SECONDS

    def asked_to_wait(self, seconds: float) -> None:
        with self._lock:
            self._until = time.monotonic() + min(seconds, LONGEST)
