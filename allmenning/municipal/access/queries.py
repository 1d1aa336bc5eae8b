"""Who works here, in which units, and with which rights."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import DateField, DateTimeField, F, Q, QuerySet, TextField

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.memory import SETTINGS_SECONDS, remembered
from allmenning.tenancy import current
from allmenning.tenancy.read_together import Asked, Together

from .actor import Actor, Lent, Working
from .errors import NotStaffHere
from .models import (
    Absence,
    BreakGlass,
    Delegation,
    LogEntry,
    Mandate,
    NearOne,
    PartialInCase,
    Position,
    Role,
    StaffMember,
    Unit,
    UnitService,
    active_on,
)
from .rules import why_not_at_work

_ENDED = NearOne.Source.ENDED
MOST_SHOWN = 500  # rows of a case's log


def subject_index(number: str) -> bytes:
    """How this municipality finds a member of staff by identity number."""
    return vault.blind_index(current().municipality, "administration", "staff", number)


def staff_by_number(number: str, on: date | None = None) -> StaffMember | None:
    """The member of staff with this identity number, if they work here on the day."""
    day = on or dates.today()
    return StaffMember.objects.filter(active_on(day), subject_index=subject_index(number)).first()


def areas_of_staff(index: bytes, on: date | None = None) -> list[str]:
    """The service areas where whoever has this `subject_index` works today; none for one who is not staff."""
    day = on or dates.today()
    member = StaffMember.objects.filter(active_on(day), subject_index=index).first()
    return areas_of(member.id, day) if member else []


def areas_of(staff_id: UUID, on: date | None = None) -> list[str]:
    """The service areas where this person has a position in a unit today."""
    held = _positions_on(on or dates.today()).filter(staff=staff_id, unit__isnull=False)
    return sorted(set(held.values_list("unit__area", flat=True)))


def is_administrator(staff_id: UUID, on: date | None = None) -> bool:
    """Whether this person administers the municipality on the day: the role and the employment both hold."""
    return _positions_on(on or dates.today()).filter(staff=staff_id, role=Role.ADMINISTRATOR).exists()


def has_administrator(on: date) -> bool:
    """Whether anybody administers the municipality on the day."""
    return _positions_on(on).filter(role=Role.ADMINISTRATOR).exists()


def _positions_on(day: date | Asked) -> QuerySet[Position]:
    return Position.objects.filter(active_on(day), active_on(day, "staff__start", "staff__end"))


def home_municipality(staff_id: UUID, on: date | None = None) -> str:
    """The municipality that lends this person by a mandate in force, or an empty string for one's own staff."""
    mandate = Mandate.objects.filter(active_on(on or dates.today()), staff=staff_id).first()
    return mandate.home_municipality if mandate else ""


def working_as(staff_id: UUID, area: str, on: date | None = None) -> Working:
    """What this person is and may here today, in one area, asked as that area's login. One statement.

    Raises:
        NotStaffHere: the employment is over, the mandate has run out, or there is no position in the area.
    """
    day = on or dates.today()
    found = _AT_WORK.read(staff=staff_id, area=area, today=day, now=dates.now())
    asked_at = [each.at for each in found["near"] if each.source == NearOne.Source.REGISTER]
    near = _keys(standing(found["near"]), NearOne.Kind.PERSON)
    return replace(
        _working(found, staff_id, area, day),
        near_known_at=max(asked_at, default=None),
        near=near,
        named_as=frozenset(named_key(area, key) for key in near),
        near_addresses=frozenset(home_key(area, key) for key in _keys(found["near"], NearOne.Kind.ADDRESS)),
        partial_in=frozenset(each.case_id for each in found["partial"]),
        broken_glass={each.case_id: each.until for each in sorted(found["broken"], key=lambda each: each.until)},
    )


def standing(rows: Iterable[NearOne]) -> list[NearOne]:
    """What counts of what is known of some staff's near ones: not what they declared once, and have ended since."""
    told = list(rows)
    ended = {
        (row.staff_id, bytes(row.near_key)): row.at
        for row in sorted(told, key=lambda row: row.at)
        if row.source == _ENDED
    }
    return [row for row in told if row.source != _ENDED and not _is_ended(row, ended)]


