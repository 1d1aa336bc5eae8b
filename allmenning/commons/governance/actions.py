"""Writing the plan. Each adds rows in one transaction, and changes none.

Rows carry who wrote them as a role (`by`). What is written anew names the version that it was made from; the second of two is told.
Who may write is for the journey to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import router, transaction

from allmenning.basics import dates
from allmenning.basics.money import LARGEST
from allmenning.commons.figures.benefits import PER_CENT, Gain

from . import errors
from .checks import called, checked, one_of, plain, within_plan
from .models import (
    Baseline,
    Cost,
    Estimate,
    Item,
    ItemText,
    Milestone,
    Participation,
    Plan,
    Removal,
    Risk,
    StatusReport,
)
from .words import Words
from .writing import next_version, one_at_a_time, written

MOST_YEARS = 12
FIRST_YEAR, LAST_YEAR = 2000, 2100
LARGEST_FIGURE = 10**12
GAINS = [str(each) for each in Gain]
_ABOVE = {Item.Kind.GOAL: None, Item.Kind.MEASURE: Item.Kind.GOAL, Item.Kind.PROJECT: Item.Kind.MEASURE}


@dataclass(frozen=True)
class Said:
    """What an item says. owner: a role or a body. services: ids of the catalogue. gains: kinds of measured benefit."""

    title: Words
    description: Words = field(default_factory=Words)
    owner: Words = field(default_factory=Words)
    services: Sequence[str] = ()
    gains: Sequence[str] = ()

    def columns(self) -> dict[str, Any]:
        """Raises NotSaid, TooLong, NamesAPerson, NotOneOfThese for a gain that is not measured."""
        return {
            "title": checked(self.title, most=200, name="title"),
            "description": checked(self.description, required=False, name="description"),
            "owner": checked(self.owner, most=200, required=False, name="owner"),
            "services": list(dict.fromkeys(self.services)),
            "gains": [one_of(each, GAINS) for each in dict.fromkeys(self.gains)],
        }


def make_plan(*, scope: str, title: Words, first_year: int, last_year: int, by: str) -> Plan:
    """Begin a plan. Raises PlanAlreadyThere, YearTooFar, WrongYears, NotSaid."""
    _within_reach(first_year, "first_year")
    if not first_year <= last_year < first_year + MOST_YEARS:
        raise errors.WrongYears("last_year", most=MOST_YEARS)
    title = checked(title, most=200, name="title")
    with written():
        one_at_a_time(scope)
        if Plan.objects.filter(scope=scope, first_year=first_year).exists():
            raise errors.PlanAlreadyThere(year=first_year)
        return Plan.objects.create(
            scope=scope, title=title, first_year=first_year, last_year=last_year, at=dates.now(), by=by
        )


def add_item(*, plan: Plan, kind: str, code: str, said: Said, under: Item | None = None, by: str) -> Item:
    """Add a goal, a measure under a goal, or a project under a measure.

    Raises ItemAlreadyThere, WrongPlace, TakenOut, and what `Said` may be wrong with.
    """
    kind = one_of(kind, Item.Kind.values)
    if (under.kind if under else None) != _ABOVE[Item.Kind(kind)] or (under and under.plan_id != plan.id):
        raise errors.WrongPlace
    columns, now = said.columns(), dates.now()
    with written():
        one_at_a_time(plan.scope)
        if under:
            _still_there(under)
        if Item.objects.filter(plan=plan, code=code).exists():
            raise errors.ItemAlreadyThere(code=code)
        item = Item.objects.create(plan=plan, parent=under, kind=kind, code=code, at=now, by=by)
        ItemText.objects.create(item=item, version=1, **columns, at=now, by=by)
        return item


def reword(*, item: Item, made_from: int, said: Said, why: str = "", by: str) -> ItemText:
    """Write what an item says anew; the earlier version is kept. Raises ChangedMeanwhile, TakenOut, and what `Said` may be."""
    columns, why = said.columns(), plain(why, most=500, required=False)
    with _changing(item):
        newest = ItemText.objects.filter(item=item).order_by("-version").values_list("version", flat=True).first()
        if newest != made_from:
            raise errors.ChangedMeanwhile
        return ItemText.objects.create(item=item, version=made_from + 1, **columns, why=why, at=dates.now(), by=by)


def take_out(*, item: Item, reason: Words, by: str) -> Removal:
    """Take an item out of the plan, with a reason. Raises StillHasParts, TakenOut, NotSaid."""
    reason = checked(reason, most=2000, name="reason")
    with _changing(item):
        if Item.objects.filter(parent=item, removals=None).exists():
            raise errors.StillHasParts
        return Removal.objects.create(item=item, reason=reason, at=dates.now(), by=by)


def plan_cost(*, item: Item, year: int, kind: str, amount_ore: int, by: str) -> Cost:
    """Say what an item costs in a year; of earlier ones, the newest holds. Raises WrongYear, WrongAmount, TakenOut."""
    kind = one_of(kind, Cost.Kind.values)
    if year not in item.plan.years:
        raise errors.WrongYear(first=item.plan.first_year, last=item.plan.last_year)
    with _changing(item):
        return Cost.objects.create(
            item=item, year=year, kind=kind, amount_ore=_amount(amount_ore), at=dates.now(), by=by
        )


def estimate(
    *,
    item: Item,
    party: str,
    from_year: int,
    builds_on: Words,
    amount_ore: int | None = None,
    hours: int | None = None,
    quality: Words | None = None,
    by: str,
) -> Estimate:
    """Say what a party expects to gain each year, and what that builds on. hours: of work a year.

    Raises NothingEstimated, YearTooFar, NotSaid, WrongAmount, TakenOut.
    """
    _within_reach(from_year, "from_year")
    quality = checked(quality or Words(), most=2000, required=False, name="quality")
    builds_on = checked(builds_on, most=2000, name="builds_on")
    if amount_ore is None and hours is None and not quality:
        raise errors.NothingEstimated
    if hours is not None and not 0 <= hours <= 10_000_000:
        raise errors.WrongAmount(most="10 000 000")
    with _changing(item):
        return Estimate.objects.create(
            item=item,
            party=party,
            from_year=from_year,
            amount_ore=None if amount_ore is None else _amount(amount_ore),
            hours=hours,
            quality=quality,
            builds_on=builds_on,
            at=dates.now(),
            by=by,
        )


def units_of(gain: Gain) -> list[str]:
    """What a gain can be stated in: its own unit, and per cent where it is a part of something."""
    return [gain.unit, PER_CENT] if gain.whole else [gain.unit]


def state_baseline(
    *, item: Item, party: str, gain: str, figure: Decimal, unit: str, start: date, end: date, source: Words, by: str
) -> Baseline:
    """Say how it was before, in a period, and where that is from. unit: the gain's own, or per cent of its whole.

    Raises NotOneOfThese, OtherUnit, EndsBeforeItBegins, WrongAmount, NotSaid, TakenOut.
    """
    gain = one_of(gain, GAINS)
    if unit not in units_of(Gain(gain)):
        raise errors.OtherUnit("unit")
    source = checked(source, most=2000, name="source")
    if end < start:
        raise errors.EndsBeforeItBegins
    if not 0 <= figure < LARGEST_FIGURE or (figure := round(figure, 2)) == LARGEST_FIGURE:
        raise errors.WrongAmount("figure", most="999 999 999 999")
    with _changing(item):
        return Baseline.objects.create(
            item=item,
            party=party,
            gain=gain,
            figure=figure,
            unit=unit,
            start=start,
            end=end,
            source=source,
            at=dates.now(),
            by=by,
        )


def assess_risk(
    *,
    item: Item,
    text: Words,
    likelihood: int,
    consequence: int,
    response: Words,
    who: Words,
    number: int | None = None,
    made_from: int = 0,
    is_over: bool = False,
    by: str,
) -> Risk:
    """Write a risk down, or assess one anew (`number`). Raises NotFromOneToFive, ChangedMeanwhile, NotSaid, TakenOut."""
    columns = {
        "text": checked(text, most=2000, name="text"),
        "response": checked(response, most=2000, required=False, name="response"),
        "who": checked(who, most=200, required=False, name="who"),
    }
    if not (1 <= likelihood <= 5 and 1 <= consequence <= 5):
        raise errors.NotFromOneToFive
    with _changing(item):
        place = next_version(Risk.objects.filter(item=item), number, made_from)
        return Risk.objects.create(
            item=item,
            **place,
            **columns,
            likelihood=likelihood,
            consequence=consequence,
            is_over=is_over,
            at=dates.now(),
            by=by,
        )


def set_milestone(
    *,
    item: Item,
    title: Words,
    due: date,
    reached: date | None = None,
    why: str = "",
    number: int | None = None,
    made_from: int = 0,
    by: str,
) -> Milestone:
    """Set a milestone, move it, or say that it is reached (`number`).

    Raises YearTooFar, NotYetThere, ChangedMeanwhile, NotSaid, TakenOut.
    """
    title, why = checked(title, most=200, name="title"), plain(why, most=500, required=False)
    if reached is None:
        within_plan(item.plan, due)
    elif reached > dates.today():
        raise errors.NotYetThere
    with _changing(item):
        place = next_version(Milestone.objects.filter(item=item), number, made_from)
        return Milestone.objects.create(
            item=item, **place, title=title, due=due, reached=reached, why=why, at=dates.now(), by=by
        )


def report_status(*, item: Item, state: str, text: Words, on: date | None = None, by: str) -> StatusReport:
    """Say how it goes. on: today unless told. Raises NotYetThere, NotSaid, TakenOut."""
    state, text = one_of(state, StatusReport.State.values), checked(text, most=2000, name="text")
    day = on or dates.today()
    if day > dates.today():
        raise errors.NotYetThere
    with _changing(item):
        return StatusReport.objects.create(item=item, state=state, text=text, on=day, at=dates.now(), by=by)


def participate(
    *,
    item: Item,
    party: str,
    on: date,
    is_in: bool,
    decision: Any = None,
    replaces: Participation | None = None,
    by: str,
) -> Participation:
    """A party joins an item from a day, or is out from one. replaces: what was said of it before, with a wrong day.

    Raises WrongPlace for a goal, JoinsBeforeThePlan, AlreadyIn, NotIn, TakenOut.
    """
    if item.kind == Item.Kind.GOAL:
        raise errors.WrongPlace
    if on.year < item.plan.first_year:
        raise errors.JoinsBeforeThePlan("day", year=item.plan.first_year)
    with _changing(item):
        rows = Participation.objects.filter(item=item, party=party, on__lte=on, replaced_by=None)
        others = rows.exclude(pk=replaces.pk) if replaces else rows
        before = others.order_by("-on", "-id").values_list("is_in", flat=True).first() or False
        if before == is_in:
            raise errors.AlreadyIn(party=called(party)) if is_in else errors.NotIn(party=called(party))
        return Participation.objects.create(
            item=item, party=party, on=on, is_in=is_in, decision=decision, replaces=replaces, at=dates.now(), by=by
        )


class _changing(transaction.Atomic):  # noqa: N801 (reads as a sentence where it is used)
    """A transaction that adds to an item that still stands; others who add to the same plan wait. Raises TakenOut."""

    def __init__(self, item: Item) -> None:
        super().__init__(router.db_for_write(Plan), savepoint=True, durable=False)
        self.item = item

    def __enter__(self) -> None:
        super().__enter__()
        try:
            one_at_a_time(self.item.plan.scope)
            _still_there(self.item)
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise


def _still_there(item: Item) -> None:
    if Removal.objects.filter(item=item).exists():
        raise errors.TakenOut


def _within_reach(year: int, name: str) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise errors.YearTooFar(name, first=FIRST_YEAR, last=LAST_YEAR)


def _amount(ore: int) -> int:
    if not 0 <= ore < LARGEST:
        raise errors.WrongAmount(most="99 999 999 999 999")
    return ore
