"""Kinds of records that a folder declares: one thing wrong, and a sentence about it."""

import json
from types import SimpleNamespace

import pytest

from allmenning.commons.catalogue.content import NoSuchRecordKind
from allmenning.commons.catalogue.package import check_files, load
from allmenning.commons.catalogue.reading import from_files, read_folder
from allmenning.commons.catalogue.records import counts
from allmenning.journeys import decision_letters
from allmenning.journeys.testing import SERVICES
from allmenning.journeys.tests.keeping import files

GOOD = files()


def errors(found):
    return " ".join(str(problem) for problem in check_files(found) if problem.level == "error")


def changed(file, old, new):
    """The folder with one text replaced; the text must be there, or the test tests nothing."""
    assert old in GOOD[file], old
    return {**GOOD, file: GOOD[file].replace(old, new, 1)}


def with_form(kind, change):
    name = f"records/{kind}.schema.json"
    schema = json.loads(GOOD[name])
    change(schema)
    return {**GOOD, name: json.dumps(schema)}


def without(kind, field):
    def change(schema):
        del schema["properties"][field]
        schema["required"] = [each for each in schema["required"] if each != field]

    return with_form(kind, change)


CASES = {
    "a letter's column that the form has not": (
        lambda: changed("records.yaml", "- {field: aim}", "- {field: nothing}"),
        "there is no field nothing",
    ),
    "a period of what has no dates": (
        lambda: changed(
            "records.yaml", "dates: {starts: starts, ends: ends, due: evaluate_on}", "dates: {due: evaluate_on}"
        ),
        "a period needs dates.starts",
    ),
    "a table within a sentence": (
        lambda: changed("letters/answered.nb.md", "{{ records.measure }}", "Her er {{ records.measure }}."),
        "a table stands alone in its paragraph",
    ),
    "a letter that shows what has no columns": (
        lambda: changed("letters/answered.nb.md", "{{ records.measure }}", "{{ records.plan }}"),
        "there is no field records.plan",
    ),
    "an end that asks what is no choice": (
        lambda: changed("records.yaml", "asks: stopped_by", "asks: aim"),
        "the state broken-off asks aim",
    ),
    "a text is missing in nynorsk": (lambda: changed("records.yaml", "nn: Tiltak, ", ""), "nynorsk"),
    "a way of showing that is not there": (lambda: changed("records.yaml", "shows: chart", "shows: pie"), "pie"),
    "a role that writes nothing": (lambda: changed("records.yaml", "[caseworker, leader]", "[archivist]"), "archivist"),
    "a kind twice": (
        lambda: changed("records.yaml", "- id: evaluation", "- id: measure"),
        "the kind measure is there twice",
    ),
    "no form": (
        lambda: {name: text for name, text in GOOD.items() if name != "records/measure.schema.json"},
        "the form of the kind is missing",
    ),
    "a form of no kind": (lambda: {**GOOD, "records/other.schema.json": "{}"}, "there is no such kind"),
    "a file that nothing reads": (lambda: {**GOOD, "records/measure.txt": "x"}, "may not hold this file"),
    "an outcome that is not there": (
        lambda: changed("records.yaml", "required_before: [answered]", "required_before: [granted]"),
        "routine.yaml has no outcome granted",
    ),
    "a law that is not there": (
        lambda: changed("records.yaml", "legal_basis: [guidance]", "legal_basis: [care]"),
        "service.yaml has no legal basis care",
    ),
    "of a kind that is not there": (lambda: changed("records.yaml", "of: measure", "of: step"), "no other kind step"),
    "of cases that nothing opens": (
        lambda: changed("records.yaml", "    many: true\n", "    many: true\n    own_case: true\n"),
        "no phase opens any",
    ),
    "a date that is not asked for": (
        lambda: changed("records.yaml", "due: evaluate_on", "due: looked_on"),
        "there is no date looked_on",
    ),
    "a week without a date": (
        lambda: changed("records.yaml", "    dates: {starts: day}\n", ""),
        "which field is starts",
    ),
    "a new one that is over": (
        lambda: changed("records.yaml", "en: Proposed}, ends: false", "en: Proposed}, ends: true"),
        "the first state is what a new one is in",
    ),
    "a payment that can not be stopped": (
        lambda: changed("records.yaml", "id: stopped", "id: halted"),
        "payments have the states planned, paid, stopped, cancelled",
    ),
    "nobody among others": (
        lambda: changed("records.yaml", "seen_by: [party, plan]", "seen_by: [party, nobody]"),
        "nobody is not among others",
    ),
    "a payment without an account": (lambda: without("payment", "account"), "must ask for account"),
    "a visit without a task": (
        lambda: with_form("weekly-plan", lambda s: s["properties"]["visits"]["items"]["properties"].pop("task")),
        "task",
    ),
    "a list without what is given meanwhile": (lambda: without("nursing-home", "meanwhile"), "must ask for meanwhile"),
    "not given, and nobody is asked why": (
        lambda: with_form("visit", lambda schema: schema.pop("then")),
        "must ask for a reason when given is not-given",
    ),
    "a score that the scale does not have": (
        lambda: with_form("functioning", lambda s: s["properties"]["memory"].update(enum=[1, 2])),
        "memory is a field whose answers",
    ),
    "a file in a record": (
        lambda: with_form("measure", lambda s: s["properties"]["what"].update({"x-format": "file"})),
        "a record has no files",
    ),
    "from a register": (
        lambda: with_form("measure", lambda s: s["properties"]["what"].update({"x-source": "folkeregister:navn"})),
        "never from a register",
    ),
    "two pages": (
        lambda: {
            **GOOD,
            "records/plan.ui.json": json.dumps(
                {
                    "type": "Categorization",
                    "elements": [
                        {
                            "type": "Category",
                            "x-label": {"nb": "En", "nn": "Ein", "en": page},
                            "elements": [
                                {"type": "Control", "scope": f"#/properties/{name}"}
                                for name in json.loads(GOOD["records/plan.schema.json"])["properties"]
                            ],
                        }
                        for page in ("One", "Two")
                    ],
                }
            ),
        },
        "is one page",
    ),
}


