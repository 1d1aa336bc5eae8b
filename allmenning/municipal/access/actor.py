"""Who acts, as facts that a log row and an event can hold."""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Working:
    """A member of staff at work in one area today: which units and roles, whom they substitute for, what they may not.

    services: what their units do. covered_units: those of the people whom they substitute for. own_key, near: whose
    cases they are disqualified in, as those people's owner keys (forvaltningsloven § 6), and near_addresses, near_streets: of
    whoever lives there. partial_in: cases where they
    have declared it. broken_glass: cases that they have opened in an emergency, while that lasts.
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
    near_addresses: frozenset[bytes] = frozenset()
    near_streets: frozenset[bytes] = frozenset()
    partial_in: frozenset[UUID] = frozenset()
    broken_glass: frozenset[UUID] = frozenset()
    home_municipality: str = ""

    @property
    def units(self) -> tuple[UUID, ...]:
        return tuple(self.roles)

    @property
    def all_roles(self) -> frozenset[str]:
        return frozenset().union(*self.roles.values()) if self.roles else frozenset()

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
            kind="staff",
            staff_id=self.staff_id,
            name=self.name,
            unit_name=unit or ", ".join(sorted(self.unit_names.values()))[:120],
            role=_most_telling(self.roles_in(unit_id)),
            relation=self.relation_to(case) if case else "",
            home_municipality=self.home_municipality,
        )


def _most_telling(roles: frozenset[str]) -> str:
    order = ("leader", "approver", "caseworker", "archivist", "administrator")
    return next((role for role in order if role in roles), "")
