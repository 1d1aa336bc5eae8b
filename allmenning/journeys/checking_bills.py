"""Checking a bill: what an agreement says, and what anybody would pay of a sum. Public; about nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.money import InvalidAmount, parse_kroner
from allmenning.basics.sharing.dividing import Party
from allmenning.basics.sharing.rule import Part, Rule
from allmenning.basics.typed import NotADay
from allmenning.commons.costs import queries
from allmenning.commons.costs.agreement import Agreement, DatedRule
from allmenning.commons.costs.errors import FileWrong, NoYear
from allmenning.commons.costs.queries import Published
from allmenning.commons.costs.sharing import Change, Shared, share_on
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.errors import UnknownMunicipality

A_MILLION = 100_000_000  # øre: what is shared until somebody says another sum


@dataclass(frozen=True)
class Checked:
    """An agreement, and what each would pay; or why that can't be said. amount: as it was typed. errors: by field, or empty."""

    published: Published
    amount: str
    day: date
    shared: Shared | None = None
    errors: dict[str, AllmenningError] | None = None

    @property
    def agreement(self) -> Agreement:
        return self.published.agreement

    @property
    def divides(self) -> bool:
        """Whether a sum is divided; a price list divides none."""
        rule = self.shared.rule if self.shared else self.agreement.rules[-1]
        return bool(rule.rule.parts)

    @property
    def rules(self) -> tuple[DatedRule, ...]:
        """The newest first."""
        return self.agreement.rules[::-1]


def agreements_of(cooperation: str) -> list[Published]:
    """Those that belong to a cooperation; with none, those that belong to no cooperation."""
    return queries.agreements_of(cooperation)


def check(id: str, amount: str, day: str) -> Checked:
    """What each would pay of an amount in kroner, as for the period that a day is in. Both as they were typed; empty: a million,
    and the last day that there are figures for. Raises UnknownAgreement.
    """
    published = queries.agreement(id)
    first = _first_day(published.agreement)
    chosen = dates.read_date(day) if day else first
    if chosen is None:
        return Checked(published, amount, first, errors={"day": NotADay(value=day[:20])})
    try:
        shared = share_on(published.agreement, _sum(published.agreement, amount, chosen), chosen, municipalities)
    except AllmenningError as error:
        return Checked(published, amount, chosen, errors=_by_field(error, "day"))
    return Checked(published, amount, chosen, shared)


@dataclass(frozen=True)
class Asked:
    """What somebody asks: what if. Each as it was typed; empty: as it is.

    leaves: the id of a party. joins: a municipality by name or number. year: of another population. by_population: how many per
    cent of the sum are divided so; the rest equally.
    """

    leaves: str = ""
    joins: str = ""
    year: str = ""
    by_population: str = ""


@dataclass(frozen=True)
class Row:
    """One party's share as it is and as it would be, in øre; None for who has none of it."""

    party: Party
    now: int | None
    then: int | None

    @property
    def difference(self) -> int:
        """Øre more, or less."""
        return (self.then or 0) - (self.now or 0)


@dataclass(frozen=True)
class Compared:
    """What is asked beside what is. then: None where it can't be worked out, which `errors` say by field."""

    checked: Checked
    asked: Asked
    then: Shared | None = None
    rows: tuple[Row, ...] = ()
    joining: str = ""
    errors: dict[str, AllmenningError] | None = None

    @property
    def is_asked(self) -> bool:
        return self.asked != Asked()

    @property
    def may_change_rule(self) -> bool:
        """Whether the rule divides by nothing but population and equally, so that the one may be weighed against the other."""
        shared = self.checked.shared
        return shared is not None and {part.by for part in shared.rule.rule.parts} <= {"population", "equal"} != set()


def compare(id: str, amount: str, day: str, asked: Asked) -> Compared:
    """What each would pay if something were otherwise, beside what they pay. Raises UnknownAgreement."""
    checked = check(id, amount, day)
    if checked.shared is None or asked == Asked():
        return Compared(checked, asked)
    errors: dict[str, AllmenningError] = {}
    change = _change(checked, asked, errors)
    joining = _typed(change.joins[0], checked.day) if change.joins else ""
    if errors:
        return Compared(checked, asked, joining=joining, errors=errors)
    try:
        ore = _sum(checked.agreement, checked.amount, checked.day)
        then = share_on(checked.agreement, ore, checked.day, municipalities, change)
    except AllmenningError as error:
        field = next((name for name in ("year", "joins", "leaves", "by_population") if getattr(asked, name)), "year")
        return Compared(checked, asked, joining=joining, errors=_by_field(error, field))
    return Compared(checked, asked, then, tuple(_side_by_side(checked.shared, then)), joining)