def _is_ended(row: NearOne, ended: Mapping[tuple[UUID, bytes], datetime]) -> bool:
    at = ended.get((row.staff_id, bytes(row.near_key)))
    return row.source == NearOne.Source.DECLARED and at is not None and row.at <= at


def _keys(rows: list[NearOne], kind: NearOne.Kind) -> frozenset[bytes]:
    return frozenset(bytes(each.near_key) for each in rows if each.kind == kind)


def home_key(area: str, address_key: bytes) -> bytes:
    """An area's own key of an address: equal to no other area's, nor to what all areas read of where staff live."""
    return vault.blind_index(current().municipality, area, "home", address_key.hex())


def named_key(area: str, owner_key: bytes) -> bytes:
    """An area's own key of somebody whom a form names. Not the key on their own cases: residents read the rows of a case of
    theirs, and whoever has somebody's own key reads what is theirs.
    """
    return vault.blind_index(current().municipality, area, "named", owner_key.hex())


def with_own_key(working: Working, own_key: bytes) -> Working:
    """The same person, with the key that they would have as a resident here, and by which a form names them."""
    if working.own_key == own_key:
        return working
    return replace(working, own_key=own_key, named_as=working.named_as | {named_key(working.area, own_key)})


def placed_in(staff_id: UUID, area: str, on: date | None = None) -> Working:
    """Units and roles alone, for the login `administration`, which sees nothing about cases. Raises NotStaffHere."""
    day = on or dates.today()
    return _working(_PLACED.read(staff=staff_id, area=area, today=day), staff_id, area, day)


def _working(found: dict[str, list], staff_id: UUID, area: str, day: date) -> Working:
    working = Working(
        staff_id=staff_id,
        name=found["staff"][0].name if found["staff"] else "",
        area=area,
        roles=_roles_by_unit(found["positions"]),
        unit_names={unit.id: unit.name for unit in found["units"]},
        services=frozenset(each.service for each in found["services"]),
        substitutes_for=frozenset(absence.staff_id for absence in found["absences"]),
        covered_units=frozenset(each.unit_id for each in found["covered"] if each.unit_id),
        lent=tuple(Lent(each.home_municipality, each.start, each.end) for each in found["mandates"]),
        today=day,
    )
    if why_not_at_work(working):
        raise NotStaffHere()
    return working


def _placed() -> dict[str, QuerySet]:
    person, area, day = Asked("staff"), Asked("area", TextField()), Asked("today", DateField())
    positions = _positions_on(day).filter(staff=person, unit__area=area, unit__active=True)
    absences = Absence.objects.filter(active_on(day), substitute=person)
    return {
        "staff": StaffMember.objects.filter(id=person),
        "positions": positions.order_by("id"),
        "units": Unit.objects.filter(id__in=positions.values("unit")).order_by("id"),
        # One that ended before they were employed here (again) says nothing of the employment.
        "mandates": Mandate.objects.filter(Q(end__isnull=True) | Q(end__gte=F("staff__start")), staff=person).order_by(
            "id"
        ),
        "services": UnitService.objects.filter(unit__in=positions.values("unit")).order_by("id"),
        "absences": absences,
        "covered": _positions_on(day).filter(staff__in=absences.values("staff"), unit__area=area, unit__active=True),
    }


def _at_work() -> dict[str, QuerySet]:
    person, now = Asked("staff"), Asked("now", DateTimeField())
    return {
        **_placed(),
        "near": NearOne.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), staff=person),
        "partial": PartialInCase.objects.filter(staff_id=person),
        "broken": BreakGlass.objects.filter(staff_id=person, until__gt=now),
    }


_PLACED, _AT_WORK = Together(_placed), Together(_at_work)


def _roles_by_unit(positions: list[Position]) -> dict[UUID, frozenset[str]]:
    roles: dict[UUID, set[str]] = {}
    for position in positions:
        roles.setdefault(position.unit_id, set()).add(position.role)  # type: ignore[arg-type]
    return {unit: frozenset(held) for unit, held in roles.items()}


class RoutedUnit(NamedTuple):
    """A unit that a new case can go to."""

    id: UUID
    name: str
    area: str
    kind: str


