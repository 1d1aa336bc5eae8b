"""One party's part of what is planned to cost something, among those who join, by an agreement as it held on a day.

A part that can't be worked out is never said to be nothing: why not is an answer of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.sharing.dividing import Party, Share, divide
from allmenning.basics.sharing.rule import Rule
from allmenning.commons.costs import queries as costs
from allmenning.commons.costs.agreement import Agreement, DatedRule, Named
from allmenning.commons.costs.errors import FileWrong
from allmenning.commons.costs.sharing import named_in, parties_of
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.facts import Inhabitants


class NothingAgreed(AllmenningError):
    """How the cost is shared is not agreed yet."""


def dividing(scope: str, moment: datetime) -> Dated:
    """The agreement of a cooperation that divided costs at a moment, if there was one. One statement."""
    found = [each.agreement for each in costs.agreements_at(scope, moment)]
    divides = next((each for each in found if each.rules[-1].rule.parts), None)
    return Dated(divides, moment.astimezone(dates.OSLO).date())


class _Register:
    """The register, asked once for the populations of a day: of everybody, however many sums are shared."""

    municipality = staticmethod(municipalities.municipality)
    all_municipalities = staticmethod(municipalities.all_municipalities)
    memberships = staticmethod(municipalities.memberships)
    successions = staticmethod(municipalities.successions)

    def __init__(self) -> None:
        self.known: dict[date, dict[str, Inhabitants]] = {}

    def populations(self, ids: list[str], on: date) -> dict[str, Inhabitants]:
        if on not in self.known:
            self.known[on] = municipalities.populations(list(municipalities.register().municipalities), on)
        return {id: self.known[on][id] for id in ids if id in self.known[on]}


@dataclass(frozen=True)
class Dated:
    """An agreement as it held on a day; None where nothing is agreed."""

    agreement: Agreement | None
    day: date
    register: _Register = field(default_factory=_Register, compare=False)

    @cached_property
    def rule(self) -> DatedRule | AllmenningError:
        """The rule of the day, by the newest populations that were known on it; or why there is none."""
        if self.agreement is None:
            return NothingAgreed()
        try:
            found = self.agreement.rule_on(self.day)
        except AllmenningError as error:
            return error
        counted = municipalities.population_of(self.agreement.host, self.day)
        return replace(found, population=counted.date.isoformat()) if counted else found

    def among(self, joining: Sequence[str]) -> tuple[Rule, list[Party]] | AllmenningError:
        """By what, and among whom, a sum is divided where these municipalities join; or why it can't be.

        Without prices: they are paid with the joint operation, and not again with what is planned.
        """
        if self.agreement is None or isinstance(self.rule, AllmenningError):
            return NothingAgreed() if self.agreement is None else self.rule  # type: ignore[return-value]
        start, end = self.agreement.period_of(self.day)
        try:
            named = [each for each in named_in(self.agreement, start, end, self.register) if self._is_in(each, joining)]
            there = {each.id for each in named}
            named += [Named(id, "municipality", self.day) for id in joining if id not in there]
            rule = replace(self.rule.rule, prices=())
            return rule, parties_of(self.agreement, self.rule, named, start, end, self.register, on=self.day)
        except FileWrong as error:
            return error.problems[0].error
        except AllmenningError as error:
            return error

    def _is_in(self, named: Named, joining: Sequence[str]) -> bool:
        """Whether a party of the agreement shares in this: a municipality that joins, and whoever is no municipality."""
        is_there = dates.holds(named.start, named.end, self.day)
        return is_there and (named.level != "municipality" or named.id in joining)


@dataclass(frozen=True)
class OwnShare:
    """What one of those who join pays of a sum."""

    dated: Dated
    joining: tuple[str, ...]
    party: str

    @cached_property
    def _among(self) -> tuple[Rule, list[Party]] | AllmenningError:
        return self.dated.among(self.joining)

    def shared(self, ore: int) -> Share | AllmenningError:
        """Its part of a sum; or why it can't be worked out."""
        if isinstance(self._among, AllmenningError):
            return self._among
        rule, among = self._among
        try:
            return next(each for each in divide(rule, ore, among) if each.party.id == self.party)
        except AllmenningError as error:
            return error

    def own(self, ore: int) -> int | None:
        """Its part in øre; None where it can't be worked out. Of nothing it is nothing."""
        share = self.shared(ore) if ore else None
        return 0 if share is None else share.ore if isinstance(share, Share) else None
