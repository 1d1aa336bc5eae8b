"""What the municipalities were spared: measured or estimated, always said as what it is, and nothing about fewer than five."""

from fractions import Fraction

import pytest
from django.test import Client

from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.figures.actions import publish_figure
from allmenning.commons.figures.models import PublishedFigure
from allmenning.commons.municipalities import actions
from allmenning.journeys import benefits, cooperating

YEAR = "2026"
PAGE = "/en/cooperation/ikt-orkide/benefits/"
FEE = "reduced-kindergarten-fee"  # 40 minutes a form


@pytest.fixture
def cooperation(averoy, smola, once):
    once("register", actions.load_register)


def publish(municipality, measure, value, people=None, service=FEE):
    publish_figure(
        municipality=municipality,
        service=service,
        period=YEAR,
        measure=measure,
        value=value,
        count=value if people is None else people,
        version=catalogue.published(service).version,
    )


@pytest.fixture
def figures(cooperation):
    for municipality, forms, digital, letters, read in (("averoy", 40, 30, 60, 45), ("smola", 25, 20, 20, 4)):
        publish(municipality, "forms", forms)
        publish(municipality, "digital", digital)
        publish(municipality, "letters", letters)
        publish(municipality, "letters-digital", read)


def said(path=PAGE, **query):
    return Client().get(path, query).content.decode().replace("\u00a0", " ")


def test_what_was_spared_is_told_for_all_and_for_each(figures):
    page = said()
    assert "at least 50" in page
    assert "at least 33 hours" in page  # 50 forms of 40 minutes
    assert "about 80 %" in page  # 50 of 65
    assert "at least NOK 810" in page  # 45 letters of 18 kroner; Smøla's four are not told


def test_an_estimate_is_never_shown_as_a_measurement(figures):
    page = said()
    assert "40 minutes" in page
    assert "An estimate, not measured" in page
    assert page.count("Measured times estimated") + page.count("measured times estimated") >= 2
    assert "not confirmed" in page


def test_what_is_about_fewer_than_five_is_said_to_be_and_no_share_is_made_of_it(figures):
    table = said("/en/cooperation/ikt-orkide/benefits-2026.csv")
    smola = next(line for line in table.splitlines() if line.startswith("Smøla"))
    assert "fewer than 5" in smola
    assert ";4;" not in smola
    assert "fewer than 5" in said()


def test_the_csv_has_the_minutes_and_the_version_that_they_are_from(figures):
    head, *lines = said("/en/cooperation/ikt-orkide/benefits-2026.csv").lstrip("\ufeff").splitlines()
    averoy = dict(
        zip(head.split(";"), next(each for each in lines if each.startswith("Averøy")).split(";"), strict=True)
    )
    assert averoy["Minutes for each form (estimated)"] == "40"
    assert averoy["Version"] == catalogue.published(FEE).version
    assert (averoy["Hours (measured times estimated)"], averoy["Postage in kroner (measured, at a rate)"]) == (
        "20",
        "810.00",
    )


def test_minutes_are_of_the_version_that_was_offered_when_the_figure_was_told(figures):
    PublishedFigure.objects.filter(municipality="averoy", measure="digital").update(
        version="0.0.1"
    )  # published no more
    found = benefits.benefits(cooperating.cooperation("ikt-orkide"), YEAR)
    assert found.hours("averoy").number is None
    assert found.hours("smola").number == Fraction(20 * 40, 60)
    assert not found.hours().is_complete


def test_a_year_with_nothing_says_so(cooperation):
    assert "There are no figures of this year yet" in said()


def test_there_is_nothing_of_a_cooperation_or_a_year_that_is_not_there(figures):
    assert Client().get("/cooperation/nobody/benefits/").status_code == 404
    assert Client().get("/cooperation/ikt-orkide/benefits-1999.csv").status_code == 404


@pytest.mark.parametrize("year", ["9999", "%00x", "<script>"])
def test_a_strange_year_is_no_failure(figures, year):
    assert Client().get(PAGE, {"year": year}).status_code in (200, 400)


@pytest.mark.parametrize("language", ["", "nn/", "en/"])
def test_the_page_is_there_in_each_language(figures, language):
    assert Client().get(f"/{language}cooperation/ikt-orkide/benefits/").status_code == 200


def test_the_page_asks_the_database_a_few_times_only(figures, django_assert_max_num_queries):
    said()
    with django_assert_max_num_queries(7, using="commons"):
        said()
