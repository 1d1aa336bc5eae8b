"""How a case moves through the phases of its service, and what a folder may say of them."""

import json

import pytest

from allmenning.commons.catalogue.content import ForEach
from allmenning.commons.catalogue.phases import (
    decided_in_own_cases,
    first,
    followed,
    may_be_decided,
    moves,
    what_comes_next,
)
from allmenning.commons.catalogue.reading import parsed
from allmenning.commons.catalogue.testing import a_package, text
from allmenning.commons.catalogue.tests.test_deadlines import deadline, errors, example, folder


def phase(id, *opened_by, concluded_by=(), **more):
    ends = {"concluded_by": list(concluded_by)} if concluded_by else {}
    return {"id": id, "title": text(id), "opened_by": list(opened_by), **ends, **more}


def outcome(id, *, closes=False):
    return {
        "id": id,
        "title": text(id),
        "kind": "answer",
        "closes": closes,
        "chosen_by": ["staff"],
        "requires_second_person": False,
        "appeal": {"allowed": False, "why": text("why")},
    }


ASSESSMENT = phase("assessment", "received", concluded_by=["outcome:investigate", "outcome:dismissed"])
INVESTIGATION = phase("investigation", "outcome:investigate", concluded_by=["outcome:measures"])
MEASURES = phase("measures", "outcome:measures", decides=["outcome:changed"], by_hand={"role": "leader"})
OUTCOMES = [outcome("investigate"), outcome("dismissed", closes=True), outcome("measures"), outcome("changed")]
EACH = {"each": "children", "name": "name", "number": "number"}


@pytest.fixture
def package():
    return a_package(routine={"phases": [ASSESSMENT, INVESTIGATION, MEASURES], "outcomes": OUTCOMES})


def ids(phases):
    return [each.id for each in phases]


def test_a_case_begins_where_it_is_received(package):
    assert ids(first(package)) == ["assessment"]


def test_what_is_decided_concludes_one_phase_and_opens_the_next(package):
    moved = moves(package, {"assessment"}, ["outcome:investigate"])
    assert (ids(moved.concluded), ids(moved.here)) == (["assessment"], ["investigation"])


def test_what_closes_a_case_concludes_every_phase_and_opens_none_in_it(package):
    moved = moves(package, {"assessment", "measures"}, ["outcome:dismissed"], closes=True)
    assert (ids(moved.concluded), ids(moved.opened)) == (["assessment", "measures"], [])


def test_a_phase_that_goes_on_is_not_opened_again(package):
    assert moves(package, {"measures"}, ["outcome:measures"]) == moves(package, {"measures"}, [])


def test_a_phase_may_be_opened_when_another_is_concluded(package):
    after = phase("after", "phase:investigation", by_hand={"role": "leader"})
    longer = a_package(routine={"phases": [ASSESSMENT, INVESTIGATION, MEASURES, after], "outcomes": OUTCOMES})
    assert ids(moves(longer, {"investigation"}, ["outcome:measures"]).opened) == ["measures", "after"]


def test_cases_of_their_own_are_opened_also_by_what_closes_the_first(package):
    own = {**INVESTIGATION, "opened_by": ["outcome:dismissed"], "for": EACH}
    apart = a_package(routine={"phases": [ASSESSMENT, own, MEASURES], "outcomes": OUTCOMES})
    moved = moves(apart, {"assessment"}, ["outcome:dismissed"], closes=True)
    assert (ids(moved.in_cases_of_their_own), ids(moved.here)) == (["investigation"], [])
    assert moved.in_cases_of_their_own[0].for_each == ForEach("children", "name", "number")


def test_what_a_phase_names_is_decided_there_and_what_none_names_anywhere(package):
    assert may_be_decided(package, {"measures"}, ["outcome:changed"])
    assert not may_be_decided(package, {"assessment"}, ["outcome:changed"])
    assert not may_be_decided(package, {"measures"}, ["outcome:dismissed", "result:any"])
    assert may_be_decided(package, {"measures"}, ["outcome:moved"])


