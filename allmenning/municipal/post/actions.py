"""Messages, their deliveries, and the outbox of what remains to be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7

from .models import Delivery, Message, Outbox

BACKOFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))


def write_message(
    *,
    area: str,
    case_id: UUID,
    key: vault.CaseKey,
    kind: Message.Kind,
    direction: Message.Direction,
    title: str,
    body: str,
    at: datetime,
    document_id: UUID | None = None,
    staff_name: str = "",
    answer_due: date | None = None,
    answers: Message | None = None,
    participant_id: UUID | None = None,
    party_key: bytes | None = None,
) -> Message:
    """Write something that was said: to or from who sent the case, or another party. It is sealed; `title` never names a sensitive service."""
    message_id = uuid7()
    return Message.objects.create(
        id=message_id,
        area=area,
        case_id=case_id,
        kind=kind,
        direction=direction,
        title=key.seal("post.Message.title", title, message_id),
        body=key.seal("post.Message.body", body, message_id),
        document_id=document_id,
        staff_name=staff_name,
        sent_at=at,
        answer_due=answer_due,
        answers=answers,
        participant_id=participant_id,
        party_key=party_key,
    )


def plan_deliveries(message: Message, channels: Sequence[Delivery.Channel], reason: str = "") -> list[Delivery]:
    """What has to be delivered of a message, by each channel. Delivered by a worker; the row is the queue."""
    return Delivery.objects.bulk_create(
        [
            Delivery(
                id=uuid7(), area=message.area, case_id=message.case_id, message=message, channel=channel, reason=reason
            )
            for channel in channels
        ]
    )


def put_in_outbox(area: str, case_id: UUID | None, *todo: tuple[str, UUID]) -> list[Outbox]:
    """Note what remains to be done after the commit, as (kind, object id) pairs. Noting it again is harmless."""
    return Outbox.objects.bulk_create(remaining(area, case_id, *todo), ignore_conflicts=True)


def remaining(area: str, case_id: UUID | None, *todo: tuple[str, UUID]) -> list[Outbox]:
    """The same rows, not saved."""
    return [Outbox(id=uuid7(), area=area, case_id=case_id, kind=kind, object_id=object_id) for kind, object_id in todo]


def mark_done(row: Outbox) -> None:
    Outbox.objects.filter(id=row.id).update(done_at=dates.now(), last_error="")


def try_again_later(row: Outbox, error: str) -> None:
    """It failed: wait longer each time, at most an hour. `error` is a class name or code, never personal data."""
    wait = BACKOFF[min(row.attempts, len(BACKOFF) - 1)]
    Outbox.objects.filter(id=row.id).update(
        attempts=F("attempts") + 1, not_before=dates.now() + wait, last_error=error[:200]
    )


def try_again_now() -> int:
    """Everything in this area that has failed is due now. Returns how many rows."""
    return Outbox.objects.filter(done_at__isnull=True, attempts__gt=0).update(not_before=dates.now())


def put_back_in_outbox(area: str, case_id: UUID, kind: str, object_id: UUID) -> None:
    """Something is to be done after all, whether its row says that it is done or is not there."""
    put_in_outbox(area, case_id, (kind, object_id))
    Outbox.objects.filter(kind=kind, object_id=object_id).update(done_at=None, not_before=dates.now())


def mark_sent(delivery: Delivery, *, delivered: bool = False) -> None:
    state = Delivery.State.DELIVERED if delivered else Delivery.State.SENT
    Delivery.objects.filter(id=delivery.id).update(state=state, sent_at=dates.now(), attempts=F("attempts") + 1)


def mark_failed(delivery: Delivery, reason: str) -> None:
    """It failed for good; the desk shows it, and a person takes over."""
    Delivery.objects.filter(id=delivery.id).update(
        state=Delivery.State.FAILED, reason=reason[:60], attempts=F("attempts") + 1
    )


def mark_read(message_id: UUID) -> None:
    """The resident opened the message; the first time counts."""
    Message.objects.filter(id=message_id, read_at__isnull=True, direction=Message.Direction.OUT).update(
        read_at=dates.now()
    )
