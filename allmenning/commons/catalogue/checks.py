"""Everything that must hold before a service may be published, each broken rule as a sentence with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema_rs

from allmenning.basics.norwegian import LANGUAGES
from allmenning.basics.text import UnsafeText, clean_text
from allmenning.commons.catalogue import record_checks, record_tables, records, state_report_checks
from allmenning.commons.catalogue.consent_checks import consent_problems
from allmenning.commons.catalogue.content import APPLICANT, Deadline, NoSuchPackage, ServicePackage, UnreadablePackage
from allmenning.commons.catalogue.deadlines import UNITS
from allmenning.commons.catalogue.deciding import FIELD
from allmenning.commons.catalogue.examples import run_example
from allmenning.commons.catalogue.notes import COMMON
from allmenning.commons.catalogue.phase_checks import phase_problems
from allmenning.commons.catalogue.phases import decided_in_own_cases
from allmenning.commons.catalogue.reading import ALLOWED_FILE, DATA_FILES, from_files, parsed, read_folder
from allmenning.letters import check_letter_template
from allmenning.rules import expressions, tables
from allmenning.rules.forms.lint import lint

SCHEMAS = Path(__file__).parent / "schemas"
FEWEST_EXAMPLES = 3
# What a letter may name, besides the service's own `value.<id>`.
LETTER_FIELDS = frozenset(
    "applicant.name party.name case.number case.title decision.date decision.reasons decision.outcome decision.legal_basis"
    " municipality.name unit.name appeal.deadline appeal.body caseworker.name".split()
)
# A letter about an individual decision must hold these (forvaltningsloven §§ 24, 25 and 27).
_DECISION_LETTER = ("decision.reasons", "decision.legal_basis")
_APPEAL_LETTER = ("appeal.deadline", "appeal.body")
_SOURCES = frozenset(
    "folkeregister:navn folkeregister:adresse folkeregister:barn folkeregister:husstand folkeregister:ektefelle-navn"
    " folkeregister:ektefelle-nummer kontaktregister:epost"
    " kontaktregister:telefon enhetsregister:navn enhetsregister:nummer enhetsregister:adresse skatteetaten:inntekt".split()
)
_CONTEXT = {"form", "confirmed", "contradicted", "values", "on", "decided"}
_PARTY_CONTEXT = {"form", "item", "values", "on", "own_case"}
# What the condition of a deadline may read, besides what the tables make.
_DEADLINE_CONTEXT = {"form", "values", "on", "result", "outcome"}


def _unit_kinds() -> frozenset[str]:
    schema = json.loads((SCHEMAS / "routine.schema.json").read_text(encoding="utf-8"))
    return frozenset(schema["$defs"]["unit"]["enum"])


# The kinds of unit that routines and routing may name; a municipality says which of its units is which.
UNIT_KINDS = _unit_kinds()
# Who can be handed an application (`hand_over_to`), and what they are called in every language. The journeys reach them.
RECEIVERS = {"husbanken": "Husbanken"}
MUNICIPALITY = "municipality"  # another municipality, which a value of the outcome names: the whole case goes there


@dataclass(frozen=True, slots=True)
class Problem:
    """A broken rule: in which file, where in it (a JSON Pointer, or empty), and what to do about it.

    `level` is `error` (the service can't be published) or `warning` (a person should look: unconfirmed sources).
    """

    file: str
    where: str
    message: str
    level: str = "error"

    def __str__(self) -> str:
        return f"{self.level}: {self.file}{self.where and ' ' + self.where}: {self.message}"


def check(folder: Path | str) -> list[Problem]:
    """Check a service's folder and run its examples. Empty, or only warnings: it may be published."""
    try:
        files = read_folder(folder)
    except (NoSuchPackage, UnreadablePackage) as error:
        return [Problem(getattr(error, "file", str(folder)), "", str(error))]
    problems = check_files(files)
    name = Path(folder).resolve().name
    if not any(each.level == "error" for each in problems) and parsed(files, "service.yaml")["id"] != name:
        problems.append(Problem("service.yaml", "/id", f"the id must be the folder's name, {name}"))
    return problems


def check_files(files: Mapping[str, str]) -> list[Problem]:
    """Check a service from its files. What can't be read is said first; the rest waits until that is put right."""
    problems = [*_file_problems(files)]
    if not problems:
        problems += _schema_problems(files)
    if not problems:
        problems += _form_problems(files)
        problems += _record_form_problems(files)
    if not problems:
        problems += [Problem("decision.json", "", each) for each in tables.problems(parsed(files, "decision.json"))]
    if problems:
        return problems
    try:
        package = from_files(files)
    except UnreadablePackage as error:
        return [Problem(str(error.params.get("file", "")), "", str(error))]
    problems = [*_routine_problems(package), *_value_problems(package), *_text_problems(package)]
    problems += [Problem(*each) for each in record_checks.broken(package)]
    problems += [*_deadline_problems(package), *_letter_problems(package)]
    problems += [Problem(*each) for each in state_report_checks.broken(package)]
    if not any(each.level == "error" for each in problems):
        problems += _example_problems(package)
    return problems


def _file_problems(files: Mapping[str, str]) -> Iterator[Problem]:
    for name in DATA_FILES:
        if name not in files:
            yield Problem(name, "", "the file is missing")
    for name, text in files.items():
        if not ALLOWED_FILE.fullmatch(name):
            yield Problem(name, "", "a service's folder may not hold this file")
            continue
        try:
            clean_text(text)
            if not name.endswith(".md"):
                parsed(files, name)
        except (UnsafeText, UnreadablePackage) as error:
            yield Problem(name, "", str(error))
    if sum(name.startswith("examples/") for name in files) < FEWEST_EXAMPLES:
        yield Problem("examples", "", f"a service has at least {FEWEST_EXAMPLES} examples")


@lru_cache(maxsize=16)
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)


