from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmenning.basics import dates

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("year", "easter"),
    [
        (2000, (4, 23)),
        (2008, (3, 23)),
        (2019, (4, 21)),
        (2024, (3, 31)),
        (2025, (4, 20)),
        (2038, (4, 25)),
        (2049, (4, 18)),
    ],
)
def test_easter_moves(year, easter):
    assert dates.easter_sunday(year) == date(year, *easter)


def test_the_holidays_of_2025():
    expected = [
        "01-01",
        "04-17",
        "04-18",
        "04-20",
        "04-21",
        "05-01",
        "05-17",
        "05-29",
        "06-08",
        "06-09",
        "12-25",
        "12-26",
    ]
    assert sorted(f"{day:%m-%d}" for day in dates.public_holidays(2025)) == expected


def test_working_days_pass_over_easter():
    assert dates.add_working_days(date(2025, 4, 16), 1) == date(2025, 4, 22)
    assert dates.add_working_days(date(2025, 4, 22), -1) == date(2025, 4, 16)
    assert dates.next_working_day(date(2025, 5, 17)) == date(2025, 5, 19)


@given(days, st.integers(1, 60))
def test_working_days_can_be_counted_back(day, number):
    end = dates.add_working_days(day, number)
    between = [day + timedelta(step) for step in range(1, (end - day).days + 1)]
    assert sum(map(dates.is_working_day, between)) == number
    assert dates.is_working_day(end)


def test_months_follow_the_calendar():
    assert dates.add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert dates.add_months(date(2025, 11, 30), 3) == date(2026, 2, 28)
    assert dates.add_months(date(2025, 12, 15), -12) == date(2024, 12, 15)


@given(days, st.integers(-48, 48))
def test_a_month_is_never_skipped(day, number):
    later = dates.add_months(day, number)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == number


def test_a_week_across_daylight_saving_is_still_a_week():
    assert dates.add_weeks(date(2025, 3, 26), 1) == date(2025, 4, 2)


def test_today_is_the_date_in_norway():
    with dates.clock.frozen(datetime(2025, 6, 30, 22, 30, tzinfo=UTC)):
        assert dates.today() == date(2025, 7, 1)
    with dates.clock.frozen(date(2025, 1, 2)):
        assert dates.today() == date(2025, 1, 2)


def test_dates_in_words():
    at = datetime(2025, 3, 3, 13, 5, tzinfo=UTC)
    assert dates.format_date(date(2025, 3, 3), "nb") == "3. mars 2025"
    assert dates.format_date(at, "en") == "3 March 2025"
    assert dates.format_datetime(at, "nn") == "3. mars 2025 kl. 14.05"
    assert dates.format_datetime(at, "en") == "3 March 2025 at 14:05"
    with pytest.raises(ValueError, match="zone"):
        dates.format_datetime(datetime(2025, 3, 3), "nb")


def test_a_day_of_a_form_is_read_and_what_is_none_is_none():
    assert dates.day_in("2026-11-22") == date(2026, 11, 22)
    assert [dates.day_in(text) for text in ("", "22.11.2026", "2026-02-30", "x" * 5000)] == [None] * 4


@pytest.mark.parametrize(
    "text", ["2028-02-29", "29.02.2028", "29.2.2028", "29. februar 2028", "29 February 2028", " 29.  februar 2028 "]
)
def test_a_date_is_read_as_people_write_it(text):
    assert dates.read_date(text) == date(2028, 2, 29)


@pytest.mark.parametrize(
    "text", ["", "29.2.2027", "29. februar 2027", "2027-02-29", "snart", "29. brumaire 2028", "0.1.2028"]
)
def test_what_is_no_date_is_read_as_none(text):
    assert dates.read_date(text) is None
