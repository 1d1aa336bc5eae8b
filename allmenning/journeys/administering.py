"""What a municipality's administrator sets: units, staff, mandates, absence, delegations, letterhead, services.

Each change is kept with before and after, in the same transaction. Runs as the login `administration`, which sees no
case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.utils import DataError

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import NationalIdentityNumber
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue import package as catalogue_package
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.identity import actions as identity
from allmenning.letters import prepare_logo
from allmenning.municipal.access import queries as access
from allmenning.municipal.access.errors import (
    AlreadyHolds,
    AlreadyStaff,
    AlreadyThere,
    LastAdministrator,
    NotOwnMunicipality,
    NotValid,
    OverlappingDates,
    OwnSubstitute,
    SourceMissing,
    UnitInUse,
    UnitMissing,
    UnitOfAnotherArea,
)
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

from . import offered
from .offering import publish_after_commit


@dataclass(frozen=True)
class Administrator:
    """Who makes the change: an administrator, or the operator at the first one."""

    staff_id: UUID | None
    name: str


M = TypeVar("M", bound=models.Model)

OPERATOR = Administrator(None, "drift")


def add_first_administrator(municipality: str, number: str, name: str) -> StaffMember:
    """The operator makes a municipality's first administrator (`allmenning staff add-administrator`).

    Again is harmless; one who has left is taken on again, from today. Raises InvalidIdentifier.
    """
    with use(municipality, "administration"), transaction.atomic():
        index = access.subject_index(NationalIdentityNumber.parse(number).value)
        staff = StaffMember.objects.filter(subject_index=index).first()
        if staff is None:
            staff = add_staff(OPERATOR, number=number, name=name, title="", email="", start=dates.today())
        elif access.staff_by_number(number) is None:
            staff = change_staff(OPERATOR, staff.id, start=min(staff.start, dates.today()), end=None)
        if not access.is_administrator(staff.id):
            add_position(OPERATOR, staff.id, None, Role.ADMINISTRATOR, start=dates.today())
    return staff


def add_unit(by: Administrator, *, name: str, area: str, **details: Any) -> Unit:
    """Raises AlreadyThere when the area has a unit of that name, NotValid for a kind that no service knows."""
    _require_known_kind(details)
    return save_row(by, "add-unit", Unit(name=clean_text(name), area=area, **details))


def _require_known_kind(fields: Mapping[str, Any]) -> None:
    if fields.get("kind", "") not in {"", *catalogue_package.UNIT_KINDS}:
        raise NotValid(fields={"kind": ["No service knows this kind of unit."]})


def change_unit(by: Administrator, unit_id: UUID, **fields: Any) -> Unit:
    """Raises AlreadyThere, NotValid, and UnitInUse when a unit that cases still go to would be closed."""
    _require_known_kind(fields)
    unit = Unit.objects.get(id=unit_id)
    if fields.get("active") is False and unit.active and unit.services.exists():
        raise UnitInUse()
    return change_row(by, "change-unit", unit, fields)


def route(by: Administrator, service: str, topic: str, unit_id: UUID) -> UnitService:
    """New cases of the service (and topic, if one is given) go to the unit. Raises UnitOfAnotherArea."""
    if not Unit.objects.filter(id=unit_id, area=catalogue.published(service).area).exists():
        raise UnitOfAnotherArea()
    held = UnitService.objects.filter(service=service, topic=topic).first()
    if held is not None:
        return change_row(by, "route", held, {"unit_id": unit_id})
    return save_row(by, "route", UnitService(service=service, topic=topic, unit_id=unit_id))


def stop_routing(by: Administrator, service: str, topic: str) -> None:
    """New cases of the topic go where the service's other cases go."""
    held = UnitService.objects.filter(service=service, topic=topic).first()
    if held is not None:
        _remove(by, "stop-routing", held)


def add_staff(
    by: Administrator, *, number: str, name: str, title: str, email: str, start: date, end: date | None = None
) -> StaffMember:
    """Register somebody as staff; they can then log in. Raises InvalidIdentifier, AlreadyStaff, OverlappingDates."""
    parsed = NationalIdentityNumber.parse(number).value
    _in_order(start, end)
    if StaffMember.objects.filter(subject_index=access.subject_index(parsed)).exists():
        raise AlreadyStaff()
    staff = StaffMember(
        subject_index=access.subject_index(parsed),
        name=clean_text(name),
        title=clean_text(title),
        email=email,
        start=start,
        end=end,
    )
    save_row(by, "add-staff", staff)
    identity.mark_staff_presence(vault.person_key(f"person:{parsed}"), current().municipality)
    return staff


