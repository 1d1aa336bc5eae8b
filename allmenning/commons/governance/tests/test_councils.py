"""A matter for the councils: heard, put before them, decided by each, and never changed behind anybody's back."""

from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from allmenning.basics import dates
from allmenning.commons.governance import actions, council_actions, council_queries, errors, queries
from allmenning.commons.governance.actions import Said
from allmenning.commons.governance.council_actions import Basis, Decided
from allmenning.commons.governance.models import Item, Participation
from allmenning.commons.governance.words import Words
from allmenning.commons.municipalities.testing import loaded_register, register  # noqa: F401

pytestmark = pytest.mark.usefixtures("register")
BY = "planner, ikt-orkide"
BOTH = Words("Bokmål", "Nynorsk")
BASIS = Basis(BOTH, BOTH, BOTH, BOTH, BOTH, BOTH)
MARCH, APRIL, MAY, JUNE = (date(2026, month, 10) for month in (3, 4, 5, 6))
ADOPTED = Decided("adopted", JUNE, "PS 41/26", 21, 4, "Vedtatt.")


@pytest.fixture
def project():
    with dates.clock.frozen(MARCH):
        plan = actions.make_plan(scope="ikt-orkide", title=Words("Plan"), first_year=2026, last_year=2029, by=BY)
        goal = actions.add_item(plan=plan, kind="goal", code="goal", said=Said(Words("Mål")), by=BY)
        measure = actions.add_item(plan=plan, kind="measure", code="m", said=Said(Words("Tiltak")), under=goal, by=BY)
        item = actions.add_item(plan=plan, kind="project", code="p", said=Said(Words("P")), under=measure, by=BY)
        actions.plan_cost(item=item, year=2026, kind="operation", amount_ore=500, by=BY)
    return Item.objects.select_related("plan").get(pk=item.pk)


@pytest.fixture
def heard(project):
    with dates.clock.frozen(MARCH):
        matter = council_actions.draft(item=project, basis=BASIS, by=BY)
        council_actions.open_hearing(matter=matter, deadline=APRIL, by=BY)
    return matter


@pytest.fixture
def submitted(heard):
    with dates.clock.frozen(MAY):
        council_actions.submit(matter=heard, parties=["averoy", "smola"], decide_by=JUNE, by=BY)
    return heard


def decide(matter, party="averoy", on=JUNE, **what):
    with dates.clock.frozen(what.pop("today", JUNE)):
        return council_actions.register_decision(
            matter=matter,
            party=party,
            decided=replace(ADOPTED, decided_on=on, **{k: v for k, v in what.items() if k != "joins_on"}),
            joins_on=what.get("joins_on"),
            by="secretary, averoy",
        )


def state(matter, party):
    return council_queries.matter(matter.plan, matter.number).stands(party)


def test_employees_state_their_view_once_within_the_deadline_and_it_stands(heard):
    say = lambda: council_actions.give_statement(  # noqa: E731
        matter=heard,
        party="averoy",
        body="Fagforbundet",
        text="  Vi er enige.\n\nMen:",
        language="nb",
        by="employees, averoy",
    )
    with dates.clock.frozen(APRIL):
        assert say().text == "Vi er enige.\n\nMen:"
        with pytest.raises(errors.AlreadyStated):
            say()
    with dates.clock.frozen(MAY), pytest.raises(errors.HearingOver):
        say()


def test_councils_are_asked_after_the_hearing_in_both_languages(project):
    with dates.clock.frozen(MARCH):
        matter = council_actions.draft(item=project, basis=replace(BASIS, background=Words("Bare bokmål")), by=BY)
        submit = lambda: council_actions.submit(matter=matter, parties=["smola"], decide_by=JUNE, by=BY)  # noqa: E731
        with pytest.raises(errors.NotSaidInBoth, match="background"):
            submit()
        council_actions.rewrite(matter=matter, made_from=1, basis=BASIS, by=BY)
        with pytest.raises(errors.NotHeard):
            submit()
        council_actions.open_hearing(matter=matter, deadline=APRIL, by=BY)
        with pytest.raises(errors.HearingRuns):
            submit()
    with dates.clock.frozen(MAY):
        submit()
        with pytest.raises(errors.AlreadySubmitted):
            council_actions.rewrite(matter=matter, made_from=2, basis=BASIS, by=BY)


def test_the_basis_of_a_council_is_what_it_was_when_it_was_asked(submitted, project):
    with dates.clock.frozen(JUNE):
        actions.plan_cost(item=project, year=2026, kind="operation", amount_ore=900, by=BY)
        basis = council_queries.decision_basis(submitted.plan, submitted.number, "averoy")
        assert (basis.node.cost_ore(), queries.planned(submitted.plan).cost_ore()) == (500, 900)
    with pytest.raises(errors.NotPutBefore):
        council_queries.decision_basis(submitted.plan, submitted.number, "molde")


def test_each_council_answers_for_itself_and_one_may_join_by_it(submitted):
    assert [state(submitted, each) for each in ("averoy", "smola", "molde")] == ["waits", "waits", ""]
    decide(submitted, joins_on=date(2026, 9, 1))
    decide(submitted, "smola", outcome="postponed", case_reference="PS 12/26")
    assert [state(submitted, each) for each in ("averoy", "smola")] == ["adopted", "postponed"]
    known = council_queries.matter(submitted.plan, submitted.number)
    assert (known.state, known.waits_for("averoy"), known.waits_for("smola")) == ("before-councils", False, True)
    assert known.answered == 1
    [span] = queries.planned(submitted.plan).node("p").joined["averoy"]
    assert (span.start, span.is_decided) == (date(2026, 9, 1), True)
    decide(submitted, "smola", outcome="rejected", case_reference="PS 30/26")
    known = council_queries.matter(submitted.plan, submitted.number)
    assert (known.state, known.answered) == ("answered", 2)
    assert [each.outcome for each in known.decisions["smola"]] == ["rejected", "postponed"]


