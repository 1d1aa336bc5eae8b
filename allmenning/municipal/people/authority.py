"""How far somebody may act for another, by the law as dated data: `data/representation.yaml`, with its sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from allmenning.basics import dates
from allmenning.commons.municipalities.actions import facts_in
from allmenning.tenancy import AREAS

# Child welfare is closed to whoever acts for another, and no door has words for it.
ACTED_IN = frozenset(AREAS) - {"child-welfare"}


@dataclass(frozen=True)
class Line:
    """One line of the data. `confirmed`: the law was seen in a source, and says this."""

    area: str
    law: str
    confirmed: bool
    source: str = ""
    below: int | None = None  # years: parents of a child that is younger
    at_least: int | None = None  # years: both, for a power of attorney
    extent: str = ""  # the register's word for what a guardian's mandate covers
    start: date | None = None
    end: date | None = None

    def holds(self, on: date) -> bool:
        return dates.holds(self.start, self.end, on)


def of_parent(born: date | None, on: date) -> tuple[str, ...]:
    """The areas in which a parent acts for a child on a day; none when the age is not known."""
    if born is None:
        return ()
    return tuple(
        line.area for line in _lines("parents", on) if line.below and dates.add_months(born, 12 * line.below) > on
    )


def of_guardian(extent: str, on: date) -> tuple[str, ...]:
    """The areas in which a guardian acts on a day. `extent`: the register's word for what the mandate covers."""
    return tuple(line.area for line in _lines("guardians", on) if line.extent == extent)


def to_be_given(on: date) -> tuple[str, ...]:
    """The areas for which a power of attorney can be given in the portal on a day."""
    return tuple(line.area for line in _lines("powers_of_attorney", on))


def staff_are_barred(on: date) -> bool:
    """Whether the law keeps those who work in an area from acting for others in it, by a power of attorney."""
    return any(line.area == "own-work" for line in _lines("barred", on))


def age_to_give(on: date) -> int:
    """How old both must be when a power of attorney is given, in years."""
    return max(line.at_least or 0 for line in _lines("powers_of_attorney", on))


def _lines(who: str, on: date) -> list[Line]:
    return [line for line in _read()[who] if line.holds(on)]


@cache
def _read() -> Mapping[str, tuple[Line, ...]]:
    """The data. Raises ValueError where it names an area in which nobody acts for another here: child welfare, or none."""
    found = {who: tuple(Line(**line) for line in lines) for who, lines in facts_in("representation.yaml").items()}
    for who, lines in found.items():
        allowed = {"own-work"} if who == "barred" else ACTED_IN
        if wrong := {line.area for line in lines} - allowed:
            raise ValueError(f"representation.yaml: {who} names {', '.join(sorted(wrong))}")
    return found
