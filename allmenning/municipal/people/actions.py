"""Registering a resident or an organisation in one area."""

from __future__ import annotations

import re
from uuid import UUID

from allmenning import vault
from allmenning.basics.identifiers import uuid7
from allmenning.basics.norwegian import fold
from allmenning.tenancy import current

from .models import NamePart, Person


def person_id(number_index: bytes) -> UUID:
    """The id of a person in an area is made from the blind index (UUID version 8, RFC 9562), so it needs no look-up."""
    value = int.from_bytes(number_index[:16], "big")
    value = value & ~(0xF << 76) | (8 << 76)
    value = value & ~(0x3 << 62) | (2 << 62)
    return UUID(int=value)


def known_person(area: str, kind: str, number: str, name: str) -> tuple[Person, list[NamePart]]:
    """A person or organisation that has to do with the area, with the words of the name; not saved.

    The ids are made from what the rows say, so those that are there already can be left as they are.

    Args:
        kind: "person" or "organisation".
        number: identity number (11 digits) or organisation number (9 digits), already validated.
    """
    municipality = current().municipality
    index = vault.blind_index(municipality, area, kind, number)
    owner_key = vault.resident_key(municipality, kind, number)
    pk = person_id(index)
    person = Person(
        id=pk,
        area=area,
        kind=kind,
        owner_key=owner_key,
        number_index=index,
        number=vault.seal(municipality, area, f"people.Person.number:{pk}", number),
        name=vault.seal(municipality, area, f"people.Person.name:{pk}", name),
    )
    parts = [
        NamePart(id=uuid7(), area=area, owner_key=owner_key, person=person, part_index=part)
        for part in name_part_indexes(area, name)
    ]
    return person, parts


def name_part_indexes(area: str, name: str) -> list[bytes]:
    """Blind indexes of the words of a name, folded so that case and accents do not matter."""
    words = sorted({word for word in re.split(r"[\s\-]+", fold(name)) if word})
    return [vault.blind_index(current().municipality, area, "name-part", word) for word in words]
