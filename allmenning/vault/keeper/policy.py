"""Who may ask the keeper for what, and how often."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from . import protocol

# The login that owns a database and all that is in it: those who set up databases have it, and those who sweep them.
# The login that seals the log, and the log's own key: a web server that somebody took over could else sign another past.
_NOT_FOR_USERS = frozenset({"owner", "sealer", "log"})
# What is sealed by it tells where somebody lives who must not be found (see municipal/people/protection.py).
_RARE = "protection"
# What setting up, migrating, backing up and restoring need. None of it opens or finds what is sealed, or signs the log.
_FOR_OPERATORS = frozenset(
    {
        "database-name",
        "database-password",
        "template-database-password",
        "signature of back-ups",
        "comparison",
        "health",
    }
)
_MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Callers:
    """By user id, as the kernel tells it (SO_PEERCRED). A program's name is only what it says itself.

    users: have what they need derived from keys, but not what the owner of a database has, nor who seals the log: web
        servers.
    workers: have that as well, since they sweep and seal.
    operators: have databases' passwords and nothing that opens what is sealed; may have keys made, exported (sealed to
        whoever may restore), wrapped again and withdrawn. Nobody is told a whole key.
    restorers: what operators may, and put in keys that come from a back-up: while somebody restores, and else nobody.
    """

    users: frozenset[int] = frozenset()
    workers: frozenset[int] = frozenset()
    operators: frozenset[int] = frozenset()
    restorers: frozenset[int] = frozenset()

    def may(self, uid: int, operation: str, name: str, purpose: Sequence[str] = ()) -> bool:
        operates = uid in self.operators | self.restorers
        if operation == protocol.WRAP:
            return uid in self.restorers
        if operation == protocol.MAKE:  # and is told nothing: what comes back is wrapped
            return operates or uid in self.workers
        if operation != protocol.DERIVE:
            return operates
        if uid in self.workers or (uid in self.users and _of_any_generation(name) not in _NOT_FOR_USERS):
            return True
        return operates and bool(purpose) and purpose[0] in _FOR_OPERATORS

    def knows(self, uid: int) -> bool:
        return uid in self.users | self.workers | self.operators | self.restorers


def _of_any_generation(name: str) -> str:
    """What a key is called, whichever it is of those that followed each other: `log` and `log.1`."""
    return name.partition(".")[0]


@dataclass(frozen=True)
class Rates:
    """How many a minute, for one user and for one user's questions about one municipality.

    A process asks for what it uses once in five minutes: about 50 for a municipality where much goes on. Whoever wants
    the keys of everybody asks for more.

    protection: of one municipality's key of protected addresses. A process derives two things from it in five minutes.
    """

    user: float = 6000
    municipality: float = 600
    protection: float = 60


@dataclass
class Limits:
    """Counts: each bucket holds a minute's worth, and fills again all the time."""

    rates: Rates = field(default_factory=Rates)
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[tuple[int, str, str], tuple[float, float]] = field(default_factory=dict)

    def allow(self, uid: int, municipality: str, name: str = "") -> bool:
        """Count one question about a key; False when there were too many."""
        buckets = [((uid, "", ""), self.rates.user), ((uid, municipality, ""), self.rates.municipality)]
        if _of_any_generation(name) == _RARE:
            buckets.append(((uid, municipality, _RARE), self.rates.protection))
        return all(self._take(whose, per_minute) for whose, per_minute in buckets)

    def _take(self, whose: tuple[int, str, str], per_minute: float) -> bool:
        now = self.clock()
        left, then = self._buckets.pop(whose, (per_minute, now))
        left = min(per_minute, left + (now - then) * per_minute / 60)
        self._buckets[whose] = (left - 1, now) if left >= 1 else (left, now)  # last in the row again
        if len(self._buckets) > _MOST_COUNTED:
            del self._buckets[next(iter(self._buckets))]  # the one that was asked about the longest ago
        return left >= 1
