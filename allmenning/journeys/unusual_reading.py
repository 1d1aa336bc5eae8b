"""Whose reading stands out against what is usual, by numbers alone: from the log of one area, in the same few statements however
much was read. `standing_out` puts what is found into leaders' queues.

What counts: a case is opened when anything of it is read (`log_actions.READINGS`), and seen when it is opened or stands in a list
or among what a search found (`shown_ids`). What is usual is a median of days or weeks: the person's own, and that of the others
who have the same role.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections
from django.db.models import F, Q

from allmenning.basics import dates
from allmenning.basics.identifiers import first_uuid7
from allmenning.municipal.access.log_actions import CHANGES, READINGS
from allmenning.municipal.access.models import Review, StaffMember
from allmenning.tenancy import current

from .review_limits import limits_on

WEEK = timedelta(days=7)
LOOKS_BACK = WEEK  # at days and weeks that are over: a night may fail, and what was found is found once
LOOKS_BACK_WEEKS = 4 * WEEK  # at readings that nothing followed
USUAL_OVER = 5 * WEEK  # before the oldest of those


@dataclass(frozen=True)
class Found:
    """Something that stands out. `facts`: ids, dates and counts, as `Review.facts` keeps them."""

    kind: Review.Kind
    about: str
    staff_id: UUID
    staff_name: str
    by_leader: bool
    facts: dict[str, Any] = field(default_factory=dict)


class Day(NamedTuple):
    """How many cases one of the staff opened on a day, and how many they saw, those among them."""

    staff_id: UUID
    staff_name: str
    day: date
    role: str
    by_leader: bool
    opened: int
    seen: int

    @property
    def week(self) -> date:
        """The Monday of its week."""
        return self.day - timedelta(days=self.day.weekday())


class Usual:
    """What is usual in an area, from each person's days."""

    def __init__(self, days: Iterable[Day]) -> None:
        self.of: dict[UUID, list[Day]] = defaultdict(list)
        for each in sorted(days, key=lambda each: each.day):
            self.of[each.staff_id].append(each)

    @cached_property
    def roles(self) -> dict[UUID, str]:
        """The role in which each person did most."""
        return {staff: Counter(each.role for each in days).most_common(1)[0][0] for staff, days in self.of.items()}

    @cached_property
    def medians(self) -> dict[str, dict[UUID, float]]:
        return {
            what: {staff: median(getattr(each, what) for each in days) for staff, days in self.of.items()}
            for what in ("opened", "seen")
        }

    def colleagues(self, staff_id: UUID) -> list[UUID]:
        """The others in the same role."""
        return [staff for staff, role in self.roles.items() if role == self.roles[staff_id] and staff != staff_id]

    def own(self, staff_id: UUID, what: str, before: date, fewest: int) -> float | None:
        """The median of a person's days before one; None when too few are known."""
        known = [getattr(each, what) for each in self.of[staff_id] if each.day < before]
        return median(known) if len(known) >= fewest else None

    def others(self, staff_id: UUID, what: str, fewest: int) -> float | None:
        """The median of what is usual for each of the others in the same role; None when too few are known."""
        known = [self.medians[what][each] for each in self.colleagues(staff_id)]
        return median(known) if len(known) >= fewest else None


def stands_out(area: str, left: Mapping[UUID, date]) -> list[Found]:
    """What stands out in an area, asked as its login. Four statements at most.

    Args:
        left: who has left and whose last weeks are not looked through, with their last day (`who_left`).
    """
    today = dates.today()
    limits = limits_on(today)
    waits = timedelta(days=limits["days-to-act"])
    since = today - waits - LOOKS_BACK_WEEKS - USUAL_OVER
    asked: dict[str, Any] = {"area": area, "readings": sorted(READINGS), "changes": sorted(CHANGES)}
    usual = Usual(Day(*row) for row in _ask(_LOOKED + _DAYS, **asked, **_from(since)))
    nothing_after = {
        (staff, week): cases for staff, week, cases in _ask(_UNFOLLOWED, **asked, **_from(since), waits=waits)
    }
    volume = [*_days_of_many(usual, limits, today), *_weeks_of_many(usual, limits, today)]
    found = [*_unfollowed(usual, nothing_after, limits, today), *_with_cases(volume, asked)]
    if left:
        days = limits["last-days"]
        told = {"staff": list(left), "ends": list(left.values()), "days": days}
        rows = _ask(_LOOKED + _LAST_DAYS, **asked, **told, **_from(min(left.values()) - 2 * timedelta(days=days)))
        found += [_last_weeks(days, *row) for row in rows]
    return found


def who_left(on: date) -> dict[UUID, date]:
    """Whose last weeks are not looked through, with their last day: however late it was set that they have left."""
    to_look_at = Q(looked_back_for__isnull=True) | ~Q(looked_back_for=F("end"))
    rows = StaffMember.objects.filter(to_look_at, end__lt=on).values_list("id", "end")
    return {staff_id: end for staff_id, end in rows if end}


