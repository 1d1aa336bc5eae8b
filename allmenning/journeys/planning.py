"""Keeping the joint plan: its planner writes, in their own cooperation alone; the board reads all of it.

What the rows hold, and what can't be, is `commons.governance`'s; here is who may, and that parties and services are there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from allmenning.basics.norwegian import fold
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.governance import actions, rolling_out
from allmenning.commons.governance import queries as governance
from allmenning.commons.governance.actions import Said
from allmenning.commons.governance.checks import called
from allmenning.commons.governance.errors import NoPlan, NotAMember, OfNoCooperation
from allmenning.commons.governance.models import Item, Plan, Preparation, RollOut
from allmenning.commons.governance.queries import Node
from allmenning.commons.governance.rolling_out import First
from allmenning.commons.governance.words import Words
from allmenning.commons.identity.offices import OfficeActing
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.errors import UnknownCooperation

from . import parties, planned
from .offices import NotInYourRole, agreements_of, is_party
from .planned import ShownPlan

READERS = ("planner", "board")


class Where(NamedTuple):
    """Something in a plan. year: the first of the plan."""

    year: int
    code: str


def plan_for(by: OfficeActing, year: int = 0) -> ShownPlan | None:
    """The plan that a role keeps or reads: the one that begins in a year, else the one that holds now. None where there is none yet.

    Raises NotInYourRole.
    """
    if by.role not in READERS or not by.scope:
        raise NotInYourRole
    try:
        return planned.plan_of(by.scope, year)
    except (NoPlan, UnknownCooperation):
        return None


def may_have(by: OfficeActing) -> bool:
    """Whether a role's scope can have a plan: a cooperation can, and an agreement that belongs to none can not."""
    return by.scope in municipalities.register().cooperations


def begin(by: OfficeActing, *, title: Words, first_year: int, last_year: int) -> Plan:
    """Begin a plan. Raises NotInYourRole, OfNoCooperation, and what `make_plan` raises."""
    if not may_have(by):
        raise OfNoCooperation
    return actions.make_plan(scope=_scope(by), title=title, first_year=first_year, last_year=last_year, by=by.said)


def add(by: OfficeActing, year: int, *, under: str, said: Said) -> Item:
    """Add a goal to the plan that begins in a year, or what stands under a goal or a measure (`under`: its code). Its code is made from the title.

    Raises NotInYourRole, NoPlan, NoSuchItem, WrongPlace, UnknownService, and what is wrong with what is said.
    """
    plan, above = _plan(by, year), _item(by, Where(year, under)) if under else None
    kinds = {None: Item.Kind.GOAL, Item.Kind.GOAL: Item.Kind.MEASURE}
    kind = kinds.get(Item.Kind(above.kind) if above else None, Item.Kind.PROJECT)
    _known(said.services)
    return actions.add_item(plan=plan, kind=kind, code=_code(plan, said.title.nb), said=said, under=above, by=by.said)


def reword(by: OfficeActing, where: Where, *, made_from: int, said: Said, why: str) -> None:
    """Raises NotInYourRole, NoSuchItem, ChangedMeanwhile, TakenOut, UnknownService, and what is wrong with what is said."""
    _known(said.services)
    actions.reword(item=_item(by, where), made_from=made_from, said=said, why=why, by=by.said)


def take_out(by: OfficeActing, where: Where, reason: Words) -> None:
    """Raises NotInYourRole, NoSuchItem, StillHasParts, TakenOut, NotSaid."""
    actions.take_out(item=_item(by, where), reason=reason, by=by.said)


def report_status(by: OfficeActing, where: Where, state: str, text: Words) -> None:
    """Raises NotInYourRole, NoSuchItem, TakenOut, NotSaid."""
    actions.report_status(item=_item(by, where), state=state, text=text, by=by.said)


def plan_cost(by: OfficeActing, where: Where, *, year: int, kind: str, amount_ore: int) -> None:
    """Raises NotInYourRole, NoSuchItem, WrongYear, WrongAmount, TakenOut."""
    actions.plan_cost(item=_item(by, where), year=year, kind=kind, amount_ore=amount_ore, by=by.said)


@dataclass(frozen=True)
class Expectation:
    """What a party expects each year: a member, its county, or the state. amount_ore, hours: None where nothing is said of it."""

    party: str
    from_year: int
    builds_on: Words
    amount_ore: int | None = None
    hours: int | None = None
    quality: Words | None = None


def estimate(by: OfficeActing, where: Where, told: Expectation) -> None:
    """Raises NotInYourRole, NoSuchItem, NotAMember, NothingEstimated, YearTooFar, NotSaid, TakenOut."""
    if told.party not in parties.above(_scope(by)):
        _member(by, told.party)
    actions.estimate(item=_item(by, where), **vars(told), by=by.said)


def state_baseline(
    by: OfficeActing,
    where: Where,
    *,
    party: str,
    gain: str,
    figure: Decimal,
    unit: str,
    start: date,
    end: date,
    source: Words,
) -> None:
    """Raises NotInYourRole, NoSuchItem, NotAMember, NotOneOfThese, OtherUnit, EndsBeforeItBegins, NotSaid, TakenOut."""
    _member(by, party)
    period = {"start": start, "end": end}
    actions.state_baseline(
        item=_item(by, where), party=party, gain=gain, figure=figure, unit=unit, **period, source=source, by=by.said
    )


def assess_risk(
    by: OfficeActing, where: Where, *, text: Words, likelihood: int, consequence: int, response: Words, who: Words
) -> None:
    """Write a new risk down. Raises NotInYourRole, NoSuchItem, NotFromOneToFive, NotSaid, TakenOut."""
    actions.assess_risk(
        item=_item(by, where),
        text=text,
        likelihood=likelihood,
        consequence=consequence,
        response=response,
        who=who,
        by=by.said,
    )


