"""What a municipality's administrator sets: units, staff, mandates, absence, delegations, letterhead, services.

Each change is kept with before and after, in the same transaction. Runs as the login `administration`, which sees no
case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.utils import DataError

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import NationalIdentityNumber
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue import package as catalogue_package
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.identity import actions as identity
from allmenning.municipal.access import queries as access
from allmenning.municipal.access.errors import AlreadyThere, OverlappingDates
from allmenning.municipal.access.models import (
    Absence,
    AdministrationChange,
    Delegation,
    Mandate,
    Position,
    Role,
    StaffMember,
    Unit,
    UnitService,
)
from allmenning.municipal.profile.models import AdoptedService, Letterhead
from allmenning.tenancy import current, use


@dataclass(frozen=True)
class Administrator:
    """Who makes the change: an administrator, or the operator at the first one."""

    staff_id: UUID | None
    name: str


M = TypeVar("M", bound=models.Model)

OPERATOR = Administrator(None, "drift")


def add_first_administrator(municipality: str, number: str, name: str) -> StaffMember:
    """The operator makes a municipality's first administrator (`allmenning staff add-administrator`)."""
    with use(municipality, "administration"):
        staff = access.staff_by_number(number) or add_staff(
            OPERATOR, number=number, name=name, title="Administrator", email="", start=dates.today()
        )
        if not access.is_administrator(staff.id):
            add_position(OPERATOR, staff.id, None, Role.ADMINISTRATOR, start=dates.today())
    return staff


def add_unit(by: Administrator, *, name: str, area: str, **details: Any) -> Unit:
    """Raises AlreadyThere when the area has a unit of that name."""
    return _save(by, "add-unit", Unit(name=clean_text(name), area=area, **details))


def change_unit(by: Administrator, unit_id: UUID, **fields: Any) -> Unit:
    return _change(by, "change-unit", Unit.objects.get(id=unit_id), fields)


def route(by: Administrator, service: str, topic: str, unit_id: UUID) -> UnitService:
    """New cases of the service (and topic, if one is given) go to the unit."""
    held = UnitService.objects.filter(service=service, topic=topic).first()
    if held is not None:
        return _change(by, "route", held, {"unit_id": unit_id})
    return _save(by, "route", UnitService(service=service, topic=topic, unit_id=unit_id))


def add_staff(
    by: Administrator, *, number: str, name: str, title: str, email: str, start: date, end: date | None = None
) -> StaffMember:
    """Register somebody as staff; they can then log in. Raises InvalidIdentifier, AlreadyThere, OverlappingDates."""
    parsed = NationalIdentityNumber.parse(number).value
    _in_order(start, end)
    staff = StaffMember(
        subject_index=access.subject_index(parsed),
        name=clean_text(name),
        title=clean_text(title),
        email=email,
        start=start,
        end=end,
    )
    _save(by, "add-staff", staff)
    identity.mark_staff_presence(vault.person_key(f"person:{parsed}"), current().municipality)
    return staff


def change_staff(by: Administrator, staff_id: UUID, **fields: Any) -> StaffMember:
    staff = StaffMember.objects.get(id=staff_id)
    _in_order(fields.get("start", staff.start), fields.get("end", staff.end))
    return _change(by, "change-staff", staff, fields)


def add_position(
    by: Administrator, staff_id: UUID, unit_id: UUID | None, role: str, *, start: date, end: date | None = None
) -> Position:
    """Give somebody a role in a unit. Raises OverlappingDates."""
    _in_order(start, end)
    return _save(by, "add-position", Position(staff_id=staff_id, unit_id=unit_id, role=role, start=start, end=end))


def end_position(by: Administrator, position_id: UUID, end: date) -> Position:
    position = Position.objects.get(id=position_id)
    _in_order(position.start, end)
    return _change(by, "end-position", position, {"end": end})


def add_mandate(
    by: Administrator, staff_id: UUID, home_municipality: str, source: str, *, start: date, end: date | None
) -> Mandate:
    """Another municipality's staff may act here for a time, by a written agreement named in `source`."""
    _in_order(start, end)
    mandate = Mandate(
        staff_id=staff_id, home_municipality=home_municipality, source=clean_text(source), start=start, end=end
    )
    return _save(by, "add-mandate", mandate)


