from allmenning.basics.errors import AllmenningError


class ImpossibleFigure(AllmenningError):
    """A figure can't be about fewer than nobody, nor be negative."""


class RateWithoutSource(AllmenningError):
    """A rate needs a source: nothing is made into money by a number that nobody stands for."""


class UnitsDiffer(AllmenningError):
    """{one} can't be reckoned by a number for each of {other}."""


class OtherUnit(AllmenningError):
    """What was before is told in {stated}, and what is measured in {measured}: they can't be compared."""
