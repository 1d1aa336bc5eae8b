"""What a cooperation's page tells: members through time, what each offers, and figures. Public; about nobody.

All of it is read from the commons. Figures about fewer than five people never came there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from allmenning.basics import dates
from allmenning.basics.norwegian import sort_key
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.figures import queries as figures
from allmenning.commons.figures.models import PublishedFigure
from allmenning.commons.figures.queries import Table
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.facts import Inhabitants, KnownCooperation, KnownMunicipality

Measure = PublishedFigure.Measure
MEASURES = (Measure.CASES.value, Measure.DECIDED.value, Measure.MEDIAN_DAYS.value)


@dataclass(frozen=True)
class Period:
    """A membership from its first day to the day after its last; None is still."""

    start: date
    end: date | None

    @property
    def last_day(self) -> date | None:
        return self.end - timedelta(days=1) if self.end else None


@dataclass(frozen=True)
class Member:
    """A municipality that is or was a member, which ones were merged into it, and who is responsible there today."""

    id: str
    name: str
    number: str
    periods: tuple[Period, ...]
    is_member: bool
    predecessors: tuple[str, ...]
    today: tuple[str, ...]  # names; empty for one that still is
    inhabitants: Inhabitants | None


@dataclass(frozen=True)
class Cooperating:
    """A cooperation as its page shows it."""

    cooperation: KnownCooperation
    members: list[Member]  # today's, in Norwegian order
    former: list[Member]
    services: list[str]  # ids, of what any member offers
    offered: dict[str, dict[str, str]]  # municipality -> service -> version

    @property
    def inhabitants(self) -> int:
        return sum(each.inhabitants.number for each in self.members if each.inhabitants)

    @property
    def counted_on(self) -> tuple[date, ...]:
        """The days that the populations are of: one, or the first and the last where they differ."""
        days = sorted({each.inhabitants.date for each in self.members if each.inhabitants})
        return (days[0], days[-1]) if len(days) > 1 else tuple(days)

    @property
    def everyone(self) -> list[Member]:
        """All through time, by when they joined."""
        return sorted([*self.members, *self.former], key=lambda each: (each.periods[0].start, sort_key(each.name)))


def cooperations() -> list[tuple[KnownCooperation, list[KnownMunicipality]]]:
    """Every cooperation with its members today."""
    return [(each, municipalities.members(each.id)) for each in municipalities.cooperations()]


def cooperation(id: str) -> Cooperating:
    """Raises UnknownCooperation."""
    known = municipalities.cooperation(id)
    ids = list(dict.fromkeys(each.municipality for each in known.memberships))
    populations = municipalities.latest_populations(ids)
    found = sorted((_member(known, each, populations.get(each)) for each in ids), key=lambda each: sort_key(each.name))
    members = [each for each in found if each.is_member]
    offered = catalogue.offered_by([each.id for each in members])
    services = sorted({service for per_member in offered.values() for service in per_member})
    return Cooperating(known, members, [each for each in found if not each.is_member], services, offered)


def figures_of(cooperation: Cooperating, measure: str, year: str) -> Table:
    """A measure in a year, for what the members offer, or have figures of."""
    ids = [each.id for each in members_in(cooperation, year)]
    services = list(dict.fromkeys([*cooperation.services, *figures.services_with_figures(ids, year)]))
    return figures.table(measure, ids, services, year)


def members_in(cooperation: Cooperating, year: str) -> list[Member]:
    """The members on the year's last day, or today."""
    day = min(date(int(year), 12, 31), dates.today())
    found = [each for each in cooperation.everyone if _holds(each.periods, day)]
    return sorted(found, key=lambda each: sort_key(each.name))


def years() -> list[str]:
    """The years with figures, newest first; this year when there are none yet."""
    return figures.periods() or [str(dates.today().year)]


def _member(known: KnownCooperation, id: str, inhabitants: Inhabitants | None) -> Member:
    municipality = municipalities.municipality(id)
    periods = tuple(Period(each.start, each.end) for each in known.memberships if each.municipality == id)
    today = municipalities.successors(id)
    return Member(
        id=id,
        name=municipality.label,
        number=municipality.number() or municipality.numbers[-1].value,
        periods=periods,
        is_member=_holds(periods, dates.today()),
        predecessors=tuple(each.label for each in municipalities.predecessors(id)),
        today=tuple(each.label for each in today if each.id != id),
        inhabitants=inhabitants,
    )


def _holds(periods: Sequence[Period], day: date) -> bool:
    return any(each.start <= day and (each.end is None or day < each.end) for each in periods)
