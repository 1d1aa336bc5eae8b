"""Reading the register. Facts are remembered for a minute in each process; none of them is personal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from allmenning.basics.dates import today
from allmenning.basics.memory import remembered
from allmenning.basics.norwegian import fold, sort_key

from .errors import UnknownCooperation, UnknownMunicipality
from .facts import (
    Dated,
    Found,
    Inhabitants,
    KnownCooperation,
    KnownMembership,
    KnownMunicipality,
    KnownPlacement,
    KnownSuccession,
)
from .models import (
    Cooperation,
    Membership,
    Municipality,
    MunicipalityName,
    MunicipalityNumber,
    Placement,
    Population,
    Succession,
)

REMEMBERED_SECONDS = 60


@dataclass(frozen=True)
class Register:
    """Everything but the populations, read at once: 453 municipalities take about 10 ms."""

    municipalities: dict[str, KnownMunicipality]
    by_number: dict[str, tuple[tuple[Dated, str], ...]]
    successions: tuple[KnownSuccession, ...]
    cooperations: dict[str, KnownCooperation]
    searchable: tuple[tuple[str, str, str], ...]  # folded name, name, id


@remembered(REMEMBERED_SECONDS)
def register() -> Register:
    """The whole register as it is now."""
    municipalities = _municipalities()
    by_number = defaultdict(list)
    for each in municipalities.values():
        for number in each.numbers:
            by_number[number.value].append((number, each.id))
    return Register(
        municipalities,
        {number: tuple(holders) for number, holders in by_number.items()},
        tuple(KnownSuccession(*row) for row in _rows(Succession, "date", "kind", "predecessor", "successor")),
        _cooperations(),
        tuple((fold(name), name, each.id) for each in municipalities.values() for name in _called(each)),
    )


def forget() -> None:
    """Read the register again next time."""
    register.forget()
    _placements.forget()


def municipality(id: str) -> KnownMunicipality:
    """Raises `UnknownMunicipality`."""
    try:
        return register().municipalities[id]
    except KeyError:
        raise UnknownMunicipality(asked=id) from None


def by_number(number: str, on: date | None = None) -> KnownMunicipality:
    """The municipality that has, or had, a number on a day (today). Raises `UnknownMunicipality`."""
    day = on or today()
    for dated, holder in register().by_number.get(number, ()):
        if dated.holds(day):
            return municipality(holder)
    raise UnknownMunicipality(asked=number)


def name_of(id: str, language: str = "nb", on: date | None = None) -> str:
    """A municipality's name. Norwegian names are the same in nb, nn and en; `se`, `sma`, `smj`, `fkv` where it has one.

    Raises `UnknownMunicipality`.
    """
    return municipality(id).name_in(language, on)


def all_municipalities(on: date | None = None) -> list[KnownMunicipality]:
    """Those that exist on a day (today), in Norwegian order."""
    day = on or today()
    return _in_order(each for each in register().municipalities.values() if each.exists(day))


def live_municipalities() -> list[KnownMunicipality]:
    """Those that have a database here, in Norwegian order."""
    return _in_order(register().municipalities[id] for id in _placements() if id in register().municipalities)


def live_ids() -> list[str]:
    """Ids of those that have a database here."""
    return sorted(_placements())


def placement_of(id: str) -> KnownPlacement | None:
    """Where a municipality's database is; None for one that is not live. Not remembered here: the caller does."""
    row = Placement.objects.filter(municipality_id=id).values_list("server", "database").first()
    return KnownPlacement(*row) if row else None


def cooperations() -> list[KnownCooperation]:
    return sorted(register().cooperations.values(), key=lambda each: sort_key(each.name))


def cooperation(id: str) -> KnownCooperation:
    """Raises `UnknownCooperation`."""
    try:
        return register().cooperations[id]
    except KeyError:
        raise UnknownCooperation(asked=id) from None


