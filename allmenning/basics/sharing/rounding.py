"""Whole øre from exact shares, so that the shares are the sum."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def to_ore(exact: Sequence[Fraction], total: int, order: Sequence[int]) -> list[int]:
    """Whole øre whose sum is `total`, by largest remainder: nobody's is an øre or more from their exact share.

    exact: shares in øre, which sum to `total`. order: each one's turn where remainders are equal, the lowest first.
    """
    whole = [floor(share) for share in exact]
    left = total - sum(whole)
    turns = sorted(range(len(exact)), key=lambda place: (whole[place] - exact[place], order[place]))
    for place in turns[:left]:
        whole[place] += 1
    return whole


def half_up(amount: Fraction) -> int:
    """Whole øre of a price, half an øre upwards."""
    return floor(amount + Fraction(1, 2))
