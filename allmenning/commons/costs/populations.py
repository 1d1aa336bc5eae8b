"""How many inhabitants each party counts with: those of what it is on its day, also where others were merged into it since they were
counted. Statistics count a municipality as it was: Kristiansand of 2019 without Søgne, which is a part of it from 2020.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from allmenning.basics.sharing.dividing import Party, Summed
from allmenning.commons.municipalities.errors import Divided
from allmenning.commons.municipalities.facts import Inhabitants, KnownMunicipality
from allmenning.commons.municipalities.territory import wholes

from .registry import Registry


@dataclass(frozen=True)
class People:
    """A party's inhabitants; None where there is no figure. summed, divided: as `Party` has them."""

    number: int | None = None
    summed: tuple[Summed, ...] = ()
    divided: str = ""


def populations(parties: Mapping[tuple[str, str], date], on: date, registry: Registry) -> dict[tuple[str, str], People]:
    """Inhabitants on a day, by level and id. parties: the day that each is a party, which tells what it is made of.

    A county's are those of its municipalities, and none if one has no figure.
    """
    places = {id: day for (level, id), day in parties.items() if level == "municipality"}
    there = cache(registry.all_municipalities)
    counties = {id: _within(id, day, there(day)) for (level, id), day in parties.items() if level == "county"}
    days = {id: parties["county", number] for number, within in counties.items() for id in within} | places
    known = _of_municipalities(days, on, registry)
    found = {("municipality", id): known[id] for id in places if id in known}
    return found | {("county", number): _of_county([known[id] for id in ids]) for number, ids in counties.items()}


def _within(number: str, day: date, there: Collection[KnownMunicipality]) -> list[str]:
    return [each.id for each in there if (each.number(day) or "").startswith(number)]


def _of_county(within: Collection[People]) -> People:
    divided = next((each.divided for each in within if each.divided), "")
    if not within or any(each.number is None for each in within):
        return People(divided=divided)
    return People(sum(each.number or 0 for each in within))


def _of_municipalities(days: Mapping[str, date], on: date, registry: Registry) -> dict[str, People]:
    since = [each for each in registry.successions() if on < each.date]
    made: dict[str, set[str]] = {}
    found: dict[str, People] = {}
    for id, day in days.items():
        try:
            made[id] = wholes(id, on, day, since, registry.municipality)
        except Divided as error:
            found[id] = People(divided=str(error.params["divided"]))
    figures = registry.populations(sorted({*days, *(each for among in made.values() for each in among)}), on)
    for id in days:
        own = id in figures and not registry.municipality(id).exists(on)  # counted as it became, before it was so
        if own or made.get(id) == {id}:
            found[id] = People(figures[id].number if id in figures else None)
        elif id in made:
            found[id] = _sum(made[id], figures, on, registry)
    return found


def _sum(ids: Collection[str], figures: Mapping[str, Inhabitants], on: date, registry: Registry) -> People:
    if any(id not in figures for id in ids):
        return People()
    each = [Summed(id, registry.municipality(id).name_in("nb", on), figures[id].number) for id in ids]
    summed = tuple(sorted(each, key=lambda one: (-one.population, one.id)))
    return People(sum(one.population for one in summed), summed)


def summed(party: Party) -> str:
    """Whose figures a party's population is the sum of, in any language: `Kristiansand 92 282 + Søgne 11 403`."""
    return " + ".join(f"{each.name} {each.population:,}".replace(",", "\u00a0") for each in party.summed)
