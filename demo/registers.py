"""The registers as the demo's people are in them, answered in this process: the seed runs before the sandbox is up."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from allmenning.basics import dates
from allmenning.journeys.outside import Outside
from allmenning.journeys.ports import HandOverReceipt
from allmenning.municipal.people import ports
from allmenning.municipal.post.ports import Accepted

from .people import Person, world

ADULT = 18


class Registers:
    """Every port at once."""

    def person(self, identity_number: str, *, municipality: str, parts: Collection[Any] = ()) -> ports.Person:
        found = world().people.get(identity_number)
        if found is None:
            raise ports.PersonNotFound
        return ports.Person(
            found.number,
            dates.now(),
            name=ports.Name(found.first, found.last),
            birth_date=found.born,
            address=_address(found),
            protection=ports.AddressProtection(found.protection),
            spouse=found.spouse,
            children=tuple(child.number for child in world().children_of(found.number)),
            parents=tuple(parent for parent in (found.mother, found.father) if parent),
            parental_responsibility=tuple(
                ports.ParentalResponsibility(found.number, parent, "felles")
                for parent in (found.mother, found.father)
                if parent and found.age(dates.today()) < ADULT
            ),
            guardians=(_guardianship(found.guardian),) if found.guardian else (),
            status=found.status,
        )

    def persons(
        self, identity_numbers: Collection[str], *, municipality: str, parts: Collection[Any] = ()
    ) -> dict[str, ports.Person]:
        known = [number for number in identity_numbers if number in world().people]
        return {number: self.person(number, municipality=municipality, parts=parts) for number in known}

    def organisation(self, number: str) -> ports.Organisation:
        found = world().organisations.get(number)
        if found is None:
            raise ports.OrganisationNotFound
        return ports.Organisation(found.number, found.name, found.form, dates.now())

    def roles(self, number: str) -> list[ports.OrganisationRole]:
        return []

    def search(self, name: str, *, limit: int = 20) -> list[ports.Organisation]:
        return []

    def roles_of(self, identity_number: str) -> list[ports.OrganisationRole]:
        held = world().organisations_of(identity_number)
        return [ports.OrganisationRole(unit.number, unit.name, code) for unit, code in held]

    def contact_details(self, identity_numbers: Collection[str]) -> dict[str, ports.ContactDetails]:
        return {n: _contact(world().people[n]) for n in identity_numbers if n in world().people}

    def income(self, identity_number: str, year: int, *, municipality: str) -> ports.Income:
        found = world().people.get(identity_number)
        if found is None:
            raise ports.IncomeNotFound
        wages, capital = found.income(year)
        return ports.Income(identity_number, year, wages * 100, capital * 100, dates.now())

    def send(self, *, to: str, text: str, idempotency_key: str, subject: str = "") -> Accepted:
        return Accepted(idempotency_key, dates.now())

    def hand_over(self, package: Any, *, idempotency_key: str) -> HandOverReceipt:
        return HandOverReceipt(f"HB-{idempotency_key[:8].upper()}", dates.now())

    def receipt(self, idempotency_key: str) -> HandOverReceipt | None:
        return None


def outside() -> Outside:
    """One answer for every port."""
    one: Any = Registers()
    return Outside(one, one, one, one, one, one, one, one)


def _address(person: Person) -> ports.Address | None:
    if person.protection != "ugradert":
        return None
    place = person.place
    return ports.Address(f"{person.street} {person.house}", place.postal_code, place.city, place.number)


def _guardianship(guardian: str) -> ports.Guardianship:
    return ports.Guardianship(guardian, "voksen", "personligeOgOekonomiskeInteresser")


def _contact(person: Person) -> ports.ContactDetails:
    return ports.ContactDetails(
        person.number,
        dates.now(),
        email=person.email,
        mobile=person.mobile,
        language=person.language,
        is_reserved=person.is_reserved,
        can_be_notified=person.can_be_notified,
    )