def test_the_folder_of_every_kind_may_be_published():
    assert errors(GOOD) == ""


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_said(name):
    make, said = CASES[name]
    assert said in errors(make())


def test_a_folder_without_the_file_keeps_nothing():
    assert load(SERVICES / "inquiry").records == ()
    assert "records.yaml" not in read_folder(SERVICES / "inquiry")


def test_a_form_without_a_layout_is_one_page_in_the_schemas_order():
    measure = from_files(GOOD).record_kind("measure")
    (page,) = measure.ui["elements"]
    assert [each["scope"].rpartition("/")[2] for each in page["elements"]] == list(measure.schema["properties"])
    assert [each["scope"].rpartition("/")[2] for each in page["elements"] if each.get("options")] == ["aim"]


def test_who_sees_it_beside_staff():
    package = from_files(GOOD)
    seen = {kind.id: (kind.is_seen_by_party, kind.seen_by) for kind in package.records}
    assert seen["plan"] == (False, ())
    assert seen["measure"] == (True, ("party",))
    assert seen["weekly-plan"] == (True, ("party", "plan"))


def test_a_kind_that_is_not_there_is_said():
    with pytest.raises(NoSuchRecordKind):
        from_files(GOOD).record_kind("nothing")


def test_an_assessment_that_is_being_written_or_outdated_is_not_enough_to_decide_on():
    kind = load(SERVICES / "educational-psychology-referral").record_kind("assessment")
    assert kind is not None
    assert {state.id: counts(kind, {}, state.id) for state in kind.states} == {
        "draft": False,
        "finished": True,
        "outdated": False,
    }


@pytest.mark.parametrize(("status", "lacks"), [("draft", ["RecordNotEnough"]), ("finished", [])])
def test_nothing_is_decided_on_what_is_still_being_written(status, lacks):
    kind = load(SERVICES / "educational-psychology-referral").record_kind("assessment")
    kept = SimpleNamespace(row=SimpleNamespace(kind="assessment", status=status), answers={})
    assert [each.code for each in decision_letters.records_missing([kind], [kept], {})] == lacks
