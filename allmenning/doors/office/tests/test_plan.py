"""The joint plan's pages: progress that anyone may follow, in each language, as a page and as tables."""

import pytest
from django.test import Client

from allmenning.commons.governance import actions, queries
from allmenning.commons.governance.actions import Said
from allmenning.commons.governance.words import Words
from allmenning.commons.municipalities import actions as municipalities
from allmenning.journeys.tests.counting import statements
from demo import plan as demo_plan

PLAN = "/en/cooperation/ikt-orkide/plan/"
MEASURE = f"{PLAN}kindergarten-fee/"


@pytest.fixture
def plan(averoy, smola, once):
    once("register", municipalities.load_register)
    once("plan", demo_plan.seed)


def said(address: str, language: str = "en") -> str:
    page = Client().get(address.replace("/en/", f"/{language}/".replace("/nb/", "/")))
    assert page.status_code == 200, address
    return page.content.decode().replace("\u00a0", " ")


def test_anyone_follows_the_plan_from_the_cooperations_page(plan):
    assert PLAN in said("/en/cooperation/ikt-orkide/")
    page = said(PLAN)
    assert "One portal in place of paper forms" in page
    assert "At risk" in page
    assert "NOK 5,525,000" in page


def test_a_cooperation_without_a_plan_shows_none(plan):
    assert Client().get("/en/cooperation/vestfold/plan/").status_code == 404
    assert "/vestfold/plan/" not in said("/en/cooperation/vestfold/")


def test_what_nobody_wrote_in_a_language_is_shown_in_bokmaal_and_marked(plan):
    goal = queries.planned(queries.current("ikt-orkide")).node("less-paper").item
    actions.add_item(plan=goal.plan, kind="measure", code="new", said=Said(Words("Bare bokmål")), under=goal, by="test")
    assert '<span lang="nb">Bare bokmål</span>' in said(PLAN)
    assert '<span lang="nb">Bare bokmål</span>' not in said(PLAN, "nb")


def test_a_measure_says_what_it_claims_and_what_that_builds_on(plan):
    page = said(MEASURE)
    assert "Decisions made automatically" in page
    assert "times 35 minutes for each that nobody keys in" in page
    assert "240 hours" in page
    assert page.count("times 35 minutes") == 1


def test_what_was_taken_out_can_still_be_read_with_its_reason(plan):
    assert "The board found that joint operation is cheaper for all twelve." in said(f"{PLAN}own-servers/")


def test_a_measure_says_what_each_council_decided_and_what_the_employees_say_unchanged(plan):
    page = said(f"{PLAN}child-welfare-archive/", "nn")
    assert "38 for, 7 mot" in page
    assert "Ventar på kommunestyret" in page
    assert "Opplæringen må skje i arbeidstiden, og reisen til felles kontor må regnes som arbeidstid." in page


def test_the_roll_out_plan_says_who_is_late(plan):
    page = said(f"{PLAN}roll-out/")
    assert page.index("Old cases are moved, due on") < page.index(", late</span>")
    assert "In use since" in page


@pytest.mark.parametrize("table", ["progress", "costs", "milestones", "joining", "decisions", "roll-out"])
def test_each_table_of_the_plan_is_a_file(plan, table):
    file = Client().get(f"{PLAN}{table}.csv")
    assert file.headers["Content-Type"].startswith("text/csv")
    assert len(file.content.decode("utf-8-sig").splitlines()) > 5


@pytest.mark.parametrize("table", ["costs", "milestones", "joining", "expected", "before", "risks"])
def test_each_table_of_a_measure_is_a_file(plan, table):
    assert len(Client().get(f"{MEASURE}{table}.csv").content.decode("utf-8-sig").splitlines()) > 1


@pytest.mark.parametrize(
    "address", ["nothing/", "less-paper/", "secrets.csv", "kindergarten-fee/secrets.csv", "forms/", "'--/"]
)
def test_what_is_not_there_is_not_found(plan, address):
    assert Client().get(PLAN + address).status_code == 404


@pytest.mark.parametrize("year", ["x", "99999", "²", "0000", "2026&plan=x", ""])
def test_a_strange_year_shows_the_plan_that_holds(plan, year):
    assert Client().get(f"{PLAN}?plan={year}").status_code == 200


@pytest.mark.parametrize("address", [PLAN, MEASURE, f"{PLAN}roll-out/"])
def test_a_page_asks_the_database_a_few_times_however_much_there_is(plan, address):
    Client().get(address)
    with statements() as sent:
        Client().get(address)
    assert len(sent) <= 22