def _schema_problems(files: Mapping[str, str]) -> Iterator[Problem]:
    for name in sorted(files):
        kind = "example" if name.startswith("examples/") else name.removesuffix(".yaml")
        if name.endswith(".yaml"):
            for error in _validator(kind).iter_errors(parsed(files, name)):
                where = "".join(f"/{part}" for part in error.instance_path)
                yield Problem(name, where, _plain(error.message))


def _plain(message: str) -> str:
    for language, name in (("nb", "bokmål"), ("nn", "nynorsk"), ("en", "English")):
        message = message.replace(
            f'"{language}" is a required property', f'the text in {name} ("{language}") is missing'
        )
    return message[:300]


def _form_problems(files: Mapping[str, str]) -> Iterator[Problem]:
    schema, ui = parsed(files, "form.schema.json"), parsed(files, "form.ui.json")
    for found in lint(schema, ui):
        part, _, where = found.where.partition(":")
        yield Problem("form.ui.json" if part == "ui" else "form.schema.json", where, found.message)
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        yield Problem("form.schema.json", "", 'the form is an object with "additionalProperties": false')
    if ui.get("type") != "Categorization":
        yield Problem("form.ui.json", "", "the layout is a Categorization: one Category for each page")
    shown = set(_controls(ui))
    for name in schema.get("properties", {}):
        if name not in shown:
            yield Problem("form.ui.json", "", f"the field {name} is on no page")
    yield from _source_problems(schema)


def _record_form_problems(files: Mapping[str, str]) -> Iterator[Problem]:
    raw = parsed(files, records.FILE) if records.FILE in files else {"kinds": ()}
    yield from (Problem(*each) for each in record_checks.forms_broken(files, raw, parsed))


def _controls(element: Mapping[str, Any]) -> Iterator[str]:
    """The names of the fields that the layout shows (the rows of a group have their own layout, inside its options)."""
    if element.get("type") == "Control":
        yield str(element.get("scope", "")).removeprefix("#/properties/").split("/")[0]
    for child in element.get("elements", ()):
        yield from _controls(child)


