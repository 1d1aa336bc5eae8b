"""What the administrator sees: the municipality as it is set up, and what is worth a look. Reads only; no case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet

from allmenning.basics import dates
from allmenning.basics.norwegian import sort_key
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.content import OutcomeKind, ServicePackage
from allmenning.commons.catalogue.errors import UnknownService
from allmenning.letters import Metadata, render_letter
from allmenning.municipal.access.models import (
    Absence,
    AdministrationChange,
    Delegation,
    Mandate,
    Position,
    StaffMember,
    Unit,
    UnitService,
    active_on,
)
from allmenning.municipal.profile.models import AdoptedService
from allmenning.municipal.profile.models import Letterhead as Profile

from .letterheads import letterhead_of

SOON = timedelta(days=30)
STAFF_ON_A_PAGE = 50
CHANGES_ON_A_PAGE = 50


@dataclass(frozen=True)
class ToLookAt:
    """Something that an administrator should look at: what (a code), and about which thing."""

    what: str
    id: str
    name: str
    until: date | None = None


@dataclass(frozen=True)
class Overview:
    """How the municipality is set up, in numbers, and what is worth a look."""

    units: int
    staff: int
    services: int
    mandates: int
    absent: int
    to_look_at: list[ToLookAt]


@dataclass(frozen=True)
class OfferedHere:
    """A published service as the municipality has it: what it offers, and whether there is something newer."""

    id: str
    package: ServicePackage
    newest: str
    adopted: AdoptedService | None
    unit: str = ""

    @property
    def is_offered(self) -> bool:
        return self.adopted is not None and self.adopted.active

    @property
    def has_newer(self) -> bool:
        return self.adopted is not None and self.adopted.active and self.adopted.version != self.newest


@dataclass(frozen=True)
class WhoDecides:
    """Who may issue one outcome: what the folder proposes, and what the municipality has decided."""

    outcome: OutcomeKind
    proposed_roles: tuple[str, ...]
    proposed_second_person: bool
    own: list[Delegation] = field(default_factory=list)


@dataclass(frozen=True)
class Route:
    """Where new cases go: of the whole service (an empty topic), or of one topic of it."""

    topic: str
    label: str
    unit: Unit | None


@dataclass(frozen=True)
class ChangePage:
    rows: list[AdministrationChange]
    next_before: str | None


def overview(on: date | None = None) -> Overview:
    day = on or dates.today()
    return Overview(
        units=Unit.objects.filter(active=True).count(),
        staff=StaffMember.objects.filter(active_on(day)).count(),
        services=AdoptedService.objects.filter(active=True).count(),
        mandates=Mandate.objects.filter(active_on(day)).count(),
        absent=Absence.objects.filter(active_on(day)).values("staff").distinct().count(),
        to_look_at=[*_of_services(), *_of_units(day), *_of_staff(day), *_of_letterhead()],
    )


def _of_services() -> Iterable[ToLookAt]:
    routed = set(UnitService.objects.filter(topic="", unit__active=True).values_list("service", flat=True))
    for service in services():
        if service.is_offered and service.id not in routed:
            yield ToLookAt("service-without-unit", service.id, service.id)
        if service.has_newer:
            yield ToLookAt("newer-version", service.id, service.id)


def _of_units(day: date) -> Iterable[ToLookAt]:
    held = Position.objects.filter(active_on(day), active_on(day, "staff__start", "staff__end"), unit=OuterRef("pk"))
    for unit in Unit.objects.filter(~Exists(held), active=True).order_by("name"):
        yield ToLookAt("unit-without-staff", str(unit.id), unit.name)


def _of_staff(day: date) -> Iterable[ToLookAt]:
    held = Position.objects.filter(active_on(day), staff=OuterRef("pk"))
    for staff in StaffMember.objects.filter(~Exists(held), active_on(day)).order_by("name")[:20]:
        yield ToLookAt("staff-without-role", str(staff.id), staff.name)
    ending = Mandate.objects.filter(active_on(day), end__lte=day + SOON).select_related("staff").order_by("end")
    for mandate in ending:
        yield ToLookAt("mandate-ends", str(mandate.staff_id), mandate.staff.name, mandate.end)
    alone = Absence.objects.filter(active_on(day), substitute=None).select_related("staff")
    for absence in alone:
        yield ToLookAt("absent-without-substitute", str(absence.staff_id), absence.staff.name, absence.end)


def _of_letterhead() -> Iterable[ToLookAt]:
    profile = Profile.objects.first()
    if profile is None or not (profile.address_line and profile.postal_code and profile.organisation_number):
        yield ToLookAt("letterhead-incomplete", "", "")


def units() -> list[Unit]:
    """Every unit, the open ones first, with how many people (`people`) and services (`handles`) it has."""
    day = dates.today()
    now = active_on(day, "positions__start", "positions__end") & active_on(
        day, "positions__staff__start", "positions__staff__end"
    )
    counted = Unit.objects.annotate(
        people=Count("positions__staff", filter=now, distinct=True), handles=Count("services", distinct=True)
    )
    return sorted(counted, key=lambda unit: (not unit.active, unit.area != "ordinary", unit.area, sort_key(unit.name)))


def open_units() -> list[Unit]:
    """Units that take cases, in the alphabet's order."""
    return sorted(Unit.objects.filter(active=True), key=lambda unit: sort_key(unit.name))


