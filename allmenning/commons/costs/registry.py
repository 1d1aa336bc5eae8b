"""What costs ask the register of municipalities: the database's, the project's files, or figures that somebody brings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Protocol

from allmenning.basics.dates import day_in, holds
from allmenning.basics.norwegian import fold
from allmenning.basics.plain_yaml import read_yaml
from allmenning.basics.typed import NoNumber
from allmenning.commons.municipalities.facts import Inhabitants, KnownMembership, KnownMunicipality, KnownSuccession

from . import errors
from .errors import FileWrong, Problem
from .table_files import Row, read_table

COLUMNS = {
    "number": ["nummer", "kommunenummer", "kommunenr"],
    "name": ["navn", "namn", "kommune"],
    "year": ["år"],
    "population": ["folketall", "folketal", "innbyggere", "innbyggjarar"],
}


class Registry(Protocol):
    """As `municipalities.queries` and `municipalities.offline` answer."""

    @property
    def municipality(self) -> Callable[[str], KnownMunicipality]: ...
    @property
    def all_municipalities(self) -> Callable[[date], list[KnownMunicipality]]: ...
    @property
    def memberships(self) -> Callable[[str], tuple[KnownMembership, ...]]: ...
    @property
    def populations(self) -> Callable[[list[str], date], dict[str, Inhabitants]]: ...
    @property
    def successions(self) -> Callable[[], tuple[KnownSuccession, ...]]: ...


@dataclass(frozen=True)
class Brought:
    """A registry whose figures of population are those of a file alone: of its municipalities, in its years."""

    registry: Registry
    figures: dict[tuple[str, int], Inhabitants]

    @property
    def municipality(self) -> Callable[[str], KnownMunicipality]:
        return self.registry.municipality

    @property
    def all_municipalities(self) -> Callable[[date], list[KnownMunicipality]]:
        return self.registry.all_municipalities

    @property
    def memberships(self) -> Callable[[str], tuple[KnownMembership, ...]]:
        return self.registry.memberships

    @property
    def successions(self) -> Callable[[], tuple[KnownSuccession, ...]]:
        return self.registry.successions

    def populations(self, ids: Collection[str], on: date) -> dict[str, Inhabitants]:
        """Of those that the file has a number for, in the year of the day."""
        found = {}
        for id in ids:
            number = self.registry.municipality(id).number(on)
            if number and (number, on.year) in self.figures:
                found[id] = self.figures[number, on.year]
        return found


def bring(raw: bytes, registry: Registry, file: str) -> Brought:
    """Take figures of population from a CSV of number, name, year and population. Raises FileWrong, with each line's reason."""
    problems: list[Problem] = []
    figures: dict[tuple[str, int], Inhabitants] = {}
    first: dict[tuple[str, int], int] = {}

    @cache
    def by_number(day: date) -> dict[str, KnownMunicipality]:
        return {each.number(day) or "": each for each in registry.all_municipalities(day)}

    for row in read_table(raw, COLUMNS, file=file, optional=["name"]):
        if isinstance(row, Problem):
            problems.append(row)
            continue
        try:
            number, year, people = _figure(row)
            _called_so(row["name"], number, date(year, 1, 1), by_number)
            if (number, year) in first:
                raise errors.GivenTwice(what=f"{number}, {year}", first=first[number, year])
        except errors.AllmenningError as error:
            problems.append(Problem(row.line, error))
            continue
        first[number, year] = row.line
        figures[number, year] = Inhabitants(people, date(year, 1, 1), file)
    if problems:
        raise FileWrong(sorted(problems, key=lambda each: each.line), file)
    return Brought(registry, figures)


def _figure(row: Row) -> tuple[str, int, int]:
    if not (len(row["number"]) == 4 and row["number"].isdecimal()):
        raise errors.NoMunicipalityNumber(value=row["number"])
    if not (len(row["year"]) == 4 and row["year"].isdecimal() and row["year"] > "1000"):
        raise errors.NoYear(value=row["year"])
    people = row["population"].replace(" ", "").replace("\u00a0", "")
    if not people.isdecimal() or len(people) > 9:
        raise NoNumber(value=row["population"])
    return row["number"], int(row["year"]), int(people)


def _called_so(name: str, number: str, day: date, by_number: Callable[[date], Mapping[str, KnownMunicipality]]) -> None:
    """That a municipality which a file names is the one that has the number on a day: a row may have slipped.

    More may stand there than one of its names: `Herøy (Nordland)`, `Bodø (-2019)`, `Smøla kommune`. Raises NumberOfAnother.
    """
    known = by_number(day).get(number)
    if name and known and not any(f" {fold(each.value)} " in f" {fold(name)} " for each in known.names):
        raise errors.NumberOfAnother(number=number, party=known.name_in("nb", day), name=name)


@dataclass(frozen=True)
class County:
    """A county: the two digits that its municipalities' numbers begin with, and its name on a day."""

    number: str
    name: str


def county(number: str, on: date) -> County:
    """Raises NoSuchCounty."""
    found = next((each for each in counties(on) if each.number == number), None)
    if found is None:
        raise errors.NoSuchCounty(asked=number, day=on)
    return found


def counties(on: date) -> Sequence[County]:
    """Those that there are on a day, by number."""
    return [County(number, name) for number, name, start, end in _counties() if holds(start, end, on)]


@cache
def _counties() -> list[tuple[str, str, date | None, date | None]]:
    text = (Path(__file__).resolve().parents[3] / "data" / "counties.yaml").read_text("utf-8")
    return [
        (each["number"], each["name"], day_in(each.get("start", "")), day_in(each.get("end", "")))
        for each in read_yaml(text)["counties"]
    ]