def _source_problems(value: Any, where: str = "") -> Iterator[Problem]:
    if isinstance(value, list):
        value = dict(enumerate(value))
    if not isinstance(value, Mapping):
        return
    for key, each in value.items():
        if key == "x-source" and each not in _SOURCES:
            yield Problem("form.schema.json", f"{where}/{key}", f"{each} is not a register that we know")
        yield from _source_problems(each, f"{where}/{key}")


def _routine_problems(package: ServicePackage) -> Iterator[Problem]:
    file = "routine.yaml"
    bases = {each.id for each in package.legal_basis}
    outcomes = {each.id for each in package.outcomes}
    for kind, ids in (
        ("outcome", [each.id for each in package.outcomes]),
        ("result", [each.id for each in package.results]),
        ("state", [each.id for each in package.states]),
        ("phase", [each.id for each in package.phases]),
        ("step", [*(s.id for s in package.steps), *(step.id for each in package.phases for step in each.steps)]),
        ("value", [each.id for each in package.values]),
        ("party", [APPLICANT, *(each.id for each in package.parties)]),
        ("consent", [each.id for each in package.consents]),
        ("kind of note", [*COMMON, *(each.id for each in package.note_kinds)]),
    ):
        yield from (
            Problem(file, "", f"the {kind} {each} is there twice") for each in {i for i in ids if ids.count(i) > 1}
        )
    for outcome in package.outcomes:
        where = f"/outcomes/{outcome.id}"
        if outcome.is_individual_decision and not outcome.legal_basis:
            yield Problem(file, where, "an individual decision needs its legal basis")
        if outcome.is_individual_decision and not outcome.appeal.allowed and not outcome.appeal.legal_basis:
            yield Problem(
                file, where, "an individual decision needs its notice of appeal, or the law that shuts appeal out"
            )
        if outcome.hand_over_to and outcome.kind != "hand-over":
            yield Problem(file, where, "only an outcome of the kind hand-over has hand_over_to")
        if outcome.hand_over_to and outcome.hand_over_to not in {*RECEIVERS, MUNICIPALITY}:
            yield Problem(file, where, f"{outcome.hand_over_to} is not a receiver that we know")
        named = [each for each in package.values if each.is_municipality and outcome.id in each.outcomes]
        if (len(named) == 1 and outcome.closes) is not (outcome.hand_over_to == MUNICIPALITY) or len(named) > 1:
            yield Problem(
                file, where, "hand_over_to municipality closes the case, and has one value of the type municipality"
            )
        for basis in {*outcome.legal_basis, *outcome.appeal.legal_basis} - bases:
            yield Problem(file, where, f"service.yaml has no legal basis {basis}")
    for value in package.values:
        for outcome_id in set(value.outcomes) - outcomes:
            yield Problem(file, f"/values/{value.id}", f"there is no outcome {outcome_id}")
        if (value.source == "list") is not (value.id in package.lists):
            yield Problem(
                file, f"/values/{value.id}", "a value with the source list has its lines under lists, and no other"
            )
    for each in package.compares:
        for name in filter(None, (each.field, each.number)):
            if name not in package.form_schema["properties"]:
                yield Problem(file, "/compares", f"there is no field {name}")
        if each.source not in _SOURCES:
            yield Problem(file, "/compares", f"{each.source} is not a register that we know")
    if package.decides_by_itself and not any("auto" in each.chosen_by for each in package.outcomes):
        yield Problem(file, "/decides_by_itself", "no outcome may be chosen by auto")
    yield from _party_problems(package)
    for where, message in consent_problems(
        package, lambda each: _expression_problems(each, _PARTY_CONTEXT), _measure_problems
    ):
        yield Problem(file, where, message)
    yield from _result_problems(package)
    yield from (Problem(file, where, message) for where, message in phase_problems(package))
    yield from _sender_problems(package)
    yield from _contact_problems(package)
    for step in (each for each in package.steps if each.when is not None):
        for problem in _when_problems(package, step.when or "", {"form"}):
            yield Problem("routine.yaml", f"/steps/{step.id}/when", problem)
    yield from _decision_problems(package, outcomes)


