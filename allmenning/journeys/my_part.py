"""A party of somebody else's case, as themselves: the letters that are written to them, and their appeal; and where who sent it is
no party, what is kept in it as one who applied themselves sees it (`sender.shows_parties`). Never the rest of the case.

The database shows them the row that names them and what is addressed to them; the key in that row opens it. What they send is taken
into the case by a worker, since no login of theirs reads the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.commons.identity import actions as identity
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import SYSTEM, Actor
from allmenning.municipal.access.models import PARTY, LogEntry
from allmenning.municipal.access.resident_log import OWN_CASE
from allmenning.municipal.archive import actions as archive
from allmenning.municipal.archive import queries as journal
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import consents, records
from allmenning.municipal.cases.consents import OpenedConsent
from allmenning.municipal.cases.errors import CaseNotFound, NothingToAppeal
from allmenning.municipal.cases.models import Appeal, Case, Decision, Participant
from allmenning.municipal.cases.queries import open_participant, participants_in
from allmenning.municipal.cases.records import OpenedRecord
from allmenning.municipal.documents import actions as documents
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.queries import OpenedDocument, open_document
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Message, Outbox
from allmenning.municipal.post.queries import OpenedMessage, open_messages
from allmenning.tenancy import current, use

from . import let_see, readings
from .appealing import last_day_of_letter
from .deadlines import recount
from .dialogue import required, title_of_message
from .jobs import wake
from .let_see import Seen
from .offered import Offered, day_of, of_case
from .outbox import handles
from .participants import of_message
from .posting import plan_letter
from .recording import Shelf, shelves

AS_PARTY = Actor("resident", relation=PARTY)


@dataclass(frozen=True)
class MyPart:
    """What a party is shown: what was written to them and what they wrote, the newest first. ready: documents that are made.
    consents: what they have consented to. seen: what others let them see. shelves: what is kept in the case; is_closed: not while
    the address of another in it is protected.
    """

    row: Participant
    letters: Sequence[OpenedMessage]
    ready: frozenset[UUID]
    appealable: OpenedMessage | None = None
    consents: Sequence[OpenedConsent] = ()
    seen: Seen | None = None
    shelves: Sequence[Shelf] = ()
    is_closed: bool = False

    @property
    def appeal_until(self) -> date | None:
        return self.appealable.answer_due if self.appealable else None


def key_of(part: Participant) -> vault.CaseKey:
    """The key that opens what is written to them."""
    return vault.open_case_key(current().municipality, part.area, bytes(part.wrapped_key))


def part_in(participant_id: UUID) -> Participant:
    """The row that names whoever is connected. Raises CaseNotFound for anybody else's: the database shows no such row."""
    part = Participant.objects.filter(id=participant_id).first()
    if part is None or not part.wrapped_key:
        raise CaseNotFound()
    return part


def open_part(participant_id: UUID) -> MyPart:
    """The letters to a party of a case, what they have consented to, what is kept and what they are let see, after the reading is
    logged.

    Raises CaseNotFound.
    """
    part = part_in(participant_id)
    rows = _letters_of(part)
    held = list(consents.consents_in(part.case_id))
    given = [each for each in held if each.participant_id == part.id]
    kept = records.visible_in(part.case_id, records.TO_PARTIES) if is_party_today(part) else []
    closed = bool(kept) and let_see.is_closed(part)
    shown = [] if closed else kept
    parts = (("messages", rows), ("consents", given), (readings.RECORDS, shown))
    if kinds := [kind for kind, found in parts if found]:
        _log(part, "read", field_kinds=kinds, shown=[row.id for row in shown])
    opened = open_messages(rows, key_of(part))
    for each in opened:
        if each.direction == "out":
            post.mark_read(each.id)
    return MyPart(
        part,
        opened[::-1],
        frozenset(_made(rows).values_list("id", flat=True)),
        _appealable(opened),
        consents.opened(given, key_of(part)),
        let_see.open_seen(part, held, key_of(part)),
        shelves(_service_of(part), shown, key_of(part)) if shown else (),
        closed,
    )


def is_party_today(part: Participant) -> bool:
    """Whether they are shown what is kept for the parties of a case: the database asks the same."""
    return part.is_party and part.holds_on(dates.today())


def _service_of(part: Participant) -> Offered:
    """The service of a case that they do not see, asked as the area: whose words its records have."""
    with use(current().municipality, part.area):
        case = Case.objects.get(id=part.case_id)
    return of_case(case.service, case.version)


@dataclass(frozen=True)
class MyOwn:
    """What is theirs in somebody else's case: letters to them and from them, those that are made as documents, their consents, and
    every version of what is kept that they may see.
    """

    letters: Sequence[OpenedMessage]
    made: Sequence[Document]
    consents: Sequence[OpenedConsent]
    kept: Sequence[OpenedRecord]


def for_export(part: Participant) -> MyOwn:
    """What is theirs, logged first where there is anything."""
    rows = _letters_of(part)
    given = [each for each in consents.consents_in(part.case_id) if each.participant_id == part.id]
    kept = records.visible_versions(part.case_id, records.TO_PARTIES) if is_party_today(part) else []
    if kept and let_see.is_closed(part):
        kept = []
    if rows or given or kept:
        _log(part, "export")
    key = key_of(part)
    return MyOwn(
        open_messages(rows, key),
        list(_made(rows).order_by("created_at", "id")),
        consents.opened(given, key),
        records.open_records(kept, key),
    )


def _letters_of(part: Participant) -> list[Message]:
    """What was written to them and what they wrote, the oldest first."""
    return list(Message.objects.filter(participant_id=part.id).order_by("sent_at", "id"))


