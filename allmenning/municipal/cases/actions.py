"""What happens to a case, each in the caller's transaction together with its event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.tenancy import current

from ..access import actions as access
from ..access.actor import Actor
from ..access.models import LogEntry
from ..people.models import Person
from .errors import CaseIsClosed, CaseNotFound, SomebodyWasFirst
from .models import AccessRequest, Appeal, Case, Closure, Decision, Event, Note, State, Task
from .subjects import word_indexes


@dataclass(frozen=True)
class PlannedStep:
    """A step of the service's routine as it will stand in a case."""

    step: str
    who: str
    due_on: date | None


def new_case(
    *,
    case_id: UUID,
    area: str,
    owner_key: bytes,
    key: vault.CaseKey,
    wrapped_key: bytes,
    service: str,
    version: str,
    topic: str,
    title: str,
    subject: str,
    is_found_by_subject: bool,
    language: str,
    channel: str,
    unit_id: UUID | None,
    applicant: Person | None,
    applicant_name: str,
    at: datetime,
    due_on: date | None,
    home_keys: Iterable[bytes] = (),
    named_keys: Iterable[bytes] = (),
) -> Case:
    """A case that has just been received: not saved, and without a number until it is registered.

    Args:
        title: the service's own name, which is clear; nothing that was typed.
        subject: what was typed; empty for none. Sealed.
        is_found_by_subject: whether work lists find it by a word of that; never for one whose address is protected.
    """
    case = Case(
        id=case_id,
        area=area,
        owner_key=owner_key,
        parent_index=current().parent,
        year=at.astimezone(dates.OSLO).year,
        service=service,
        version=version,
        topic=topic,
        title=title[:200],
        subject=key.seal("cases.Case.subject", subject) if subject else b"",
        subject_words=word_indexes(area, subject) if is_found_by_subject else [],
        language=language,
        channel=channel,
        unit_id=unit_id,
        applicant=applicant,
        applicant_name=key.seal("cases.Case.applicant_name", applicant_name),
        wrapped_key=wrapped_key,
        received_at=at,
        due_on=due_on,
        home_keys=sorted(home_keys),
        named_keys=sorted(named_keys),
    )
    case.key = key  # known: it need not be unwrapped to open what was just sealed
    return case


def planned_tasks(case: Case, steps: Sequence[PlannedStep]) -> list[Task]:
    """The routine's steps as tasks of a case, not saved."""
    return [
        Task(id=uuid7(), area=case.area, case=case, step=s.step, position=n, who=s.who, due_on=s.due_on)
        for n, s in enumerate(steps, start=1)
    ]


def happened(case: Case, kind: str, actor: Actor, **about: Any) -> Event:
    """Record that something happened; `about` as `happening` takes it."""
    event = happening(case, kind, actor, **about)
    event.save(force_insert=True)
    return event


def happening(
    case: Case, kind: str, actor: Actor, *, at: datetime | None = None, visible: bool = True, **facts: Any
) -> Event:
    """Something that happened, not saved. `facts` hold ids, dates and codes; never what is personal."""
    return Event(
        area=case.area,
        case=case,
        at=at or dates.now(),
        kind=kind,
        actor=actor.kind,
        staff_id=actor.staff_id,
        staff_name=actor.named,
        unit_name=actor.unit_name,
        facts=facts,
        visible_to_resident=visible,
    )


def log(case: Case, actor: Actor, action: str, *, purpose: str, **about: Any) -> LogEntry:
    """Log that somebody read or changed something about the case; `about` as `access.actions.log_case` takes it."""
    return access.log_case(
        actor, area=case.area, case_id=case.id, key=case.key, action=action, purpose=purpose, **about
    )


def change(case: Case, *, revision: int | None = None, **fields: Any) -> Case:
    """Change the case's clear fields if nobody was first.

    Args:
        revision: the revision that the person looked at; None when the platform itself acts under a lock.

    Raises:
        SomebodyWasFirst: nothing was written.
    """
    expected = case.revision if revision is None else revision
    if not Case.objects.filter(id=case.id, revision=expected).update(**fields, revision=F("revision") + 1):
        raise SomebodyWasFirst()
    for name, value in fields.items():
        setattr(case, name, value)
    case.revision = expected + 1
    return case


