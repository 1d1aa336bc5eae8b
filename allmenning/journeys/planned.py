"""The joint plan of a cooperation as anyone may read it: goals, measures, projects, progress, costs, and who joins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.translation import get_language

from allmenning.basics import dates
from allmenning.basics.norwegian import sort_key
from allmenning.commons.governance import council_queries, rolling_out
from allmenning.commons.governance import queries as governance
from allmenning.commons.governance.council_queries import KnownMatter
from allmenning.commons.governance.errors import NoSuchItem
from allmenning.commons.governance.models import Item, Milestone, Plan
from allmenning.commons.governance.queries import Node, Planned
from allmenning.commons.governance.rolling_out import KnownRollOut
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.facts import KnownCooperation

from . import parties
from .parties import Party


@dataclass
class ShownPlan:
    """A plan as its pages show it. parties: members today, and whoever else takes part or did. above: the counties and the state,
    who take part in nothing and may expect something."""

    cooperation: KnownCooperation
    planned: Planned
    parties: tuple[Party, ...]
    above: tuple[Party, ...]
    plans: tuple[Plan, ...]  # every plan of the cooperation, newest first
    day: date

    @property
    def plan(self) -> Plan:
        return self.planned.plan

    @property
    def which(self) -> str:
        """What an address of this plan ends with, where another one holds now."""
        return "" if self.plan == governance.holding(self.plans) else f"?plan={self.plan.first_year}"

    @property
    def projects(self) -> list[Node]:
        return [project for measure in self.planned.measures for project in measure.children]

    @cached_property
    def matters(self) -> list[KnownMatter]:
        """What is, or was, put before the councils; drafts are nobody's but the planner's."""
        return [each for each in council_queries.matters(self.plan) if each.submission]

    @cached_property
    def roll_outs(self) -> list[KnownRollOut]:
        """Who takes which service into use, by when."""
        return rolling_out.roll_outs(self.plan)

    @property
    def late_roll_outs(self) -> list[KnownRollOut]:
        """Over the date, or with something over its date that comes first."""
        return [each for each in self.roll_outs if each.is_late(self.day) or each.late_first(self.day)]

    def matters_about(self, node: Node) -> list[KnownMatter]:
        """Those about an item or something under it."""
        ids = {each.id for each in node.with_all_under}
        return [each for each in self.matters if each.matter.item_id in ids]

    @property
    def expecting(self) -> tuple[Party, ...]:
        """Who may expect something of the plan: municipalities first, then who is above them."""
        return (*self.parties, *self.above)

    def name(self, party: str) -> str:
        return next((each.name for each in self.expecting if each.id == party), party)

    def parties_in(self, node: Node) -> list[Party]:
        """Who takes part today."""
        return [party for party in self.parties if node.is_in(party.id, self.day)]

    def next_milestone(self, node: Node) -> Milestone | None:
        """The one that is due first of those that are not reached."""
        return next((each for _, each in node.all_milestones if each.reached is None), None)

    def is_late(self, milestone: Milestone) -> bool:
        return milestone.reached is None and milestone.due < self.day


def plan_of(cooperation: str, first_year: int = 0) -> ShownPlan:
    """The plan that holds now, or the one that begins in a year. Raises UnknownCooperation, NoPlan."""
    known = municipalities.cooperation(cooperation)
    found = governance.plans(cooperation)
    plan = next((each for each in found if each.first_year == first_year), None) or governance.holding(found)
    planned = governance.planned(plan)
    above = tuple(Party(id, parties.name_of(id, get_language() or "nb")) for id in parties.above(cooperation))
    return ShownPlan(known, planned, parties_of(cooperation, planned), above, tuple(found), dates.today())


def latest_plan(cooperation: str) -> Plan | None:
    """The plan that holds now, without what is in it; None where there is none."""
    return next((each for each in governance.plans(cooperation) if dates.today().year in each.years), None)


def measure_of(shown: ShownPlan, code: str) -> Node:
    """A measure of the plan, also one that was taken out. Raises NoSuchItem."""
    node = shown.planned.node(code)
    if node.kind != Item.Kind.MEASURE:
        raise NoSuchItem(code=code)
    return node


def parties_of(cooperation: str, planned: Planned) -> tuple[Party, ...]:
    """Members today and whoever takes part or did, in Norwegian order."""
    ids = {each.id for each in municipalities.members(cooperation)}
    said = {party for node in planned.everything for party in (*node.joined, *node.estimates)}
    ids |= {party for party in said if parties.level_of(party) == "municipality"}
    return tuple(sorted((Party(id, parties.label_of(id)) for id in ids), key=lambda each: sort_key(each.name)))
