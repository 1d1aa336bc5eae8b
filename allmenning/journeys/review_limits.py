"""When a reading stands out, as dated data with reasons: `data/reviewing.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from allmenning.basics import dates
from allmenning.commons.municipalities.actions import facts_in


@dataclass(frozen=True)
class Limit:
    """One line of the data: a number of days, cases or colleagues, or of times the usual."""

    what: str
    value: int
    reason: str
    start: date | None = None
    end: date | None = None

    def holds(self, on: date) -> bool:
        return dates.holds(self.start, self.end, on)


def limits_on(day: date) -> dict[str, int]:
    """Each limit by its name, by the lines that hold on a day."""
    return {each.what: each.value for each in _limits() if each.holds(day)}


@cache
def _limits() -> tuple[Limit, ...]:
    return tuple(Limit(**line) for line in facts_in("reviewing.yaml")["limits"])
