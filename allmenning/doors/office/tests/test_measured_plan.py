"""A measure of the joint plan beside what was measured of it: what each expected, and how it was before."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from allmenning.basics import dates
from allmenning.commons.figures.actions import publish_figure
from allmenning.commons.figures.benefits import PER_CENT, Gain
from allmenning.commons.governance import actions, queries
from allmenning.commons.governance.models import Baseline
from allmenning.commons.governance.words import Words
from allmenning.journeys.benefits import measured_in

from .test_plan import MEASURE, PLAN, said
from .test_plan import plan as plan

SERVICE = "reduced-kindergarten-fee"  # 40 minutes a form


def publish(municipality, measure, value, version="1.0.1", service=SERVICE):
    year = str(dates.today().year)
    about = {"municipality": municipality, "service": service, "period": year, "measure": measure, "version": version}
    publish_figure(**about, value=value, count=30)


@pytest.fixture
def measured(plan):
    for measure, value in (("forms", 60), ("digital", 45), ("median-days", 12), ("letters-digital", 30)):
        publish("averoy", measure, value)


def table(name):
    return said(f"{MEASURE}{name}.csv").lstrip("\ufeff")


def test_hours_that_were_measured_stand_beside_those_that_were_expected(measured):
    page = said(MEASURE)
    assert "at least 30 hours" in page  # 45 forms of 40 minutes
    assert "Hours a year, estimated" in page
    assert "Hours, measured times estimated" in page


def test_how_it_was_stands_beside_how_it_is_with_the_difference(measured):
    page = said(MEASURE)
    assert "about 12 days" in page
    assert "about \u221212 days" in page  # 24 before
    assert "better" in page
    assert "about +45" in page


def test_what_is_hidden_now_is_said_to_be_and_has_no_difference(measured):
    rows = [line for line in table("measured").splitlines() if line.startswith("Smøla;Forms that nobody keyed in")]
    assert [row.split(";")[2:4] for row in rows] == [["0", ""]]
    assert "fewer than 5" in said(MEASURE)


def test_medians_of_several_services_are_not_made_one(plan):
    for service in (SERVICE, "inquiry"):
        publish("averoy", "median-days", 10, service=service)
    year = str(dates.today().year)
    assert measured_in(["averoy"], [SERVICE], year).number(Gain.DAYS).number == 10
    assert measured_in(["averoy"], [SERVICE, "inquiry"], year).number(Gain.DAYS).number is None


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_it_is_there_in_each_language(measured, language):
    assert said(MEASURE, language)


def test_a_measure_with_nothing_measured_still_has_its_page(plan):
    assert Client().get(f"{PLAN}child-welfare-archive/").status_code == 200


def test_an_estimate_from_a_later_year_is_said_to_be(measured):
    year = dates.today().year
    page = said(MEASURE)
    assert f"60 hours from {year + 1}" in page
    rows = [line.split(";") for line in table("measured").splitlines() if line.startswith("Averøy;Hours a year")]
    assert [row[2:5] for row in rows] == [["", "30", str(year)], ["60", "", str(year + 1)]]


def test_an_estimate_that_has_begun_stands_beside_what_was_measured(measured):
    year = dates.today().year
    item = queries.planned(queries.current("ikt-orkide")).node("registers").item
    actions.estimate(item=item, party="averoy", from_year=year, hours=7, builds_on=Words("Et anslag"), by="test")
    page = said(MEASURE)
    assert f"7 hours; 67 hours from {year + 1}" in page


def test_a_baseline_that_can_not_be_held_against_anything_fails_no_page(measured):
    """Such a row was allowed before."""
    item = queries.planned(queries.current("ikt-orkide")).node("kindergarten-fee").item
    facts = {"gain": Gain.DAYS, "figure": Decimal(40), "unit": PER_CENT, "source": Words("Et anslag")}
    period = {"start": date(2025, 1, 1), "end": date(2025, 12, 31), "at": dates.now(), "by": "test"}
    Baseline.objects.create(item=item, party="averoy", **facts, **period)
    assert "40 per cent" in said(MEASURE).replace("\u00a0", " ")
    assert table("measured")
