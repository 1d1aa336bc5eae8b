"""An agreement: who shares what with whom, by which rule, from when; as data that a person can read and check.

The file's form is `agreement.schema.yaml`. Rules are dated and have no gap; parties are named, or are a cooperation's members.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import jsonschema_rs
import yaml

from allmenning.basics.dates import add_months, day_in
from allmenning.basics.errors import AllmenningError
from allmenning.basics.plain_yaml import Path as Way
from allmenning.basics.plain_yaml import lines_of, read_yaml
from allmenning.basics.sharing.errors import PartsNotWhole
from allmenning.basics.sharing.rule import Rule
from allmenning.basics.typed import NotADay
from allmenning.commons.catalogue.texts import Text

from . import errors
from .errors import FileWrong, Problem
from .rule_data import rule_of

Level = Literal["municipality", "county", "state"]
Presence = Literal["days", "months", "whole"]
_MONTHS = {"year": 12, "half": 6, "month": 1}
LARGEST_FILE = 500_000


@dataclass(frozen=True)
class Named:
    """A party as the agreement names it, from its first day until the first day outside. id: of the municipality, the county's
    two digits, or the name of the body of the state."""

    id: str
    level: Level
    start: date
    end: date | None = None
    line: int = 0


@dataclass(frozen=True)
class DatedRule:
    """A rule from a day until the next one's, and what its figures are.

    population: of the first day of the year, of the year before, or of one day. presence: how one who joins or leaves within a
    period counts.
    """

    start: date
    end: date | None
    rule: Rule
    population: str
    presence: Presence
    line: int = 0

    def counted_on(self, day: date) -> date:
        """The day whose population holds for a period that begins on a day."""
        if self.population == "year-before":
            return date(max(day.year - 1, date.min.year), 1, 1)
        return day_in(self.population) or date(day.year, 1, 1)


@dataclass(frozen=True)
class Project:
    """Something that each party decides on by itself whether to take part in. joined: party, first day, first day outside."""

    id: str
    title: Text
    start: date
    joined: tuple[tuple[str, date, date | None], ...]


@dataclass(frozen=True)
class Account:
    """Where something is entered in municipal accounts, by KOSTRA: what it is (art), and what it is for (function)."""

    art: str
    function: str


@dataclass(frozen=True)
class Accounts:
    """What the agreement proposes for the accounts of who sends the bill and who pays it; the treasurer chooses."""

    host: Account
    payer: Account
    is_confirmed: bool = False


@dataclass(frozen=True)
class Agreement:
    """An agreement as it was read. parties: those that it names; else members_of a cooperation, or every one of some levels.

    lines: of the file, by the name of what stands there.
    """

    id: str
    title: Text
    about: Text | None
    cooperation: str
    host: str
    form: str
    period: str
    source: Text
    is_confirmed: bool
    rules: tuple[DatedRule, ...]
    parties: tuple[Named, ...] = ()
    members_of: str = ""
    every: tuple[Level, ...] = ()
    every_from: date | None = None
    projects: tuple[Project, ...] = ()
    accounts: Accounts | None = None
    shows_bills: bool = False  # to all parties, not each one's own alone
    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def scope(self) -> str:
        """Whose affair it is: its cooperation's, or its own."""
        return self.cooperation or self.id

    @property
    def is_paid_once(self) -> bool:
        """Whether everybody pays once, and no cost is divided: what a pool is."""
        rule = self.rules[-1].rule
        return not rule.parts and bool(rule.prices) and all(price.every == "once" for price in rule.prices)

    def rule_on(self, day: date) -> DatedRule:
        """The rule that holds on a day. Raises NotInForce, Ended, TooFarAhead."""
        if day.year == date.max.year:  # a period that begins then has no end
            raise errors.TooFarAhead("day", day=day)
        for each in self.rules:
            if each.start <= day and (each.end is None or day < each.end):
                return each
        last = self.rules[-1].end
        if last and last <= day:
            raise errors.Ended(day=day, end=last)
        raise errors.NotInForce(day=day, start=self.rules[0].start)

    def rule_of_period(self, day: date) -> DatedRule:
        """The rule of the period that a day is in: one for all of it, also where the agreement begins within it.

        Raises NotInForce, Ended, TooFarAhead.
        """
        start, end = self.period_of(day)
        begins = self.rules[0].start
        return self.rule_on(begins if start <= begins < end else start)

    def period_of(self, day: date) -> tuple[date, date]:
        """The period of settlement that a day is in: its first day, and the first day after it. Raises TooFarAhead."""
        if day.year == date.max.year:
            raise errors.TooFarAhead("day", day=day)
        first = _first_of_period(day, self.period)
        return first, add_months(first, _MONTHS[self.period])


