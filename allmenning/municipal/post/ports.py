"""What this room needs to reach people: e-mail and SMS, as small protocols.

Neither carries content: they say that something has come, never what or from which service.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from allmenning.basics.errors import AllmenningError


class SendingUnavailable(AllmenningError):
    """The message could not be handed over now. Try again later with the same key."""

    channel: str  # "email" or "sms"
    retry_after: int | None = None  # the seconds that the receiver asked us to wait, if it did


class MessageRefused(AllmenningError):
    """The message was refused for good: the address is wrong, or the message is not allowed."""

    channel: str
    reason: str = ""  # the receiver's own code; it never holds the address


@dataclass(frozen=True, slots=True)
class Accepted:
    """That the next link has taken the message over. It is not a proof that anyone got it."""

    message_id: str
    accepted_at: datetime


class EmailSender(Protocol):
    def send(self, *, to: str, subject: str, text: str, idempotency_key: str) -> Accepted:
        """Plain text. The same key always gives the same Message-ID. Raises SendingUnavailable, MessageRefused."""
        ...


class SmsSender(Protocol):
    def send(self, *, to: str, text: str, idempotency_key: str) -> Accepted:
        """`to` in E.164, "+47…". The same key is sent once. Raises SendingUnavailable, MessageRefused."""
        ...
