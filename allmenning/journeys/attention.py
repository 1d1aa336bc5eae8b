"""Which municipality's log is looked at, and when: often where something is written, seldom where nothing is.

Who writes tells of it (tenancy/waking.py), so most municipalities rest most of the time. While nobody can be heard, all
are looked at as often as those that are awake.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

BETWEEN_LOOKS = 0.4  # seconds, where something was written lately: a row waits for as long at most
AWAKE = 5.0  # seconds after the last that was found, or told of: it may not be committed yet
BETWEEN_RESTS = 30.0  # seconds, where nothing is written: what nobody told of is found after so long
AFTER_FAILURE = 5.0  # seconds, where the last look failed


@dataclass
class _One:
    next_look: float
    awake_until: float = 0.0
    not_before: float = 0.0  # a head for each commit would be too many
    is_new: bool = True
    is_woken: bool = False
    is_looked_at: bool = False


class Look(NamedTuple):
    """At whom; whether for the first time; whether somebody told that something was written."""

    municipality: str
    is_new: bool
    is_woken: bool


class Attention:
    """Safe to share between threads. `now`: seconds of a clock that only goes forwards."""

    def __init__(self) -> None:
        self._all: dict[str, _One] = {}
        self._hears = False
        self._changed = threading.Condition()

    def know(self, municipalities: Collection[str], now: float) -> None:
        """Those that there are: new ones are looked at at once, those that are gone no more."""
        with self._changed:
            known = {}
            for number, each in enumerate(municipalities):
                # Not all in the same moment, each time.
                known[each] = self._all.get(each) or _One(now + number * BETWEEN_LOOKS / len(municipalities))
            self._all = known

    def hear(self, hears: bool, now: float) -> None:
        """Whether anybody can tell of what is written. While nobody can, nobody rests."""
        with self._changed:
            if self._hears and not hears:
                for each in self._all.values():
                    each.next_look = min(each.next_look, now + BETWEEN_LOOKS)
            self._hears = hears
            self._changed.notify_all()

    def wake(self, municipalities: Collection[str], now: float) -> None:
        """Something was, or is being, written in these."""
        with self._changed:
            for each in municipalities:
                if (one := self._all.get(each)) is not None:
                    one.awake_until, one.is_woken = now + AWAKE, True
                    one.next_look = max(min(one.next_look, now), one.not_before)
            self._changed.notify_all()

    def take(self, now: float) -> list[Look]:
        """Whom to look at now, who waits the longest first. `looked` must follow."""
        with self._changed:
            due = [(each, one) for each, one in self._all.items() if one.next_look <= now and not one.is_looked_at]
            looks = [Look(each, one.is_new, one.is_woken) for each, one in sorted(due, key=lambda it: it[1].next_look)]
            for _, one in due:
                one.is_looked_at, one.is_woken = True, False
            return looks

    def looked(self, municipality: str, found: int | None, now: float) -> None:
        """How many rows a look found; None: it failed."""
        with self._changed:
            one = self._all.get(municipality)
            if one is None:
                return
            one.is_looked_at = False
            one.is_new = one.is_new and found is None
            one.not_before = now + (AFTER_FAILURE if found is None else BETWEEN_LOOKS if found else 0)
            if found:
                one.awake_until = now + AWAKE
            is_awake = now < one.awake_until or not self._hears
            one.next_look = max(now + (BETWEEN_LOOKS if is_awake else BETWEEN_RESTS), one.not_before)
            self._changed.notify_all()

    def wait(self, now: float, at_most: float) -> None:
        """Until somebody is due, or something changes."""
        with self._changed:
            waiting = (one.next_look for one in self._all.values() if not one.is_looked_at)
            seconds = min(at_most, min(waiting, default=now + at_most) - now)
            if seconds > 0:
                self._changed.wait(seconds)
