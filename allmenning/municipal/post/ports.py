"""What this room needs to reach people: e-mail and SMS, as small protocols. And messages of other systems.

E-mail and SMS carry no content: they say that something has come, never what or from which service.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

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


class SystemsUnavailable(AllmenningError):
    """Another system did not answer. Try again later."""

    system: str
    retry_after: int | None = None


class SystemRefused(AllmenningError):
    """Another system did not take what was sent. A person must look at why."""

    system: str
    reason: str = ""  # the receiver's own code; it never holds personal data


class MessageUnreadable(AllmenningError):
    """A message of another system can't be taken as it is: {reason}."""

    reason: str  # a code; nothing of what the message holds


@dataclass(frozen=True, slots=True)
class Box:
    """Where messages for one service of a municipality wait. `key` is its id outside, `service` the service's here."""

    key: str
    service: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message as it waits, unopened. `sent_as` is the sender's own id of it, the same when it is sent again."""

    id: UUID
    kind: str
    sender: UUID | None = None
    sent_as: str = ""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that came in a message. `field` is the question that it answers; empty: it stands beside the form."""

    name: str
    media_type: str
    content: bytes
    field: str = ""
    is_original: bool = False  # the message's own data as it came, valid against its schema


@dataclass(frozen=True, slots=True)
class Read:
    """What a message says, in our form's answers.

    what: a new submission, more documents in a case that the sender follows, or an appeal of its decision.
    unasked: questions of our form that the contract asks nobody. place: the number of the municipality that it is for.
    remarks: what the contract wants a caseworker to see besides.
    follows: the case's id at the sender, and the sender's reference.
    """

    what: Literal["submission", "more", "appeal"]
    place: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    number: str = ""
    name: str = ""
    sent_at: datetime | None = None
    files: Sequence[SentFile] = ()
    unasked: Collection[str] = ()
    unavailable: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    text: str = ""
    follows: UUID | None = None
    reference: str = ""


class SystemMessages(Protocol):
    """Where other systems' messages wait for us, until they are taken away."""

    def boxes(self, municipality: str) -> Sequence[Box]:
        """Those of a municipality."""
        ...

    def waiting(self, municipality: str, box: Box) -> Sequence[Waiting]:
        """The oldest first, some at a time. Raises SystemsUnavailable, SystemRefused."""
        ...

    def is_notice(self, kind: str) -> bool:
        """Whether a message of this kind is about one of ours, and has nothing to open."""
        ...

    def content(self, municipality: str, box: Box, waiting: Waiting) -> bytes:
        """What the message holds, as it came. Raises MessageUnreadable: it is too large; SystemsUnavailable, SystemRefused."""
        ...

    def read(self, box: Box, waiting: Waiting, content: bytes, keys: Sequence[bytes]) -> Read:
        """Open the content with one of our receiving keys (PEM). Raises MessageUnreadable."""
        ...

    def answer(
        self, municipality: str, box: str, message: UUID, kind: str, sender: UUID | None, *, reason: str = ""
    ) -> None:
        """Tell the sender that a message was taken, or why not, as its contract says; `kind` is the message's.

        Sent again, it has the same id. Raises SystemsUnavailable, SystemRefused.
        """
        ...

    def take_away(self, municipality: str, box: Box, waiting: Waiting) -> None:
        """It waits no more. Raises SystemsUnavailable, SystemRefused."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A version of something that is kept in a case and that its party sees, such as a payment or a condition.

    reference: the same for every version. shows: how its kind is shown; `payments` have `amount_ore`, `for`, `receiver`, `account`.
    words: the answers as a reader sees them, by the same names. applicant: their name, as the case has it.
    """

    kind: str
    shows: str
    reference: str
    status: str
    answers: Mapping[str, Any]
    words: Mapping[str, str]
    applicant: str
    starts: date | None = None
    ends: date | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something in a case that whoever follows it from another system may know.

    kind: received, handling, asked, answered, preliminary-reply, decision, kept, done, or not-handled.
    subject: what was decided on, by an id that stays the same. file: the letter's id at the system. kept: what was written.
    """

    kind: str
    at: datetime
    subject: str = ""
    title: str = ""
    outcome: str = ""
    file: UUID | None = None
    due: date | None = None
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A document to be handed to another system."""

    name: str
    media_type: str
    content: bytes


class OutsideStatus(Protocol):
    """Where the applicant follows a case that came from another system."""

    def tells(self, kind: str, shows: str) -> bool:
        """Whether it tells what is kept of a kind: no other is opened for it."""
        ...

    def hand_over(self, municipality: str, case: UUID, file: HandedFile) -> UUID:
        """Put a file where the applicant may read it; gives its id there. Raises SystemsUnavailable, SystemRefused."""
        ...

    def replace(self, municipality: str, case: UUID, history: Sequence[Happening]) -> None:
        """Send the whole history, instead of what was sent before. Raises SystemsUnavailable, SystemRefused."""
        ...
