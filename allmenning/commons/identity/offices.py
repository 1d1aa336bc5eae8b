"""Roles in the cooperations' own offices: who bills, approves, keeps the plan, or stands for a party; dated, without a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import router, transaction
from django.db.models import Q, QuerySet

from allmenning.basics.dates import now

from .errors import NoSuchRole, RoleAlreadyHeld, RoleEndsTooEarly
from .models import OfficeRole

OF_A_COOPERATION = ("treasurer", "approver", "board", "planner")
OF_A_PARTY = ("member-treasurer", "secretary", "elected", "employees")


@dataclass(frozen=True)
class OfficeActing:
    """In what role somebody acts at the office. scope: a cooperation's id, or the id of an agreement without one.
    party: who they stand for, as agreements name it. One of the two is empty."""

    id: UUID
    role: str
    scope: str = ""
    party: str = ""

    @property
    def said(self) -> str:
        """Who did something, as rows of the commons keep it: the role and whose it is, and nobody's name."""
        return f"{self.role}, {self.scope or self.party}"


def roles_of(person_key: bytes, on: date) -> list[OfficeActing]:
    """The roles that somebody has on a day."""
    return [_acting(row) for row in _held(on).filter(person_key=person_key).order_by("role", "scope", "party")]


def role(id: UUID, person_key: bytes, on: date) -> OfficeActing | None:
    """A role, if it is this person's on the day. One statement: asked at each request, so that an ended role ends at once."""
    row = _held(on).filter(id=id, person_key=person_key).first()
    return _acting(row) if row else None


def same_person(one: UUID, other: UUID) -> bool:
    """Whether two roles are of the same person, whatever the roles are."""
    keys = [bytes(row.person_key) for row in OfficeRole.objects.filter(id__in={one, other})]
    return one == other or (len(keys) == 2 and len(set(keys)) == 1)


def held(on: date) -> list[OfficeRole]:
    """Every role on a day, for who operates the platform."""
    return list(_held(on).order_by("scope", "party", "role", "start"))


def give(*, person_key: bytes, role: str, scope: str = "", party: str = "", start: date, by: str) -> OfficeRole:
    """Give somebody a role from a day. by: as a role, no name. Raises NoSuchRole, RoleAlreadyHeld.

    A role of a cooperation has its scope and no party, one of a party its party and no scope.
    """
    wanted = {"scope": scope, "party": party}
    if (role in OF_A_COOPERATION) != bool(scope) or (role in OF_A_PARTY) != bool(party):
        raise NoSuchRole(role=role, options=", ".join([*OF_A_COOPERATION, *OF_A_PARTY]))
    with transaction.atomic(using=router.db_for_write(OfficeRole)):
        has_it = OfficeRole.objects.select_for_update().filter(person_key=person_key, role=role, **wanted, end=None)
        if has_it.exists():
            raise RoleAlreadyHeld
        return OfficeRole.objects.create(
            person_key=person_key, role=role, **wanted, start=start, given_at=now(), given_by=by
        )


def end(id: UUID, on: date) -> OfficeRole:
    """End a role: on is the first day without it. Raises NoSuchRole, RoleEndsTooEarly."""
    with transaction.atomic(using=router.db_for_write(OfficeRole)):
        row = OfficeRole.objects.select_for_update().filter(id=id).first()
        if row is None:
            raise NoSuchRole(role=str(id), options="")
        if on < row.start:
            raise RoleEndsTooEarly(start=row.start)
        row.end = on
        row.save(update_fields=["end"])
        return row


def _held(on: date) -> QuerySet[OfficeRole]:
    return OfficeRole.objects.filter(Q(end=None) | Q(end__gt=on), start__lte=on)


def _acting(row: OfficeRole) -> OfficeActing:
    return OfficeActing(row.id, row.role, row.scope, row.party)
