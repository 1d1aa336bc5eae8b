"""Who has just logged in, and for which organisations they may act: what the registers know and the login does not."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from allmenning.basics import dates
from allmenning.commons.identity.sessions import ActingFor
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.errors import UnknownMunicipality
from allmenning.municipal.people.ports import (
    ACTING_ROLES,
    BASIC_PARTS,
    Person,
    PersonNotFound,
    RegisterRefused,
    RegisterUnavailable,
)

from .outside import outside

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Welcome:
    """A resident's name, and the municipality of the registered address. Empty where the register does not tell."""

    name: str = ""
    municipality: str = ""


def welcome(number: str, asked_by: str) -> Welcome:
    """What the population register says of one who logs in. A register that is down stops nobody.

    Args:
        asked_by: id of the municipality in whose name the register is asked.
    """
    try:
        person = outside().population.person(number, municipality=asked_by, parts=BASIC_PARTS)
    except (PersonNotFound, RegisterUnavailable, RegisterRefused) as error:
        log.warning("the population register could not be asked at login: %s", type(error).__name__)
        return Welcome()
    return Welcome(person.name.full() if person.name else "", _municipality_of(person))


def _municipality_of(person: Person) -> str:
    """Never for a protected address: not even the municipality may be seen over somebody's shoulder."""
    if person.is_protected or person.address is None or not person.address.municipality_number:
        return ""
    try:
        there = municipalities.by_number(person.address.municipality_number, dates.today())
    except UnknownMunicipality:
        return ""
    return there.id


def may_act_for(number: str) -> list[ActingFor]:
    """The organisations where the person holds a role that lets them act alone, by name. The first role counts.

    Raises RegisterUnavailable, RegisterRefused.
    """
    held: dict[str, ActingFor] = {}
    for role in outside().representation.roles_of(number):
        if role.code in ACTING_ROLES:
            acting = ActingFor(role.organisation_number, role.organisation_name, role.code)
            held.setdefault(role.organisation_number, acting)
    return sorted(held.values(), key=lambda each: each.name)
