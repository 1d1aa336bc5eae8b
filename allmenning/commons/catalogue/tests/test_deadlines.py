"""By when, by the calendar in Norway: chains, conditions, extensions, pauses and turns, and the days that are hard."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from allmenning.basics import dates
from allmenning.basics.plain_yaml import read_yaml
from allmenning.commons.catalogue.deadlines import (
    CHANGED,
    ENDED,
    REPLACED,
    WITHDRAWN,
    Dated,
    Happened,
    Key,
    count,
    noon,
)
from allmenning.commons.catalogue.package import check_files
from allmenning.commons.catalogue.reading import read_folder
from allmenning.commons.catalogue.testing import a_package, text

D = date.fromisoformat


def deadline(id, duration="P1W", **more):
    begins = {} if {"after", "after_event"} & set(more) else {"starts": "received"}
    return {"id": id, "title": text(id), "duration": duration, "pauses": False, **begins, **more}


ASSESSMENT = deadline("assessment", "P1W", met_by=["result"])
INVESTIGATION = deadline(
    "investigation",
    "P3M",
    after="assessment",
    when="result == 'investigation'",
    met_by=["phase:investigation"],
    extend={"to": "P6M", "reasons": "required", "by": {"role": "leader"}},
)
SECOND_ANSWER = deadline(
    "second-answer", "P3W", after_event="phase:investigation", when="told_as == 'public'", met_by=["message:letter"]
)


def counted(*deadlines, received="2026-11-16", context=None, adjusted=None, about=None, **happened):
    """How the deadlines stand, by id: the last of each."""
    package = a_package(deadlines=list(deadlines), **(about or {}))
    at = happened.pop("at", noon(D(received)))
    found = count(package, Happened(at, **happened), lambda: context or {}, adjusted or {})
    return {each.key.deadline: each for each in found}


def due(*deadlines, of=None, **happened):
    return counted(*deadlines, **happened)[of or deadlines[-1]["id"]].due_on


def at(*days):
    return [noon(D(day)) for day in days]


# --- chains, conditions, extensions ---


def test_the_investigation_runs_from_the_day_the_week_ends_not_from_when_it_was_assessed():
    told = {"events": {"result": at("2026-11-18")}, "context": {"result": "investigation"}}
    assert due(ASSESSMENT, INVESTIGATION, **told) == D("2027-02-23")
    assert counted(ASSESSMENT, INVESTIGATION, **told)["assessment"].met_by == "result"


def test_where_the_report_is_dismissed_there_is_no_investigation():
    assert "investigation" not in counted(ASSESSMENT, INVESTIGATION, context={"result": "dismissed"})


def test_once_begun_it_runs_whatever_is_decided_after():
    begun = {"context": {"result": "urgent-measures"}, "begun": [("investigation", 1)]}
    assert due(ASSESSMENT, INVESTIGATION, **begun) == D("2027-02-23")


def test_a_condition_that_cannot_be_worked_out_lets_the_deadline_run():
    assert due(deadline("urgent", "P0D", when="form.money > 5"), context={"form": {}}) == D("2026-11-16")


def test_six_months_in_special_cases_are_counted_from_the_same_day():
    told = {"context": {"result": "investigation"}, "extended": [Key("investigation")]}
    assert due(ASSESSMENT, INVESTIGATION, **told) == D("2027-05-23")


def test_a_public_reporter_is_told_within_three_weeks_of_the_conclusion():
    told = {"context": {"result": "investigation", "told_as": "public"}}
    events = {"events": {"phase:investigation": at("2027-02-01")}}
    assert "second-answer" not in counted(ASSESSMENT, INVESTIGATION, SECOND_ANSWER, **told)
    assert due(ASSESSMENT, INVESTIGATION, SECOND_ANSWER, **told, **events) == D("2027-02-22")
    told["context"]["told_as"] = "private"
    assert "second-answer" not in counted(ASSESSMENT, INVESTIGATION, SECOND_ANSWER, **told, **events)


def test_what_meets_the_first_may_have_happened_before_the_next_began():
    """The investigation was concluded within the week that the assessment may take."""
    told = {"context": {"result": "investigation"}, "events": {"phase:investigation": at("2026-11-19")}}
    assert counted(ASSESSMENT, INVESTIGATION, **told)["investigation"].met_at == noon(D("2026-11-19"))


def test_a_case_from_another_municipality_continues_or_restarts_as_the_folder_says():
    restarts = deadline("reply", "P2W", on_transfer="restarts")
    moved = {"transferred": noon(D("2026-12-01"))}
    assert due(ASSESSMENT, **moved) == D("2026-11-23")
    assert due(restarts, **moved) == D("2026-12-15")


def test_the_same_day_for_what_is_urgent():
    urgent = deadline("urgent", "P0D", when="form.emergency")
    assert due(urgent, context={"form": {"emergency": True}}) == D("2026-11-16")
    assert counted(urgent, context={"form": {"emergency": False}}) == {}


# --- durations that are data ---


def months(value, starts="2020-01-01"):
    return {"starts": starts, "value": value, "source": text("Kilde"), "confirmed": True}


def test_a_duration_that_the_state_changes():
    dated = {"id": "view_months", "title": text(""), "type": "integer"}
    about = {"dated": [{**dated, "rows": [months(3), months(2, starts="2026-12-01")]}]}
    view = deadline("view", {"dated": "view_months"})
    assert due(view, about=about) == D("2027-02-16")
    assert due(view, about=about, received="2026-12-16") == D("2027-02-16")


def test_a_duration_that_has_run_out_counts_on():
    rows = [{**months(3), "ends": "2025-12-31"}]
    about = {"dated": [{"id": "view_months", "title": text(""), "type": "integer", "rows": rows}]}
    assert due(deadline("view", {"dated": "view_months"}), about=about) == D("2027-02-16")


def test_a_duration_that_the_municipality_sets():
    setting = {"id": "goal_weeks", "title": text(""), "type": "integer", "default": 3, "least": 1, "most": 4}
    goal, about = deadline("goal", {"adjusted": "goal_weeks"}), {"adjustable": [setting]}
    assert due(goal, about=about) == D("2026-12-07")
    assert due(goal, about=about, adjusted={"goal_weeks": 2}) == D("2026-11-30")
    assert due(goal, about=about, adjusted={"goal_weeks": 9}) == D("2026-12-14")


# --- turns, and dates that a decision or a record sets ---

YEARLY = deadline(
    "yearly", "P1Y", after_event="decided", repeats="P1Y", until="value.valid_to", met_by=["record:evaluation"]
)


def test_a_yearly_evaluation_comes_again_when_the_last_was_written_until_the_decision_ends():
    told = {
        "events": {"decided": at("2026-06-10")},
        "dates": {"value.valid_to": [Dated(noon(D("2026-06-10")), D("2028-07-31"))]},
    }
    assert due(YEARLY, **told) == D("2027-06-10")
    told["events"]["record:evaluation"] = at("2027-05-20")
    assert due(YEARLY, **told) == D("2028-06-10")
    told["events"]["record:evaluation"] = at("2027-05-20", "2028-06-12")
    assert counted(YEARLY, **told)["yearly"].key.turn == 2
    assert counted(YEARLY, **told)["yearly"].met_at


def test_a_new_decision_begins_the_years_anew():
    events = {"events": {"decided": at("2026-06-10", "2026-09-01")}}
    package = a_package(deadlines=[YEARLY])
    first, second = count(package, Happened(noon(D("2026-06-01")), **events), dict, {})
    assert (first.met_by, second.due_on) == (REPLACED, D("2027-09-01"))


def test_of_many_things_with_a_date_each_has_its_own_deadline_until_what_happens_to_it():
    evaluate = deadline("evaluate", "P0D", starts="record.measure.due_on", repeats="P3M", met_by=["record:evaluation"])

    def of_a_measure(day, **own):
        set_on = noon(D("2026-11-20"))
        return Dated(set_on, D(day), {"record:evaluation": [], **{word: at(*days) for word, days in own.items()}})

    evaluated = of_a_measure("2026-12-01", **{"record:evaluation": ["2026-11-30"]})
    moved, ended, waits = (
        of_a_measure("2027-01-10", changed=["2026-12-02"]),
        of_a_measure("2027-02-01", ended=["2027-02-03"]),
        of_a_measure("2027-03-01"),
    )
    facts = Happened(
        noon(D("2026-11-02")),
        events={"record:evaluation": at("2026-11-30")},
        dates={"record.measure.due_on": [evaluated, moved, ended, waits]},
    )
    found = count(a_package(deadlines=[evaluate]), facts, dict, {})
    assert [(each.key.round, each.key.turn, each.due_on, each.met_by) for each in found] == [
        (1, 1, D("2026-12-01"), "record:evaluation"),
        (1, 2, D("2027-03-01"), ""),
        (2, 1, D("2027-01-10"), CHANGED),
        (3, 1, D("2027-02-01"), ENDED),
        (4, 1, D("2027-03-01"), ""),
    ]


def test_a_date_in_the_decision_or_in_a_record_is_itself_the_day():
    again = deadline("reassessment", "P0D", starts="value.reassessment", met_by=["record:assessment"])
    ends = deadline("measure-ends", "P0D", starts="record.measure.ends", met_by=["record:evaluation"])
    set_on = noon(D("2026-11-20"))
    told = {
        "dates": {
            "value.reassessment": [Dated(set_on, D("2027-05-31"))],
            "record.measure.ends": [Dated(set_on, D("2027-01-10")), Dated(set_on, D("2027-03-10"))],
        }
    }
    assert due(again, **told) == D("2027-05-31")
    assert due(ends, **told) == D("2027-03-10")
    assert counted(again, **told, events={"record:assessment": at("2027-05-02")})["reassessment"].met_at


# --- pauses, reopening, withdrawal ---


def test_only_while_it_runs_does_waiting_for_the_sender_move_it():
    goal = deadline("goal", "P2W", pauses=True)
    asked = {"waits": [(noon(D("2026-11-18")), noon(D("2026-11-23")))]}
    assert due(goal, **asked) == D("2026-12-05")
    assert due(ASSESSMENT, **asked) == D("2026-11-23")
    assert due(goal, waits=[(noon(D("2026-11-18")), None)]) is None


def test_waiting_that_began_before_counts_from_when_it_began():
    goal = deadline("goal", "P2W", after="assessment", pauses=True, met_by=["result"])
    assert due(ASSESSMENT, goal, waits=[(noon(D("2026-11-20")), noon(D("2026-11-25")))]) == D("2026-12-09")


def test_an_appeal_begins_the_answer_anew_and_not_what_was_assessed():
    told = {"reopened": at("2026-12-10"), "events": {"result": at("2026-11-18"), "decided": at("2026-11-30")}}
    found = counted(ASSESSMENT, deadline("answer", "P2W"), **told)
    assert found["answer"].key.round == 2
    assert found["answer"].due_on == D("2026-12-24")
    assert found["assessment"].key.round == 1


URGENT_APART = deadline("answer", "P2W", met_by=["result:granted"])


def test_what_is_urgent_may_be_decided_before_the_rest_is():
    urgent = {"decided": at("2026-11-17"), "result:urgent-help": at("2026-11-17")}
    assert due(URGENT_APART, events=urgent) == D("2026-11-30")
    found = counted(URGENT_APART, events={**urgent, "result:granted": at("2026-11-20")})
    assert found["answer"].met_at == noon(D("2026-11-20"))
    assert counted(URGENT_APART, events=urgent, withdrawn=at("2026-11-19"))["answer"].met_by == WITHDRAWN


def test_an_appeal_is_answered_by_any_decision():
    told = {"reopened": at("2026-12-10"), "events": {"decided": at("2026-12-14"), "result:granted": at("2026-11-20")}}
    assert counted(URGENT_APART, **told)["answer"].met_at == noon(D("2026-12-14"))


def test_a_case_that_is_withdrawn_is_waited_for_no_more():
    found = counted(ASSESSMENT, deadline("answer"), withdrawn=at("2026-11-17"))
    assert {each.met_by for each in found.values()} == {WITHDRAWN}


def test_an_appeal_that_is_withdrawn_leaves_what_follows_from_the_decision():
    told = {"events": {"decided": at("2026-11-18")}, "reopened": at("2026-11-25"), "withdrawn": at("2026-11-26")}
    found = counted(deadline("answer"), YEARLY, **told)
    assert (found["answer"].met_by, found["yearly"].met_at) == (WITHDRAWN, None)


# --- the calendar ---


@pytest.mark.parametrize(
    ("received", "duration", "ends"),
    [
        ("2026-11-14", "P1W", "2026-11-21"),  # Saturday to Saturday: it stays there
        ("2026-01-31", "P1M", "2026-02-28"),  # no such day: the month's last
        ("2028-01-31", "P1M", "2028-02-29"),
        ("2028-02-29", "P1Y", "2029-02-28"),
        ("2028-02-29", "P4Y", "2032-02-29"),
        ("2027-02-28", "P1Y", "2028-02-28"),
        ("2026-11-30", "P3M", "2027-02-28"),
        ("2026-12-18", "P1W", "2026-12-25"),  # Christmas Day
        ("2026-12-31", "P2M", "2027-02-28"),
        ("2026-03-28", "P1D", "2026-03-29"),  # the night without an hour
        ("2026-10-24", "P1W", "2026-10-31"),  # the night with one more
        ("2026-03-22", "P3W", "2026-04-12"),
        ("2026-11-16", "P0D", "2026-11-16"),
    ],
)
def test_by_the_calendar(received, duration, ends):
    assert due(deadline("answer", duration), received=received) == D(ends)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (
            datetime(2026, 3, 28, 23, 30, tzinfo=UTC),
            "2026-03-29",
        ),  # half past midnight in Norway, before the clocks go on
        (datetime(2026, 3, 29, 22, 30, tzinfo=UTC), "2026-03-30"),  # the same in summer time
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), "2026-10-25"),
        (datetime(2026, 10, 25, 22, 30, tzinfo=UTC), "2026-10-25"),  # half past eleven in the evening again
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), "2026-10-26"),
        (datetime(2027, 12, 31, 23, 30, tzinfo=UTC), "2028-01-01"),
    ],
)
def test_a_day_begins_at_midnight_in_norway_on_both_sides_of_the_clocks(at, day):
    with dates.clock.frozen(at):
        assert dates.today() == D(day)
        assert due(deadline("answer", "P0D"), at=dates.now()) == D(day)
        assert due(deadline("answer", "P1W"), at=dates.now()) == dates.add_weeks(D(day), 1)


@pytest.mark.parametrize(
    ("received", "ends"),
    [
        ("2026-11-14", "2026-11-23"),  # a Saturday
        ("2026-12-18", "2026-12-28"),  # Christmas Day, the day after, and a weekend
        ("2026-05-10", "2026-05-18"),  # Sunday 17 May
        ("2026-03-26", "2026-04-07"),  # Maundy Thursday until the Tuesday
    ],
)
def test_where_the_law_moves_the_end_to_a_working_day_the_folder_says_so(received, ends):
    assert due(deadline("answer", "P1W", on_working_day=True), received=received) == D(ends)


def test_the_turns_of_a_month_do_not_slide():
    """From 31 January: the last of each month, not the 28th for ever after February."""
    monthly = deadline("monthly", "P1M", repeats="P1M", met_by=["record:look"])
    looked = {"events": {"record:look": at("2026-02-20", "2026-03-20")}}
    assert due(monthly, received="2025-12-31", **looked) == D("2026-03-31")


# --- in a folder ---

FOLDER = read_folder(Path(__file__).parents[4] / "services" / "inquiry")
VIEW = deadline("view", "P2D", met_by=["step:assess"])


def folder(*deadlines, example=None, **more):
    """The inquiry with these deadlines, and one more example."""
    service = {**read_yaml(FOLDER["service.yaml"]), "deadlines": list(deadlines), **more}
    added = {"examples/by-when.yaml": json.dumps(example)} if example else {}
    return {**FOLDER, "service.yaml": json.dumps(service), **added}


def errors(files):
    return " ".join(str(problem) for problem in check_files(files) if problem.level == "error")


def example(deadlines, *happened):
    form = read_yaml(FOLDER["examples/anonymous-without-e-mail.yaml"])["form"]
    told = {"happened": [{"event": event, "on": on, **more} for event, on, more in happened]} if happened else {}
    return {"name": "By when it is done", "on": "2026-11-16", "form": form, **told, "expect": {"deadlines": deadlines}}


def test_an_example_says_by_when():
    goal = deadline("goal", "P3W", after="view", pauses=True)
    again = deadline("again", "P0D", starts="value.answer", met_by=["message:letter"])
    told = [("asked", "2026-11-20", {}), ("answered", "2026-11-24", {}), ("step:assess", "2026-11-17", {})]
    expected = {"view": "met", "goal": "2026-12-13", "again": "none"}
    assert errors(folder(VIEW, goal, again, example=example(expected, *told))) == ""
    told = [("decided", "2026-12-01", {}), ("value.answer", "2026-12-01", {"is": "2027-01-10"}), told[0]]
    expected = {"goal": "met", "again": "2027-01-10", "view": "2026-11-18"}
    assert errors(folder(VIEW, goal, again, example=example(expected, *told))) == ""


def test_an_example_that_is_wrong_says_so():
    said = errors(folder(VIEW, example=example({"view": "2026-11-19", "other": "met"})))
    assert "the deadline view is '2026-11-18', not '2026-11-19'" in said
    assert "there is no deadline other" in said


def test_the_result_is_known_from_when_it_was_decided():
    answered = deadline(
        "more", "P1W", after="view", when="result == 'answered' and form.topic != 'x'", met_by=["result"]
    )
    decided = [("result:answered", "2026-11-17", {})]
    assert errors(folder(VIEW, answered, example=example({"more": "met"}, *decided))) == ""
    assert errors(folder(VIEW, answered, example=example({"more": "none"}))) == ""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (deadline("a", after="b"), "there is no deadline b"),
        (deadline("a", after="a"), "it comes after itself"),
        (deadline("a", after="b", met_by=["step:nothing"]), "there is no step nothing"),
        (deadline("a", after_event="result:granted", met_by=["result"]), "there is no outcome granted"),
        (deadline("a", after_event="decided"), "met_by is missing"),
        (deadline("a", starts="value.nothing", met_by=["result"]), "there is no value.nothing"),
        (deadline("a", {"dated": "view_months"}), "there is no dated or adjustable value view_months"),
        (deadline("a", {"dated": "view"}), "it says what the number is in"),
        (deadline("a", when="d(form.born).add(1, 'year').isBefore(d(on))"), "a year is 12 months"),
        (deadline("a", when="nothing > 1"), "nothing is read, but nothing gives it a value"),
        (
            deadline("a", repeats="P1Y", extend={"to": "P2Y", "reasons": "required", "by": {"role": "leader"}}),
            "repeats",
        ),
        (deadline("a", until="value.answer"), "repeats"),
        (deadline("a", legal_basis="nothing"), "there is no legal basis nothing"),
        ({**deadline("a", after="b"), "starts": "received"}, "oneOf"),
        (deadline("a", met_by=["message:nothing"]), "message:nothing"),
        (deadline("a", extend={"to": "P2Y", "by": {"role": "leader"}}), "reasons"),
    ],
)
def test_what_cannot_be_counted_is_refused(wrong, said):
    assert said in errors(folder(wrong))


def test_two_that_wait_for_each_other_are_refused():
    ring = folder(deadline("a", after="b"), deadline("b", after="c"), deadline("c", after="a"))
    assert errors(ring).count("it comes after itself") == 3


def test_an_id_that_is_there_twice_is_refused():
    assert "the deadline view is there twice" in errors(folder(VIEW, VIEW))
