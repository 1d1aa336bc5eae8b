"""What a rule for sharing a bill is made of. Composed of few kinds of things, as data; all amounts are exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from .errors import PartsNotWhole

By = Literal["population", "equal", "use", "fixed"]
Per = Literal["party", "inhabitant", "use"]
Every = Literal["once", "month", "period"]
Rounding = Literal["whole", "parts"]
Ties = Literal["by-name", "by-number", "largest-first", "smallest-first"]


@dataclass(frozen=True)
class Part:
    """A part of the sum, and what it is divided by.

    fraction: of the sum; None for what the other parts leave. measure: what is counted, where it is divided by use.
    fixed: each party's share by its id, where the agreement names them. level: whom it is divided among; everybody if empty.
    """

    fraction: Fraction | None
    by: By
    measure: str = ""
    fixed: Mapping[str, Fraction] = field(default_factory=dict)
    level: str = ""


@dataclass(frozen=True)
class Step:
    """An amount in øre for parties with fewer inhabitants than `below`; None: for all the larger ones."""

    below: int | None
    amount: Fraction


@dataclass(frozen=True)
class Price:
    """A sum that a party pays whatever the costs are: one amount, or one by size.

    level: which parties pay it; every one if empty.
    """

    per: Per
    every: Every
    steps: tuple[Step, ...]
    measure: str = ""
    level: str = ""

    def amount_for(self, population: int | None) -> Fraction:
        """Øre for one party, inhabitant or use."""
        fits = (step.amount for step in self.steps if step.below is None or (population or 0) < step.below)
        return next(fits, Fraction(0))

    @property
    def needs_population(self) -> bool:
        return self.per == "inhabitant" or any(step.below is not None for step in self.steps)


@dataclass(frozen=True)
class Limit:
    """The least or the most that a party pays: øre, or a fraction of the sum."""

    amount: Fraction
    is_fraction: bool = False

    def of(self, total: Fraction) -> Fraction:
        return self.amount * total if self.is_fraction else self.amount


@dataclass(frozen=True)
class Rule:
    """How a sum is shared, and what is paid besides.

    rounding: the whole sum to øre at once, or each part for itself. ties: who gets an øre that several have the same right to.
    phase_in: how much of a full member's weight a party has in its first year, its second, and so on.
    """

    parts: tuple[Part, ...] = ()
    prices: tuple[Price, ...] = ()
    rounding: Rounding = "whole"
    ties: Ties = "by-name"
    minimum: Limit | None = None
    maximum: Limit | None = None
    phase_in: tuple[Fraction, ...] = ()

    @property
    def measures(self) -> list[str]:
        """What use is counted in, where anything of it is by use; in the order of the rule."""
        parts = (part.measure for part in self.parts if part.by == "use")
        return list(dict.fromkeys([*parts, *(price.measure for price in self.prices if price.per == "use")]))

    @property
    def fractions(self) -> Sequence[Fraction]:
        """How much of the sum each part is: all of it together. Raises PartsNotWhole."""
        said = [part.fraction for part in self.parts if part.fraction is not None]
        rest, open_parts = 1 - sum(said, Fraction(0)), len(self.parts) - len(said)
        if self.parts and (rest < 0 or open_parts > 1 or (open_parts == 0) != (rest == 0)):
            raise PartsNotWhole(sum=str(sum(said, Fraction(0))))
        return [rest if part.fraction is None else part.fraction for part in self.parts]
