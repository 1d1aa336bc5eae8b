"""What can be wrong with sharing a sum."""

from __future__ import annotations

from allmenning.basics.errors import AllmenningError


class PartsNotWhole(AllmenningError):
    """The parts are {sum} of the whole together, and must be exactly all of it."""


class NoParties(AllmenningError):
    """Nobody is a party on that day, so there is nobody to share with."""


class PopulationMissing(AllmenningError):
    """{party} has no population figure for {day}, and the rule divides by it."""


class PopulationDivided(AllmenningError):
    """How many lived on {day} in what {party} is now can't be known: {divided} was divided between several."""


class NothingToDivideBy(AllmenningError):
    """The rule divides by {measure}, and nobody has any in the period."""


class FixedShareMissing(AllmenningError):
    """{party} has no share in the fixed shares of the rule."""


class PricesExceed(AllmenningError):
    """The fixed sums are {prices_ore}, which is more than the {ore} to be shared."""


class LimitsDoNotFit(AllmenningError):
    """The least or the most that each pays can't be kept: together they do not come to what is to be shared."""


class NothingIsShared(AllmenningError):
    """This rule is a price list and divides no sum. Leave the amount out."""


class AmountMissing(AllmenningError):
    """This rule divides a sum. Say which."""


class NothingGained(AllmenningError):
    """Nobody has gained anything that is told in kroner, so there is nothing to make alike."""
