"""Periods that figures are told of: a month, half a year, a year; and of which parts a period's figure is the sum.

A figure of a month and of half a year that are over is told for itself, in whole fives. Any other period's is the sum of what is
told of its parts: a year of its halves, the half that goes on of its months. Else a part that is too few to tell of would be
the difference (docs/decisions/figures-about-few.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from .dates import add_months

Kind = Literal["month", "half", "year"]
_MONTHS: dict[Kind, int] = {"month": 1, "half": 6, "year": 12}
_CODE = re.compile(r"([0-9]{4})(?:-(?:(0[1-9]|1[0-2])|h([12])))?")


@dataclass(frozen=True, order=True)
class Period:
    """Whole months from the first day of one. Make it with `month`, `half`, `year` or `read`."""

    first: date
    kind: Kind

    @property
    def end(self) -> date:
        """The first day after it."""
        return add_months(self.first, _MONTHS[self.kind])

    @property
    def before(self) -> Period:
        """The one before it, as long."""
        return Period(add_months(self.first, -_MONTHS[self.kind]), self.kind)

    @property
    def number(self) -> int:
        """Which month or half of its year it is, from 1."""
        return (self.first.month - 1) // _MONTHS[self.kind] + 1

    @property
    def code(self) -> str:
        """As it stands in addresses: `2026-10`, `2026-h1`, `2026`."""
        suffix = {"month": f"-{self.first.month:02}", "half": f"-h{self.number}", "year": ""}[self.kind]
        return f"{self.first.year:04}{suffix}"

    def is_over(self, today: date) -> bool:
        return self.end <= today

    def told_in(self, today: date) -> tuple[Period, ...]:
        """The periods of whose own figures this one's is the sum; of one whose first month is not over, none."""
        if self.is_over(today) and self.kind != "year":
            return (self,)
        return tuple(part for each in self._parts() for part in each.told_in(today))

    def _parts(self) -> Iterator[Period]:
        if self.kind != "month":
            part: Kind = "half" if self.kind == "year" else "month"
            for index in range(_MONTHS[self.kind] // _MONTHS[part]):
                yield Period(add_months(self.first, index * _MONTHS[part]), part)


def month(day: date) -> Period:
    """The month that a day is in."""
    return Period(day.replace(day=1), "month")


def half(day: date) -> Period:
    """The half of the year that a day is in."""
    return Period(date(day.year, 1 if day.month < 7 else 7, 1), "half")


def year(day: date) -> Period:
    return Period(date(day.year, 1, 1), "year")


def read(code: str) -> Period | None:
    """The period of a code; None for what is none."""
    found = _CODE.fullmatch(code)
    if not found or not 1900 <= int(found[1]) <= 2199:
        return None
    if found[2]:
        return month(date(int(found[1]), int(found[2]), 1))
    return half(date(int(found[1]), 1 if found[3] == "1" else 7, 1)) if found[3] else year(date(int(found[1]), 1, 1))


def last(kind: Kind, number: int, today: date) -> list[Period]:
    """The newest periods of a kind that something can be told of, newest first: none whose first month is not over."""
    of: dict[Kind, Period] = {"month": month(today), "half": half(today), "year": year(today)}
    found = of[kind]
    if not found.told_in(today):
        found = found.before
    periods = [found]
    while len(periods) < number:
        periods.append(periods[-1].before)
    return periods
