"""Checking a bill: what an agreement says, and what anybody would pay of a sum. Public; about nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.money import InvalidAmount, parse_kroner
from allmenning.commons.costs import queries
from allmenning.commons.costs.agreement import Agreement, DatedRule
from allmenning.commons.costs.errors import FileWrong
from allmenning.commons.costs.queries import Published
from allmenning.commons.costs.sharing import Shared, share_on
from allmenning.commons.municipalities import queries as municipalities

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
    chosen = dates.read_date(day) if day else _last_day_with_figures(published.agreement)
    if chosen is None:
        return Checked(published, amount, _last_day_with_figures(published.agreement), errors={"day": NotADay()})
    ore: int | None = None
    try:
        if published.agreement.rule_on(chosen).rule.parts:
            ore = parse_kroner(amount) if amount else A_MILLION
        shared = share_on(published.agreement, ore, chosen, municipalities)
    except InvalidAmount as error:
        return Checked(published, amount, chosen, errors={"amount": error})
    except FileWrong as error:
        return Checked(published, amount, chosen, errors={"day": error.problems[0].error})
    except AllmenningError as error:
        return Checked(published, amount, chosen, errors={"day": error})
    return Checked(published, amount, chosen, shared)


def _last_day_with_figures(agreement: Agreement) -> date:
    """The newest day whose population is known, within the agreement's time; its first day where there is none."""
    first, last = agreement.rules[0].start, agreement.rules[-1].end
    host = municipalities.population_of(agreement.host, last or dates.today())
    return max(first, host.date) if host else first


class NotADay(AllmenningError):
    """There is no such day. Write it as 31.12.2013."""
