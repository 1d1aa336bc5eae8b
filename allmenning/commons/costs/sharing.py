"""Sharing a sum by an agreement: who its parties are on a day or in a period, what is known of them, and what each pays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import partial
from typing import TypeVar

from allmenning.basics.errors import AllmenningError
from allmenning.basics.sharing.dividing import Party, Share, divide
from allmenning.basics.sharing.rule import Rule
from allmenning.commons.municipalities.errors import UnknownMunicipality
from allmenning.commons.municipalities.facts import KnownMunicipality

from . import errors
from .agreement import Agreement, DatedRule, Named
from .errors import FileWrong, Problem
from .populations import People, populations
from .registry import Registry, counties, county

Told = TypeVar("Told")


@dataclass(frozen=True)
class Shared:
    """What was shared: by which rule, of which period, and each one's share. ore: the sum of the shares."""

    rule: DatedRule
    start: date
    end: date
    shares: tuple[Share, ...]

    @property
    def ore(self) -> int:
        return sum(share.ore for share in self.shares)


@dataclass(frozen=True)
class Change:
    """What may be otherwise than the agreement says, to see what it would mean. Empty: nothing is.

    leaves, joins: ids of municipalities. counted_on: the day of another population. rule: another rule.
    """

    leaves: frozenset[str] = frozenset()
    joins: tuple[str, ...] = ()
    counted_on: date | None = None
    rule: Rule | None = None


def share_on(
    agreement: Agreement, ore: int | None, day: date, registry: Registry, change: Change | None = None
) -> Shared:
    """Share a sum among those who are parties on a day, as for a whole period: how anybody checks a bill.

    change: what if. Raises what `divide` raises, FileWrong for a party that is not in the register or did not exist, NotInForce,
    Ended.
    """
    what_if = change or Change()
    rule = _changed(agreement.rule_on(day), what_if)
    start, end = agreement.period_of(day)
    named = [
        each
        for each in named_in(agreement, start, end, registry)
        if _holds(each, day) and each.id not in what_if.leaves
    ]
    there = {each.id for each in named}
    named += [Named(id, "municipality", day) for id in what_if.joins if id not in there]
    parties = parties_of(agreement, rule, named, start, end, registry, on=day)
    return Shared(rule, start, end, tuple(divide(rule.rule, ore, parties)))


def joining_on(agreement: Agreement, day: date, registry: Registry, *, only: str = "") -> Shared:
    """What each of those who may be parties would pay if they joined on a day: for what is paid once. only: one of them.

    Raises as `share_on`, and NoParties where there is none.
    """
    rule = agreement.rule_on(day)
    start, end = agreement.period_of(day)
    there = [each for each in named_in(agreement, start, end, registry) if _holds(each, day) and only in ("", each.id)]
    named = [replace(each, start=day) for each in there]
    parties = parties_of(agreement, rule, named, start, end, registry, on=day)
    return Shared(rule, start, end, tuple(divide(rule.rule, None, parties)))


def check_names(agreement: Agreement, registry: Registry) -> None:
    """That the register has whoever an agreement names: its host, its cooperations, and each party on its first day.

    Raises FileWrong with everybody that it lacks, each with the line.
    """
    lines = agreement.lines
    asked: list[tuple[int, Callable[[], object]]] = [
        (lines.get("host", 0), partial(_municipality, agreement.host, registry)),
        *((each.line, partial(_name_and_number, each, each.start, registry)) for each in agreement.parties),
    ]
    for where, id in (("cooperation", agreement.cooperation), ("parties", agreement.members_of)):
        if id:
            asked.append((lines.get(where, 0), partial(registry.memberships, id)))
    _ = _all_or_said(asked, agreement.file)


def _all_or_said(asked: Iterable[tuple[int, Callable[[], Told]]], file: str) -> list[Told]:
    """What each answers, by its line of a file. Raises FileWrong with every one that fails."""
    told, problems = [], []
    for line, answer in asked:
        try:
            told.append(answer())
        except AllmenningError as error:
            problems.append(Problem(line, error))
    if problems:
        raise FileWrong(sorted(problems, key=lambda each: each.line), file)
    return told


def _municipality(id: str, registry: Registry) -> KnownMunicipality:
    """Raises NoSuchMunicipality."""
    try:
        return registry.municipality(id)
    except UnknownMunicipality:
        raise errors.NoSuchMunicipality(asked=id) from None


def _changed(rule: DatedRule, change: Change) -> DatedRule:
    population = change.counted_on.isoformat() if change.counted_on else rule.population
    return replace(rule, population=population, rule=change.rule or rule.rule)


