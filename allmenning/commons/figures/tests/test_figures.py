from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allmenning.basics.few import whole_fives
from allmenning.commons.figures import actions, queries
from allmenning.commons.figures.errors import ImpossibleFigure
from allmenning.commons.figures.models import PublishedFigure
from allmenning.commons.figures.queries import Cell, Table

pytestmark = pytest.mark.usefixtures("commons_db")


def publish(municipality, value, count, measure="cases", **more):
    about = {"service": "housing-allowance", "period": "2026", "measure": measure, **more}
    return actions.publish_figure(municipality=municipality, value=value, count=count, **about)


def cases(*municipalities, measure="cases"):
    return queries.table(measure, municipalities, ["housing-allowance"], "2026")


def test_a_figure_about_five_people_is_shown_and_about_four_is_not():
    publish("averoy", 9, 5)
    publish("smola", 9, 4)
    table = cases("averoy", "smola")
    assert table.cell("housing-allowance", "averoy").value == 5
    assert not table.cell("housing-allowance", "smola").is_shown


def test_what_is_about_fewer_is_not_even_stored():
    row = publish("smola", 3, 3)
    row.refresh_from_db()
    assert (row.value, row.count) == (None, None)
    with pytest.raises(IntegrityError, match="figure_is_about_five_or_more"), transaction.atomic(using="commons"):
        PublishedFigure.objects.filter(pk=row.pk).update(count=3, value=3)


def test_no_figure_stands_without_how_many_people_are_behind_it():
    row = publish("averoy", 10, 10)
    for lost in ({"count": None}, {"value": None}):
        with pytest.raises(IntegrityError), transaction.atomic(using="commons"):
            PublishedFigure.objects.filter(pk=row.pk).update(**lost)


def test_medians_of_fewer_than_five_are_hidden_and_never_added():
    publish("averoy", 12.5, 6, "median-days")
    publish("smola", 3, 4, "median-days")
    table = cases("averoy", "smola", measure="median-days")
    assert [cell.value for cell in table.row("housing-allowance")] == [Decimal(12), None]
    assert table.total_of_service("housing-allowance").value is None


def test_nobody_one_and_never_published_look_the_same():
    publish("averoy", 0, 0)
    publish("smola", 1, 1)
    hidden = [(cell.value, cell.count) for cell in cases("averoy", "smola", "aure").row("housing-allowance")]
    assert hidden == [(None, None)] * 3


def test_a_total_tells_nothing_about_what_is_hidden():
    publish("averoy", 12, 10)
    publish("smola", 3, 3)
    publish("aure", 8, 8)
    total = cases("averoy", "smola", "aure").total_of_service("housing-allowance")
    assert (total.value, total.is_complete) == (10 + 5, False)
    assert cases("averoy", "aure").total.is_complete
    assert cases("smola").total.value is None


@given(st.lists(st.one_of(st.none(), st.integers(5, 50)), min_size=1, max_size=12), st.data())
def test_no_difference_between_totals_of_any_tables_is_about_the_hidden(values, data):
    municipalities = [f"m{number}" for number in range(len(values))]
    cells = {
        ("s", name): Cell(None if v is None else Decimal(v)) for name, v in zip(municipalities, values, strict=True)
    }
    chosen = data.draw(st.lists(st.sampled_from(municipalities), unique=True, min_size=1))
    table = Table("cases", "2026", tuple(chosen), ("s",), {("s", name): cells["s", name] for name in chosen})
    shown = [cells["s", name].value for name in chosen if cells["s", name].is_shown]
    assert table.total.value == (sum(shown) if shown else None)


def test_a_figure_moves_only_in_steps_of_five_people():
    for people in range(1, 25):
        publish("averoy", people, people)
        shown = cases("averoy").cell("housing-allowance", "averoy").count
        assert shown == (None if people < 5 else 5 if people < 14 else 10 if people < 19 else 15 if people < 24 else 20)


