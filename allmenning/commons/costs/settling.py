"""Settling a period: the costs of each project, less grants, shared by the rule that holds; and corrections of earlier ones.

Pure: nothing is stored here. A settled period never changes; what comes to light later is shared among those who were parties
then, by the rule of then, as lines of its own in the next settlement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from allmenning.basics.sharing.dividing import Party, Share, divide
from allmenning.basics.sharing.errors import NothingIsShared

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
    period = _period(agreement, day, registry, use)
    known = {project.id for project in agreement.projects}
    spent = _by_project(costs, known, period.start, period.end)
    given = _sums((grant.project, grant.ore) for grant in grants)
    for id in {*given} - {*known, ""}:
        raise NoSuchProject(project=id)
    # Prices are paid once, with the joint operation, and not again with each project.
    projects = sorted({*spent, *given, *([""] if period.rule.rule.prices else [])} or {""})
    pots = tuple(period.pot(id, spent.get(id, 0), given.get(id, 0)) for id in projects)
    return Settled(period.start, period.end, pots)


def settle_late(
    agreement: Agreement,
    day: date,
    project: str,
    ore: int,
    registry: Registry,
    *,
    use: Mapping[str, Mapping[str, int]] | None = None,
) -> Pot:
    """What a project of a settled period cost, where nothing was known of it then: by the rule, parties and use of then.

    Prices were paid with what was settled, and are not paid again. Raises NothingIsShared, NobodyHasJoined, and what `sharing` and
    `divide` raise.
    """
    period = _period(agreement, day, registry, use)
    if not period.rule.rule.parts:
        raise NothingIsShared()
    return period.pot(project, ore, 0)


@dataclass(frozen=True)
class _Period:
    """What everything that is shared in a period has in common."""

    agreement: Agreement
    start: date
    end: date
    rule: DatedRule
    named: Sequence[Named]
    registry: Registry
    use: Mapping[str, Mapping[str, int]] | None

    def pot(self, project: str, costs_ore: int, grants_ore: int) -> Pot:
        """One project's, or the joint operation's."""
        if grants_ore and grants_ore > costs_ore:
            title = project or self.agreement.title["nb"]
            raise GrantsExceed(project=title, grants_ore=grants_ore, costs_ore=costs_ore)
        rule = replace(self.rule, rule=replace(self.rule.rule, prices=())) if project else self.rule
        shared = None if not rule.rule.parts else costs_ore - grants_ore
        return Pot(project, costs_ore, grants_ore, rule, tuple(divide(rule.rule, shared, self._parties(project))))

    def _parties(self, project: str) -> list[Party]:
        among = self.named
        if project:
            of = next(each for each in self.agreement.projects if each.id == project)
            among = _joined(self.named, of, self.start, self.end)
        return parties_of(self.agreement, self.rule, among, self.start, self.end, self.registry, use=self.use)


def _period(
    agreement: Agreement, day: date, registry: Registry, use: Mapping[str, Mapping[str, int]] | None
) -> _Period:
    start, end = agreement.period_of(day)
    rule = agreement.rule_of_period(day)
    return _Period(agreement, start, end, rule, named_in(agreement, start, end, registry), registry, use)


def correct(pot: Pot, ore: int) -> Pot:
    """Share what was wrong in a settled pot as it was shared then: among the same parties, by the same rule and figures.

    Each one's correction is what they would have paid less what they paid, so that the two come to it to the øre.

    ore: what it should have been more; negative for less, of all corrections of the pot together. Prices were paid already, and
    are not paid again. Raises LimitsDoNotFit, PricesExceed.
    """
    rule, among = pot.rule.rule, [share.party for share in pot.shares]
    right = divide(rule, pot.ore + ore, among)
    # Without a least and a most, the pieces can be those of the correction itself, which is easier to follow.
    shown = right if rule.minimum or rule.maximum else divide(replace(rule, prices=()), ore, among)
    shares = [
        replace(each, exact=now.exact - then.exact, ore=now.ore - then.ore)
        for each, then, now in zip(shown, pot.shares, right, strict=True)
    ]
    return Pot(pot.project, ore, 0, pot.rule, tuple(shares))


def _by_project(costs: Iterable[Cost], known: Collection[str], start: date, end: date) -> dict[str, int]:
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