def named_in(agreement: Agreement, start: date, end: date, registry: Registry) -> list[Named]:
    """Who is a party at some time of a period. A membership that is interrupted is several.

    Raises UnknownCooperation.
    """
    return [
        each
        for each in _named(agreement, start, registry)
        if each.start < end and (each.end is None or start < each.end)
    ]


def _named(agreement: Agreement, on: date, registry: Registry) -> Iterable[Named]:
    if agreement.members_of:
        memberships = registry.memberships(agreement.members_of)
        return [Named(each.municipality, "municipality", each.start, each.end) for each in memberships]
    if not agreement.every:
        return agreement.parties
    since = agreement.every_from or agreement.rules[0].start
    places = registry.all_municipalities(on) if "municipality" in agreement.every else []
    above = counties(on) if "county" in agreement.every else []
    return [
        *(Named(each.id, "municipality", since) for each in places),
        *(Named(each.number, "county", since) for each in above),
    ]


def _holds(named: Named, day: date) -> bool:
    return named.start <= day and (named.end is None or day < named.end)


def parties_of(
    agreement: Agreement,
    rule: DatedRule,
    named: Iterable[Named],
    start: date,
    end: date,
    registry: Registry,
    *,
    use: Mapping[str, Mapping[str, int]] | None = None,
    on: date | None = None,
) -> list[Party]:
    """What is known of each in the period from `start` until `end`.

    Each is there once, however often it left and came back. use: by party, what was counted. on: a day whose parties share as if
    they were there all the time. Raises FileWrong.
    """
    counted_on, among = rule.counted_on(start), list(named)
    days: dict[tuple[str, str], date] = {
        (each.level, each.id): on or max(each.start, start) for (each, *_) in _by_party(among)
    }
    people = populations(days, counted_on, registry)
    since, until = max(start, agreement.rules[0].start), min(end, agreement.rules[-1].end or end)
    spanned = ((times, [(start, end)] if on else _spans(times, since, until)) for times in _by_party(among))
    # Not who left before the agreement began, or joins after it ended.
    there = [(times[0], times, spans) for times, spans in spanned if spans]
    names = _all_or_said(
        ((each.line, partial(_name_and_number, each, days[each.level, each.id], registry)) for each, *_ in there),
        agreement.file,
    )
    made = []
    for (each, times, spans), (name, number) in zip(there, names, strict=True):
        lived = people.get((each.level, each.id), People())
        made.append(
            Party(
                id=each.id,
                name=name,
                number=number,
                level=each.level,
                population=lived.number,
                counted_on=counted_on,
                present=_presence(rule, spans, start, end),
                months=Fraction(_months(spans)),
                joins=any(start <= time.start < end for time in times),
                year=max(0, (start.year - each.start.year)),
                use=(use or {}).get(each.id, {}),
                summed=lived.summed,
                divided=lived.divided,
            )
        )
    return made


def _by_party(among: Iterable[Named]) -> list[list[Named]]:
    """Each party once, with all the times that it was one, the first of them first."""
    found: dict[tuple[str, str], list[Named]] = {}
    for each in among:
        found.setdefault((each.level, each.id), []).append(each)
    return [sorted(times, key=lambda time: time.start) for times in found.values()]


def _spans(times: Iterable[Named], start: date, end: date) -> list[tuple[date, date]]:
    """When a party was there, within a period; each day once. times: by their first day."""
    found: list[tuple[date, date]] = []
    for time in times:
        first, last = max(time.start, start), min(time.end or end, end)
        if first >= last:
            continue
        if found and first <= found[-1][1]:
            before = found.pop()
            first, last = before[0], max(before[1], last)
        found.append((first, last))
    return found


def _name_and_number(named: Named, day: date, registry: Registry) -> tuple[str, str]:
    """On a day. Raises NoSuchMunicipality, NoSuchCounty, DidNotExist."""
    if named.level == "state":
        return named.id, ""
    if named.level == "county":
        return county(named.id, day).name, named.id
    found = _municipality(named.id, registry)
    number = found.number(day)
    if number is None:
        raise errors.DidNotExist(party=found.name, day=day)
    return found.name_in("nb", day), number


def _presence(rule: DatedRule, spans: Sequence[tuple[date, date]], start: date, end: date) -> Fraction:
    if rule.presence == "whole":
        return Fraction(1)
    if rule.presence == "months":
        return Fraction(_months(spans), _months([(start, end)]))
    return Fraction(sum((last - first).days for first, last in spans), (end - start).days)


def _months(spans: Iterable[tuple[date, date]]) -> int:
    """The months that are begun, each once, from days until others."""
    begun = {
        month
        for first, last in spans
        for month in range(first.year * 12 + first.month, last.year * 12 + last.month + (last.day > 1))
    }
    return len(begun)
