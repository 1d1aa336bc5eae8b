"""A measure of the joint plan beside what was measured of it: the estimate and the measurement, and before and now.

Public; about nobody. Nothing says that the measure alone is why something has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from allmenning.basics import dates
from allmenning.commons.figures.benefits import PER_CENT, Baseline, Change, Gain, Money, changed
from allmenning.commons.governance import models as governance
from allmenning.commons.governance.actions import units_of
from allmenning.commons.governance.queries import Node

from .benefits import Benefits, Hours, measured_in
from .parties import Party


@dataclass(frozen=True)
class Expects:
    """What a party expects of a measure in a year: all that has begun by then. None where that is not said."""

    year: int
    hours: int | None
    ore: int | None


@dataclass(frozen=True)
class Beside:
    """What a party expects of a measure in the year, and what was measured of its services in it. later: what it expects more of,
    from which years on, all together."""

    party: Party
    expected: Expects
    later: tuple[Expects, ...]
    hours: Hours
    postage: Money | None


@dataclass(frozen=True)
class Held:
    """A party's figure of before beside the figure of now."""

    party: Party
    change: Change


@dataclass(frozen=True)
class MeasuredMeasure:
    """What was measured of a measure's services in a year that is not over."""

    year: int
    benefits: Benefits
    beside: tuple[Beside, ...]
    held: tuple[Held, ...]


def measured(parties: Iterable[Party], node: Node) -> MeasuredMeasure | None:
    """What this year's figures say of what a measure claims, of each party; None where it claims nothing that is measured.
    One statement."""
    services, gains = node.services, {each for of in node.with_all_under for each in of.text.gains}
    if not services or not gains:
        return None
    year = dates.today().year
    named = {each.id: each for each in parties}
    found = measured_in(list(named), services, str(year))
    return MeasuredMeasure(
        year,
        found,
        tuple(_beside(node, found, party) for party in named.values() if node.expected(party.id)),
        tuple(
            Held(named[row.party], _change(found, row))
            for of in node.with_all_under
            for row in of.baselines.values()
            if row.party in named and row.unit in units_of(Gain(row.gain))
        ),
    )


def _beside(node: Node, found: Benefits, party: Party) -> Beside:
    year, told = int(found.year), node.expected(party.id)
    later = sorted({each.from_year for each in told if each.from_year > year})
    more = tuple(expects(told, each) for each in later)
    return Beside(party, expects(told, year), more, found.hours(party.id), found.money(party.id))


def expects(told: Sequence[governance.Estimate], year: int) -> Expects:
    """What is expected in a year, of estimates that each hold from a year on."""
    begun = [each for each in told if each.from_year <= year]
    hours = [each.hours for each in begun if each.hours is not None]
    ore = [each.amount_ore for each in begun if each.amount_ore is not None]
    return Expects(year, sum(hours) if hours else None, sum(ore) if ore else None)


def _change(found: Benefits, row: governance.Baseline) -> Change:
    gain = Gain(row.gain)
    before = Baseline(gain, row.figure, row.unit, row.start, row.end, row.source.as_data())
    now = found.share(gain, row.party) if row.unit == PER_CENT else found.number(gain, row.party)
    return changed(before, now)
