"""Drafts and what was submitted. A draft is its writer's alone; a submission never changes."""

from django.db import models

from allmenning.basics import dates
from allmenning.tenancy.models import IndexField, MunicipalModel, SealedField, Walls

# The pointer of a scan of what came on paper: it is attached beside the form, in no field of it.
SCAN = "/_scan"


class Channel(models.TextChoices):
    PORTAL = "portal"
    PHONE = "phone"
    EMAIL = "email"
    PAPER = "paper"
    COUNTER = "counter"
    API = "api"


class Draft(MunicipalModel):
    """A form that is being filled in. Only its writer sees it: a resident, or staff who register for somebody.

    The draft's key becomes the case's key when it is submitted, so attachments need not be encrypted again.
    """

    walls = Walls.own()

    area = models.CharField(max_length=30)
    owner_key = IndexField()
    parent_index = IndexField(null=True)  # of the parent who began it for a child: no other parent sees it
    service = models.SlugField(max_length=60)
    version = models.CharField(max_length=20)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.PORTAL)
    language = models.CharField(max_length=2, default="nb")
    wrapped_key = models.BinaryField()
    content = SealedField()
    page = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=dates.now)
    updated_at = models.DateTimeField(default=dates.now)

    class Meta:
        indexes = [models.Index(fields=["owner_key", "updated_at"], name="drafts_of_owner")]


class Attachment(MunicipalModel):
    """A file that belongs to a draft. On submission it becomes a document of the case."""

    walls = Walls.own()

    area = models.CharField(max_length=30)
    owner_key = IndexField()
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="attachments")
    pointer = models.CharField(max_length=200)
    title = SealedField()
    file_name = SealedField()
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = SealedField()
    path = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=dates.now)


class Submission(MunicipalModel):
    """What was sent, as it was sent, with the form version that it answers.

    Its id is the draft's; of what another system sent, it is made from the system's idempotency key, and `digest` tells
    whether the same key comes with something else.
    """

    walls = Walls.of_area(resident="case", resident_writes=True, append_only=True)

    area = models.CharField(max_length=30)
    case_id = models.UUIDField(unique=True)
    service = models.SlugField(max_length=60)
    version = models.CharField(max_length=20)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    language = models.CharField(max_length=2)
    content = SealedField()
    submitted_by = SealedField()
    submitted_at = models.DateTimeField()
    digest = IndexField(null=True)
