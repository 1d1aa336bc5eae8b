"""Whose turn it is: requests of different municipalities are worked on by turns, before Django sees them.

A process works on a few requests at once. Those that come meanwhile wait, each municipality in a queue of its own, and the
queues take turns: a thousand who ask in one municipality do not stand before the one who asks in another. While
others are here too, a municipality that has a queue is worked on for a small share of the time; alone, it gets all of it.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import struct
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

AT_ONCE = 2  # requests that a process works on; more would only share one interpreter
MOST_WAITING = 24  # of one municipality in a process; who comes then is told to come back
PATIENCE_SECONDS = 10.0
# A municipality with a queue rests so many times as long as it was worked on, while others are here.
REST = 7
HERE_SECONDS = 1.0  # since somebody else's last request
_HERE = struct.Struct("<QdQd")


class TooManyWait(Exception):
    """So many of this municipality's requests wait that one more would not be answered in time."""


class Here:
    """Who was here last, and who before them: of all processes that have the file, or of this one.

    Nobody holds a lock on it. Two who write at once may lose one another's word, which matters to nobody a moment later.
    """

    def __init__(self, file: Path | None = None) -> None:
        descriptor = -1
        if file is not None:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
            os.ftruncate(descriptor, _HERE.size)
        self._memory = mmap.mmap(descriptor, _HERE.size)

    def note(self, name: str, now: float) -> None:
        """Somebody's request begins."""
        last, at, other, other_at = _HERE.unpack(self._memory)
        who = _hash(name)
        if who != last:
            other, other_at = last, at
        _HERE.pack_into(self._memory, 0, who, now, other, other_at)

    def others_than(self, name: str) -> float:
        """When somebody else's last request began; 0 if none has."""
        last, at, _, other_at = _HERE.unpack(self._memory)
        return float(other_at if _hash(name) == last else at)


@cache
def _hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


class _Waiting:
    """One request that waits."""

    def __init__(self) -> None:
        self.woken = threading.Event()
        self.has_turn = False


class Turns:
    """The turns of one process. Thread-safe."""

    def __init__(
        self,
        at_once: int = AT_ONCE,
        most_waiting: int = MOST_WAITING,
        patience: float = PATIENCE_SECONDS,
        now: Callable[[], float] = time.monotonic,
        here: Here | None = None,
    ) -> None:
        self._at_once, self._most_waiting, self._patience, self._now = at_once, most_waiting, patience, now
        self._lock, self._here = threading.Lock(), here or Here()
        self._working: Counter[str] = Counter()
        self._queues: OrderedDict[str, deque[_Waiting]] = OrderedDict()  # the next one to be asked first
        self._rests_until: dict[str, float] = {}

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Wait for a turn, and have it while the block runs. Raises TooManyWait."""
        self._wait(name)
        begun = self._now()
        try:
            yield
        finally:
            self._end(name, self._now() - begun)

    def waiting(self, name: str) -> int:
        """How many wait in a queue."""
        with self._lock:
            return len(self._queues.get(name, ()))

    def _wait(self, name: str) -> None:
        with self._lock:
            if name not in self._queues and self._may_begin(name):
                self._begin(name)
                return
            if len(self._queues.get(name, ())) >= self._most_waiting:
                raise TooManyWait(name)
            mine = _Waiting()
            self._queues.setdefault(name, deque()).append(mine)
            give_up = self._now() + self._patience
        while not self._has_turn(name, mine, give_up):
            mine.woken.wait(self._until(name, mine, give_up))
            mine.woken.clear()

    def _has_turn(self, name: str, mine: _Waiting, give_up: float) -> bool:
        with self._lock:
            self._give_turns()
            if not mine.has_turn and self._now() >= give_up:
                self._queues[name].remove(mine)
                self._forget_if_empty(name)
                raise TooManyWait(name)
            return mine.has_turn

    def _until(self, name: str, mine: _Waiting, give_up: float) -> float:
        """How long to sleep: the first of a queue wakes when its rest is over."""
        with self._lock:
            queue, now = self._queues.get(name), self._now()
            rest = self._rests_until.get(name, 0.0)
            is_first = bool(queue) and queue[0] is mine  # type: ignore[index]
            return max((rest if is_first and rest > now else give_up) - now, 0.0)

    def _end(self, name: str, seconds: float) -> None:
        with self._lock:
            self._working[name] -= 1
            if not self._working[name]:
                del self._working[name]
            if name in self._queues and self._others_are_here(name):
                self._rests_until[name] = self._now() + seconds * REST
                self._queues[name][0].woken.set()  # to sleep no longer than that
            self._give_turns()

    def _give_turns(self) -> None:
        """Give every free place to the next queue that may have it."""
        while self._working.total() < self._at_once:
            name = next((each for each in self._queues if self._may_begin(each)), None)
            if name is None:
                return
            given = self._queues[name].popleft()
            self._queues.move_to_end(name)
            self._begin(name)
            self._forget_if_empty(name)
            given.has_turn = True
            given.woken.set()

    def _begin(self, name: str) -> None:
        self._working[name] += 1
        self._here.note(name, self._now())

    def _may_begin(self, name: str) -> bool:
        if self._working.total() >= self._at_once:
            return False
        if name not in self._queues or not self._others_are_here(name):
            return True
        return self._now() >= self._rests_until.get(name, 0.0) and self._working[name] < max(self._at_once - 1, 1)

    def _others_are_here(self, name: str) -> bool:
        return self._now() - self._here.others_than(name) < HERE_SECONDS

    def _forget_if_empty(self, name: str) -> None:
        if not self._queues[name]:
            del self._queues[name]
            self._rests_until.pop(name, None)
