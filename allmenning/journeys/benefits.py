"""What the municipalities of a cooperation were spared in a year, as the platform saw it. Public; about nobody.

All of it is read from the commons. What it means, and what is not counted: docs/measured-benefits.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from allmenning.basics import dates
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.errors import UnknownService
from allmenning.commons.figures import queries as figures
from allmenning.commons.figures import rates
from allmenning.commons.figures.benefits import (
    Estimated,
    Gain,
    Measure,
    Measured,
    Money,
    Rate,
    Reckoned,
    count,
    hours,
    share,
    worth,
)
from allmenning.commons.figures.queries import Cell, Table

from .cooperating import Cooperating, members_in

MEASURES = tuple(Measure.values)
COUNTED = (Gain.FORMS, Gain.LETTERS, Gain.AUTOMATIC, Gain.INCOMPLETE)
POSTAGE = "postage"


@dataclass(frozen=True)
class Minutes:
    """What one form of a service saves, by a version of it: an estimate that its folder holds."""

    service: str
    version: str
    estimate: Estimated


@dataclass(frozen=True)
class Hours:
    """Hours that were not spent: the sum of what is reckoned. number: None where no form is told."""

    of: tuple[Reckoned, ...]
    is_complete: bool

    @property
    def number(self) -> Fraction | None:
        return sum((each.number for each in self.of), Fraction(0)) if self.of else None


@dataclass(frozen=True)
class Benefits:
    """What some municipalities were spared in some services in a year."""

    year: str
    municipalities: tuple[str, ...]
    services: tuple[str, ...]
    tables: Mapping[str, Table]
    postage: Rate | None

    def has_any(self, municipality: str) -> bool:
        """Whether any figure of it is shown."""
        return any(
            table.cell(service, municipality).is_shown for table in self.tables.values() for service in self.services
        )

    def number(self, gain: Gain, *municipalities: str) -> Measured:
        """How many, in some of the municipalities or in all. Medians do not add up: of one service in one municipality alone."""
        if gain is Gain.DAYS and len(self._cells(gain.part, municipalities)) != 1:
            return Measured(None, gain.unit, is_complete=False)
        return count(self._cells(gain.part, municipalities), gain.unit)

    def share(self, gain: Gain, *municipalities: str) -> Measured:
        """About how many per cent of the whole. Raises KeyError for what is no part of anything."""
        assert gain.whole is not None
        return share(self._cells(gain.part, municipalities), self._cells(gain.whole, municipalities))

    def hours(self, *municipalities: str) -> Hours:
        """What nobody spent on keying in, by the minutes that each service estimates."""
        cells = self._cells(Measure.DIGITAL, municipalities)
        found = [
            each
            for service, _, cell in self._digital(municipalities)
            if (each := self._hours_of(service, cell.version, cell))
        ]
        return Hours(tuple(found), is_complete=len(found) == len(cells))

    def money(self, *municipalities: str) -> Money | None:
        """The postage of letters that were never printed; None where none are told, or no rate is stated."""
        return worth(self.number(Gain.LETTERS, *municipalities), self.postage) if self.postage else None

    @cached_property
    def minutes(self) -> tuple[Minutes, ...]:
        """The estimates that hours are reckoned with, by service and version."""
        used = sorted({(service, cell.version) for service, _, cell in self._digital(()) if cell.is_shown})
        return tuple(
            Minutes(service, version, found) for service, version in used if (found := minutes_of(service, version))
        )

    def _digital(self, municipalities: Sequence[str]) -> list[tuple[str, str, Cell]]:
        table = self.tables[Measure.DIGITAL]
        among = municipalities or self.municipalities
        return [(service, each, table.cell(service, each)) for service in self.services for each in among]

    @staticmethod
    def _hours_of(service: str, version: str, cell: Cell) -> Reckoned | None:
        minutes = minutes_of(service, version) if cell.is_shown else None
        return hours(count([cell], "forms"), minutes) if minutes else None

    def _cells(self, measure: str, municipalities: Sequence[str]) -> list[Cell]:
        table = self.tables[measure]
        return [
            table.cell(service, each) for service in self.services for each in municipalities or self.municipalities
        ]


def minutes_of(service: str, version: str) -> Estimated | None:
    """What a version of a service says that one form saves; None for one that is published no more."""
    if not version:
        return None
    try:
        said = catalogue.service_version(service, version).minutes_saved
    except UnknownService:
        return None
    return Estimated(Fraction(said.minutes), "minutes", said.source, said.confirmed, per="form")


def benefits(cooperation: Cooperating, year: str) -> Benefits:
    """What the members of a year were spared in it."""
    ids = [each.id for each in members_in(cooperation, year)]
    return measured_in(ids, figures.services_with_figures(ids, year), year)


def measured_in(municipalities: Sequence[str], services: Sequence[str], year: str) -> Benefits:
    """What was measured of some services in some municipalities in a year: also for a measure of the joint plan. One statement."""
    tables = figures.tables(MEASURES, municipalities, services, year)
    rate = rates.rate_on(POSTAGE, min(date(int(year), 12, 31), dates.today()))
    return Benefits(year, tuple(municipalities), tuple(services), tables, rate)