def test_nobody_takes_part_before_the_plan_begins(submitted):
    with pytest.raises(errors.JoinsBeforeThePlan):
        decide(submitted, joins_on=date(1999, 1, 1))
    assert state(submitted, "averoy") == "waits"


@pytest.mark.parametrize("outcome", ["rejected", "postponed"])
@pytest.mark.parametrize(
    ("joins_on", "inside"),
    [(date(2026, 6, 15), [date(2026, 6, 20)]), (date(2026, 9, 1), [])],
    ids=["already in", "to come"],
)
def test_what_a_council_takes_back_the_municipality_is_out_of(submitted, outcome, joins_on, inside):
    later = date(2026, 7, 1)
    decide(submitted, joins_on=joins_on)
    decide(submitted, on=later, today=later, outcome=outcome, case_reference="PS 50/26")
    node = queries.planned(submitted.plan).node("p")
    assert [day for day in (date(2026, 6, 20), later, date(2027, 1, 1)) if node.is_in("averoy", day)] == inside
    last = Participation.objects.filter(party="averoy").order_by("id").last()
    assert (last.is_in, last.decision.case_reference) == (False, "PS 50/26")
    decide(submitted, on=later, today=later, case_reference="PS 60/26", joins_on=date(2026, 10, 1))
    assert queries.planned(submitted.plan).node("p").is_in("averoy", date(2026, 10, 1))


def joined(plan):
    return [(span.start, span.last) for span in queries.planned(plan).node("p").joined.get("averoy", ())]


@pytest.mark.parametrize("right", [date(2026, 7, 1), date(2026, 10, 1)], ids=["earlier", "later"])
def test_a_joining_day_that_was_wrong_is_put_right_and_holds_no_more(submitted, right):
    decide(submitted, joins_on=date(2026, 9, 1))
    say = partial(council_actions.say_joining_day, matter=submitted, party="averoy", by=BY)
    before = dates.now()
    say(joins_on=right)
    assert joined(submitted.plan) == [(right, None)]
    assert queries.planned(submitted.plan, before).node("p").joined["averoy"][0].start == date(2026, 9, 1)
    with pytest.raises(errors.AlreadyIn):
        say(joins_on=right)
    later = date(2026, 11, 1)
    decide(submitted, on=later, today=later, outcome="rejected", case_reference="PS 50/26")
    assert joined(submitted.plan) == [(right, date(2026, 10, 31))]


def test_a_joining_day_may_be_said_after_the_decision_and_by_no_other_decision(submitted):
    say = partial(council_actions.say_joining_day, matter=submitted, joins_on=date(2026, 9, 1), by=BY)
    with pytest.raises(errors.NotDecided):
        say(party="averoy")
    decide(submitted)
    decide(submitted, "smola", outcome="rejected")
    assert joined(submitted.plan) == []
    say(party="averoy")
    assert joined(submitted.plan) == [(date(2026, 9, 1), None)]
    with pytest.raises(errors.JoinsWithoutAdopting):
        say(party="smola")


def test_who_takes_part_otherwise_stays_in_when_its_council_says_no(submitted, project):
    actions.participate(item=project, party="averoy", on=MAY, is_in=True, by=BY)
    decide(submitted, outcome="rejected")
    assert queries.planned(submitted.plan).node("p").is_in("averoy", date(2027, 1, 1))


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ({"party": "molde"}, errors.NotPutBefore),
        ({"on": date(2026, 6, 11)}, errors.NotYetThere),
        ({"on": APRIL}, errors.DecidedBeforeAsked),
        ({"votes_for": 0, "votes_against": 0}, errors.WrongVotes),
        ({"votes_for": -1}, errors.WrongVotes),
        ({"outcome": "rejected", "joins_on": JUNE}, errors.JoinsWithoutAdopting),
        ({"outcome": "perhaps"}, errors.NotOneOfThese),
        ({"case_reference": " "}, errors.NotSaid),
    ],
)
def test_a_decision_that_can_not_be_is_refused(submitted, what, error):
    with pytest.raises(error):
        decide(submitted, **what)
    assert state(submitted, "averoy") == "waits"


def test_a_decision_is_registered_once_and_none_before_a_later_one(submitted):
    decide(submitted)
    with pytest.raises(errors.CaseAlreadyRegistered):
        decide(submitted)
    with pytest.raises(errors.DecidedLater):
        decide(submitted, on=date(2026, 6, 1), case_reference="PS 1/26")


def test_an_elected_member_is_answered(project):
    ask = lambda: council_actions.put_on_agenda(  # noqa: E731
        scope="ikt-orkide",
        party="averoy",
        title="Felles arkiv",
        text="Hvorfor ikke?",
        language="nb",
        by="elected, averoy",
    )
    proposal = ask()
    assert ask() == proposal  # sent twice, asked once
    [asked] = council_queries.agenda(["ikt-orkide"], "averoy")
    assert asked.answer is None
    reply = lambda **more: council_actions.answer(  # noqa: E731
        proposal=proposal, outcome="declined", text="Dyrt.", language="nb", by=BY, **more
    )
    with pytest.raises(errors.NoSuchMatter):
        reply(matter=council_actions.draft(item=project, basis=BASIS, by=BY))
    reply()
    with pytest.raises(errors.AlreadyAnswered):
        reply()
    assert council_queries.agenda(["ikt-orkide"])[0].answer.text == "Dyrt."
