"""Tables of figures for the cooperation's page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .models import PublishedFigure, PublishedUse


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure; `value` is None for «fewer than 5», which is all that is known of it here."""

    value: Decimal | None = None
    count: int | None = None
    version: str = ""
    published_at: datetime | None = None

    @property
    def is_shown(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of the figures that are shown: «at least», unless `is_complete`. None when none is shown.

    What is hidden is in no total, so nothing can be found by subtracting, not in another table either: the member of
    two cooperations would else be hidden in the one and told by the other.
    """

    value: Decimal | None
    is_complete: bool


@dataclass(frozen=True)
class Table:
    """Figures of services (rows) in municipalities (columns). Every pair has a cell, so a missing one tells nothing."""

    measure: str
    period: str
    municipalities: tuple[str, ...]
    services: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]

    def cell(self, service: str, municipality: str) -> Cell:
        return self.cells[service, municipality]

    def row(self, service: str) -> list[Cell]:
        return [self.cells[service, each] for each in self.municipalities]

    def total_of_service(self, service: str) -> Total:
        return self._total(self.row(service))

    @property
    def total(self) -> Total:
        return self._total(list(self.cells.values()))

    def _total(self, cells: Sequence[Cell]) -> Total:
        # Medians do not add up, and one of all would need what the municipalities keep to themselves.
        if self.measure == PublishedFigure.Measure.MEDIAN_DAYS:
            return Total(None, is_complete=False)
        shown = [each.value for each in cells if each.value is not None]
        return Total(sum(shown, Decimal(0)) if shown else None, is_complete=len(shown) == len(cells))


def table(measure: str, municipalities: Collection[str], services: Collection[str], period: str) -> Table:
    """The figures of a measure (`cases`, `decided`, `median-days`) in a year, for these services and municipalities."""
    return tables([measure], municipalities, services, period)[measure]


def tables(
    measures: Collection[str], municipalities: Collection[str], services: Collection[str], period: str
) -> dict[str, Table]:
    """A table of each measure, in one statement."""
    rows = PublishedFigure.objects.filter(
        measure__in=measures, period=period, municipality__in=municipalities, service__in=services
    )
    found = {
        (measure, service, municipality): Cell(value, count, version, at)
        for measure, service, municipality, value, count, version, at in rows.values_list(
            "measure", "service", "municipality", "value", "count", "version", "published_at"
        )
    }
    pairs = [(service, municipality) for service in services for municipality in municipalities]
    return {
        measure: Table(
            measure,
            period,
            tuple(municipalities),
            tuple(services),
            {pair: found.get((measure, *pair), Cell()) for pair in pairs},
        )
        for measure in measures
    }


def periods() -> list[str]:
    """The years that have figures, newest first."""
    return sorted(PublishedFigure.objects.values_list("period", flat=True).distinct(), reverse=True)


def services_with_figures(municipalities: Collection[str], period: str) -> list[str]:
    """The services that any of these has a figure of in a year, in the alphabet's order of ids."""
    rows = PublishedFigure.objects.filter(municipality__in=municipalities, period=period, value__isnull=False)
    return sorted(rows.values_list("service", flat=True).distinct())


def shown(municipality: str, period: str) -> set[tuple[str, str]]:
    """Service and measure of each figure of a municipality that is shown in a year."""
    rows = PublishedFigure.objects.filter(municipality=municipality, period=period, value__isnull=False)
    return set(rows.values_list("service", "measure"))


def services_told_of(municipality: str, period: str, measure: str) -> set[str]:
    """The services that a municipality has told a measure of in a year, if only that it is about fewer than five people."""
    rows = PublishedFigure.objects.filter(municipality=municipality, period=period, measure=measure)
    return set(rows.values_list("service", flat=True))


@dataclass(frozen=True, slots=True)
class Used:
    """What a municipality used in a year, until the end of a day. amount: None where nothing, or what fewer than five used, is told."""

    amount: int | None
    until: date


def used(municipalities: Collection[str], year: int) -> dict[tuple[str, str], Used]:
    """By municipality and measure, of those who have told."""
    rows = PublishedUse.objects.filter(municipality__in=municipalities, year=year)
    told = rows.values_list("municipality", "measure", "value", "counted_until")
    return {(municipality, measure): Used(value, until) for municipality, measure, value, until in told}
