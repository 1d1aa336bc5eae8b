"""What is said between the resident and the municipality while a case runs: questions, answers, documents, appeal.

All of it, in and out, is registered in the journal in the transaction that it is said in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.basics.text import clean_text
from allmenning.municipal.access.actor import RESIDENT, Actor
from allmenning.municipal.archive import actions as archive
from allmenning.municipal.archive import queries as records
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.errors import CaseIsClosed, NobodySentIt, NothingToAnswer, NothingToAppeal, TextMissing
from allmenning.municipal.cases.models import Case, Decision, State
from allmenning.municipal.documents import actions as documents
from allmenning.municipal.documents.models import Document, Origin
from allmenning.municipal.post import actions as post
from allmenning.municipal.post import queries as post_queries
from allmenning.municipal.post.models import Message

from . import sender
from .appealing import last_day_to_appeal
from .deadlines import PRELIMINARY_REPLY, recount
from .jobs import wake
from .offered import at_version, day_of
from .posting import plan_letter
from .posting import send as send_letter
from .receiving import Received, Upload, receive_all

__all__ = [
    "Upload",
    "answer",
    "appeal",
    "ask",
    "ask_for_a_person",
    "incoming",
    "may_send_more",
    "note_incoming",
    "send_more",
    "send_preliminary_reply",
    "tell_of_emergency",
    "withdraw",
]

Kind = Message.Kind


def ask(case_id: UUID, text: str, due: date, actor: Actor, *, revision: int) -> Message:
    """Ask the resident for more. The case waits for them; a deadline pauses only if the service says that it does.

    A decision that waits for approval goes back to be a draft: there is more to come.
    """
    text = required(text)
    with transaction.atomic():
        case = cases.locked(case_id)
        cases.require_open(case)
        _require_sender(case)
        cases.change(case, revision=revision, state=State.WAITING)
        cases.take_back_from_approval(case)
        message = _outgoing(case, Kind.QUESTION, text, actor, answer_due=due)
        recount(case)
        cases.happened(case, "asked", actor, due=due.isoformat())
        _log(case, actor, "ask", message, text)
        _deliver_and_journal(case, message)
    return message


def send_preliminary_reply(case_id: UUID, text: str, expected: date, actor: Actor, *, revision: int) -> Message:
    """Tell why the answer takes time and when it may be expected (forvaltningsloven § 11 a). The step is then done."""
    text = required(text)
    with transaction.atomic():
        case = cases.locked(case_id)
        cases.require_open(case)
        _require_sender(case)
        cases.change(case, revision=revision)
        message = _outgoing(case, Kind.PRELIMINARY_REPLY, text, actor)
        cases.finish_task(case, PRELIMINARY_REPLY, actor)
        recount(case)
        cases.happened(case, "preliminary-reply", actor, expected=expected.isoformat())
        _log(case, actor, "preliminary-reply", message, text)
        _deliver_and_journal(case, message)
    return message


def _require_sender(case: Case) -> None:
    """Whoever sent something in follows that case, and is asked in it. Raises NobodySentIt."""
    if case.is_own_case:
        raise NobodySentIt()


def tell_of_emergency(case: Case, actor: Actor) -> Message:
    """Tell the resident that somebody opened the case in an emergency. Within the transaction that lets them."""
    message = _outgoing(case, Kind.EMERGENCY, _EMERGENCY[case.language], actor)
    _deliver_and_journal(case, message)
    return message


def answer(case_id: UUID, text: str, uploads: Sequence[Upload] = ()) -> Message:
    """The resident answers the question that waits. Raises NothingToAnswer, TextMissing, UnacceptableFile."""
    received = receive_all(uploads)
    text = clean_text(text) if received else required(text)
    with transaction.atomic():
        case = cases.locked(case_id)
        question = post_queries.open_question(case.id)
        if question is None or not case.is_open:
            raise NothingToAnswer()
        message = incoming(case, Kind.ANSWER, text, answers=question)
        is_last = post_queries.open_question(case.id) is None
        cases.change(case, state=State.IN_PROGRESS if case.state == State.WAITING and is_last else case.state)
        note_incoming(case, message, text, received, "answered", "answer", "Svar")
    return message


def send_more(case_id: UUID, text: str, uploads: Sequence[Upload]) -> Message:
    """The resident sends something more, unasked; a follow-up too, which opens a case again where the service allows it.

    Whoever is about to decide is told that the case has changed since they looked at it. Raises CaseIsClosed.
    """
    received = receive_all(uploads)
    text = clean_text(text) if received else required(text)
    with transaction.atomic():
        case = cases.locked(case_id)
        if not may_send_more(case):
            raise CaseIsClosed()
        kind = Kind.MORE_DOCUMENTS if _is_open_to_sender(case) else Kind.FOLLOW_UP
        message = incoming(case, kind, text)
        if case.is_open:
            cases.change(case, state=case.state)
        else:
            cases.change(case, state=State.IN_PROGRESS, closed_at=None)
            archive.reopen_case_file(case.id)
        note_incoming(case, message, text, received, kind.value, "send-more", "Ettersending")
    return message


def may_send_more(case: Case) -> bool:
    """Whether the resident may send something more: to an open case, or as a follow-up of an answer."""
    if _is_open_to_sender(case):
        return True
    package = at_version(case.service, case.version).package
    return case.state != State.WITHDRAWN and package.may_follow_up and sender.of(case).may_follow_up


def _is_open_to_sender(case: Case) -> bool:
    """Whether the case is open, as its sender sees it: what they send must not tell them that it goes on."""
    if sender.of(case).shows_all:
        return case.is_open
    return sender.shown(case, case_queries.timeline_for_resident(case.id)).is_open


def withdraw(case_id: UUID, text: str = "") -> None:
    """The resident withdraws. The case is closed; what was registered stays on record.

    Where a decision stands already, it is the appeal or the follow-up that is withdrawn, and the decision goes on. Where the
    case goes on too, it does so without the appeal. Raises CaseIsClosed, NotForSender.
    """
    text = clean_text(text)
    with transaction.atomic():
        case = cases.locked(case_id)
        sender.require_party(case, may=sender.of(case).may_withdraw)
        cases.require_open(case)
        message = incoming(case, Kind.WITHDRAWAL, text)
        if case.state == State.APPEALED and not case.decided_at:
            cases.change(case, state=State.IN_PROGRESS)
            note_incoming(case, message, text, [], "withdrawn", "withdraw", "Trukket")
            return
        left: dict[str, Any] = (
            {"state": State.DECIDED} if case.decided_at else {"state": State.WITHDRAWN, "outcome": "withdrawn"}
        )
        cases.close(case, reason="withdrawn", actor=RESIDENT, at=message.sent_at, **left)
        cases.finish_all_tasks(case, RESIDENT)
        archive.close_case_file(case.id, message.sent_at)
        note_incoming(case, message, text, [], "withdrawn", "withdraw", "Trukket")


def appeal(case_id: UUID, text: str, uploads: Sequence[Upload] = ()) -> Message:
    """The resident appeals the last decision. A late one is received all the same, and marked so (§ 31).

    Where the decision did not close the case, it is appealed while the case goes on; once, until something new is decided.

    Raises NothingToAppeal, TextMissing, UnacceptableFile.
    """
    received = receive_all(uploads)
    text = required(text)
    with transaction.atomic():
        case = cases.locked(case_id)
        decision = case_queries.last_issued(case.id)
        if decision is None or decision.appeal_due is None or not _can_be_appealed(case, decision):
            raise NothingToAppeal()
        return _reopen(case, decision, text, received)


def _can_be_appealed(case: Case, decision: Decision) -> bool:
    if not case.is_open:
        return True
    outcome = at_version(case.service, case.version).package.outcome(decision.outcome)
    return not outcome.closes and not case_queries.is_appealed(decision)


def ask_for_a_person(case_id: UUID, text: str = "") -> Message:
    """The resident asks for a person to look again at what was decided automatically (GDPR art. 22 (3)).

    Everyone may, whether the outcome can be appealed or not. It is handled as an appeal that a caseworker sees first.
    """
    with transaction.atomic():
        case = cases.locked(case_id)
        decision = case_queries.last_issued(case.id)
        if decision is None or not decision.automatic or case.is_open:
            raise NothingToAppeal()
        return _reopen(case, decision, clean_text(text).strip() or _LOOK_AGAIN[case.language], [])


def _reopen(case: Case, decision: Decision, text: str, received: Sequence[Received]) -> Message:
    last_day = last_day_to_appeal(case, decision)
    message = incoming(case, Kind.APPEAL, text)
    late = last_day is not None and day_of(message.sent_at) > last_day
    cases.reopen_by_appeal(case, decision, late=late, message_id=message.id, at=message.sent_at)
    archive.reopen_case_file(case.id)
    note_incoming(case, message, text, received, "appealed", "appeal", "Klage", late=late)
    return message


def required(text: str) -> str:
    """The text without what is unsafe. Raises TextMissing when nothing is left."""
    cleaned = clean_text(text).strip()
    if not cleaned:
        raise TextMissing()
    return cleaned


def _keep(case: Case, received: Sequence[Received]) -> list[Document]:
    return [
        documents.keep_file(
            area=case.area,
            case_id=case.id,
            key=case.key,
            origin=Origin.UPLOADED,
            name=file.name,
            media_type=file.media_type,
            content=file.content,
        )
        for file in received
    ]


def incoming(case: Case, kind: Kind, text: str, answers: Message | None = None) -> Message:
    """What a resident says in a case, as a message in the caller's transaction; `note_incoming` does the rest."""
    return _write(case, kind, Message.Direction.IN, text, answers=answers)


