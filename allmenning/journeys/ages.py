"""How long what is no record is kept, as dated data: `data/erasing.yaml`, with its sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from allmenning.basics import dates
from allmenning.commons.municipalities.actions import facts_in


@dataclass(frozen=True)
class Age:
    """One line of the data. `confirmed`: the law was read, and says this."""

    what: str
    days: int
    law: str
    confirmed: bool
    source: str = ""
    start: date | None = None
    end: date | None = None

    def holds(self, on: date) -> bool:
        return dates.holds(self.start, self.end, on)


def kept(what: str, on: date | None = None) -> timedelta:
    """How long something is kept after it was last touched, by the line that holds on a day (today). KeyError for none."""
    day = on or dates.today()
    for age in _ages():
        if age.what == what and age.holds(day):
            return timedelta(days=age.days)
    raise KeyError(what)


@cache
def _ages() -> tuple[Age, ...]:
    return tuple(Age(**line) for line in facts_in("erasing.yaml")["ages"])
