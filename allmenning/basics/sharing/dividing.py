"""Dividing a sum by a rule: exact fractions first, whole øre last, and how each piece was reckoned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from allmenning.basics.norwegian import sort_key

from .errors import (
    AmountMissing,
    FixedShareMissing,
    LimitsDoNotFit,
    NoParties,
    NothingIsShared,
    NothingToDivideBy,
    PopulationDivided,
    PopulationMissing,
    PricesExceed,
)
from .rounding import half_up, to_ore
from .rule import Part, Price, Rule

NONE, WHOLE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Summed:
    """One of the municipalities whose inhabitants are a party's: it was merged into the party after they were counted."""

    id: str
    name: str
    population: int


@dataclass(frozen=True)
class Party:
    """One who pays, and what is known of them in the period.

    population: inhabitants on `counted_on`; None where there is no figure. present: how much of the period they were a party.
    months: of the period, that they were. year: years that they have been a party before it, for phasing in. use: by measure.
    summed: whose figures its population is the sum of, where it is no single figure. divided: a municipality that the party has a
    part of, so that there can be no figure.
    """

    id: str
    name: str
    number: str = ""
    level: str = "municipality"
    population: int | None = None
    counted_on: date | None = None
    present: Fraction = WHOLE
    months: Fraction = Fraction(12)
    joins: bool = False
    year: int | None = None
    use: Mapping[str, int] = field(default_factory=dict)
    summed: tuple[Summed, ...] = ()
    divided: str = ""


@dataclass(frozen=True)
class Piece:
    """What one part or price comes to for a party: `pot` · `weight` / `weights`, in øre."""

    of: Part | Price
    pot: Fraction
    weight: Fraction
    weights: Fraction

    @property
    def exact(self) -> Fraction:
        return self.pot * self.weight / self.weights


@dataclass(frozen=True)
class Share:
    """A party's share: its pieces, the exact sum in øre, and the whole øre."""

    party: Party
    pieces: tuple[Piece, ...]
    exact: Fraction
    ore: int
    limited: Literal["", "minimum", "maximum"] = ""


def divide(rule: Rule, ore: int | None, parties: Iterable[Party]) -> list[Share]:
    """Share a sum, in øre. The order of the parties is kept, and means nothing else. A negative sum, of a correction, is shared
    as the positive one.

    ore: None for a price list, which divides nothing. Raises NoParties, AmountMissing, NothingIsShared, PopulationMissing,
    PopulationDivided, NothingToDivideBy, FixedShareMissing, PricesExceed, LimitsDoNotFit, PartsNotWhole.
    """
    among = list(parties)
    if not among:
        raise NoParties()
    prices = [[_priced(price, party) for price in rule.prices if price.level in ("", party.level)] for party in among]
    if not rule.parts:
        if ore is not None:
            raise NothingIsShared()
        return [_by_price(party, pieces) for party, pieces in zip(among, prices, strict=True)]
    if ore is None:
        raise AmountMissing()
    if ore < 0 and not any(piece.exact for pieces in prices for piece in pieces):
        return [_negative(share) for share in divide(replace(rule, prices=()), -ore, among)]
    return _shared(rule, ore, among, prices)


def _shared(rule: Rule, ore: int, among: Sequence[Party], prices: Sequence[Sequence[Piece]]) -> list[Share]:
    priced = sum((piece.exact for pieces in prices for piece in pieces), NONE)
    if priced > ore:
        raise PricesExceed(prices_ore=half_up(priced), ore=ore)
    parts = [
        _divided(rule, part, (ore - priced) * fraction, among)
        for part, fraction in zip(rule.parts, rule.fractions, strict=True)
    ]
    order = _turns(rule, among)
    pieces = [(*own, *(part[place] for part in parts)) for place, own in enumerate(prices)]
    exact = [sum((piece.exact for piece in own), NONE) for own in pieces]
    if rule.rounding == "parts":
        whole = _part_by_part(rule, ore, prices, parts, order)
        return [Share(*each) for each in zip(among, pieces, exact, whole, strict=True)]
    kept, limited = _within_limits(rule, exact, Fraction(ore), among)
    return [Share(*each) for each in zip(among, pieces, kept, to_ore(kept, ore, order), limited, strict=True)]


def _priced(price: Price, party: Party) -> Piece:
    if price.needs_population:
        _population(party)
    present = WHOLE if price.per == "use" else party.present  # use is counted while they were a party
    times = {"once": Fraction(party.joins), "month": party.months, "period": present}[price.every]
    count = {"party": 1, "inhabitant": party.population or 0, "use": party.use.get(price.measure, 0)}[price.per]
    return Piece(price, price.amount_for(party.population), count * times, WHOLE)


def _by_price(party: Party, pieces: Sequence[Piece]) -> Share:
    exact = sum((piece.exact for piece in pieces), NONE)
    return Share(party, tuple(pieces), exact, half_up(exact))


