"""Who acts, as facts that a log row and an event can hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q


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
    """A member of staff at work in one area today: which units and roles, whom they substitute for."""

    staff_id: UUID
    name: str
    area: str
    roles: dict[UUID, frozenset[str]] = field(default_factory=dict)  # by unit
    unit_names: dict[UUID, str] = field(default_factory=dict)
    substitutes_for: frozenset[UUID] = frozenset()
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

    def relation_to(self, unit_id: UUID | None, assigned_to: UUID | None) -> str:
        """Why this person has to do with a case: assigned, substitute, leader, unit, archive; empty when nothing does.

        An archivist may read every case of the area, wherever in it their own unit is.
        """
        if assigned_to == self.staff_id:
            return "assigned"
        if assigned_to in self.substitutes_for:
            return "substitute"
        roles = self.roles.get(unit_id) if unit_id else None
        if not roles:
            return "archive" if "archivist" in self.all_roles else ""
        return "leader" if "leader" in roles else "unit"

    def case_condition(self) -> Q:
        """The same rule as `relation_to`, as an SQL condition for lists."""
        if "archivist" in self.all_roles:
            return Q(area=self.area)
        return Q(unit_id__in=self.units) | Q(assigned_to__in=[self.staff_id, *self.substitutes_for])

    def as_actor(self, unit_id: UUID | None = None, assigned_to: UUID | None = None) -> Actor:
        """This person as a log row tells of them, in relation to one case."""
        roles = self.roles_in(unit_id)
        unit = self.unit_names.get(unit_id, "") if unit_id else ""
        return Actor(
            kind="staff",
            staff_id=self.staff_id,
            name=self.name,
            unit_name=unit or ", ".join(sorted(self.unit_names.values()))[:120],
            role=_most_telling(roles),
            relation=self.relation_to(unit_id, assigned_to),
            home_municipality=self.home_municipality,
        )


def _most_telling(roles: frozenset[str]) -> str:
    order = ("leader", "approver", "caseworker", "archivist", "administrator")
    return next((role for role in order if role in roles), "")
