"""The plan: a tree that is added to and never changed, read as it is or as it was."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from allmenning.basics import dates
from allmenning.commons.governance import actions, errors, queries
from allmenning.commons.governance.actions import Said
from allmenning.commons.governance.models import Cost, Item, ItemText
from allmenning.commons.governance.words import Words
from allmenning.commons.municipalities.testing import loaded_register, register  # noqa: F401
from allmenning.journeys.testing import RITA

pytestmark = pytest.mark.usefixtures("register")
BY = "planner, ikt-orkide"
SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 7, 1), date(2026, 10, 1)


@pytest.fixture
def plan():
    with dates.clock.frozen(SPRING):
        plan = actions.make_plan(scope="ikt-orkide", title=Words("Plan"), first_year=2026, last_year=2029, by=BY)
        goal = actions.add_item(plan=plan, kind="goal", code="goal", said=Said(Words("Mål")), by=BY)
        measure = actions.add_item(
            plan=plan, kind="measure", code="measure", said=Said(Words("Tiltak")), under=goal, by=BY
        )
        actions.add_item(plan=plan, kind="project", code="project", said=Said(Words("Prosjekt")), under=measure, by=BY)
    return plan


def item(code):
    return Item.objects.select_related("plan").get(code=code)


def test_a_plan_is_a_tree_of_three_levels(plan):
    [goal] = queries.planned(plan).goals
    assert [each.code for each in goal.with_all_under] == ["goal", "measure", "project"]
    for kind, under in (("goal", "goal"), ("measure", None), ("project", "goal")):
        with pytest.raises(errors.WrongPlace):
            actions.add_item(
                plan=plan, kind=kind, code="new", said=Said(Words("X")), under=under and item(under), by=BY
            )


def test_costs_of_projects_are_the_measures_and_the_newest_figure_holds(plan):
    for ore in (100, 250):
        actions.plan_cost(item=item("project"), year=2027, kind="operation", amount_ore=ore, by=BY)
    actions.plan_cost(item=item("measure"), year=2028, kind="investment", amount_ore=5, by=BY)
    found = queries.planned(plan)
    assert found.cost_ore() == found.node("measure").cost_ore() == 255
    assert found.cost_ore(2027) == 250
    assert found.cost_ore(kind="investment") == 5
    with pytest.raises(errors.WrongYear):
        actions.plan_cost(item=item("project"), year=2030, kind="operation", amount_ore=1, by=BY)


def test_a_plan_can_be_read_as_it_was(plan):
    with dates.clock.frozen(SUMMER):
        actions.plan_cost(item=item("project"), year=2026, kind="operation", amount_ore=7, by=BY)
        actions.reword(item=item("measure"), made_from=1, said=Said(Words("Nytt")), why="Kortere", by=BY)
    with dates.clock.frozen(AUTUMN):
        actions.plan_cost(item=item("project"), year=2026, kind="operation", amount_ore=9, by=BY)
        actions.take_out(item=item("project"), reason=Words("Dyrt"), by=BY)
        then = queries.planned(plan, dates.start_of(date(2026, 8, 1)))
        now = queries.planned(plan)
    assert (then.cost_ore(), then.node("measure").text.title.nb) == (7, "Nytt")
    assert now.cost_ore() == 0
    assert [each.code for each in now.removed] == ["project"]
    assert [each.version for each in queries.versions(item("measure"))] == [2, 1]


def test_the_second_of_two_who_change_the_same_is_told(plan):
    actions.reword(item=item("measure"), made_from=1, said=Said(Words("Den ene")), by=BY)
    with pytest.raises(errors.ChangedMeanwhile):
        actions.reword(item=item("measure"), made_from=1, said=Said(Words("Den andre")), by=BY)


def test_what_is_taken_out_takes_no_more_and_what_has_parts_stays(plan):
    with pytest.raises(errors.StillHasParts):
        actions.take_out(item=item("measure"), reason=Words("X"), by=BY)
    actions.take_out(item=item("project"), reason=Words("X"), by=BY)
    with pytest.raises(errors.TakenOut):
        actions.report_status(item=item("project"), state="done", text=Words("X"), by=BY)
    actions.take_out(item=item("measure"), reason=Words("X"), by=BY)


def test_no_row_is_ever_changed_or_removed(plan):
    actions.plan_cost(item=item("project"), year=2026, kind="operation", amount_ore=7, by=BY)
    for change in (lambda: Cost.objects.update(amount_ore=F("amount_ore") + 1), ItemText.objects.all().delete):
        with pytest.raises(IntegrityError), transaction.atomic(using="commons"):
            change()


def test_who_takes_part_joins_and_leaves_on_a_day(plan):
    project = item("project")
    join = lambda on, is_in: actions.participate(item=project, party="smola", on=on, is_in=is_in, by=BY)  # noqa: E731
    join(SPRING, True)
    join(SUMMER, False)
    join(AUTUMN, True)
    with pytest.raises(errors.AlreadyIn):
        join(date(2026, 12, 1), True)
    measure = queries.planned(plan).node("measure")
    assert [(span.start, span.last) for span in measure.children[0].joined["smola"]] == [
        (SPRING, date(2026, 6, 30)),
        (AUTUMN, None),
    ]
    assert [measure.is_in("smola", day) for day in (SPRING, SUMMER, AUTUMN)] == [True, False, True]


def test_a_text_is_said_in_bokmaal_and_names_nobody(plan):
    for words, error in ((Words(nn="Berre"), errors.NotSaid), (Words(f"Ring {RITA}"), errors.NamesAPerson)):
        with pytest.raises(error):
            actions.report_status(item=item("project"), state="done", text=words, by=BY)


@pytest.mark.parametrize(("likelihood", "consequence"), [(0, 3), (3, 6)])
def test_a_risk_is_from_one_to_five(plan, likelihood, consequence):
    with pytest.raises(errors.NotFromOneToFive):
        actions.assess_risk(
            item=item("project"),
            text=Words("X"),
            likelihood=likelihood,
            consequence=consequence,
            response=Words(),
            who=Words(),
            by=BY,
        )


def test_words_are_shown_in_bokmaal_where_the_language_is_missing():
    assert Words("hei", en="hi").within("nn") == ("hei", "nb")
    assert Words("hei", en="hi").within("en") == ("hi", "en")


@pytest.mark.parametrize("day", [date(206, 5, 1), date(1999, 1, 1), date(2062, 5, 1)])
def test_no_milestone_is_far_from_the_plans_years_and_nobody_takes_part_before_them(plan, day):
    with pytest.raises(errors.YearTooFar):
        actions.set_milestone(item=item("project"), title=Words("Milepæl"), due=day, by=BY)
    if day.year < 2026:
        with pytest.raises(errors.JoinsBeforeThePlan):
            actions.participate(item=item("project"), party="smola", on=day, is_in=True, by=BY)
    node = queries.planned(plan).node("project")
    assert (node.milestones, node.joined) == ((), {})
