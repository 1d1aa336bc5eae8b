"""Reading what is kept about a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from allmenning import vault
from allmenning.tenancy.read_together import Asked

from .inspection import IMAGES
from .models import Document


@dataclass(frozen=True)
class OpenedDocument:
    """A document with its names opened."""

    id: UUID
    title: str
    file_name: str
    media_type: str
    size: int | None
    origin: str
    created_at: datetime
    is_rendered: bool

    @property
    def is_image(self) -> bool:
        """Whether a preview of it may be drawn."""
        return self.media_type in IMAGES


def open_document(document: Document, key: vault.CaseKey) -> OpenedDocument:
    return OpenedDocument(
        id=document.id,
        title=key.open_text("documents.Document.title", bytes(document.title), document.id),
        file_name=key.open_text("documents.Document.file_name", bytes(document.file_name), document.id),
        media_type=document.media_type,
        size=document.size,
        origin=document.origin,
        created_at=document.created_at,
        is_rendered=document.is_rendered,
    )


def documents_of(case_id: UUID, key: vault.CaseKey) -> list[OpenedDocument]:
    """Every document of a case that the login may see, oldest first."""
    return [open_document(d, key) for d in documents_in(case_id)]


def documents_in(case_id: UUID | Asked) -> QuerySet[Document]:
    """The rows of the same."""
    return Document.objects.filter(case_id=case_id).order_by("created_at", "id")
