"""A letter that staff send: its PDF as a document of the case, its way out, and its entry in the journal. For every such letter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from allmenning.municipal.archive import actions as archive
from allmenning.municipal.archive import queries as records
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents import actions as documents
from allmenning.municipal.documents.models import Document, Origin
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Message

from .jobs import wake
from .offered import day_of


def plan_letter(
    case: Case,
    title: str,
    *,
    source_id: UUID,
    document_id: UUID | None = None,
    party_key: bytes | None = None,
    seen_by: Sequence[str] = (),
) -> Document:
    """The letter's PDF, which is made later from `source_id`: a decision, or the message itself. party_key: whose it is alone.
    seen_by: what others must be let see, to see it.
    """
    letter = documents.plan_document(
        area=case.area,
        case_id=case.id,
        key=case.key,
        origin=Origin.LETTER,
        title=title,
        file_name="brev.pdf",
        source_id=source_id,
        document_id=document_id,
        party_key=party_key,
        seen_by=seen_by,
    )
    letter.save(force_insert=True)
    return letter


def send(
    case: Case,
    message: Message,
    title: str,
    *,
    public_title: str = "",
    receiver: str = "",
    enclosed: Sequence[Document] = (),
    signs_off: Iterable[RegistryEntry] = (),
    todo: Sequence[tuple[str, UUID]] = (),
) -> None:
    """Put the letter on its way, and in the journal with what it encloses. The number stays locked until the commit: do it
    last.

    Args:
        title: what it is called on record, sealed.
        public_title: what the public journal calls it, where the title holds more than that.
        receiver: its name, where that is not who sent the case.
        signs_off: incoming entries that it answers.
        todo: what else remains to be done, as (kind, object id).
    """
    assert message.document_id is not None
    post.put_in_outbox(case.area, case.id, ("render", message.document_id), ("deliver", message.id), *todo)
    wake(case.area)
    case_file = records.case_file_of(case.id)
    [number] = archive.next_numbers(case.area, day_of(message.sent_at).year, "registry")
    attached = [archive.ToRegister(each.id, "Vedlegg") for each in enclosed]
    archive.register_entry(
        case_file,
        key=case.key,
        sequence=number,
        kind=RegistryEntry.Kind.OUTGOING,
        title=title,
        public_title=public_title or title,
        correspondent=receiver or case.opened_applicant_name,
        documents=[archive.ToRegister(message.document_id, "Brev"), *attached],
        at=message.sent_at,
        signs_off=signs_off,
    )
