"""The roll-out plan: who takes what into use when, what comes first, and who is late."""

from datetime import date
from functools import partial

import pytest

from allmenning.basics import dates
from allmenning.commons.governance import actions, errors, rolling_out
from allmenning.commons.governance.rolling_out import First
from allmenning.commons.governance.words import Words
from allmenning.commons.municipalities.testing import loaded_register, register  # noqa: F401

pytestmark = pytest.mark.usefixtures("register")
BY = "planner, ikt-orkide"
MARCH, MAY, JULY = date(2026, 3, 1), date(2026, 5, 1), date(2026, 7, 1)


@pytest.fixture
def plan():
    return actions.make_plan(scope="ikt-orkide", title=Words("Plan"), first_year=2026, last_year=2029, by=BY)


@pytest.fixture
def smola(plan):
    first = [First("training", Words("Kurs"), MARCH)]
    return rolling_out.add(plan=plan, party="smola", service="inquiry", due=MAY, first=first, by=BY)


def known(plan):
    return rolling_out.roll_out(plan, "smola", "inquiry")


def test_who_is_late_is_seen_with_what_should_have_been_done(plan, smola):
    assert not known(plan).is_late(MAY)
    assert [each.title.nb for each in known(plan).late_first(date(2026, 3, 2))] == ["Kurs"]
    assert known(plan).is_late(JULY)
    rolling_out.move(roll_out=smola, due=date(2026, 9, 1), why="Sommerferie", by=BY)
    assert not known(plan).is_late(JULY)
    assert [each.due for each in known(plan).moved] == [MAY]


def test_a_service_is_taken_into_use_when_all_that_comes_first_is_done(plan, smola):
    with dates.clock.frozen(JULY):
        with pytest.raises(errors.NotPrepared, match="Kurs"):
            rolling_out.take_into_use(roll_out=smola, on=JULY, by=BY)
        [course] = known(plan).preparations
        rolling_out.prepare(
            roll_out=smola, kind="training", title=course.title, due=course.due, done=MAY, number=1, made_from=1, by=BY
        )
        with pytest.raises(errors.NotYetThere):
            rolling_out.take_into_use(roll_out=smola, on=date(2026, 7, 2), by=BY)
        rolling_out.take_into_use(roll_out=smola, on=JULY, by=BY)
    assert known(plan).now.in_use == JULY
    assert not known(plan).is_late(date(2027, 1, 1))
    with pytest.raises(errors.AlreadyInUse):
        rolling_out.move(roll_out=smola, due=JULY, why="X", by=BY)


def test_a_service_is_planned_once_for_each(plan, smola):
    with pytest.raises(errors.AlreadyRolledOut):
        rolling_out.add(plan=plan, party="smola", service="inquiry", due=MAY, by=BY)
    with pytest.raises(errors.ChangedMeanwhile):
        rolling_out.prepare(roll_out=smola, kind="other", title=Words("X"), due=MAY, number=1, made_from=7, by=BY)


@pytest.mark.parametrize("due", [date(206, 5, 1), date(2024, 12, 31), date(2031, 1, 1)])
def test_a_day_that_is_far_from_the_plans_years_is_a_slip_of_the_keyboard(plan, smola, due):
    first = [First("training", Words("Kurs"), due)]
    wanted = {"plan": plan, "party": "averoy", "service": "inquiry", "by": BY}
    for act in (
        partial(rolling_out.move, roll_out=smola, due=due, why="Utsatt", by=BY),
        partial(rolling_out.prepare, roll_out=smola, kind="training", title=Words("Kurs"), due=due, by=BY),
        partial(rolling_out.add, due=due, **wanted),
        partial(rolling_out.add, due=MAY, first=first, **wanted),
    ):
        with pytest.raises(errors.YearTooFar):
            act()
    rolling_out.add(due=date(2030, 12, 31), **wanted)
    assert [each.now.due for each in rolling_out.roll_outs(plan)] == [MAY, date(2030, 12, 31)]
