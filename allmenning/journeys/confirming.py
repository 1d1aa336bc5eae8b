"""Holding what was stated against the registers, so that a simple case can decide itself.

What the form was begun with is compared as it is. What only a register may tell the municipality (another person's
income) is asked for after the submission, kept with the case, and shown to nobody but the caseworker.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    same: set[str] = set()
    other: set[str] = set()
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
    if case.applicant is None:
        return ()
    municipality, unavailable = current().municipality, set[str]()
    applicant = Known(municipality, case.applicant.kind, case.applicant.opened_number(municipality), unavailable)
    for comparison in offered.package.compares:
        pointer = f"/{comparison.field}"
        if comparison.field in content.data and pointer not in told:
            known = _whom(comparison, content, applicant)
            _keep(case, pointer, comparison.source, known.value(comparison.source) if known else None)
    return tuple(sorted(unavailable))


def _whom(comparison: Comparison, content: Content, applicant: Known) -> Known | None:
    """Whose entry to ask for. Nobody learns of a stranger by typing their number: only near ones are asked about."""
    if not comparison.number:
        return applicant
    number = content.data.get(comparison.number)
    if not isinstance(number, str) or number not in applicant.near_ones():
        return None
    return Known(applicant.municipality, "person", number, applicant.unavailable)


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
