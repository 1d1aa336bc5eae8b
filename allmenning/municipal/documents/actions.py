"""Keeping files: those that came, and those that the platform makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.tenancy import current

from .models import Document, Origin

PDF = "application/pdf"
CONTENT_FIELD = "documents.Document.content"


def plan_document(
    *,
    area: str,
    case_id: UUID,
    key: vault.CaseKey,
    origin: Origin,
    title: str,
    file_name: str,
    source_id: UUID,
    document_id: UUID | None = None,
    visible_to_resident: bool = True,
    party_key: bytes | None = None,
    seen_by: Sequence[str] = (),
) -> Document:
    """A PDF that the platform will make: not saved yet, and without content until it is rendered."""
    document_id = document_id or uuid7()
    return Document(
        id=document_id,
        area=area,
        case_id=case_id,
        origin=origin,
        title=key.seal("documents.Document.title", title, document_id),
        file_name=key.seal("documents.Document.file_name", file_name, document_id),
        media_type=PDF,
        source_id=source_id,
        visible_to_resident=visible_to_resident,
        party_key=party_key,
        seen_by=list(seen_by),
    )


def source_of(document_id: UUID) -> UUID:
    """What a document that the platform makes is made from."""
    source_id = Document.objects.get(id=document_id).source_id
    assert source_id is not None
    return source_id


def keep_rendered(document: Document, key: vault.CaseKey, content: bytes) -> Document:
    """Keep the content of a document that was planned. The first to come wins: another's content is then used.

    Two workers may render the same document; both make the same bytes, and one row names one file.
    """
    stored = vault.files.write(current().municipality, key, CONTENT_FIELD, content)
    kept = Document.objects.filter(id=document.id, path="").update(
        path=stored.path,
        size=stored.size,
        sha256=key.seal("documents.Document.sha256", stored.sha256, document.id),
        rendered_at=dates.now(),
    )
    if not kept:
        vault.files.remove(current().municipality, stored.path)
    document.refresh_from_db()
    return document


def keep_file(**file: Any) -> Document:
    """Keep a file that came for a case that exists; `file` as `new_file` takes it."""
    document = new_file(**file)
    document.save(force_insert=True)
    return document


def new_file(
    *,
    area: str,
    case_id: UUID,
    key: vault.CaseKey,
    origin: Origin,
    name: str,
    media_type: str,
    content: bytes,
    id: UUID | None = None,
    **more: Any,
) -> Document:
    """A file that came: its content is kept, encrypted before it touches the disk; its row is not saved.

    Args:
        media_type: as found by inspecting the content, never as declared by whoever sent it.
        more: other columns of the row.
    """
    stored = vault.files.write(current().municipality, key, CONTENT_FIELD, content)
    document_id = id or uuid7()
    return Document(
        id=document_id,
        area=area,
        case_id=case_id,
        origin=origin,
        title=key.seal("documents.Document.title", name, document_id),
        file_name=key.seal("documents.Document.file_name", name, document_id),
        media_type=media_type,
        size=stored.size,
        sha256=key.seal("documents.Document.sha256", stored.sha256, document_id),
        path=stored.path,
        **{"rendered_at": dates.now(), **more},
    )


def read_content(document: Document, key: vault.CaseKey) -> bytes:
    """The file's bytes, opened. Raises vault.CannotOpen when the stored file was changed."""
    return vault.files.read(current().municipality, key, CONTENT_FIELD, document.path)