def test_in_a_case_that_is_in_no_phase_anything_is_decided(package):
    assert may_be_decided(package, (), ["outcome:dismissed"])


def test_a_phase_is_followed_through_what_happened(package):
    told = [("outcome:investigate",), ("step:visit",), ("outcome:measures",)]
    assert followed(package, told) == ({"measures"}, {"assessment", "investigation", "measures"})
    assert followed(package, [*told, ("phase:measures",)])[0] == set()


def test_what_comes_next_is_said_for_each_thing_that_may_be_decided(package):
    said = what_comes_next(package, package.phase("assessment"))
    assert {word: ids(phases) for word, phases in said.items()} == {
        "outcome:investigate": ["investigation"],
        "outcome:dismissed": [],
    }


def test_what_is_decided_only_in_cases_of_their_own_is_known():
    own = {**INVESTIGATION, "for": EACH}
    apart = a_package(routine={"phases": [ASSESSMENT, own, MEASURES], "outcomes": OUTCOMES})
    assert decided_in_own_cases(apart) == {"measures", "changed"}


def a_folder(*phases, deadlines=(), told=None):
    """The folder of the tests, whose outcome is `answered`, with phases."""
    files = folder(*deadlines, example=told)
    files["routine.yaml"] = json.dumps({**parsed(files, "routine.yaml"), "phases": list(phases)})
    return files


HELP = phase("help", "received", concluded_by=["outcome:answered"])


def test_an_example_says_where_the_case_is_and_by_when_in_that_phase():
    after = phase("after", "phase:help", by_hand={"role": "leader"})
    plan = deadline("plan", "P2W", after_event="opened:after", met_by=["decided"], phase="after")
    early = example({"plan": "none"})
    early["expect"]["phases"] = ["help"]
    assert errors(a_folder(HELP, after, deadlines=[plan], told=early)) == ""
    later = example({"plan": "2026-12-01"}, ("phase:help", "2026-11-17", {}))
    later["expect"]["phases"] = ["after"]
    assert errors(a_folder(HELP, after, deadlines=[plan], told=later)) == ""


def test_an_example_that_is_wrong_about_phases_says_so():
    wrong = {**example({}), "expect": {"phases": ["after"]}}
    assert "phases is ['help'], not ['after']" in errors(a_folder(HELP, told=wrong))


STEP = {"id": "visit", "title": text("visit"), "who": {"role": "caseworker"}}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (phase("a", "received"), "nothing concludes it"),
        (phase("a", "outcome:nothing", by_hand={"role": "leader"}), "there is no outcome nothing"),
        (phase("a", "result:nothing", by_hand={"role": "leader"}), "there is no result nothing"),
        (phase("a", "phase:nothing", by_hand={"role": "leader"}), "there is no phase nothing"),
        (phase("a", "phase:a", by_hand={"role": "leader"}), "it is opened by itself"),
        (phase("a", "received", concluded_by=["outcome:nothing"]), "there is no outcome nothing"),
        (phase("a", "received", decides=["result:nothing"], by_hand={"role": "leader"}), "there is no result nothing"),
        (phase("a", "received", by_hand={"role": "leader"}, **{"for": EACH}), "opened when something is decided"),
        (phase("a", "outcome:answered", by_hand={"role": "leader"}, **{"for": EACH}), "the form has no list children"),
        (phase("a", "received", by_hand={"role": "leader"}, steps=[STEP, STEP]), "the step visit is there twice"),
        (phase("a", "ready", by_hand={"role": "leader"}), "ready"),
        (phase("a", "received", by_hand={"role": "archivist"}), "archivist"),
    ],
)
def test_what_points_at_nothing_is_refused(wrong, said):
    assert said in errors(a_folder(wrong))


def test_a_phase_is_there_once():
    assert "help" in errors(a_folder(HELP, HELP))


def test_a_deadline_names_phases_that_are_there():
    own = deadline("a", met_by=["phase:nothing"], phase="nothing")
    assert errors(a_folder(HELP, deadlines=[own])).count("there is no phase nothing") == 2
