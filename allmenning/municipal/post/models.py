"""Everything sent and received about a case, with its delivery state, and what remains to be done."""

from django.db import models
from django.db.models import Q

from allmenning.basics import dates
from allmenning.tenancy.models import IndexField, MunicipalModel, SealedField, Walls


class Message(MunicipalModel):
    """Something said between the municipality and the resident: a letter, a question, an answer, more documents.

    participant_id, party_key: to or from another party of the case than who sent it, who alone of residents reads it.
    answer_due: by when a question is to be answered; in a letter to such a party, the last day that it can be appealed.
    """

    class Kind(models.TextChoices):
        LETTER = "letter"
        QUESTION = "question"
        PRELIMINARY_REPLY = "preliminary-reply"
        ANSWER = "answer"
        MORE_DOCUMENTS = "more-documents"
        APPEAL = "appeal"
        WITHDRAWAL = "withdrawal"
        FOLLOW_UP = "follow-up"
        EMERGENCY = "emergency"
        ACCESS_REQUEST = "access-request"

    class Direction(models.TextChoices):
        IN = "in"
        OUT = "out"

    walls = Walls.of_area(
        resident="case",
        resident_writes=True,
        resident_adds="direction = 'in' and staff_name = '' and read_at is null",
        resident_changes=("read_at",),
        resident_changes_if="direction = 'out'",
        resident_party="party_key",
        changes=("read_at",),
    )

    area = models.CharField(max_length=30)
    case_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    title = SealedField()
    body = SealedField()
    document_id = models.UUIDField(null=True)
    staff_name = models.CharField(max_length=120, blank=True)
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    answer_due = models.DateField(null=True)
    participant_id = models.UUIDField(null=True)
    party_key = IndexField(null=True)
    answers = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="answered_by")

    class Meta:
        indexes = [
            models.Index(fields=["case_id", "sent_at"], name="messages_of_case"),
            models.Index(fields=["party_key"], name="messages_of_party", condition=Q(party_key__isnull=False)),
        ]


class Delivery(MunicipalModel):
    """One attempt to bring a message, or the word that one has come, by one channel. The row is the queue."""

    class Channel(models.TextChoices):
        PORTAL = "portal"
        PRINT = "print"
        EMAIL = "email"
        SMS = "sms"

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DELIVERED = "delivered"
        FAILED = "failed"

    walls = Walls.of_area(resident="case", changes=("state", "reason", "attempts", "sent_at"))

    area = models.CharField(max_length=30)
    case_id = models.UUIDField(db_index=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=dates.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "channel"], name="delivery_once")]
        indexes = [models.Index(fields=["area", "channel", "state"], name="deliveries_waiting")]


class Outbox(MunicipalModel):
    """Something that remains to be done after a commit. Holds ids alone; done once, tried until it is."""

    walls = Walls.of_area(
        resident_writes=True,
        resident_adds="done_at is null and attempts = 0",
        resident_adds_as_party=True,
        changes=("not_before", "attempts", "last_error", "done_at"),
    )

    area = models.CharField(max_length=30)
    case_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=40)
    object_id = models.UUIDField()
    created_at = models.DateTimeField(default=dates.now)
    not_before = models.DateTimeField(default=dates.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="outbox_once")]
        indexes = [models.Index(fields=["area", "not_before"], name="outbox_open", condition=Q(done_at__isnull=True))]


class SystemMessage(MunicipalModel):
    """A message from another system: received once, however often it comes, and answered once.

    What could not be read is kept as it came, sealed and still encrypted to the receiving key, for an operator to look into
    without seeing what it says.
    """

    class State(models.TextChoices):
        TAKEN = "taken"
        DUPLICATE = "duplicate"
        REFUSED = "refused"
        NOTED = "noted"  # about a message of our own, such as that an answer came too late

    walls = Walls.of_area(changes=("answered_at",), changes_if="answered_at is null")

    area = models.CharField(max_length=30)
    box = models.CharField(max_length=60)
    message_id = models.UUIDField()
    sender = models.UUIDField(null=True)
    kind = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.SlugField(max_length=40, blank=True)
    case_id = models.UUIDField(null=True, db_index=True)
    content = SealedField(null=True)
    received_at = models.DateTimeField(default=dates.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "message_id"], name="system_message_once")]
        indexes = [models.Index(fields=["area", "received_at"], name="system_messages_by_time")]


class ReceivingKey(MunicipalModel):
    """A key that other systems encrypt to, of one area. The newest is given out; older ones still open what is on its way."""

    walls = Walls.of_area(append_only=True)

    area = models.CharField(max_length=30)
    certificate = models.TextField()
    private_key = SealedField()
    made_at = models.DateTimeField(default=dates.now)


class OutsideCase(MunicipalModel):
    """A case that another system follows, by its id there, and how much of it has been told.

    `told_revision` is the case's revision when its whole history was last sent; null: never.
    """

    walls = Walls.of_area(changes=("told_revision", "told_at"))

    area = models.CharField(max_length=30)
    case_id = models.UUIDField(unique=True)
    outside_id = models.UUIDField(unique=True)
    reference = models.CharField(max_length=60, blank=True)
    told_revision = models.PositiveIntegerField(null=True)
    told_at = models.DateTimeField(null=True)


class OutsideFile(MunicipalModel):
    """A document of a case that has been handed to another system, by its id there: handed over once."""

    walls = Walls.of_area(append_only=True)

    area = models.CharField(max_length=30)
    case_id = models.UUIDField(db_index=True)
    document_id = models.UUIDField(unique=True)
    outside_id = models.UUIDField()
    sent_at = models.DateTimeField(default=dates.now)