def members(cooperation_id: str, on: date | None = None) -> list[KnownMunicipality]:
    """The members on a day (today), in Norwegian order. Raises `UnknownCooperation`."""
    day = on or today()
    memberships = cooperation(cooperation_id).memberships
    return _in_order(municipality(each.municipality) for each in memberships if each.holds(day))


def memberships(cooperation_id: str) -> tuple[KnownMembership, ...]:
    """All memberships through time, oldest first. Raises `UnknownCooperation`."""
    return cooperation(cooperation_id).memberships


def cooperations_of(municipality_id: str, on: date | None = None) -> list[KnownCooperation]:
    """The cooperations a municipality is a member of on a day (today)."""
    day = on or today()
    return [
        each
        for each in cooperations()
        if any(one.municipality == municipality_id and one.holds(day) for one in each.memberships)
    ]


def population_of(id: str, on: date | None = None) -> Inhabitants | None:
    """The latest known number of inhabitants on or before a day (today); None if there is none."""
    figures = Population.objects.filter(municipality_id=id, date__lte=on or today()).order_by("-date", "source")
    row = figures.values_list("number", "date", "source").first()
    return Inhabitants(*row) if row else None


def populations(ids: list[str], on: date) -> dict[str, Inhabitants]:
    """Inhabitants of several municipalities on exactly that day. One without a figure is left out."""
    rows = Population.objects.filter(municipality_id__in=ids, date=on).order_by("-source")
    return {
        id: Inhabitants(number, day, source)
        for id, number, day, source in rows.values_list("municipality_id", "number", "date", "source")
    }


def latest_populations(ids: Collection[str], on: date | None = None) -> dict[str, Inhabitants]:
    """The latest known number of inhabitants of each, on or before a day (today). One without a figure is left out."""
    rows = Population.objects.filter(municipality_id__in=ids, date__lte=on or today())
    newest = rows.order_by("municipality_id", "-date", "source").distinct("municipality_id")
    return {
        id: Inhabitants(number, day, source)
        for id, number, day, source in newest.values_list("municipality_id", "number", "date", "source")
    }


def populations_on(ids: Collection[str], days: Collection[date]) -> dict[date, dict[str, Inhabitants]]:
    """The latest known number of inhabitants of each, on or before each of several days. One statement."""
    rows = Population.objects.filter(municipality_id__in=ids, date__lte=max(days, default=today()))
    found: dict[date, dict[str, Inhabitants]] = {day: {} for day in days}
    for id, number, counted, source in rows.order_by("date", "-source").values_list(
        "municipality_id", "number", "date", "source"
    ):
        for day in (each for each in days if counted <= each):
            found[day][id] = Inhabitants(number, counted, source)
    return found


def successions() -> tuple[KnownSuccession, ...]:
    """What became of what, and when."""
    return register().successions


def successors(id: str, on: date | None = None) -> list[KnownMunicipality]:
    """Who is responsible, on a day (today), where this municipality was: itself as long as it exists.

    A split gives several: parts of Snillfjord are in Heim, Hitra and Orkland. Raises `UnknownMunicipality`.
    """
    day = on or today()
    return _in_order(municipality(each) for each in _responsible(municipality(id), day, frozenset()))


def predecessors(id: str) -> list[KnownMunicipality]:
    """Those that merged into, or were split into, this municipality, near and far. Raises `UnknownMunicipality`."""
    found: set[str] = set()
    waiting = [municipality(id).id]
    while waiting:
        later = waiting.pop()
        for each in register().successions:
            # A restored municipality came out of its predecessor, it did not take it over.
            if each.successor == later and each.kind != "restored" and each.predecessor not in found | {id}:
                found.add(each.predecessor)
                waiting.append(each.predecessor)
    return _in_order(municipality(each) for each in found)


