"""How often somebody may do something, counted by all processes of a machine in one small file of fixed size.

Each key has a cell with one number: when everything it has done would have been spread evenly (the generic cell rate
algorithm of ATM, ITU-T I.371). A cell is found by a keyed hash, so the file tells nobody who did what.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import secrets
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

CELLS = 2**18  # a few MB; of this many people and addresses the latest are remembered
_CELL = struct.Struct("<Qd")  # hash of the key, and its time (seconds of the machine's monotonic clock)
_TOGETHER = 4  # cells in which a key may be
_BUCKET = _CELL.size * _TOGETHER
_SALT = 32


class Rate(NamedTuple):
    """So many times in so many seconds, at once or spread; then one at a time as the time passes."""

    times: int
    seconds: float


class Cells:
    """The counts. With a path, those of every process that opens it; without one, this process's own.

    secret: the same in all of them. Who comes when all cells of a place are taken gets that of the one who has waited
    longest: nobody is held back for what others did.
    """

    def __init__(self, path: Path | None, secret: bytes, cells: int = CELLS, now: Callable[[], float] = time.monotonic):
        self._now, self._lock = now, threading.Lock()
        self._buckets = cells // _TOGETHER
        size = _SALT + self._buckets * _BUCKET
        self._file = None if path is None else _opened(path, size)
        self._memory = mmap.mmap(-1 if self._file is None else self._file, size)
        self._secret = hashlib.blake2b(self._memory[:_SALT], key=secret[:64]).digest()

    def take(self, key: str, rate: Rate) -> float:
        """Count once more, if the rate allows it. Returns 0, or how many seconds to wait: then nothing is counted."""
        return self._held_to(key, rate, count=True)

    def wait(self, key: str, rate: Rate) -> float:
        """How many seconds to wait until `take` would succeed; nothing is counted."""
        return self._held_to(key, rate, count=False)

    def _held_to(self, key: str, rate: Rate, *, count: bool) -> float:
        digest = hashlib.blake2b(key.encode(), key=self._secret, digest_size=16).digest()
        name = int.from_bytes(digest[:8], "little") | 1  # 0 is an empty cell
        place = _SALT + int.from_bytes(digest[8:], "little") % self._buckets * _BUCKET
        with self._lock:
            if self._file is not None:
                fcntl.lockf(self._file, fcntl.LOCK_EX, _BUCKET, place)
            try:
                return self._counted(name, place, rate, count)
            finally:
                if self._file is not None:
                    fcntl.lockf(self._file, fcntl.LOCK_UN, _BUCKET, place)

    def _counted(self, name: int, place: int, rate: Rate, count: bool) -> float:
        now, each = self._now(), rate.seconds / rate.times
        at, until = self._cell_of(name, place)
        # A time further ahead than any rate goes was written before the machine was started.
        until = max(until, now) if until <= now + rate.seconds + each else now
        wait = until - now - (rate.seconds - each)
        if wait > 1e-6:
            return wait
        if count:
            _CELL.pack_into(self._memory, at, name, until + each)
        return 0.0

    def _cell_of(self, name: int, place: int) -> tuple[int, float]:
        """(where, time) of a key's cell; for one that has none, of the cell that can best be spared."""
        held = [
            (place + n * _CELL.size, *_CELL.unpack_from(self._memory, place + n * _CELL.size)) for n in range(_TOGETHER)
        ]
        for at, holder, until in held:
            if holder == name:
                return at, until
        return min(held, key=lambda cell: cell[2])[0], 0.0


def make_file(path: Path) -> None:
    """Make the file that the processes of one server count in, with a salt of its own."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_SALT))


def _opened(path: Path, size: int) -> int:
    file = os.open(path, os.O_RDWR)
    if os.fstat(file).st_size < size:
        os.ftruncate(file, size)
    return file
