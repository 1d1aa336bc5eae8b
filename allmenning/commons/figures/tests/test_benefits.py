"""Measured, estimated and reckoned are three things, and none is said more exactly than it is known."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmenning.commons.figures import rates
from allmenning.commons.figures.benefits import (
    PER_CENT,
    Baseline,
    Estimated,
    Gain,
    Measured,
    Rate,
    changed,
    count,
    hours,
    share,
    worth,
)
from allmenning.commons.figures.errors import OtherUnit, RateWithoutSource, UnitsDiffer
from allmenning.commons.figures.queries import Cell

SOURCE = {"nb": "Et anslag", "nn": "Eit anslag", "en": "An estimate"}
MINUTES = Estimated(Fraction(40), "minutes", SOURCE, confirmed=False, per="form")
FIVES = st.integers(1, 400).map(lambda fives: Cell(Decimal(fives * 5), 5))


def told(*numbers):
    return [Cell(None if each is None else Decimal(each)) for each in numbers]


def test_what_is_told_is_summed_and_what_is_hidden_is_said_to_be_missing():
    assert count(told(20, None, 15), "forms") == Measured(Fraction(35), "forms", is_complete=False)
    assert count(told(None), "forms").number is None


def test_hours_are_forms_times_an_estimate_and_say_both():
    found = hours(Measured(Fraction(35), "forms"), MINUTES)
    assert (found.number, found.by.confirmed) == (Fraction(70, 3), False)


def test_nothing_is_reckoned_of_what_is_not_told():
    assert hours(Measured(None, "forms"), MINUTES) is None
    assert worth(None, Rate("an-hour", "hour", Fraction(40000), SOURCE)) is None


def test_letters_are_not_made_into_hours():
    with pytest.raises(UnitsDiffer):
        hours(Measured(Fraction(35), "letters"), MINUTES)


def test_hours_become_money_by_a_rate_with_a_source_only():
    of = hours(Measured(Fraction(35), "forms"), MINUTES)
    assert worth(of, Rate("an-hour", "hour", Fraction(45000), SOURCE)).ore == 1_050_000
    with pytest.raises(RateWithoutSource):
        Rate("an-hour", "hour", Fraction(45000), {"nb": " "})
    with pytest.raises(UnitsDiffer):
        worth(of, Rate("postage", "letter", Fraction(1800), SOURCE))


def test_a_share_is_no_more_exact_than_figures_in_fives():
    assert share(told(25), told(40)).number == 60
    assert share(told(125), told(200)).number == 60
    assert share(told(1115), told(2000)).number == 56


def test_of_few_there_is_no_share_and_no_share_is_more_than_all():
    assert share(told(10), told(15)).number is None
    assert share(told(35), told(30)).number == 100  # the part has moved a step, and the whole has not yet


def test_a_share_is_of_those_of_which_both_are_told():
    found = share(told(20, None), told(20, 40))
    assert (found.number, found.is_complete) == (100, False)


@given(st.lists(st.tuples(FIVES, FIVES), min_size=1, max_size=10))
def test_a_share_is_from_none_to_all(pairs):
    found = share([part for part, _ in pairs], [whole for _, whole in pairs]).number
    assert found is None or 0 <= found <= 100


def before(gain, number, unit):
    return Baseline(gain, Decimal(number), unit, date(2024, 1, 1), date(2024, 12, 31), SOURCE)


@pytest.mark.parametrize(
    ("gain", "was", "now", "difference", "better"),
    [
        (Gain.DAYS, "30", 12, -18, True),
        (Gain.DAYS, "10", 12, 2, False),
        (Gain.FORMS, "120", 300, 180, True),
        (Gain.INCOMPLETE, "40", 45, 5, False),
        (Gain.AUTOMATIC, "40", 40, 0, None),
    ],
)
def test_before_and_after_is_better_or_worse_by_what_is_measured(gain, was, now, difference, better):
    found = changed(before(gain, was, gain.unit), Measured(Fraction(now), gain.unit))
    assert (found.difference, found.is_better) == (difference, better)


def test_nothing_is_told_of_a_change_to_what_is_hidden():
    found = changed(before(Gain.DAYS, "30", "days"), Measured(None, "days"))
    assert (found.difference, found.is_better) == (None, None)


def test_days_are_not_held_against_per_cent():
    with pytest.raises(OtherUnit):
        changed(before(Gain.DAYS, "30", PER_CENT), Measured(Fraction(12), "days"))


def test_the_rate_of_a_day_says_its_source_in_each_language():
    postage = rates.rate_on("postage", date(2026, 6, 30))
    assert (postage.ore, postage.confirmed) == (1800, False)
    assert all(postage.source[language] for language in ("nb", "nn", "en"))
    assert rates.rate_on("postage", date(2016, 12, 31)).ore == 1100
    assert rates.rate_on("postage", date(2017, 1, 1)) is None
    assert rates.rate_on("an-hour", date(2026, 6, 30)) is None