def _negative(share: Share) -> Share:
    pieces = tuple(replace(piece, pot=-piece.pot) for piece in share.pieces)
    return replace(share, pieces=pieces, exact=-share.exact, ore=-share.ore)


def _divided(rule: Rule, part: Part, pot: Fraction, among: Sequence[Party]) -> list[Piece]:
    """Each one's piece of a part."""
    weights = [_weight(part, party) * _phase(rule, party) for party in among]
    total = sum(weights, NONE)
    if not total:
        raise NothingToDivideBy(measure=part.measure or part.by)
    return [Piece(part, pot, weight, total) for weight in weights]


def _weight(part: Part, party: Party) -> Fraction:
    if part.level not in ("", party.level):
        return NONE
    if part.by == "population":
        return _population(party) * party.present
    if part.by == "use":  # counted while they were a party
        return Fraction(party.use.get(part.measure, 0))
    if part.by == "fixed":
        if party.id not in part.fixed:
            raise FixedShareMissing(party=party.name)
        return part.fixed[party.id] * party.present
    return party.present


def _population(party: Party) -> int:
    if party.population is not None:
        return party.population
    if party.divided:
        raise PopulationDivided(party=party.name, day=party.counted_on, divided=party.divided)
    raise PopulationMissing(party=party.name, day=party.counted_on)


def _phase(rule: Rule, party: Party) -> Fraction:
    is_new = party.year is not None and party.year < len(rule.phase_in)
    return rule.phase_in[party.year] if is_new and party.year is not None else WHOLE


def _turns(rule: Rule, among: Sequence[Party]) -> list[int]:
    """Each party's turn where an øre could go to several: by what does not depend on the order that they came in."""
    size = {"largest-first": -1, "smallest-first": 1}.get(rule.ties, 0)
    named = rule.ties == "by-name"
    ranked = sorted(
        among,
        key=lambda party: (
            size * (party.population or 0),
            sort_key(party.name) if named else "",
            party.number,
            party.id,
        ),
    )
    turn = {party.id: place for place, party in enumerate(ranked)}
    return [turn[party.id] for party in among]


def _part_by_part(
    rule: Rule, ore: int, prices: Sequence[Sequence[Piece]], parts: Sequence[Sequence[Piece]], order: Sequence[int]
) -> list[int]:
    """Whole øre of the prices and of each part for itself; the parts share what rounding the prices leaves."""
    priced = [sum((piece.exact for piece in own), NONE) for own in prices]
    whole = to_ore(priced, half_up(sum(priced, NONE)), order)
    left = ore - sum(whole)
    pots = to_ore([left * fraction for fraction in rule.fractions], left, range(len(parts)))
    for part, pot in zip(parts, pots, strict=True):
        shares = to_ore([pot * piece.weight / piece.weights for piece in part], pot, order)
        whole = [has + more for has, more in zip(whole, shares, strict=True)]
    return whole


def _within_limits(
    rule: Rule, exact: Sequence[Fraction], total: Fraction, among: Sequence[Party]
) -> tuple[list[Fraction], list[Literal["", "minimum", "maximum"]]]:
    """Nobody below the least or above the most; the others share what that leaves in proportion to their shares.

    Whoever is furthest from being let go is held first: of the two sides, the one that needs most, as often as it takes.
    """
    least = [rule.minimum.of(total) * party.present if rule.minimum else NONE for party in among]
    most = [rule.maximum.of(total) if rule.maximum else total for _ in among]
    held: dict[int, Literal["minimum", "maximum"]] = {}
    if not sum(least, NONE) <= total <= sum(most, NONE) or any(a > b for a, b in zip(least, most, strict=True)):
        raise LimitsDoNotFit()
    while True:
        now = _shares_of_rest(
            exact, total, {place: (least if held[place] == "minimum" else most)[place] for place in held}
        )
        below = {place for place in range(len(now)) if place not in held and now[place] < least[place]}
        above = {place for place in range(len(now)) if place not in held and now[place] > most[place]}
        if not below and not above:
            return now, [held.get(place, "") for place in range(len(now))]
        missing = sum((least[place] - now[place] for place in below), NONE)
        too_much = sum((now[place] - most[place] for place in above), NONE)
        if missing >= too_much:
            held |= dict.fromkeys(below, "minimum")
        if too_much >= missing:
            held |= dict.fromkeys(above, "maximum")


def _shares_of_rest(exact: Sequence[Fraction], total: Fraction, held: Mapping[int, Fraction]) -> list[Fraction]:
    rest = total - sum(held.values(), NONE)
    free = sum((share for place, share in enumerate(exact) if place not in held), NONE)
    count = len(exact) - len(held)
    return [
        held[place] if place in held else share * rest / free if free else rest / count
        for place, share in enumerate(exact)
    ]
