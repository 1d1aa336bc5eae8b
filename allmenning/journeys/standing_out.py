"""What stands out of what was read: found each night, from the log, for leaders to look into (`reviewing`).

Everything but neighbourhoods is one statement for each area. Where an applicant lives is in what registers said when the case was
sent, sealed: so the cases that were read by staff whose own street is known are opened, by the platform and logged as that.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connections

from allmenning.basics import dates
from allmenning.basics.identifiers import first_uuid7, uuid7
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.access.models import LogEntry, NearOne, Review, StaffMember
from allmenning.municipal.access.resident_log import LEFT_OUT
from allmenning.municipal.cases.models import Case
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.tenancy import AREAS, current, use

from .disqualifying import homes_in, streets_in

PURPOSE = "review"
MOST_ENTRIES = 50  # rows that were left out, shown to who reviews it
AT_ONCE = 200  # cases that are opened together
LOOKS_BACK = timedelta(days=2)  # at readings by neighbours: a night may fail

# When a reading stands out. A municipality of any size has such numbers; none of them says that anything is wrong.
WITHOUT_ACTION_AFTER = timedelta(days=14)  # read by one of the unit, and nothing done by them in so long
FEWEST_WITHOUT_ACTION = 3  # cases of one person in a day
TIMES_THE_USUAL = 3  # as many cases in a day as one's usual, so many times
FEWEST_CASES = 30  # in a day, whatever is usual
USUAL_OVER = timedelta(days=30)
LAST_WEEKS = timedelta(days=21)  # before somebody left
OLDEST = timedelta(days=40)  # the oldest row that any of these asks of


def find(municipality: str, areas: Iterable[str] = AREAS) -> int:
    """Look through what was read in areas of a municipality lately. Returns how many new findings there are."""
    return sum(_find_in(municipality, area) for area in areas)


def _find_in(municipality: str, area: str) -> int:
    with use(municipality, area):
        found = [*_by_numbers(area), *_neighbours(area), *_left_out(area)]
        before = Review.objects.count() if found else 0
        Review.objects.bulk_create(found, ignore_conflicts=True)
        return Review.objects.count() - before if found else 0


def _by_numbers(area: str) -> list[Review]:
    now = dates.now()
    asked = {"area": area, "now": now, "today": dates.today(), "first": first_uuid7(now - OLDEST), **_LIMITS}
    with connections[current().alias].cursor() as cursor:
        cursor.execute(_STANDS_OUT, asked)
        columns = [column.name for column in cursor.description]
        found = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return [Review(id=uuid7(), area=area, **{**row, "facts": json.loads(row["facts"])}) for row in found]


_LIMITS: dict[str, Any] = {
    "waits": WITHOUT_ACTION_AFTER,
    "fewest_without": FEWEST_WITHOUT_ACTION,
    "times": TIMES_THE_USUAL,
    "fewest": FEWEST_CASES,
    "over": USUAL_OVER,
    "last": LAST_WEEKS,
}

# Readings of cases by staff, one row for each person, day and case; then what stands out among them:
# - no-action: a day, two weeks ago or a little more, when somebody read several cases that are not theirs, and has done
#   nothing in them since;
# - volume: yesterday, many more cases than that person's usual day (the median of the month before);
# - last-weeks: what somebody who has left read before they did.
_STANDS_OUT = """
    with readings as (
        select staff_id, max(staff_name) as staff_name, case_id, at::date as day, min(at) as first_at,
               bool_or(role = 'leader') as by_leader, bool_and(relation in ('unit', 'archive', 'substitute')) as not_theirs
        from access_logentry
        where area = %(area)s and actor_kind = 'staff' and action = 'read' and case_id is not null
          and id >= %(first)s and at > %(now)s - greatest(%(over)s, %(last)s, %(waits)s + interval '7 days') - interval '2 days'
        group by staff_id, case_id, at::date
    ), days as (
        select staff_id, max(staff_name) as staff_name, day, count(*) as cases, bool_or(by_leader) as by_leader
        from readings group by staff_id, day
    ), found as (
        select 'no-action' as kind, staff_id || ':' || day as about, staff_id, max(staff_name) as staff_name,
               bool_or(by_leader) as by_leader,
               jsonb_build_object('day', day, 'count', count(*), 'cases', jsonb_agg(case_id)) as facts
        from readings r
        where not_theirs and first_at between %(now)s - %(waits)s - interval '7 days' and %(now)s - %(waits)s
          and not exists (
            select from access_logentry l where l.case_id = r.case_id and l.staff_id = r.staff_id
              and l.at >= r.first_at and l.action not in ('read', 'list'))
        group by staff_id, day having count(*) >= %(fewest_without)s
        union all
        select 'volume', staff_id || ':' || day, staff_id, staff_name, by_leader,
               jsonb_build_object('day', day, 'count', cases, 'usual', usual)
        from days d, lateral (
            select coalesce(percentile_cont(0.5) within group (order by e.cases), 0) as usual
            from days e where e.staff_id = d.staff_id and e.day < d.day) as u
        where day between %(today)s - 2 and %(today)s - 1 and cases >= %(fewest)s and cases >= %(times)s * usual
        union all
        select 'last-weeks', s.id || ':' || s."end", s.id, s.name, bool_or(r.by_leader),
               jsonb_build_object('day', s."end", 'count', count(distinct r.case_id))
        from access_staffmember s join readings r on r.staff_id = s.id and r.day > s."end" - %(last)s
        where s."end" between %(today)s - 7 and %(today)s - 1
        group by s.id, s.name, s."end"
    )
    select f.*, (
        select p.unit_id from access_position p join access_unit u on u.id = p.unit_id
        where p.staff_id = f.staff_id and u.area = %(area)s order by p.start desc, p.id limit 1) as unit_id
    from found f
