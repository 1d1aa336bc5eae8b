"""Settling a period: the costs of each project, less grants, shared by the rule that holds; and corrections of earlier ones.

Pure: nothing is stored here. A settled period never changes; what comes to light later is shared among those who were parties
then, by the rule of then, as lines of its own in the next settlement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from allmenning.basics.sharing.dividing import Share, divide

from .agreement import Agreement, DatedRule, Named, Project
from .errors import GrantsExceed, NobodyHasJoined, NoSuchProject, OutsidePeriod
from .registry import Registry
from .sharing import named_in, parties_of


@dataclass(frozen=True, slots=True)
class Cost:
    """A line of a bill that somebody has sent the host. Øre without VAT, and the VAT. line: where it stood in a file,
    which makes no two costs different."""

    day: date
    supplier: str
    invoice: str
    text: str
    ore: int
    vat_ore: int
    project: str = ""
    art: str = ""
    function: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Received:
    """A grant, in øre: it reduces what is shared of a project, or of what is no project."""

    giver: str
    ore: int
    project: str = ""


@dataclass(frozen=True)
class Pot:
    """What was shared together: costs less grants, by which rule, and each one's share. project: empty for the joint operation."""

    project: str
    costs_ore: int
    grants_ore: int
    rule: DatedRule
    shares: tuple[Share, ...]

    @property
    def ore(self) -> int:
        return sum(share.ore for share in self.shares)


@dataclass(frozen=True)
class Settled:
    """A period's settlement: its pots, and what each party pays in all."""

    start: date
    end: date
    pots: tuple[Pot, ...]

    @property
    def by_party(self) -> dict[str, int]:
        """Øre by party's id, of all pots."""
        found: dict[str, int] = {}
        for pot in self.pots:
            for share in pot.shares:
                found[share.party.id] = found.get(share.party.id, 0) + share.ore
        return found


def settle(
    agreement: Agreement,
    day: date,
    costs: Sequence[Cost],
    registry: Registry,
    *,
    grants: Sequence[Received] = (),
    use: Mapping[str, Mapping[str, int]] | None = None,
) -> Settled:
    """Settle the period that a day is in.

    use: by party, what was counted. Raises OutsidePeriod, NoSuchProject, NobodyHasJoined, GrantsExceed, and what `sharing` and
    `divide` raise.
    """
    start, end = agreement.period_of(day)
    rule = agreement.rule_on(start) if agreement.rules[0].start <= start else agreement.rule_on(day)
    known = {project.id: project for project in agreement.projects}
    spent = _by_project(costs, known, start, end)
    given = _sums((grant.project, grant.ore) for grant in grants)
    for id in {*given} - {*known, ""}:
        raise NoSuchProject(project=id)
    named = named_in(agreement, start, end, registry)
    pots = []
    # Prices are paid once, with the joint operation, and not again with each project.
    for id in sorted({*spent, *given, *([""] if rule.rule.prices else [])} or {""}):
        costs_ore, grants_ore = spent.get(id, 0), given.get(id, 0)
        if grants_ore and grants_ore > costs_ore:
            raise GrantsExceed(project=id or agreement.title["nb"], grants_ore=grants_ore, costs_ore=costs_ore)
        among = _joined(named, known[id], start, end) if id else named
        parties = parties_of(agreement, rule, among, start, end, registry, use=use)
        used = replace(rule, rule=replace(rule.rule, prices=())) if id else rule
        shared = None if not rule.rule.parts else costs_ore - grants_ore
        pots.append(Pot(id, costs_ore, grants_ore, used, tuple(divide(used.rule, shared, parties))))
    return Settled(start, end, tuple(pots))


def correct(pot: Pot, ore: int) -> Pot:
    """Share what was wrong in a settled pot as it was shared then: among the same parties, by the same rule and figures.

    ore: what it should have been more; negative for less, of all corrections of the pot together. Prices were paid already, and
    are not paid again. Where the rule has a least and a most that each pays, each one's correction is what they would have paid
    less what they paid. Raises LimitsDoNotFit.
    """
    rule = replace(pot.rule.rule, prices=())
    among = [share.party for share in pot.shares]
    if rule.minimum or rule.maximum:
        right = divide(pot.rule.rule, pot.ore + ore, among)
        shares = [_more(then, now) for then, now in zip(pot.shares, right, strict=True)]
    else:
        shares = divide(rule, ore, among)
    return Pot(pot.project, ore, 0, pot.rule, tuple(shares))


def _more(then: Share, now: Share) -> Share:
    """What one pays more than they did; its pieces are those of what was right."""
    return replace(now, exact=now.exact - then.exact, ore=now.ore - then.ore)


def _by_project(costs: Iterable[Cost], known: Mapping[str, Project], start: date, end: date) -> dict[str, int]:
    for cost in costs:
        if not start <= cost.day < end:
            raise OutsidePeriod(day=cost.day, line=cost.line)
        if cost.project and cost.project not in known:
            raise NoSuchProject(project=cost.project, line=cost.line)
    return _sums((cost.project, cost.ore) for cost in costs)


def _sums(each: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, ore in each:
        found[key] = found.get(key, 0) + ore
    return found


def _joined(named: Sequence[Named], project: Project, start: date, end: date) -> list[Named]:
    """Who takes part in a project, each for the time that they are both party and in it. Raises NobodyHasJoined."""
    found = []
    for party in named:
        for id, first, last in project.joined:
            since, until = max(first, party.start), _earliest(last, party.end)
            if id == party.id and since < end and (until is None or until > max(since, start)):
                found.append(replace(party, start=since, end=until))
    if not found:
        raise NobodyHasJoined(project=project.id)
    return found


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)