def _outgoing(case: Case, kind: Kind, text: str, actor: Actor, answer_due: date | None = None) -> Message:
    return _write(case, kind, Message.Direction.OUT, text, staff_name=actor.name, answer_due=answer_due)


def _write(
    case: Case,
    kind: Kind,
    direction: Message.Direction,
    text: str,
    *,
    staff_name: str = "",
    answer_due: date | None = None,
    answers: Message | None = None,
) -> Message:
    return post.write_message(
        area=case.area,
        case_id=case.id,
        key=case.key,
        kind=kind,
        direction=direction,
        title=_title(kind.value, case),
        body=text,
        at=dates.now(),
        staff_name=staff_name,
        answer_due=answer_due,
        answers=answers,
        # The text as a PDF, made later. Nobody changes what has been sent, so its id is given now.
        document_id=uuid7(),
    )


def note_incoming(
    case: Case,
    message: Message,
    text: str,
    received: Sequence[Received],
    event: str,
    action: str,
    what: str,
    **facts: Any,
) -> None:
    """Everything else about what a resident sent: files, timeline, log, deadline, and last the journal.

    Args:
        what: what it is, as the journal says it.
    """
    files = _keep(case, received)
    cases.happened(case, event, RESIDENT, at=message.sent_at, files=len(files), **facts)
    _log(case, RESIDENT, action, message, text)
    pdf = _plan_pdf(case, message, what)
    post.put_in_outbox(case.area, case.id, ("render", pdf.id), ("deadline", message.id))
    wake(case.area)
    _journal(case, message.sent_at, what, [pdf, *files])


