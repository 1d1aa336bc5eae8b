"""Reading the plan: all of it at once, as it is or as it was at a moment. About ten statements, however large it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from allmenning.basics import dates

from .errors import NoPlan, NoSuchItem
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

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Span:
    """A party takes part from a day until the last day; None is still."""

    start: date
    last: date | None
    is_decided: bool  # by its council


@dataclass(frozen=True)
class Node:
    """An item with everything that is said of it, and what stands under it. reports: newest first."""

    item: Item
    text: ItemText
    children: tuple[Node, ...] = ()
    costs: dict[tuple[int, str], int] = field(default_factory=dict)  # year, kind -> øre
    estimates: dict[str, Estimate] = field(default_factory=dict)  # party -> what it expects
    baselines: dict[tuple[str, str], Baseline] = field(default_factory=dict)  # gain, party -> how it was
    risks: tuple[Risk, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    reports: tuple[StatusReport, ...] = ()
    joined: dict[str, tuple[Span, ...]] = field(default_factory=dict)  # party -> when
    removal: Removal | None = None

    @property
    def id(self) -> int:
        return self.item.pk

    @property
    def code(self) -> str:
        return self.item.code

    @property
    def kind(self) -> str:
        return self.item.kind

    @property
    def status(self) -> StatusReport | None:
        return self.reports[0] if self.reports else None

    @property
    def with_all_under(self) -> Iterator[Node]:
        """Itself and everything under it, as the plan has them."""
        yield self
        for child in self.children:
            yield from child.with_all_under

    def cost_ore(self, year: int | None = None, kind: str = "") -> int:
        """What it costs with all that stands under it, in øre: in a year or in all; of a kind or of both."""
        return sum(
            ore
            for node in self.with_all_under
            for (at, of), ore in node.costs.items()
            if year in (None, at) and kind in ("", of)
        )

    @property
    def all_milestones(self) -> list[tuple[Node, Milestone]]:
        """Its own and those under it, by when they are due."""
        found = [(node, each) for node in self.with_all_under for each in node.milestones]
        return sorted(found, key=lambda pair: (pair[1].due, pair[1].pk))

    @property
    def open_risks(self) -> list[tuple[Node, Risk]]:
        """Its own and those under it that are not over, the heaviest first."""
        found = [(node, each) for node in self.with_all_under for each in node.risks if not each.is_over]
        return sorted(found, key=lambda pair: (-pair[1].weight, pair[1].pk))

    def is_in(self, party: str, on: date) -> bool:
        """Whether a party takes part in it, or in something under it, on a day."""
        return any(
            span.start <= on and (span.last is None or on <= span.last)
            for node in self.with_all_under
            for span in node.joined.get(party, ())
        )

    def expected(self, party: str) -> list[Estimate]:
        """What a party expects of it and of what stands under it."""
        return [node.estimates[party] for node in self.with_all_under if party in node.estimates]

    @property
    def services(self) -> list[str]:
        """The services that it claims something of, with those under it."""
        return list(dict.fromkeys(each for node in self.with_all_under for each in node.text.services))


@dataclass(frozen=True)
class Planned:
    """A whole plan. removed: what was taken out, newest first."""

    plan: Plan
    goals: tuple[Node, ...]
    removed: tuple[Node, ...]
    as_of: datetime

    @property
    def everything(self) -> Iterator[Node]:
        for goal in self.goals:
            yield from goal.with_all_under

    @property
    def measures(self) -> list[Node]:
        return [measure for goal in self.goals for measure in goal.children]

    def node(self, code: str) -> Node:
        """What is called so, also where it was taken out. Raises NoSuchItem."""
        for each in (*self.everything, *self.removed):
            if each.code == code:
                return each
        raise NoSuchItem(code=code)

    def node_of(self, id: int) -> Node:
        """An item by its row, also where it was taken out. Raises NoSuchItem."""
        for each in (*self.everything, *self.removed):
            if each.id == id:
                return each
        raise NoSuchItem(code=id)

    def above(self, node: Node) -> Node | None:
        """What it stands under."""
        return next((each for each in self.everything if each.id == node.item.parent_id), None)

    def cost_ore(self, year: int | None = None, kind: str = "") -> int:
        return sum(goal.cost_ore(year, kind) for goal in self.goals)

    @property
    def milestones(self) -> list[tuple[Node, Milestone]]:
        found = [pair for goal in self.goals for pair in goal.all_milestones]
        return sorted(found, key=lambda pair: (pair[1].due, pair[1].pk))


def plans(*scopes: str) -> list[Plan]:
    """Every plan of a cooperation, or of several, newest first."""
    return list(Plan.objects.filter(scope__in=scopes).order_by("-first_year", "scope"))


def beginning(scope: str, first_year: int) -> Plan:
    """The plan of a cooperation that begins in a year. Raises NoPlan."""
    found = next((each for each in plans(scope) if each.first_year == first_year), None)
    if found is None:
        raise NoPlan
    return found


def current(scope: str, on: date | None = None) -> Plan:
    """The plan that holds in the year of a day (today), or the newest one. Raises NoPlan."""
    return holding(plans(scope), on)


def holding(found: Sequence[Plan], on: date | None = None) -> Plan:
    """Of plans, newest first: the one of the year of a day (today), or the newest. Raises NoPlan."""
    year = (on or dates.today()).year
    if not found:
        raise NoPlan
    return next((plan for plan in found if year in plan.years), found[0])


def planned(plan: Plan, as_of: datetime | None = None) -> Planned:
    """A plan with everything in it, as it is or as it was at a moment."""
    moment = as_of or dates.now()
    rows = _Rows(plan, moment)
    nodes = [rows.node(item) for item in rows.items if item.parent_id is None]
    everything = [rows.node(item) for item in rows.items if item.pk in rows.removals]
    return Planned(
        plan,
        tuple(node for node in nodes if node.removal is None),
        tuple(sorted(everything, key=lambda node: -node.removal.pk if node.removal else 0)),
        moment,
    )


class _Rows:
    """All rows about a plan's items, each kind read in one statement."""

    def __init__(self, plan: Plan, moment: datetime) -> None:
        self.plan, self.moment = plan, moment
        self.items = list(Item.objects.filter(plan=plan, at__lte=moment).order_by("id"))
        for item in self.items:
            item.plan = plan
        self.texts = self._newest(ItemText, lambda row: row.item_id)
        self.removals = self._newest(Removal, lambda row: row.item_id)
        self.costs = self._by_item(self._newest(Cost, lambda row: (row.item_id, row.year, row.kind)).values())
        self.estimates = self._by_item(self._newest(Estimate, lambda row: (row.item_id, row.party)).values())
        self.baselines = self._by_item(self._newest(Baseline, lambda row: (row.item_id, row.gain, row.party)).values())
        self.risks = self._by_item(self._newest(Risk, lambda row: (row.item_id, row.number)).values())
        self.milestones = self._by_item(self._newest(Milestone, lambda row: (row.item_id, row.number)).values())
        self.reports = self._by_item(self._rows(StatusReport))
        self.joined = self._by_item(self._rows(Participation))

    def node(self, item: Item) -> Node:
        under = [each for each in self.items if each.parent_id == item.pk and each.pk not in self.removals]
        parties = sorted({row.party for row in self.joined[item.pk]})
        return Node(
            item,
            self.texts[item.pk],
            tuple(self.node(each) for each in under),
            {(row.year, row.kind): row.amount_ore for row in self.costs[item.pk]},
            {row.party: row for row in self.estimates[item.pk]},
            {(row.gain, row.party): row for row in self.baselines[item.pk]},
            tuple(self.risks[item.pk]),
            tuple(self.milestones[item.pk]),
            tuple(sorted(self.reports[item.pk], key=lambda row: (row.on, row.pk), reverse=True)),
            {party: spans([row for row in self.joined[item.pk] if row.party == party]) for party in parties},
            self.removals.get(item.pk),
        )

    def _rows(self, model: type[Row]) -> QuerySet[Row]:
        return model._default_manager.filter(item__plan=self.plan, at__lte=self.moment).order_by("id")

    def _newest(self, model: type[Row], key: Callable[[Any], Any]) -> dict[Any, Row]:
        return {key(row): row for row in self._rows(model)}

    @staticmethod
    def _by_item(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
        found: defaultdict[int, list[Any]] = defaultdict(list)
        for row in rows:
            found[row.item_id].append(row)
        return found


def spans(rows: Sequence[Participation]) -> tuple[Span, ...]:
    """When a party takes part, of its rows: of several of one day, the newest holds, and none that another replaces."""
    found: list[Span] = []
    replaced = {row.replaces_id for row in rows}
    standing = {row.on: row for row in sorted(rows, key=lambda row: row.pk) if row.pk not in replaced}
    for row in sorted(standing.values(), key=lambda row: row.on):
        is_open = bool(found) and found[-1].last is None
        if row.is_in and not is_open:
            found.append(Span(row.on, None, row.decision_id is not None))
        elif not row.is_in and is_open:
            begun = found.pop()
            if begun.start < row.on:
                found.append(Span(begun.start, row.on - timedelta(days=1), begun.is_decided))
    return tuple(found)


def estimates(plan: Plan) -> list[Estimate]:
    """What each party expects of what stands in a plan: the newest of each item and party. One statement."""
    rows = Estimate.objects.filter(item__plan=plan, item__removals=None)
    return list(rows.order_by("item", "party", "-id").distinct("item", "party"))


def item(plan: Plan, code: str) -> Item:
    """Raises NoSuchItem."""
    found = Item.objects.filter(plan=plan, code=code).first()
    if found is None:
        raise NoSuchItem(code=code)
    found.plan = plan
    return found


def titles(plans: Sequence[Plan]) -> list[tuple[Item, Words]]:
    """The measures and projects that stand in some plans, each with what it is called now. Two statements."""
    items = Item.objects.filter(plan__in=plans, removals=None).exclude(kind=Item.Kind.GOAL)
    called = {row.item_id: row.title for row in ItemText.objects.filter(item__in=items).order_by("version")}
    return [(each, called[each.pk]) for each in items.select_related("plan").order_by("plan__first_year", "id")]


def codes(plan: Plan) -> list[str]:
    """What the plan's items are called."""
    return list(Item.objects.filter(plan=plan).values_list("code", flat=True))


def versions(item: Item) -> list[ItemText]:
    """Every version of what an item says, newest first."""
    return list(ItemText.objects.filter(item=item).order_by("-version"))