def search_municipality(text: str, limit: int = 8, *, live_only: bool = False) -> list[Found]:
    """Municipalities by name or number, old and new, in any of their languages; forgives typing errors.

    `fræna` finds Fræna, with Hustadvika as the one responsible today.
    """
    wanted = fold(text)
    if not wanted:
        return []
    live, best = set(live_ids()) if live_only else set(), dict[str, tuple[float, str]]()
    for folded, name, id in register().searchable:
        score = _likeness(wanted, folded)
        if score > best.get(id, (0.0, ""))[0]:
            best[id] = (score, name)
    for _dated, holder in register().by_number.get(wanted, ()):
        best[holder] = (100.0, wanted)
    found = [Found(municipality(id), name, tuple(successors(id)), score) for id, (score, name) in best.items()]
    if live_only:
        found = [each for each in found if live & {one.id for one in each.today}]
    # Among equals: the one that still is, then alphabetically.
    order = sorted(
        found, key=lambda each: (-each.score, not each.municipality.exists(), sort_key(each.municipality.name))
    )
    return order[:limit]


def _likeness(wanted: str, name: str) -> float:
    """0–100: exact, then beginning, then a word's beginning, then near misses; 0 for what is too far away."""
    if wanted == name:
        return 100.0
    if name.startswith(wanted):
        return 90.0 + 5 * len(wanted) / len(name)
    if len(wanted) > 2 and f" {wanted}" in f" {name}":
        return 80.0
    allowed = 0 if len(wanted) < 3 else 1 if len(wanted) < 6 else 2
    if allowed and OSA.distance(wanted, name, score_cutoff=allowed) <= allowed:
        return 40.0 + fuzz.ratio(wanted, name) * 0.3
    if allowed and len(wanted) > 4 and OSA.distance(wanted, name[: len(wanted)], score_cutoff=1) <= 1:
        return 40.0
    return 0.0


def _responsible(was: KnownMunicipality, day: date, seen: frozenset[str]) -> set[str]:
    if was.exists(day):
        return {was.id}
    ends = [number.end for number in was.numbers if number.end and number.end <= day]
    last = max(ends, default=None)
    later = {
        each.successor
        for each in register().successions
        if each.predecessor == was.id and each.date == last and each.successor not in seen | {was.id}
    }
    return {found for each in later for found in _responsible(municipality(each), day, seen | {was.id})}


def _called(known: KnownMunicipality) -> set[str]:
    return {each.value for each in known.names} | {known.label}


@remembered(REMEMBERED_SECONDS)
def _placements() -> frozenset[str]:
    return frozenset(Placement.objects.values_list("municipality_id", flat=True))


def _municipalities() -> dict[str, KnownMunicipality]:
    names, numbers = defaultdict(list), defaultdict(list)
    for owner, *name in _rows(MunicipalityName, "municipality", "name", "start", "end", "language"):
        names[owner].append(Dated(*name))
    for owner, *number in _rows(MunicipalityNumber, "municipality", "number", "start", "end"):
        numbers[owner].append(Dated(*number))
    return {
        id: KnownMunicipality(id, qualifier, _by_start(names[id]), _by_start(numbers[id]))
        for id, qualifier in Municipality.objects.order_by("id").values_list("id", "qualifier")
    }


def _cooperations() -> dict[str, KnownCooperation]:
    found = defaultdict(list)
    for row in _rows(Membership, "cooperation", "municipality", "start", "end", "source"):
        found[row[0]].append(KnownMembership(*row))
    return {
        row[0]: KnownCooperation(*row, tuple(sorted(found[row[0]], key=lambda each: (each.start, each.municipality))))
        for row in Cooperation.objects.order_by("id").values_list("id", "name", "form", "form_source")
    }


def _rows(model: type[Model], *fields: str) -> list[tuple[Any, ...]]:
    return list(model._default_manager.order_by("id").values_list(*fields))


def _by_start(rows: list[Dated]) -> tuple[Dated, ...]:
    return tuple(sorted(rows, key=lambda each: each.start or date.min))


def _in_order(found: Iterable[KnownMunicipality]) -> list[KnownMunicipality]:
    return sorted(found, key=lambda each: (sort_key(each.name), each.id))
