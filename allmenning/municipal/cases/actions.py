"""What happens to a case, each in the caller's transaction together with its event."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.deadlines import Counted
from allmenning.tenancy import current

from ..access import actions as access
from ..access.actor import Actor
from ..access.models import LogEntry
from ..people.models import Person
from .errors import CaseIsClosed, CaseNotFound, SomebodyWasFirst
from .models import (
    AccessRequest,
    Appeal,
    Case,
    CaseDeadline,
    Closure,
    DeadlineReason,
    Decision,
    Event,
    Note,
    Participant,
    PhaseChange,
    Result,
    State,
    Task,
)
from .subjects import word_indexes


@dataclass(frozen=True)
class PlannedStep:
    """A step of the service's routine as it will stand in a case."""

    step: str
    who: str
    due_on: date | None
    turn: int = 1


@dataclass(frozen=True)
class Due:
    """A deadline as it was counted, and whether the sender is told of it."""

    counted: Counted
    is_told: bool


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
    counted: Sequence[Due],
    home_keys: Iterable[bytes] = (),
    named_keys: Iterable[bytes] = (),
    opened_from: Case | None = None,
    opened_for: int | None = None,
) -> Case:
    """A case that has just been received: not saved, and without a number until it is registered.

    Args:
        title: the service's own name, which is clear; nothing that was typed.
        subject: what was typed; empty for none. Sealed.
        counted: its deadlines as they begin.
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
        home_keys=sorted(home_keys),
        named_keys=sorted(named_keys),
        opened_from=opened_from,
        opened_for=opened_for,
    )
    case.due_on, case.told_due_on = _earliest(counted)
    case.key = key  # known: it need not be unwrapped to open what was just sealed
    return case


def planned_tasks(case: Case, steps: Sequence[PlannedStep], *, after: int = 0) -> list[Task]:
    """The routine's steps as tasks of a case, not saved; `after`: the position of the last that it has."""
    return [
        Task(id=uuid7(), area=case.area, case=case, step=s.step, turn=s.turn, position=n, who=s.who, due_on=s.due_on)
        for n, s in enumerate(steps, start=after + 1)
    ]


def planned_phase(
    case: Case, phase: str, kind: PhaseChange.Kind, because: str, actor: Actor, at: datetime, *, round_: int = 1
) -> PhaseChange:
    """A phase that is opened or concluded, not saved."""
    return PhaseChange(
        id=uuid7(),
        area=case.area,
        case=case,
        phase=phase,
        round=round_,
        kind=kind,
        because=because,
        at=at,
        staff_id=actor.staff_id if actor.kind == "staff" else None,
        staff_name=actor.named if actor.kind == "staff" else "",
    )


def keep_phases(case: Case, changes: Sequence[PhaseChange], reasons: str = "") -> None:
    """Keep what was opened and concluded; `reasons`: why, where somebody did it by hand. One statement."""
    for each in changes:
        each.reasons = case.key.seal("cases.PhaseChange.reasons", reasons, each.id) if reasons else b""
    PhaseChange.objects.bulk_create(changes)


def add_tasks(case: Case, steps: Sequence[PlannedStep]) -> None:
    """Add steps after those that the case has; a step that it has had is there once more. Two statements, or none."""
    if not steps:
        return
    held = {(each.step, each.turn): each.position for each in Task.objects.filter(case=case)}
    turns = {step: max(turn for name, turn in held if name == step) for step, _ in held}
    new = [replace(each, turn=turns.get(each.step, 0) + 1) for each in steps]
    Task.objects.bulk_create(planned_tasks(case, new, after=max(held.values(), default=0)))


# What a sender has done, or has been told: they see it of any case.
TO_AND_FROM_THE_SENDER = frozenset(
    "received asked answered more-documents follow-up preliminary-reply withdrawn appealed decided"
    " access-asked access-complained access-given access-refused".split()
)


def happened(case: Case, kind: str, actor: Actor, **about: Any) -> Event:
    """Record that something happened; `about` as `happening` takes it."""
    event = happening(case, kind, actor, **about)
    event.save(force_insert=True)
    return event


def happening(
    case: Case, kind: str, actor: Actor, *, at: datetime | None = None, visible: bool = True, **facts: Any
) -> Event:
    """Something that happened, not saved. `facts` hold ids, dates and codes; never what is personal.

    visible: whether the sender sees it. One who is shown only whether they are answered sees only what is between them and us.
    """
    if visible and kind not in TO_AND_FROM_THE_SENDER:
        theirs = catalogue.service_version(case.service, case.version).sender
        visible = theirs.in_case(is_no_party=case.sender_is_no_party).shows_all
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


def planned_deadlines(case: Case, counted: Sequence[Due]) -> list[CaseDeadline]:
    """The deadlines that begin with a case, not saved."""
    return [_new_deadline(case, each.counted) for each in counted]


