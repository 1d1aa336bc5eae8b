"""What leaders look into afterwards: broken glass, refusals for disqualification, readings that stand out, and what was
left out of residents' own logs.

What stands out is found each night (`standing_out`). A finding is a question, not a judgement: it waits until a leader closes
it with a conclusion in words, and that is logged. No login can remove one, or close one without a conclusion.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case as Either
from django.db.models import Count, Q, When

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.text import clean_text
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.log_actions import NOT_GIVEN, REFUSED
from allmenning.municipal.access.models import BreakGlass, KeptFromLog, LogEntry, Review
from allmenning.municipal.access.rules import (
    DISQUALIFIED,
    Asked,
    Facts,
    judge,
    may_review,
    not_disqualified,
    reviewable,
    reviews_anything,
)
from allmenning.municipal.cases.models import Case
from allmenning.municipal.people import protection
from allmenning.tenancy import current

from . import hiding
from .errors import CommentMissing, ConclusionMissing, ReasonTooShort, ReviewedAlready
from .review_limits import limits_on

MOST_SHOWN = 100
SHORTEST_REASON, SHORTEST_COMMENT = 20, 10  # characters: a sentence, not a word
PURPOSE = "review"


@dataclass(frozen=True)
class ToReview:
    """A finding as its leader sees it. cases: their numbers. reason: what the one who broke the glass, or who keeps
    something from a log, wrote. entries: the rows that a resident's log left out. tries: the log's rows of each time that
    somebody disqualified was refused the case, or another to give it to them, on the day that it was found. reason and
    comment are empty where an address is protected. is_for_others: the leader is disqualified in one of several cases, so
    that they see the rest, and somebody else closes it.
    """

    row: Review
    cases: list[tuple[UUID, str]]
    reason: str = ""
    comment: str = ""
    entries: list[LogEntry] = field(default_factory=list)
    tries: list[LogEntry] = field(default_factory=list)
    is_for_others: bool = False


def reason_in(typed: str) -> str:
    """Why somebody does what a leader then reviews, as it is kept. Raises ReasonTooShort, UnsafeText."""
    reason = clean_text(typed).strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonTooShort()
    return reason


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


def queue(working: Working, *, closed: bool = False, left_out: bool = False) -> list[ToReview]:
    """What this person looks into: what waits, broken glass first and the oldest first; or what was closed, newest first.

    That it was shown is logged before. Nothing about a case that they are disqualified in is among it.

    Args:
        left_out: what residents' own logs left out; else all that staff did. What was closed is of both.

    Raises NotYours: they lead no unit, and keep no records.
    """
    if not reviews_anything(working):
        raise NotYours(reason="only-leaders")
    of_logs = Q(kind=Review.Kind.LEFT_OUT)
    rows = Review.objects.filter(reviewable(working, _waits()), closed_at__isnull=not closed)
    rows = rows if closed else rows.filter(of_logs if left_out else ~of_logs)
    first = Either(When(kind=Review.Kind.BREAK_GLASS, then=0), default=1)
    found = list(rows.order_by(*(("-closed_at", "-id") if closed else (first, "found_at", "id")))[:MOST_SHOWN])
    case_ids = {case_id for row in found for case_id in _cases_of(row)}
    if found:
        access.log_list(
            working.as_actor(), area=working.area, purpose=PURPOSE, shown=sorted(case_ids), field_kinds=["review"]
        )
    case_of = Case.objects.in_bulk(case_ids)
    protected = _protected(case_of.values())
    closed_to = {each.id for each in case_of.values() if _is_disqualified(working, each)}
    shown = [row for row in found if row.case_id not in closed_to]
    reasons, hidden = _reasons(shown, case_of, protected), _left_out(shown, protected)
    tries = _tries(shown)
    return [
        ToReview(
            row,
            [(each, case_of[each].number) for each in _cases_of(row) if each in case_of and each not in closed_to],
            reasons.get(row.about, ""),
            "" if protected.intersection(_cases_of(row)) else _comment(row),
            hidden.get(row.id, []),
            tries.get(row.id, []),
            not closed_to.isdisjoint(_cases_of(row)),
        )
        for row in shown
    ]


@dataclass(frozen=True)
class Waiting:
    """How many findings wait, and how many of them are cases that were opened in an emergency."""

    findings: int
    emergencies: int


def waiting(working: Working) -> Waiting:
    """What waits for this person. Nothing is asked of those who review nothing. One statement."""
    if not reviews_anything(working):
        return Waiting(0, 0)
    open_to = Case.objects.filter(not_disqualified(Asked("find", working, PURPOSE)))
    theirs = reviewable(working, _waits()) & (Q(case_id__isnull=True) | Q(case_id__in=open_to.values("id")))
    rows = Review.objects.filter(theirs, closed_at__isnull=True)
    counted = rows.aggregate(every=Count("id"), glass=Count("id", filter=Q(kind=Review.Kind.BREAK_GLASS)))
    return Waiting(counted["every"], counted["glass"])


def is_left_out(review_id: UUID) -> bool:
    """Whether a finding is of what a resident's own log left out."""
    return Review.objects.filter(id=review_id, kind=Review.Kind.LEFT_OUT).exists()


def _is_disqualified(working: Working, case: Case) -> bool:
    return judge(Facts(Asked("find", working, PURPOSE), case)).reason in DISQUALIFIED


