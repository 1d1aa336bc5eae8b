"""Reading the journal."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from allmenning.tenancy.read_together import Asked

from .models import CaseFile, RegistryEntry


def case_file_of(case_id: UUID) -> CaseFile:
    return CaseFile.objects.get(case_id=case_id)


def entries_in(case_id: UUID | Asked) -> QuerySet[RegistryEntry]:
    """The registry entries of a case, oldest first."""
    return RegistryEntry.objects.filter(case_id=case_id).order_by("registered_at", "id")


def entries_with(document_id: UUID | None) -> list[RegistryEntry]:
    """The entries by which a document was registered."""
    return list(RegistryEntry.objects.filter(descriptions__document_id=document_id)) if document_id else []


def unanswered_entries(case_id: UUID) -> list[RegistryEntry]:
    """Incoming entries that nothing has signed off yet."""
    incoming = RegistryEntry.objects.filter(case_id=case_id, kind=RegistryEntry.Kind.INCOMING)
    return list(incoming.filter(signed_off_by__isnull=True, sign_off_code=""))