def _party_problems(package: ServicePackage) -> Iterator[Problem]:
    """What makes a party must be in the form, and whom a letter goes to must be a party."""
    file, known = "routine.yaml", {APPLICANT, *(each.id for each in package.parties)}
    for party in package.parties:
        where, properties = f"/parties/{party.id}", package.form_schema["properties"]
        if party.each is not None:
            rows = properties.get(party.each, {})
            if rows.get("type") != "array":
                yield Problem(file, where, f"there is no repeating group {party.each}")
            properties = rows.get("items", {}).get("properties", {})
        for name in filter(None, (party.name, party.number)):
            if name not in properties:
                yield Problem(file, where, f"there is no field {name}")
        for expression in (party.when, party.is_party, party.applicant_when):
            yield from (Problem(file, where, each) for each in _expression_problems(expression, _PARTY_CONTEXT))
    for outcome in package.outcomes:
        for name in sorted(set(outcome.to) - known):
            yield Problem(file, f"/outcomes/{outcome.id}", f"there is no party {name}")


def _expression_problems(expression: str, known: set[str]) -> Iterator[str]:
    try:
        expressions.check(expression)
    except expressions.RefusedExpression as error:
        yield str(error)
        return
    for name in sorted(expressions.names(expression) - known):
        yield f"{name} is read, but nothing gives it a value"


def _result_problems(package: ServicePackage) -> Iterator[Problem]:
    """Whoever the tables say the sender is, each result must have an answer for them, and one that staff may give."""
    staff = {each.id for each in package.outcomes if "staff" in each.chosen_by}
    told_as = _column_values(package.decision, "told_as").union(*(each.answers for each in package.results))
    if package.results and package.decides_by_itself:
        yield Problem("routine.yaml", "/decides_by_itself", "a result is chosen by a person, so nothing decides itself")
    if package.results and not _makes_told_as(package):
        yield Problem("decision.json", "", "told_as is missing: the tables say who is told, for the results")
    for result in package.results:
        where = f"/results/{result.id}"
        for missing in sorted(told_as - set(result.answers)):
            yield Problem("routine.yaml", where, f"there is no answer for {missing}")
        for outcome in sorted(set(result.answers.values()) - staff):
            yield Problem("routine.yaml", where, f"there is no outcome {outcome} that staff may choose")


def _sender_problems(package: ServicePackage) -> Iterator[Problem]:
    """What the sender is not told must not be told by something else."""
    file, sender = "routine.yaml", package.sender
    if not sender.shows_all and sender.may_withdraw:
        yield Problem(file, "/sender", "may_withdraw must be false: what can be withdrawn tells that it goes on")
    if not sender.shows_all and sender.due:
        yield Problem(file, "/sender", "due must be false: by when something comes tells that it goes on")
    if sender.when is not None:
        yield from (Problem(file, "/sender/when", each) for each in _when_problems(package, sender.when, {"form"}))
    yield from _promise_problems(package)
    for outcome in package.outcomes:
        if outcome.told_when is None:
            continue
        where = f"/outcomes/{outcome.id}/told_when"
        if sender.shows_all:
            yield Problem(file, where, "the sender must have state: answered-or-not, or the state tells them")
        if outcome.is_individual_decision and APPLICANT in outcome.to:
            yield Problem(file, where, "an individual decision is always told to whom it is for")
        if "auto" in outcome.chosen_by:
            yield Problem(file, where, "what decides itself is always told")
        yield from (Problem(file, where, each) for each in _when_problems(package, outcome.told_when, {"form"}))


def _promise_problems(package: ServicePackage) -> Iterator[Problem]:
    """What the sender is promised is one of the deadlines that begin when the case comes, and that they may be told of."""
    file, where, promise = "routine.yaml", "/sender/due", package.sender.promise
    if promise is None:
        return
    if package.sender.shows_all:
        yield Problem(
            file, where, "the sender must have state: answered-or-not: others are shown the deadlines themselves"
        )
    promised = next((each for each in package.deadlines if each.id == promise.deadline), None)
    if promised is None or promised.starts != "received" or not promised.shown_to_sender:
        yield Problem(file, where, f"there is no deadline {promise.deadline} from received that is shown to the sender")
    yield from (Problem(file, where, each) for each in _when_problems(package, promise.when, {"form"}))