def note_looked_through(left: Mapping[UUID, date]) -> None:
    """Those last weeks are looked through in every area, until another last day is set. One statement."""
    if left:
        _do(_LOOKED_THROUGH, staff=list(left), ends=list(left.values()))


def _days_of_many(usual: Usual, limits: Mapping[str, int], today: date) -> Iterator[Found]:
    """Days, lately, of many more cases than is usual for the person; for others, of one who is new."""
    for each in _lately(usual, today - LOOKS_BACK, today):
        facts: dict[str, Any] = {"per": "day", "day": each.day.isoformat(), "count": each.opened, "seen": each.seen}
        stands = False
        for what, fewest in _MEASURES.items():
            own = usual.own(each.staff_id, what, each.day, limits["days-known"])
            others = usual.others(each.staff_id, what, limits["colleagues-known"])
            facts |= _usual_facts(what, own, others)
            compared = (own if own is not None else others) or 0
            stands |= _is_many(getattr(each, what), compared, limits[fewest], limits)
        if stands:
            yield _volume(each, str(each.day), facts)


def _weeks_of_many(usual: Usual, limits: Mapping[str, int], today: date) -> Iterator[Found]:
    """Weeks, lately, in which most days were of many more cases than is usual for others: however usual for the person."""
    monday = today - timedelta(days=today.weekday())
    weeks: dict[tuple[UUID, date], list[Day]] = defaultdict(list)
    for each in _lately(usual, monday - 2 * WEEK, monday):
        weeks[each.staff_id, each.week].append(each)
    for (staff_id, week), days in weeks.items():
        facts: dict[str, Any] = {"per": "week", "day": week.isoformat()}
        stands = False
        for what, fewest in _MEASURES.items():
            count = median(getattr(each, what) for each in days)
            others = usual.others(staff_id, what, limits["colleagues-known"])
            facts |= {"count" if what == "opened" else what: _whole(count)}
            facts |= _usual_facts(what, usual.own(staff_id, what, week, limits["days-known"]), others)
            stands |= others is not None and _is_many(count, others, limits[fewest], limits)
        if stands and len(days) >= limits["days-of-week"]:
            yield _volume(days[-1], f"{week}:week", facts)


# What is counted, and the limit below which it is never many.
_MEASURES = {"opened": "cases-opened", "seen": "cases-seen"}


def _lately(usual: Usual, first: date, end: date) -> Iterator[Day]:
    return (each for days in usual.of.values() for each in days if first <= each.day < end)


def _is_many(count: float, compared: float, fewest: int, limits: Mapping[str, int]) -> bool:
    return count >= fewest and count >= limits["times-the-usual"] * compared


def _usual_facts(what: str, own: float | None, others: float | None) -> dict[str, int | None]:
    end = "" if what == "opened" else "_seen"
    return {f"usual{end}": _whole(own), f"colleagues{end}": _whole(others)}


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)


def _volume(day: Day, about: str, facts: dict[str, Any]) -> Found:
    return Found(Review.Kind.VOLUME, f"{day.staff_id}:{about}", day.staff_id, day.staff_name, day.by_leader, facts)


def _with_cases(found: Sequence[Found], asked: Mapping[str, Any]) -> Sequence[Found]:
    """The same, with the cases that were opened on those days or in those weeks. One statement; none where nothing is found."""
    if found:
        firsts = [date.fromisoformat(each.facts["day"]) for each in found]
        ends = [
            first + (WEEK if each.facts["per"] == "week" else timedelta(days=1))
            for each, first in zip(found, firsts, strict=True)
        ]
        told = {"abouts": [each.about for each in found], "staff": [each.staff_id for each in found]}
        rows = _ask(_LOOKED + _OPENED, **asked, **told, firsts=firsts, ends=ends, **_from(min(firsts)))
        cases = dict(rows)
        for each in found:
            each.facts["cases"] = _ids(cases.get(each.about, ()))
    return found


def _unfollowed(
    usual: Usual, cases: Mapping[tuple[UUID, date], Sequence[UUID]], limits: Mapping[str, int], today: date
) -> Iterator[Found]:
    """Weeks of readings that nothing followed, once the last of them has waited: one finding for a person and a week."""
    waited = today - timedelta(days=limits["days-to-act"]) - WEEK
    worked = {staff: {each.week for each in days} for staff, days in usual.of.items()}
    for (staff_id, week), several in cases.items():
        if not waited - LOOKS_BACK_WEEKS <= week <= waited or len(several) < limits["cases-without-action"]:
            continue
        before = [len(cases.get((staff_id, each), ())) for each in worked[staff_id] if each < week]
        others = [len(cases.get((each, week), ())) for each in usual.colleagues(staff_id) if week in worked[each]]
        of_week = [each for each in usual.of[staff_id] if each.week == week]
        yield Found(
            Review.Kind.NO_ACTION,
            f"{staff_id}:{week}",
            staff_id,
            of_week[-1].staff_name,
            any(each.by_leader for each in of_week),
            {
                "day": week.isoformat(),
                "count": len(several),
                "days": limits["days-to-act"],
                "usual": _whole(median(before)) if before else None,
                "colleagues": _whole(median(others)) if len(others) >= limits["colleagues-known"] else None,
                "cases": _ids(several),
            },
        )


