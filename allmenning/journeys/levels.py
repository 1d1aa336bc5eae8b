"""Who pays and who reaps, by level: municipalities, counties and the state. Public; about nobody.

What is paid is of issued settlements, and of the grants that reduced them. What is reaped is told twice, and never added up: what
was measured (municipalities alone measure), and what somebody expects each year when all of the joint plan is in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from allmenning.commons.costs import entered
from allmenning.commons.costs import queries as agreements
from allmenning.commons.costs.agreement import Level
from allmenning.commons.governance import queries as governance
from allmenning.commons.governance.models import Estimate

from .benefits import Benefits, Hours
from .comparing import Balance, Costs
from .parties import LEVELS, level_of, level_of_giver


@dataclass(frozen=True)
class Given:
    """A grant, in øre, and the level that it is counted at by its giver's name. The name is the treasurer's text, and not public."""

    level: Level
    ore: int


@dataclass(frozen=True)
class OfLevel:
    """What a level pays and reaps, in øre. None: nothing is settled, measured or estimated of it."""

    level: Level
    shares: int | None
    grants: int | None
    measured: int | None
    hours: Hours | None
    expected: int | None
    expected_hours: int | None

    @property
    def paid(self) -> int | None:
        return None if self.shares is None else self.shares + (self.grants or 0)

    @property
    def net_measured(self) -> int | None:
        """Measured less paid: at least so much."""
        return _less(self.measured, self.paid)

    @property
    def net_expected(self) -> int | None:
        """Expected each year less paid in the year."""
        return _less(self.expected, self.paid)


@dataclass(frozen=True)
class ByLevel:
    """Every level of a year. settled: the year of what is paid, or None. plan: the first year of the plan that says what is expected."""

    rows: tuple[OfLevel, ...]
    has_grants: bool
    settled: int | None
    plan: int | None

    @property
    def has_any(self) -> bool:
        return self.settled is not None or self.plan is not None


def by_level(cooperation: str, costs: Costs, settled: int | None, spared: Benefits, balance: Balance | None) -> ByLevel:
    """settled: the year whose costs are held against what was spared. Three statements, and one for each agreement."""
    grants = _grants(cooperation, settled) if settled else ()
    plan = next((each for each in governance.plans(cooperation) if int(spared.year) in each.years), None)
    told = governance.estimates(plan) if plan else []
    shares = costs[settled] if settled else None
    rows = tuple(_of(level, shares, grants, told, spared, balance) for level in LEVELS)
    return ByLevel(rows, bool(grants), settled, plan.first_year if plan and told else None)


def _grants(cooperation: str, year: int) -> tuple[Given, ...]:
    found = [
        Given(level_of_giver(each.giver), each.ore)
        for agreed in agreements.agreements_of(cooperation)
        for each in entered.settled_grants(agreed.agreement.id, date(year, 1, 1), date(year + 1, 1, 1))
    ]
    return tuple(found)


def _of(
    level: Level,
    shares: Mapping[str, int] | None,
    grants: Sequence[Given],
    told: Sequence[Estimate],
    spared: Benefits,
    balance: Balance | None,
) -> OfLevel:
    own = [each for each in told if level_of(each.party) == level]
    ore = [each.amount_ore for each in own if each.amount_ore is not None]
    hours = [each.hours for each in own if each.hours is not None]
    measures = level == "municipality"
    return OfLevel(
        level,
        None if shares is None else sum(each for party, each in shares.items() if level_of(party) == level),
        None if shares is None else sum(each.ore for each in grants if each.level == level),
        _measured(spared, balance) if measures else None,
        spared.hours() if measures else None,
        sum(ore) if ore else None,
        sum(hours) if hours else None,
    )


def _measured(spared: Benefits, balance: Balance | None) -> int | None:
    """Postage, and hours by the rate that the reader has written; None where neither is told."""
    if balance and balance.hourly:
        return balance.gain
    postage = spared.money()
    return postage.ore if postage else None


def _less(gain: int | None, cost: int | None) -> int | None:
    return None if gain is None or cost is None else gain - cost
