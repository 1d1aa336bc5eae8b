"""Where somebody who has logged in as staff works: which municipalities and areas they may act for today."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from uuid import UUID

from django.db import DatabaseError

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.identity import offices
from allmenning.commons.identity import queries as identity
from allmenning.commons.identity.offices import OfficeActing
from allmenning.municipal.access import queries as access
from allmenning.municipal.access.errors import NotStaffHere
from allmenning.tenancy import use
from allmenning.tenancy.errors import NotPlaced

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Workplace:
    """One municipality where somebody works, by employment or by a mandate in force.

    `units` has the names of their units by area. `home_municipality` lends them; empty for one's own staff.
    """

    municipality: str
    staff_id: UUID
    name: str
    units: dict[str, list[str]]
    is_administrator: bool
    home_municipality: str = ""


@dataclass(frozen=True)
class Workplaces:
    """`ended`: known there once, but not today. `unreachable`: did not answer; the page names them. `offices`: roles in
    cooperations' own offices."""

    places: list[Workplace] = field(default_factory=list)
    offices: list[OfficeActing] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    unreachable: list[str] = field(default_factory=list)


def workplaces_of(number: str) -> Workplaces:
    """Every municipality that knows this person as staff is asked, one by one, about today."""
    person_key = vault.person_key(f"person:{number}")
    found = Workplaces(offices=offices.roles_of(person_key, dates.today()))
    for municipality in identity.staff_municipalities_of(person_key):
        try:
            place = workplace_in(municipality, number)
        except (DatabaseError, NotPlaced):
            log.warning("%s could not be asked about its staff", municipality, exc_info=True)
            found.unreachable.append(municipality)
            continue
        if place is None:
            found.ended.append(municipality)
        else:
            found.places.append(place)
    return found


def workplace_in(municipality: str, number: str) -> Workplace | None:
    """What this person may be there today; None when employment, mandate and positions have all ended."""
    with use(municipality, "administration"):
        staff = access.staff_by_number(number)
        if staff is None:
            return None
        units, home = _units(staff.id)
        is_administrator = access.is_administrator(staff.id)
        if not units and not is_administrator:
            return None
        return Workplace(municipality, staff.id, staff.name, units, is_administrator, home)


def _units(staff_id: UUID) -> tuple[dict[str, list[str]], str]:
    """Names of the units by area, and the municipality that lends this person, if one does."""
    units: dict[str, list[str]] = {}
    home = ""
    for area in access.areas_of(staff_id):
        try:
            working = access.placed_in(staff_id, area)
        except NotStaffHere:
            continue  # the mandate has run out, or the unit is closed
        units[area] = sorted(working.unit_names.values())
        home = home or working.home_municipality
    return units, home