def end_mandate(by: Administrator, mandate_id: UUID, end: date) -> Mandate:
    mandate = Mandate.objects.get(id=mandate_id)
    _in_order(mandate.start, end)
    return _change(by, "end-mandate", mandate, {"end": end})


def add_absence(by: Administrator, staff_id: UUID, substitute_id: UUID | None, start: date, end: date) -> Absence:
    """Somebody is away; the substitute sees and does what they would have."""
    _in_order(start, end)
    return _save(by, "add-absence", Absence(staff_id=staff_id, substitute_id=substitute_id, start=start, end=end))


def remove_absence(by: Administrator, absence_id: UUID) -> None:
    _remove(by, "remove-absence", Absence.objects.get(id=absence_id))


def delegate(
    by: Administrator,
    *,
    service: str,
    outcome: str,
    role: str,
    second_person: bool,
    source: str,
    start: date,
    end: date | None = None,
) -> Delegation:
    """Say who may decide what: the municipality's own rule goes before the folder's proposal."""
    _in_order(start, end)
    row = Delegation(
        service=service,
        outcome=outcome,
        role=role,
        second_person=second_person,
        source=clean_text(source),
        start=start,
        end=end,
    )
    return _save(by, "delegate", row)


def end_delegation(by: Administrator, delegation_id: UUID, end: date) -> Delegation:
    row = Delegation.objects.get(id=delegation_id)
    _in_order(row.start, end)
    return _change(by, "end-delegation", row, {"end": end})


def set_letterhead(by: Administrator, **fields: Any) -> Letterhead:
    """Name, address, contact details and logo on letters and pages. `logo` is a PNG made by letters.prepare_logo."""
    held = Letterhead.objects.first()
    if held is None:
        return _save(by, "set-letterhead", Letterhead(**fields))
    return _change(by, "set-letterhead", held, fields)


def adopt(by: Administrator, service: str, version: str, values: Mapping[str, Any]) -> AdoptedService:
    """Offer a published version of a service with the municipality's own values. Raises InvalidAdjustment."""
    package = catalogue.service_version(service, version)
    for name, value in values.items():
        catalogue_package.check_adjustment(package, name, value, on=dates.today())
    fields = {"version": version, "values": dict(values), "active": True}
    held = AdoptedService.objects.filter(service=service).first()
    if held is None:
        return _save(by, "adopt", AdoptedService(service=service, **fields))
    return _change(by, "adopt", held, fields)


def stop_offering(by: Administrator, service: str) -> AdoptedService:
    """New applications are refused; running cases go on."""
    return _change(by, "stop-offering", AdoptedService.objects.get(service=service), {"active": False})


def changes(limit: int = 100) -> list[AdministrationChange]:
    """What administrators changed, newest first."""
    return list(AdministrationChange.objects.order_by("-at")[:limit])


def _in_order(start: date, end: date | None) -> None:
    if end is not None and end < start:
        raise OverlappingDates()


def _save(by: Administrator, action: str, row: M) -> M:
    return _write(by, action, row, before={})


def _change(by: Administrator, action: str, row: M, fields: Mapping[str, Any]) -> M:
    before = _shown(row)
    for name, value in fields.items():
        setattr(row, name, clean_text(value) if isinstance(value, str) else value)
    return _write(by, action, row, before=before)


def _write(by: Administrator, action: str, row: M, *, before: Mapping[str, Any]) -> M:
    try:
        with transaction.atomic():
            row.full_clean(validate_unique=False, validate_constraints=False)
            row.save()
            _note(by, action, row, before, _shown(row))
    except (IntegrityError, DataError):
        raise AlreadyThere() from None
    return row


def _remove(by: Administrator, action: str, row: models.Model) -> None:
    with transaction.atomic():
        _note(by, action, row, _shown(row), {})
        row.delete()


def _note(
    by: Administrator, action: str, row: models.Model, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    AdministrationChange.objects.create(
        staff_id=by.staff_id,
        staff_name=by.name,
        action=action,
        object_kind=row._meta.model_name or "",
        object_id=row.pk,
        before={k: v for k, v in before.items() if after.get(k) != v},
        after={k: v for k, v in after.items() if before.get(k) != v},
    )


def _shown(row: models.Model) -> dict[str, Any]:
    """A row as the log of changes keeps it; files and indexes as a word only."""
    shown: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(value, bytes | memoryview):
            value = "…"
        shown[field.attname] = value if isinstance(value, bool | int | dict | list | None.__class__) else str(value)
    return shown