def _contact_problems(package: ServicePackage) -> Iterator[Problem]:
    contact = package.contact
    if contact is None:
        return
    field = package.form_schema.get("properties", {}).get(contact.field, {})
    if field.get("type") != "string":
        yield Problem("routine.yaml", "/contact", f"the form has no text field {contact.field}")
    if contact.when is not None:
        problems = _when_problems(package, contact.when, {"form"})
        yield from (Problem("routine.yaml", "/contact", each) for each in problems)


def _makes_told_as(package: ServicePackage) -> bool:
    return "told_as" in _names_made(package.decision)


def _decision_problems(package: ServicePackage, outcomes: set[str]) -> Iterator[Problem]:
    """What the tables may answer must be known to the routine, with its words."""
    decision = package.decision
    for missing in tables.reason_ids(decision) - set(package.reasons):
        yield Problem("decision.json", "", f"the reason {missing} has no text in routine.yaml")
    for column, known in (
        ("outcome", outcomes),
        ("uncertain", set(package.uncertain)),
        ("missing", set(package.missing)),
        ("unit", set(UNIT_KINDS)),
    ):
        for value in _column_values(decision, column) - known:
            yield Problem("decision.json", "", f"{value!r} in the column {column} is not known")
    for name in _names_read(decision) - _CONTEXT - _names_made(decision):
        yield Problem("decision.json", "", f"{name} is read, but nothing gives it a value")
    for key, rows in package.lists.items():
        for row in rows:
            try:
                expressions.check(row.when or "true")
            except expressions.RefusedExpression as error:
                yield Problem("routine.yaml", f"/lists/{key}", str(error))
    if package.dated_on is not None:
        try:
            expressions.check(package.dated_on)
        except expressions.RefusedExpression as error:
            yield Problem("service.yaml", "/dated_on", str(error))


def _column_values(decision: Mapping[str, Any], column: str) -> set[str]:
    found = set()
    for node in decision["nodes"]:
        if node["type"] != "decisionTableNode":
            continue
        for output in node["content"]["outputs"]:
            if output["field"] == column:
                for rule in node["content"]["rules"]:
                    found |= set(re.findall(r"^['\"]([^'\"]+)['\"]$", rule.get(output["id"]) or ""))
    return found


def _names_read(decision: Mapping[str, Any]) -> set[str]:
    """The outermost names that expressions at the top level read (rows of loops have their own names)."""
    found: set[str] = set()
    for node in decision["nodes"]:
        content = node.get("content") or {}
        if content.get("executionMode") == "loop":
            if content.get("inputField"):
                found |= expressions.names(content["inputField"])
        elif node["type"] == "decisionTableNode":
            for column in content["inputs"]:
                if column.get("field"):
                    found |= expressions.names(column["field"])
        elif node["type"] == "expressionNode":
            for each in content["expressions"]:
                found |= expressions.names(re.sub(r"\bas\s+\w+|\$\.", "", each["value"])) - _aliases(each["value"])
                found -= {"item"}
    return found


def _aliases(expression: str) -> set[str]:
    return set(re.findall(r"\bas\s+(\w+)", expression))


def _names_made(decision: Mapping[str, Any]) -> set[str]:
    """What nodes add to the context; in an expression node, `$.name` also reads what the node has made so far."""
    made: set[str] = set()
    for node in decision["nodes"]:
        content = node.get("content") or {}
        if path := content.get("outputPath"):
            made.add(path.split(".")[0])
        elif node["type"] == "decisionTableNode":
            made |= {column["field"].split(".")[0] for column in content["outputs"]}
        made |= {each["key"].split(".")[0] for each in content.get("expressions", ())}
    return made


