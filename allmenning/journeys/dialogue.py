"""What is said between the resident and the municipality while a case runs: questions, answers, documents, appeal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.basics.text import clean_text
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import RESIDENT, Actor
from allmenning.municipal.archive import actions as archive
from allmenning.municipal.archive import queries as records
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.errors import NothingToAnswer, NothingToAppeal, TextMissing
from allmenning.municipal.cases.models import Case, State
from allmenning.municipal.documents import actions as documents
from allmenning.municipal.documents.inspection.apart import inspect_apart
from allmenning.municipal.documents.models import Document, Origin
from allmenning.municipal.post import actions as post
from allmenning.municipal.post import queries as post_queries
from allmenning.municipal.post.models import Message

from .jobs import wake

Kind = Message.Kind


@dataclass(frozen=True)
class Upload:
    """A file as it came, not yet looked at."""

    name: str
    declared_type: str
    content: bytes


def ask(case_id: UUID, text: str, due: date, actor: Actor, *, revision: int) -> Message:
    """Ask the resident for more. The case waits for them; the deadline pauses only if the service says that it does."""
    text = _required(text)
    with transaction.atomic():
        case = cases.locked(case_id)
        cases.require_open(case)
        cases.change(case, revision=revision, state=State.WAITING)
        message = _outgoing(case, Kind.QUESTION, _title("question", case), text, actor, answer_due=due)
        cases.happened(case, "asked", actor, due=due.isoformat())
        _log(case, actor, "ask", message.id)
        post.put_in_outbox(case.area, case.id, ("deliver", message.id))
        wake(case.area)
    return message


def answer(case_id: UUID, text: str, uploads: Sequence[Upload] = ()) -> Message:
    """The resident answers the question that waits. Raises NothingToAnswer, TextMissing, UnacceptableFile."""
    inspected = _inspected(uploads)
    text = clean_text(text) if inspected else _required(text)
    with transaction.atomic():
        case = cases.locked(case_id)
        question = post_queries.open_question(case.id)
        if question is None or not case.is_open:
            raise NothingToAnswer()
        try:
            with transaction.atomic():
                message = _incoming(case, Kind.ANSWER, text, answers=question)
        except IntegrityError:
            raise NothingToAnswer() from None
        files = _keep(case, inspected)
        if case.state == State.WAITING and post_queries.open_question(case.id) is None:
            cases.change(case, state=State.IN_PROGRESS)
        cases.happened(case, "answered", RESIDENT, files=len(files))
        _journal_incoming(case, message, files, "Svar")
        _log(case, RESIDENT, "answer", message.id)
        wake(case.area)
    return message


def send_more(case_id: UUID, text: str, uploads: Sequence[Upload]) -> Message:
    """The resident sends something more, unasked; a follow-up question too."""
    inspected = _inspected(uploads)
    text = clean_text(text) if inspected else _required(text)
    with transaction.atomic():
        case = cases.locked(case_id)
        kind = Kind.MORE_DOCUMENTS if case.is_open else Kind.FOLLOW_UP
        message = _incoming(case, kind, text)
        files = _keep(case, inspected)
        if not case.is_open:
            cases.change(case, state=State.IN_PROGRESS, closed_at=None)
            archive.reopen_case_file(case.id)
        cases.happened(case, kind.value, RESIDENT, files=len(files))
        _journal_incoming(case, message, files, "Ettersending")
        _log(case, RESIDENT, "send-more", message.id)
        wake(case.area)
    return message


def withdraw(case_id: UUID, text: str = "") -> None:
    """The resident withdraws. The case is closed; what was registered stays on record."""
    with transaction.atomic():
        case = cases.locked(case_id)
        cases.require_open(case)
        message = _incoming(case, Kind.WITHDRAWAL, clean_text(text))
        now = dates.now()
        cases.close(case, reason="withdrawn", actor=RESIDENT, state=State.WITHDRAWN, at=now, outcome="withdrawn")
        cases.finish_all_tasks(case, RESIDENT)
        cases.happened(case, "withdrawn", RESIDENT, at=now)
        _journal_incoming(case, message, [], "Trukket")
        archive.close_case_file(case.id, now)
        _log(case, RESIDENT, "withdraw", message.id)


def appeal(case_id: UUID, text: str, uploads: Sequence[Upload] = ()) -> Message:
    """The resident appeals the last decision. A late one is received all the same, and marked so (§ 31)."""
    inspected = _inspected(uploads)
    text = _required(text)
    with transaction.atomic():
        case = cases.locked(case_id)
        decision = case_queries.last_issued(case.id)
        if decision is None or decision.appeal_due is None or case.is_open:
            raise NothingToAppeal()
        now = dates.now()
        late = dates.today() > decision.appeal_due
        message = _incoming(case, Kind.APPEAL, text)
        files = _keep(case, inspected)
        cases.reopen_by_appeal(case, decision, late=late, message_id=message.id, at=now)
        archive.reopen_case_file(case.id)
        cases.happened(case, "appealed", RESIDENT, at=now, late=late)
        _journal_incoming(case, message, files, "Klage")
        _log(case, RESIDENT, "appeal", message.id)
        wake(case.area)
    return message


def ask_for_a_person(case_id: UUID, text: str = "") -> Message:
    """The resident asks for a person to look again at what was decided automatically (GDPR art. 22 (3)).

    Treated as an appeal that a caseworker handles first.
    """
    decision = case_queries.last_issued(case_id)
    if decision is None or not decision.automatic:
        raise NothingToAppeal()
    return appeal(case_id, text or "Jeg ber om at et menneske ser på saken.")


def _required(text: str) -> str:
    cleaned = clean_text(text).strip()
    if not cleaned:
        raise TextMissing()
    return cleaned


def _inspected(uploads: Sequence[Upload]) -> list[tuple[Upload, object]]:
    """Look at every file before anything is written: one that is refused stops all, and nothing is half sent."""
    return [(upload, inspect_apart(upload.name, upload.declared_type, upload.content)) for upload in uploads]


def _keep(case: Case, inspected: list[tuple[Upload, object]]) -> list[Document]:
    return [
        documents.keep_file(
            area=case.area,
            case_id=case.id,
            key=case.key,
            origin=Origin.UPLOADED,
            name=found.name,  # type: ignore[attr-defined]
            media_type=found.media_type,  # type: ignore[attr-defined]
            content=upload.content,
        )
        for upload, found in inspected
    ]


def _incoming(case: Case, kind: Kind, text: str, answers: Message | None = None) -> Message:
    return post.write_message(
        area=case.area,
        case_id=case.id,
        key=case.key,
        kind=kind,
        direction=Message.Direction.IN,
        title=_title(kind.value, case),
        body=text,
        at=dates.now(),
        answers=answers,
        # The text as a PDF, made later. Residents change nothing in what they have sent, so its id is given now.
        document_id=uuid7(),
    )


def _outgoing(case: Case, kind: Kind, title: str, text: str, actor: Actor, answer_due: date | None = None) -> Message:
    return post.write_message(
        area=case.area,
        case_id=case.id,
        key=case.key,
        kind=kind,
        direction=Message.Direction.OUT,
        title=title,
        body=text,
        at=dates.now(),
        staff_name=actor.name,
        answer_due=answer_due,
    )


def _journal_incoming(case: Case, message: Message, files: Sequence[Document], what: str) -> RegistryEntry:
    """Register what came. A message without files gets its text as a document that is rendered later."""
    pdf = documents.plan_document(
        area=case.area,
        case_id=case.id,
        key=case.key,
        origin=Origin.LETTER,
        title=what,
        file_name=f"{what.lower()}.pdf",
        source_id=message.id,
        document_id=message.document_id,
    )
    pdf.save(force_insert=True)
    post.put_in_outbox(case.area, case.id, ("render", pdf.id))
    case_file = records.case_file_of(case.id)
    [number] = archive.next_numbers(case.area, dates.today().year, "registry")
    return archive.register_entry(
        case_file,
        key=case.key,
        sequence=number,
        kind=RegistryEntry.Kind.INCOMING,
        title=what,
        public_title=what,
        correspondent=case.opened_applicant_name,
        documents=[archive.ToRegister(d.id, "Brev" if d is pdf else "Vedlegg") for d in (pdf, *files)],
        at=message.sent_at,
    )


def _log(case: Case, actor: Actor, action: str, object_id: UUID) -> None:
    access.log_case(
        actor,
        area=case.area,
        case_id=case.id,
        key=case.key,
        action=action,
        purpose="dialogue",
        object_kind="message",
        object_id=object_id,
        personal=str(object_id),
    )


_TITLES = {
    "question": {
        "nb": "Vi trenger flere opplysninger",
        "nn": "Vi treng fleire opplysningar",
        "en": "We need more information",
    },
    "answer": {"nb": "Svar på spørsmål", "nn": "Svar på spørsmål", "en": "Answer to a question"},
    "more-documents": {"nb": "Ettersending", "nn": "Ettersending", "en": "More documents"},
    "follow-up": {"nb": "Oppfølging", "nn": "Oppfølging", "en": "Follow-up"},
    "withdrawal": {"nb": "Søknaden er trukket", "nn": "Søknaden er trekt", "en": "Withdrawal"},
    "appeal": {"nb": "Klage på vedtak", "nn": "Klage på vedtak", "en": "Appeal"},
}


def _title(kind: str, case: Case) -> str:
    """The title of a message in the case's language. Kept in the row, so it is not translated when it is read."""
    return _TITLES[kind][case.language]
