"""What is reported to a register of the state of some cases: entries with codes, what nobody has told, and totals. Pure.

Everything that differs between services is in the folder's `state-report.yaml`. A code that follows from nothing is not guessed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from allmenning.basics import dates
from allmenning.basics.periods import Period
from allmenning.commons.catalogue.content import Text
from allmenning.commons.catalogue.deciding import duration_after
from allmenning.commons.catalogue.state_reports import (
    Entry,
    FactSource,
    Kept,
    Register,
    RegisterFact,
    StateReport,
    Total,
)
from allmenning.rules import expressions

from .ports import DatedCode, ReportedEntry, ReportedPerson

NUMBER = "number"  # what is missing, where nobody has told who the person is
_PEOPLE = UUID("0c0f6c1e-5b1d-5f53-8a0e-7d2f9e6b1a34")  # the space of names of the people in files


@dataclass(frozen=True)
class KeptThen:
    """A record of a case as it stands: the day that it is of, and when it was over."""

    id: UUID
    kind: str
    state: str
    answers: Mapping[str, Any]
    on: date
    ended_on: date | None = None


@dataclass(frozen=True)
class Told:
    """A case as a report sees it, opened. decided: when, and what, in the order of time. extended: when, by deadline.

    records: as they stand. own: the same of the case that was opened from it for whoever stands in a line of the list. concerned: the
    lines of the list that what was decided then is about; all of them, where it is not here.
    """

    id: UUID
    number: str
    received_at: datetime
    form: Mapping[str, Any]
    decided: Sequence[tuple[datetime, str]] = ()
    extended: Mapping[str, date] = field(default_factory=dict)
    records: Sequence[KeptThen] = ()
    own: Mapping[int, Told] = field(default_factory=dict)
    concerned: Mapping[datetime, Collection[int]] = field(default_factory=dict)

    def of_line(self, line: int) -> Told:
        """The case as it is for one of those whom it is about: what was decided about them, also in a case of their own."""
        own = self.own.get(line)
        decided = [each for each in self.decided if line in self.concerned.get(each[0], (line,))]
        if own is None:
            return replace(self, decided=decided)
        return replace(
            self,
            decided=sorted([*decided, *own.decided]),
            extended={**self.extended, **own.extended},
            records=[*self.records, *own.records],
        )

    def kept(self, wanted: Kept | None) -> Iterator[KeptThen]:
        """The records that a folder means."""
        for each in self.records if wanted else ():
            assert wanted is not None
            is_in = not wanted.states or each.state in wanted.states
            if each.kind == wanted.kind and is_in and wanted.answers.items() <= each.answers.items():
                yield each


@dataclass(frozen=True, order=True)
class Missing:
    """A fact that the register wants, and that nothing told. kind: of which entry; empty, of the person."""

    case_id: UUID
    kind: str
    fact: str


@dataclass(frozen=True)
class Line:
    """A line of totals; label: which of those that the total tells apart, None where it tells none apart."""

    total: Total
    label: Text | None
    number: int
    is_untold: bool = False


@dataclass
class Reported:
    """Everything of a half-year. left_out: entries that no file holds, since something that the register demands is not told."""

    people: list[ReportedPerson] = field(default_factory=list)
    left_out: list[ReportedEntry] = field(default_factory=list)
    records: list[tuple[Told, KeptThen]] = field(default_factory=list)
    missing: set[Missing] = field(default_factory=set)

    @property
    def entries(self) -> Iterator[ReportedEntry]:
        """Also those that are left out of the files: they are counted."""
        yield from (entry for person in self.people for entry in person.entries)
        yield from self.left_out


def report_on(report: StateReport, cases: Sequence[Told], period: Period) -> Reported:
    """What was known when the period ended of each whom the cases are about, one for each person."""
    found, by_person = Reported(), defaultdict[str, list[tuple[Told, Mapping[str, Any]]]](list)
    for case in cases:
        for line, row in enumerate(case.form.get(report.people.each) or ()):
            by_person[_who(report, case, line, row)].append((case.of_line(line), row))
    for who, told in by_person.items():
        first, row = told[0]
        number = str(row.get(report.people.number) or "")
        is_unborn = bool(report.people.unborn and row.get(report.people.unborn))
        entries = [each for case, _ in told for each in _entries(report, who, case, period, found)]
        if not number and not is_unborn:
            found.missing.update(Missing(case.id, "", NUMBER) for case, _ in told)
        person = uuid5(_PEOPLE, who)
        began = min(_day(case.received_at) for case, _ in told)
        found.people.append(ReportedPerson(person, first.number, began, number, is_unborn, tuple(entries)))
    for case in cases:
        found.records.extend((told, each) for told in (case, *case.own.values()) for each in told.records)
    return found


def _who(report: StateReport, case: Told, line: int, row: Mapping[str, Any]) -> str:
    """One and the same for what is told of one person in several cases: only their number tells that."""
    return f"{case.id} {line}" if not (number := row.get(report.people.number)) else f"number {number}"


def _entries(report: StateReport, who: str, case: Told, period: Period, found: Reported) -> Iterator[ReportedEntry]:
    first: UUID | None = None
    before: list[ReportedEntry] = []
    for spec in report.entries:
        for made in _made(report.register, spec, who, case, period, first):
            first = first or made.id
            if spec.led_to_by:
                made = replace(made, follows=_led_to(made, spec.led_to_by, before))
            before.append(made)
            lacks = set(_lacking(report.register, made))
            found.missing.update(Missing(case.id, spec.kind, name) for name in lacks)
            if any(report.register.kinds[spec.kind].facts[name].needed == "always" for name in lacks):
                found.left_out.append(made)
            else:
                yield made


def _led_to(made: ReportedEntry, kind: str, before: Sequence[ReportedEntry]) -> UUID | None:
    """The entry of a kind that was concluded on the day that this one began, if there is one."""
    return next((each.id for each in before if each.kind == kind and each.concluded_on == made.begun_on), None)


def _made(
    register: Register, spec: Entry, who: str, case: Told, period: Period, follows: UUID | None
) -> Iterator[ReportedEntry]:
    if spec.is_of_each:
        for at, decided in case.decided:
            if decided in spec.opened_by and _day(at) < period.end:
                yield _begun(register, spec, f"{who} {case.id} {spec.kind} {at.isoformat()}", case, period, at, None)
        return
    if spec.kept is None:
        made = _entry(register, spec, who, case, period, follows=follows)
        if made is not None:
            yield made
        return
    for kept in case.kept(spec.kept):
        told = dates.read_date(str(kept.answers.get(spec.day))) if spec.day else None
        each = replace(kept, on=told) if told else kept
        if each.on < period.end:
            ended = each.ended_on if each.ended_on and each.ended_on < period.end else None
            held, around = register.kinds[spec.kind].facts, {"form": case.form, "record": each.answers}
            facts = {
                name: codes for name, source in spec.facts.items() if (codes := _codes(source, held[name], around))
            }
            if ended is None:
                facts.pop("conclusion", None)
            yield ReportedEntry(uuid5(_PEOPLE, f"{who} {each.id}"), spec.kind, each.on, ended, facts)


def _entry(
    register: Register, spec: Entry, who: str, case: Told, period: Period, *, follows: UUID | None
) -> ReportedEntry | None:
    """An entry of a case as it stood when the period ended; None: it had not begun."""
    begun_at = next((at for at, decided in case.decided if decided in spec.opened_by), None)
    if not spec.opened_by:
        begun_at, follows = case.received_at, None
    if begun_at is None or _day(begun_at) >= period.end:
        return None
    return _begun(register, spec, f"{who} {case.id} {spec.kind}", case, period, begun_at, follows)


def _begun(
    register: Register, spec: Entry, name: str, case: Told, period: Period, begun_at: datetime, follows: UUID | None
) -> ReportedEntry:
    """An entry that began then, as it stood when the period ended. name: what its id is made of."""
    concluded_at, decided = _conclusion(spec, case, begun_at, period)
    held = register.kinds[spec.kind].facts
    facts = {
        fact: _of_every(source, held[fact], case, _day(begun_at))
        if source.is_of_every
        else _codes(source, held[fact], {"form": case.form, "record": _last(case, source.kept, period)})
        for fact, source in spec.facts.items()
        if source.kept is None or source.expression
    }
    if decided in spec.concluded_by:
        facts["conclusion"] = (spec.concluded_by[decided],)
    elif concluded_at is None:
        facts.pop("conclusion", None)
    extended = case.extended.get(spec.extended_by or "")
    dated: dict[str, tuple[DatedCode, ...]] = {}
    if extended and extended < period.end:
        dated["extended"] = (DatedCode(extended),)
    for fact, source in ((fact, each) for fact, each in spec.facts.items() if each.expression is None):
        days = sorted(each.on for each in case.kept(source.kept) if _day(begun_at) <= each.on < period.end)
        if source.kept and days:
            dated[fact] = tuple(DatedCode(day, source.value or "") for day in days)
    return ReportedEntry(
        uuid5(_PEOPLE, name),
        spec.kind,
        _day(begun_at),
        _day(concluded_at) if concluded_at else None,
        {fact: codes for fact, codes in facts.items() if codes},
        dated,
        follows,
    )


def _conclusion(spec: Entry, case: Told, begun_at: datetime, period: Period) -> tuple[datetime | None, str]:
    ends = {*spec.concluded_by, *spec.asked}
    for at, decided in case.decided:
        is_later = at > begun_at if spec.opened_by else True
        if decided in ends and is_later and _day(at) < period.end:
            return at, decided
    return None, ""


def _last(case: Told, kept: Kept | None, period: Period) -> Mapping[str, Any]:
    """What the newest of such records says, of those that there were when the period ended."""
    then = sorted((each for each in case.kept(kept) if each.on < period.end), key=lambda each: each.on)
    return then[-1].answers if then else {}


def _of_every(source: FactSource, fact: RegisterFact, case: Told, day: date) -> tuple[str, ...]:
    """The code of every such record that was not over that day; none where they differ, or there are none."""
    kept = [each for each in case.kept(source.kept) if each.ended_on is None or each.ended_on >= day]
    found = {_codes(source, fact, {"form": case.form, "record": each.answers}) for each in kept}
    return found.pop() if len(found) == 1 else ()


def _codes(source: FactSource, fact: RegisterFact, around: Mapping[str, Any]) -> tuple[str, ...]:
    """around: what the expression reads."""
    if source.value is not None:
        return (source.value,)
    assert source.expression is not None
    try:
        answer = expressions.evaluate(source.expression, around)
    except expressions.ExpressionFailed:  # another system sent in less than the form asks for
        return ()
    answers = [str(each) for each in (answer if isinstance(answer, list) else [answer])]
    if not source.codes and not source.asked:
        return tuple(each for each in answers if fact.takes(each))
    return tuple(source.codes[each] for each in answers if each in source.codes)


def _lacking(register: Register, entry: ReportedEntry) -> Iterator[str]:
    for name, fact in register.kinds[entry.kind].facts.items():
        if name not in entry.facts and name not in entry.dated and _is_needed(fact, entry):
            yield name


def _is_needed(fact: RegisterFact, entry: ReportedEntry) -> bool:
    if fact.needed == "concluded" and entry.concluded_on is None:
        return False
    return bool(fact.needed) and all(
        codes & set(entry.facts.get(name, ())) for name, codes in fact.needed_where.items()
    )


def totals(report: StateReport, reported: Reported, period: Period) -> list[Line]:
    """The totals that the folder asks for, in its order; those that tell something apart, by the register's order of codes."""
    return [line for total in report.totals for line in _lines(report.register, total, reported, period)]