@dataclass(frozen=True)
class Routing:
    """Where a new case can go: the unit that the municipality sends it to, if it says so, and the units of the area.

    is_by_topic: whether it says so of this topic, and not of the service as a whole.
    """

    routed: RoutedUnit | None
    units: list[RoutedUnit]
    is_by_topic: bool = False

    def exactly(self, kind: str) -> RoutedUnit | None:
        """A unit of a kind that services name, where there is one."""
        return next((unit for unit in self.units if unit.kind == kind), None) if kind else None

    def of_kind(self, kind: str) -> RoutedUnit | None:
        """A unit of a kind that services name; else the service desk, else any, so that no case comes to nobody."""
        wanted = (unit for each in (kind, "service-desk") for unit in self.units if unit.kind == each)
        return next(wanted, self.units[0] if self.units else None)


def routing(area: str, service: str, topic: str = "") -> Routing:
    """Where a new case of a service can go. The most specific row routes it: the topic's, else the service's.

    A row that leads to a unit of another area, whose people could not read the case, routes nothing.

    Every submission asks, so this is remembered: another process learns of a change some seconds late.
    """
    units, routes = _routes(current().municipality)
    here = [unit for unit in units if unit.area == area]
    by_topic, whole = (routes.get((service, each)) for each in (topic, ""))
    if topic and by_topic in here:
        return Routing(by_topic, here, is_by_topic=True)
    return Routing(whole if whole in here else None, here)


_ROUTES = """
    select u.id, u.name, u.area, u.kind, s.service, s.topic
    from access_unit u left join access_unitservice s on s.unit_id = u.id
    where u.active order by u.id"""


@remembered(SETTINGS_SECONDS)
def _routes(municipality: str) -> tuple[tuple[RoutedUnit, ...], Mapping[tuple[str, str], RoutedUnit]]:
    """Every active unit of the municipality at hand, and the one that a service, or a topic of it, goes to."""
    with connection.cursor() as cursor:
        cursor.execute(_ROUTES)
        rows = [(RoutedUnit(*unit), service, topic) for *unit, service, topic in cursor.fetchall()]
    routes = {(service, topic): unit for unit, service, topic in rows if service is not None}
    return tuple(dict.fromkeys(unit for unit, _, _ in rows)), routes


def forget_routes() -> None:
    """Ask again where cases go: after a change."""
    _routes.forget()


def colleagues(unit_ids: tuple[UUID, ...], on: date | None = None) -> list[StaffMember]:
    """Everyone who has a position in these units today, by name."""
    return list(colleagues_in(Q(positions__unit__in=unit_ids), on or dates.today()))


def colleagues_in(unit: Q, day: date | Asked) -> QuerySet[StaffMember]:
    """The rows of the same, of staff whose positions are in a unit."""
    held = StaffMember.objects.filter(active_on(day), active_on(day, "positions__start", "positions__end"), unit)
    return held.distinct().order_by("name")


def delegations_for(service: str, on: date | None = None) -> list[Delegation]:
    """The municipality's own rules about who may decide in a service, in force on the day."""
    return list(delegations_in(service, on or dates.today()))


def delegations_in(service: str | Asked, day: date | Asked) -> QuerySet[Delegation]:
    """The rows of the same."""
    return Delegation.objects.filter(active_on(day), service=service)


def who_has_looked(case_id: UUID, *, but_not: Q) -> list[LogEntry]:
    """The log of one case, newest first, without some of its rows."""
    return list(log_in(case_id).exclude(but_not)[:MOST_SHOWN])


def has_been_shown(
    case_id: UUID, objects: Collection[UUID], actor: Actor, *, purpose: str, field_kind: str, since: datetime
) -> bool:
    """Whether the log tells that this actor, for this purpose, was shown one of the objects' fields of a kind lately."""
    rows = LogEntry.objects.filter(case_id=case_id, at__gte=since, object_id__in=objects, purpose=purpose)
    of_actor = rows.filter(actor_kind=actor.kind, staff_id=actor.staff_id)
    return of_actor.filter(action="read", field_kinds__contains=[field_kind]).exists()


def log_in(case_id: UUID | Asked) -> QuerySet[LogEntry]:
    """The rows of the same, all of them. Residents read them too, but not which other cases a list showed."""
    return LogEntry.objects.filter(case_id=case_id).defer("shown_ids").order_by("-at")
