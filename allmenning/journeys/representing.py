"""Acting for another person: parents, guardians, and powers of attorney that residents give in the portal.

The represented person's key opens their rows, as it does for themselves; it is given after the check here alone, with a
scope that the database holds, and the check is made anew at each request. A protected person is represented by nobody.

Giving a power of attorney tells the giver nothing of the other: neither their name, nor whether they are protected, dead, or
at work for the municipality, nor whether somebody whom the giver named in a form is protected.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db import DatabaseError, transaction

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import NationalIdentityNumber
from allmenning.basics.memory import remembered
from allmenning.basics.norwegian import fold
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue.content import Text
from allmenning.commons.identity import actions as presence
from allmenning.commons.identity import queries as identity
from allmenning.commons.identity.sessions import Represented, Resident
from allmenning.municipal.access.queries import areas_of_staff
from allmenning.municipal.people import authority, protection
from allmenning.municipal.people import representing as people
from allmenning.municipal.people.ports import (
    FAMILY_PARTS,
    Part,
    Person,
    PersonNotFound,
    RegisterRefused,
    RegisterUnavailable,
)
from allmenning.municipal.people.protection import Level
from allmenning.municipal.people.representing import Kind, Opened, Party
from allmenning.tenancy import Behalf, current, use

from .errors import (
    CanNotBeGiven,
    MayNotRepresent,
    NobodyElse,
    NoLongerRepresents,
    NotCoveredHere,
    NothingChosen,
    NotOfAge,
    NotThatLong,
    ProtectedGiver,
    RegisterMustAnswer,
    WorksThere,
)
from .offered import all_offered, at_version
from .outside import outside

LONGEST_YEARS = 5  # our own limit: what is forgotten ends by itself
REMEMBERED_SECONDS = 600  # how long the register's answer about a parent or a guardian stands
_PARTS = FAMILY_PARTS | {Part.GUARDIANSHIP}


# --- who may be chosen ---


@dataclass(frozen=True)
class Candidates:
    """Whom a resident may act for. `unreachable`: municipalities that could not be asked. `register_is_down`: so the
    children and wards are not known. `wards`: those for whom they have acted here before, as the register tells now."""

    children: Sequence[Represented]
    wards: Sequence[Represented]
    held: Sequence[Opened]
    unreachable: Sequence[str]
    register_is_down: bool = False


def candidates(resident: Resident, asked_by: str) -> Candidates:
    """Whom this resident may act for: children and wards that the register tells of, and who gave them a power."""
    held, unreachable = _held(resident)
    powers = [each for each in held if each.kind == Kind.POWER_OF_ATTORNEY]
    known = dict.fromkeys(each.represented.number for each in held if each.kind == Kind.GUARDIAN)
    try:
        children = _confirmed(Kind.PARENT, _person(resident.number, asked_by).children, resident.number, asked_by)
        wards = _confirmed(Kind.GUARDIAN, known, resident.number, asked_by)
    except RegisterMustAnswer:
        return Candidates((), (), powers, unreachable, register_is_down=True)
    return Candidates(children, wards, powers, unreachable)


def _confirmed(kind: Kind, numbers: Iterable[str], representative: str, asked_by: str) -> list[Represented]:
    """Those of them whom the register says that the representative acts for now. Raises RegisterMustAnswer."""
    found = []
    for number in numbers:
        try:
            person, _ = _by_law(kind, number, representative, asked_by)
        except MayNotRepresent:
            continue
        found.append(Represented(number, _name(person), kind.value))
    return found


def _held(resident: Resident) -> tuple[list[Opened], list[str]]:
    held: list[Opened] = []
    unreachable: list[str] = []
    for municipality in identity.municipalities_of(vault.person_key(f"person:{resident.number}")):
        key = vault.resident_key(municipality, "person", resident.number)
        try:
            with use(municipality, "resident", keys=(key,)):
                held.extend(people.held(key))
        except (DatabaseError, AllmenningError):
            unreachable.append(municipality)
    return held, unreachable


def token(number: str) -> str:
    """Names a child or a ward on a page without their number."""
    return hashlib.sha256(vault.person_key(f"person:{number}")).hexdigest()[:32]


def choose_known(resident: Resident, chosen: str, asked_by: str) -> Represented:
    """Act for a child or a known ward, by their token. Raises MayNotRepresent, RegisterMustAnswer."""
    may = candidates(resident, asked_by)
    if may.register_is_down:
        raise RegisterMustAnswer()
    found = next((each for each in (*may.children, *may.wards) if token(each.number) == chosen), None)
    if found is None:
        raise MayNotRepresent()
    return found


def choose_ward(resident: Resident, number: str, asked_by: str) -> Represented:
    """Act for somebody as their guardian. The register tells a ward's guardian, not a guardian's wards.

    Raises InvalidIdentifier, MayNotRepresent (one answer for all whom the register does not name), RegisterMustAnswer.
    """
    value = NationalIdentityNumber.parse(number).value
    person, _ = _by_law(Kind.GUARDIAN, value, resident.number, asked_by)
    return Represented(value, _name(person), Kind.GUARDIAN.value)


def choose_by_power(resident: Resident, municipality: str, representation_id: UUID) -> Represented:
    """Act by a power of attorney that holds today. Raises NoLongerRepresents, RegisterMustAnswer, MayNotRepresent."""
    power = _standing(municipality, resident.number, representation_id)
    _require_unprotected(_person(power.represented.number, municipality))
    return Represented(
        power.represented.number, power.represented.name, power.kind, municipality, str(representation_id)
    )


# --- working for somebody ---


@contextmanager
def working_for(municipality: str, resident: Resident) -> Iterator[None]:
    """Work in a municipality as the resident: for themselves, an organisation, or whom they act for, if they still may.

    Raises NoLongerRepresents, NotCoveredHere, WorksThere, RegisterMustAnswer.
    """
    behalf = _checked(municipality, resident) if resident.represented else None
    with use(municipality, "resident", keys=resident.keys(municipality), behalf=behalf):
        yield


def _checked(municipality: str, resident: Resident) -> Behalf:
    """On whose authority, asked anew. The represented person's own rows are reached unscoped for this alone."""
    represented = resident.represented
    assert represented is not None
    if represented.municipality and represented.municipality != municipality:
        raise NotCoveredHere()
    power: Opened | None = None
    scope: tuple[str, ...] = ()
    try:
        if represented.kind == Kind.POWER_OF_ATTORNEY:
            power = _standing(municipality, resident.number, UUID(represented.representation))
            _require_unprotected(_person(represented.number, municipality))
            scope = _but_own_work(municipality, resident.number, power.scope)
            if not scope:
                raise WorksThere()
        else:
            scope = _by_law(Kind(represented.kind), represented.number, resident.number, municipality)[1]
    except MayNotRepresent:
        raise NoLongerRepresents() from None
    key = vault.resident_key(municipality, "person", represented.number)
    with use(municipality, "resident", keys=(key,)):
        if _is_protected_from_another(Kind(represented.kind), key):
            raise NoLongerRepresents()
        if power is not None:
            return Behalf(power.id, power.kind, scope)
        person, by = Party(represented.number, represented.name), Party(resident.number, resident.name)
        row, is_new = people.by_law(Kind(represented.kind), person, by, scope)
        parent = people.parent_index(by.key) if represented.kind == Kind.PARENT else b""
    if is_new and represented.kind == Kind.GUARDIAN:  # who finds the ward by it the next time
        presence.mark_presence(vault.person_key(f"person:{resident.number}"), municipality)
    return Behalf(row, represented.kind, scope, parent)


