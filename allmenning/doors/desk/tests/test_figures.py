"""Figures at the desk: for who leads, as a page and as CSV, in each language."""

from datetime import date

import pytest

from allmenning.basics import dates
from allmenning.doors.desk.testing import at_desk
from allmenning.journeys.testing import ALICE, BOB
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_leading import AUTUMN, TODAY, deadline, decided, several


def get(averoy, path, who=BOB):
    with dates.clock.frozen(TODAY):
        return at_desk(averoy, who).get(path)


@pytest.fixture
def busy(averoy):
    """October, when eleven were received, six answered in time and five too late, and one of them has Alice."""
    cases = several(averoy, 11, AUTUMN)
    for each, met in zip(cases, [date(2026, 10, 8)] * 6 + [date(2026, 10, 28)] * 5, strict=True):
        decided(each, met)
        deadline(each, date(2026, 10, 19), met)
    return averoy


def test_a_leader_sees_them_and_nobody_else(busy):
    assert "Tall" in get(busy, "/desk/").text
    assert 'href="/desk/figures/"' not in get(busy, "/desk/", ALICE).text
    for path in ("/desk/figures/", "/desk/figures.csv"):
        assert get(busy, path, ALICE).status_code == 403


def test_what_was_received_and_done_in_time(busy):
    text = get(busy, "/desk/figures/?period=2026-10").text
    assert "oktober 2026" in text
    assert "september 2026" in text  # what it is compared with
    assert ">10<" in text
    assert text.count(">5<") >= 2
    assert ">11<" not in text[text.index('id="received"') : text.index('id="in-time"')]


def test_the_half_year_that_is_over_is_shown_first_and_what_is_no_period_is_that(busy):
    for path in ("/desk/figures/", "/desk/figures/?period=x", "/desk/figures/?period=2027&unit=x"):
        assert "første halvår 2026" in get(busy, path).text


def test_as_csv_without_who_has_what_to_do(busy):
    answer = get(busy, "/desk/figures.csv?period=2026-10")
    assert answer["Content-Disposition"] == 'attachment; filename="figures-2026-10.csv"'
    rows = [line.split(";") for line in answer.content.decode("utf-8-sig").splitlines()]
    assert rows[0] == ["Enhet", "Tabell", "Hva", "oktober 2026", "september 2026"]
    assert {len(row) for row in rows} == {5}
    assert [row[3:] for row in rows if row[1] == "Mottatt"] == [["10", "færre enn 5"]]
    numbers = [cell for row in rows[1:] for cell in row[3:]]
    assert all(cell == "færre enn 5" or int(cell) % 5 == 0 for cell in numbers)
    assert "Alice" not in answer.content.decode()


@pytest.mark.parametrize(("language", "word"), [("nn", "Motteke"), ("en", "Received")])
def test_in_each_language(busy, language, word):
    assert word in get(busy, f"/{language}/desk/figures/?period=2026-10").text


def test_it_asks_no_more_when_there_is_more(busy):
    with dates.clock.frozen(TODAY):
        bob = at_desk(busy, BOB)
        bob.get("/desk/figures/?period=2026")
        with statements() as few:
            bob.get("/desk/figures/?period=2026-10")
        several(busy, 30, AUTUMN)
        with statements() as more:
            bob.get("/desk/figures/?period=2026")
    own = [[each for each in sent if "revokedsession" not in str(each)] for sent in (few, more)]
    assert len(own[0]) == len(own[1]) == 7