def keep_deadlines(case: Case, rows: Sequence[CaseDeadline], counted: Sequence[Due]) -> None:
    """Keep deadlines as they were counted from what happened, so nobody's look at the case gets old by it.

    What was met stays as it was then. At most three statements, and none where nothing has changed.

    Args:
        rows: those that the case has.
    """
    held = {row.key: row for row in rows}
    new = [_new_deadline(case, each.counted) for each in counted if each.counted.key not in held]
    changed = [row for each in counted if (row := held.get(each.counted.key)) and _follows(row, each.counted)]
    if new:
        CaseDeadline.objects.bulk_create(new, ignore_conflicts=True)
    if changed:
        CaseDeadline.objects.bulk_update(changed, ["began_on", "due_on", "met_at", "met_by", "extended_to"])
    due_on, told = _earliest(counted)
    if (due_on, told) != (case.due_on, case.told_due_on):
        Case.objects.filter(id=case.id).update(due_on=due_on, told_due_on=told)
        case.due_on, case.told_due_on = due_on, told


def _new_deadline(case: Case, counted: Counted) -> CaseDeadline:
    return CaseDeadline(
        id=uuid7(),
        area=case.area,
        case=case,
        **counted.key._asdict(),
        began_on=counted.began_on,
        due_on=counted.due_on,
        met_at=counted.met_at,
        met_by=counted.met_by,
    )


def _follows(row: CaseDeadline, counted: Counted) -> bool:
    """Make the row as it was counted. False where it is so already, or was met, and stays as it was then."""
    now = (counted.began_on, counted.due_on, counted.met_at, counted.met_by)
    if row.met_at is not None or (row.began_on, row.due_on, row.met_at, row.met_by) == now:
        return False
    row.began_on, row.due_on, row.met_at, row.met_by = now
    if row.extended_to is not None and row.due_on is not None:
        row.extended_to = row.due_on
    return True


def _earliest(counted: Sequence[Due]) -> tuple[date | None, date | None]:
    """The earliest day of what is not met; and of what the sender is told of."""
    unmet = [(each.counted.due_on, each.is_told) for each in counted if each.counted.met_at is None]
    days = [day for day, _ in unmet if day is not None]
    told = [day for day, is_told in unmet if day is not None and is_told]
    return min(days, default=None), min(told, default=None)


def deadline_in(case: Case, deadline_id: UUID) -> CaseDeadline:
    """One of the deadlines of a case that is locked. Raises CaseNotFound."""
    row = CaseDeadline.objects.filter(id=deadline_id, case=case).first()
    if row is None:
        raise CaseNotFound()
    return row


def extend_deadline(row: CaseDeadline, case: Case, reasons: str, actor: Actor) -> None:
    """Note that a deadline is extended, by whom and why. Until when follows when it is counted anew."""
    _give_reason(row, case, DeadlineReason.Kind.EXTENDED, reasons, actor)
    row.extended_to = row.due_on or row.began_on
    row.save(update_fields=["extended_to"])


def explain_missed(
    row: CaseDeadline, case: Case, because: DeadlineReason.Because, reason: str, actor: Actor
) -> DeadlineReason:
    """Note why a deadline was missed: of which kind, which is counted, and in words, which are sealed."""
    return _give_reason(row, case, DeadlineReason.Kind.MISSED, reason, actor, because)


def _give_reason(
    row: CaseDeadline, case: Case, kind: DeadlineReason.Kind, text: str, actor: Actor, because: str = ""
) -> DeadlineReason:
    assert actor.staff_id is not None
    reason_id = uuid7()
    return DeadlineReason.objects.create(
        id=reason_id,
        area=case.area,
        case=case,
        deadline=row,
        kind=kind,
        because=because,
        staff_id=actor.staff_id,
        staff_name=actor.name,
        text=case.key.seal("cases.DeadlineReason.text", text, reason_id),
    )


def draft_result(
    decision: Decision, case: Case, result: str, reasons: str, concerns: Sequence[int] | None = None
) -> None:
    """Keep what is decided with the draft of the answer; an empty one where the answer has no result any more."""
    row = Result.objects.filter(decision=decision).first()
    is_new = row is None
    if is_new and not result:
        return
    row = row or Result(id=uuid7(), area=case.area, case=case, decision=decision)
    row.result = result
    row.reasons = case.key.seal("cases.Result.reasons", reasons, row.id)
    row.concerns = None if concerns is None else list(concerns)
    row.save(force_insert=is_new, update_fields=None if is_new else ["result", "reasons", "concerns"])


def issue_result(result: Result, at: datetime) -> None:
    """What is decided stands from when the answer is issued."""
    result.issued_at = at
    result.save(update_fields=["issued_at"])


def take_back_from_approval(case: Case) -> None:
    """A decision that waits for a second person is a draft again."""
    Decision.objects.filter(case=case, status=Decision.Status.FOR_APPROVAL).update(status=Decision.Status.DRAFT)


def locked(case_id: UUID) -> Case:
    """The case, locked until commit, for rows about it too: a consent that is taken back meanwhile waits by its foreign key.

    Raises CaseNotFound when it is not here for this login, or was erased.
    """
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