def _is_protected_from_another(kind: Kind, owner_key: bytes) -> bool:
    """Whether it was noted here that this person is represented by nobody; the register is asked of them besides.

    Whom they named in a form never counts: who tries it would learn whether that one is protected. The household by the
    register keeps parents and guardians away, since a child's cases may tell where the other parent lives; who gives a power of
    attorney chooses that for themselves, and it may be kept from them that a child has a protection.
    """
    if kind == Kind.POWER_OF_ATTORNEY:
        return protection.is_known_to_the_person(owner_key, Level.NONE)
    return protection.standing_but_named(owner_key) is not Level.NONE


def _standing(municipality: str, number: str, representation_id: UUID) -> Opened:
    """The power of attorney, if it holds here today and its giver is not protected. Raises NoLongerRepresents."""
    key = vault.resident_key(municipality, "person", number)
    with use(municipality, "resident", keys=(key,)):
        power = people.standing(representation_id, key)
    if power is None:
        raise NoLongerRepresents()
    return power


# --- powers of attorney ---


@dataclass(frozen=True)
class Coverable:
    """A service that a power of attorney can cover here, by its id in the scope."""

    scope: str
    title: Text


def coverable() -> list[Coverable]:
    """The services of the municipality at hand that a power of attorney can cover."""
    areas = authority.to_be_given(dates.today())
    found = [at_version(each.service, each.version, each.values).package for each in all_offered()]
    return [Coverable(f"{each.area}/{each.id}", each.title) for each in found if each.area in areas]