def _deliver_and_journal(case: Case, message: Message) -> None:
    title = _title(message.kind, case)
    plan_letter(case, title, source_id=message.id, document_id=message.document_id)
    send_letter(case, message, title)


def _plan_pdf(case: Case, message: Message, title: str) -> Document:
    """What a resident wrote as a document that is rendered later."""
    pdf = documents.plan_document(
        area=case.area,
        case_id=case.id,
        key=case.key,
        origin=Origin.LETTER,
        title=title,
        file_name=f"{title.lower()}.pdf",
        source_id=message.id,
        document_id=message.document_id,
    )
    pdf.save(force_insert=True)
    return pdf


def _journal(case: Case, at: datetime, title: str, files: Sequence[Document]) -> RegistryEntry:
    """Register it. Last in the transaction: numbers without gaps stay locked until it commits."""
    case_file = records.case_file_of(case.id)
    [number] = archive.next_numbers(case.area, day_of(at).year, "registry")
    return archive.register_entry(
        case_file,
        key=case.key,
        sequence=number,
        kind=RegistryEntry.Kind.INCOMING,
        title=title,
        public_title=title,
        correspondent=case.opened_applicant_name,
        documents=[archive.ToRegister(d.id, "Vedlegg" if n else "Brev") for n, d in enumerate(files)],
        at=at,
    )


