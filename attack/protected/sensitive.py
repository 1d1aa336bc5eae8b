"""The same families in each sensitive area: an inquiry of its own that asks whom it is about, with a unit, its leader and a
caseworker.

In each of them Vera and Tora have written about their children, and another office has sent something of little Lun. Where the
law lets a parent or a guardian act (`data/representation.yaml`), Bo has written for Mie and Gry for Ulf, and the population
register protected these afterwards. In child welfare Nora, whom nobody protected, has named Vera.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from allmenning.basics import dates
from allmenning.commons.catalogue import actions as catalogue
from allmenning.commons.catalogue import package as packages
from allmenning.commons.identity.sessions import Represented, Resident
from allmenning.journeys import administering, asking_anew, outbox, representing
from allmenning.journeys.testing import NAMES, Place
from allmenning.municipal.access.models import Unit
from allmenning.municipal.people.ports import AddressProtection
from allmenning.tenancy import AREAS, use

from ..scene import copied
from .family import (
    BO,
    GRY,
    LUN,
    MIE,
    NAMES_OF,
    NORA,
    SIV,
    TORA,
    ULF,
    VARIANTS,
    VERA,
    Family,
    becomes,
    by_another_system,
    is_answered,
    is_drafted,
    is_handled,
    numbers_of_staff,
    resident,
    send,
)

SENSITIVE = tuple(area for area in AREAS if area != "ordinary")
BOS = Resident(BO, NAMES_OF[BO], "idporten-loa-high", represented=Represented(MIE, NAMES_OF[MIE], "parent"))
GRYS = Resident(GRY, NAMES_OF[GRY], "idporten-loa-high", represented=Represented(ULF, NAMES_OF[ULF], "guardian"))
# Where a parent of a child of Mie's age, and a guardian for everything, acts.
_OF_PARENTS, _OF_GUARDIANS = ("care", "educational-psychology"), ("care", "social-services")
_WHOM: dict[str, dict[str, Any]] = {
    "about_name": {"type": "string", "maxLength": 120},
    "about_number": {"type": "string", "x-format": "national-identity-number"},
}


class Staff(NamedTuple):
    """Who works in an area with what the families have sent, by identity number."""

    caseworker: str
    leader: str


# The unit of an area, with its caseworker and its leader.
_UNITS = {
    "child-welfare": ("Barnevernet", "Brita Bregne", "Bjarte Bever"),
    "social-services": ("Sosialtjenesten", "Sofie Slyng", "Sander Starr"),
    "care": ("Hjemmetjenesten", "Oda Orre", "Olav Oter"),
    "educational-psychology": ("Rådgivningen", "Pia Pors", "Petter Perlehauk"),
}


@cache
def staff_of(area: str) -> Staff:
    """Who works in an area."""
    two = islice(numbers_of_staff(), 2 * SENSITIVE.index(area), None)
    return Staff(next(two), next(two))


def service_of(area: str) -> str:
    """The id of the inquiry of a sensitive area."""
    return f"inquiry-in-{area}"


def plant(family: Family, brief: bool = False) -> None:
    """Cases of each area. `brief`: whom a parent or a guardian has written for in one area each."""
    packages_of = dict(_published())
    for area, package in packages_of.items():
        _is_at_work(family.place, area, package)
    for area in SENSITIVE:
        _write(family, area, brief)
    # What was written stays; from now on nobody acts for these two.
    for who in (MIE, ULF):
        becomes(family, who, protection=AddressProtection.CONFIDENTIAL)
    asking_anew.ask_anew(family.place.id)
    representing.forget()
    for area in SENSITIVE:
        outbox.drain(family.place.id, area)
        _handle(family, area, brief)
        outbox.drain(family.place.id, area)


def _write(family: Family, area: str, brief: bool) -> None:
    service, choices = service_of(area), VARIANTS["inquiry"][0]
    for who, about in ((VERA, LUN), (TORA, SIV)):
        send(family, resident(who), service, choices | {"about_number": about}, area, files=not brief or who == VERA)
    by_another_system(family, LUN, service, area)
    if area in (_OF_PARENTS[-1:] if brief else _OF_PARENTS):
        send(family, BOS, service, choices, area, files=not brief)
    if area in (_OF_GUARDIANS[-1:] if brief else _OF_GUARDIANS):
        send(family, GRYS, service, choices, area, files=not brief)
    if area == "child-welfare":
        send(family, resident(NORA), service, choices | {"about_number": VERA}, area, files=not brief)


def _handle(family: Family, area: str, brief: bool) -> None:
    for sent in [each for each in family.cases if each.area == area and (not brief or each.whose in (VERA, LUN))]:
        is_handled(family, sent, files=not brief or sent.whose == LUN)
    (answered,), (drafted,) = family.telling(VERA, area), family.telling(TORA, area)
    is_drafted(family, answered)
    is_answered(family, answered)
    is_drafted(family, drafted)


# --- the areas at work ---


def _published() -> Iterator[tuple[str, packages.ServicePackage]]:
    """The inquiry in each area, with two questions more: whom it is about."""
    with tempfile.TemporaryDirectory() as held:
        for area in SENSITIVE:
            folder = copied(Path(held) / service_of(area), area)
            _change(folder / "form.schema.json", _asks_whom)
            _change(folder / "form.ui.json", _shows_whom)
            package = packages.load(folder)
            catalogue.publish(package, by="attack")
            yield area, package


def _change(file: Path, how: Any) -> None:
    read = json.loads(file.read_text("utf-8"))
    how(read)
    file.write_text(json.dumps(read), "utf-8")


def _asks_whom(schema: dict[str, Any]) -> None:
    for name, spec in _WHOM.items():
        schema["properties"][name] = {**spec, "x-title": dict.fromkeys(("nb", "nn", "en"), name)}


def _shows_whom(form: dict[str, Any]) -> None:
    form["elements"][0]["elements"] += [{"type": "Control", "scope": f"#/properties/{name}"} for name in _WHOM]


def _is_at_work(place: Place, area: str, package: packages.ServicePackage) -> None:
    """A unit that handles the area's inquiries: a caseworker, their leader, and Gunn, who does what is done meanwhile."""
    by, start = administering.OPERATOR, dates.today().replace(month=1, day=1)
    unit_name, *names = _UNITS[area]
    with use(place.id, "administration"):
        unit: Unit = administering.add_unit(by, name=unit_name, area=area)
        administering.adopt(by, package.id, package.version, {})
        administering.route(by, package.id, "", unit.id)
        for number, name, role in zip(staff_of(area), names, ("caseworker", "leader"), strict=True):
            NAMES[number] = name
            member = administering.add_staff(by, number=number, name=name, title="", email="", start=start)
            administering.add_position(by, member.id, unit.id, role, start=start)
            place.staff[name.split()[0].lower()] = member
        for role in ("leader", "approver"):
            administering.add_position(by, place.staff["gunn"].id, unit.id, role, start=start)
