"""Holding what was stated against the registers, so that a simple case can decide itself.

What the form was begun with is compared as it is. What only a register may tell the municipality (another person's
income) is asked for after the submission, kept with the case, and shown to nobody but the caseworker.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.commons.catalogue.content import Comparison
from allmenning.municipal.cases.models import Case, RegisterCheck
from allmenning.municipal.cases.queries import checks_in
from allmenning.municipal.forms.content import Content
from allmenning.rules.forms.declared import in_language
from allmenning.rules.forms.pointers import MISSING, get, parse, template_of
from allmenning.rules.forms.values import shown
from allmenning.tenancy import current

from . import concerned
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
            value = known.value(comparison.source) if known else None
            _keep(case, pointer, comparison.source, value)
            if known is applicant:
                concerned.learn(case, homes=concerned.homes_in(case.area, [value]))
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
    return {row.pointer: value for row, value in _opened(case, checks_in(case.id))}


def _opened(case: Case, rows: Iterable[RegisterCheck]) -> list[tuple[RegisterCheck, Any]]:
    return [
        (row, json.loads(case.key.open_text(f"cases.RegisterCheck.value:{row.id}", bytes(row.value)))) for row in rows
    ]


@dataclass(frozen=True)
class Fact:
    """What a register said beside what was stated. `agrees` is None where nothing was stated."""

    pointer: str
    label: str
    stated: str
    registered: str
    source: str
    fetched_at: datetime
    agrees: bool | None


def facts(case: Case, checks: Iterable[RegisterCheck], content: Content, offered: Offered, language: str) -> list[Fact]:
    """Every register fact of a case in words, for the caseworker alone: it may be about another in the household."""
    told = [(p, f["value"], f["source"], datetime.fromisoformat(f["fetched_at"])) for p, f in content.facts.items()]
    told += [(row.pointer, value, row.source, row.fetched_at) for row, value in _opened(case, checks)]
    return [_fact(content, offered, language, *each) for each in told]


def _fact(content: Content, offered: Offered, language: str, pointer: str, value: Any, source: str, at: Any) -> Fact:
    path = parse(pointer)
    stated, spec = get(content.data, path), offered.form.specs.get(template_of(path))
    return Fact(
        pointer=pointer,
        label=in_language(spec.title, language) if spec else pointer.strip("/"),
        stated=_written(spec, stated, language),
        registered=_written(spec, value, language),
        source=source,
        fetched_at=at,
        agrees=None if stated is MISSING else agrees(stated, value),
    )


def _written(spec: Any, value: Any, language: str) -> str:
    """A value for a reader; rows of a list (children, an address) by what identifies them."""
    if value is MISSING:
        return ""
    if isinstance(value, Mapping):
        known = [
            _plain(value[k], language) for k in ("name", "birth_date", "street", "postal_code", "city") if value.get(k)
        ]
        return " ".join(known) or ", ".join(str(each) for each in value.values())
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return "; ".join(_written(spec, each, language) for each in value)
    return shown(spec, value, language) if spec else str(value)


def _plain(value: Any, language: str) -> str:
    text = str(value)
    try:
        return dates.format_date(date.fromisoformat(text), language) if len(text) == 10 else text
    except ValueError:
        return text