def _value_problems(package: ServicePackage) -> Iterator[Problem]:
    file = "service.yaml"
    dated = {each.id for each in package.dated}
    for setting in package.adjustable:
        for bound in (setting.default, setting.least, setting.most):
            if isinstance(bound, str) and bound.startswith("dated:") and bound.removeprefix("dated:") not in dated:
                yield Problem(file, f"/adjustable/{setting.id}", f"there is no value {bound}")
        if setting.type == "choice" and setting.default not in setting.choices:
            yield Problem(file, f"/adjustable/{setting.id}", "the default must be one of the choices")
    for value in package.dated:
        rows = sorted(value.rows, key=lambda row: row.starts)
        for before, after in pairwise(rows):
            if before.starts == after.starts or (before.ends and before.ends + timedelta(1) != after.starts):
                yield Problem(file, f"/dated/{value.id}", f"the rows must follow each other ({after.starts})")
        yield from _unconfirmed(f"/dated/{value.id}", (f"{row.starts}" for row in rows if not row.confirmed))
    charts = (kind.id for kind in package.records if not kind.is_confirmed)
    yield from _unconfirmed("/kinds", charts, "records.yaml")
    yield from _unconfirmed("/legal_basis", (each.id for each in package.legal_basis if not each.confirmed))
    if not package.retention.confirmed:
        yield Problem(file, "/retention", "not confirmed in its source", "warning")


def _deadline_problems(package: ServicePackage) -> Iterator[Problem]:
    for deadline in package.deadlines:
        where = f"/deadlines/{deadline.id}"
        yield from (Problem("service.yaml", where, each) for each in _one_deadline(package, deadline))
    ids = [each.id for each in package.deadlines]
    yield from (
        Problem("service.yaml", "/deadlines", f"the deadline {each} is there twice")
        for each in sorted({each for each in ids if ids.count(each) > 1})
    )


def _one_deadline(package: ServicePackage, deadline: Deadline) -> Iterator[str]:
    others = {each.id: each for each in package.deadlines}
    if deadline.legal_basis and deadline.legal_basis not in {each.id for each in package.legal_basis}:
        yield f"there is no legal basis {deadline.legal_basis}"
    if deadline.after and deadline.after not in others:
        yield f"there is no deadline {deadline.after}"
    elif deadline.id in _before(deadline, others):
        yield "it comes after itself"
    if deadline.after and deadline.after in others and others[deadline.after].repeats:
        yield f"{deadline.after} repeats, so nothing comes after it"
    if deadline.repeats and deadline.extend:
        yield "what repeats is not extended: the next turn comes anyway"
    is_dated_by_record = deadline.starts.startswith("record.")
    if deadline.starts != "received" and not is_dated_by_record and not deadline.after and not deadline.met_by:
        yield "met_by is missing: say what meets it"
    if deadline.phase and package.phase(deadline.phase) is None:
        yield f"there is no phase {deadline.phase}"
    if deadline.measured_by:
        yield from _measure_problems(package, deadline.measured_by)
    for word in filter(None, (deadline.starts, deadline.until, *deadline.met_by)):
        yield from _word_problems(package, word)
    if deadline.when is not None:
        yield from _when_problems(package, deadline.when, _DEADLINE_CONTEXT)


def _before(deadline: Deadline, others: Mapping[str, Deadline]) -> set[str]:
    """The deadlines that come before this one, as far as the chain goes."""
    found: set[str] = set()
    while deadline.after and deadline.after not in found and deadline.after in others:
        found.add(deadline.after)
        deadline = others[deadline.after]
    return found


def _measure_problems(package: ServicePackage, name: str) -> Iterator[str]:
    types = {each.id: each.type for each in package.dated} | {each.id: each.type for each in package.adjustable}
    if types.get(name) != "integer":
        yield f"there is no dated or adjustable value {name} that is an integer"
    if not name.endswith(tuple(UNITS)):
        yield f"the name {name} must end in {', '.join(UNITS)}: it says what the number is in"


