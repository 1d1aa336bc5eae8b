"""The demo's pool: who has joined, what was applied for and granted, and who has taken it into use. All of it is made up.

The pool is the agreement `digifin`; what each owes to join is worked out by it, from the figures of 2021.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from allmenning.basics import dates
from allmenning.commons.identity.offices import OfficeActing
from allmenning.commons.pools import queries
from allmenning.journeys import pooling

from .people import POOL

MEMBERS = ("averoy", "smola", "tingvoll", "kristiansund", "molde", "15")  # the last one is the county
JOINED, PAID, GRANTED = date(2021, 2, 1), date(2021, 3, 1), date(2021, 5, 3)
PROMISED = 50_000_000  # øre
TREASURER = OfficeActing(UUID(int=0), "treasurer", scope=POOL)


def seed() -> None:
    """Let them join, apply and adopt; a pool that is there is left as it is."""
    if queries.pool(POOL) is None:
        _members()
        _application()


def _members() -> None:
    pooling.promise_from_state(TREASURER, POOL, PROMISED, JOINED, "Staten legger til like mye som medlemmene")
    for party in MEMBERS:
        pooling.let_join(TREASURER, POOL, party, JOINED)
    for party, ore in list(queries.account(POOL).claims.items()):
        if party not in ("smola", "state"):  # who is late
            pooling.pay_in(TREASURER, POOL, party, ore, PAID)
    pooling.pay_in(TREASURER, POOL, "state", PROMISED, PAID)


def _application() -> None:
    """One that was granted, paid in part and adopted by another; and one that waits."""
    with dates.clock.frozen(GRANTED):
        _granted()
    pooling.apply(
        _of("smola"),
        POOL,
        title="Melding om flytting av båtplass",
        about="Et enkelt skjema for havnene, med kart.",
        asked_ore=6_000_000,
        own_ore=2_000_000,
    )


def _granted() -> None:
    averoy = _of("averoy")
    which = pooling.apply(
        averoy,
        POOL,
        title="Felles skjema for redusert foreldrebetaling",
        about="Ett skjema som henter inntekten fra Skatteetaten, og som alle medlemmer kan ta i bruk.",
        asked_ore=20_000_000,
        own_ore=5_000_000,
    )
    pooling.decide(
        TREASURER,
        POOL,
        which,
        granted_ore=18_000_000,
        fixed_ore=1_000_000,
        inhabitant_ore=150,
        reason="Mange medlemmer har det samme behovet, og resultatet deles med alle.",
    )
    pooling.pay_out(TREASURER, POOL, which, 9_000_000, date(2021, 6, 1))
    pooling.adopt(_of("tingvoll"), POOL, which)


def _of(party: str) -> OfficeActing:
    return OfficeActing(UUID(int=0), "member-treasurer", party=party)
