"""The cooperation's page: members through time, what they offer, and nothing about fewer than five people."""

import pytest
from django.test import Client

from allmenning.basics.memory import forget_everything
from allmenning.commons.figures.actions import publish_figure
from allmenning.commons.municipalities import actions
from allmenning.journeys import administering
from allmenning.tenancy import use

YEAR = "2026"
PAGE = "/en/cooperation/ikt-orkide/"


@pytest.fixture
def cooperation(averoy, smola):
    forget_everything()
    actions.load_register()
    yield
    forget_everything()


def publish(municipality: str, measure: str, value: float, count: int) -> None:
    publish_figure(municipality=municipality, service="inquiry", period=YEAR, measure=measure, value=value, count=count)


def test_anyone_sees_the_cooperations(cooperation):
    page = Client().get("/en/cooperation/").text
    assert "IKT Orkidé" in page
    assert "Averøy" in page


def test_a_cooperation_that_is_not_there_is_not_found(cooperation):
    assert Client().get("/cooperation/nobody/").status_code == 404
    assert Client().get(f"/cooperation/nobody/figures-{YEAR}.csv").status_code == 404


def test_members_are_shown_through_time_with_who_took_over(cooperation):
    page = Client().get(PAGE).text
    assert "Fræna" in page
    assert "Hustadvika" in page
    assert "31 December 2018" in page


def test_what_members_offer_follows_their_administrators(cooperation):
    assert "Inquiry to the municipality, Averøy" in Client().get(PAGE).text
    with use("averoy", "administration"):
        administering.stop_offering(administering.OPERATOR, "inquiry")
    page = Client().get(PAGE).text
    assert "Inquiry to the municipality, Averøy" not in page
    assert "Inquiry to the municipality, Smøla" in page


@pytest.mark.parametrize("measure", ["cases", "decided", "median-days"])
def test_no_figure_is_about_fewer_than_five(cooperation, measure):
    publish("averoy", measure, 35, 5)
    publish("smola", measure, 75, 4)
    page = Client().get(f"{PAGE}?measure={measure}").text
    assert ">35" in page
    assert ">75" not in page
    assert "fewer than 5" in page
    csv = Client().get(f"/en/cooperation/ikt-orkide/figures-{YEAR}.csv").content.decode("utf-8-sig")
    assert ";35;" in csv
    assert ";75;" not in csv


def test_a_total_never_tells_what_is_hidden(cooperation):
    publish("averoy", "cases", 20, 12)
    publish("smola", "cases", 4, 4)
    assert "In all: at least 20" in Client().get(PAGE).text


@pytest.mark.parametrize("query", ["year=9999", "year=%00x", "measure=secret", "measure='--", "year=<script>"])
def test_a_strange_question_is_no_failure(cooperation, query):
    assert Client().get(f"{PAGE}?{query}").status_code in (200, 400)


def test_the_page_asks_the_database_a_few_times_only(cooperation, django_assert_max_num_queries):
    Client().get(PAGE)
    with django_assert_max_num_queries(10, using="commons"):
        Client().get(PAGE)