def _log(case: Case, actor: Actor, action: str, message: Message, text: str) -> None:
    cases.log(
        case,
        actor,
        action,
        purpose="dialogue",
        object_kind="message",
        object_id=message.id,
        personal=text,
    )


_LOOK_AGAIN = {
    "nb": "Jeg ber om at et menneske ser på saken.",
    "nn": "Eg ber om at eit menneske ser på saka.",
    "en": "I ask for a person to look at the case.",
}

_EMERGENCY = {
    "nb": "En ansatt som ikke arbeider med saken din, har åpnet den fordi det ikke kunne vente. Tilgangen varer i høyst én"
    " time, og lederen går gjennom den etterpå. På Min side ser du hvem som har lest saken. Spør kommunen hvis du vil vite mer.",
    "nn": "Ein tilsett som ikkje arbeider med saka di, har opna ho fordi det ikkje kunne vente. Tilgangen varer i høgst éin"
    " time, og leiaren går gjennom han etterpå. På Mi side ser du kven som har lese saka. Spør kommunen om du vil vite meir.",
    "en": "Somebody who does not work with your case has opened it because it could not wait. The access lasts for one hour"
    " at most, and the leader reviews it afterwards. On My page you see who has read the case. Ask the municipality if you"
    " want to know more.",
}

_TITLES = {
    "emergency": {
        "nb": "Saken din er åpnet i en nødssituasjon",
        "nn": "Saka di er opna i ein naudsituasjon",
        "en": "Your case was opened in an emergency",
    },
    "question": {
        "nb": "Vi trenger flere opplysninger",
        "nn": "Vi treng fleire opplysningar",
        "en": "We need more information",
    },
    "preliminary-reply": {"nb": "Foreløpig svar", "nn": "Førebels svar", "en": "Preliminary reply"},
    "answer": {"nb": "Svar på spørsmål", "nn": "Svar på spørsmål", "en": "Answer to a question"},
    "more-documents": {"nb": "Ettersending", "nn": "Ettersending", "en": "More documents"},
    "follow-up": {"nb": "Oppfølging", "nn": "Oppfølging", "en": "Follow-up"},
    "withdrawal": {"nb": "Søknaden er trukket", "nn": "Søknaden er trekt", "en": "Withdrawal"},
    "appeal": {"nb": "Klage på vedtak", "nn": "Klage på vedtak", "en": "Appeal"},
    "access-request": {"nb": "Krav om innsyn", "nn": "Krav om innsyn", "en": "Request for access"},
}


def _title(kind: str, case: Case) -> str:
    """The title of a message in the case's language. Kept in the row, so it is not translated when it is read."""
    return title_of_message(kind, case.language)


def title_of_message(kind: str, language: str) -> str:
    """What a message of a kind is called in a language; it never names the service."""
    return _TITLES[kind][language]