def change_staff(by: Administrator, staff_id: UUID, **fields: Any) -> StaffMember:
    """Raises OverlappingDates, NotValid, LastAdministrator."""
    staff = StaffMember.objects.get(id=staff_id)
    start, end = fields.get("start", staff.start), fields.get("end", staff.end)
    _in_order(start, end)
    with _leaving_an_administrator(end):
        return change_row(by, "change-staff", staff, fields)


def add_position(
    by: Administrator, staff_id: UUID, unit_id: UUID | None, role: str, *, start: date, end: date | None = None
) -> Position:
    """Give somebody a role in a unit. The administrator's role is of no unit.

    Raises OverlappingDates, UnitMissing, and AlreadyHolds when they have that role there on some of the days.
    """
    _in_order(start, end)
    unit_id = None if role == Role.ADMINISTRATOR else unit_id
    if unit_id is None and role != Role.ADMINISTRATOR:
        raise UnitMissing()
    if Position.objects.filter(_overlaps(start, end), staff=staff_id, unit=unit_id, role=role).exists():
        raise AlreadyHolds()
    return save_row(by, "add-position", Position(staff_id=staff_id, unit_id=unit_id, role=role, start=start, end=end))


def end_position(by: Administrator, position_id: UUID, end: date) -> Position:
    """Raises OverlappingDates, LastAdministrator."""
    position = Position.objects.get(id=position_id)
    _in_order(position.start, end)
    with _leaving_an_administrator(end):
        return change_row(by, "end-position", position, {"end": end})


@contextmanager
def _leaving_an_administrator(end: date | None) -> Iterator[None]:
    """Undo and refuse a change that takes away the last administrator, today or on the day after an end date.

    Raises LastAdministrator.
    """
    today = dates.today()
    days = {today, max(today, end + timedelta(days=1)) if end else today}
    covered = [day for day in days if access.has_administrator(day)]
    with transaction.atomic():
        yield
        if not all(access.has_administrator(day) for day in covered):
            raise LastAdministrator()


def add_mandate(
    by: Administrator, staff_id: UUID, home_municipality: str, source: str, *, start: date, end: date | None
) -> Mandate:
    """Another municipality's staff may act here for a time, by a written agreement named in `source`.

    Raises OverlappingDates, SourceMissing, NotOwnMunicipality, AlreadyHolds.
    """
    _in_order(start, end)
    if not source.strip():
        raise SourceMissing()
    if home_municipality == current().municipality:
        raise NotOwnMunicipality()
    if Mandate.objects.filter(_overlaps(start, end), staff=staff_id).exists():
        raise AlreadyHolds()
    mandate = Mandate(
        staff_id=staff_id, home_municipality=home_municipality, source=clean_text(source), start=start, end=end
    )
    return save_row(by, "add-mandate", mandate)


def lend(
    by: Administrator,
    *,
    number: str,
    name: str,
    title: str,
    email: str,
    home_municipality: str,
    source: str,
    unit_id: UUID,
    role: str,
    start: date,
    end: date | None,
) -> Mandate:
    """Let somebody whom another municipality employs act here: register them, their mandate and their role, at once.

    Raises what `add_staff`, `add_mandate` and `add_position` raise, but takes one who has been here before: for as long as the
    mandate lasts, and with no role of before.
    """
    with transaction.atomic():
        known = StaffMember.objects.filter(
            subject_index=access.subject_index(NationalIdentityNumber.parse(number).value)
        ).first()
        staff = known or add_staff(by, number=number, name=name, title=title, email=email, start=start, end=end)
        if known is not None:
            _take_on_again(by, known, start, end)
        mandate = add_mandate(by, staff.id, home_municipality, source, start=start, end=end)
        add_position(by, staff.id, unit_id, role, start=start, end=end)
    return mandate


def _take_on_again(by: Administrator, staff: StaffMember, start: date, end: date | None) -> None:
    """Somebody who has left, or leaves before `end`, is here until then. What they did before they left ended with that."""
    left = staff.end
    if left is None or (end is not None and end <= left):
        return
    if left < start:
        for position in Position.objects.filter(Q(end__isnull=True) | Q(end__gt=left), staff=staff, start__lte=left):
            change_row(by, "end-position", position, {"end": left})
    change_staff(by, staff.id, end=end)


def end_mandate(by: Administrator, mandate_id: UUID, end: date) -> Mandate:
    """Raises OverlappingDates."""
    mandate = Mandate.objects.get(id=mandate_id)
    _in_order(mandate.start, end)
    return change_row(by, "end-mandate", mandate, {"end": end})