"""


def _neighbours(area: str) -> list[Review]:
    """Findings of readings by somebody who lives in the applicant's street or house, each once for a person and a case."""
    now = dates.now()
    lately = LogEntry.objects.filter(
        id__gte=first_uuid7(now - LOOKS_BACK - timedelta(days=1)), at__gte=now - LOOKS_BACK
    )
    by_staff = lately.filter(area=area, actor_kind="staff", case_id__isnull=False)
    readers: dict[UUID, set[UUID]] = defaultdict(set)
    for case_id, staff_id in by_staff.values_list("case_id", "staff_id").distinct():
        if case_id and staff_id:
            readers[case_id].add(staff_id)
    lives = _where_they_live({each for several in readers.values() for each in several})
    of_interest = sorted(case_id for case_id, several in readers.items() if several & lives.keys())
    names = dict(StaffMember.objects.filter(id__in=lives).values_list("id", "name")) if of_interest else {}
    found: list[Review] = []
    for first in range(0, len(of_interest), AT_ONCE):
        some = of_interest[first : first + AT_ONCE]
        access.log_list(SYSTEM, area=area, purpose=PURPOSE, shown=some, field_kinds=["address"])
        for case, here in _homes_of(some):
            for staff_id in sorted(readers[case.id] & lives.keys()):
                if lives[staff_id] & here:
                    found.append(_neighbour(case, staff_id, names.get(staff_id, "")))
    return found


def _left_out(area: str) -> list[Review]:
    """What residents' own logs left out lately: a finding for each case, its rules and month."""
    now = dates.now()
    lately = LogEntry.objects.filter(
        id__gte=first_uuid7(now - LOOKS_BACK - timedelta(days=1)), at__gte=now - LOOKS_BACK
    )
    latest = {_about(row): row for row in lately.filter(area=area, action=LEFT_OUT).order_by("at")}
    units = dict(Case.objects.filter(id__in=[row.case_id for row in latest.values()]).values_list("id", "unit_id"))
    return [
        Review(
            id=uuid7(),
            area=area,
            kind=Review.Kind.LEFT_OUT,
            about=about,
            unit_id=units.get(row.case_id) if row.case_id else None,
            case_id=row.case_id,
            facts={"rules": row.field_kinds, "entries": [str(each) for each in row.shown_ids[:MOST_ENTRIES]]},
        )
        for about, row in latest.items()
    ]


def _about(row: LogEntry) -> str:
    return f"{row.case_id}:{','.join(row.field_kinds)}:{row.at:%Y-%m}"[:120]


def _where_they_live(staff_ids: Iterable[UUID]) -> dict[UUID, set[bytes]]:
    """The keys of the streets and addresses of staff, where those are known."""
    lives: dict[UUID, set[bytes]] = defaultdict(set)
    kinds = [NearOne.Kind.STREET, NearOne.Kind.ADDRESS]
    rows = NearOne.objects.filter(staff__in=list(staff_ids), kind__in=kinds)
    for staff_id, key in rows.values_list("staff_id", "near_key"):
        lives[staff_id].add(bytes(key))
    return dict(lives)


def _homes_of(case_ids: Iterable[UUID]) -> Iterable[tuple[Case, frozenset[bytes]]]:
    """Cases with the keys of where their applicants live, by what registers said when they were sent."""
    cases = Case.objects.exclude(wrapped_key=b"").in_bulk(list(case_ids))  # what was erased opens no more
    for submission in Submission.objects.filter(case_id__in=list(cases)):
        case = cases[submission.case_id]
        said = list(open_submission(submission, case.key).registered.values())
        yield case, homes_in(said) | streets_in(said)


def _neighbour(case: Case, staff_id: UUID, name: str) -> Review:
    return Review(
        id=uuid7(),
        area=case.area,
        kind=Review.Kind.NEIGHBOURHOOD,
        about=f"{case.id}:{staff_id}",
        staff_id=staff_id,
        staff_name=name,
        unit_id=case.unit_id,
        case_id=case.id,
    )