def _is_for_others(working: Working, row: Review) -> bool:
    """Whether it is about any case that this person is disqualified in, be it one of many."""
    cases = list(Case.objects.filter(id__in=_all_cases_of(row)))
    _protected(cases)
    return any(_is_disqualified(working, each) for each in cases)


def close(review_id: UUID, conclusion: str, comment: str, working: Working) -> None:
    """Close a finding: as fine, or as followed up, and with what was found. It is logged, and never changed again.

    Raises:
        ConclusionMissing, CommentMissing: it is not said what came of it.
        ReviewedAlready: it is closed, or not this person's: another unit's, about what they did themselves, or about any
            case that they are disqualified in.
    """
    if conclusion not in Review.Conclusion.values:
        raise ConclusionMissing()
    comment = clean_text(comment).strip()
    if len(comment) < SHORTEST_COMMENT:
        raise CommentMissing()
    sealed = vault.seal(current().municipality, working.area, _place(review_id), comment)
    with transaction.atomic():
        waiting = Review.objects.filter(id=review_id, closed_at__isnull=True)
        found = waiting.first()
        if found is None or not may_review(working, found, _waits()) or _is_for_others(working, found):
            raise ReviewedAlready()
        closed = {"closed_at": dates.now(), "closed_by": working.staff_id, "closed_name": working.name}
        if not waiting.update(**closed, conclusion=conclusion, comment=sealed):
            raise ReviewedAlready()
        access.log_object(
            working.as_actor(),
            area=working.area,
            action="review",
            purpose=PURPOSE,
            object_kind="review",
            object_id=review_id,
        )


def _waits() -> timedelta:
    return timedelta(days=limits_on(dates.today())["days-in-its-unit"])


def _all_cases_of(row: Review) -> list[UUID]:
    return [row.case_id] if row.case_id else [UUID(each) for each in row.facts.get("cases", ())]


def _cases_of(row: Review) -> list[UUID]:
    return _all_cases_of(row)[:MOST_SHOWN]


def _protected(found: Collection[Case]) -> set[UUID]:
    """Those of the cases whose applicant's address is protected: whatever is written of them may tell it. One statement.

    Each case is told whether it is strictly so, which the rules ask of it.
    """
    levels = protection.levels_of_owners({bytes(case.owner_key) for case in found}) if found else {}
    for case in found:
        case.is_strictly_protected = levels.get(bytes(case.owner_key)) is protection.Level.STRICT
    return {case.id for case in found if bytes(case.owner_key) in levels}


def _reasons(rows: Sequence[Review], case_of: Mapping[UUID, Case], protected: Collection[UUID]) -> dict[str, str]:
    """What was written by those who broke the glass, or keep something from a log, by the finding's `about`: its id."""
    found: dict[str, str] = {}
    for kind, model, place in (
        (Review.Kind.BREAK_GLASS, BreakGlass, "access.BreakGlass.reason"),
        (Review.Kind.LEFT_OUT, KeptFromLog, "access.KeptFromLog.reason"),
    ):
        ids = [UUID(row.about) for row in rows if row.kind == kind and row.staff_id]
        for each in model.objects.in_bulk(ids).values() if ids else ():
            case = case_of.get(each.case_id)
            if case is not None and not case.is_erased and case.id not in protected:
                found[str(each.id)] = case.key.open_text(place, bytes(each.reason), each.id)
    return found


def _left_out(rows: Sequence[Review], protected: Collection[UUID]) -> dict[UUID, list[LogEntry]]:
    """The rows that residents' own logs left out, by finding: what a reviewer must see to judge the omission. Of a protected
    one's case no unit, which could tell where they live.
    """
    ids = {row.id: [UUID(each) for each in row.facts.get("entries", ())] for row in rows}
    wanted = {each for several in ids.values() for each in several}
    entry_of = LogEntry.objects.in_bulk(wanted) if wanted else {}
    hiding.without_units(each for each in entry_of.values() if each.case_id in protected)
    return {row: [entry_of[each] for each in several if each in entry_of] for row, several in ids.items()}


def _tries(rows: Sequence[Review]) -> dict[UUID, list[LogEntry]]:
    """The refused tries that each finding tells of: its person's, and others' to give them the case, from when it was found
    to the end of that day, or until it was closed.
    """
    met = [row for row in rows if row.kind == Review.Kind.DISQUALIFIED]
    if not met:
        return {}
    refused = LogEntry.objects.filter(action__in=(REFUSED, NOT_GIVEN), case_id__in={row.case_id for row in met})
    entries = list(refused.order_by("at"))
    return {row.id: [each for each in entries if _is_of(row, each)] for row in met}


def _is_of(row: Review, entry: LogEntry) -> bool:
    day, until = row.found_at.astimezone(dates.OSLO).date(), row.closed_at or entry.at
    whom = entry.object_id if entry.action == NOT_GIVEN else entry.staff_id
    same = (entry.case_id, whom, entry.at.astimezone(dates.OSLO).date()) == (row.case_id, row.staff_id, day)
    return same and row.found_at <= entry.at <= until


def _place(review_id: UUID) -> str:
    return f"access.Review.comment:{review_id}"


def _comment(row: Review) -> str:
    if not row.comment:
        return ""
    return vault.open_text(current().municipality, row.area, _place(row.id), bytes(row.comment))
