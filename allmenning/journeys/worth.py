"""What it cost a municipality and what it gave: its own figures, for the members of its council.

Each number is said as what it is: settled, planned, measured, estimated; none of them is added to one of another kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.sharing.dividing import Share
from allmenning.commons.figures import queries as figures
from allmenning.commons.figures.benefits import Money
from allmenning.commons.governance import queries as governance
from allmenning.commons.governance.models import Plan
from allmenning.commons.governance.queries import Node
from allmenning.commons.identity.offices import OfficeActing

from . import comparing
from .benefits import Benefits, Hours, measured_in
from .measuring import Expects, expects
from .offices import NotInYourRole, scopes_of
from .own_shares import Dated, OwnShare, dividing


@dataclass(frozen=True)
class OfMeasure:
    """A measure as one municipality has it.

    planned: its part, in øre, of what is planned for the year; None where why_not says why it can't be worked out. expected: each year,
    when the measure is in full use. hours, postage: measured in the year, of the services that the measure is about.
    """

    node: Node
    takes_part: bool
    planned: int | None
    why_not: AllmenningError | None
    expected: Expects
    hours: Hours
    postage: Money | None


@dataclass(frozen=True)
class Worth:
    """What a cooperation cost a municipality, and what it gave it. settled: øre by year, the newest first. plan: None where there is none.

    spared: measured in the year that is not over, in all the municipality's services. why_not: why its part of what is planned can't
    be worked out.
    """

    scope: str
    year: int
    settled: tuple[tuple[int, int], ...]
    plan: Plan | None
    measures: tuple[OfMeasure, ...]
    spared: Benefits
    why_not: AllmenningError | None

    @property
    def planned(self) -> int | None:
        return _sum(each.planned for each in self.measures)

    @property
    def expected_ore(self) -> int | None:
        return _told(each.expected.ore for each in self.measures)

    @property
    def expected_hours(self) -> int | None:
        return _told(each.expected.hours for each in self.measures)

    @property
    def has_any(self) -> bool:
        return bool(self.settled or self.measures)


def worth_for(by: OfficeActing) -> list[Worth]:
    """Of each cooperation that one's municipality is in. Raises NotInYourRole. Twenty statements or so for each that has a plan."""
    if by.role != "elected" or not by.party:
        raise NotInYourRole
    found = (_of(scope, by.party) for scope in scopes_of(by))
    return [each for each in found if each.has_any]


def _of(scope: str, party: str) -> Worth:
    year, costs = dates.today().year, comparing.costs(scope)
    settled = tuple((at, costs[at][party]) for at in sorted(costs, reverse=True) if party in costs[at])
    plans = governance.plans(scope)
    plan = governance.holding(plans) if plans else None
    nodes = governance.planned(plan).measures if plan else []
    services = {each for node in nodes for each in node.services}
    services |= set(figures.services_with_figures([party], str(year)))
    spared = measured_in([party], sorted(services), str(year))
    dated = dividing(scope, dates.now()) if nodes else Dated(None, dates.today())
    measures = tuple(_measure(node, party, spared, dated) for node in nodes)
    why_not = next((each.why_not for each in measures if each.why_not), None)
    return Worth(scope, year, settled, plan, measures, spared, why_not)


def _measure(node: Node, party: str, spared: Benefits, dated: Dated) -> OfMeasure:
    own = replace(spared, services=tuple(node.services))
    told = node.expected(party)
    planned = [_planned(each, node, party, dated) for each in node.with_all_under]
    why_not = next((each for each in planned if isinstance(each, AllmenningError)), None)
    last = max((each.from_year for each in told), default=int(spared.year))
    return OfMeasure(
        node,
        node.is_in(party, dated.day),
        None if why_not else sum(each for each in planned if isinstance(each, int)),
        why_not,
        expects(told, last),
        own.hours(),
        own.money(),
    )


def _planned(node: Node, measure: Node, party: str, dated: Dated) -> int | AllmenningError:
    """The part of an item's own cost in the year, among those who take part in it or in the whole measure; or why it is not known."""
    ore = sum(ore for (year, _kind), ore in node.costs.items() if year == dated.day.year)
    named = sorted({id for each in measure.with_all_under for id in each.joined})
    joining = tuple(id for id in named if node.is_in(id, dated.day) or _is_in(measure, id, dated))
    if not ore or party not in joining:
        return 0
    share = OwnShare(dated, joining, party).shared(ore)
    return share.ore if isinstance(share, Share) else share


def _is_in(measure: Node, party: str, dated: Dated) -> bool:
    return replace(measure, children=()).is_in(party, dated.day)


def _sum(numbers: Iterable[int | None]) -> int | None:
    """None where one of them is not known."""
    found = list(numbers)
    return None if None in found else sum(each or 0 for each in found)


def _told(numbers: Iterable[int | None]) -> int | None:
    """Of those that are told; None where none is."""
    found = [each for each in numbers if each is not None]
    return sum(found) if found else None
