"""What the queries answer with: frozen values, safe to keep in memory and to share between requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allmenning.basics import dates
from allmenning.basics.dates import today


@dataclass(frozen=True, slots=True)
class Dated:
    """A name or a number from a day (None: before 1994) until a day (None: still)."""

    value: str
    start: date | None
    end: date | None
    language: str = ""

    def holds(self, on: date) -> bool:
        return dates.holds(self.start, self.end, on)


@dataclass(frozen=True, slots=True)
class KnownMunicipality:
    """A municipality of the register, with its names and numbers through time."""

    id: str
    qualifier: str
    names: tuple[Dated, ...]
    numbers: tuple[Dated, ...]

    @property
    def name(self) -> str:
        """Its Norwegian name today, or its last one."""
        return self.name_in("nb")

    @property
    def label(self) -> str:
        """Its name, with the county where two share it: `Herøy (Nordland)`."""
        return f"{self.name} ({self.qualifier})" if self.qualifier else self.name

    def name_in(self, language: str, on: date | None = None) -> str:
        """Its name in a language on a day. Norwegian where it has no name in that language (nn and en too)."""
        day = on or today()
        for wanted in (language, "nb"):
            named = [each for each in self.names if each.language == wanted]
            holding = [each for each in named if each.holds(day)]
            if holding or (named and wanted == "nb"):
                return (holding or named)[-1].value
        return self.id

    def all_names(self, on: date | None = None) -> str:
        """Every official name of the day, Norwegian first: `Kåfjord – Gáivuotna – Kaivuono`."""
        day = on or today()
        others = [each.value for each in self.names if each.language != "nb" and each.holds(day)]
        return " – ".join([self.name_in("nb", day), *others])

    def number(self, on: date | None = None) -> str | None:
        """Its number on a day; None when it did not exist then."""
        return next((each.value for each in self.numbers if each.holds(on or today())), None)

    def exists(self, on: date | None = None) -> bool:
        return self.number(on) is not None


@dataclass(frozen=True, slots=True)
class KnownSuccession:
    date: date
    kind: str
    predecessor: str
    successor: str


@dataclass(frozen=True, slots=True)
class KnownMembership:
    """A membership from its first day until the first day after its last."""

    cooperation: str
    municipality: str
    start: date
    end: date | None
    source: str

    def holds(self, on: date) -> bool:
        return self.start <= on and (self.end is None or on < self.end)


@dataclass(frozen=True, slots=True)
class KnownCooperation:
    id: str
    name: str
    form: str
    form_source: str
    memberships: tuple[KnownMembership, ...]


@dataclass(frozen=True, slots=True)
class KnownPlacement:
    """A server's name in the settings, and the database there."""

    server: str
    database: str


@dataclass(frozen=True, slots=True)
class Inhabitants:
    number: int
    date: date
    source: str


@dataclass(frozen=True, slots=True)
class Found:
    """A municipality found by a name, with those responsible there today (itself, if it still is)."""

    municipality: KnownMunicipality
    matched: str
    today: tuple[KnownMunicipality, ...]
    score: float
