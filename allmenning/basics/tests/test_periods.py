"""Periods that figures are told of, and that nothing told of nested ones leads to a part that is too few to tell of."""

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmenning.basics import periods
from allmenning.basics.few import FEWEST, whole_fives

TODAY = date(2026, 11, 22)


def codes(found):
    return [each.code for each in found]


@pytest.mark.parametrize("code", ["2026-10", "2026-h1", "2026-h2", "2026"])
def test_a_code_is_read_as_it_is_written(code):
    assert periods.read(code).code == code


@pytest.mark.parametrize("code", ["", "2026-13", "2026-h3", "26", "2026-1", "9999", "2026-00", "２０２６"])
def test_what_is_no_period_is_none(code):
    assert periods.read(code) is None


@pytest.mark.parametrize(
    ("code", "before", "end"),
    [
        ("2026-01", "2025-12", date(2026, 2, 1)),
        ("2026-h1", "2025-h2", date(2026, 7, 1)),
        ("2026-h2", "2026-h1", date(2027, 1, 1)),
        ("2026", "2025", date(2027, 1, 1)),
    ],
)
def test_it_is_compared_with_the_one_before(code, before, end):
    period = periods.read(code)
    assert (period.before.code, period.end) == (before, end)


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("2026-10", ["2026-10"]),
        ("2026-11", []),  # it goes on
        ("2026-h1", ["2026-h1"]),
        ("2026-h2", ["2026-07", "2026-08", "2026-09", "2026-10"]),
        ("2026", ["2026-h1", "2026-07", "2026-08", "2026-09", "2026-10"]),
        ("2025", ["2025-h1", "2025-h2"]),
        ("2027", []),
    ],
)
def test_what_goes_on_and_a_year_are_sums_of_parts_that_are_over(code, parts):
    assert codes(periods.read(code).told_in(TODAY)) == parts


def test_one_may_choose_what_something_can_be_told_of():
    assert codes(periods.last("month", 2, TODAY)) == ["2026-10", "2026-09"]
    assert codes(periods.last("half", 2, TODAY)) == ["2026-h2", "2026-h1"]
    assert codes(periods.last("half", 2, date(2026, 7, 31))) == ["2026-h1", "2025-h2"]
    assert codes(periods.last("year", 2, date(2026, 1, 31))) == ["2025", "2024"]


def told(number):
    return whole_fives(number) or None


@given(st.lists(st.integers(0, 30), min_size=12, max_size=12))
def test_no_month_is_known_to_have_some_and_fewer_than_five(numbers):
    """What one can work out of a year, its halves and its months together, as bounds of what is not told: of a single month
    never that there was somebody and fewer than five, and of no half-year either.
    """
    halves = [numbers[:6], numbers[6:]]
    for months in halves:
        half = told(sum(months))
        for hidden in (n for n, number in enumerate(months) if told(number) is None):
            others = [number for n, number in enumerate(months) if n != hidden]
            assert lowest(half, others) <= 0
    told_halves = [told(sum(months)) for months in halves]
    assert sum(each or 0 for each in told_halves) == sum(each for each in told_halves if each)  # a year adds nothing


def lowest(half, others):
    """The fewest that one month can have had, by what is told of the half-year and of its other months."""
    if half is None:
        return 0
    at_most = sum((told(each) or 0) + FEWEST - 1 for each in others)
    return half - at_most


def test_a_year_told_for_itself_would_give_a_half_away():
    """Why a year is a sum: 12 and 3 would be told as 10, nothing and 15, so the second was one to four."""
    first, second = 12, 3
    year, half = told(first + second), told(first)
    assert (year, half, told(second)) == (15, 10, None)
    assert year - (half + FEWEST - 1) == 1


def test_the_half_that_goes_on_told_for_itself_would_give_a_month_away():
    """Two looks a month apart: 9 and then 11, with a month that is not told between them."""
    looks = list(combinations([9, 11], 2))
    assert [told(after) - (told(before) + FEWEST - 1) for before, after in looks] == [1]