def assess_anew(
    by: OfficeActing, where: Where, number: int, *, likelihood: int, consequence: int, is_over: bool
) -> None:
    """Weigh a risk anew, or say that it is over. Raises NotInYourRole, NoSuchItem, NotFromOneToFive, ChangedMeanwhile, TakenOut."""
    row = next((each for each in _node(by, where).risks if each.number == number), None)
    if row is None:
        raise NotInYourRole
    actions.assess_risk(
        item=_item(by, where),
        text=row.text,
        likelihood=likelihood,
        consequence=consequence,
        response=row.response,
        who=row.who,
        number=number,
        made_from=row.version,
        is_over=is_over,
        by=by.said,
    )


def set_milestone(by: OfficeActing, where: Where, title: Words, due: date) -> None:
    """Raises NotInYourRole, NoSuchItem, NotSaid, TakenOut."""
    actions.set_milestone(item=_item(by, where), title=title, due=due, by=by.said)


def change_milestone(
    by: OfficeActing, where: Where, number: int, *, made_from: int, due: date | None, reached: date | None, why: str
) -> None:
    """Move a milestone (`due`), or say when it was reached. Raises NotInYourRole, NoSuchItem, ChangedMeanwhile, NotYetThere."""
    row = next((each for each in _node(by, where).milestones if each.number == number), None)
    if row is None:
        raise NotInYourRole
    actions.set_milestone(
        item=_item(by, where),
        title=row.title,
        due=due or row.due,
        reached=reached,
        why=why,
        number=number,
        made_from=made_from,
        by=by.said,
    )


def participate(by: OfficeActing, where: Where, *, party: str, on: date, is_in: bool) -> None:
    """Raises NotInYourRole, NoSuchItem, NotAMember, AlreadyIn, NotIn, WrongPlace, TakenOut."""
    _member(by, party)
    actions.participate(item=_item(by, where), party=party, on=on, is_in=is_in, by=by.said)


# --- the roll-out ---


def roll_out(by: OfficeActing, year: int, *, party: str, service: str, due: date, first: Sequence[First]) -> RollOut:
    """Raises NotInYourRole, NoPlan, NotAMember, UnknownService, AlreadyRolledOut, NotSaid."""
    _member(by, party)
    _known([service])
    return rolling_out.add(plan=_plan(by, year), party=party, service=service, due=due, first=first, by=by.said)


def move(by: OfficeActing, year: int, party: str, service: str, due: date, why: str) -> None:
    """Raises NotInYourRole, NoSuchRollOut, AlreadyInUse, NotSaid."""
    rolling_out.move(roll_out=_rolled(by, year, party, service), due=due, why=why, by=by.said)


def take_into_use(by: OfficeActing, year: int, party: str, service: str, on: date) -> None:
    """Raises NotInYourRole, NoSuchRollOut, AlreadyInUse, NotYetThere, NotPrepared."""
    rolling_out.take_into_use(roll_out=_rolled(by, year, party, service), on=on, by=by.said)


def prepare(
    by: OfficeActing, year: int, party: str, service: str, number: int, *, made_from: int, done: date
) -> Preparation:
    """Say that something is done that comes first. Raises NotInYourRole, NoSuchRollOut, NotYetThere, ChangedMeanwhile."""
    row = _rolled(by, year, party, service)
    known = rolling_out.roll_out(row.plan, party, service)
    found = next((each for each in known.preparations if each.number == number), None)
    if found is None:
        raise NotInYourRole
    return rolling_out.prepare(
        roll_out=row,
        kind=found.kind,
        title=found.title,
        due=found.due,
        done=done,
        number=number,
        made_from=made_from,
        by=by.said,
    )


def services() -> list[tuple[str, str]]:
    """The services of the catalogue, by id, with their titles in bokmål."""
    return [(each.id, catalogue.title_of(each.id, "nb")) for each in catalogue.published_services()]


def is_member(scope: str, party: str) -> bool:
    """Whether somebody is or was a member of a cooperation, or a party of the agreement that has none."""
    try:
        return any(each.municipality == party for each in municipalities.cooperation(scope).memberships)
    except UnknownCooperation:
        role = OfficeActing(id=None, role="planner", scope=scope)  # type: ignore[arg-type]
        return any(is_party(party, each.agreement) for each in agreements_of(role))


def _scope(by: OfficeActing) -> str:
    if by.role != "planner" or not by.scope:
        raise NotInYourRole
    return by.scope


def _plan(by: OfficeActing, year: int) -> Plan:
    """The plan that begins in a year; of no year (0), the one that holds now."""
    return governance.beginning(_scope(by), year) if year else governance.current(_scope(by))


def _item(by: OfficeActing, where: Where) -> Item:
    return governance.item(_plan(by, where.year), where.code)


def _node(by: OfficeActing, where: Where) -> Node:
    return governance.planned(_plan(by, where.year)).node(where.code)


def _rolled(by: OfficeActing, year: int, party: str, service: str) -> RollOut:
    return rolling_out.roll_out(_plan(by, year), party, service).row


def _member(by: OfficeActing, party: str) -> None:
    if not is_member(_scope(by), party):
        raise NotAMember("party", party=called(party))


def _known(ids: Sequence[str]) -> None:
    for each in ids:
        catalogue.published(each)


def _code(plan: Plan, title: str) -> str:
    """A title as it stands in an address, with a number where another has it already."""
    base = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:50].strip("-") or "item"
    taken = {*governance.codes(plan), "roll-out"}
    return next(each for each in (base, *(f"{base}-{number}" for number in range(2, 1000))) if each not in taken)
