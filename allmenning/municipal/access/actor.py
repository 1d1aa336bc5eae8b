"""Who acts, as facts that a log row and an event can hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from .relations import AboutCase, relation_of


@dataclass(frozen=True)
class Actor:
    """Somebody, or the platform itself, who does something in a municipality."""

    kind: str  # "resident", "staff", "client" (another system, by its id and name as staff's) or "system"
    staff_id: UUID | None = None
    name: str = ""
    unit_name: str = ""
    role: str = ""
    relation: str = ""
    home_municipality: str = ""

    @property
    def named(self) -> str:
        """The name that a log row and an event keep: of staff and of other systems, never of residents."""
        return self.name if self.kind in ("staff", "client") else ""


RESIDENT = Actor("resident")
SYSTEM = Actor("system")


class Lent(NamedTuple):
    """Another municipality lends somebody, by a mandate with dates (both inclusive; no end is open)."""

    municipality: str
    start: date
    end: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Working:
    """A member of staff at work in one area today: which units and roles, whom they substitute for, what they may not.
    Or another system (`system_at_work`): then `scopes` are its roles, in the services that it follows (empty: all).

    lent: the mandates of one who is lent by another municipality; none for one's own staff. today: when they work.
    services: what their units do. covered_units: those of the people whom they substitute for. own_key, near: whose
    cases they are disqualified in, as those people's owner keys (forvaltningsloven § 6). named_as: the same people, and
    near_addresses: where they live, as keys of the area that cases have of whom they concern. near_known_at: when the
    register last told whom they are near to. partial_in: cases where they have declared it. broken_glass: cases that they
    have opened in an emergency, while that lasts.
    """

    staff_id: UUID
    name: str
    area: str
    roles: dict[UUID, frozenset[str]] = field(default_factory=dict)  # by unit
    unit_names: dict[UUID, str] = field(default_factory=dict)
    services: frozenset[str] = frozenset()
    substitutes_for: frozenset[UUID] = frozenset()
    covered_units: frozenset[UUID] = frozenset()
    own_key: bytes = b""
    near: frozenset[bytes] = frozenset()
    named_as: frozenset[bytes] = frozenset()
    near_addresses: frozenset[bytes] = frozenset()
    near_known_at: datetime | None = None
    partial_in: frozenset[UUID] = frozenset()
    broken_glass: Mapping[UUID, datetime] = field(default_factory=dict)  # until when, by case
    lent: tuple[Lent, ...] = ()
    today: date | None = None
    scopes: frozenset[str] = frozenset()
    followed_services: frozenset[str] = frozenset()

    @property
    def is_system(self) -> bool:
        return bool(self.scopes)

    @property
    def is_let_in(self) -> bool:
        """Whether they have a position here today, or are a system that was let in."""
        return bool(self.roles) or self.is_system

    @property
    def mandate(self) -> Lent | None:
        """The mandate that lends them, where one is in force."""
        return next((each for each in self.lent if self.today and each.holds_on(self.today)), None)

    @property
    def home_municipality(self) -> str:
        """Who lends them; empty for one's own staff."""
        return self.mandate.municipality if self.mandate else ""

    @property
    def units(self) -> tuple[UUID, ...]:
        return tuple(self.roles)

    @property
    def all_roles(self) -> frozenset[str]:
        return self.scopes.union(*self.roles.values())

    def roles_in(self, unit_id: UUID | None) -> frozenset[str]:
        """The roles that count in a case: those of its unit; for one from elsewhere whom it is given to, their own."""
        return self.roles.get(unit_id, self.all_roles) if unit_id else self.all_roles

    def units_with(self, role: str) -> tuple[UUID, ...]:
        """The units where this person has the role."""
        return tuple(unit for unit, held in self.roles.items() if role in held)

    def relation_to(self, case: AboutCase) -> str:
        """Why this person has to do with a case; empty when nothing does. See `relations`."""
        return relation_of(self, case)

    def as_actor(self, case: AboutCase | None = None) -> Actor:
        """This person as a log row tells of them: in relation to one case, or at work."""
        unit_id = case.unit_id if case else None
        unit = self.unit_names.get(unit_id, "") if unit_id else ""
        return Actor(
            kind="client" if self.is_system else "staff",
            staff_id=self.staff_id,
            name=self.name,
            unit_name=unit or ", ".join(sorted(self.unit_names.values()))[:120],
            role=_most_telling(self.roles_in(unit_id)),
            relation=self.relation_to(case) if case else "",
            home_municipality=self.home_municipality,
        )


def system_at_work(
    client_id: UUID, name: str, area: str, scopes: Collection[str], services: Collection[str] = ()
) -> Working:
    """Another system at work in an area: let in by the municipality, for these scopes and services (all, if none)."""
    return Working(client_id, name, area, scopes=frozenset(scopes), followed_services=frozenset(services))


def _most_telling(roles: frozenset[str]) -> str:
    order = ("leader", "approver", "caseworker", "archivist", "administrator")
    return next((role for role in order if role in roles), "")
