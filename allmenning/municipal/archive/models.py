"""Records and journal, as Noark 5 v5.0 names them. Written in the same transaction as what they record.

A document description points at a `documents.Document`, which is its document object (file, format, size, checksum).
"""

from django.db import models

from allmenning.basics import dates
from allmenning.tenancy.models import MunicipalModel, SealedField, Walls

MOST_YEARS = 200  # that records are kept before they are disposed of; what is kept longer is preserved


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


class RetentionRule(MunicipalModel):
    """What becomes of a service's records, as an archivist has confirmed it (bevarings- og kassasjonsplan).

    The newest row of a service is the rule; the others are what was the rule. Without one, everything is kept.
    """

    class Rule(models.TextChoices):
        PRESERVE = "preserve"
        DISPOSE = "dispose"

    walls = Walls.of_area(append_only=True)

    area = models.CharField(max_length=30)
    service = models.SlugField(max_length=60)
    rule = models.CharField(max_length=10, choices=Rule.choices)
    years = models.PositiveSmallIntegerField(null=True)  # whole years, after the one in which the case was closed
    source = models.CharField(max_length=300)
    confirmed_at = models.DateTimeField(default=dates.now)
    staff_id = models.UUIDField()
    staff_name = models.CharField(max_length=120)

    class Meta:
        indexes = [models.Index(fields=["area", "service", "confirmed_at"], name="retention_of_service")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rule="preserve", years__isnull=True)
                | models.Q(rule="dispose", years__gte=1, years__lte=MOST_YEARS),
                name="years_to_disposal",
            )
        ]


class Disposal(MunicipalModel):
    """A case that one person proposes to erase (kassere), and another approves, or decides to preserve.

    An approval is of the case as it was closed then, and by the rule as it was then; else it has fallen away.
    """

    class Outcome(models.TextChoices):
        PROPOSED = ""
        APPROVED = "approved"
        PRESERVED = "preserved"
        FALLEN = "fallen"  # approved, and then the case was opened again, or the rule was changed

    walls = Walls.of_area(
        changes=("outcome", "rule_id", "decided_at", "decided_by", "decided_name"), changes_if="outcome = ''"
    )

    area = models.CharField(max_length=30)
    case_id = models.UUIDField(db_index=True)
    rule = models.ForeignKey(RetentionRule, on_delete=models.PROTECT, related_name="+")  # by which it was approved
    proposed_at = models.DateTimeField(default=dates.now)
    proposed_by = models.UUIDField()
    proposed_name = models.CharField(max_length=120)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.PROPOSED, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    decided_name = models.CharField(max_length=120, blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case_id"], condition=~models.Q(outcome="fallen"), name="one_disposal_stands"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="") | models.Q(decided_by__isnull=False), name="disposal_is_decided_by_one"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("proposed_by")),
                name="another_decides_disposal",
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True) | models.Q(outcome="approved"), name="erased_when_approved"
            ),
        ]