def set_deadline(case: Case, due_on: date | None) -> None:
    """By when it should be done. It is counted from what happened, so nobody's look at the case gets old by it."""
    if due_on != case.due_on:
        Case.objects.filter(id=case.id).update(due_on=due_on)
        case.due_on = due_on


def take_back_from_approval(case: Case) -> None:
    """A decision that waits for a second person is a draft again."""
    Decision.objects.filter(case=case, status=Decision.Status.FOR_APPROVAL).update(status=Decision.Status.DRAFT)


def locked(case_id: UUID) -> Case:
    """The case, locked until commit. Raises CaseNotFound when it is not here for this login, or was erased."""
    case = Case.objects.select_for_update(of=("self",)).filter(id=case_id).first()
    if case is None or case.is_erased:
        raise CaseNotFound()
    return case


def require_open(case: Case) -> None:
    if not case.is_open:
        raise CaseIsClosed()


def assign(case: Case, *, to: UUID | None, name: str, unit_id: UUID | None, actor: Actor, revision: int) -> None:
    """Give the case to somebody, or back to the unit's queue."""
    require_open(case)
    moved = unit_id is not None and unit_id != case.unit_id
    state = State.IN_PROGRESS if to and case.state == State.RECEIVED else case.state
    change(case, revision=revision, assigned_to=to, assigned_name=name, unit_id=unit_id or case.unit_id, state=state)
    happened(case, "moved" if moved else "assigned" if to else "returned-to-queue", actor, visible=moved, to=name)


def write_note(case: Case, text: str, actor: Actor) -> Note:
    """Write an internal note; never changed afterwards."""
    assert actor.staff_id is not None
    note_id = uuid7()
    return Note.objects.create(
        id=note_id,
        area=case.area,
        case=case,
        staff_id=actor.staff_id,
        staff_name=actor.name,
        text=case.key.seal("cases.Note.text", text, note_id),
    )


def finish_task(case: Case, step: str, actor: Actor, *, skipped: bool = False) -> bool:
    """Tick a step of the routine off. False when it was done already."""
    done_by = actor.name if actor.kind == "staff" else actor.kind
    return bool(
        Task.objects.filter(case=case, step=step, done_at__isnull=True).update(
            done_at=dates.now(), done_by=done_by, skipped=skipped
        )
    )


def finish_all_tasks(case: Case, actor: Actor) -> None:
    done_by = actor.name if actor.kind == "staff" else actor.kind
    Task.objects.filter(case=case, done_at__isnull=True).update(done_at=dates.now(), done_by=done_by, skipped=True)


def close(case: Case, *, reason: str, actor: Actor, state: State, at: datetime, **fields: Any) -> None:
    """Close the case: a closure row, its event and its state together."""
    Closure.objects.create(area=case.area, case=case, at=at, reason=reason, by=actor.name)
    change(case, state=state, closed_at=at, **fields)


def reopen_by_appeal(case: Case, decision: Decision, *, late: bool, message_id: UUID, at: datetime) -> Appeal:
    """An appeal opens the case again, whether it came in time or late."""
    appeal = Appeal.objects.create(
        area=case.area, case=case, decision=decision, received_at=at, late=late, message_id=message_id
    )
    change(case, state=State.APPEALED, closed_at=None)
    return appeal


def ask_for_access(
    case: Case,
    *,
    message_id: UUID,
    at: datetime,
    due_on: date,
    complains_of: AccessRequest | None = None,
    late: bool = False,
) -> AccessRequest:
    """The party has asked for access, or complains of the answer to an earlier request."""
    return AccessRequest.objects.create(
        area=case.area,
        case=case,
        asked_at=at,
        message_id=message_id,
        due_on=due_on,
        complains_of=complains_of,
        late=late,
    )


def answer_access(asked: AccessRequest, outcome: AccessRequest.Outcome, *, answer_id: UUID, at: datetime) -> None:
    """The letter that answers a request for access is on its way."""
    asked.outcome, asked.answer_id, asked.answered_at = outcome, answer_id, at
    asked.save(update_fields=["outcome", "answer_id", "answered_at"])
