"""How much of the platform a municipality used: counted in its own database, and what of it the commons are told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from allmenning.basics import dates
from allmenning.commons.figures import actions, queries
from allmenning.commons.figures.errors import ImpossibleFigure
from allmenning.commons.figures.models import PublishedUse
from allmenning.journeys import figures, using
from allmenning.journeys.tests.test_figures import answer, as_owner, residents
from allmenning.journeys.tests.test_main_job import send_inquiry
from allmenning.municipal.documents.models import Document
from allmenning.tenancy import use

TODAY = date(2026, 11, 2)
START, YESTERDAY = date(2026, 1, 1), TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def in_november():
    with dates.clock.frozen(datetime(2026, 11, 2, 9, tzinfo=UTC)):
        yield


def sent(place, count, registers):
    """So many people send a form, the day before."""
    with dates.clock.frozen(datetime(2026, 11, 1, 9, tzinfo=UTC)):
        cases = [send_inquiry(place, each).case_id for each in residents(count, registers)]
    as_owner(place.id, "update documents_document set size = 90000000")  # as when somebody has opened it
    return cases


def told(municipality="averoy", year=2026):
    return {measure: used.amount for (_, measure), used in queries.used([municipality], year).items()}


def tell(value, count, measure="cases", until=YESTERDAY, **more):
    told = {"year": 2026, "measure": measure, "value": value, "count": count, "until": until}
    return actions.publish_use(municipality="averoy", **told, **more)


def test_cases_staff_and_what_is_kept_are_counted_until_yesterday(averoy, smola, registers):
    cases = sent(averoy, 6, registers)
    with dates.clock.frozen(datetime(2026, 11, 1, 10, tzinfo=UTC)):
        answer(averoy, cases[0])
    send_inquiry(averoy, next(residents(1, registers)))  # today
    with use("averoy", "ordinary"):
        kept = sum(Document.objects.exclude(size=None).values_list("size", flat=True))
    assert kept == 6 * 90_000_000
    found = using.counted_in("averoy", START, TODAY)
    assert found["cases"] == using.Counted(6, 6)
    assert found["users"] == using.Counted(1, 1)
    assert found["storage"].value == 1  # gigabyte that is begun
    assert using.counted_in("averoy", START, TODAY + timedelta(days=1))["cases"].value == 7
    assert using.counted_in("smola", START, TODAY)["cases"] == using.Counted(0, 0)


def test_what_came_another_year_is_not_of_this_one_but_what_was_kept_is(averoy, registers):
    sent(averoy, 5, registers)
    as_owner("averoy", "update cases_case set received_at = received_at - interval '1 year'")
    found = using.counted_in("averoy", START, TODAY)
    assert (found["cases"].value, found["storage"].value) == (0, 1)


def test_it_is_told_in_fives_without_any_service_and_until_which_day(averoy, registers):
    sent(averoy, 8, registers)
    using.publish_use("averoy")
    assert told() == {"cases": 5, "users": None, "storage": 1}
    assert queries.used(["averoy"], 2026)["averoy", "cases"].until == YESTERDAY


def test_nothing_is_told_of_four(averoy, registers):
    sent(averoy, 4, registers)
    using.publish_use("averoy")
    assert told() == {"cases": None, "users": None, "storage": None}


def test_in_january_last_year_is_told_once_more_and_on_its_first_day_alone(averoy, registers):
    sent(averoy, 5, registers)
    using.publish_use("averoy", date(2027, 1, 1))
    assert queries.used(["averoy"], 2026)["averoy", "cases"].until == date(2026, 12, 31)
    assert told(year=2027) == {}
    using.publish_use("averoy", date(2027, 2, 1))
    assert queries.used(["averoy"], 2026)["averoy", "cases"].until == date(2026, 12, 31)
    assert told(year=2027)["cases"] is None


def test_only_what_is_told_by_service_is_told_where_one_or_two_services_are_hidden(averoy, registers, monkeypatch):
    """All less what is told of the others would be of these."""
    sent(averoy, 6, registers)
    figures.publish_figures("averoy", TODAY)  # 5
    sent(averoy, 6, registers)  # the same people, so the figure of the service does not move
    for hidden, expected in ((0, 10), (1, 5), (2, 5), (3, 10)):
        PublishedUse.objects.all().delete()
        offered = {"inquiry": "1", **{f"hidden-{number}": "1" for number in range(hidden)}}
        monkeypatch.setattr(using.catalogue, "offered_by", lambda ids, offered=offered: {ids[0]: offered})
        using.publish_use("averoy")
        assert told()["cases"] == expected, hidden


def test_where_nothing_is_told_by_service_and_few_are_offered_nothing_is_told_of_all(averoy, registers, monkeypatch):
    sent(averoy, 6, registers)
    monkeypatch.setattr(using.catalogue, "offered_by", lambda ids: {ids[0]: {"inquiry": "1", "hidden": "1"}})
    using.publish_use("averoy")
    assert told()["cases"] is None


@pytest.mark.parametrize("then", [{"inquiry", "b", "c"}, {"inquiry", "b"}])
def test_what_was_told_of_all_goes_as_soon_as_only_one_or_two_are_hidden(averoy, registers, monkeypatch, then):
    """A service is shown, or offered no more: of the same people, so nothing moves for their sake."""
    offered = dict.fromkeys(["inquiry", "b", "c", "d"], "1")
    monkeypatch.setattr(using.catalogue, "offered_by", lambda ids: {ids[0]: offered})
    sent(averoy, 6, registers)
    figures.publish_figures("averoy", TODAY)
    sent(averoy, 6, registers)
    using.publish_use("averoy")
    assert told()["cases"] == 10
    offered = dict.fromkeys(then, "1")
    using.publish_use("averoy")
    assert told()["cases"] == 5


def test_a_service_that_is_offered_no_more_is_still_hidden(averoy, registers, monkeypatch):
    sent(averoy, 6, registers)
    figures.publish_figures("averoy", TODAY)
    sent(averoy, 6, registers)
    few = {"service": "gone", "period": "2026", "measure": "cases", "value": 3, "count": 3}
    actions.publish_figure(municipality="averoy", **few)
    monkeypatch.setattr(using.catalogue, "offered_by", lambda ids: {ids[0]: {"inquiry": "1"}})
    using.publish_use("averoy")
    assert told()["cases"] == 5


@pytest.mark.usefixtures("commons_db")
def test_a_sum_that_anybody_can_add_up_moves_with_its_parts_and_all_again_in_steps():
    assert [tell(100, 10).value, tell(60, 11, is_sum=True).value, tell(65, 11, is_sum=True).value] == [100, 60, 65]
    assert [tell(105, 12).value, tell(110, 19).value] == [65, 110]


@pytest.mark.usefixtures("commons_db")
def test_it_moves_only_in_steps_of_five_people_and_never_back_in_time():
    assert (tell(9, 9).value, tell(13, 13).value, tell(14, 14).value) == (5, 5, 10)
    assert tell(90, 90, until=YESTERDAY - timedelta(days=1)).value == 10
    later = tell(15, 15, until=TODAY)
    assert (later.value, later.counted_until) == (10, TODAY)


@pytest.mark.usefixtures("commons_db")
@pytest.mark.parametrize(("value", "count"), [(-1, 5), (5, -1)])
def test_nothing_is_less_than_nothing(value, count):
    with pytest.raises(ImpossibleFigure):
        tell(value, count)


@pytest.mark.usefixtures("commons_db")
@pytest.mark.parametrize("change", [{"value": 7}, {"count": 7}, {"count": 4, "value": 5}, {"count": None}])
def test_the_database_refuses_what_would_tell_of_few(change):
    row = tell(10, 10)
    with pytest.raises(IntegrityError), transaction.atomic(using="commons"):
        PublishedUse.objects.filter(pk=row.pk).update(**change)


@pytest.mark.usefixtures("commons_db")
def test_gigabytes_are_told_as_they_are():
    assert tell(7, 6, "storage").value == 7


@pytest.mark.usefixtures("commons_db")
def test_gigabytes_are_of_the_day_that_is_told_whoever_they_are_from():
    assert tell(100, 10, "storage").value == 100
    later = tell(900, 14, "storage", until=TODAY)
    assert (later.value, later.counted_until) == (900, TODAY)
    assert tell(50, 10, "storage", until=TODAY).value == 50
    assert tell(50, 4, "storage", until=TODAY).value is None
