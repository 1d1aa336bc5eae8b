"""The plan's tables as rows for a spreadsheet: the same as the pages show."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from allmenning.commons.governance.queries import Node
from allmenning.journeys.planned import ShownPlan

from . import plan_words as words
from .benefit_words import measured_table
from .words import service

Table = list[list[object]]


def progress(shown: ShownPlan) -> Table:
    """Everything in the plan, and how it goes."""
    head: list[object] = [
        _("Kind"),
        _("What it is called"),
        _("Owner"),
        _("Status"),
        _("Date"),
        _("Cost in kroner"),
        _("Taking part"),
    ]
    rows: Table = [head]
    for node in shown.planned.everything:
        status = node.status
        rows.append(
            [
                words.kind(node.kind),
                words.plain(node.text.title),
                words.plain(node.text.owner),
                words.state(status.state if status else "") if node.kind != "goal" else "",
                status.on.isoformat() if status else "",
                words.kroner(node.cost_ore()),
                ", ".join(each.name for each in shown.parties_in(node)),
            ]
        )
    return rows


def costs(shown: ShownPlan, nodes: list[Node] | None = None) -> Table:
    """What each item costs by year and kind, its own costs alone."""
    rows: Table = [[_("Kind"), _("What it is called"), _("Year"), _("Kind of cost"), _("Kroner")]]
    for node in shown.planned.everything if nodes is None else nodes:
        for (year, kind), ore in sorted(node.costs.items()):
            rows.append(
                [words.kind(node.kind), words.plain(node.text.title), year, words.cost_kind(kind), words.kroner(ore)]
            )
    return rows


def milestones(shown: ShownPlan, node: Node | None = None) -> Table:
    rows: Table = [[_("What"), _("Milestone"), _("Due"), _("Reached"), _("State")]]
    for of, each in node.all_milestones if node else shown.planned.milestones:
        reached = each.reached.isoformat() if each.reached else ""
        state = words.milestone_state(shown, each)
        rows.append([words.plain(of.text.title), words.plain(each.title), each.due.isoformat(), reached, state])
    return rows


def joining(shown: ShownPlan, node: Node | None = None) -> Table:
    """Who takes part in what, from when."""
    rows: Table = [[_("Municipality"), _("What"), _("From"), _("To"), _("Decided by the council")]]
    for party in shown.parties:
        for each in node.with_all_under if node else shown.planned.everything:
            for span in each.joined.get(party.id, ()):
                last = span.last.isoformat() if span.last else ""
                decided = _("Yes") if span.is_decided else _("No")
                rows.append([party.name, words.plain(each.text.title), span.start.isoformat(), last, decided])
    return rows


def expected(shown: ShownPlan, node: Node) -> Table:
    """What each expects: an estimate, and what it builds on."""
    head: list[object] = [
        _("Who expects it"),
        _("What"),
        _("From"),
        _("Kroner a year"),
        _("Hours a year"),
        _("Quality"),
    ]
    rows: Table = [[*head, _("What the estimate builds on")]]
    for group in words.expected(shown, node):
        for name, each in group.rows:
            kroner = "" if each.amount_ore is None else words.kroner(each.amount_ore)
            hours = "" if each.hours is None else each.hours
            what = words.plain(group.node.text.title)
            said = [words.plain(each.quality), words.plain(each.builds_on)]
            rows.append([name, what, each.from_year, kroner, hours, *said])
    return rows


def risks(shown: ShownPlan, node: Node) -> Table:
    head: list[object] = [_("What"), _("Risk"), _("Likelihood"), _("Consequence"), _("What is done"), _("Who")]
    rows: Table = [head]
    for of, each in node.open_risks:
        said = [words.plain(each.response), words.plain(each.who)]
        rows.append([words.plain(of.text.title), words.plain(each.text), each.likelihood, each.consequence, *said])
    return rows


def before(shown: ShownPlan, node: Node) -> Table:
    """How it was before, for what is measured."""
    head: list[object] = [_("Municipality"), _("What is measured"), _("Figure"), _("From"), _("To"), _("Source")]
    rows: Table = [head]
    named = {party.id: party.name for party in shown.parties}
    for of in node.with_all_under:
        for (gain, party), each in of.baselines.items():
            period = [each.start.isoformat(), each.end.isoformat()]
            said = f"{words.figure(each.figure)} {words.unit(each.unit)}"
            rows.append([named.get(party, party), words.gain(gain), said, *period, words.plain(each.source)])
    return rows


def decisions(shown: ShownPlan, node: Node | None = None) -> Table:
    """What each council decided, all that is registered."""
    head: list[object] = [
        _("Municipality"),
        _("Matter"),
        _("State"),
        _("Date"),
        _("Case"),
        _("For"),
        _("Against"),
        _("Decision"),
    ]
    rows: Table = [head]
    for matter in shown.matters_about(node) if node else shown.matters:
        title = words.plain(matter.text.title)
        for party in matter.submission.parties if matter.submission else ():
            found = matter.decisions.get(party, ())
            for each in found:
                votes = [each.votes_for, each.votes_against]
                said = [each.decided_on.isoformat(), each.case_reference, *votes, each.text]
                rows.append([shown.name(party), title, words.stands(each.outcome), *said])
            if not found:
                rows.append([shown.name(party), title, words.stands("waits"), "", "", "", "", ""])
    return rows


def roll_out(shown: ShownPlan) -> Table:
    """Who takes what into use when, and what must be done first."""
    head: list[object] = [
        _("Municipality"),
        _("Service"),
        _("Date"),
        _("In use since"),
        _("State"),
        _("First"),
        _("Due"),
        _("Done"),
    ]
    rows: Table = [head]
    for each in shown.roll_outs:
        in_use = each.now.in_use.isoformat() if each.now.in_use else ""
        state = words.in_use(shown, each)
        said: list[object] = [
            shown.name(each.row.party),
            service(each.row.service),
            each.now.due.isoformat(),
            in_use,
            state,
        ]
        for first in each.preparations:
            done = first.done.isoformat() if first.done else ""
            rows.append([*said, words.plain(first.title), first.due.isoformat(), done])
        if not each.preparations:
            rows.append([*said, "", "", ""])
    return rows


OF_THE_PLAN: dict[str, Callable[[ShownPlan], Table]] = {
    "progress": progress,
    "costs": costs,
    "milestones": milestones,
    "joining": joining,
    "decisions": decisions,
    "roll-out": roll_out,
}
OF_A_MEASURE: dict[str, Callable[[ShownPlan, Node], Table]] = {
    "measured": measured_table,
    "costs": lambda shown, node: costs(shown, list(node.with_all_under)),
    "milestones": milestones,
    "joining": joining,
    "expected": expected,
    "before": before,
    "risks": risks,
    "decisions": decisions,
}