@dataclass(frozen=True)
class Named:
    """Somebody who has to do with a case: a role of the service, a name, and an identity number where it is known; and from when
    until when, where somebody has said so (both inclusive).
    """

    role: str
    name: str
    number: str = ""
    is_party: bool = False
    authority: str = ""
    document_id: UUID | None = None
    starts: date | None = None
    ends: date | None = None


def new_participant(
    case: Case, named: Named, known_from: Participant.Known, on: date, actor: Actor | None = None
) -> Participant:
    """A participant of a case, not saved. actor: who names them by hand."""
    row_id, key = uuid7(), case.key
    owner_key = vault.resident_key(current().municipality, "person", named.number) if named.number else None
    return Participant(
        id=row_id,
        area=case.area,
        case=case,
        role=named.role,
        owner_key=owner_key,
        wrapped_key=bytes(case.wrapped_key) if owner_key else b"",
        name=key.seal("cases.Participant.name", named.name, row_id),
        number=key.seal("cases.Participant.number", named.number, row_id) if named.number else None,
        is_party=named.is_party,
        known_from=known_from,
        authority=named.authority,
        document_id=named.document_id,
        starts=named.starts or on,
        ends=named.ends,
        staff_id=actor.staff_id if actor else None,
        staff_name=actor.name if actor else "",
    )


def participant_in(case: Case, participant_id: UUID) -> Participant:
    """One of those who have to do with a case today. Raises CaseNotFound."""
    row = Participant.objects.filter(id=participant_id, case=case).first()
    if row is None or row.is_over_on(dates.today()):
        raise CaseNotFound()
    return row


@dataclass(frozen=True)
class Noted:
    """What a note says. `whom`, `about_them`: what is about or from somebody who is no party.

    happened_at: None for now. concerns: ids of participants.
    """

    text: str
    kind: str = "other"
    happened_at: datetime | None = None
    whom: str = ""
    about_them: str = ""
    concerns: Sequence[UUID] = ()


def write_note(case: Case, noted: Noted, actor: Actor, *, corrects: Note | None = None) -> Note:
    """Write a note in the case's journal; never changed afterwards.

    Args:
        corrects: the note that this is a new version of; the case is locked then. Raises SomebodyWasFirst: another has
            corrected it.
    """
    assert actor.staff_id is not None
    if corrects is not None and Note.objects.filter(corrects=corrects).exists():
        raise SomebodyWasFirst()
    note_id, now = uuid7(), dates.now()
    apart = None
    if noted.about_them:
        told = json.dumps({"whom": noted.whom, "text": noted.about_them}, ensure_ascii=False)
        apart = case.key.seal("cases.Note.third_party", told, note_id)
    return Note.objects.create(
        id=note_id,
        area=case.area,
        case=case,
        at=now,
        kind=noted.kind,
        happened_at=noted.happened_at or now,
        staff_id=actor.staff_id,
        staff_name=actor.name,
        text=case.key.seal("cases.Note.text", noted.text, note_id),
        third_party=apart,
        concerns=list(noted.concerns),
        corrects=corrects,
    )


def note_in(case: Case, note_id: UUID) -> Note:
    """One of the notes of a case. Raises CaseNotFound."""
    row = Note.objects.filter(id=note_id, case=case).first()
    if row is None:
        raise CaseNotFound()
    return row


def finish_task(case: Case, step: str, actor: Actor, *, skipped: bool = False) -> bool:
    """Tick a step of the routine off. False when it was done already."""
    done_by = actor.name if actor.kind == "staff" else actor.kind
    return bool(
        Task.objects.filter(case=case, step=step, done_at__isnull=True).update(
            done_at=dates.now(), done_by=done_by, skipped=skipped
        )
    )


def finish_all_tasks(case: Case, actor: Actor, of: Collection[str] | None = None) -> None:
    """Pass over what was not done; `of`: among these steps alone."""
    done_by = actor.name if actor.kind == "staff" else actor.kind
    left = Task.objects.filter(case=case, done_at__isnull=True)
    left = left if of is None else left.filter(step__in=of)
    left.update(done_at=dates.now(), done_by=done_by, skipped=True)


def close(case: Case, *, reason: str, actor: Actor, state: State, at: datetime, **fields: Any) -> None:
    """Close the case: a closure row, its event and its state together."""
    Closure.objects.create(area=case.area, case=case, at=at, reason=reason, by=actor.name)
    change(case, state=state, closed_at=at, **fields)


def reopen_by_appeal(
    case: Case, decision: Decision, *, late: bool, message_id: UUID, at: datetime, by: UUID | None = None
) -> Appeal:
    """An appeal opens the case again, whether it came in time or late. by: the participant, where who sent it does not."""
    appeal = Appeal.objects.create(
        area=case.area,
        case=case,
        decision=decision,
        received_at=at,
        late=late,
        message_id=message_id,
        participant_id=by,
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
