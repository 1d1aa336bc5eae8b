"""Who may act for a resident here: writing and reading the rows of it, with their sealed names and numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import uuid7
from allmenning.tenancy import current

from .models import Representation

AREA = "resident"  # the vault's key: of no service area, since no staff reads these rows
Kind = Representation.Kind
_SEALED = ("represented_number", "represented_name", "representative_number", "representative_name")


class NoSuchRepresentation(AllmenningError):
    """This power of attorney is not there, or has ended already."""


@dataclass(frozen=True)
class Party:
    """One of the two: an identity number and a name."""

    number: str
    name: str

    @property
    def key(self) -> bytes:
        """By which they find their rows in the municipality at hand."""
        return vault.resident_key(current().municipality, "person", self.number)


@dataclass(frozen=True)
class Opened:
    """A representation with its names opened. `municipality` is where it holds."""

    id: UUID
    municipality: str
    kind: str
    scope: tuple[str, ...]
    represented: Party
    representative: Party
    given_at: datetime
    last_day: date | None
    ended_at: datetime | None

    def holds_on(self, day: date) -> bool:
        return self.ended_at is None and (self.last_day is None or day <= self.last_day)

    @property
    def holds(self) -> bool:
        return self.holds_on(dates.today())


def write(
    kind: Kind, represented: Party, representative: Party, scope: Iterable[str], last_day: date | None = None
) -> Representation:
    """Write that one may act for the other. The database takes it from the represented resident's connection alone.

    Args:
        scope: areas, and services of areas as `ordinary/inquiry`.
        last_day: inclusive; a power of attorney must have one.
    """
    row = Representation(
        id=uuid7(),
        owner_key=represented.key,
        representative_key=representative.key,
        kind=kind,
        scope=sorted(set(scope)),
        last_day=last_day,
    )
    values = (represented.number, represented.name, representative.number, representative.name)
    for field, value in zip(_SEALED, values, strict=True):
        setattr(row, field, vault.seal(current().municipality, AREA, _context(field, row.id), value))
    row.save(force_insert=True)
    return row


def end(representation_id: UUID) -> None:
    """End it at once, for the represented resident. Raises NoSuchRepresentation, also when it is somebody else's."""
    found = Representation.objects.filter(id=representation_id, ended_at__isnull=True)
    if not found.update(ended_at=dates.now()):
        raise NoSuchRepresentation()


def given(key: bytes) -> list[Opened]:
    """Everything by which others may, or might, act for the resident with this key; newest first."""
    return opened(Representation.objects.filter(owner_key=key).order_by("-given_at"))


def held(key: bytes) -> list[Opened]:
    """By what the resident with this key may, or might, act for others today; newest first.

    A power of attorney that is here holds. A guardian's row tells that they have acted; the register knows whether they may.
    """
    rows = Representation.objects.filter(representative_key=key, ended_at__isnull=True).exclude(kind=Kind.PARENT)
    return opened(rows.filter(_holds_on(dates.today())).order_by("-given_at"))


def ever_held(key: bytes) -> list[Opened]:
    """Everything by which the resident with this key may act for others, or might once; newest first."""
    return opened(Representation.objects.filter(representative_key=key).order_by("-given_at"))


def standing(representation_id: UUID, representative_key: bytes) -> Opened | None:
    """A power of attorney that this representative holds today; None when it is ended, run out, or not theirs."""
    rows = Representation.objects.filter(id=representation_id, representative_key=representative_key)
    return next(iter(opened(rows.filter(_holds_on(dates.today()), ended_at__isnull=True))), None)


def _holds_on(day: date) -> Q:
    return Q(last_day__isnull=True) | Q(last_day__gte=day)


def opened(rows: Iterable[Representation]) -> list[Opened]:
    """The rows with their names and numbers opened."""
    return [_opened(row) for row in rows]


def _opened(row: Representation) -> Opened:
    values = [
        vault.open_text(current().municipality, AREA, _context(field, row.id), bytes(getattr(row, field)))
        for field in _SEALED
    ]
    return Opened(
        id=row.id,
        municipality=current().municipality,
        kind=row.kind,
        scope=tuple(row.scope),
        represented=Party(values[0], values[1]),
        representative=Party(values[2], values[3]),
        given_at=row.given_at,
        last_day=row.last_day,
        ended_at=row.ended_at,
    )


def by_law(kind: Kind, represented: Party, representative: Party, scope: Sequence[str]) -> tuple[UUID, bool]:
    """The row of a parent or a guardian who acts here, and whether it is new: the first, or the law gives another scope."""
    here = Representation.objects.filter(
        owner_key=represented.key, representative_key=representative.key, kind=kind, ended_at__isnull=True
    )
    row = here.order_by("-given_at").first()
    if row is not None and row.scope == sorted(set(scope)):
        return row.id, False
    here.update(ended_at=dates.now())
    return write(kind, represented, representative, scope).id, True


def parent_index(representative_key: bytes) -> bytes:
    """The mark of what this parent begins for a child: the same each time they come, and no key to any row.

    A hash of a keyed index that nobody can guess, so that what stands in the log of earlier cases gives it too.
    """
    return hashlib.sha256(b"parent" + representative_key).digest()


def _context(field: str, row_id: UUID) -> str:
    return f"people.Representation.{field}:{row_id}"
