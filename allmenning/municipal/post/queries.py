"""Reading what was sent and received, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from allmenning import vault
from allmenning.basics import dates
from allmenning.tenancy.read_together import Asked

from .models import Delivery, Message, Outbox

MANY = 4  # failures: the waits between them are some ten minutes together


@dataclass(frozen=True)
class OpenedMessage:
    """A message with its text opened."""

    id: UUID
    case_id: UUID
    kind: str
    direction: str
    title: str
    body: str
    document_id: UUID | None
    staff_name: str
    sent_at: datetime
    read_at: datetime | None
    answer_due: date | None
    answers_id: UUID | None
    is_answered: bool
    participant_id: UUID | None = None


def open_message(message: Message, key: vault.CaseKey, answered: frozenset[UUID] = frozenset()) -> OpenedMessage:
    return OpenedMessage(
        id=message.id,
        case_id=message.case_id,
        kind=message.kind,
        direction=message.direction,
        title=key.open_text("post.Message.title", bytes(message.title), message.id),
        body=key.open_text("post.Message.body", bytes(message.body), message.id),
        document_id=message.document_id,
        staff_name=message.staff_name,
        sent_at=message.sent_at,
        read_at=message.read_at,
        answer_due=message.answer_due,
        answers_id=message.answers_id,
        is_answered=message.id in answered,
        participant_id=message.participant_id,
    )


def messages_of(case_id: UUID, key: vault.CaseKey) -> list[OpenedMessage]:
    """What was said in a case, oldest first."""
    return open_messages(list(messages_in(case_id)), key)


def messages_in(case_id: UUID | Asked) -> QuerySet[Message]:
    """The rows of the same."""
    return Message.objects.filter(case_id=case_id).order_by("sent_at", "id")


def open_messages(rows: Sequence[Message], key: vault.CaseKey) -> list[OpenedMessage]:
    """All messages of a case with their texts opened."""
    answered = frozenset(row.answers_id for row in rows if row.answers_id)
    return [open_message(row, key, answered) for row in rows]


def open_question(case_id: UUID) -> Message | None:
    """The question that waits for the resident's answer, if there is one."""
    asked = Message.objects.filter(case_id=case_id, kind=Message.Kind.QUESTION, answered_by__isnull=True)
    return asked.order_by("sent_at").last()


def deliveries_in(case_id: UUID | Asked) -> QuerySet[Delivery]:
    """How the messages of a case were brought, oldest first."""
    return Delivery.objects.filter(case_id=case_id).order_by("created_at", "id")


def due_outbox(limit: int = 100, after: Outbox | None = None) -> list[Outbox]:
    """What remains to be done in this area now, oldest first; `after` that row, in the same order."""
    waiting = _due()
    if after is not None:
        # As one comparison of pairs it would not use the index on not_before.
        later = Q(not_before=after.not_before, id__gt=after.id) | Q(not_before__gt=after.not_before)
        waiting = waiting.filter(later, not_before__gte=after.not_before)
    return list(waiting.order_by("not_before", "id")[:limit])


def held(row_id: UUID) -> Outbox | None:
    """A row, locked until commit; None when another worker holds it, has done it, or failed at it a moment ago."""
    return _due().select_for_update(skip_locked=True).filter(id=row_id).first()


def failing(late: timedelta) -> QuerySet[Outbox]:
    """What remains to be done in this area, has failed MANY times, or has waited longer than `late`."""
    is_stuck = Q(attempts__gte=MANY) | Q(created_at__lt=dates.now() - late)
    return Outbox.objects.filter(is_stuck, done_at__isnull=True)


def _due() -> QuerySet[Outbox]:
    return Outbox.objects.filter(done_at__isnull=True, not_before__lte=dates.now())


def document_of(message_id: UUID) -> UUID | None:
    """The document that holds a message's text."""
    return Message.objects.values_list("document_id", flat=True).filter(id=message_id).first()