def staff_found(words: str, page: int, *, ended: bool = False) -> tuple[list[StaffMember], int]:
    """A page of the staff whose name or title holds the words, by name, with `held` (positions today); and how many."""
    day = dates.today()
    found: QuerySet[StaffMember] = StaffMember.objects.filter(Q(end__lt=day) if ended else active_on_or_later(day))
    for word in words.split()[:5]:
        found = found.filter(Q(name__icontains=word) | Q(title__icontains=word))
    everyone = sorted(found, key=lambda staff: (sort_key(staff.name), str(staff.id)))
    shown = everyone[STAFF_ON_A_PAGE * page : STAFF_ON_A_PAGE * (page + 1)]
    held = defaultdict(list)
    for position in _held_by([staff.id for staff in shown], day):
        held[position.staff_id].append(position)
    for staff in shown:
        staff.held = held[staff.id]  # type: ignore[attr-defined]
    return shown, len(everyone)


def active_on_or_later(day: date) -> Q:
    return Q(end__isnull=True) | Q(end__gte=day)


def _held_by(staff: Sequence[UUID], day: date) -> QuerySet[Position]:
    held = Position.objects.filter(active_on_or_later(day), staff__in=staff).select_related("unit")
    return held.order_by("start", "id")


def positions_of(staff_id: UUID) -> list[Position]:
    """All positions of somebody, ended ones too: the ones that hold first."""
    rows = list(Position.objects.filter(staff=staff_id).select_related("unit").order_by("-start", "-id"))
    return sorted(rows, key=lambda row: has_ended(row.end))


def everyone(on: date | None = None) -> list[StaffMember]:
    """All who work here on the day or later, by name: for choosing one of them."""
    found = StaffMember.objects.filter(active_on_or_later(on or dates.today()))
    return sorted(found, key=lambda staff: sort_key(staff.name))


def mandates(staff_id: UUID | None = None) -> list[Mandate]:
    """Every mandate that was ever given, those in force first. Ended ones are kept: they say who could read what."""
    rows = Mandate.objects.select_related("staff").order_by("-start", "-id")
    found = rows.filter(staff=staff_id) if staff_id else rows
    return sorted(found, key=lambda row: has_ended(row.end))


def absences(staff_id: UUID | None = None) -> list[Absence]:
    """Absences of the last year, and later ones: the nearest first."""
    rows = Absence.objects.select_related("staff", "substitute").filter(end__gte=dates.today() - timedelta(days=365))
    found = rows.filter(staff=staff_id) if staff_id else rows
    return sorted(found, key=lambda row: (has_ended(row.end), row.start, str(row.id)))


def has_ended(end: date | None) -> bool:
    return end is not None and end < dates.today()


def services() -> list[OfferedHere]:
    """Every published service, and those that the municipality offers though they are withdrawn."""
    adopted = {row.service: row for row in AdoptedService.objects.all()}
    units_of = dict(UnitService.objects.filter(topic="").values_list("service", "unit__name"))
    newest = {offer.id: offer.version for offer in catalogue.published_services()}
    ids = [*newest, *(service for service, row in adopted.items() if service not in newest and row.active)]
    return [_offered_here(id, newest.get(id), adopted.get(id), units_of.get(id, "")) for id in ids]


def service(id: str) -> OfferedHere:
    """Raises UnknownService."""
    for each in services():
        if each.id == id:
            return each
    raise UnknownService(service=id)


def _offered_here(id: str, newest: str | None, adopted: AdoptedService | None, unit: str) -> OfferedHere:
    version = newest or (adopted.version if adopted else "")
    held = adopted.version if adopted and adopted.active else version
    return OfferedHere(id, catalogue.service_version(id, held), version, adopted, unit)


def versions(id: str) -> list[str]:
    return catalogue.versions(id)


