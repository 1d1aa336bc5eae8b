"""What a service reports to a register of the state: how its answers and decisions become the register's codes.

`state-report.yaml` in the folder says it, for a register whose published format is a file in `registers/`. Who writes the format is
a connection; neither it nor any other code knows a service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from allmenning.basics.plain_yaml import read_yaml
from allmenning.commons.catalogue.content import ServicePackage, Text

FILE = "state-report.yaml"
REGISTERS = Path(__file__).parent / "registers"
SECTION = "section"  # in place of codes: a section of the law
SECTION_PATTERN = (
    r"\d+[a-z]*-\d+[a-z]*(?: \d+)?(?: [a-z])?"  # chapter, section, and where it is told, paragraph and letter
)

Counts = Literal["begun", "concluded", "extended", "under-way"]


@dataclass(frozen=True, slots=True)
class RegisterFact:
    """Something that a register takes of an entry. codes: None: any section of the law, or none but the day is asked for.

    needed: `always`, once the entry is `concluded`, or never. needed_where: only with one of these codes of other facts.
    """

    title: Text
    codes: Mapping[str, Text | None] | None
    is_section: bool
    needed: str
    needed_where: Mapping[str, frozenset[str]]
    is_many: bool
    is_dated: bool

    def takes(self, code: str) -> bool:
        """Whether it is one of the codes, or a section of the law as they are written."""
        return bool(re.fullmatch(SECTION_PATTERN, code)) if self.is_section else code in (self.codes or {})


@dataclass(frozen=True, slots=True)
class RegisterKind:
    title: Text
    facts: Mapping[str, RegisterFact]


@dataclass(frozen=True, slots=True)
class Register:
    """A register of the state, by its published format."""

    id: str
    name: Text
    schema: str
    version: str
    kinds: Mapping[str, RegisterKind]

    def label(self, kind: str, fact: str, code: str) -> Text:
        """What a code is called; the code itself where the format's own name is not kept here."""
        codes = self.kinds[kind].facts[fact].codes or {}
        return codes.get(code) or Text.of(code)


@dataclass(frozen=True, slots=True)
class Kept:
    """Records of a kind, in one of these states (none: in any), and with these answers."""

    kind: str
    states: frozenset[str]
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FactSource:
    """Where a fact of an entry comes from: always the same code (`value`), or an expression whose answers are codes; as they stand
    where `codes` is empty.

    asked: answers that no code follows from: somebody must tell which it is. kept: the code is of the day of each such record; with
    an expression, it reads the last of them as `record`, as it does the entry's own. is_of_every: it reads every such record that
    was not over when the entry began, and a code follows only where it is the same of all.
    """

    value: str | None
    expression: str | None
    codes: Mapping[str, str]
    asked: frozenset[str]
    kept: Kept | None = None
    is_of_every: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is reported: it begins when the case is received, or with what is decided (`opened_by`), and is concluded
    by what is decided. is_of_each: one for each such decision. kept: instead, one for each such record, from when it starts, or from
    the date in its field `day`, until it is over. led_to_by: the kind of entry that it came of, where that was concluded on the same day.
    asked: decisions that conclude it without telling which conclusion it is.
    """

    kind: str
    opened_by: frozenset[str]
    concluded_by: Mapping[str, str]
    asked: frozenset[str]
    extended_by: str | None
    facts: Mapping[str, FactSource]
    kept: Kept | None = None
    is_of_each: bool = False
    day: str | None = None
    led_to_by: str | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """A line of totals: how many entries of a kind, where a fact has one of these codes, or by each that it has. kept: instead, how
    many such records have their day in the period.

    within: only those that took no longer, from the day they began. longer: only those that took longer.
    """

    id: str
    title: Text
    kind: str
    counts: Counts
    by: str | None = None
    where: Mapping[str, frozenset[str]] | None = None
    within: str | None = None
    longer: str | None = None
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class People:
    """Whom a file is about: each line of a list in the form, by its fields with the number, and whether not yet born."""

    each: str
    number: str
    unborn: str | None


@dataclass(frozen=True, slots=True)
class Due:
    """By when each half of a year is reported (month and day), and whether somebody has read it in its source."""

    first: tuple[int, int]
    second: tuple[int, int]
    source: Text
    confirmed: bool


@dataclass(frozen=True, slots=True)
class StateReport:
    """What a service reports twice a year."""

    register: Register
    title: Text
    about: Text
    due: Due
    people: People
    entries: tuple[Entry, ...]
    totals: tuple[Total, ...]


def known_registers() -> frozenset[str]:
    return frozenset(path.stem for path in REGISTERS.glob("*.yaml"))


@lru_cache(maxsize=8)
def register(id: str) -> Register:
    """The register with this id. Raises KeyError: there is none."""
    if id not in known_registers():
        raise KeyError(id)
    raw = read_yaml((REGISTERS / f"{id}.yaml").read_text(encoding="utf-8"))
    kinds = {
        name: RegisterKind(
            Text.of(kind["title"]),
            {fact: _register_fact(each, raw["lists"]) for fact, each in kind["facts"].items()},
        )
        for name, kind in raw["kinds"].items()
    }
    return Register(raw["id"], Text.of(raw["name"]), raw["format"]["schema"], raw["format"]["version"], kinds)


def _register_fact(raw: Mapping[str, Any], lists: Mapping[str, Any]) -> RegisterFact:
    found = lists[raw["list"]] if "list" in raw else None
    codes: dict[str, Text | None] | None = None
    if isinstance(found, Mapping):
        codes = {code: Text.of(text) for code, text in found.items()}
    elif isinstance(found, list):
        codes = dict.fromkeys(found)
    where = {fact: frozenset(codes) for fact, codes in raw.get("needed_where", {}).items()}
    return RegisterFact(
        Text.of(raw["title"]),
        codes,
        found == SECTION,
        raw.get("needed", "concluded" if where else ""),
        where,
        raw.get("many", False),
        raw.get("dated", False),
    )


def of(package: ServicePackage) -> StateReport | None:
    """What a service reports; None where its folder says nothing of it."""
    return _read(package.files[FILE]) if FILE in package.files else None


@lru_cache(maxsize=64)
def _read(text: str) -> StateReport:
    return read(read_yaml(text))


def read(raw: Mapping[str, Any]) -> StateReport:
    """A report as a folder's file says it, which has been checked."""
    due = raw["due"]
    return StateReport(
        register=register(raw["register"]),
        title=Text.of(raw["title"]),
        about=Text.of(raw["about"]),
        due=Due(_day(due["first"]), _day(due["second"]), Text.of(due["source"]), due["confirmed"]),
        people=People(raw["people"]["each"], raw["people"]["number"], raw["people"].get("unborn")),
        entries=tuple(_entry(each) for each in raw["entries"]),
        totals=tuple(_total(each) for each in raw["totals"]),
    )


