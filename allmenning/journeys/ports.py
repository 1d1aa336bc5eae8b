"""What the journeys need from outside: handing an application over, the log's witnesses, files for registers of the state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from allmenning.basics.errors import AllmenningError


class HandOverUnavailable(AllmenningError):
    """The receiver did not answer. Ask for the receipt by the same key before sending again."""

    receiver: str
    retry_after: int | None = None  # the seconds that the receiver asked us to wait, if it did


class HandOverRefused(AllmenningError):
    """The receiver refused the package as it is. A person must look at why."""

    receiver: str
    reason: str = ""  # the receiver's own code; it never holds personal data


@dataclass(frozen=True, slots=True)
class HousingAllowancePackage:
    """An assisted application, complete and checked: the same content as data and as a PDF that a person can read."""

    municipality: str  # our id, "averoy"
    municipality_number: str  # of today, four digits
    case_number: str
    data: Mapping[str, Any]  # JSON
    pdf: bytes


@dataclass(frozen=True, slots=True)
class HandOverReceipt:
    receipt_id: str
    received_at: datetime
    was_known: bool = False  # this key had been received before, with the same content


class HousingAllowanceHandOver(Protocol):
    """Husbanken has no public API for this: what stands behind the protocol says so on its page."""

    def hand_over(self, package: HousingAllowancePackage, *, idempotency_key: str) -> HandOverReceipt:
        """Sending again with the same key gives the same receipt. Raises HandOverUnavailable, HandOverRefused."""
        ...

    def receipt(self, idempotency_key: str) -> HandOverReceipt | None:
        """What became of an earlier call that timed out; None when it never arrived. Raises HandOverUnavailable."""
        ...


class WitnessAway(AllmenningError):
    """A witness of the log did not answer: {why}."""

    why: str


class LogWitness(Protocol):
    """One who cosigns the heads of our logs. Made of its address: see settings.LOG_WITNESS."""

    def add_checkpoint(self, body: bytes) -> tuple[int, str]:
        """Returns the status and the text of the answer. Raises WitnessAway."""
        ...

    def last_head(self, hashed_origin: str) -> str | None:
        """The last head that it cosigned of the log whose origin has this SHA-256 (hex). Raises WitnessAway."""
        ...


@dataclass(frozen=True, slots=True)
class DatedCode:
    """A code with the day that it is of; an empty one where the day alone is told."""

    on: date
    code: str = ""


@dataclass(frozen=True, slots=True)
class ReportedEntry:
    """Something that is reported of somebody, in the words of `catalogue.state_reports`: a kind, days, and facts as codes.

    follows: the entry that led to it.
    """

    id: UUID
    kind: str
    begun_on: date
    concluded_on: date | None = None
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dated: Mapping[str, tuple[DatedCode, ...]] = field(default_factory=dict)
    follows: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReportedPerson:
    """Whom a file is about. reference: a number that tells nobody who they are. number: empty where it is not known."""

    id: UUID
    reference: str
    begun_on: date
    number: str
    is_unborn: bool
    entries: tuple[ReportedEntry, ...]


@dataclass(frozen=True, slots=True)
class ReportingMunicipality:
    organisation_number: str
    number: str
    name: str


class StateRegister(Protocol):
    """A register of the state that is reported to as files. It is not called: a person uploads what is made."""

    def file(self, person: ReportedPerson, municipality: ReportingMunicipality, at: datetime) -> bytes:
        """The file about one person, in the register's published format, as known at a time."""
        ...
