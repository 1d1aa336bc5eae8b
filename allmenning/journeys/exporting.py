"""A large export of a resident's own data: ordered, followed, and downloaded for some days by the resident alone.

Each municipality makes its own (`making_exports`, a worker's), in ZIPs that are sealed with a key of the export's alone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import DatabaseError, transaction

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import uuid7
from allmenning.commons.identity import queries as identity
from allmenning.commons.identity.sessions import Resident
from allmenning.municipal.people.models import Export, ExportPart
from allmenning.municipal.people.representing import AREA
from allmenning.tenancy import current
from allmenning.vault import files

from .errors import OnlyOwnData
from .representing import working_for

log = logging.getLogger(__name__)

KEPT_DAYS = 7
MOST_TRIES = 5
FIELD = "people.ExportPart.path"


class NoSuchExport(AllmenningError):
    """This export is not here any more. Ask for a new one."""


@dataclass(frozen=True)
class Part:
    """One file of an export that is ready. `size` in bytes."""

    number: int
    size: int


@dataclass(frozen=True)
class Held:
    """An export of one municipality. Not ready: it is being made; `failed`: it could not be, and is asked for anew."""

    municipality: str
    id: UUID
    is_ready: bool
    failed: bool
    last_day: date | None
    parts: Sequence[Part]


@dataclass(frozen=True)
class Ordered:
    """In which municipalities an export is being made now, and which could not be asked."""

    made_in: list[str]
    away: list[str]


def order(resident: Resident, language: str) -> Ordered:
    """Have the export made, in each municipality where the resident has something and none is waiting or kept.

    Raises OnlyOwnData.
    """
    ordered = Ordered([], [])
    for municipality in _municipalities_of(resident):
        try:
            with working_for(municipality, resident), transaction.atomic():
                standing = [each for each in _held() if not each.failed]
                if not standing:
                    _order(resident, language)
        except (DatabaseError, AllmenningError):
            log.warning("an export of %s could not be ordered", municipality, exc_info=True)
            ordered.away.append(municipality)
        else:
            if not all(each.is_ready for each in standing) or not standing:
                ordered.made_in.append(municipality)
    return ordered


def _order(resident: Resident, language: str) -> None:
    municipality, row_id = current().municipality, uuid7()
    Export.objects.create(
        id=row_id,
        owner_key=resident.keys(municipality)[0],
        number=vault.seal(municipality, AREA, f"people.Export.number:{row_id}", resident.number),
        name=vault.seal(municipality, AREA, f"people.Export.name:{row_id}", resident.name),
        language=language,
        wrapped_key=vault.new_case_key(municipality, AREA)[1],
    )


def held(resident: Resident) -> list[Held]:
    """The resident's exports that wait or are kept, and those that failed lately, in every municipality."""
    found: list[Held] = []
    for municipality in _municipalities_of(resident):
        with suppress(DatabaseError, AllmenningError), working_for(municipality, resident):
            found += _held()
    return found


def _municipalities_of(resident: Resident) -> list[str]:
    if resident.acts_for_another:
        raise OnlyOwnData()
    return identity.municipalities_of(resident.person_key)


def _held() -> list[Held]:
    rows = [row for row in Export.objects.order_by("asked_at") if row.last_day is None or row.last_day >= dates.today()]
    parts = ExportPart.objects.filter(export__in=rows).order_by("number") if rows else ()
    of_export: dict[UUID, list[Part]] = {}
    for part in parts:
        of_export.setdefault(part.export_id, []).append(Part(part.number, part.size))
    municipality = current().municipality
    found = [
        Held(
            municipality,
            row.id,
            row.ready_at is not None,
            row.ready_at is None and row.attempts >= MOST_TRIES,
            row.last_day,
            of_export.get(row.id, []),
        )
        for row in rows
    ]
    return [each for each in found if not each.failed] or found[-1:]  # what failed, until it is asked for again


def download(resident: Resident, export_id: UUID, number: int) -> bytes:
    """A part of an export that is ready, for the resident alone. Ask inside `working_for`.

    Raises OnlyOwnData, NoSuchExport; what `vault.files.read` raises.
    """
    if resident.acts_for_another:
        raise OnlyOwnData()
    kept = Export.objects.filter(id=export_id, ready_at__isnull=False, last_day__gte=dates.today()).first()
    part = ExportPart.objects.filter(export=export_id, number=number).first()
    if kept is None or part is None:
        raise NoSuchExport()
    municipality = current().municipality
    key = vault.open_case_key(municipality, AREA, bytes(kept.wrapped_key))
    return files.read(municipality, key, FIELD, part.path)
