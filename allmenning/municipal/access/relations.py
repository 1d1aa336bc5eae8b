"""Why somebody has to do with a case: each relation in Python for one case, and in SQL for lists.

A relation holds by itself, from what is known of the person (`Working`) and of the case. Where more than one holds, the
first in the table is the one that the log names. A guard test holds Python and SQL together for random data.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from django.db.models import Q

if TYPE_CHECKING:
    from .actor import Working

NONE = Q(pk__in=())  # no case


class AboutCase(Protocol):
    """What the rules ask of a case. The model `Case` answers; a test may answer by itself."""

    @property
    def id(self) -> UUID: ...

    @property
    def area(self) -> str: ...

    @property
    def service(self) -> str: ...

    @property
    def unit_id(self) -> UUID | None: ...

    @property
    def assigned_to(self) -> UUID | None: ...

    @property
    def owner_key(self) -> bytes | memoryview: ...

    @property
    def is_strictly_protected(self) -> bool:
        """Whether the applicant's address is strictly confidential (strengt fortrolig)."""
        ...

    @property
    def home_keys(self) -> Collection[bytes | memoryview]:
        """Where the applicant lives, where that is known, as keys of the area."""
        ...

    @property
    def named_keys(self) -> Collection[bytes | memoryview]:
        """Whom the applicant names in the form, as keys of the area."""
        ...


_NO_ID = UUID(int=0)


@dataclass(frozen=True)
class NewCase:
    """What the rules ask of a case that is yet to be: one that somebody would send in, or register."""

    area: str
    service: str = ""
    owner_key: bytes = b""
    id: UUID = _NO_ID
    unit_id: UUID | None = None
    assigned_to: UUID | None = None
    is_strictly_protected: bool = False
    home_keys: Collection[bytes | memoryview] = ()
    named_keys: Collection[bytes | memoryview] = ()


@dataclass(frozen=True)
class Relation:
    """One way to have to do with a case. `near`: it holds also when the applicant is strictly protected."""

    name: str
    holds: Callable[[Working, AboutCase], bool]
    condition: Callable[[Working], Q]
    near: bool = True


def _does(case: AboutCase, units: Collection[UUID], working: Working) -> bool:
    """Whether these units do this: the case is with one of them, or its service is theirs, or it is with no unit yet."""
    return case.unit_id is None or case.unit_id in units or case.service in working.services


def _done_in(units: Collection[UUID], working: Working) -> Q:
    return Q(unit_id__isnull=True) | Q(unit_id__in=list(units)) | Q(service__in=sorted(working.services))


def _follows(working: Working, case: AboutCase) -> bool:
    of_service = not working.followed_services or case.service in working.followed_services
    return working.is_system and case.area == working.area and of_service


def _followed(working: Working) -> Q:
    if not working.is_system:
        return NONE
    of_area = Q(area=working.area)
    return of_area & Q(service__in=sorted(working.followed_services)) if working.followed_services else of_area


RELATIONS: tuple[Relation, ...] = (
    Relation(
        "assigned",
        lambda w, c: c.assigned_to == w.staff_id and _does(c, w.units, w),
        lambda w: Q(assigned_to=w.staff_id) & _done_in(w.units, w),
    ),
    Relation(
        "substitute",  # stands in the place of the one who is away, also in that one's units
        lambda w, c: c.assigned_to in w.substitutes_for and _does(c, {*w.units, *w.covered_units}, w),
        lambda w: Q(assigned_to__in=list(w.substitutes_for)) & _done_in({*w.units, *w.covered_units}, w),
    ),
    Relation(
        "leader",
        lambda w, c: c.unit_id in w.units_with("leader"),
        lambda w: Q(unit_id__in=w.units_with("leader")),
    ),
    Relation("unit", lambda w, c: c.unit_id in w.roles, lambda w: Q(unit_id__in=w.units), near=False),
    Relation(
        "archive",  # an archivist keeps the records of the whole area, wherever in it their own unit is
        lambda w, c: "archivist" in w.all_roles and c.area == w.area,
        lambda w: Q(area=w.area) if "archivist" in w.all_roles else NONE,
        near=False,
    ),
    Relation("break-glass", lambda w, c: c.id in w.broken_glass, lambda w: Q(id__in=list(w.broken_glass))),
    Relation("integration", lambda w, c: _follows(w, c), lambda w: _followed(w)),  # another system, by its mandate
)
BY_NAME = {relation.name: relation for relation in RELATIONS}
BREAK_GLASS, ARCHIVE = BY_NAME["break-glass"], BY_NAME["archive"]


def relation_of(working: Working, case: AboutCase) -> str:
    """Why this person has to do with this case: the first relation that holds, or an empty string."""
    for relation in RELATIONS:
        if relation.holds(working, case) and (relation.near or not case.is_strictly_protected):
            return relation.name
    return ""


def related(working: Working, protected: Q, *, but: Collection[Relation] = ()) -> Q:
    """The cases that this person has to do with, as SQL. protected: whose applicant is strictly protected."""
    found = NONE
    for relation in RELATIONS:
        if relation not in but:
            found |= relation.condition(working) if relation.near else relation.condition(working) & ~protected
    return found
