"""What a letter is made of besides its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Letterhead:
    """Who writes. `logo` is a PNG made by `prepare_logo`; `colour` is `#rrggbb`, used for the rule under the name."""

    municipality: str
    unit: str = ""
    address: Sequence[str] = ()
    phone: str = ""
    email: str = ""
    website: str = ""
    organisation_number: str = ""
    logo: bytes | None = None
    colour: str = "#1f3a5f"


@dataclass(frozen=True)
class Signer:
    """A person who approved the letter."""

    name: str
    title: str = ""


@dataclass(frozen=True)
class Metadata:
    """A letter's facts. `date` is also the file's date, so the same input gives the same bytes.

    `recipient` is the name and address, line by line: all that shows in a window envelope. `title` is used only when
    the template has none. `exempt` is the law that exempts the letter from public access. `is_approved`: whether it says that
    somebody has approved it electronically; a paper that is put before others to decide says nothing of the kind.
    """

    date: date
    reference: str
    recipient: Sequence[str]
    title: str = ""
    your_reference: str = ""
    handler: str = ""
    signers: Sequence[Signer] = ()
    enclosures: Sequence[str] = ()
    copies: Sequence[str] = ()
    exempt: str = ""
    is_approved: bool = True


@dataclass(frozen=True)
class FieldTable:
    """A field's value that is printed as a table: a calculation. A field with one stands alone in its paragraph.

    align: left or right, for each column; without it the first is left and the others are right, as amounts are.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    align: Sequence[str] = ()


@dataclass(frozen=True)
class Row:
    """One answered question. `source` says which register the answer came from, and when."""

    label: str
    text: str
    source: str = ""


@dataclass(frozen=True)
class Section:
    """A page of the form, as it was answered. A row may also be a plain `(label, text)` or `(label, text, source)`."""

    title: str
    rows: Sequence[Row | tuple[str, ...]]


@dataclass(frozen=True)
class AttachedFile:
    """A file that came with the submission: its name, size in bytes, and SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class SubmissionMetadata:
    """When and by whom something was sent. `received_at` has a zone."""

    received_at: datetime
    receipt_number: str = ""
    case_number: str = ""
    submitted_by: str = ""
    on_behalf_of: str = ""
    channel: str = ""
    form_version: str = ""
