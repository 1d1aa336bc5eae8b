"""Counting the cases of units for who leads them: how many, and of how many people. Nothing of a case is read.

What is counted is told by `basics.few`: whoever calls decides nothing of it. A person is counted once, as one who sent and as
one whom a case names, and the fewer of the two numbers is how many people a figure is about: five reports of one child by five
neighbours are about one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Q

from allmenning.basics import dates
from allmenning.basics.periods import Period
from allmenning.tenancy import current

from ..access.actor import Working
from .models import Case
from .queries import theirs

_READ = (
    "id",
    "unit_id",
    "service",
    "version",
    "received_at",
    "closed_at",
    "due_on",
    "assigned_name",
    "owner_key",
    "named_keys",
)
AGES = ("week", "month", "quarter", "half-year", "older")  # how long a case has been open, at most


@dataclass(frozen=True)
class Counted:
    """Cases, or what happened in them, of one kind in one period and unit, and of how many people."""

    unit_id: UUID
    period: int  # its place among those that were asked for
    key: tuple[str, ...]
    version: str
    number: int
    people: int


# `theirs`: the cases that the rules let one see, as the ORM's own select. The least of a case's names stands for whom it
# names: as many different ones as there are, there are people.
_OF = """
    with told(start, until, period) as (select * from unnest(%s::timestamptz[], %s::timestamptz[]) with ordinality),
    counted as (
        select c.id, c.unit_id, c.service, c.version, c.received_at, c.closed_at, c.owner_key,
               coalesce((select min(each) from unnest(c.named_keys) each), c.owner_key) as named
        from ({theirs}) c)
"""
_PEOPLE = "count(*), least(count(distinct c.owner_key), count(distinct c.named))"

_RECEIVED = f"""
    select c.unit_id, period - 1, array[c.service], max(c.version), {_PEOPLE}
    from counted c join told on c.received_at >= told.start and c.received_at < told.until
    group by 1, 2, 3"""  # noqa: S608 (constants)  # nosec B608

# Counted in the period in which it was met, or in which its day went without that: neither changes afterwards. With
# what had been decided when it was met; of one that was missed, what was decided then or since.
_DEADLINES = f"""
    , ended as (
        select d.case_id, d.deadline, d.due_on, d.met_at,
               coalesce((d.met_at at time zone 'Europe/Oslo')::date > d.due_on, true) as is_late,
               case when d.met_at is not null and (d.met_at at time zone 'Europe/Oslo')::date <= d.due_on then d.met_at
                    else (d.due_on + 1)::timestamp at time zone 'Europe/Oslo' end as at
        from cases_casedeadline d
        where d.area = %s and d.due_on is not null and d.met_by not in ('withdrawn', 'replaced')
          and (d.met_at is not null or d.due_on < %s))
    select c.unit_id, period - 1,
           array[c.service, e.deadline,
                 coalesce((select coalesce(r.result, n.outcome) from cases_decision n
                           left join cases_result r on r.decision_id = n.id and r.result <> ''
                           where n.case_id = c.id and n.area = %s and n.status = 'issued'
                             and (e.met_at is null or n.issued_at <= e.met_at)
                           order by n.issued_at desc limit 1), ''),
                 case when e.is_late then 'late' else 'in-time' end],
           max(c.version), {_PEOPLE}
    from ended e join counted c on c.id = e.case_id join told on e.at >= told.start and e.at < told.until
    group by 1, 2, 3"""  # noqa: S608 (constants)  # nosec B608

_OPEN = f"""
    select c.unit_id, period - 1,
           array[case when c.received_at >= told.until - interval '7 days' then 'week'
                      when c.received_at >= told.until - interval '1 month' then 'month'
                      when c.received_at >= told.until - interval '3 months' then 'quarter'
                      when c.received_at >= told.until - interval '6 months' then 'half-year'
                      else 'older' end],
           '', {_PEOPLE}
    from counted c join told on c.received_at < told.until and (c.closed_at is null or c.closed_at >= told.until)
    group by 1, 2, 3"""  # noqa: S608 (constants)  # nosec B608

_MISSED = f"""
    select c.unit_id, period - 1, array[m.because], '', {_PEOPLE}
    from cases_deadlinereason m join counted c on c.id = m.case_id join told on m.at >= told.start and m.at < told.until
    where m.area = %s and m.kind = 'missed'
    group by 1, 2, 3"""  # noqa: S608 (constants)  # nosec B608


def received(working: Working, units: Collection[UUID], periods: Sequence[Period]) -> list[Counted]:
    """Cases received, by service. One statement, as each of these."""
    return _counted(theirs(working), units, periods, _RECEIVED)


def deadlines(working: Working, units: Collection[UUID], periods: Sequence[Period], today: date) -> list[Counted]:
    """Deadlines met in time and missed, by service, deadline, what had been decided, and `in-time` or `late`."""
    return _counted(theirs(working), units, periods, _DEADLINES, working.area, today, working.area)


def still_open(working: Working, units: Collection[UUID], periods: Sequence[Period]) -> list[Counted]:
    """Cases that were open when each period ended, by how long they had been (`AGES`)."""
    return _counted(theirs(working), units, periods, _OPEN)


def missed_because(working: Working, units: Collection[UUID], periods: Sequence[Period]) -> list[Counted]:
    """Why deadlines were missed, as was told in each period."""
    return _counted(theirs(working), units, periods, _MISSED, working.area)


@dataclass(frozen=True)
class Load:
    """What somebody has to do now. name: empty for what nobody has."""

    unit_id: UUID
    name: str
    open: int
    overdue: int
    this_week: int


_LOAD = """
    select c.unit_id, c.assigned_name, count(*),
           count(*) filter (where c.due_on < %s), count(*) filter (where c.due_on >= %s and c.due_on <= %s)
    from ({theirs}) c where c.closed_at is null
    group by 1, 2 order by c.assigned_name = '', c.assigned_name"""


def load(working: Working, units: Collection[UUID], today: date, sunday: date) -> list[Load]:
    """Open cases of these units for each who has them: a queue, whose rows this person sees. One statement."""
    return [Load(*row) for row in _fetched(theirs(working), units, _LOAD, [today, today, sunday])]


def _counted(theirs: Q, units: Collection[UUID], periods: Sequence[Period], sql: str, *params: Any) -> list[Counted]:
    if not periods:
        return []
    ends = [_moments(each) for each in periods]
    given = [[start for start, _ in ends], [until for _, until in ends]]
    rows = _fetched(theirs, units, _OF + sql, given, *params)
    return [
        Counted(unit, index, tuple(key), version, number, people) for unit, index, key, version, number, people in rows
    ]


def _fetched(theirs: Q, units: Collection[UUID], sql: str, given: Sequence[Any], *params: Any) -> list[tuple[Any, ...]]:
    """Rows of a select over the cases of some units that the rules let somebody see."""
    cases = Case.objects.filter(theirs, area=current().area, unit_id__in=units)
    try:
        selected, held = cases.order_by().values(*_READ).query.sql_with_params()
    except EmptyResultSet:  # the ORM won't ask what can't be: the cases of no unit
        return []
    with connections[current().alias].cursor() as cursor:
        cursor.execute(sql.format(theirs=selected), [*given, *held, *params])
        return cursor.fetchall()


def _moments(period: Period) -> tuple[datetime, datetime]:
    return dates.start_of(period.first), dates.start_of(period.end)
