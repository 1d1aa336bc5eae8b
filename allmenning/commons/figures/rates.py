"""What a unit is worth in kroner, as dated data with sources: `data/benefit_rates.yaml`."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache

from allmenning.basics import dates
from allmenning.commons.municipalities.actions import facts_in

from .benefits import Rate


def rate_on(id: str, day: date) -> Rate | None:
    """The rate that holds on a day; None where none is stated."""
    return next((each for each in _rates() if each.id == id and dates.holds(each.start, each.end, day)), None)


@cache
def _rates() -> tuple[Rate, ...]:
    lines = facts_in("benefit_rates.yaml")["rates"]
    return tuple(Rate(**{**line, "ore": Fraction(line["ore"])}) for line in lines)