def test_who_still_waits_is_not_the_received_less_the_decided():
    """Three of eight wait, about two people: neither the cases nor the people of the two figures tell."""
    publish("averoy", 9, 8)
    publish("averoy", 6, 6, "decided")
    received, decided = (
        cases("averoy", measure=each).cell("housing-allowance", "averoy") for each in ("cases", "decided")
    )
    assert (received.value - decided.value) % 5 == 0
    assert (received.count - decided.count) % 5 == 0
    with pytest.raises(IntegrityError, match="figure_is_in_fives"), transaction.atomic(using="commons"):
        PublishedFigure.objects.filter(measure="cases").update(value=9)
    with pytest.raises(IntegrityError, match="figure_is_in_fives"), transaction.atomic(using="commons"):
        PublishedFigure.objects.filter(measure="cases").update(count=8)


LOOKS = st.lists(
    st.fixed_dictionaries(
        {
            (name, measure): st.integers(0, 12)
            for name in ("averoy", "smola", "aure")
            for measure in ("cases", "decided")
        }
    ),
    min_size=1,
    max_size=6,
)


@given(LOOKS, st.lists(st.sampled_from((-1, 0, 1)), min_size=200, max_size=200))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_sum_or_difference_of_what_was_ever_told_is_about_fewer_than_five(new_people, signs):
    """More people come between the looks. Whoever keeps each number, each total, and adds and subtracts at will, finds
    no number from one to four; and what two looks differ by is about five people or more."""
    PublishedFigure.objects.all().delete()
    people, told, last = defaultdict(int), [], {}
    for more in new_people:
        for (name, measure), number in more.items():
            people[name, measure] += number
            publish(name, people[name, measure] * 2, people[name, measure], measure)
        for measure in ("cases", "decided"):
            table = cases("averoy", "smola", "aure", measure=measure)
            for name in table.municipalities:
                cell, now = table.cell("housing-allowance", name), people[name, measure]
                if cell != last.get((name, measure), (cell, 0))[0] and last[name, measure][0].is_shown:
                    assert now - last[name, measure][1] >= 5
                if cell != last.get((name, measure), (None, 0))[0]:
                    last[name, measure] = cell, now
            shown = [cell for cell in table.row("housing-allowance") if cell.is_shown]
            told += [each for cell in shown for each in (cell.value, cell.count)] + [table.total.value or 0]
    found = sum(sign * number for sign, number in zip(signs, told, strict=False))
    assert found % 5 == 0


def test_publishing_again_changes_nothing_and_the_older_never_wins():
    publish("averoy", 20, 20, as_of=datetime(2026, 5, 2, tzinfo=UTC))
    publish("averoy", 20, 20, as_of=datetime(2026, 5, 3, tzinfo=UTC))
    publish("averoy", 10, 10, as_of=datetime(2026, 5, 1, tzinfo=UTC))
    row = PublishedFigure.objects.get()
    assert (row.count, row.published_at) == (20, datetime(2026, 5, 2, tzinfo=UTC))


def test_one_municipality_does_not_touch_another():
    publish("averoy", 9, 9)
    publish("smola", 7, 7)
    assert [cell.value for cell in cases("averoy", "smola").row("housing-allowance")] == [5, 5]
    assert queries.periods() == ["2026"]


def test_impossible_figures_are_refused():
    with pytest.raises(ImpossibleFigure):
        publish("averoy", 1, -1)
    with pytest.raises(IntegrityError, match="period_is_a_year"), transaction.atomic(using="commons"):
        publish("averoy", 9, 9, period="26-1")


def may_be(people):
    """How many there may be behind what is told of so many."""
    told = whole_fives(people)
    return range(told, told + 5) if people >= 5 else range(5)


def rest_may_be(whole, *parts):
    """How many the rest may be, for whoever knows what is told of a whole and of these parts of it."""
    combined = product(may_be(whole), *map(may_be, parts))
    return {all_of - sum(of) for all_of, *of in combined if sum(of) <= all_of}


def test_of_a_whole_and_one_part_nobody_can_tell_that_the_rest_is_somebody_and_fewer_than_five():
    for whole in range(60):
        for part in range(whole + 1):
            rest = rest_may_be(whole, part)
            assert min(rest) == 0 or max(rest) >= 5, (whole, part)


def test_with_both_parts_told_somebody_could():
    """Why the other part is not published: told 25 in all and 20 of the one, anybody knows that the hidden other is one to four."""
    whole, part, other = 27, 24, 3
    known = {of for of in may_be(other) if any(all_of - of in may_be(part) for all_of in may_be(whole))}
    assert known == {1, 2, 3, 4}
