"""What was measured, what somebody estimates, and what is reckoned from the two: three types, so that none passes for another.

Pure: nothing here reads the database. Numbers are exact until they are shown. A measured number is told in fives, so it is the
least that it can be; what is reckoned from it is too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from .errors import OtherUnit, RateWithoutSource, UnitsDiffer
from .models import PublishedFigure
from .queries import Cell

Measure = PublishedFigure.Measure
FEWEST_FOR_A_SHARE = 20  # of fewer, told in fives, a share may be anything


class Gain(StrEnum):
    """The kinds of benefit that are measured."""

    FORMS = "forms-not-keyed-in"
    LETTERS = "letters-not-posted"
    AUTOMATIC = "automatic-decisions"
    INCOMPLETE = "incomplete-applications"
    DAYS = "handling-time"

    @property
    def part(self) -> Measure:
        """What is counted; of handling time, the median itself."""
        return _MEASURED[self][0]

    @property
    def whole(self) -> Measure | None:
        """What it is a part of."""
        return _MEASURED[self][1]

    @property
    def unit(self) -> str:
        """What its number counts: forms, letters, cases or days."""
        return {Gain.FORMS: "forms", Gain.LETTERS: "letters", Gain.DAYS: "days"}.get(self, "cases")

    @property
    def less_is_better(self) -> bool:
        return self in (Gain.INCOMPLETE, Gain.DAYS)


_MEASURED = {
    Gain.FORMS: (Measure.DIGITAL, Measure.FORMS),
    Gain.LETTERS: (Measure.LETTERS_DIGITAL, Measure.LETTERS),
    Gain.AUTOMATIC: (Measure.AUTOMATIC, Measure.DECIDED),
    Gain.INCOMPLETE: (Measure.INCOMPLETE, Measure.DECIDED),
    Gain.DAYS: (Measure.MEDIAN_DAYS, None),
}
PER_CENT = "per-cent"


class Said(Protocol):
    """A text by language."""

    def __getitem__(self, language: str, /) -> str: ...


@dataclass(frozen=True, slots=True)
class Measured:
    """What a municipality's own database counted, as it was told: at least so many. number: None about fewer than five people.

    unit: forms, letters, cases, days or per-cent. is_complete: whether nothing is hidden of what it is the sum of.
    """

    number: Fraction | None
    unit: str
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class Estimated:
    """What somebody says without having measured it, and what it builds on. unit: minutes or hours, say, for each `per`."""

    number: Fraction
    unit: str
    source: Said
    confirmed: bool
    per: str = ""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A measurement times an estimate: no better than the estimate."""

    number: Fraction
    unit: str
    measured: Measured
    by: Estimated


@dataclass(frozen=True, slots=True)
class Rate:
    """What a unit is worth in øre, and who says so. Raises RateWithoutSource: no hour becomes money by a number alone."""

    id: str
    unit: str
    ore: Fraction
    source: Said
    confirmed: bool = False
    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        if not str(self.source["nb"]).strip():
            raise RateWithoutSource()


@dataclass(frozen=True, slots=True)
class Money:
    """What something measured or reckoned is worth by a rate, in øre rounded down."""

    ore: int
    of: Measured | Reckoned
    rate: Rate


def count(cells: Sequence[Cell], unit: str) -> Measured:
    """The sum of what is told: at least so many. None where nothing is."""
    told = [Fraction(each.value) for each in cells if each.value is not None]
    return Measured(sum(told, Fraction(0)) if told else None, unit, is_complete=len(told) == len(cells))


def share(parts: Sequence[Cell], wholes: Sequence[Cell]) -> Measured:
    """About how many per cent the parts are of the wholes, each part beside its whole. None where too little is told.

    Of figures in fives that move in steps, no share is exact: it is rounded to what they can carry, and is at most all.
    """
    pairs = [(part.value, whole.value) for part, whole in zip(parts, wholes, strict=True) if whole.value is not None]
    known = [(part, whole) for part, whole in pairs if part is not None]
    among = sum((Fraction(whole) for _, whole in known), Fraction(0))
    complete = len(known) == len(parts)
    if among < FEWEST_FOR_A_SHARE:
        return Measured(None, PER_CENT, is_complete=complete)
    found = min(sum((Fraction(part) for part, _ in known), Fraction(0)) / among, Fraction(1))
    step = 10 if among < 100 else 5 if among < 500 else 1
    return Measured(Fraction(round(found * 100 / step) * step), PER_CENT, is_complete=complete)


def hours(forms: Measured, minutes: Estimated) -> Reckoned | None:
    """The hours that nobody spent on keying in, by an estimate of minutes for each. None where the forms are not told.

    Raises UnitsDiffer.
    """
    if (forms.unit, minutes.unit) != ("forms", "minutes"):
        raise UnitsDiffer(one=forms.unit, other=minutes.unit)
    return None if forms.number is None else Reckoned(forms.number * minutes.number / 60, "hours", forms, minutes)


def worth(what: Measured | Reckoned | None, rate: Rate) -> Money | None:
    """In money, by a rate for each letter or hour. None where it is not told. Raises UnitsDiffer."""
    if what is None or what.number is None:
        return None
    if what.unit != f"{rate.unit}s":
        raise UnitsDiffer(one=what.unit, other=rate.unit)
    return Money(int(what.number * rate.ore), what, rate)


@dataclass(frozen=True, slots=True)
class Baseline:
    """How it was before, and where that is from: a number of the gain's own unit, or per cent of its whole. end: the last day."""

    gain: Gain
    number: Decimal
    unit: str
    start: date
    end: date
    source: Said


@dataclass(frozen=True, slots=True)
class Change:
    """A measurement held against how it was before. difference: about; None where nothing is told now."""

    before: Baseline
    now: Measured
    difference: Fraction | None

    @property
    def is_better(self) -> bool | None:
        """None where nothing is told, or nothing has changed."""
        if not self.difference:
            return None
        return (self.difference < 0) == self.before.gain.less_is_better


def changed(before: Baseline, now: Measured) -> Change:
    """Before and after, in the baseline's unit. Raises OtherUnit."""
    if now.unit != before.unit:
        raise OtherUnit(measured=now.unit, stated=before.unit)
    return Change(before, now, None if now.number is None else now.number - Fraction(before.number))
