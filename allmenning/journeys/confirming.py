"""Holding what was stated against the registers, so that a simple case can decide itself.

What the form was begun with is compared as it is. What only a register may tell the municipality (another person's
income) is asked for after the submission, kept with the case, and shown to nobody but the caseworker.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.commons.catalogue.content import Comparison
from allmenning.municipal.cases.models import Case, RegisterCheck
from allmenning.municipal.forms.content import Content
from allmenning.rules.forms.pointers import MISSING, get, parse
from allmenning.tenancy import current

from .offered import Offered
from .prefilling import Known


@dataclass(frozen=True)
class Compared:
    """Names of the top-level answers that registers confirm or contradict, and what registers said, by pointer."""

    confirmed: frozenset[str]
    contradicted: frozenset[str]
    registered: Mapping[str, Any]


def compare(case: Case, content: Content) -> Compared:
    """Hold every answer that a register knows against what it said."""
    registered = {**content.registered, **_checked(case)}
    same, other = set(), set()
    for pointer, value in registered.items():
        stated = get(content.data, parse(pointer))
        if stated is not MISSING:
            (same if agrees(stated, value) else other).add(pointer.split("/")[1])
    return Compared(frozenset(same - other), frozenset(other), registered)


def agrees(stated: Any, registered: Any) -> bool:
    """Whether an answer is what the register says. An object may hold more than the register knows.

    A list may leave rows out (a child who has started school), but every row that it has must be a registered one.
    """
    if isinstance(registered, Mapping):
        return isinstance(stated, Mapping) and all(agrees(stated.get(k), v) for k, v in registered.items())
    if isinstance(registered, list):
        if not isinstance(stated, list) or not stated:
            return False
        return all(any(agrees(row, known) for known in registered) for row in stated)
    if isinstance(registered, str) and isinstance(stated, str):
        return stated.strip().casefold() == registered.strip().casefold()
    return bool(stated == registered)


def ask_registers(case: Case, content: Content, offered: Offered) -> tuple[str, ...]:
    """Ask for what the service compares and no register has told yet. Returns the registers that did not answer."""
    told = {*content.registered, *RegisterCheck.objects.filter(case=case).values_list("pointer", flat=True)}
    unavailable: set[str] = set()
    for comparison, kind, number in _to_ask(case, content, offered):
        pointer = f"/{comparison.field}"
        if pointer not in told:
            known = Known(current().municipality, kind, number, unavailable)
            _keep(case, pointer, comparison.source, known.value(comparison.source))
    return tuple(sorted(unavailable))


def _to_ask(case: Case, content: Content, offered: Offered) -> Iterator[tuple[Comparison, str, str]]:
    """(what to compare, kind and number of whom it is about), for what was answered."""
    for comparison in offered.package.compares:
        if comparison.field not in content.data:
            continue
        if comparison.number:
            number = content.data.get(comparison.number)
            if isinstance(number, str) and number:
                yield comparison, "person", number
        elif case.applicant is not None:
            yield comparison, case.applicant.kind, case.applicant.opened_number(current().municipality)


def _keep(case: Case, pointer: str, source: str, value: Any) -> None:
    if value is None:
        return
    check = RegisterCheck(id=uuid7(), area=case.area, case=case, pointer=pointer, source=source, fetched_at=dates.now())
    check.value = case.key.seal(f"cases.RegisterCheck.value:{check.id}", json.dumps(value))
    RegisterCheck.objects.bulk_create([check], ignore_conflicts=True)


def _checked(case: Case) -> dict[str, Any]:
    rows = RegisterCheck.objects.filter(case=case)
    return {
        r.pointer: json.loads(case.key.open_text(f"cases.RegisterCheck.value:{r.id}", bytes(r.value))) for r in rows
    }
