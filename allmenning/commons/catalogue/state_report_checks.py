"""What must hold of a service's report to the state: every name and every code is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from allmenning.basics.plain_yaml import read_yaml
from allmenning.commons.catalogue import state_reports
from allmenning.commons.catalogue.content import ServicePackage
from allmenning.commons.catalogue.state_reports import (
    FILE,
    Entry,
    FactSource,
    Kept,
    RegisterFact,
    RegisterKind,
    StateReport,
)
from allmenning.rules import expressions

_FIELD = re.compile(r"\b(form|record)\.([a-z][a-z0-9_]*)")
Broken = tuple[str, str, str, str]  # file, where, message, level


def broken(package: ServicePackage) -> Iterator[Broken]:
    """Broken rules; the file is as its schema says."""
    if FILE not in package.files:
        return
    raw = read_yaml(package.files[FILE])
    if raw["register"] not in state_reports.known_registers():
        known = ", ".join(sorted(state_reports.known_registers()))
        yield FILE, "/register", f"there is no register {raw['register']}; there are: {known}", "error"
        return
    report = state_reports.read(raw)
    yield from ((FILE, where, message, "error") for where, message in _problems(package, report))
    if not report.due.confirmed:
        yield FILE, "/due", "not confirmed in its source", "warning"


def _problems(package: ServicePackage, report: StateReport) -> Iterator[tuple[str, str]]:
    yield from _people_problems(package, report)
    known, held = state_reports.decided_in(package), report.register.kinds
    for name in sorted(set(state_reports.names_in(report)) - known):
        yield "/entries", f"nothing that is decided is called {name}"
    for name in sorted(state_reports.to_be_said(package) - set(state_reports.names_in(report))):
        yield "/entries", f"say what {name} is to the register, or that it is asked (a code that is empty)"
    for entry in report.entries:
        where = f"/entries/{entry.kind}"
        if entry.led_to_by is not None and entry.led_to_by not in {each.kind for each in report.entries}:
            yield where, f"no {entry.led_to_by} is reported"
        if entry.kind not in held:
            yield where, f"the register takes no {entry.kind}"
            continue
        yield from ((where, each) for each in _entry_problems(package, entry, held[entry.kind]))
    for total in report.totals:
        where = f"/totals/{total.id}"
        kind = held.get(total.kind)
        if kind is None or total.kind not in {each.kind for each in report.entries}:
            yield where, f"no {total.kind} is reported"
            continue
        if total.kept:
            yield from ((where, each) for each in _kept_problems(package, total.kept))
        if total.by is not None and total.by not in kind.facts:
            yield where, f"{total.kind} has no {total.by}"
        for fact, codes in (total.where or {}).items():
            yield from ((where, each) for each in _code_problems(kind, fact, codes))
        if (total.within or total.longer) and total.counts != "concluded":
            yield where, "how long something took is known of what is concluded"


def _people_problems(package: ServicePackage, report: StateReport) -> Iterator[tuple[str, str]]:
    listed = package.form_schema.get("properties", {}).get(report.people.each, {})
    fields = listed.get("items", {}).get("properties", {})
    if listed.get("type") != "array":
        yield "/people/each", f"the form has no list {report.people.each}"
        return
    for field in (report.people.number, report.people.unborn):
        if field and field not in fields:
            yield "/people", f"{report.people.each} has no field {field}"


def _entry_problems(package: ServicePackage, entry: Entry, kind: RegisterKind) -> Iterator[str]:
    if entry.kept:
        yield from _kept_problems(package, entry.kept)
    if entry.day is not None and not _is_date(package, entry.kept, entry.day):
        yield f"day: the record has no date {entry.day}"
    if entry.is_of_each and not entry.opened_by:
        yield "each: of which decisions is not said (opened_by)"
    if entry.concluded_by:
        yield from _code_problems(kind, "conclusion", entry.concluded_by.values())
    if entry.extended_by and entry.extended_by not in {each.id for each in package.deadlines}:
        yield f"there is no deadline {entry.extended_by}"
    for fact, source in entry.facts.items():
        codes = [source.value] if source.value is not None else list(source.codes.values())
        yield from _code_problems(kind, fact, codes)
        if source.expression is not None:
            yield from _expression_problems(package, source, kind.facts.get(fact), source.kept or entry.kept)
        if source.is_of_every and not (source.kept and source.expression):
            yield f"{fact} is of every record, but not said of which, or what it reads"
        if source.kept:
            yield from _kept_problems(package, source.kept)
            if fact in kind.facts and not kind.facts[fact].is_dated and source.expression is None:
                yield f"{fact} is not of a day, so no record tells it"


def _is_date(package: ServicePackage, kept: Kept | None, field: str) -> bool:
    kind = next((each for each in package.records if kept and each.id == kept.kind), None)
    return kind is not None and kind.schema.get("properties", {}).get(field, {}).get("x-format") == "date"


def _kept_problems(package: ServicePackage, kept: Kept) -> Iterator[str]:
    kind = next((each for each in package.records if each.id == kept.kind), None)
    if kind is None:
        yield f"records.yaml has no kind {kept.kind}"
        return
    for state in sorted(kept.states - {each.id for each in kind.states}):
        yield f"{kept.kind} has no state {state}"
    fields = kind.schema.get("properties", {})
    for field, answer in kept.answers.items():
        if answer not in fields.get(field, {}).get("enum", ()):
            yield f"{answer} is no answer of {kept.kind}.{field}"


def _code_problems(kind: RegisterKind, fact: str, codes: Any) -> Iterator[str]:
    held: RegisterFact | None = kind.facts.get(fact)
    if held is None:
        yield f"the register takes no {fact} of it"
        return
    for code in sorted({each for each in codes if each is not None} - set(held.codes or ())):
        yield f"{code} is no code of {fact}"


def _expression_problems(
    package: ServicePackage, source: FactSource, held: RegisterFact | None, kept: Kept | None
) -> Iterator[str]:
    """It reads the form and the record, and each answer that the questions give it is a code, or is said to be asked."""
    assert source.expression is not None
    try:
        expressions.check(source.expression)
    except expressions.RefusedExpression as error:
        yield str(error)
        return
    read = next((each for each in package.records if kept and each.id == kept.kind), None)
    schemas = {"form": package.form_schema, **({"record": read.schema} if read else {})}
    for name in sorted(expressions.names(source.expression) - set(schemas)):
        yield f"{name} is read, but only the {' and the '.join(schemas)} is known"
    asked = {(where, name): each for where, one in schemas.items() for name, each in one.get("properties", {}).items()}
    fields = {each for each in _FIELD.findall(source.expression) if each[0] in schemas}
    for where, name in sorted(fields - set(asked)):
        yield f"the {where} does not ask for {name}"
    answers = {answer for each in fields & set(asked) for answer in asked[each].get("enum", ())}
    told = {*source.codes, *source.asked}
    if not told:
        yield from (f"{each} is no code" for each in sorted(answers) if held and not held.takes(each))
        return
    for answer in sorted(told - answers):
        yield f"{answer} is no answer of the form"
    for answer in sorted(answers - told):
        yield f"say what {answer} is to the register, or that it is asked (a code that is empty)"
