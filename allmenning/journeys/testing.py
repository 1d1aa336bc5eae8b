"""People and places for tests of journeys and doors: Averøy at work, with Alice, Bob and Rita; Smøla with Charlie.

Ask for `averoy` or `smola` in a test: units, staff, letterhead and the three services are there, and registers that
answer at once (`registers` holds what they say, and what was sent).
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from allmenning.basics import dates
from allmenning.basics.identifiers import NationalIdentityNumber
from allmenning.commons.catalogue import actions as catalogue
from allmenning.commons.catalogue import package as packages
from allmenning.commons.identity.sessions import Resident
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.models import Municipality, MunicipalityName, MunicipalityNumber
from allmenning.municipal.access.models import Role, StaffMember, Unit
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases import queries as cases
from allmenning.municipal.people import ports
from allmenning.municipal.post.ports import Accepted
from allmenning.tenancy import use
from allmenning.tenancy.routing import COMMONS
from allmenning.tenancy.testing import A, B, TestDatabases

from . import administering, disqualifying, offered, outside, recording
from .ports import HandOverReceipt

SERVICES = Path(__file__).resolve().parents[2] / "services"
START = date(2026, 1, 1)


def number(serial: int, born: date = date(1985, 5, 17)) -> str:
    """A synthetic identity number (month + 80)."""
    return NationalIdentityNumber.synthetic(born, serial).value


ALICE, BOB, CHARLIE, RITA, OMAR = (number(serial) for serial in (101, 102, 103, 104, 105))
AVEROYS = {"alice": (ALICE, ["caseworker"]), "bob": (BOB, ["leader", "approver"])}
SMOLAS = {"charlie": (CHARLIE, ["caseworker", "leader"])}
NAMES = {ALICE: "Alice Alm", BOB: "Bob Bjørk", CHARLIE: "Charlie Cedertre", RITA: "Rita Rogn", OMAR: "Omar Osp"}


@dataclass
class Registers:
    """What the registers say in a test. `down` names those that do not answer; `sent` is what left the house."""

    people: dict[str, ports.Person] = field(default_factory=dict)
    organisations: dict[str, ports.Organisation] = field(default_factory=dict)
    contacts: dict[str, ports.ContactDetails] = field(default_factory=dict)
    incomes: dict[str, int] = field(default_factory=dict)
    roles: dict[str, list[ports.OrganisationRole]] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    sent: list[dict[str, Any]] = field(default_factory=list)
    handed_over: dict[str, Any] = field(default_factory=dict)

    def _asked(self, register: str) -> None:
        if register in self.down:
            raise ports.RegisterUnavailable(register=register)

    def person(self, identity_number: str, *, municipality: str, parts: Collection[Any] = ()) -> ports.Person:
        self._asked("folkeregister")
        if identity_number not in self.people:
            raise ports.PersonNotFound
        return self.people[identity_number]

    def persons(
        self, identity_numbers: Collection[str], *, municipality: str, parts: Collection[Any] = ()
    ) -> dict[str, ports.Person]:
        self._asked("folkeregister")
        return {n: self.people[n] for n in identity_numbers if n in self.people}

    def organisation(self, number: str) -> ports.Organisation:
        self._asked("enhetsregister")
        if number not in self.organisations:
            raise ports.OrganisationNotFound
        return self.organisations[number]

    def roles_of(self, identity_number: str) -> list[ports.OrganisationRole]:
        self._asked("enhetsregister")
        return self.roles.get(identity_number, [])

    def contact_details(self, identity_numbers: Collection[str]) -> dict[str, ports.ContactDetails]:
        self._asked("kontaktregister")
        return {n: self.contacts[n] for n in identity_numbers if n in self.contacts}

    def income(self, identity_number: str, year: int, *, municipality: str) -> ports.Income:
        self._asked("skatteetaten")
        if identity_number not in self.incomes:
            raise ports.IncomeNotFound
        return ports.Income(identity_number, year, self.incomes[identity_number], 0, dates.now())

    def send(self, *, to: str, text: str, idempotency_key: str, subject: str = "") -> Accepted:
        self._asked("email")
        if all(s["key"] != idempotency_key for s in self.sent):
            self.sent.append({"to": to, "text": text, "subject": subject, "key": idempotency_key})
        return Accepted(idempotency_key, dates.now())

    def hand_over(self, package: Any, *, idempotency_key: str) -> HandOverReceipt:
        self._asked("husbanken")
        self.handed_over[idempotency_key] = package
        return HandOverReceipt(f"HB-{len(self.handed_over)}", dates.now())

    def receipt(self, idempotency_key: str) -> HandOverReceipt | None:
        self._asked("husbanken")
        return HandOverReceipt("HB-1", dates.now(), was_known=True) if idempotency_key in self.handed_over else None


@pytest.fixture
def registers() -> Iterator[Registers]:
    """The outside world of one test, with everybody in it."""
    with connected_registers() as held:
        yield held


@contextmanager
def connected_registers() -> Iterator[Registers]:
    """The outside world, with everybody in it, instead of the one that is wired."""
    now = dates.now()
    held = Registers()
    for person, name in NAMES.items():
        held.people[person] = _person(person, name, now)
        held.contacts[person] = ports.ContactDetails(
            person, now, email=f"{name.split()[0].lower()}@example.test", can_be_notified=True
        )
    before = outside._connected
    outside.connect(outside.Outside(held, held, held, held, held, held, held, held))  # type: ignore[arg-type]
    try:
        yield held
    finally:
        outside._connected = before


def _person(identity_number: str, name: str, now: datetime) -> ports.Person:
    first, last = name.split()
    return ports.Person(
        identity_number,
        now,
        name=ports.Name(first, last),
        birth_date=date(1985, 5, 17),
        # Staff live elsewhere than residents: who lives with an applicant is disqualified.
        address=ports.Address(
            "Fjordvegen 1" if identity_number in (RITA, OMAR) else f"Strandvegen {first}", "6530", "Averøy"
        ),
        status="bosatt",
    )


@dataclass
class Place:
    """A municipality at work, in its ordinary area."""

    id: str
    unit: Unit
    staff: dict[str, StaffMember]

    def working(self, name: str) -> Any:
        """What somebody may here today. Ask inside `use(...)`."""
        return working_as(self.staff[name].id, "ordinary")


def place(municipality: str, staff: dict[str, tuple[str, list[str]]]) -> Place:
    """Set a municipality up: one unit that handles everything, these people in it."""
    by = administering.OPERATOR
    with use(municipality, "administration"):
        administering.set_letterhead(by, name=f"{municipality.capitalize()} kommune", address_line="Rådhusvegen 1")
        unit = administering.add_unit(by, name="Servicetorget", area="ordinary")
        held = {name: _staff(number, name, unit, roles) for name, (number, roles) in staff.items()}
        for package in _packages():
            if package.area == "ordinary":
                administering.adopt(by, package.id, package.version, {})
                administering.route(by, package.id, "", unit.id)
    return Place(municipality, unit, held)


def offers(here: Place, service: str, unit: str = "Barnevernstjenesten") -> Unit:
    """The municipality offers a service of another area besides, handled by a new unit of that area."""
    package, by = packages.load(SERVICES / service), administering.OPERATOR
    with use(here.id, "administration"):
        handling = administering.add_unit(by, name=unit, area=package.area)
        administering.adopt(by, package.id, package.version, {})
        administering.route(by, package.id, "", handling.id)
    return handling


def _staff(number: str, name: str, unit: Unit, roles: list[str]) -> StaffMember:
    by = administering.OPERATOR
    member = administering.add_staff(by, number=number, name=NAMES[number], title="", email="", start=START)
    for role in roles:
        administering.add_position(by, member.id, None if role == Role.ADMINISTRATOR else unit.id, role, start=START)
    return member


@cache
def _packages() -> list[packages.ServicePackage]:
    return [packages.load(folder.parent) for folder in sorted(SERVICES.glob("*/service.yaml"))]


def name_places() -> None:
    """Averøy and Smøla by name in the register, for pages that say where one is."""
    for municipality, name, number in (("averoy", "Averøy", "1554"), ("smola", "Smøla", "1573")):
        Municipality.objects.create(id=municipality)
        MunicipalityName.objects.create(municipality_id=municipality, language="nb", name=name)
        MunicipalityNumber.objects.create(municipality_id=municipality, number=number)
    municipalities.forget()


@pytest.fixture(scope="session")
def scenes(test_databases: TestDatabases, django_db_blocker: Any) -> Scenes:
    """What most tests begin with, made once in each process, before anything that a test changes."""
    with django_db_blocker.unblock(), connected_registers():
        scenes = Scenes(test_databases)
        scenes.make()
        return scenes


class Scenes:
    """The services, Averøy and Smøla, kept as rows that are given to each test anew."""

    def __init__(self, databases: TestDatabases) -> None:
        self._databases = databases
        self._places: dict[str, Place] = {}

    def make(self) -> None:
        with self._databases.keeping("services", [COMMONS]):
            publish_services()
        for municipality, staff in ((A, AVEROYS), (B, SMOLAS)):
            with self._databases.keeping(municipality, [COMMONS, municipality]):
                self._places[municipality] = place(municipality, staff)
            for each in (municipality, COMMONS):
                self._databases.clean(each)
            self._databases.give("services", [COMMONS])
        self._databases.clean(COMMONS)

    def services(self) -> None:
        """Publish the services. A version never changes, but a test may have published another folder as that version."""
        self._databases.give("services", [COMMONS])
        forget_forms()

    def place(self, municipality: str) -> Place:
        """A municipality at work. Its staff are the same as in the test before: what the process remembers of them is not."""
        self._databases.give(municipality, [COMMONS, municipality])
        disqualifying._asked_in_vain.clear()
        return deepcopy(self._places[municipality])


@pytest.fixture
def services(commons_db: None, scenes: Scenes) -> None:
    """The services of the repository, published, and the places by name."""
    scenes.services()


def forget_forms() -> None:
    """A version never changes, so its forms are kept; a test may publish another folder as the version that one before had."""
    offered._form.cache_clear()
    recording.form_of.cache_clear()


def publish_services() -> None:
    """Publish the services of the repository, and name the places."""
    forget_forms()
    name_places()
    for package in _packages():
        catalogue.publish(package, by="test")


@pytest.fixture
def averoy(municipality_a: str, services: None, registers: Registers, scenes: Scenes) -> Place:
    """Averøy: Alice is a caseworker, Bob leads and approves, both in Servicetorget."""
    return scenes.place(municipality_a)


@pytest.fixture
def smola(municipality_b: str, services: None, registers: Registers, scenes: Scenes) -> Place:
    """Smøla: Charlie does everything."""
    return scenes.place(municipality_b)


def rita() -> Resident:
    return Resident(RITA, NAMES[RITA], "idporten-loa-high")


def omar() -> Resident:
    return replace(rita(), number=OMAR, name=NAMES[OMAR])


def let_events_settle(municipality: str) -> None:
    """Wait until what has happened by now can be told of: other tests have transactions open on the same server."""
    with use(municipality, "ordinary") as acting, connections[acting.alias].cursor() as cursor:
        cursor.execute("select place_in_time()")
        (now,) = cursor.fetchone()
        until = time.monotonic() + 60
        while cases.settled().before <= now:
            assert time.monotonic() < until, "something has been open on the server for a minute"
            time.sleep(0.01)
