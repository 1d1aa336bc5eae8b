"""A settlement as data that is kept as it is: every fraction exact, so that each line opens down to its figure for ever.

A pot comes out as it went in; `settling.correct` shares what was wrong in it by what stands here, not by what is known today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from allmenning.basics.sharing.dividing import Party, Piece, Share, Summed
from allmenning.basics.sharing.rule import Limit, Part, Price, Rule, Step

from .agreement import DatedRule
from .settling import Pot

Data = dict[str, Any]


@dataclass(frozen=True)
class Corrected:
    """What was wrong in a pot of an issued settlement, as lines of a later one.

    settlement: the issued one. corrections: rows that were counted. pot: what each pays more, or gets back. party: whom alone it
    is of; empty where all share it.
    """

    settlement: int
    start: date
    corrections: tuple[int, ...]
    reasons: tuple[str, ...]
    pot: Pot
    party: str = ""


@dataclass(frozen=True)
class UseSource:
    """Where a figure of use comes from: what somebody entered says so, or the platform measured it until the end of a day."""

    source: str
    measured_until: date | None


@dataclass(frozen=True)
class Content:
    """What a settlement is made of. sources: where each party's population comes from, by its id; uses: its figures of use, by
    measure too.
    """

    pots: tuple[Pot, ...]
    corrected: tuple[Corrected, ...] = ()
    sources: Mapping[str, str] | None = None
    uses: Mapping[str, Mapping[str, UseSource]] = field(default_factory=dict)

    @property
    def by_party(self) -> dict[str, int]:
        """Øre by party's id, corrections too."""
        found: dict[str, int] = {}
        for pot in (*self.pots, *(each.pot for each in self.corrected)):
            for share in pot.shares:
                found[share.party.id] = found.get(share.party.id, 0) + share.ore
        return found

    @property
    def parties(self) -> list[Party]:
        """Everybody who pays or gets back, each once: those of the period first."""
        found: dict[str, Party] = {}
        for pot in (*self.pots, *(each.pot for each in self.corrected)):
            for share in pot.shares:
                found.setdefault(share.party.id, share.party)
        return list(found.values())

    @property
    def ore(self) -> int:
        return sum(self.by_party.values())


def as_data(content: Content) -> Data:
    """As JSON takes it."""
    return {
        "pots": [pot_as_data(pot) for pot in content.pots],
        "corrected": [
            {
                "settlement": each.settlement,
                "start": each.start.isoformat(),
                "corrections": list(each.corrections),
                "reasons": list(each.reasons),
                "pot": pot_as_data(each.pot),
                "party": each.party,
            }
            for each in content.corrected
        ],
        "sources": dict(content.sources or {}),
        "uses": {
            party: {measure: [each.source, _day(each.measured_until)] for measure, each in of.items()}
            for party, of in content.uses.items()
        },
    }


def from_data(data: Data) -> Content:
    """What `as_data` was given."""
    corrected = tuple(
        Corrected(
            each["settlement"],
            date.fromisoformat(each["start"]),
            tuple(each["corrections"]),
            tuple(each["reasons"]),
            pot_from_data(each["pot"]),
            each.get("party", ""),  # in the first ones, all shared everything
        )
        for each in data["corrected"]
    )
    uses = {
        party: {measure: UseSource(source, _day_of(until)) for measure, (source, until) in of.items()}
        for party, of in data.get("uses", {}).items()  # no settlement from before use was measured has any
    }
    return Content(tuple(pot_from_data(pot) for pot in data["pots"]), corrected, data["sources"], uses)


def pot_as_data(pot: Pot) -> Data:
    return {
        "project": pot.project,
        "costs_ore": pot.costs_ore,
        "grants_ore": pot.grants_ore,
        "rule": _rule(pot.rule),
        "shares": [_share(share, pot.rule.rule) for share in pot.shares],
    }


def pot_from_data(data: Data) -> Pot:
    rule = _rule_of(data["rule"])
    shares = tuple(_share_of(share, rule.rule) for share in data["shares"])
    return Pot(data["project"], data["costs_ore"], data["grants_ore"], rule, shares)


# --- the rule ---