def _word_problems(package: ServicePackage, word: str) -> Iterator[str]:
    """What a deadline starts with, is met by or lasts until must be something of the routine."""
    kind, _, name = word.partition(":")
    if kind == "step" and name not in package.all_steps:
        yield f"there is no step {name}"
    if kind in ("phase", "opened") and package.phase(name) is None:
        yield f"there is no phase {name}"
    known = {each.id for each in package.results} or {each.id for each in package.outcomes}  # an outcome is its own
    if kind == "result" and name and name not in known:
        yield f"there is no {'result' if package.results else 'outcome'} {name}"
    if kind == "record" and name not in {each.id for each in package.records}:
        yield f"records.yaml has no kind {name}"
    if word.startswith("record.") and word not in _record_dates(package):
        yield f"there is no {word}: records.yaml says under dates which fields a kind has"
    if word.startswith("value.") and word.removeprefix("value.") not in {each.id for each in package.values}:
        yield f"there is no {word}"


def _record_dates(package: ServicePackage) -> set[str]:
    """The dates of records that a deadline may name."""
    named = (("starts", "starts"), ("ends", "ends"), ("due", "due_on"))
    return {f"record.{k.id}.{word}" for k in package.records for role, word in named if getattr(k.dates, role)}


def _when_problems(package: ServicePackage, when: str, context: set[str]) -> Iterator[str]:
    """A condition may read these names, and what the tables make."""
    try:
        expressions.check(when)
    except expressions.RefusedExpression as error:
        yield str(error)
        return
    for name in sorted(expressions.names(when) - context - _names_made(package.decision)):
        yield f"{name} is read, but nothing gives it a value"


def _unconfirmed(where: str, names: Iterator[str], file: str = "service.yaml") -> Iterator[Problem]:
    if found := ", ".join(names):
        yield Problem(file, where, f"not confirmed in its source: {found}", "warning")


def _text_problems(package: ServicePackage) -> Iterator[Problem]:
    """Texts of reasons and lists may name values, rows and answers; nothing else stands between braces."""
    values = {each.id for each in package.values}
    answers = set(package.form_schema.get("properties", {}))
    for where, text, rows in _filled_texts(package):
        for language in LANGUAGES:
            for kind, name in FIELD.findall(text[language]):
                known = {"value": values | _letter_keys(package), "form": answers}.get(kind)
                if kind == "item" and not rows:
                    yield Problem("routine.yaml", where, f"item.{name} needs each")
                elif kind != "item" and (known is None or name not in known):
                    yield Problem("routine.yaml", where, f"there is no {kind}.{name}")
            if re.search(r"\{\{|\}\}|\{%", FIELD.sub("", text[language])):
                yield Problem("routine.yaml", where, "braces that are not a named field")


def _filled_texts(package: ServicePackage) -> Iterator[tuple[str, Any, bool]]:
    for reason in package.reasons.values():
        yield f"/reasons/{reason.id}", reason.text, bool(reason.each)
    for key, rows in package.lists.items():
        for row in rows:
            yield f"/lists/{key}", row.text, bool(row.each)


def _letter_keys(package: ServicePackage) -> set[str]:
    """The names under `letter` that the tables make: reasons may name them without their being shown in letters."""
    return {
        each["key"].removeprefix("letter.")
        for node in package.decision["nodes"]
        for each in (node.get("content") or {}).get("expressions", ())
        if each["key"].startswith("letter.")
    }


def _letter_problems(package: ServicePackage) -> Iterator[Problem]:
    receivers = {each.id: each.to for each in package.outcomes}
    for name in (each for each in package.files if each.startswith("letters/")):
        outcome_id, *party = name.removeprefix("letters/").split(".")[:-2]
        if outcome_id not in receivers:
            yield Problem(name, "", "there is no such outcome in routine.yaml")
        elif not set(party) <= set(receivers[outcome_id]):
            yield Problem(name, "", f"the outcome {outcome_id} does not go to {party[0]}")
    for outcome in package.outcomes:
        own = {each for each in outcome.to if f"letters/{outcome.id}.{each}.nb.md" in package.files}
        for language in LANGUAGES:
            for part in ("", *sorted(f".{each}" for each in own)):
                name = f"letters/{outcome.id}{part}.{language}.md"
                if name in package.files:
                    found = _one_letter(package, outcome.id, package.files[name], is_own=bool(part))
                    yield from (Problem(name, "", each) for each in found)
                else:
                    yield Problem(name, "", "the letter is missing")
        if outcome.id not in decided_in_own_cases(package):
            yield from _addressing_problems(package, outcome.id, set(outcome.to) - own)


