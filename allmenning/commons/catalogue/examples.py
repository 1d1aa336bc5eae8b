"""Examples: a situation, and the outcome, letter and access that must follow. They are the service's own tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from allmenning.basics.norwegian import LANGUAGES
from allmenning.commons.catalogue import consents, record_tables
from allmenning.commons.catalogue.content import APPLICANT, Grant, ServicePackage
from allmenning.commons.catalogue.deadlines import Counted, Dated, Happened, Key, count, deadline_context, noon
from allmenning.commons.catalogue.deciding import Decision, decide, duration_after
from allmenning.commons.catalogue.phases import RECEIVED, followed
from allmenning.commons.catalogue.reading import parsed
from allmenning.commons.catalogue.records import counts, is_needed
from allmenning.letters import FieldTable
from allmenning.rules.forms import Form

LETTER_FIELD = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_.]*)\s*\}\}")


@dataclass(frozen=True)
class ExampleResult:
    """How one example went. `failures` are sentences; none means that it passed."""

    file: str
    name: str
    failures: tuple[str, ...]
    decision: Decision | None = None

    @property
    def passed(self) -> bool:
        return not self.failures


def run_examples(package: ServicePackage) -> list[ExampleResult]:
    """Run every example in the folder."""
    return [run_example(package, file) for file in package.example_files]


def run_example(package: ServicePackage, file: str) -> ExampleResult:
    """Run one example, by its path in the folder."""
    example = parsed(package.files, file)
    expect = example["expect"]
    invalid = form_errors(package, example["form"])
    if "errors" in expect:
        failures = _differs("errors", invalid, sorted(expect["errors"]))
        return ExampleResult(file, example["name"], tuple(failures))
    if invalid:
        return ExampleResult(file, example["name"], (f"the form is not valid: {', '.join(invalid)}",))
    decision = _decide(package, example)
    failures = [
        *_decision_failures(decision, expect),
        *_letter_failures(package, decision, example),
        *_access_failures(package, decision, expect),
        *_sender_failures(package, decision, example),
        *_deadline_failures(package, decision, example),
        *_phase_failures(package, example),
        *_record_failures(package, example),
        *_written_failures(package, example),
        *_consent_failures(package, example),
    ]
    return ExampleResult(file, example["name"], tuple(failures), decision)


def form_errors(package: ServicePackage, data: Mapping[str, Any]) -> list[str]:
    """Where the form would say that something is missing or wrong, by JSON Pointer, once for each place.

    An answer to a question that the form does not show, or does not have, is an error in an example too.
    """
    form = Form(dict(package.form_schema), dict(package.form_ui))
    found = {error.pointer for error in form.errors(dict(data), "en")}
    return sorted(found | set(_unseen(dict(data), form.visible(dict(data)))))


def _unseen(data: Any, visible: Any, where: str = "") -> Iterator[str]:
    """What an example answers and the form, with these answers, does not ask."""
    if isinstance(data, Mapping) and isinstance(visible, Mapping):
        for name, value in data.items():
            if name not in visible:
                yield f"{where}/{name}"
            else:
                yield from _unseen(value, visible[name], f"{where}/{name}")
    elif isinstance(data, list) and isinstance(visible, list):
        for row, (value, seen) in enumerate(zip(data, visible, strict=False)):
            yield from _unseen(value, seen, f"{where}/{row}")


def example_letter(package: ServicePackage, decision: Decision, example: Mapping[str, Any], language: str) -> str:
    """The letter of an example as plain text, with the case, people and dates of an example."""
    outcome = _outcome_of(decision, example)
    fields = example_fields(package, decision, outcome, language, date.fromisoformat(example["on"]))
    for name, value in (example.get("decided") or {}).get("values", {}).items():
        fields[f"value.{name}"] = value
    for position, reason in enumerate((example.get("decided") or {}).get("reasons", ())):
        fields["decision.reasons"] = [*(fields["decision.reasons"] if position else ()), reason]
    party = (example.get("decided") or {}).get("to", APPLICANT)
    template, given = package.letter_template(outcome, language, party), example.get("records", {})
    for kind in record_tables.shown_in(package.records, set(LETTER_FIELD.findall(template))):
        told = record_tables.value_of(kind, given.get(kind.id, ()), language)
        fields[f"{record_tables.FIELD}{kind.id}"] = _as_text(told)
    return LETTER_FIELD.sub(lambda match: _shown(fields.get(match[1], "")), template)


def example_fields(
    package: ServicePackage, decision: Decision, outcome: str, language: str, on: date
) -> dict[str, str | list[str]]:
    """Every field a letter may use, filled in for an example (synthetic names)."""
    kind = package.outcome(outcome)
    appeal = kind.appeal
    deadline = duration_after(f"P{appeal.weeks}W", on).isoformat() if appeal.weeks else ""
    return {
        "applicant.name": "Kari Prøve",
        "party.name": "Kari Prøve",
        "case.number": "2026/1",
        "case.title": package.title[language],
        "decision.date": on.isoformat(),
        "decision.reasons": decision.reason_texts(language),
        "decision.outcome": kind.title[language],
        "decision.legal_basis": package.citations(outcome, language),
        "municipality.name": "Averøy",
        "unit.name": decision.unit or "",
        "caseworker.name": "Ola Eksempel",
        "appeal.deadline": deadline,
        "appeal.body": appeal.body[language] if appeal.body else "",
        **{f"value.{name}": value for name, value in decision.values(language).items()},
    }


def _as_text(value: FieldTable | str) -> str:
    return value if isinstance(value, str) else "\n".join(" | ".join(row) for row in (value.header, *value.rows))


def _shown(value: str | list[str]) -> str:
    return "\n".join(f"- {each}" for each in value) if isinstance(value, list) else str(value)


def _decide(package: ServicePackage, example: Mapping[str, Any]) -> Decision:
    return decide(
        package,
        example["form"],
        on=date.fromisoformat(example["on"]),
        confirmed=example.get("confirmed", ()),
        contradicted=example.get("contradicted", ()),
        adjusted=example.get("adjusted"),
        decided=example.get("decided_before", ()),
    )


def _outcome_of(decision: Decision, example: Mapping[str, Any]) -> str:
    """The outcome that the letter is about: what a person decided in the example, else what the tables did."""
    return str((example.get("decided") or {}).get("outcome") or decision.outcome)


def _decision_failures(decision: Decision, expect: Mapping[str, Any]) -> Iterator[str]:
    for name in ("outcome", "automatic", "unit"):
        if name in expect:
            yield from _differs(name, getattr(decision, name), expect[name])
    for name in ("uncertain", "missing"):
        if name in expect:
            yield from _differs(name, sorted(getattr(decision, name)), sorted(expect[name]))
    if "reasons" in expect:
        yield from _differs("reasons", [reason for reason, _ in decision.reasons], expect["reasons"])
    if "result" in expect:
        yield from _result_failures("result", decision.result, expect["result"])


def _result_failures(where: str, found: Any, expected: Any) -> Iterator[str]:
    """Everything named in the expectation must be as it says; what it does not name is not looked at."""
    if isinstance(expected, Mapping):
        for key, each in expected.items():
            yield from _result_failures(f"{where}.{key}", (found or {}).get(key), each)
    elif isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        for row, (each, wanted) in enumerate(zip(found, expected, strict=True)):
            yield from _result_failures(f"{where}[{row}]", each, wanted)
    else:
        yield from _differs(where, found, expected)


def _letter_failures(package: ServicePackage, decision: Decision, example: Mapping[str, Any]) -> Iterator[str]:
    for language, wanted in example["expect"].get("letter", {}).items():
        # Amounts are written with spaces that do not break; who writes an example types ordinary ones.
        letter = example_letter(package, decision, example, language).replace("\u00a0", " ")
        yield from (f"the {language} letter lacks {text!r}" for text in wanted.get("has", ()) if text not in letter)
        yield from (f"the {language} letter has {text!r}" for text in wanted.get("lacks", ()) if text in letter)
    if _outcome_of(decision, example) != "None":
        for language in LANGUAGES:
            example_letter(package, decision, example, language)


def _record_failures(package: ServicePackage, example: Mapping[str, Any]) -> Iterator[str]:
    """What an example says is kept in the case must be what the form of that kind takes."""
    kinds = {kind.id: kind for kind in package.records}
    for name, rows in example.get("records", {}).items():
        if name not in kinds:
            yield f"records.yaml has no kind {name}"
            continue
        form = Form(dict(kinds[name].schema), dict(kinds[name].ui))
        for row in rows:
            yield from (f"records/{name}{error.pointer}: {error.message}" for error in form.errors(row, "en"))


def _written_failures(package: ServicePackage, example: Mapping[str, Any]) -> Iterator[str]:
    """What must be written before an outcome is decided, and is not, of what the example says is kept."""
    kept = example.get("records", {})
    for outcome, wanted in example["expect"].get("unwritten", {}).items():
        needed = [
            kind for kind in package.records if outcome in kind.required_before and is_needed(kind, example["form"])
        ]
        lacks = [kind.id for kind in needed if not any(counts(kind, row) for row in kept.get(kind.id, ()))]
        yield from _differs(f"unwritten before {outcome}", lacks, wanted)


def _consent_failures(package: ServicePackage, example: Mapping[str, Any]) -> Iterator[str]:
    """Which consents the answers give, by whom and to whom; and what is then lacking before a step or an outcome, that day."""
    expect, form, on = example["expect"], example["form"], date.fromisoformat(example["on"])
    given = consents.given(package, form, on)
    if "consents" in expect:
        found: dict[str, list[str]] = {}
        for each in given:
            said = f"{each.role}{f' to {each.lets.name}' if each.lets else ''}"
            found.setdefault(each.kind.id, []).append(said)
        yield from _differs("consents", found, expect["consents"])
    for before, wanted in expect.get("lacking", {}).items():
        in_force: dict[str, int] = {}
        for each in given:
            last = consents.last_day(package, each.kind, each.on, example.get("adjusted") or {})
            in_force[each.kind.id] = in_force.get(each.kind.id, 0) + (last is None or on <= last)
        lacks = [each.kind.id for each in consents.lacking(package, form, on, in_force, before)]
        yield from _differs(f"lacking before {before}", lacks, wanted)


def _access_failures(package: ServicePackage, decision: Decision, expect: Mapping[str, Any]) -> Iterator[str]:
    for entry in expect.get("access", ()):
        actor = Grant(entry["who"], entry.get("role"), entry.get("unit"))
        for action in entry.get("may", ()):
            if not package.access.may(action, actor, handling_unit=decision.unit):
                yield f"{actor} should be allowed to {action}"
        for action in entry.get("may_not", ()):
            if package.access.may(action, actor, handling_unit=decision.unit):
                yield f"{actor} should not be allowed to {action}"


def _sender_failures(package: ServicePackage, decision: Decision, example: Mapping[str, Any]) -> Iterator[str]:
    """Whether the sender is told of the outcome, and whether anything may leave for them before it is cleared."""
    expect = example["expect"]
    if "told" in expect:
        told = decision.tells_sender(package.outcome(_outcome_of(decision, example)))
        yield from _differs("told", told, expect["told"])
    for step in (each for each in package.steps if each.id in expect.get("steps", {})):
        yield from _differs(f"the step {step.id}", decision.asks_for(step), expect["steps"][step.id])
    if "no_party" in expect:
        yield from _differs("no_party", decision.means_sender(), expect["no_party"])
    if "promised" in expect:
        yield from _differs("promised", decision.promises_sender(), expect["promised"])
    if "held" in expect:
        yield from _differs("held", decision.holds_notices(), expect["held"])


def _differs(name: str, found: Any, expected: Any) -> list[str]:
    return [] if found == expected else [f"{name} is {found!r}, not {expected!r}"]


def _deadline_failures(package: ServicePackage, decision: Decision, example: Mapping[str, Any]) -> Iterator[str]:
    """By when, after what the example says has happened. Of one that has begun more than once, the last counts."""
    expected = example["expect"].get("deadlines", {})
    if not expected:
        return
    happened, result = _happened(package, example)
    context = deadline_context(decision, date.fromisoformat(example["on"]), example.get("adjusted") or {}, result)
    counted = count(package, happened, lambda: context, example.get("adjusted") or {})
    found = {each.key.deadline: _standing(each) for each in counted}
    for name, wanted in expected.items():
        if name not in {each.id for each in package.deadlines}:
            yield f"there is no deadline {name}"
        else:
            yield from _differs(f"the deadline {name}", found.get(name, "none"), wanted)


def _phase_failures(package: ServicePackage, example: Mapping[str, Any]) -> Iterator[str]:
    """Which phases the case, with those opened from it, is in after what the example says has happened."""
    if "phases" not in example["expect"]:
        return
    going_on, _ = followed(package, _told(example))
    yield from _differs("phases", sorted(going_on), sorted(example["expect"]["phases"]))


def _told(example: Mapping[str, Any]) -> list[tuple[str]]:
    """The words of what has happened, in the order of time."""
    return [(each["event"],) for each in sorted(example.get("happened", ()), key=lambda each: each["on"])]


def _standing(counted: Counted) -> str:
    if counted.met_at is not None:
        return "met"
    return counted.due_on.isoformat() if counted.due_on else "stands-still"


def _happened(package: ServicePackage, example: Mapping[str, Any]) -> tuple[Happened, str | None]:
    """What an example says has happened, each at noon; and what was decided last."""
    said = [(each["event"], date.fromisoformat(each["on"]), each) for each in example.get("happened", ())]
    told = said if package.results else [(_as_result(event), day, each) for event, day, each in said]
    at = {word: [noon(day) for event, day, _ in told if event == word] for word, _, _ in told}
    at.update(_phase_events(package, example))
    results = [(day, word) for word, day, _ in told if word.startswith("result:")]
    answers = [*at.get("answered", ()), None]
    dates: dict[str, list[Dated]] = {}
    for word, day, each in told:
        if "is" in each:
            dates.setdefault(word, []).append(Dated(noon(day), date.fromisoformat(each["is"])))
    happened = Happened(
        received=noon(date.fromisoformat(example["on"])),
        reopened=at.get("reopened", ()),
        transferred=next(iter(at.get("transferred", ())), None),
        withdrawn=at.get("withdrawn", ()),
        waits=[(asked, answers[min(n, len(answers) - 1)]) for n, asked in enumerate(at.get("asked", ()))],
        events={**at, "result": sorted([*at.get("result", ()), *(noon(day) for day, _ in results)])},
        dates=dates,
        extended=[Key(word.removeprefix("extended:")) for word in at if word.startswith("extended:")],
        phases=followed(package, _told(example))[1],
    )
    return happened, results[-1][1].removeprefix("result:") if results else None


def _as_result(event: str) -> str:
    """Where the service does not keep it apart, an outcome is its own result."""
    return f"result:{event.removeprefix('outcome:')}" if event.startswith("outcome:") else event


def _phase_events(package: ServicePackage, example: Mapping[str, Any]) -> dict[str, list[datetime]]:
    """When phases were opened and concluded, by what the example says has happened."""
    told = sorted(example.get("happened", ()), key=lambda each: each["on"])
    events: dict[str, list[datetime]] = {}
    before, first = set[str](), [{"event": RECEIVED, "on": example["on"]}]
    for number, each in enumerate([*first, *told]):
        going_on, _ = followed(package, [(done["event"],) for done in told[:number]])
        for word in [f"opened:{new}" for new in going_on - before] + [f"phase:{over}" for over in before - going_on]:
            events.setdefault(word, []).append(noon(date.fromisoformat(each["on"])))
        before = going_on
    return events
