"""What the cooperation costs each member beside what it gave, and the members side by side, over years. Public; about nobody.

Costs are of issued settlements. Cases are told in fives, so a cost for each is the most that it can be.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from allmenning.basics import dates
from allmenning.basics.norwegian import sort_key
from allmenning.basics.sharing import balancing
from allmenning.basics.sharing.balancing import Adjustment, Position
from allmenning.basics.sharing.errors import NothingGained
from allmenning.commons.costs import queries as agreements
from allmenning.commons.costs import yearly
from allmenning.commons.figures import queries as figures
from allmenning.commons.figures.benefits import Measured, Rate, count
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.facts import Inhabitants

from .benefits import Benefits, Hours
from .cooperating import Cooperating
from .parties import name_of

Costs = Mapping[int, Mapping[str, int]]  # øre by year and party


def costs(cooperation: str) -> Costs:
    """What each party has borne by the cooperation's agreements, in the years that are settled."""
    return yearly.borne([each.agreement.id for each in agreements.agreements_of(cooperation)])


def years(costs: Costs) -> list[str]:
    """Those with figures, and those that are settled, the newest first."""
    return sorted({*figures.periods(), *(str(each) for each in costs)}, reverse=True) or [str(dates.today().year)]


# --- who pays and who reaps ---


@dataclass(frozen=True)
class Paid:
    """What somebody paid and gained in a year, in øre. worked: by a rate that somebody has stated for an hour; else None."""

    party: str
    cost: int
    hours: Hours
    postage: int
    worked: int | None

    @property
    def gain(self) -> int:
        """Øre: at least so many."""
        return self.postage + (self.worked or 0)

    @property
    def net(self) -> int:
        return self.gain - self.cost


@dataclass(frozen=True)
class Balance:
    """Cost and gain side by side, and what an adjustment would move, in the same order. alike: None where nothing is gained."""

    rows: tuple[Paid, ...]
    hourly: Rate | None
    alike: Adjustment | None
    nobody_loses: Adjustment

    @property
    def cost(self) -> int:
        return sum(each.cost for each in self.rows)

    @property
    def gain(self) -> int:
        return sum(each.gain for each in self.rows)


def year_of_costs(costs: Costs, year: str, asked: str) -> int | None:
    """Which settled year a year's benefits are held against: the same, or one that is asked for; None where there is neither."""
    settled = {str(each): each for each in costs}
    return settled.get(asked) or settled.get(year)


def balance(found: Benefits, costs: Mapping[str, int], hourly: Rate | None = None) -> Balance:
    """What each bore of a year's costs, in øre, beside what they were spared.

    hourly: what an hour is worth, and who says so; without it hours are told as hours.
    """
    parties = _in_order({*costs, *found.municipalities})
    rows = tuple(_paid(found, party, costs.get(party, 0), hourly) for party in parties)
    positions = [Position(each.party, each.cost, each.gain) for each in rows]
    return Balance(rows, hourly, _alike(positions), balancing.nobody_loses(positions))


def _alike(positions: Sequence[Position]) -> Adjustment | None:
    try:
        return balancing.alike(positions)
    except NothingGained:
        return None


def _paid(found: Benefits, party: str, cost: int, hourly: Rate | None) -> Paid:
    if party not in found.municipalities:  # the state or a county, or one that left within the year
        return Paid(party, cost, Hours((), is_complete=False), 0, None)
    hours, postage = found.hours(party), found.money(party)
    worked = int(int(hours.number or 0) * hourly.ore) if hourly else None  # of the whole hours that are told
    return Paid(party, cost, hours, postage.ore if postage else 0, worked)


# --- side by side ---


@dataclass(frozen=True)
class Compared:
    """One member in a year. cost: øre; None where it bore none. services: that it offers now; None of a year that is over."""

    municipality: str
    cost: int | None
    inhabitants: Inhabitants | None
    cases: Measured
    services: int | None

    @property
    def per_inhabitant(self) -> Fraction | None:
        """Exact øre."""
        return _each(self.cost, self.inhabitants.number if self.inhabitants else None)

    @property
    def per_case(self) -> Fraction | None:
        """Øre at most: there are at least as many cases as are told."""
        return _each(self.cost, self.cases.number)

    @property
    def per_service(self) -> Fraction | None:
        return _each(self.cost, self.services)


@dataclass(frozen=True)
class OverTime:
    """Øre for each inhabitant by municipality and year; a pair that is missing was not settled, or has no population."""

    years: tuple[int, ...]
    municipalities: tuple[str, ...]
    each: Mapping[tuple[str, int], Fraction]
    together: Mapping[int, Fraction]


def side_by_side(cooperation: Cooperating, costs: Costs, year: int) -> list[Compared]:
    """The municipalities that were members or paid in a year, in Norwegian order."""
    borne = costs.get(year, {})
    first, last = date(year, 1, 1), date(year, 12, 31)
    ids = [
        each.id
        for each in cooperation.everyone
        if each.id in borne or any(of.start <= last and (of.end is None or of.end > first) for of in each.periods)
    ]
    people = municipalities.latest_populations(ids, first)
    told = figures.table("cases", ids, figures.services_with_figures(ids, str(year)), str(year))
    is_now = year == dates.today().year
    return [
        Compared(
            id,
            borne.get(id),
            people.get(id),
            count([told.cell(service, id) for service in told.services], "cases"),
            len(cooperation.offered.get(id, {})) if is_now else None,
        )
        for id in _in_order(ids)
    ]


def over_time(cooperation: Cooperating, costs: Costs) -> OverTime:
    """The cost for each inhabitant in every settled year, by the population of that year's first day."""
    days = {year: date(year, 1, 1) for year in costs}
    populations = municipalities.populations_on([each.id for each in cooperation.everyone], days.values())
    each: dict[tuple[str, int], Fraction] = {}
    together: dict[int, Fraction] = {}
    for year, borne in sorted(costs.items()):
        people = {id: of for id, of in populations[days[year]].items() if id in borne}
        each |= {(id, year): Fraction(borne[id], of.number) for id, of in people.items()}
        if people:
            together[year] = Fraction(sum(borne[id] for id in people), sum(of.number for of in people.values()))
    told = _in_order({id for id, _ in each})
    return OverTime(tuple(sorted(costs)), tuple(told), each, together)


def _in_order(parties: Collection[str]) -> list[str]:
    return sorted(parties, key=lambda each: sort_key(name_of(each)))


def _each(ore: int | None, number: int | Fraction | None) -> Fraction | None:
    return Fraction(ore) / number if ore is not None and number else None
