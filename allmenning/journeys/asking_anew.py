"""Who became protected in the population register after their case came: asked each night of the owners of open cases.

It raises, and never lowers. Whoever is raised gets a `protect` row in the outbox of each area where they have an open case.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef

from allmenning.basics import dates
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.cases.models import OPEN_STATES, Case
from allmenning.municipal.people import protection
from allmenning.municipal.people.models import Person
from allmenning.municipal.people.ports import Part
from allmenning.municipal.people.protection import Level
from allmenning.municipal.post import actions as post
from allmenning.tenancy import AREAS, use

from .outside import outside

AT_ONCE = 1000  # people in one question: the most that the register takes
PURPOSE = "see-protection"
QUESTIONS = 20  # to the register in one night, of one municipality; who is left out is asked about the next nights


def ask_anew(municipality: str) -> int:
    """Ask the register about the owners of open cases, many in one question. Returns how many were raised.

    Raises RegisterUnavailable, RegisterRefused: it did not answer, or not to the end. What it told by then is noted, operators
    see it (`jobs.tidy`), and it is asked again the next night.
    """
    raised, wanted = 0, _tonight(_owners(municipality))
    for first in range(0, len(wanted), AT_ONCE):
        key_of = dict(wanted[first : first + AT_ONCE])
        _log(municipality, key_of.values())
        found = outside().population.persons(key_of.keys(), municipality=municipality, parts={Part.PROTECTION})
        said = {
            key_of[number]: Level.of_register(each.protection) for number, each in found.items() if each.is_protected
        }
        raised += _raise(municipality, said)
    return raised


def _log(municipality: str, keys: Collection[bytes]) -> None:
    """Whom the register is asked about, as the platform's reading in each area where they have an open case: before it is."""
    for area in AREAS:
        with use(municipality, area):
            theirs = Case.objects.filter(owner_key__in=keys, state__in=OPEN_STATES).order_by("id")
            if shown := list(theirs.values_list("id", flat=True)):
                access.log_list(SYSTEM, area=area, purpose=PURPOSE, shown=shown, field_kinds=["protection"])


def _owners(municipality: str) -> list[tuple[str, bytes]]:
    """The identity numbers and keys of whoever has an open case in any area, in an order that stays."""
    found: dict[bytes, str] = {}
    for area in AREAS:
        with use(municipality, area):
            is_open = Exists(Case.objects.filter(applicant=OuterRef("id"), state__in=OPEN_STATES))
            for person in Person.objects.filter(is_open, kind="person"):
                found[bytes(person.owner_key)] = person.opened_number(municipality)
    return [(number, key) for key, number in sorted(found.items())]


def _tonight(owners: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """All of them; where they are more than a night's questions, the next in turn each night."""
    most = AT_ONCE * QUESTIONS
    if len(owners) <= most:
        return owners
    first = dates.today().toordinal() * most % len(owners)
    return (owners[first:] + owners[:first])[:most]


def _raise(municipality: str, said: dict[bytes, Level]) -> int:
    """Note what is stricter than what stood, and that the cases follow, in each area. Returns how many were raised."""
    raised: set[bytes] = set()
    for area in AREAS if said else ():
        with use(municipality, area), transaction.atomic():
            before = protection.levels_of_owners(said)
            raised |= {
                key
                for key, level in said.items()
                if protection.raise_by_register(key, level, because=protection.SELF) is not before.get(key, Level.NONE)
            }
            for case_id in Case.objects.filter(owner_key__in=raised, state__in=OPEN_STATES).values_list(
                "id", flat=True
            ):
                post.put_back_in_outbox(area, case_id, "protect", case_id)
    return len(raised)
