"""Who is disqualified in whose cases (forvaltningsloven § 6): family by the population register, and what staff declare.

Asked of the register when somebody goes to work, for that need alone, and kept as keys that tell nobody who it is, for a
month. A register that does not answer stops nobody: what was known stands until then, and it is asked at the next login.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import NationalIdentityNumber
from allmenning.basics.norwegian import fold
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Actor, Working
from allmenning.municipal.access.models import NearOne, PartialInCase, Review
from allmenning.municipal.access.queries import disqualified_among
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import Case
from allmenning.municipal.people.ports import Part, Person, PersonNotFound
from allmenning.tenancy import current, use

from .errors import Disqualified
from .outside import outside
from .reviewing import note

log = logging.getLogger(__name__)

KNOWN_FOR = timedelta(days=30)
PURPOSE = "disqualification"
_HOUSE_NUMBER = re.compile(r"\s+\d+\s*[a-zæøå]?$", re.IGNORECASE)  # "Fjordvegen 12 B"
_PARTS = frozenset({Part.FAMILY, Part.MARITAL_STATUS, Part.ADDRESS, Part.PROTECTION})


def look_up_near(municipality: str, area: str, staff_id: UUID, name: str, number: str) -> None:
    """See that the near ones of somebody who goes to work in an area are known, and known lately.

    In the direct line up and down, sideways as near as siblings, spouse and theirs (§ 6 first paragraph b and c), and who
    lives at the same address. That the register was asked is logged before it is.
    """
    with use(municipality, area):
        known = NearOne.objects.filter(staff=staff_id, source=NearOne.Source.REGISTER, expires_at__gt=dates.now())
        if known.exists():
            return
        actor = Actor("staff", staff_id=staff_id, name=name)
        access.log_object(
            actor, area=area, action="look-up", purpose=PURPOSE, object_kind="near-ones", object_id=staff_id
        )
    try:
        with use(municipality, "administration"):
            NearOne.objects.bulk_create(_row(staff_id, kind, key) for kind, key in sorted(_near_by_register(number)))
    except AllmenningError as failure:
        log.warning("near ones could not be looked up: %s", type(failure).__name__)


def _row(staff_id: UUID, kind: str, key: bytes) -> NearOne:
    now, register = dates.now(), NearOne.Source.REGISTER
    return NearOne(staff_id=staff_id, kind=kind, near_key=key, source=register, at=now, expires_at=now + KNOWN_FOR)


def _near_by_register(number: str) -> set[tuple[str, bytes]]:
    """Raises RegisterUnavailable, RegisterRefused, PersonNotFound (of themselves)."""
    own = _asked(number)
    around = [found for each in (*own.parents, *own.children, *_one(own.spouse)) if (found := _asked_of_kin(each))]
    family = {number, *own.parents, *own.children, *_one(own.spouse)}
    for kin in around:
        # Parents' parents and children (siblings); children's children; a spouse's parents and children.
        family |= {*kin.parents, *kin.children}
    keys = {(NearOne.Kind.PERSON.value, person_key(each)) for each in family}
    if own.address and not own.is_protected:
        home = {"street": own.address.street, "postal_code": own.address.postal_code}
        keys |= {(NearOne.Kind.ADDRESS.value, address_key(home)), (NearOne.Kind.STREET.value, street_key(home))}
    return keys


def _one(number: str | None) -> tuple[str, ...]:
    return (number,) if number else ()


def _asked(number: str) -> Person:
    return outside().population.person(number, municipality=current().municipality, parts=_PARTS)


def _asked_of_kin(number: str) -> Person | None:
    try:
        return _asked(number)
    except PersonNotFound:  # of another country, or long dead
        return None


def person_key(number: str) -> bytes:
    """The key that is on this person's cases here."""
    return vault.resident_key(current().municipality, "person", number)


def address_key(address: Mapping[str, Any]) -> bytes:
    """An address as an index: street with its number, and postal code."""
    return _place_key("address", f"{address['street']}|{address['postal_code']}")