def _last_weeks(
    days: int, staff_id: UUID, end: date, name: str, by_leader: bool, cases: Sequence[UUID] | None, *counts: int
) -> Found:
    seen, after, usual, usual_seen = counts
    facts = {"day": end.isoformat(), "days": days, "count": len(cases or ()), "seen": seen, "after": after}
    facts |= {"usual": usual, "usual_seen": usual_seen, "cases": _ids(cases or ())}
    return Found(Review.Kind.LAST_WEEKS, f"{staff_id}:{end}", staff_id, name, by_leader, facts)


def _ids(cases: Collection[UUID]) -> list[str]:
    return [str(each) for each in cases]


def _from(day: date) -> dict[str, Any]:
    """From when rows of the log are asked for: by their ids, which are in order, and exactly."""
    since = datetime.combine(day, time(), dates.OSLO)
    return {"first": first_uuid7(since), "since": since}


def _ask(statement: str, **asked: Any) -> list[tuple]:
    with connections[current().alias].cursor() as cursor:
        cursor.execute(statement, asked)
        return cursor.fetchall()


def _do(statement: str, **asked: Any) -> None:
    with connections[current().alias].cursor() as cursor:
        cursor.execute(statement, asked)


# What the statements below it begin with: what staff saw, a row for each case and time, opened or shown in a list. What a leader
# reviews is not work with a case.
_LOOKED = """
    with looked as (
        select staff_id, staff_name, role, (at at time zone 'Europe/Oslo')::date as day, case_id as seen, true as opened
        from access_logentry
        where area = %(area)s and actor_kind = 'staff' and staff_id is not null and id >= %(first)s and at >= %(since)s
          and action = any(%(readings)s) and case_id is not null
        union all
        select staff_id, staff_name, role, (at at time zone 'Europe/Oslo')::date, unnest(shown_ids), false
        from access_logentry
        where area = %(area)s and actor_kind = 'staff' and staff_id is not null and id >= %(first)s and at >= %(since)s
          and action = 'list' and purpose <> 'review'
    )"""

_DAYS = """
    select staff_id, max(staff_name), day, mode() within group (order by role), bool_or(role = 'leader'),
           count(distinct seen) filter (where opened), count(distinct seen)
    from looked group by staff_id, day"""

_OPENED = """
    select about, array_agg(distinct seen)
    from unnest(%(abouts)s::text[], %(staff)s::uuid[], %(firsts)s::date[], %(ends)s::date[]) as f (about, staff, first, "end")
    join looked on staff_id = f.staff and day >= f.first and day < f."end" and opened
    group by about"""

# A reading by one who does not have the case, and has not broken the glass, which is a finding of its own: followed when they
# changed something in it before so many days had gone.
_UNFOLLOWED = """
    with opened as (
        select staff_id, case_id, date_trunc('week', at at time zone 'Europe/Oslo')::date as week, min(at) as first_at
        from access_logentry
        where area = %(area)s and actor_kind = 'staff' and staff_id is not null and id >= %(first)s and at >= %(since)s
          and action = any(%(readings)s) and case_id is not null
        group by 1, 2, 3 having bool_and(relation not in ('assigned', 'break-glass'))
    )
    select staff_id, week, array_agg(case_id order by first_at)
    from opened o
    where not exists (
        select from access_logentry l
        where l.case_id = o.case_id and l.staff_id = o.staff_id and l.action = any(%(changes)s)
          and l.at >= o.first_at and l.at < o.first_at + %(waits)s)
    group by staff_id, week"""

# In somebody's last days and since, with how much of it was after the last, and as many days before those.
_LAST_DAYS = """
    select staff_id, "end", max(staff_name), bool_or(role = 'leader'),
           array_agg(distinct seen) filter (where opened and day > "end" - %(days)s),
           count(distinct seen) filter (where day > "end" - %(days)s),
           count(distinct seen) filter (where day > "end"),
           count(distinct seen) filter (where opened and day <= "end" - %(days)s),
           count(distinct seen) filter (where day <= "end" - %(days)s)
    from looked join unnest(%(staff)s::uuid[], %(ends)s::date[]) as l (staff, "end") on l.staff = staff_id
    where day > "end" - 2 * %(days)s
    group by staff_id, "end" having bool_or(day > "end" - %(days)s)"""

_LOOKED_THROUGH = """
    update access_staffmember s set looked_back_for = l."end"
    from unnest(%(staff)s::uuid[], %(ends)s::date[]) as l (id, "end") where s.id = l.id"""