def add_absence(by: Administrator, staff_id: UUID, substitute_id: UUID | None, start: date, end: date) -> Absence:
    """Somebody is away; the substitute sees and does what they would have.

    Raises OverlappingDates, OwnSubstitute, AlreadyHolds.
    """
    _in_order(start, end)
    if staff_id == substitute_id:
        raise OwnSubstitute()
    if Absence.objects.filter(_overlaps(start, end), staff=staff_id, substitute=substitute_id).exists():
        raise AlreadyHolds()
    return save_row(by, "add-absence", Absence(staff_id=staff_id, substitute_id=substitute_id, start=start, end=end))


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
    """Say who may decide what: the municipality's own rule goes before the folder's proposal.

    Raises OverlappingDates, SourceMissing, AlreadyHolds.
    """
    _in_order(start, end)
    if not source.strip():
        raise SourceMissing()
    if Delegation.objects.filter(_overlaps(start, end), service=service, outcome=outcome, role=role).exists():
        raise AlreadyHolds()
    row = Delegation(
        service=service,
        outcome=outcome,
        role=role,
        second_person=second_person,
        source=clean_text(source),
        start=start,
        end=end,
    )
    return save_row(by, "delegate", row)


def end_delegation(by: Administrator, delegation_id: UUID, end: date) -> Delegation:
    row = Delegation.objects.get(id=delegation_id)
    _in_order(row.start, end)
    return change_row(by, "end-delegation", row, {"end": end})


def set_letterhead(by: Administrator, **fields: Any) -> Letterhead:
    """Name, address, contact details and logo on letters and pages. `logo` is a PNG made by letters.prepare_logo."""
    held = Letterhead.objects.first()
    if held is None:
        return save_row(by, "set-letterhead", Letterhead(**fields))
    return change_row(by, "set-letterhead", held, fields)


def set_logo(by: Administrator, content: bytes) -> Letterhead:
    """Draw an uploaded logo anew and keep the drawing. Raises UnusableLogo."""
    return set_letterhead(by, logo=prepare_logo(content), logo_type="image/png")


def remove_logo(by: Administrator) -> Letterhead:
    return set_letterhead(by, logo=None, logo_type="")


def adopt(by: Administrator, service: str, version: str, values: Mapping[str, Any]) -> AdoptedService:
    """Offer a published version of a service with the municipality's own values. Raises InvalidAdjustment."""
    package = catalogue.service_version(service, version)
    for name, value in values.items():
        catalogue_package.check_adjustment(package, name, value, on=dates.today())
    fields = {"version": version, "values": dict(values), "active": True}
    held = AdoptedService.objects.filter(service=service).first()
    new = AdoptedService(service=service, **fields)
    adopted = save_row(by, "adopt", new) if held is None else change_row(by, "adopt", held, fields)
    publish_after_commit()
    return adopted


def stop_offering(by: Administrator, service: str) -> AdoptedService:
    """New applications are refused; running cases go on."""
    stopped = change_row(by, "stop-offering", AdoptedService.objects.get(service=service), {"active": False})
    publish_after_commit()
    return stopped


def _in_order(start: date, end: date | None) -> None:
    if end is not None and end < start:
        raise OverlappingDates()


def _overlaps(start: date, end: date | None) -> Q:
    """Rows whose days share at least one with these."""
    begun = Q(start__lte=end) if end is not None else Q()
    return begun & (Q(end__isnull=True) | Q(end__gte=start))


def save_row(by: Administrator, action: str, row: M) -> M:
    """Save a new row and note it. Raises AlreadyThere, NotValid."""
    return _write(by, action, row, before={})


def change_row(by: Administrator, action: str, row: M, fields: Mapping[str, Any]) -> M:
    """Change a row and note what it was. Raises AlreadyThere, NotValid."""
    before = _shown(row)
    for name, value in fields.items():
        setattr(row, name, clean_text(value) if isinstance(value, str) else value)
    return _write(by, action, row, before=before)


def _write(by: Administrator, action: str, row: M, *, before: Mapping[str, Any]) -> M:
    try:
        with transaction.atomic():
            row.full_clean(validate_unique=False, validate_constraints=False)
            row.save()
            after = _shown(row)
            if before != after:
                _note(by, action, row, before, after)
            _ask_again()
    except ValidationError as error:
        raise NotValid(fields=error.message_dict) from None
    except (IntegrityError, DataError):
        raise AlreadyThere() from None
    return row


def _remove(by: Administrator, action: str, row: models.Model) -> None:
    with transaction.atomic():
        _note(by, action, row, _shown(row), {})
        row.delete()
        _ask_again()


def _ask_again() -> None:
    """What this process remembers of what has been set is asked for again once the change is committed."""
    transaction.on_commit(offered.forget)
    transaction.on_commit(access.forget_routes)


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
