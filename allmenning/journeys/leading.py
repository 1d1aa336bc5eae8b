"""Figures for who leads a unit: received, done in time, what is open, missed and why, in a period and the one before.

What leaves who sees the cases is in whole fives and about five people or more (`basics.few`): also when periods, units and rows
are added to and taken from each other. So a sum is always the sum of what is told. How much each has to do now is no
figure: a queue of rows that the leader sees, on the page alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from allmenning.basics import dates, periods
from allmenning.basics.few import FEWEST, whole_fives
from allmenning.basics.periods import Period
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.content import ServicePackage, Text
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.cases import figures
from allmenning.municipal.cases.figures import AGES, Counted, Load
from allmenning.municipal.cases.models import DeadlineReason

MONTHS, HALVES, YEARS = 12, 4, 3  # how many periods of each kind one may choose among


@dataclass(frozen=True)
class Told:
    """A figure of a period and of the one before; None: nothing, or too few people to tell of."""

    now: int | None
    before: int | None

    def __add__(self, other: Told) -> Told:
        return Told(_sum((self.now, other.now)), _sum((self.before, other.before)))

    @property
    def largest(self) -> int:
        return max(self.now or 0, self.before or 0)


NOTHING = Told(None, None)


@dataclass(frozen=True)
class InTime:
    """One line of a deadline: what had been decided (None: nothing yet), met in time, and missed."""

    title: Text | None
    in_time: Told
    late: Told


@dataclass(frozen=True)
class OfDeadline:
    """A deadline of a service, with a line for each that was decided; the sums are of what is told."""

    service: Text
    title: Text
    lines: list[InTime]

    @property
    def in_time(self) -> Told:
        return sum((each.in_time for each in self.lines), NOTHING)

    @property
    def late(self) -> Told:
        return sum((each.late for each in self.lines), NOTHING)


@dataclass(frozen=True)
class Figures:
    """units: those that this person leads, by name. until: the day that what is told ends before; None: nothing is told yet."""

    period: Period
    unit_id: UUID | None
    units: list[tuple[UUID, str]]
    choices: list[list[Period]]
    until: date | None
    received: list[tuple[Text, Told]] = field(default_factory=list)
    deadlines: list[OfDeadline] = field(default_factory=list)
    still_open: list[tuple[str, Told]] = field(default_factory=list)
    missed: list[tuple[str, Told]] = field(default_factory=list)

    @property
    def in_all(self) -> Told:
        return sum((told for _, told in self.received), NOTHING)

    @property
    def open_in_all(self) -> Told:
        return sum((told for _, told in self.still_open), NOTHING)

    @property
    def missed_in_all(self) -> Told:
        return sum((told for _, told in self.missed), NOTHING)


def leads(working: Working) -> bool:
    """Whether there are figures for this person at all."""
    return bool(working.units_with("leader"))


def figures_for(working: Working, code: str = "", unit_id: UUID | None = None) -> Figures:
    """The figures of a period (the last half-year that is over, where it is none) in one unit, or in all that one leads.

    Raises NotYours: they lead none.
    """
    led = _led(working)
    units = [unit_id] if unit_id in led else led
    today = dates.today()
    choices = [
        periods.last("month", MONTHS, today),
        periods.last("half", HALVES, today),
        periods.last("year", YEARS, today),
    ]
    period = periods.read(code)
    if period is None or not period.told_in(today):
        period = periods.half(today).before
    told = _Telling(period, today)
    found = Figures(
        period,
        unit_id if unit_id in led else None,
        sorted(((each, working.unit_names[each]) for each in led), key=lambda unit: unit[1]),
        choices,
        told.until,
    )
    found.received.extend(_received(told, figures.received(working, units, told.parts)))
    found.deadlines.extend(_deadlines(told, figures.deadlines(working, units, told.parts, today)))
    standing = _Telling(period, today, at_its_end=True)
    of_age = standing.by_key(figures.still_open(working, units, standing.parts))
    found.still_open.extend((age, of_age.get((age,), NOTHING)) for age in AGES)
    because = told.by_key(figures.missed_because(working, units, told.parts))
    found.missed.extend((each, because.get((each,), NOTHING)) for each in DeadlineReason.Because.values)
    return found


def load(working: Working, unit_id: UUID | None = None) -> list[Load]:
    """How much each has to do now in the units that one leads: open cases, overdue, and due until Sunday. Raises NotYours."""
    led, today = _led(working), dates.today()
    units = [unit_id] if unit_id in led else led
    return figures.load(working, units, today, today + timedelta(days=6 - today.weekday()))


def _led(working: Working) -> list[UUID]:
    led = list(working.units_with("leader"))
    if not led:
        raise NotYours(reason="role-may-not")
    return led


class _Telling:
    """What may be told of a period and the one before: each is a sum over the parts that are told for themselves."""

    def __init__(self, period: Period, today: date, *, at_its_end: bool = False) -> None:
        now, before = period.told_in(today), period.before.told_in(today)
        self.until = now[-1].end if now else None
        if at_its_end:  # what stands at a moment is no sum over time
            now, before = now[-1:], before[-1:]
        self.parts = (*now, *before)
        self._of_now = len(now)

    def by_key(self, counted: Iterable[Counted]) -> dict[tuple[str, ...], Told]:
        """What is told of each kind: of units and parts of the period that are each about five people or more."""
        found: dict[tuple[str, ...], tuple[list[int], list[int]]] = {}
        for each in counted:
            sums = found.setdefault(each.key, ([], []))
            if each.people >= FEWEST:
                sums[0 if each.period < self._of_now else 1].append(whole_fives(each.number))
        return {key: Told(_sum(now), _sum(before)) for key, (now, before) in found.items()}


def _sum(told: Collection[int | None]) -> int | None:
    shown = [each for each in told if each]
    return sum(shown) if shown else None


def _received(told: _Telling, counted: Sequence[Counted]) -> list[tuple[Text, Told]]:
    versions = {each.key: each.version for each in counted}
    by_service = told.by_key(counted)
    return [(catalogue.service_version(key[0], versions[key]).title, by_service[key]) for key in sorted(by_service)]


def _deadlines(told: _Telling, counted: Sequence[Counted]) -> list[OfDeadline]:
    by_key, found = told.by_key(counted), []
    versions = {each.key[0]: each.version for each in counted}
    for service in sorted(versions):
        package = catalogue.service_version(service, versions[service])
        for deadline in package.deadlines:
            results = {key[2] for key in by_key if key[:2] == (service, deadline.id)}
            order = {each: n for n, each in enumerate(_decided_in(package))}
            lines = [
                InTime(
                    _title_of(package, result),
                    by_key.get((service, deadline.id, result, "in-time"), NOTHING),
                    by_key.get((service, deadline.id, result, "late"), NOTHING),
                )
                for result in sorted(results, key=lambda each: (order.get(each, len(order)), each))
            ]
            if lines:
                found.append(OfDeadline(package.title, deadline.title, lines))
    return found


def _title_of(package: ServicePackage, result: str) -> Text | None:
    return _decided_in(package).get(result, Text.of(result)) if result else None


def _decided_in(package: ServicePackage) -> dict[str, Text]:
    """What can be decided in a service, in the folder's order: its results, and its outcomes."""
    results = {each.id: each.title for each in package.results}
    return results | {each.id: each.title for each in package.outcomes if each.id not in results}