@dataclass(frozen=True)
class Power:
    """A power of attorney as it is about to be given, to one whom the giver knows by number and name."""

    number: str
    name: str
    scope: Sequence[str]
    last_day: date | None


def give(resident: Resident, power: Power) -> UUID:
    """Give somebody a power of attorney in the municipality at hand.

    `scope`: services as `coverable` names them; `last_day` is inclusive.

    Whether they work for the municipality, or are protected, makes no difference here: the first is refused when they use it
    (`_checked`), and told to them alone; nothing of the second is shown, since the giver sees the name as they typed it.

    Raises InvalidIdentifier, UnsafeText, NobodyElse, NothingChosen, NotThatLong, NotOfAge, ProtectedGiver, CanNotBeGiven (nobody
    alive has this number and this name), RegisterMustAnswer. Nothing was written.
    """
    here = current().municipality
    number, name = NationalIdentityNumber.parse(power.number).value, clean_text(power.name).strip()
    if number == resident.number or resident.acts_for_another:
        raise NobodyElse()
    scope = tuple(each.scope for each in coverable() if each.scope in power.scope)
    if not scope:
        raise NothingChosen()
    today = dates.today()
    if power.last_day is None or not today <= power.last_day <= dates.add_months(today, 12 * LONGEST_YEARS):
        raise NotThatLong(years=LONGEST_YEARS)
    giver, own_key = _person(resident.number, here), vault.resident_key(here, "person", resident.number)
    if protection.is_known_to_the_person(own_key, Level.of_register(giver.protection)):
        raise ProtectedGiver()
    other = _receiver(number, name, here)
    if not all(_is_of_age(each, today) for each in (giver, other)):
        raise NotOfAge(years=authority.age_to_give(today))
    # Before the row: the two find it by this alone, and no sweep could find one whose mark was lost.
    for each in (resident.number, number):
        presence.mark_presence(vault.person_key(f"person:{each}"), here)
    with transaction.atomic():
        row = people.write(
            Kind.POWER_OF_ATTORNEY,
            Party(resident.number, resident.name),
            Party(number, name),
            scope,
            power.last_day,
        )
    return row.id


def _receiver(number: str, name: str, asked_by: str) -> Person:
    """Whom a giver names by number and name. What is wrong is one answer, which tells nothing of whose number it is.

    Raises CanNotBeGiven, RegisterMustAnswer.
    """
    try:
        person = _person(number, asked_by)
    except MayNotRepresent:
        raise CanNotBeGiven() from None
    if person.is_dead or not _is_called(person, name):
        raise CanNotBeGiven()
    return person


def _is_called(person: Person, typed: str) -> bool:
    """Whether a person goes by a typed name: the whole last name, one of the first names, and no word that is not theirs."""
    if person.name is None:
        return False
    words, every = set(fold(typed).split()), set(fold(person.name.full()).split())
    first, last = set(fold(person.name.first).split()), set(fold(person.name.last).split())
    return last <= words <= every and bool(first & words)


def given(resident: Resident, municipality: str) -> list[Opened]:
    """Everything by which others act, or have acted, for this resident in a municipality; newest first."""
    key = vault.resident_key(municipality, "person", resident.number)
    with use(municipality, "resident", keys=(key,)):
        return people.given(key)


