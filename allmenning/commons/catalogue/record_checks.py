"""What must hold of the records that a service keeps, each broken rule as a place and a sentence.

Some ways of showing records read fields by name: a form that is to be shown so asks for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from allmenning.rules import expressions
from allmenning.rules.forms import Form, Spec, declared
from allmenning.rules.forms.lint import lint

from .content import ServicePackage
from .records import FILE, NOBODY, PERIOD, RecordKind, layout_of, schema_file, ui_file

Broken = tuple[str, str, str]  # in which file, where in it, and what to do about it

TEXTS = frozenset({declared.TEXT, declared.LONG_TEXT, declared.CHOICE})
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
GIVEN, MOVED, NOT_GIVEN = "given", "moved", "not-given"
PAYMENT_STATES = ("planned", "paid", "stopped", "cancelled")
_TEXT, _DATE = TEXTS, frozenset({declared.DATE})
_WRITTEN = TEXTS - {declared.CHOICE}  # what is shown as it was written
# What the form of a kind asks for, by how it is shown: the field, and the kinds of question that it may be.
ASKED: dict[str, dict[str, frozenset[str]]] = {
    "payments": {"amount_ore": frozenset({declared.ORE}), "for": _TEXT, "receiver": _TEXT, "account": _TEXT},
    "waiting": {"need": _WRITTEN, "meanwhile": _WRITTEN, "looked_on": _DATE, "reasons": _WRITTEN},
    "week": {"visits": frozenset({declared.REPEAT})},
}
VISIT = {"weekday": _TEXT, "time": _WRITTEN, "minutes": frozenset({declared.INTEGER}), "task": _WRITTEN}
OF_A_WEEK = {
    "time": _WRITTEN,
    "given": _TEXT,
    "minutes": frozenset({declared.INTEGER}),
    "note": _WRITTEN,
    "reason": _WRITTEN,
}
# The date without which it can't be shown so.
DATED = {"payments": "due", "waiting": "starts", "week": "starts", "chart": "starts"}


def forms_broken(files: Mapping[str, str], raw: Mapping[str, Any], parsed: Any) -> Iterator[Broken]:
    """The forms of the kinds, before the package can be read at all."""
    ids = [each["id"] for each in raw["kinds"]]
    for each in _twice(ids):
        yield FILE, "", f"the kind {each} is there twice"
    known = {name for each in ids for name in (schema_file(each), ui_file(each))}
    for name in files:
        if name.startswith("records/") and name not in known:
            yield name, "", f"there is no such kind in {FILE}"
    for each in ids:
        if schema_file(each) not in files:
            yield schema_file(each), "", "the form of the kind is missing"
            continue
        yield from _form_broken(each, parsed(files, schema_file(each)), layout_of(each, files, parsed))


def _form_broken(kind: str, schema: Mapping[str, Any], ui: Mapping[str, Any]) -> Iterator[Broken]:
    if problems := lint(schema, ui):
        for found in problems:
            part, _, where = found.where.partition(":")
            yield ui_file(kind) if part == "ui" else schema_file(kind), where, found.message
        return
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        yield schema_file(kind), "", 'the form is an object with "additionalProperties": false'
    form = Form(schema, ui)
    if len(form.elements) != 1:
        yield ui_file(kind), "", "the form of a record is one page"
    if any(spec.kind == declared.FILES for spec in form.specs.values()):
        yield schema_file(kind), "", "a record has no files: they are documents of the case"
    if form.sources():
        yield schema_file(kind), "", "a record is filled in by staff, never from a register (x-source)"
    for name in schema.get("properties", {}):
        if not any(path[0] == name for path in form.specs):
            yield ui_file(kind), "", f"the field {name} is not on the page"


def broken(package: ServicePackage) -> Iterator[Broken]:
    """What the kinds say of each other, of the service and of their own forms."""
    outcomes = {each.id for each in package.outcomes}
    bases = {each.id for each in package.legal_basis}
    by_id = {kind.id: kind for kind in package.records}
    for kind in package.records:
        where = f"/kinds/{kind.id}"
        for outcome in {*kind.required_before, *kind.ended_before} - outcomes:
            yield FILE, where, f"routine.yaml has no outcome {outcome}"
        yield from ((FILE, where, each) for each in _condition_problems(kind))
        if kind.is_of_own_case and not any(phase.for_each for phase in package.phases):
            yield FILE, where, "it is kept in cases of their own, and no phase opens any (`for` in routine.yaml)"
        for basis in set(kind.legal_basis) - bases:
            yield FILE, where, f"service.yaml has no legal basis {basis}"
        for each in _of_itself(kind, by_id):
            yield FILE, where, each
        for each in _of_its_form(kind, by_id):
            yield FILE, where, each


def _twice(ids: list[str]) -> list[str]:
    return sorted(each for each, number in Counter(ids).items() if number > 1)


def _condition_problems(kind: RecordKind) -> Iterator[str]:
    """When it is needed is told by the answers alone, and whether it is enough by what was written alone."""
    if (kind.required_when or kind.counts_when) and not kind.required_before:
        yield "required_when and counts_when say when required_before holds: name the outcomes there"
    for condition, known in ((kind.required_when, "form"), (kind.applies_when, "form"), (kind.counts_when, "record")):
        if condition is None:
            continue
        try:
            expressions.check(condition)
        except expressions.RefusedExpression as error:
            yield str(error)
            continue
        for name in sorted(expressions.names(condition) - {known}):
            yield f"{name} is read, but nothing gives it a value"


def _of_itself(kind: RecordKind, by_id: Mapping[str, RecordKind]) -> Iterator[str]:
    for each in _twice([state.id for state in kind.states]):
        yield f"the state {each} is there twice"
    if kind.states and kind.states[0].ends:
        yield "the first state is what a new one is in, so it does not end it"
    if kind.of is not None and (kind.of not in by_id or kind.of == kind.id):
        yield f"there is no other kind {kind.of}"
    elif kind.of is not None and by_id[kind.of].of is not None:
        yield f"{kind.of} belongs to a kind itself: one level is enough"
    if NOBODY in kind.seen_by:
        yield "nobody is not among others in seen_by"
    if kind.shows == "payments" and sorted(state.id for state in kind.states) != sorted(PAYMENT_STATES):
        yield f"payments have the states {', '.join(PAYMENT_STATES)}"
    if kind.shows == "waiting" and not kind.over:
        yield "who waits comes off the list some day: a state ends it"
    if kind.shows == "week" and not any(each.of == kind.id for each in by_id.values()):
        yield f"a week shows what was given: another kind is of {kind.id}"
    if (kind.shows == "chart") is not bool(kind.items):
        yield "what shows a chart has its items and scale under chart, and no other"
    for score in _twice([str(each.score) for each in kind.scale]):
        yield f"the score {score} is there twice"


def _of_its_form(kind: RecordKind, by_id: Mapping[str, RecordKind]) -> Iterator[str]:
    specs = Form(kind.schema, kind.ui).specs
    for role in ("starts", "ends", "due"):
        name = getattr(kind.dates, role)
        if name is not None and ((name,) not in specs or specs[name,].kind != declared.DATE):
            yield f"dates: there is no date {name} in the form"
    for state in kind.states:
        if state.asks and not (state.ends and (state.asks,) in specs and specs[state.asks,].kind == declared.CHOICE):
            yield f"the state {state.id} asks {state.asks}: a choice of the form is asked where one ends it"
    needed = DATED.get(kind.shows)
    is_of_week = kind.of is not None and kind.of in by_id and by_id[kind.of].shows == "week"
    if is_of_week:
        needed = "starts"
    if needed and getattr(kind.dates, needed) is None:
        yield f"dates: say which field is {needed}"
    yield from _asked_for(specs, (), ASKED.get(kind.shows, {}))
    if kind.shows == "week":
        yield from _asked_for(specs, ("visits", "*"), VISIT)
        yield from _answers(specs.get(("visits", "*", "weekday")), WEEKDAYS)
    if is_of_week:
        yield from _asked_for(specs, (), OF_A_WEEK)
        yield from _answers(specs.get(("given",)), (GIVEN, MOVED, NOT_GIVEN))
        if specs.get(("reason",)) and not _asks_why(kind):
            yield f"the form must ask for a reason when given is {NOT_GIVEN} (if and then)"
    for column in kind.in_letters:
        spec = specs.get((column.field,))
        if column.field == PERIOD:
            if kind.dates.starts is None:
                yield "in_letters: a period needs dates.starts"
        elif spec is None or spec.kind in (declared.REPEAT, declared.OBJECT, declared.FILES):
            yield f"in_letters: there is no field {column.field} that one cell can show"
    scores = {score.score for score in kind.scale}
    for item in kind.items:
        item_spec = specs.get((item,))
        if item_spec is None or {option.value for option in item_spec.options} != scores:
            yield f"chart: {item} is a field whose answers (enum) are the scores of the scale"


def _asked_for(
    specs: Mapping[tuple[str, ...], Spec], within: tuple[str, ...], asked: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    for name, kinds in asked.items():
        spec = specs.get((*within, name))
        if spec is None or spec.kind not in kinds:
            place = "".join(f"{each}/" for each in within if each != "*")
            yield f"the form must ask for {place}{name} ({' or '.join(sorted(kinds))})"


def _answers(spec: Spec | None, wanted: tuple[str, ...]) -> Iterator[str]:
    if spec is not None and {option.value for option in spec.options} != set(wanted):
        yield f"the answers of {spec.path[-1]} are {', '.join(wanted)}"


def _asks_why(kind: RecordKind) -> bool:
    found = Form(kind.schema, kind.ui).errors({"given": NOT_GIVEN}, "en")
    return any(error.pointer == "/reason" and error.code == "required" for error in found)