def _addressing_problems(package: ServicePackage, outcome: str, to: set[str]) -> Iterator[Problem]:
    """A letter that several get calls each of them by their own name. In a case of their own, `applicant.name` is whom it is
    about, whoever the letter is for.
    """
    for language in LANGUAGES if to - {APPLICANT} else ():
        name = f"letters/{outcome}.{language}.md"
        if "applicant.name" in re.findall(r"\{\{\s*(.*?)\s*\}\}", package.files.get(name, "")):
            others = ", ".join(sorted(to - {APPLICANT}))
            yield Problem(
                name, "", f"{others} get this letter too: write party.name, who it is for, not applicant.name"
            )


def _one_letter(package: ServicePackage, outcome: str, template: str, *, is_own: bool) -> Iterator[str]:
    """is_own: it is a party's own, who has a name."""
    found = re.findall(r"\{\{(.*?)\}\}", template, re.DOTALL)
    fields = {each.strip() for each in found}
    own = {f"value.{each.id}" for each in package.values if not each.outcomes or outcome in each.outcomes}
    own |= {f"{record_tables.FIELD}{kind.id}" for kind in package.records if kind.in_letters}
    for each in sorted(fields - LETTER_FIELDS - own):
        yield f"there is no field {each} for this letter"
    for line in template.splitlines():
        if record_tables.FIELD in line and not re.fullmatch(r"\{\{\s*[\w.]+\s*\}\}", line.strip()):
            yield f"a table stands alone in its paragraph: {line.strip()[:80]}"
    for problem in check_letter_template(template, fields):
        yield f"line {problem.line}: {problem.message}"
    if re.search(r"\{%|\{#", template):
        yield "a letter has named fields only, never code"
    if not template.lstrip().startswith("# "):
        yield "a letter begins with its title (# …)"
    is_to_whom_it_is_about = outcome in decided_in_own_cases(package)  # who has the name that the form gives
    if package.access.login == "optional" and not is_to_whom_it_is_about:
        for each in ("applicant.name", *(() if is_own else ("party.name",))):
            if each in fields:
                yield f"somebody without login has no name: leave {each} out"
    kind = package.outcome(outcome)
    wanted = [*_DECISION_LETTER] if kind.is_individual_decision else []
    if kind.is_individual_decision and kind.appeal.allowed:
        wanted += _APPEAL_LETTER
    for each in wanted:
        if each not in fields:
            yield f"a letter about an individual decision must have {{{{ {each} }}}}"
    for value in package.entered_values(outcome):
        if value.required and not value.is_municipality and f"value.{value.id}" not in fields:
            yield f"the letter does not show value.{value.id}, which the caseworker has to write"


def _example_problems(package: ServicePackage) -> Iterator[Problem]:
    covered = set()
    for file in package.example_files:
        example = parsed(package.files, file)
        try:
            date.fromisoformat(example["on"])
            result = run_example(package, file)
        except Exception as error:  # An example is data from outside: whatever it does is said, never raised.
            yield Problem(file, "", f"the example could not be run: {type(error).__name__} {error}"[:300])
            continue
        decided = (example.get("decided") or {}).get("outcome")
        covered |= {decided or (result.decision.outcome if result.decision else None)}
        yield from (Problem(file, "", each) for each in result.failures)
    for outcome in package.outcomes:
        if outcome.id not in covered:
            yield Problem("examples", "", f"no example has the outcome {outcome.id}")