def _change(checked: Checked, asked: Asked, errors: dict[str, AllmenningError]) -> Change:
    """What is asked, as a change; what can't be understood is said of its field."""
    assert checked.shared is not None
    joins: tuple[str, ...] = ()
    year = part = None
    parties = {share.party.id for share in checked.shared.shares}
    if asked.leaves and asked.leaves not in parties:
        errors["leaves"] = NoParty(party=asked.leaves)
    if asked.joins:
        found = municipalities.search_municipality(asked.joins)
        there = [each for each in found if each.municipality.exists(checked.day) and each.score == found[0].score]
        if not there:
            errors["joins"] = UnknownMunicipality(asked=asked.joins)
        elif there[0].municipality.id in parties:
            errors["joins"] = IsAParty(party=there[0].municipality.name)
        else:
            joins = (there[0].municipality.id,)
    if asked.year:
        year = date(int(asked.year), 1, 1) if asked.year.isdecimal() and 1000 < int(asked.year) < 9999 else None
        if year is None:
            errors["year"] = NoYear(value=asked.year)
    if asked.by_population:
        part = _percent(asked.by_population)
        if part is None:
            errors["by_population"] = NotAPercentage()
    rule = _weighed(checked, part) if part is not None else None
    return Change(frozenset(filter(None, [asked.leaves])), joins, year, rule)


def _typed(id: str, day: date) -> str:
    """What finds a municipality again: its name, or its number where two share the name."""
    found = municipalities.municipality(id)
    return (found.qualifier and found.number(day)) or found.name


def _percent(text: str) -> Fraction | None:
    said = text.replace("%", "").replace(",", ".").strip()
    if not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,4})?", said) or float(said) > 100:
        return None
    return Fraction(said) / 100


def _weighed(checked: Checked, part: Fraction) -> Rule:
    """The rule with another weight between population and equal shares."""
    assert checked.shared is not None
    parts = (Part(part, "population"), Part(1 - part, "equal"))
    return replace(checked.shared.rule.rule, parts=tuple(each for each in parts if each.fraction))


def _side_by_side(now: Shared, then: Shared) -> Iterator[Row]:
    before = {share.party.id: share for share in now.shares}
    after = {share.party.id: share for share in then.shares}
    for id in dict.fromkeys([*before, *after]):
        party = (before.get(id) or after[id]).party
        yield Row(party, before[id].ore if id in before else None, after[id].ore if id in after else None)


def _sum(agreement: Agreement, amount: str, day: date) -> int | None:
    """What is shared, in øre; None for a price list. Raises InvalidAmount, NotInForce, Ended."""
    if not agreement.rule_on(day).rule.parts:
        return None
    return parse_kroner(amount) if amount else A_MILLION


def _by_field(error: AllmenningError, field: str) -> dict[str, AllmenningError]:
    """What went wrong, at the field that it is about."""
    if isinstance(error, FileWrong):
        error = error.problems[0].error
    return {"amount" if isinstance(error, InvalidAmount) else field: error}


def _first_day(agreement: Agreement) -> date:
    """What is shown first: what each pays now; of what is paid once, what each paid when it began."""
    return agreement.rules[0].start if agreement.is_paid_once else last_day_with_figures(agreement)


def last_day_with_figures(agreement: Agreement) -> date:
    """The newest day whose population is known, within the agreement's time; its first day where there is none."""
    first, end = agreement.rules[0].start, agreement.rules[-1].end
    host = municipalities.population_of(agreement.host, end - timedelta(days=1) if end else dates.today())
    return max(first, host.date) if host else first


class NoParty(AllmenningError):
    """{party} is no party on that day."""


class IsAParty(AllmenningError):
    """{party} is a party already on that day."""


class NotAPercentage(AllmenningError):
    """Write a number from 0 to 100."""
