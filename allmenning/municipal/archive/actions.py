"""Registering documents in the journal, in the transaction of what they record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from allmenning import vault
from allmenning.basics.dates import OSLO
from allmenning.basics.identifiers import uuid7

from .models import CaseFile, DocumentDescription, RegistryEntry

SIGNED_OFF_BY_LETTER = "Besvart med brev"  # M619 avskrivningsmåte, BU
SIGNED_OFF_AS_NOTED = "Tatt til etterretning"  # M619 avskrivningsmåte, TE
CLOSED = "Avsluttet"
IN_PROGRESS = "Under behandling"


@dataclass(frozen=True)
class ToRegister:
    """One document to be described in a registry entry, main document first."""

    document_id: UUID
    document_type: str  # M083 dokumenttype: Brev, Søknad, Vedlegg …


def next_numbers(area: str, year: int, *counters: str) -> list[int]:
    """The next number of each counter. They stay locked until commit: call this as late as possible."""
    calls = ", ".join(["next_number(%s, %s, %s)"] * len(counters))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", [v for counter in counters for v in (counter, area, year)])
        return list(cursor.fetchone())


def new_case_file(
    *,
    area: str,
    case_id: UUID,
    key: vault.CaseKey,
    year: int,
    title: str,
    public_title: str,
    at: datetime,
) -> CaseFile:
    """The case file (saksmappe) of a new case: not saved, and without the case's number until it is registered."""
    file_id = uuid7()
    return CaseFile(
        id=file_id,
        area=area,
        case_id=case_id,
        year=year,
        title=key.seal("archive.CaseFile.title", title, file_id),
        public_title=public_title[:200],
        case_date=at.astimezone(OSLO).date(),
    )


def register_entry(
    case_file: CaseFile,
    *,
    key: vault.CaseKey,
    sequence: int,
    kind: RegistryEntry.Kind,
    title: str,
    public_title: str,
    correspondent: str,
    documents: Sequence[ToRegister],
    at: datetime,
    screening: str = "",
    signs_off: Iterable[RegistryEntry] = (),
) -> RegistryEntry:
    """Register one incoming, outgoing or internal document with its attachments (offentleglova § 10, arkivlova)."""
    entry = new_entry(
        case_file,
        key=key,
        kind=kind,
        title=title,
        public_title=public_title,
        correspondent=correspondent,
        at=at,
        screening=screening,
    )
    entry.sequence = sequence
    entry.save(force_insert=True)
    DocumentDescription.objects.bulk_create(described(entry, documents))
    for incoming in signs_off:
        incoming.signed_off_by, incoming.sign_off_code = entry, SIGNED_OFF_BY_LETTER
        incoming.save(update_fields=["signed_off_by", "sign_off_code"])
    return entry


def sign_off_as_noted(entries: Iterable[RegistryEntry]) -> None:
    """What came in is dealt with, and gets no answer."""
    for incoming in entries:
        incoming.sign_off_code = SIGNED_OFF_AS_NOTED
        incoming.save(update_fields=["sign_off_code"])


def new_entry(
    case_file: CaseFile,
    *,
    key: vault.CaseKey,
    kind: RegistryEntry.Kind,
    title: str,
    public_title: str,
    correspondent: str,
    at: datetime,
    screening: str = "",
) -> RegistryEntry:
    """An entry in the journal (journalpost): not saved, and without a number until it is registered."""
    entry_id = uuid7()
    return RegistryEntry(
        id=entry_id,
        area=case_file.area,
        case_id=case_file.case_id,
        case_file=case_file,
        year=at.astimezone(OSLO).year,
        kind=kind,
        title=key.seal("archive.RegistryEntry.title", title, entry_id),
        public_title=public_title[:200],
        correspondent=key.seal("archive.RegistryEntry.correspondent", correspondent, entry_id),
        screening=screening,
        document_date=at.astimezone(OSLO).date(),
        registered_at=at,
    )


def described(entry: RegistryEntry, documents: Sequence[ToRegister]) -> list[DocumentDescription]:
    """What each document of an entry is, main document first; not saved."""
    attached = DocumentDescription.AttachedAs
    return [
        DocumentDescription(
            id=uuid7(),
            area=entry.area,
            case_id=entry.case_id,
            entry=entry,
            document_id=document.document_id,
            document_type=document.document_type,
            attached_as=attached.MAIN if number == 1 else attached.ATTACHMENT,
            number=number,
        )
        for number, document in enumerate(documents, start=1)
    ]


def close_case_file(case_id: UUID, at: datetime) -> None:
    """The case file is closed (status «Avsluttet», M052, M602)."""
    CaseFile.objects.filter(case_id=case_id).update(status=CLOSED, closed_at=at)


def reopen_case_file(case_id: UUID) -> None:
    CaseFile.objects.filter(case_id=case_id).update(status=IN_PROGRESS, closed_at=None)