@dataclass(frozen=True)
class AllGiven:
    """The same in every municipality where the resident has something; `unreachable` could not be asked."""

    powers: Sequence[Opened]
    municipalities: Sequence[str]
    unreachable: Sequence[str]


def all_given(resident: Resident) -> AllGiven:
    """Everything by which others act, or have acted, for this resident anywhere; newest first."""
    found: list[Opened] = []
    unreachable: list[str] = []
    municipalities = identity.municipalities_of(vault.person_key(f"person:{resident.number}"))
    for municipality in municipalities:
        try:
            found.extend(given(resident, municipality))
        except (DatabaseError, AllmenningError):
            unreachable.append(municipality)
    return AllGiven(sorted(found, key=lambda each: each.given_at, reverse=True), municipalities, unreachable)


def revoke(resident: Resident, representation_id: UUID) -> None:
    """End what lets somebody act for this resident, at once: their next request is refused. Raises NoSuchRepresentation."""
    if resident.acts_for_another:
        raise NobodyElse()
    people.end(representation_id)


# --- what the register and the municipality say ---


def _but_own_work(municipality: str, number: str, scope: tuple[str, ...]) -> tuple[str, ...]:
    """The scope without the areas in which this person works for the municipality (forvaltningsloven § 12).

    Our reading of the section's «forvaltningsområde»: the same service area in the same municipality.
    """
    if not authority.staff_are_barred(dates.today()):
        return scope
    works_in = _works_in(municipality, vault.blind_index(municipality, "administration", "staff", number))
    return tuple(each for each in scope if each.partition("/")[0] not in works_in)


@remembered(REMEMBERED_SECONDS)
def _works_in(municipality: str, subject_index: bytes) -> frozenset[str]:
    with use(municipality, "ordinary"):  # every area knows who works where; a resident's login does not
        return frozenset(areas_of_staff(subject_index))


def _by_law(kind: Kind, number: str, representative: str, asked_by: str) -> tuple[Person, tuple[str, ...]]:
    """The represented person and the areas in which the representative acts for them today.

    Raises MayNotRepresent, RegisterMustAnswer.
    """
    person, today = _person(number, asked_by), dates.today()
    _require_unprotected(person)
    if kind == Kind.PARENT:
        responsible = {r.responsible for r in person.parental_responsibility if r.child == number}
        areas = authority.of_parent(person.birth_date, today) if representative in responsible else ()
    else:
        extents = [each.scope for each in person.guardians if each.guardian == representative]
        areas = tuple(dict.fromkeys(area for each in extents for area in authority.of_guardian(each, today)))
    if not areas:
        raise MayNotRepresent()
    return person, areas


_asking = threading.Lock()
_known: dict[tuple[bytes, str], tuple[float, Person]] = {}


def _person(number: str, asked_by: str) -> Person:
    """The person as the register has them, remembered for some minutes by an index that tells nobody who it is.

    Without an answer nobody is represented. Raises RegisterMustAnswer, MayNotRepresent for a number that is nobody's.
    """
    key, now = (vault.person_key(f"person:{number}"), asked_by), time.monotonic()
    held = _known.get(key)
    if held is not None and held[0] > now:
        return held[1]
    try:
        person = outside().population.person(number, municipality=asked_by, parts=_PARTS)
    except PersonNotFound:
        raise MayNotRepresent() from None
    except (RegisterUnavailable, RegisterRefused):
        raise RegisterMustAnswer() from None
    with _asking:
        for old in [each for each, (until, _) in _known.items() if until <= now]:
            del _known[old]
        _known[key] = (now + REMEMBERED_SECONDS, replace(person, address=None, updated=None))
    return person


def forget() -> None:
    """Ask the register, and who works where, anew."""
    with _asking:
        _known.clear()
    _works_in.forget()


def _require_unprotected(person: Person) -> None:
    if person.is_protected or person.is_dead:
        raise MayNotRepresent()


def _is_of_age(person: Person, on: date) -> bool:
    years = authority.age_to_give(on)
    return person.birth_date is not None and dates.add_months(person.birth_date, 12 * years) <= on


def _name(person: Person) -> str:
    return person.name.full() if person.name else ""