def _rule(dated: DatedRule) -> Data:
    rule = dated.rule
    return {
        "start": dated.start.isoformat(),
        "end": _day(dated.end),
        "population": dated.population,
        "presence": dated.presence,
        "parts": [
            {
                "fraction": None if part.fraction is None else str(part.fraction),
                "by": part.by,
                "measure": part.measure,
                "fixed": {id: str(share) for id, share in part.fixed.items()},
                "level": part.level,
            }
            for part in rule.parts
        ],
        "prices": [
            {
                "per": price.per,
                "every": price.every,
                "steps": [[step.below, str(step.amount)] for step in price.steps],
                "measure": price.measure,
                "level": price.level,
            }
            for price in rule.prices
        ],
        "rounding": rule.rounding,
        "ties": rule.ties,
        "minimum": _limit(rule.minimum),
        "maximum": _limit(rule.maximum),
        "phase_in": [str(each) for each in rule.phase_in],
    }


def _limit(limit: Limit | None) -> Data | None:
    return None if limit is None else {"amount": str(limit.amount), "is_fraction": limit.is_fraction}


def _rule_of(data: Data) -> DatedRule:
    parts = tuple(
        Part(
            None if each["fraction"] is None else Fraction(each["fraction"]),
            each["by"],
            each["measure"],
            {id: Fraction(share) for id, share in each["fixed"].items()},
            each.get("level", ""),  # of what was frozen before parts had one
        )
        for each in data["parts"]
    )
    prices = tuple(
        Price(
            each["per"],
            each["every"],
            tuple(Step(below, Fraction(amount)) for below, amount in each["steps"]),
            each["measure"],
            each["level"],
        )
        for each in data["prices"]
    )
    rule = Rule(
        parts,
        prices,
        data["rounding"],
        data["ties"],
        _limit_of(data["minimum"]),
        _limit_of(data["maximum"]),
        tuple(Fraction(each) for each in data["phase_in"]),
    )
    return DatedRule(
        date.fromisoformat(data["start"]), _day_of(data["end"]), rule, data["population"], data["presence"]
    )


def _limit_of(data: Data | None) -> Limit | None:
    return None if data is None else Limit(Fraction(data["amount"]), data["is_fraction"])


# --- each one's share ---


def _share(share: Share, rule: Rule) -> Data:
    party = share.party
    return {
        "party": {
            "id": party.id,
            "name": party.name,
            "number": party.number,
            "level": party.level,
            "population": party.population,
            "counted_on": _day(party.counted_on),
            "present": str(party.present),
            "months": str(party.months),
            "joins": party.joins,
            "year": party.year,
            "use": dict(party.use),
            "summed": [[each.id, each.name, each.population] for each in party.summed],
        },
        "pieces": [_piece(piece, rule) for piece in share.pieces],
        "exact": str(share.exact),
        "ore": share.ore,
        "limited": share.limited,
    }


def _piece(piece: Piece, rule: Rule) -> list[Any]:
    """Which part or price of the rule it is of, and its numbers."""
    kind, among = ("part", rule.parts) if isinstance(piece.of, Part) else ("price", rule.prices)
    place = list[Part | Price](among).index(piece.of)
    return [kind, place, str(piece.pot), str(piece.weight), str(piece.weights)]


def _share_of(data: Data, rule: Rule) -> Share:
    raw = data["party"]
    party = Party(
        id=raw["id"],
        name=raw["name"],
        number=raw["number"],
        level=raw["level"],
        population=raw["population"],
        counted_on=_day_of(raw["counted_on"]),
        present=Fraction(raw["present"]),
        months=Fraction(raw["months"]),
        joins=raw["joins"],
        year=raw["year"],
        use=raw["use"],
        summed=tuple(Summed(*each) for each in raw.get("summed", [])),  # in the first ones, each had one figure
    )
    pieces = tuple(_piece_of(piece, rule) for piece in data["pieces"])
    return Share(party, pieces, Fraction(data["exact"]), data["ore"], data["limited"])


def _piece_of(data: Sequence[Any], rule: Rule) -> Piece:
    kind, place, *numbers = data
    of: Part | Price = rule.parts[place] if kind == "part" else rule.prices[place]
    return Piece(of, *map(Fraction, numbers))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day_of(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
