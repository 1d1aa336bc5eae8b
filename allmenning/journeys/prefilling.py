"""What the state already knows, filled into a form and marked with where it came from and when.

A register that does not answer never stops anybody: its name is noted, for the caseworker to see. One that is slow does not
either: nobody waits longer than SECONDS, and no more than one of a process's few threads waits at a time.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from allmenning import vault
from allmenning.basics import dates
from allmenning.municipal.forms.content import Content
from allmenning.municipal.people import protection
from allmenning.municipal.people.ports import (
    FAMILY_PARTS,
    ContactDetails,
    IncomeNotFound,
    Organisation,
    OrganisationNotFound,
    Person,
    PersonNotFound,
    RegisterRefused,
    RegisterUnavailable,
)
from allmenning.municipal.people.protection import Level
from allmenning.rules.forms import Form
from allmenning.rules.forms.pointers import MISSING, get, parse, put

from .outside import outside

log = logging.getLogger(__name__)

SECONDS = 4.0  # that registers may take together while a visitor waits; what they have not told is filled in by hand
SECONDS_FOR_A_TURN = 1.0
_turn = threading.BoundedSemaphore(1)
_UNKNOWN = (PersonNotFound, OrganisationNotFound, IncomeNotFound)


@dataclass
class Known:
    """What the registers say about one applicant. Each is asked at most once, and only if the form wants it.

    by_staff: staff are shown it, not the applicant, so that a protection by whom these named in a form counts as well.
    """

    municipality: str
    kind: str
    number: str
    unavailable: set[str] = field(default_factory=set)
    by_staff: bool = False
    until: float = float("inf")  # by time.monotonic(): nothing is asked after that
    _held: dict[str, Any] = field(default_factory=dict)

    def value(self, source: str) -> Any:
        """The value of an `x-source`, or None when the register does not know or did not answer."""
        read = _SOURCES.get(source)
        if read is None or (self.kind == "person") == source.startswith("enhetsregister"):
            return None
        return read(self)

    def person(self) -> Person | None:
        return self._ask("folkeregister", lambda: self._person(self.number))

    def spouse(self) -> Person | None:
        person = self.person()
        number = person.spouse if person else None
        return self._ask(f"folkeregister:{number}", lambda: self._person(number)) if number else None

    def children(self) -> list[Person]:
        """The applicant's children that the register knows, under the age of majority, youngest last."""
        person = self.person()
        numbers = person.children if person else ()
        found = [self._ask(f"folkeregister:{n}", partial(self._person, n)) for n in numbers]
        return sorted((c for c in found if c and _is_minor(c)), key=lambda c: c.birth_date or dates.today())

    def protected(self) -> str:
        """Whether the applicant's address is protected, by the register or by hand: "self", "household" or "".

        What the register says is noted on the way: it only raises.
        """
        if "protected" not in self._held:
            self._held["protected"] = self._protected() if self.kind == "person" else ""
        return str(self._held["protected"])

    def _protected(self) -> str:
        owner_key = vault.resident_key(self.municipality, "person", self.number)
        person = self.person()
        own = Level.of_register(person.protection) if person else Level.NONE
        household = protection.strictest(
            Level.of_register(each.protection) for each in (self.spouse(), *self.children()) if each and person
        )
        because = "self" if protection.strictest([own, household]) is own else "household"
        stands = protection.raise_by_register(owner_key, protection.strictest([own, household]), because=because)
        if not self.by_staff and stands is not Level.NONE:
            stands = protection.standing_but_named(owner_key)
        if stands is Level.NONE:
            return ""
        return "self" if protection.is_known_to_the_person(owner_key, own) else "household"

    def household(self) -> frozenset[str]:
        """Identity numbers of whoever the register lets us think that the applicant lives with: spouse, children who are
        not of age, and the parents of one who is not.
        """
        person = self.person()
        if person is None:
            return frozenset()
        parents = person.parents if _is_minor(person) else ()
        children = (child.identity_number for child in self.children())
        return frozenset((*children, *parents, *([person.spouse] if person.spouse else [])))

    def near_ones(self) -> frozenset[str]:
        """Identity numbers of the spouse and of the other parents of the applicant's children."""
        person = self.person()
        parents = {number for child in self.children() for number in child.parents}
        spouse = {person.spouse} if person and person.spouse else set()
        return frozenset((parents | spouse) - {self.number})

    def organisation(self) -> Organisation | None:
        return self._ask("enhetsregister", lambda: outside().business.organisation(self.number))

    def contact(self) -> ContactDetails | None:
        return self._ask("kontaktregister", lambda: outside().contact.contact_details([self.number]).get(self.number))

    def income_ore(self, number: str) -> int | None:
        year = dates.today().year - 1
        income = self._ask(
            f"skatteetaten:{number}",
            lambda: outside().income.income(number, year, municipality=self.municipality),
        )
        return income.total_ore if income else None

    def _person(self, number: str) -> Person:
        return outside().population.person(number, municipality=self.municipality, parts=FAMILY_PARTS)

    def _ask(self, what: str, question: Callable[[], Any]) -> Any:
        if what not in self._held:
            self._held[what] = self._answer(what.partition(":")[0], question)
        return self._held[what]

    def _answer(self, register: str, question: Callable[[], Any]) -> Any:
        if register in self.unavailable:
            return None  # it was down a moment ago: do not make the resident wait for every time-out
        if time.monotonic() > self.until:
            self.unavailable.add(register)
            return None
        try:
            return question()
        except _UNKNOWN:
            return None
        except (RegisterUnavailable, RegisterRefused) as error:
            log.warning("%s could not be asked: %s", register, type(error).__name__)
            self.unavailable.add(register)
            return None


