"""What may be told of how many: never a number about fewer than five people, in one place for the whole platform.

A number that leaves those who see the rows themselves is told in whole fives: in sums, differences and shares of any such
numbers, in any tables, none is about one to four. Who sees the rows may count them: a work list, a queue, a register.
"""

from __future__ import annotations

from decimal import Decimal

FEWEST = 5  # people behind a figure that is shown


def whole_fives(count: int | float | Decimal) -> int:
    """How many there are at least, for a figure that is shown: 9 is 5."""
    return int(count) // FEWEST * FEWEST


def at_most(count: int) -> int:
    """How many there are at most, for who must know whether there is anything: none is 0, one to five is 5."""
    return -(-count // FEWEST) * FEWEST
