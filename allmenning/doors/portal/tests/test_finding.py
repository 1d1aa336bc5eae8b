"""Finding the way: search, topics, municipalities and service pages."""

import pytest
from django.test import Client

from allmenning.commons.catalogue import actions as catalogue
from allmenning.commons.municipalities import actions as municipalities
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys.testing import rita


@pytest.fixture
def facts(services, once):
    once("facts", load_facts)


def load_facts():
    municipalities.load_register()
    catalogue.load_los()
    catalogue.load_state_services()


@pytest.fixture
def browser(averoy, facts):
    client = Client()
    client.cookies["municipality"] = "averoy"
    return client


@pytest.mark.parametrize(
    ("language", "typed"),
    [("", "barnehge"), ("nn/", "førespurnad"), ("en/", "kindergarden"), ("en/", "foreldrebetaling")],
)
def test_services_are_found_in_every_language_and_with_typing_errors(browser, language, typed):
    page = browser.get(f"/{language}search/", {"q": typed}).text
    assert f"/{language}averoy/services/" in page


def test_municipal_and_state_services_stand_side_by_side_and_say_whose_they_are(browser):
    page = browser.get("/search/", {"q": "bostøtte"}).text
    assert "/averoy/services/housing-allowance/" in page
    assert "https://www.husbanken.no/" in page
    assert "et annet nettsted" in page


def test_what_the_municipality_does_not_offer_is_not_found_there(browser, averoy):
    from allmenning.journeys import administering
    from allmenning.tenancy import use

    with use(averoy.id, "administration"):
        administering.stop_offering(administering.OPERATOR, "housing-allowance")
    assert "/averoy/services/housing-allowance/" not in browser.get("/search/", {"q": "bostøtte"}).text
    page = browser.get("/averoy/services/housing-allowance/")
    assert page.status_code == 404
    assert "/averoy/services/inquiry/" in page.text


def test_questions_go_to_the_service_that_takes_anything_and_without_one_to_the_page_about_contact(browser):
    assert 'href="/averoy/services/inquiry/"' in browser.get("/contact/").text
    catalogue.withdraw("inquiry")
    page = browser.get("/contact/")
    assert page.status_code == 200
    assert "/services/inquiry/" not in page.text
    assert 'href="/contact/"' in browser.get("/search/", {"q": "zzzz"}).text


def test_businesses_see_what_is_for_them(browser):
    page = browser.get("/?for=business").text
    assert "/averoy/services/inquiry/" in page
    assert "/averoy/services/reduced-kindergarten-fee/" not in page


def test_hostile_searches_are_only_text(browser):
    page = browser.get("/search/", {"q": '"><script>alert(1)</script>{{7*7}}'})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "49" not in page.text
    assert browser.get("/search/", {"q": "x" * 5000}).status_code == 200


def test_a_municipality_is_chosen_by_its_former_name_or_number(averoy, facts):
    client = Client()
    page = client.get("/municipalities/", {"q": "1554"}).text
    assert 'value="averoy"' in page
    chosen = client.post("/municipalities/", {"municipality": "averoy", "next": "/search/?q=x"})
    assert chosen["Location"] == "/search/?q=x"
    assert client.cookies["municipality"].value == "averoy"
    assert "Averøy" in client.get("/").text


def test_the_choice_leads_to_no_other_site(averoy, facts):
    chosen = Client().post("/municipalities/", {"municipality": "averoy", "next": "//evil.example/"})
    assert chosen["Location"] == "/"


def test_nobody_chooses_what_is_not_there(averoy, facts):
    chosen = Client().post("/municipalities/", {"municipality": "../etc"})
    assert "municipality" not in chosen.cookies


def test_a_municipality_that_is_not_here_says_so(averoy, facts):
    page = Client().get("/oslo/")
    assert page.status_code == 404
    assert "er ikke med i dette samarbeidet" in page.text
    assert Client().get("/nowhere-at-all/").status_code == 404


def test_a_service_without_a_municipality_asks_which(averoy, facts):
    page = Client().get("/services/inquiry/").text
    assert 'value="averoy"' in page
    assert "/services/inquiry/" in page


def test_the_service_page_tells_what_one_must_know(browser):
    page = browser.get("/averoy/services/reduced-kindergarten-fee/").text
    for said in ("Hvem kan få det", "Hva du trenger", "Hvor lang tid det tar", "Loven", "lovdata.no", "Rådhusvegen 1"):
        assert said in page
    assert "/login/?next=%2Faveroy%2Fservices%2Freduced-kindergarten-fee%2F" in page.replace("/averoy", "%2Faveroy", 0)


def test_the_median_is_shown_only_when_it_is_about_enough_people(browser):
    from allmenning.basics import dates
    from allmenning.commons.figures.models import PublishedFigure
    from allmenning.doors.portal.views.service import median_days

    figure = {"municipality": "averoy", "service": "inquiry", "measure": "median-days", "published_at": dates.now()}
    PublishedFigure.objects.create(**figure, period="2026", value=None, count=None)
    assert "dager" not in browser.get("/averoy/services/inquiry/").text.split("Hvor lang tid")[1][:300]
    PublishedFigure.objects.update(value=4, count=10)
    median_days.forget()
    assert "4 dager" in browser.get("/averoy/services/inquiry/").text


def test_all_of_los_is_reachable(browser):
    page = browser.get("/topics/").text
    assert "/topics/familie-og-barn/" in page
    assert browser.get("/topics/barnehage/").status_code == 200
    assert browser.get("/averoy/topics/fa-barn/").status_code == 200
    assert browser.get("/topics/no-such-topic/").status_code == 404


def test_the_register_suggests_where_one_lives_until_one_chooses(averoy, facts):
    client = browser_of(rita(), suggested_municipality="averoy")
    assert "Bor du i Averøy?" in client.get("/").text
    client.cookies["municipality"] = "averoy"
    assert "Bor du i Averøy?" not in client.get("/").text


@pytest.mark.parametrize("language", ["", "nn/", "en/"])
@pytest.mark.parametrize(
    "page", ["", "contact/", "accessibility/", "privacy/", "averoy/", "receipt-code/", "logged-out/"]
)
def test_every_page_is_there_in_every_language(browser, language, page):
    answer = browser.get(f"/{language}{page}")
    assert answer.status_code == 200
    assert "<h1" in answer.text
