"""Reading cases: the work list, one case, a resident's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from allmenning import vault
from allmenning.basics import dates

from ..access.actor import Working
from .errors import CaseNotFound
from .models import OPEN_STATES, Appeal, Case, Decision, Event, Note, State, Task

PAGE = 50
MOST_COUNTED = 10_000

VIEWS = ("mine", "unit", "unassigned", "overdue", "waiting", "approval", "closed")
SORTS = {
    "due": ("due_on", "id"),
    "-received": ("-received_at", "-id"),
    "received": ("received_at", "id"),
}


@dataclass(frozen=True)
class Filters:
    """What a work list shows. `after` is the key of the last row of the page before."""

    view: str = "mine"
    service: str = ""
    state: str = ""
    sort: str = "due"
    words: str = ""
    number: str = ""
    person_ids: tuple[UUID, ...] | None = None
    after: tuple[str, str] | None = None


@dataclass(frozen=True)
class WorkListPage:
    cases: list[Case]
    next_after: tuple[str, str] | None = None


def work_list(working: Working, filters: Filters, on: date | None = None) -> WorkListPage:
    """One page of cases that this person may see, fetched by key so that page 1,000 costs what page 1 costs."""
    rows = _sorted_page(_filtered(working, filters, on or dates.today()), filters)
    more = len(rows) > PAGE
    cases = rows[:PAGE]
    return WorkListPage(cases, _key_of(cases[-1], filters.sort) if more else None)


def counts(working: Working, on: date | None = None) -> dict[str, int]:
    """How many open cases each view of the work list has. One statement."""
    day = on or dates.today()
    open_cases = Case.objects.filter(working.case_condition(), closed_at__isnull=True)
    return open_cases.aggregate(**{view: Count("id", filter=_view(view, working, day)) for view in VIEWS[:-1]})


def _filtered(working: Working, filters: Filters, day: date) -> QuerySet[Case]:
    cases = Case.objects.filter(working.case_condition())
    if filters.number:
        return cases.filter(_number(filters.number))
    if filters.person_ids is not None:
        return cases.filter(applicant_id__in=filters.person_ids)
    if filters.words:
        return cases.filter(*(Q(title__icontains=word) for word in filters.words.split()[:8]))
    cases = cases.filter(_view(filters.view, working, day))
    if filters.view != "closed":
        cases = cases.filter(closed_at__isnull=True)
    if filters.service:
        cases = cases.filter(service=filters.service)
    return cases.filter(state=filters.state) if filters.state else cases


def _view(view: str, working: Working, day: date) -> Q:
    return {
        "mine": Q(assigned_to__in=[working.staff_id, *working.substitutes_for]),
        "unit": Q(unit_id__in=working.units),
        "unassigned": Q(unit_id__in=working.units, assigned_to__isnull=True),
        "overdue": Q(due_on__lt=day) & ~Q(state=State.WAITING),
        "waiting": Q(state=State.WAITING),
        "approval": Q(state=State.FOR_APPROVAL),
        "closed": Q(closed_at__isnull=False),
    }[view]


def _number(text: str) -> Q:
    year, _, sequence = text.partition("/")
    if not (year.isdigit() and sequence.isdigit() and len(year) == 4 and len(sequence) < 9):
        return Q(pk__isnull=True)
    return Q(year=int(year), sequence=int(sequence))


def _sorted_page(cases: QuerySet[Case], filters: Filters) -> list[Case]:
    first, second = SORTS[filters.sort]
    if filters.after:
        cases = cases.filter(_after(first, filters.after))
    order = F(first.lstrip("-")).desc() if first.startswith("-") else F(first).asc(nulls_last=True)
    return list(cases.order_by(order, second)[: PAGE + 1])


def _after(first: str, after: tuple[str, str]) -> Q:
    """Rows that come later than the last one shown, in the order of the list; rows without a date come last."""
    value, last_id = after
    name = first.lstrip("-")
    if first.startswith("-"):
        return Q(**{f"{name}__lt": value}) | Q(**{name: value, "id__lt": last_id})
    if not value:
        return Q(**{f"{name}__isnull": True, "id__gt": last_id})
    later = Q(**{f"{name}__gt": value}) | Q(**{name: value, "id__gt": last_id})
    return later | Q(**{f"{name}__isnull": True}) if name == "due_on" else later


def _key_of(case: Case, sort: str) -> tuple[str, str]:
    value = getattr(case, SORTS[sort][0].lstrip("-"))
    return (value.isoformat() if value else "", str(case.id))


def case_for(case_id: UUID) -> Case:
    """One case, if this login may see it. Raises CaseNotFound."""
    try:
        return Case.objects.select_related("applicant").get(id=case_id)
    except Case.DoesNotExist:
        raise CaseNotFound() from None


@dataclass(frozen=True)
class OpenedDecision:
    """A decision with its sealed parts opened. `reasons` are paragraphs; `values` fill the letter."""

    id: UUID
    row: Decision
    outcome: str
    status: str
    reasons: list[str]
    values: dict[str, Any]
    trace: list[dict[str, Any]] = field(default_factory=list)


def open_decision(decision: Decision, key: vault.CaseKey) -> OpenedDecision:
    from json import loads

    trace = key.open_text("cases.Decision.trace", bytes(decision.trace)) if decision.trace else "[]"
    return OpenedDecision(
        id=decision.id,
        row=decision,
        outcome=decision.outcome,
        status=decision.status,
        reasons=loads(key.open_text("cases.Decision.reasons", bytes(decision.reasons))),
        values=loads(key.open_text("cases.Decision.values", bytes(decision.values))),
        trace=loads(trace),
    )


def decisions_of(case_id: UUID) -> list[Decision]:
    """Decisions of a case that were not discarded, oldest first."""
    return list(Decision.objects.filter(case=case_id).exclude(status="discarded").order_by("round"))


def last_issued(case_id: UUID) -> Decision | None:
    return Decision.objects.filter(case=case_id, status="issued").order_by("-round").first()


def timeline_of(case_id: UUID) -> list[Event]:
    """Events of a case that the login may see, oldest first."""
    return list(Event.objects.filter(case=case_id).order_by("at", "id"))


def tasks_of(case_id: UUID) -> list[Task]:
    return list(Task.objects.filter(case=case_id).order_by("position"))


def notes_of(case: Case) -> list[tuple[Note, str]]:
    """Internal notes with their text, oldest first."""
    rows = Note.objects.filter(case=case).order_by("at")
    return [(note, case.key.open_text("cases.Note.text", bytes(note.text))) for note in rows]


def appeals_of(case_id: UUID) -> list[Appeal]:
    return list(Appeal.objects.filter(case=case_id).order_by("received_at"))


def cases_of_owner(keys: Sequence[bytes]) -> list[Case]:
    """A resident's own cases in this municipality, newest first."""
    return list(Case.objects.filter(owner_key__in=keys).order_by("-received_at")[:200])


def open_states() -> tuple[str, ...]:
    return tuple(str(state) for state in OPEN_STATES)