def routes(package: ServicePackage, language: str) -> list[Route]:
    """Where new cases of a service go: all of it, then topic by topic where its form has topics."""
    rows = UnitService.objects.filter(service=package.id).select_related("unit")
    held = {row.topic: row.unit for row in rows}
    field = package.form_schema.get("properties", {}).get("topic", {})
    labels = field.get("x-enum-labels", {})
    topics = [str(topic) for topic in field.get("enum", ())]
    known = [Route(topic, labels.get(topic, {}).get(language, topic), held.get(topic)) for topic in topics]
    return [Route("", "", held.get("")), *known]


def who_decides(package: ServicePackage) -> list[WhoDecides]:
    """Outcome by outcome: the folder's proposal beside the municipality's own rules, ended ones last."""
    return deciding_in([package])[package.id]


def deciding_in(packages: Sequence[ServicePackage]) -> dict[str, list[WhoDecides]]:
    """The same of several services, by their ids. One statement."""
    held: dict[str, list[Delegation]] = {package.id: [] for package in packages}
    for row in Delegation.objects.filter(service__in=held).order_by("-start"):
        held[row.service].append(row)
    return {package.id: _who_decides(package, held[package.id]) for package in packages}


def _who_decides(package: ServicePackage, rows: list[Delegation]) -> list[WhoDecides]:
    rows = sorted(rows, key=lambda row: has_ended(row.end))
    roles = tuple(dict.fromkeys(g.role for g in package.access.decide if g.who == "staff" and g.role))
    return [
        WhoDecides(
            outcome,
            roles,
            outcome.requires_second_person or package.signing.second_person,
            [row for row in rows if row.outcome in ("", outcome.id)],
        )
        for outcome in package.outcomes
        if "staff" in outcome.chosen_by
    ]


def letterhead() -> Profile:
    """The letterhead as it is; an empty one before anybody has set it."""
    return Profile.objects.first() or Profile(name="")


def sample_letter(language: str, text: str, title: str, recipient: Sequence[str], unit: str = "") -> bytes:
    """A letter with the municipality's letterhead as it is now, about nothing and to nobody (PDF)."""
    template = "# {{ sample.title }}\n\n{{ sample.text }}\n"
    return render_letter(
        template,
        {"sample.title": title, "sample.text": text},
        letterhead_of(letterhead(), unit),
        language,
        Metadata(date=dates.today(), reference="2026/123", recipient=recipient),
    )


def changes(before: str = "") -> ChangePage:
    """What administrators changed, newest first, 50 at a time. `before`: where the last page ended."""
    rows = AdministrationChange.objects.order_by("-at", "-id")
    mark = _mark(before)
    if mark is not None:
        at, id = mark
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=id))
    found = list(rows[: CHANGES_ON_A_PAGE + 1])
    shown = found[:CHANGES_ON_A_PAGE]
    more = f"{shown[-1].at.isoformat()}_{shown[-1].id}" if len(found) > len(shown) else None
    return ChangePage(shown, more)


def _mark(text: str) -> tuple[datetime, UUID] | None:
    at, _underscore, id = text.partition("_")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, UUID(id)) if moment.tzinfo else None
    except ValueError:
        return None


def names_in(rows: Sequence[AdministrationChange]) -> dict[str, str]:
    """Names of the staff and units that log rows point at, by id."""
    wanted = {str(value) for row in rows for value in _ids_in(row)}
    wanted |= {each["staff_id"] for each in subjects_of(rows).values() if "staff_id" in each}
    found: dict[str, str] = {}
    for model in (StaffMember, Unit):
        ids = [id for id in wanted if len(id) == 36]
        found |= {str(id): name for id, name in model._default_manager.filter(id__in=ids).values_list("id", "name")}
    return found


# What tells one row of a kind from another, to a reader of the log.
_TELLING: dict[type[Model], tuple[str, ...]] = {
    UnitService: ("service", "topic"),
    AdoptedService: ("service",),
    Delegation: ("service", "outcome", "role"),
    Position: ("staff_id", "role"),
    Mandate: ("staff_id",),
    Absence: ("staff_id",),
}


def subjects_of(rows: Sequence[AdministrationChange]) -> dict[str, dict[str, str]]:
    """What log rows are about, by the id of the object: `{"service": "inquiry", "topic": "housing"}`. Removed ones too."""
    found = {str(row.object_id): _texts({**row.after, **row.before}) for row in rows}
    ids = [row.object_id for row in rows]
    for model, fields in _TELLING.items():
        for id, *values in model._default_manager.filter(id__in=ids).values_list("id", *fields):
            found[str(id)] = _texts(dict(zip(fields, values, strict=True)))
    return found


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value not in (None, "", "None")}


def _ids_in(row: AdministrationChange) -> Iterable[Any]:
    yield row.object_id
    for values in (row.before, row.after):
        for name, value in values.items():
            if name.endswith("_id") and value not in (None, "None"):
                yield value
