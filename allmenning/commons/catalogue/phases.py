"""How a case moves through the phases of its service. Pure: examples in the folder and cases move by the same functions.

What happened is told in words: `received`, `outcome:<id>`, `result:<id>`, and `phase:<id>` for one that was concluded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from allmenning.commons.catalogue.content import ForEach, Phase, ServicePackage

RECEIVED = "received"


@dataclass(frozen=True)
class Moves:
    """What is concluded, and what is opened, each in the folder's order. Those `for_each` are opened in other cases."""

    concluded: tuple[Phase, ...] = ()
    opened: tuple[Phase, ...] = ()

    @property
    def here(self) -> tuple[Phase, ...]:
        """What is opened in the case itself."""
        return tuple(each for each in self.opened if each.for_each is None)

    @property
    def in_cases_of_their_own(self) -> tuple[Phase, ...]:
        return tuple(each for each in self.opened if each.for_each is not None)


def moves(package: ServicePackage, going_on: Collection[str], words: Collection[str], *, closes: bool = False) -> Moves:
    """Where a case goes when something has happened.

    Args:
        going_on: the phases that it is in.
        words: what happened.
        closes: whether the case is closed by it: then every phase is concluded, and what is opened is opened elsewhere.
    """
    before = [each for each in package.phases if each.id in going_on]
    concluded = tuple(each for each in before if closes or set(each.concluded_by) & set(words))
    left = set(going_on) - {each.id for each in concluded}
    told = {*words, *(f"phase:{each.id}" for each in concluded)}
    opened = tuple(each for each in package.phases if each.id not in left and told & set(each.opened_by))
    return Moves(concluded, tuple(each for each in opened if each.for_each or not closes))


def first(package: ServicePackage) -> tuple[Phase, ...]:
    """The phases that a case is in when it was received."""
    return moves(package, (), (RECEIVED,)).here


def may_be_decided(package: ServicePackage, going_on: Collection[str], words: Collection[str]) -> bool:
    """Whether an outcome, with its result, is one of what is decided where the case is.

    What some phase names is decided in the phases that name it; what none names, and in a case that is in no phase (one that
    was closed and is appealed), anywhere.
    """
    named = [each for each in package.phases if set(words) & {*each.concluded_by, *each.decides}]
    return not named or not going_on or any(each.id in going_on for each in named)


def settles(package: ServicePackage, outcome: str) -> bool:
    """Whether an outcome answers what was received: it closes the case, or concludes a phase that the case began with."""
    begun = {word for each in first(package) for word in each.concluded_by}
    return package.outcome(outcome).closes or f"outcome:{outcome}" in begun


def opens_for(package: ServicePackage, result: str) -> ForEach | None:
    """The list of the form whose lines get a case of their own with a result."""
    word = f"result:{result}"
    return next((each.for_each for each in package.phases if each.for_each and word in each.opened_by), None)


def decided_in_own_cases(package: ServicePackage) -> frozenset[str]:
    """The outcomes that are decided only in cases that were opened for those whom the first one is about."""
    own = {each.id for each in package.phases if each.for_each}
    while True:
        words = {word for each in package.phases if each.id in own for word in (*each.concluded_by, *each.decides)}
        words |= {f"phase:{each}" for each in own}
        more = {each.id for each in package.phases if set(each.opened_by) <= words} - own
        if not more:
            break
        own |= more
    elsewhere = {word for each in package.phases if each.id not in own for word in (*each.concluded_by, *each.decides)}
    named = {word for word in words - elsewhere if word.startswith("outcome:")}
    return frozenset(word.removeprefix("outcome:") for word in named)


def followed(package: ServicePackage, told: Iterable[Sequence[str]]) -> tuple[set[str], set[str]]:
    """Where a case is after all this has happened, in the order that it did: (phases that go on, all that it was in).

    A case of its own is followed with the one that it came from. `phase:<id>` says that it was concluded by hand.
    """
    going_on = {each.id for each in first(package)}
    been = set(going_on)
    outcomes = {f"outcome:{each.id}": each for each in package.outcomes}
    for words in told:
        closes = any(word in outcomes and outcomes[word].closes for word in words)
        by_hand = [each for each in package.phases if f"phase:{each.id}" in words and each.id in going_on]
        going_on = set() if any(each.closes for each in by_hand) else going_on - {each.id for each in by_hand}
        moved = moves(package, going_on, words, closes=closes)
        going_on = going_on - {each.id for each in moved.concluded} | {each.id for each in moved.opened}
        been |= going_on
    return going_on, been


def what_comes_next(package: ServicePackage, phase: Phase) -> Mapping[str, tuple[Phase, ...]]:
    """Each word that concludes a phase, with the phases that it opens."""
    by_itself = [f"phase:{phase.id}"]
    return {
        word: tuple(each for each in package.phases if {word, *by_itself} & set(each.opened_by))
        for word in phase.concluded_by
    }
