"""Files and letters that are kept. Content lies encrypted in the file store under the case's key."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from allmenning.basics import dates
from allmenning.tenancy.models import IndexField, MunicipalModel, SealedField, Walls


class Origin(models.TextChoices):
    UPLOADED = "uploaded"
    SUBMISSION = "submission"
    LETTER = "letter"
    SCANNED = "scanned"


class Document(MunicipalModel):
    """One file of a case. A document that the platform makes itself has no path until it is rendered.

    `party_key`: a letter to another party of the case than who sent it, who alone of residents reads it. seen_by: scopes of
    what others are let see (`cases.Consent.sees`).
    Corresponds to Noark's document object (dokumentobjekt): format, size and checksum are here.
    """

    walls = Walls.of_area(
        resident="case",
        resident_if="visible_to_resident",
        resident_writes=True,
        resident_adds="visible_to_resident and origin in ('uploaded', 'submission', 'letter')",
        # Whoever first opens a document that the platform makes keeps what was made; nobody replaces what is kept.
        resident_changes=("path", "size", "sha256", "rendered_at"),
        resident_changes_if="path = ''",
        resident_party="party_key",
        resident_let="seen_by",
        changes=("path", "size", "sha256", "rendered_at"),
        changes_if="path = ''",
    )

    area = models.CharField(max_length=30)
    case_id = models.UUIDField(db_index=True)
    origin = models.CharField(max_length=12, choices=Origin.choices)
    title = SealedField()
    file_name = SealedField()
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField(null=True)
    sha256 = SealedField(null=True)
    path = models.CharField(max_length=200, blank=True)
    source_id = models.UUIDField(null=True)
    visible_to_resident = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=dates.now)
    rendered_at = models.DateTimeField(null=True)
    party_key = IndexField(null=True)
    seen_by = ArrayField(models.SlugField(max_length=80), default=list)

    @property
    def is_rendered(self) -> bool:
        return bool(self.path)
