"""Consents, as a service's folder says: which answers give them, how long they hold, and what may not be done without. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from allmenning.commons.catalogue.content import APPLICANT, ConsentKind, ServicePackage
from allmenning.commons.catalogue.deadlines import measured
from allmenning.commons.catalogue.deciding import duration_after
from allmenning.commons.catalogue.parties import ByForm, context, holds, named, roles_of_applicant
from allmenning.rules import expressions

LETTERS = "letters"  # in `sees`: the letters of decisions to whoever gives the consent


@dataclass(frozen=True)
class Given:
    """A consent that the answers give: by whom (None: who sent it) in which role, and whom it lets see something."""

    kind: ConsentKind
    role: str
    on: date
    by: ByForm | None = None
    lets: ByForm | None = None


def given(package: ServicePackage, data: Mapping[str, Any], on: date) -> list[Given]:
    """What the answers consent to, the day they were sent. What is dated later than that is not given yet."""
    if not package.consents:
        return []
    around = context(package, data, on)
    everybody = named(package, around)
    own = {APPLICANT, *(kind.id for kind in roles_of_applicant(package, around))}
    found = (each for kind in package.consents for each in _given(kind, around, on, everybody, own))
    return [each for each in found if each.on <= on]


def _given(
    kind: ConsentKind, around: Mapping[str, Any], on: date, everybody: Collection[ByForm], own: Collection[str]
) -> Iterator[Given]:
    day = (_day(around["form"].get(kind.given_on)) if kind.given_on else None) or on
    by_applicant = next((role for role in kind.gives if role in own), None)
    for lets in [each for each in everybody if each.kind.id == kind.lets] if kind.lets else [None]:
        here = {**around, "item": lets.item} if lets else around
        if by_applicant and holds(kind.gives[by_applicant], here):
            yield Given(kind, by_applicant, day, lets=lets)
    for by in everybody if not kind.lets else ():  # what another lets others see, they say themselves
        if by.kind.id in kind.gives and holds(kind.gives[by.kind.id], {**around, "item": by.item}):
            yield Given(kind, by.kind.id, day, by)


def _day(written: Any) -> date | None:
    try:
        return date.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None


def last_day(package: ServicePackage, kind: ConsentKind, given_on: date, adjusted: Mapping[str, Any]) -> date | None:
    """The last day that a consent holds, as the folder says; None: until it is withdrawn."""
    if kind.measured_by:
        return duration_after(measured(package, kind.measured_by, given_on, adjusted), given_on)
    return duration_after(kind.duration, given_on) if kind.duration else None


def needed(package: ServicePackage, before: str) -> list[ConsentKind]:
    """What is not done without a consent: `before` is `step:<id>`, `outcome:<id>` or `letter:<party>`."""
    return [kind for kind in package.consents if before in kind.needed_before]


@dataclass(frozen=True, slots=True)
class Lacking:
    """A consent that is not there: how many have given it, and of how many it is needed."""

    kind: ConsentKind
    given: int
    needed: int


def lacking(
    package: ServicePackage, data: Mapping[str, Any], on: date, in_force: Mapping[str, int], before: str
) -> list[Lacking]:
    """The consents that are needed before something, and are not there.

    Args:
        in_force: how many persons have given each, today.
    """
    around = context(package, data, on)
    wanted = [Lacking(kind, in_force.get(kind.id, 0), _how_many(kind, around)) for kind in needed(package, before)]
    enough = {each.kind.id for each in wanted if each.given >= each.needed}
    groups = {each.kind.one_of for each in wanted if each.kind.one_of and each.kind.id in enough}
    return [each for each in wanted if each.kind.id not in enough and each.kind.one_of not in groups]


def _how_many(kind: ConsentKind, around: Mapping[str, Any]) -> int:
    """Of how many persons the consent is needed: one at least, also where it can't be worked out."""
    try:
        found = expressions.evaluate(kind.how_many, around)
    except expressions.ExpressionFailed:
        return 1
    return max(1, found) if isinstance(found, int) else 1
