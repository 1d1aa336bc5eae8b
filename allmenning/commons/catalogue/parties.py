"""Whom the answers of a form name, besides who sent it: by the service's `parties`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from allmenning.basics.identifiers import InvalidIdentifier, NationalIdentityNumber
from allmenning.commons.catalogue.content import PartyKind, ServicePackage
from allmenning.commons.catalogue.deciding import values_on
from allmenning.rules import expressions


@dataclass(frozen=True)
class ByForm:
    """Somebody whom the answers name. item: the row that names them, which is the form where the kind repeats nothing."""

    kind: PartyKind
    row: int
    item: Mapping[str, Any]
    name: str
    number: str
    is_party: bool


def context(package: ServicePackage, data: Mapping[str, Any], on: date, *, own_case: bool = False) -> dict[str, Any]:
    """What the folder's expressions about parties and consents read; of one row of a list, `item` is that."""
    dated, _, _ = values_on(package, on, {})
    return {"form": data, "item": data, "values": dated, "on": on.isoformat(), "own_case": own_case}


def named(package: ServicePackage, around: Mapping[str, Any]) -> list[ByForm]:
    """Everybody whom the answers name, in the folder's order."""
    return [found for kind in package.parties for found in named_as(kind, around)]


def named_as(kind: PartyKind, around: Mapping[str, Any]) -> Iterator[ByForm]:
    """The same, of one role."""
    if kind.name is None:
        return
    data = around["form"]
    rows = data.get(kind.each) if kind.each else [data]
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        name = row.get(kind.name) if isinstance(row, Mapping) else None
        here = {**around, "item": row}
        if isinstance(name, str) and name.strip() and holds(kind.when, here):
            known = _number(row.get(kind.number)) if kind.number else ""
            yield ByForm(kind, number, row, name.strip(), known, holds(kind.is_party, here))


def roles_of_applicant(package: ServicePackage, around: Mapping[str, Any]) -> list[PartyKind]:
    """What whoever sent it is themselves in the case."""
    return [kind for kind in package.parties if holds(kind.applicant_when, around)]


def holds(expression: str, around: Mapping[str, Any]) -> bool:
    """An answer that nobody gave makes nothing hold."""
    try:
        return expressions.evaluate(expression, around) is True
    except expressions.ExpressionFailed:
        return False


def _number(typed: Any) -> str:
    """Another system may send what is no number: then the name alone is kept."""
    try:
        return NationalIdentityNumber.parse(typed).value if isinstance(typed, str) and typed else ""
    except InvalidIdentifier:
        return ""