def _made(rows: Sequence[Message]) -> QuerySet[Document]:
    """The documents of messages that are made already."""
    return Document.objects.filter(id__in=[each.document_id for each in rows]).exclude(path="")


def _appealable(letters: Sequence[OpenedMessage]) -> OpenedMessage | None:
    """The newest letter, where it is of a decision that can be appealed and they have not done so."""
    sent = [each for each in letters if each.direction == "out"]
    return sent[-1] if sent and sent[-1].answer_due and not sent[-1].is_answered else None


def download(participant_id: UUID, document_id: UUID) -> tuple[OpenedDocument, bytes]:
    """A letter to a party, as it is kept. Logged first. Raises CaseNotFound, also for one that is not made yet."""
    part = part_in(participant_id)
    document = Document.objects.filter(id=document_id, case_id=part.case_id).exclude(path="").first()
    if document is None:
        raise CaseNotFound()
    key = key_of(part)
    if document.party_key is not None and bytes(document.party_key) == bytes(part.owner_key or b""):
        _log(part, "read", field_kinds=["documents"], object_kind="document", object_id=document.id)
    else:
        let_see.log_letter(part, document)
    return open_document(document, key), documents.read_content(document, key)


def appeal(participant_id: UUID, text: str) -> Message:
    """A party appeals the decision that they were told of. Raises NothingToAppeal, TextMissing, UnsafeText, CaseNotFound."""
    cleaned, part = required(text), part_in(participant_id)
    key, now = key_of(part), dates.now()
    with transaction.atomic():
        rows = _letters_of(part)
        letter = _appealable(open_messages(rows, key))
        if letter is None:
            raise NothingToAppeal()
        message = post.write_message(
            area=part.area,
            case_id=part.case_id,
            key=key,
            kind=Message.Kind.APPEAL,
            direction=Message.Direction.IN,
            title=title_of_message("appeal", (get_language() or "nb")[:2]),
            body=cleaned,
            at=now,
            document_id=uuid7(),
            answers=next(each for each in rows if each.id == letter.id),
            participant_id=part.id,
            party_key=bytes(part.owner_key or b""),
        )
        _log(part, "appeal", object_kind="message", object_id=message.id, personal=cleaned)
        post.put_in_outbox(part.area, part.case_id, ("party-appeal", message.id))
    wake(part.area)
    return message


def _log(part: Participant, action: str, **about: object) -> None:
    access.log_case(
        AS_PARTY, area=part.area, case_id=part.case_id, key=key_of(part), action=action, purpose=OWN_CASE, **about
    )


def listed(part: Participant) -> LogEntry:
    """The row of the log that tells that the names of letters to a party were shown to them; not saved."""
    return access.entry_about_case(
        AS_PARTY, area=part.area, case_id=part.case_id, action="list", purpose=OWN_CASE, field_kinds=["letter"]
    )


def read_log(part: Participant) -> LogEntry:
    """The row that tells that a party was shown who saw what they let somebody see; not saved."""
    return access.entry_about_case(
        AS_PARTY,
        area=part.area,
        case_id=part.case_id,
        action="read",
        purpose=OWN_CASE,
        object_kind="log",
        field_kinds=["log"],
    )


@handles("parties-find", opens=("participants",), purpose="case-handling")
def let_parties_find(row: Outbox) -> None:
    """Outbox: who is a party of a case in which something is kept for them finds it on their page."""
    assert row.case_id is not None
    case = Case.objects.get(id=row.case_id)
    if not records.for_parties([case.id]).exists():
        return
    for part in participants_in(case.id).filter(is_party=True, owner_key__isnull=False):
        if is_party_today(part):
            number = open_participant(part, case.key).number
            identity.mark_presence(vault.person_key(f"person:{number}"), current().municipality)


@handles("party-appeal", opens=("participants",), purpose="case-handling")
def take_appeal(row: Outbox) -> None:
    """Outbox: what a party appealed becomes an appeal in the case, which is opened again for it."""
    message = Message.objects.select_related("answers").get(id=row.object_id)
    case = cases.locked(message.case_id)
    if Appeal.objects.filter(message_id=message.id).exists():
        return
    letter, party = message.answers, of_message(message.participant_id, case)
    assert letter is not None
    assert letter.document_id is not None
    assert party is not None
    decision = Decision.objects.get(id=documents.source_of(letter.document_id))
    last_day = last_day_of_letter(case, decision, letter.id)
    late = last_day is not None and day_of(message.sent_at) > last_day
    cases.reopen_by_appeal(
        case, decision, late=late, message_id=message.id, at=message.sent_at, by=message.participant_id
    )
    archive.reopen_case_file(case.id)
    cases.happened(case, "party-appealed", SYSTEM, at=message.sent_at, visible=False, late=late)
    assert message.document_id is not None
    title = title_of_message("appeal", case.language)
    pdf = plan_letter(case, title, source_id=message.id, document_id=message.document_id, party_key=party.party_key)
    post.put_in_outbox(case.area, case.id, ("render", pdf.id))
    recount(case)
    wake(case.area)
    _register(case, message, title, party.name, pdf)


def _register(case: Case, message: Message, title: str, sender: str, pdf: Document) -> None:
    """In the journal. Last in the transaction: numbers without gaps stay locked until it commits."""
    [number] = archive.next_numbers(case.area, day_of(message.sent_at).year, "registry")
    archive.register_entry(
        journal.case_file_of(case.id),
        key=case.key,
        sequence=number,
        kind=RegistryEntry.Kind.INCOMING,
        title=title,
        public_title=title,
        correspondent=sender,
        documents=[archive.ToRegister(pdf.id, "Brev")],
        at=message.sent_at,
    )
