"""What leaders look into afterwards: broken glass, refusals for disqualification, and readings that stand out.

What stands out is found by a job each night, in one statement for each area, from the log alone. A finding is a question,
not a judgement: the leader closes each with a comment, and that is logged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.basics.text import clean_text
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import BreakGlass, Review
from allmenning.municipal.access.rules import reviewable, reviews_anything
from allmenning.municipal.cases.models import Case
from allmenning.municipal.people import protection
from allmenning.tenancy import AREAS, current, use

from .errors import CommentMissing, ReviewedAlready

MOST_SHOWN = 100
SHORTEST_COMMENT = 10  # characters
PURPOSE = "review"

# When a reading stands out. A municipality of any size has such numbers; none of them says that anything is wrong.
WITHOUT_ACTION_AFTER = timedelta(days=14)  # read by one of the unit, and nothing done by them in so long
FEWEST_WITHOUT_ACTION = 5  # cases of one person in a day
TIMES_THE_USUAL = 3  # as many cases in a day as one's usual, so many times
FEWEST_CASES = 30  # in a day, whatever is usual
USUAL_OVER = timedelta(days=30)
LAST_WEEKS = timedelta(days=21)  # before somebody left


@dataclass(frozen=True)
class ToReview:
    """A finding as its leader sees it. `reason`: what the one who broke the glass wrote. `cases`: their numbers."""

    row: Review
    cases: list[tuple[UUID, str]]
    reason: str = ""
    comment: str = ""


def note(kind: Review.Kind, *, about: str, working: Working, case: Case | None = None, **facts: Any) -> None:
    """Put something into the leader's queue; noting the same again is harmless. `facts` hold codes, ids and counts."""
    unit_id = case.unit_id if case else next(iter(working.units), None)
    Review.objects.bulk_create(
        [
            Review(
                area=working.area,
                kind=kind,
                about=about,
                staff_id=working.staff_id,
                staff_name=working.name,
                unit_id=unit_id,
                by_leader="leader" in working.all_roles,
                case_id=case.id if case else None,
                facts=facts,
            )
        ],
        ignore_conflicts=True,
    )


def queue(working: Working, *, closed: bool = False) -> list[ToReview]:
    """What this leader looks into, newest first; with `closed`, what was closed. That it was shown is logged before.

    Raises NotYours: they lead no unit.
    """
    if not reviews_anything(working):
        raise NotYours(reason="only-leaders")
    rows = Review.objects.filter(reviewable(working), closed_at__isnull=not closed).order_by("-found_at", "-id")
    found = list(rows[:MOST_SHOWN])
    case_ids = {case_id for row in found for case_id in _cases_of(row)}
    if found:
        access.log_list(
            working.as_actor(), area=working.area, purpose=PURPOSE, shown=sorted(case_ids), field_kinds=["review"]
        )
    case_of = Case.objects.in_bulk(case_ids)
    reasons = _reasons(found, case_of)
    return [
        ToReview(
            row,
            [(case_id, case_of[case_id].number) for case_id in _cases_of(row) if case_id in case_of],
            reasons.get(row.about, ""),
            _comment(row),
        )
        for row in found
    ]


def close(review_id: UUID, comment: str, working: Working) -> None:
    """Close a finding with what the leader found.

    Raises:
        CommentMissing: nothing to speak of is written.
        ReviewedAlready: it is closed, or not this leader's: another unit's, or about what they did themselves.
    """
    comment = clean_text(comment).strip()
    if len(comment) < SHORTEST_COMMENT:
        raise CommentMissing()
    sealed = vault.seal(current().municipality, working.area, _place(review_id), comment)
    with transaction.atomic():
        mine = Review.objects.filter(reviewable(working), id=review_id, closed_at__isnull=True)
        closed = {"closed_at": dates.now(), "closed_by": working.staff_id, "closed_name": working.name}
        if not mine.update(**closed, comment=sealed):
            raise ReviewedAlready()
        access.log_object(
            working.as_actor(),
            area=working.area,
            action="review",
            purpose=PURPOSE,
            object_kind="review",
            object_id=review_id,
        )


def find(municipality: str) -> int:
    """Look through what was read in every area of a municipality lately. Returns how many new findings there are."""
    return sum(_find_in(municipality, area) for area in AREAS)


def _find_in(municipality: str, area: str) -> int:
    with use(municipality, area) as chosen:
        with connections[chosen.alias].cursor() as cursor:
            cursor.execute(_STANDS_OUT, {"area": area, "now": dates.now(), "today": dates.today(), **_LIMITS})
            columns = [column.name for column in cursor.description]
            found = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        before = Review.objects.count() if found else 0
        rows = [Review(id=uuid7(), area=area, **{**row, "facts": json.loads(row["facts"])}) for row in found]
        Review.objects.bulk_create(rows, ignore_conflicts=True)
        return Review.objects.count() - before if found else 0


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
          and at > %(now)s - greatest(%(over)s, %(last)s, %(waits)s + interval '7 days') - interval '2 days'
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


def _cases_of(row: Review) -> list[UUID]:
    if row.case_id:
        return [row.case_id]
    return [UUID(each) for each in row.facts.get("cases", ())][:MOST_SHOWN]


def _reasons(rows: Sequence[Review], case_of: Mapping[UUID, Case]) -> dict[str, str]:
    """What was written by those who broke the glass, by the finding's `about`, which is the id of that.

    Not about one whose address is protected: whatever is written of their case may tell it.
    """
    protected = protection.levels_of_owners({bytes(case.owner_key) for case in case_of.values()}) if case_of else {}
    broken = BreakGlass.objects.in_bulk([UUID(row.about) for row in rows if row.kind == Review.Kind.BREAK_GLASS])
    return {
        str(each.id): case_of[each.case_id].key.open_text("access.BreakGlass.reason", bytes(each.reason))
        for each in broken.values()
        if each.case_id in case_of and bytes(case_of[each.case_id].owner_key) not in protected
    }


def _place(review_id: UUID) -> str:
    return f"access.Review.comment:{review_id}"


def _comment(row: Review) -> str:
    if not row.comment:
        return ""
    return vault.open_text(current().municipality, row.area, _place(row.id), bytes(row.comment))
