"""What must be true of a service's phases: what opens, concludes and is decided in each is there, and none is a dead end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from allmenning.commons.catalogue.content import ForEach, Phase, ServicePackage
from allmenning.commons.catalogue.phases import RECEIVED

NUMBER = "national-identity-number"


def phase_problems(package: ServicePackage) -> Iterator[tuple[str, str]]:
    """Each problem as (where, message)."""
    for phase in package.phases:
        where = f"/phases/{phase.id}"
        yield from ((where, message) for message in _problems(package, phase))


def _problems(package: ServicePackage, phase: Phase) -> Iterator[str]:
    if not phase.concluded_by and phase.by_hand is None:
        yield "nothing concludes it: name what does in concluded_by, or let somebody do it by_hand"
    for word in (*phase.opened_by, *phase.concluded_by, *phase.decides):
        yield from _word_problems(package, phase, word)
    if f"phase:{phase.id}" in phase.opened_by:
        yield "it is opened by itself"
    if phase.for_each is not None:
        yield from _list_problems(package, phase, phase.for_each)


def _word_problems(package: ServicePackage, phase: Phase, word: str) -> Iterator[str]:
    kind, _, name = word.partition(":")
    staff = {each.id for each in package.outcomes if "staff" in each.chosen_by}
    if kind == "result" and package.result(name) is None:
        yield f"there is no result {name}"
    if kind == "outcome" and name not in {each.id for each in package.outcomes}:
        yield f"there is no outcome {name}"
    elif kind == "outcome" and word not in phase.opened_by and name not in staff:
        yield f"there is no outcome {name} that staff may choose"
    if kind == "phase" and package.phase(name) is None:
        yield f"there is no phase {name}"


def _list_problems(package: ServicePackage, phase: Phase, own: ForEach) -> Iterator[str]:
    """A case of their own is opened for each line of a list that the form has, when something was decided."""
    if RECEIVED in phase.opened_by:
        yield "cases of their own are opened when something is decided, not when it is received"
    lines = package.form_schema.get("properties", {}).get(own.each, {}).get("items", {})
    if not isinstance(lines, Mapping) or "properties" not in lines:
        yield f"the form has no list {own.each}"
        return
    fields: Mapping[str, Any] = lines["properties"]
    yield from (
        f"the list {own.each} has no field {each}" for each in (own.name, own.number) if each and each not in fields
    )
    if own.number and fields.get(own.number, {}).get("x-format", NUMBER) != NUMBER:
        yield f"{own.number} is no identity number"
