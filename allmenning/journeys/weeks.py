"""A week of what was granted, and what was given: the plan that held on each day, beside what was written of the visits.

The plan is the last version that had begun by a day, of a record that was not ended then, so a plan that is changed from a
date leaves the weeks before it as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from allmenning.commons.catalogue.record_checks import NOT_GIVEN, WEEKDAYS
from allmenning.commons.catalogue.records import RecordKind
from allmenning.municipal.cases import records
from allmenning.municipal.cases.errors import RecordNotFound
from allmenning.municipal.cases.models import Case
from allmenning.municipal.cases.records import OpenedRecord

from . import recording
from .offered import Offered


@dataclass(frozen=True)
class Slot:
    """A visit of a day: as it is granted, as it was given, or both. `plan`: the record that grants it."""

    time: str
    task: str = ""
    minutes: int = 0
    given: OpenedRecord | None = None
    plan: UUID | None = None

    @property
    def is_granted(self) -> bool:
        return self.plan is not None

    @property
    def minutes_given(self) -> int:
        """How long it took, where that was written; else as long as it was granted, where it was given."""
        if self.given is None or self.given.answers.get("given") == NOT_GIVEN:
            return 0
        return int(self.given.answers.get("minutes", self.minutes))


@dataclass(frozen=True)
class Day:
    day: date
    slots: list[Slot] = field(default_factory=list)


@dataclass(frozen=True)
class Week:
    """A week from Monday. `granted`, `given`: minutes."""

    monday: date
    days: list[Day]

    @property
    def granted(self) -> int:
        return sum(slot.minutes for day in self.days for slot in day.slots if slot.is_granted)

    @property
    def given(self) -> int:
        return sum(slot.minutes_given for day in self.days for slot in day.slots)

    @property
    def before(self) -> date:
        return self.monday - timedelta(weeks=1)

    @property
    def after(self) -> date:
        return self.monday + timedelta(weeks=1)


@dataclass(frozen=True)
class WeekView:
    """A week in one case, opened and logged. `visits`: the kind in which what was given is written, and whether one may."""

    case: Case
    offered: Offered
    plan: recording.Shelf
    visits: recording.Shelf
    week: Week

    @property
    def kind(self) -> RecordKind:
        return self.plan.kind


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def open_week(found: recording.Readable, day: date) -> WeekView:
    """The week in which a day is. Logged before anything is opened. Raises RecordNotFound: the kind shows no week."""
    case, kind = found.case, found.kind
    if kind.shows != records.WEEK:
        raise RecordNotFound()
    monday = monday_of(day)
    plans = records.plans(case.id, kind.id)
    given = records.given_in(case.id, {row.series for row in plans}, monday, monday + timedelta(days=6))
    found.log([*plans, *given])
    standing = {row.series: row for row in plans}
    visits = next(each for each in found.offered.package.records if each.of == kind.id)
    return WeekView(
        case,
        found.offered,
        found.shelf(kind, list(standing.values())),
        found.shelf(visits, given),
        laid_out(monday, records.open_records(plans, case.key), records.open_records(given, case.key)),
    )


def laid_out(monday: date, plans: Sequence[OpenedRecord], given: Iterable[OpenedRecord]) -> Week:
    """The days of a week.

    Args:
        plans: every version of each plan, in the order of when they were written.
        given: what was written of the week's visits.
    """
    by_day: dict[date, list[OpenedRecord]] = {}
    for each in given:
        if each.row.starts is not None:
            by_day.setdefault(each.row.starts, []).append(each)
    days = [monday + timedelta(days=number) for number in range(7)]
    return Week(monday, [_day(day, plan_on(day, plans), by_day.get(day, [])) for day in days])


def plan_on(day: date, plans: Sequence[OpenedRecord]) -> OpenedRecord | None:
    """The plan that held on a day."""
    begun = [each for each in plans if each.row.starts is not None and each.row.starts <= day]
    if not begun:
        return None
    held = begun[-1]
    return None if held.row.ends is not None and held.row.ends < day else held


def _day(day: date, plan: OpenedRecord | None, given: list[OpenedRecord]) -> Day:
    left, slots = list(given), []
    for visit in _visits(day, plan):
        time = str(visit["time"])
        found = next((each for each in left if same_time(each.answers.get("time"), time)), None)
        if found is not None:
            left.remove(found)
        slots.append(Slot(time, str(visit["task"]), int(visit["minutes"]), found, plan.series if plan else None))
    slots += [Slot(str(each.answers.get("time", "")), given=each) for each in left]
    return Day(day, sorted(slots, key=lambda slot: slot.time.replace(".", ":")))


def _visits(day: date, plan: OpenedRecord | None) -> list[dict[str, Any]]:
    visits = plan.answers.get("visits", []) if plan else []
    return [visit for visit in visits if visit["weekday"] == WEEKDAYS[day.weekday()]]


def same_time(one: Any, other: Any) -> bool:
    """Whether two times of the day are the same, written 08.00 or 08:00."""
    return str(one).replace(".", ":") == str(other).replace(".", ":")