def _day(text: str) -> tuple[int, int]:
    month, _, day = text.partition("-")
    return int(month), int(day)


def _entry(raw: Mapping[str, Any]) -> Entry:
    concluded = dict(raw.get("concluded_by", {}))
    return Entry(
        kind=raw["kind"],
        opened_by=frozenset(raw.get("opened_by", ())),
        concluded_by={decided: code for decided, code in concluded.items() if code is not None},
        asked=frozenset(decided for decided, code in concluded.items() if code is None),
        extended_by=raw.get("extended_by"),
        facts={name: _source(each) for name, each in raw.get("facts", {}).items()},
        kept=_kept(raw),
        is_of_each=raw.get("each", False),
        day=raw.get("day"),
        led_to_by=raw.get("led_to_by"),
    )


def _kept(raw: Mapping[str, Any]) -> Kept | None:
    if "record" not in raw:
        return None
    return Kept(raw["record"], frozenset(raw.get("states", ())), dict(raw.get("answers", {})))


def _source(raw: Mapping[str, Any]) -> FactSource:
    codes = raw.get("codes", {})
    return FactSource(
        raw.get("is"),
        raw.get("from"),
        {answer: code for answer, code in codes.items() if code is not None},
        frozenset(answer for answer, code in codes.items() if code is None),
        _kept(raw),
        raw.get("every", False),
    )


def _total(raw: Mapping[str, Any]) -> Total:
    where = raw.get("where")
    return Total(
        raw["id"],
        Text.of(raw["title"]),
        raw["of"],
        raw["counts"],
        raw.get("by"),
        {fact: frozenset(codes) for fact, codes in where.items()} if where else None,
        raw.get("within"),
        raw.get("longer"),
        _kept(raw),
    )


def decided_in(package: ServicePackage) -> frozenset[str]:
    """What can be decided in a service: its results, and the outcomes that are no answer to one."""
    return frozenset(each.id for each in package.results) | {each.id for each in package.outcomes} - package.answers


def to_be_said(package: ServicePackage) -> frozenset[str]:
    """Of that, what the report must say something of: results (outcomes, where there are none), and what concludes the phase that
    begins in cases of their own.
    """
    own = {word for phase in package.phases if phase.for_each for word in phase.concluded_by}
    concluding = {word.removeprefix("outcome:") for word in own if word.startswith("outcome:")}
    return (frozenset(each.id for each in package.results) or decided_in(package)) | concluding


def names_in(report: StateReport) -> Iterator[str]:
    """Everything that the report takes for a decision of the service."""
    for entry in report.entries:
        yield from entry.opened_by
        yield from entry.concluded_by
        yield from entry.asked