def _first_of_period(day: date, period: str) -> date:
    length = _MONTHS[period]
    return date(day.year, (day.month - 1) // length * length + 1, 1)


def load(path: Path) -> Agreement:
    """Read an agreement's file. Raises FileWrong, OSError."""
    raw = path.read_bytes()[: LARGEST_FILE + 1]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileWrong([Problem(0, errors.NotReadable(why="it is not UTF-8"))], path.name) from None
    if len(raw) > LARGEST_FILE:
        raise FileWrong([Problem(0, errors.NotReadable(why="it is too large"))], path.name)
    return read(text, path.name)


def read(text: str, file: str = "") -> Agreement:
    """Read an agreement. Raises FileWrong with everything that is wrong, each with its line."""
    try:
        raw = read_yaml(text)
        lines = lines_of(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:  # ValueError: `!!int` of what is no number
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        why = str(getattr(error, "problem", None) or error).splitlines()[0][:200]
        raise FileWrong([Problem(line, errors.NotReadable(why=why))], file) from None
    problems = [
        Problem(_line(lines, way), errors.NotWritten(value=str(value)[:80])) for way, value in _foreign(raw, ())
    ]
    problems = problems or [_problem(each, lines) for each in _schema().iter_errors(raw)]
    if problems:
        raise FileWrong(sorted(set(problems), key=lambda each: each.line), file)
    return _Reader(raw, lines, file).agreement()


def _foreign(raw: Any, way: Way) -> Iterator[tuple[Way, Any]]:
    """Names that are no text and values of other kinds than JSON has, which a schema can't look at: `15: 1/2`, `!!set {a}`."""
    if isinstance(raw, dict):
        yield from (((*way, str(name)), name) for name in raw if not isinstance(name, str))
        for name, value in raw.items():
            yield from _foreign(value, (*way, name))
    elif isinstance(raw, list):
        for place, value in enumerate(raw):
            yield from _foreign(value, (*way, place))
    elif not isinstance(raw, str | int | float | None):
        yield way, raw


@cache
def _schema() -> jsonschema_rs.Draft202012Validator:
    text = (Path(__file__).parent / "agreement.schema.yaml").read_text("utf-8")
    return jsonschema_rs.Draft202012Validator(read_yaml(text))


def _problem(error: jsonschema_rs.ValidationError, lines: Mapping[Way, int]) -> Problem:
    """What the schema says, in words."""
    way: Way = tuple(error.instance_path)
    keyword = next((step for step in reversed(error.schema_path) if isinstance(step, str)), "")
    unexpected = getattr(error.kind, "unexpected", None)
    if keyword == "required":
        said: AllmenningError = errors.Missing(name=str(getattr(error.kind, "property", "")))
    elif unexpected:
        way, said = (*way, unexpected[0]), errors.NotKnown(name=", ".join(map(str, unexpected)))
    elif keyword in ("enum", "const"):
        said = errors.NotOneOf(options=", ".join(map(str, getattr(error.kind, "options", None) or [])))
    else:
        said = errors.NotWritten(value=str(error.instance)[:80])
    return Problem(_line(lines, way), said)


def _line(lines: Mapping[Way, int], way: Way) -> int:
    """Of a value, or of what it would stand in."""
    return next((lines[way[:length]] for length in range(len(way), -1, -1) if way[:length] in lines), 0)


class _Reader:
    """Makes an agreement of data whose form is right, and gathers what is wrong with what it says."""

    def __init__(self, raw: Mapping[str, Any], lines: Mapping[Way, int], file: str) -> None:
        self.raw, self.lines, self.file = raw, lines, file
        self.problems: list[Problem] = []

    def agreement(self) -> Agreement:
        raw = self.raw
        parties = raw["parties"]
        among: dict[str, Any] = {}
        if isinstance(parties, list):
            among["parties"] = tuple(self._party(place, each) for place, each in enumerate(parties))
        elif "members_of" in parties:
            among["members_of"] = parties["members_of"]
        else:
            among["every"] = tuple(parties["every"])
            among["every_from"] = self._day(("parties", "from"), parties["from"]) if "from" in parties else None
        rules = [self._rule(place, each) for place, each in enumerate(raw["rules"])]
        projects = tuple(self._project(place, each) for place, each in enumerate(raw.get("projects", [])))
        self._check(among.get("parties", ()), rules)
        self._check_periods(rules, raw["period"])
        self._check_projects(among.get("parties", ()), projects)
        if self.problems:
            raise FileWrong(sorted(self.problems, key=lambda each: each.line), self.file)
        return Agreement(
            id=raw["id"],
            title=Text.of(raw["title"]),
            about=Text.of(raw["about"]) if "about" in raw else None,
            cooperation=raw.get("cooperation", ""),
            host=raw["host"],
            form=raw["form"],
            period=raw["period"],
            source=Text.of(raw["source"]["text"]),
            is_confirmed=raw["source"]["confirmed"],
            rules=tuple(_until_the_next(rules)),
            projects=projects,
            accounts=_accounts(raw["accounts"]) if "accounts" in raw else None,
            shows_bills=raw.get("bills") == "shown-to-all",
            file=self.file,
            lines={name: self.lines[name,] for name in raw},
            **among,
        )

    def _wrong(self, way: Way, error: AllmenningError) -> None:
        self.problems.append(Problem(_line(self.lines, way), error))

    def _day(self, way: Way, text: str) -> date:
        found = day_in(text)
        if found is None:
            self._wrong(way, NotADay(value=text))
        return found or date.min

    def _span(self, way: Way, raw: Mapping[str, Any]) -> tuple[date, date | None]:
        start = self._day((*way, "from"), raw["from"])
        end = self._day((*way, "to"), raw["to"]) if "to" in raw else None
        if end is not None and end <= start:
            self._wrong((*way, "to"), errors.EndsTooEarly())
        return start, end

    def _party(self, place: int, raw: Mapping[str, Any]) -> Named:
        way: Way = ("parties", place)
        named = [level for level in ("municipality", "county", "state") if level in raw]
        if len(named) != 1:
            self._wrong(way, errors.Missing(name="municipality, county or state"))
            named = ["state"]
        level: Level = named[0]  # type: ignore[assignment]
        return Named(str(raw.get(level, "")), level, *self._span(way, raw), self.lines[way])

    def _rule(self, place: int, raw: Mapping[str, Any]) -> DatedRule:
        way: Way = ("rules", place)
        start, end = self._span(way, raw)
        rule = Rule()
        try:
            rule = rule_of(raw, lambda at, error: self._wrong((*way, *at), error))
            _ = rule.fractions
        except PartsNotWhole as error:
            self._wrong((*way, "parts"), error)
        population = raw.get("population", "start-of-year")
        if population not in ("start-of-year", "year-before"):
            self._day((*way, "population"), population)
        return DatedRule(start, end, rule, population, raw.get("presence", "days"), self.lines[way])

    def _project(self, place: int, raw: Mapping[str, Any]) -> Project:
        way: Way = ("projects", place)
        joined = tuple(
            (each["party"], *self._span((*way, "joined", at), each)) for at, each in enumerate(raw["joined"])
        )
        return Project(raw["id"], Text.of(raw["title"]), self._day((*way, "from"), raw["from"]), joined)

    def _check(self, parties: Sequence[Named], rules: Sequence[DatedRule]) -> None:
        for place, (before, after) in enumerate(pairwise(rules)):
            way: Way = ("rules", place + 1)
            if after.start <= before.start or (before.end and before.end > after.start):
                self._wrong(way, errors.Overlap(start=after.start))
            elif before.end and before.end < after.start:
                self._wrong(way, errors.GapInTime(start=before.end, end=after.start))
        known = {each.id for each in parties}
        for place, each in enumerate(rules):
            named = {id for part in each.rule.parts for id in part.fixed}
            for id in sorted(named - known) if parties else []:
                self._wrong(("rules", place, "parts"), errors.ShareWithoutParty(party=id))
        for place, one in enumerate(parties):
            for other in parties[:place]:
                if one.id == other.id and one.start < (other.end or date.max) and other.start < (one.end or date.max):
                    self._wrong(("parties", place), errors.TwiceAParty(party=one.id, day=max(one.start, other.start)))

    def _check_periods(self, rules: Sequence[DatedRule], period: str) -> None:
        """A period is settled by one rule: the next one takes over where a period begins."""
        for place, each in enumerate(rules[1:], start=1):
            if each.start != _first_of_period(each.start, period):
                self._wrong(("rules", place, "from"), errors.WithinPeriod(start=each.start))

    def _check_projects(self, parties: Sequence[Named], projects: Sequence[Project]) -> None:
        """Who has joined a project is a party, and each project stands there once: else somebody is left out unseen."""
        known = {each.id for each in parties}
        for place, project in enumerate(projects):
            if project.id in {each.id for each in projects[:place]}:
                self._wrong(("projects", place, "id"), errors.ProjectTwice(project=project.id))
            for at, (party, _start, _end) in enumerate(project.joined):
                if parties and party not in known:
                    self._wrong(("projects", place, "joined", at), errors.JoinedWithoutParty(party=party))


def _accounts(raw: Mapping[str, Any]) -> Accounts:
    host, payer = (Account(raw[side]["art"], raw[side]["function"]) for side in ("host", "payer"))
    return Accounts(host, payer, raw["confirmed"])


def _until_the_next(rules: Sequence[DatedRule]) -> list[DatedRule]:
    """Each rule holds until the next one's first day."""
    ends = [*(each.start for each in rules[1:]), rules[-1].end if rules else None]
    return [
        DatedRule(each.start, end, each.rule, each.population, each.presence, each.line)
        for each, end in zip(rules, ends, strict=True)
    ]