def _is_minor(child: Person) -> bool:
    return child.birth_date is not None and dates.add_months(child.birth_date, 18 * 12) > dates.today()


def _name(known: Known) -> str | None:
    person = known.person()
    return person.name.full() if person and person.name else None


def _address(known: Known) -> Any:
    person = known.person()
    if person is None or known.protected() or person.address is None:
        return None  # a protected address is never filled in, shown or sent back
    return _address_value(person.address)


def _address_value(address: Any) -> dict[str, str]:
    return {"street": address.street, "postal_code": address.postal_code, "city": address.city}


def _children(known: Known) -> list[dict[str, Any]]:
    return [
        {"name": c.name.full() if c.name else "", "birth_date": c.birth_date.isoformat() if c.birth_date else ""}
        for c in known.children()
        # Of a child whose address is protected, a parent who does not live behind the same protection is told nothing.
        if not c.is_protected or known.protected() == "self"
    ]


def _organisation_address(known: Known) -> Any:
    organisation = known.organisation()
    return _address_value(organisation.address) if organisation and organisation.address else None


def _household(known: Known) -> str | None:
    """The register holds marriages, not cohabitation: who is not married must say for themselves."""
    spouse = known.spouse()
    return "spouse" if spouse and not spouse.is_protected and not known.protected() else None


def _spouse_name(known: Known) -> str | None:
    spouse = known.spouse()
    return spouse.name.full() if spouse and spouse.name and not spouse.is_protected else None


def _contact(known: Known) -> ContactDetails | None:
    """Never of one whose address is protected: a telephone and an e-mail address lead to where they live."""
    return None if known.protected() else known.contact()


def _spouse_number(known: Known) -> str | None:
    spouse = known.spouse()
    return spouse.identity_number if spouse and not spouse.is_protected else None


_SOURCES: dict[str, Callable[[Known], Any]] = {
    "folkeregister:husstand": _household,
    "folkeregister:ektefelle-navn": _spouse_name,
    "folkeregister:ektefelle-nummer": _spouse_number,
    "folkeregister:navn": _name,
    "folkeregister:adresse": _address,
    "folkeregister:barn": _children,
    "kontaktregister:epost": lambda k: (c := _contact(k)) and c.email,
    "kontaktregister:telefon": lambda k: (c := _contact(k)) and c.mobile,
    "enhetsregister:navn": lambda k: (o := k.organisation()) and o.name,
    "enhetsregister:nummer": lambda k: (o := k.organisation()) and o.number,
    "enhetsregister:adresse": _organisation_address,
    "skatteetaten:inntekt": lambda k: k.income_ore(k.number),
}


@contextmanager
def _in_turn(known: Known) -> Iterator[None]:
    """Ask for no longer than SECONDS; and, while another visitor of this process waits for registers, not at all."""
    is_ours = _turn.acquire(timeout=SECONDS_FOR_A_TURN)
    known.until = time.monotonic() + SECONDS if is_ours else 0.0
    try:
        yield
    finally:
        if is_ours:
            _turn.release()


def prefill(form: Form, content: Content, known: Known) -> Content:
    """Fill in what is known and not filled in already."""
    with _in_turn(known):
        return _filled_in(form, content, known)


def _filled_in(form: Form, content: Content, known: Known) -> Content:
    data, sources, facts = copy.deepcopy(content.data), dict(content.sources), dict(content.facts)
    at, protected = dates.now().isoformat(timespec="seconds"), known.protected()
    for declared in form.sources():
        path, source = parse(declared.pointer), f"{declared.register}:{declared.field}"
        if "*" in path or declared.pointer in sources or get(data, path) not in (MISSING, None, "", []):
            continue
        value = known.value(source)
        if value not in (None, "", []):
            put(data, path, value)
            sources[declared.pointer] = {"source": source, "fetched_at": at}
            facts[declared.pointer] = {**sources[declared.pointer], "value": copy.deepcopy(value)}
    unavailable = tuple(sorted(known.unavailable))
    return replace(content, data=data, sources=sources, facts=facts, unavailable=unavailable, protected=protected)