def _lines(register: Register, total: Total, reported: Reported, period: Period) -> Iterator[Line]:
    if total.kept is not None:
        days = [each.on for case, each in reported.records if each in case.kept(total.kept)]
        yield Line(total, None, sum(period.first <= day < period.end for day in days))
        return
    counted = [each for each in reported.entries if _counts(total, each, period)]
    if total.by is None:
        yield Line(total, None, len(counted))
        return
    numbers = Counter(code for each in counted for code in set(each.facts.get(total.by, ())))
    for code in register.kinds[total.kind].facts[total.by].codes or {}:
        if numbers[code]:
            yield Line(total, register.label(total.kind, total.by, code), numbers[code])
    if untold := sum(total.by not in each.facts for each in counted):
        yield Line(total, None, untold, is_untold=True)


def _counts(total: Total, entry: ReportedEntry, period: Period) -> bool:
    if entry.kind != total.kind or not _is_then(total.counts, entry, period):
        return False
    if total.within and entry.concluded_on and entry.concluded_on > duration_after(total.within, entry.begun_on):
        return False
    if total.longer and entry.concluded_on and entry.concluded_on <= duration_after(total.longer, entry.begun_on):
        return False
    return all(codes & set(entry.facts.get(fact, ())) for fact, codes in (total.where or {}).items())


def _is_then(counts: str, entry: ReportedEntry, period: Period) -> bool:
    """Whether it belongs to the period: begun or concluded or extended in it, or under way when it ended."""
    if counts == "under-way":
        return entry.concluded_on is None
    days: Mapping[str, Sequence[date | None]] = {
        "begun": [entry.begun_on],
        "concluded": [entry.concluded_on],
        "extended": [each.on for each in entry.dated.get("extended", ())],
    }
    return any(day is not None and period.first <= day < period.end for day in days[counts])


def _day(at: datetime) -> date:
    return at.astimezone(dates.OSLO).date()
