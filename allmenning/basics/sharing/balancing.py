"""Who pays and who reaps: what would have to be moved between them, exact first and in whole øre last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .errors import NothingGained
from .rounding import to_ore


@dataclass(frozen=True, slots=True)
class Position:
    """What somebody pays and what they gain, in øre."""

    id: str
    cost: int
    gain: int

    @property
    def net(self) -> int:
        """Øre gained beyond what was paid; negative for who loses."""
        return self.gain - self.cost


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Øre that each pays besides (or gets back, negative), in the order of the positions. They sum to nothing.

    missing: øre that those who gain do not have, for everybody to be without loss.
    """

    moves: tuple[int, ...]
    missing: int = 0

    @property
    def moved(self) -> int:
        """Øre that change hands: what the adjustment costs those who pay it."""
        return sum(each for each in self.moves if each > 0)


def alike(positions: Sequence[Position]) -> Adjustment:
    """So that each pays the same for every krone gained: the costs divided by what each gains. Raises NothingGained."""
    cost, gain = sum(each.cost for each in positions), sum(each.gain for each in positions)
    if not gain:
        raise NothingGained()
    exact = [Fraction(cost * each.gain, gain) for each in positions]
    shares = to_ore(exact, cost, range(len(positions)))
    return Adjustment(tuple(share - each.cost for share, each in zip(shares, positions, strict=True)))


def nobody_loses(positions: Sequence[Position]) -> Adjustment:
    """So that nobody loses: who gains covers what the others lose, in proportion to what they gain.

    Where all of it is not enough, those who gain end at nothing, and it is shared among the others in proportion to their loss.
    """
    won = [max(each.net, 0) for each in positions]
    lost = [max(-each.net, 0) for each in positions]
    moved = min(sum(won), sum(lost))
    paid, got = _in_proportion(moved, won), _in_proportion(moved, lost)
    return Adjustment(tuple(more - less for more, less in zip(paid, got, strict=True)), sum(lost) - moved)


def _in_proportion(ore: int, weights: Sequence[int]) -> list[int]:
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    return to_ore([Fraction(ore * weight, total) for weight in weights], ore, range(len(weights)))