def street_key(address: Mapping[str, Any]) -> bytes:
    """The street of an address, without its number."""
    return _place_key("street", f"{_HOUSE_NUMBER.sub('', str(address['street']))}|{address['postal_code']}")


def _place_key(kind: str, text: str) -> bytes:
    return vault.blind_index(current().municipality, "administration", kind, fold(text))


def addresses_in(facts: Iterable[Any]) -> list[Mapping[str, Any]]:
    """The addresses among what registers said of an applicant."""
    return [each for each in facts if isinstance(each, Mapping) and {"street", "postal_code"} <= set(each)]


def lives_with(working: Working, facts: Iterable[Any]) -> bool:
    """Whether what registers said of an applicant tells that this person lives at the same address. No statement."""
    return any(address_key(each) in working.near_addresses for each in addresses_in(facts) if working.near_addresses)


def lives_nearby(working: Working, facts: Iterable[Any]) -> bool:
    """Whether it tells that they live in the same street."""
    return any(street_key(each) in working.near_streets for each in addresses_in(facts) if working.near_streets)


def same_household(case: Case, working: Working) -> None:
    """Note that the applicant lives where this person lives: from now on the case, and others of theirs, are refused."""
    key = bytes(case.owner_key)
    with use(current().municipality, "administration"):
        _row(working.staff_id, NearOne.Kind.PERSON, key).save(force_insert=True)
    tell_leader(case, working, "same-address")


def tell_leader(case: Case, working: Working, reason: str) -> None:
    """The leader learns that somebody met a case that they are disqualified in, and sees that another has it."""
    note(Review.Kind.DISQUALIFIED, about=f"{case.id}:{working.staff_id}", working=working, case=case, reason=reason)


def require_may_be_given(case: Case, to: UUID | None) -> None:
    """Raises Disqualified: a case is not given to one who is disqualified in it. Two indexed look-ups, one statement."""
    if to is not None and disqualified_among(case, [to]):
        raise Disqualified()


def declare_in_case(case_id: UUID, working: Working, *, staff_key: bytes) -> None:
    """This person is partial in a case: from now on they do not see it, it goes back to the queue, the leader is told.

    Raises NotYours, CaseNotFound.
    """
    from .casework import require  # which refuses whom we know of

    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "find", staff_key=staff_key)
        actor = working.as_actor(case)
        PartialInCase.objects.create(area=case.area, case_id=case.id, staff_id=working.staff_id)
        cases.log(case, actor, "declare-partial", purpose=PURPOSE)
        cases.happened(case, "declared-partial", actor, visible=False)
        if case.assigned_to == working.staff_id and case.is_open:
            cases.assign(case, to=None, name="", unit_id=None, actor=actor, revision=case.revision)
        tell_leader(case, working, "declared-partial")


def declare_towards(number: str, until: date | None, working: Working) -> None:
    """This person is partial to somebody: from now on they see no case of theirs here, in any area.

    Raises InvalidIdentifier.
    """
    value = NationalIdentityNumber.parse(number).value
    with use(current().municipality, "administration"):
        row = NearOne.objects.create(
            staff_id=working.staff_id,
            kind=NearOne.Kind.PERSON,
            near_key=person_key(value),
            source=NearOne.Source.DECLARED,
            expires_at=_end_of(until),
        )
    access.log_object(
        working.as_actor(),
        area=working.area,
        action="declare-partial",
        purpose=PURPOSE,
        object_kind="near-ones",
        object_id=row.id,
    )


def _end_of(day: date | None) -> datetime | None:
    return datetime.combine(day + timedelta(days=1), time.min, dates.now().tzinfo) if day else None


def declared(working: Working) -> list[NearOne]:
    """How often, and until when, this person has declared themselves partial to somebody. Whom is kept nowhere."""
    rows = NearOne.objects.filter(staff=working.staff_id, source=NearOne.Source.DECLARED)
    return list(rows.order_by("-at"))
