"""Records and journal, as Noark 5 v5.0 names them. Written in the same transaction as what they record.

A document description points at a `documents.Document`, which is its document object (file, format, size, checksum).
"""

from django.db import models

from allmenning.tenancy.models import MunicipalModel, SealedField, Walls


class CaseFile(MunicipalModel):
    """Saksmappe: everything recorded about one case. Year and sequence are the case's number (M011, M012)."""

    numbered_by = "case"
    walls = Walls.of_area(
        resident="case",
        resident_writes=True,
        resident_adds="status = 'Under behandling' and closed_at is null",
        resident_changes=("status", "closed_at"),
        changes=("status", "closed_at", "public_title"),
    )

    area = models.CharField(max_length=30)
    case_id = models.UUIDField(unique=True)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    title = SealedField()
    public_title = models.CharField(max_length=200)
    status = models.CharField(max_length=30, default="Under behandling")
    case_date = models.DateField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "year", "sequence"], name="case_file_number")]


class RegistryEntry(MunicipalModel):
    """Journalpost: one incoming, outgoing or internal document in the journal (M013 year, M014 sequence)."""

    numbered_by = "registry"

    class Kind(models.TextChoices):
        INCOMING = "Inngående dokument"
        OUTGOING = "Utgående dokument"
        INTERNAL = "Organinternt dokument uten oppfølging"

    walls = Walls.of_area(
        resident="case",
        resident_writes=True,
        resident_adds="kind = 'Inngående dokument' and signed_off_by_id is null",
        changes=("status", "public_title", "screening", "signed_off_by_id", "sign_off_code"),
    )

    area = models.CharField(max_length=30)
    case_id = models.UUIDField(db_index=True)
    case_file = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="entries")
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=40, choices=Kind.choices)
    status = models.CharField(max_length=30, default="Journalført")
    title = SealedField()
    public_title = models.CharField(max_length=200)
    correspondent = SealedField()
    screening = models.CharField(max_length=120, blank=True)
    document_date = models.DateField()
    registered_at = models.DateTimeField()
    signed_off_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="signs_off")
    sign_off_code = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "year", "sequence"], name="registry_number")]
        indexes = [models.Index(fields=["area", "registered_at"], name="journal_by_time")]


class DocumentDescription(MunicipalModel):
    """Dokumentbeskrivelse: what a document of a registry entry is; main document or attachment (M217)."""

    class AttachedAs(models.TextChoices):
        MAIN = "Hoveddokument"
        ATTACHMENT = "Vedlegg"

    walls = Walls.of_area(resident="case", resident_writes=True, changes=("status",))

    area = models.CharField(max_length=30)
    case_id = models.UUIDField()
    entry = models.ForeignKey(RegistryEntry, on_delete=models.PROTECT, related_name="descriptions")
    document_id = models.UUIDField()
    document_type = models.CharField(max_length=40)
    attached_as = models.CharField(max_length=20, choices=AttachedAs.choices)
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=40, default="Dokumentet er ferdigstilt")
