"""The cooperation's page: members through time, what they offer, and nothing about fewer than five people."""

from pathlib import Path

import pytest
from django.test import Client

from allmenning.commons.costs import actions as costs
from allmenning.commons.costs.errors import FileWrong
from allmenning.commons.figures.actions import publish_figure
from allmenning.commons.municipalities import actions
from allmenning.journeys import administering
from allmenning.tenancy import use

ROOT = Path(__file__).resolve().parents[4]
YEAR = "2026"
PAGE = "/en/cooperation/ikt-orkide/"


@pytest.fixture
def cooperation(averoy, smola, once):
    once("register", actions.load_register)


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


# --- agreements, and what each would pay ---

BILL = "/en/cooperation/agreement/ikt-orkide/"


@pytest.fixture
def agreements(cooperation):
    for path in sorted((ROOT / "agreements").glob("*.yaml")):
        costs.publish(path.read_text("utf-8"), file=path.name, by="tests")


def said(page):
    return page.content.decode().replace("\u00a0", " ")


def test_a_cooperations_page_says_who_pays_what_and_leads_to_the_agreement(agreements):
    page = said(Client().get(PAGE))
    assert "The sum is divided 70 % by population and 30 % equally." in page
    assert BILL in page
    assert "The national pool" in said(Client().get("/en/cooperation/"))


@pytest.mark.parametrize("language", ["", "nn/", "en/"])
@pytest.mark.parametrize("agreement", ["ikt-orkide", "digifin", "price-steps", "equal-shares", "by-population"])
def test_every_agreement_has_a_page_in_each_language(agreements, language, agreement):
    assert Client().get(f"/{language}cooperation/agreement/{agreement}/").status_code == 200


def test_anybody_may_work_out_a_bill_down_to_the_figure(agreements):
    page = said(Client().get(BILL, {"amount": "1 000 000,00", "day": "2013-01-01"}))
    assert "NOK 251,068.93" in page
    assert "NOK 700,000.00 · 24,131 / 74,089 = NOK 227,992.01" in page
    assert "Inhabitants on 1 January 2013" in page


def test_the_same_as_csv_with_exact_fractions(agreements):
    asked = {"amount": "1000000", "day": "2013-01-01"}
    table = Client().get(f"{BILL}shares.csv", asked).content.decode("utf-8-sig")
    assert "1571;Halsa;1606;3684130000000/963157;38250.57" in table


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"amount": "mye"}, "This is not an amount of money"),
        ({"day": "2013-02-30"}, "There is no such day"),
        ({"day": "2012-01-01"}, "The agreement has no rule for 1 January 2012: it begins on 1 January 2013."),
        ({"day": "9999-12-31"}, "31 December 9999 is too far ahead to be settled."),
        ({"day": "2025-01-01"}, "has no population figure for 1 January 2025"),
    ],
)
def test_what_can_not_be_worked_out_is_said_beside_the_field(agreements, query, why):
    page = Client().get(BILL, query)
    assert page.status_code == 400
    assert why in said(page)


def test_what_was_typed_stays_when_it_was_wrong(agreements):
    assert 'value="mye"' in said(Client().get(BILL, {"amount": "mye"}))


def test_an_agreement_that_is_not_there_is_not_found(agreements):
    assert Client().get("/cooperation/agreement/nothing/").status_code == 404
    assert Client().get("/cooperation/agreement/nothing/shares.csv").status_code == 404


def test_publishing_the_same_again_changes_nothing_and_a_change_is_a_new_version(agreements):
    text = (ROOT / "agreements/equal-shares.yaml").read_text("utf-8")
    assert costs.publish(text, file="f", by="tests").version == 1
    assert costs.publish(text.replace("by-number", "by-name"), file="f", by="tests").version == 2
    assert "first in the alphabet" in said(Client().get("/en/cooperation/agreement/equal-shares/"))


def test_an_agreement_with_somebody_who_is_in_no_register_is_not_published(agreements):
    text = (ROOT / "agreements/equal-shares.yaml").read_text("utf-8").replace("municipality: hof", "municipality: haf")
    with pytest.raises(FileWrong) as wrong:
        costs.publish(text, file="f", by="tests")
    line = text.splitlines().index(next(each for each in text.splitlines() if "haf" in each)) + 1
    said = [str(each) for each in wrong.value.problems]
    assert said == [f"line {line}: There is no municipality haf in the register."]


def test_an_agreement_that_has_ended_is_shown_as_it_was_on_its_last_days(agreements):
    text = (ROOT / "agreements/equal-shares.yaml").read_text("utf-8").replace("host: re", "host: averoy")
    costs.publish(text, file="f", by="tests")
    assert Client().get("/en/cooperation/agreement/equal-shares/").status_code == 200


def test_what_is_paid_back_has_bars_of_its_size(agreements):
    page = Client().get(BILL, {"amount": "-1000000", "day": "2013-01-01"}).text
    assert 'class="chart__fill" width="100.00"' in page
    assert 'class="chart__fill" width="-' not in page


# --- what if ---

IF = f"{BILL}what-if/"
IN_2013 = {"amount": "1000000", "day": "2013-01-01"}


def rows_of(query):
    """Each party's line of the comparison's CSV, by name."""
    text = Client().get(f"{BILL}what-if.csv", {**IN_2013, **query}).content.decode("utf-8-sig")
    return {line.split(";")[1]: line.split(";")[2:] for line in text.splitlines()[1:]}


def test_what_if_one_leaves_the_others_pay_it_all(agreements):
    rows = rows_of({"leaves": "kristiansund"})
    assert rows["Kristiansund"] == ["251068.93", "", "-251068.93"]
    then = [row[1] for name, row in rows.items() if name != "Kristiansund"]
    assert sum(round(float(each) * 100) for each in then) == 100_000_000


def test_what_if_one_joins_and_the_rule_is_another(agreements):
    rows = rows_of({"joins": "Molde", "by_population": "0"})
    assert rows["Molde"][0] == ""
    assert {row[1] for row in rows.values()} <= {"71428.57", "71428.58"}


def test_what_if_the_population_of_another_year_held(agreements):
    assert float(rows_of({"year": "2012"})["Kristiansund"][2]) < 0  # which has grown since


def test_all_of_it_by_population_is_a_rule_too(agreements):
    page = said(Client().get(IF, {**IN_2013, "by_population": "100"}))
    assert "The sum is divided by population." in page


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"joins": "Nowhere at all"}, "There is no municipality Nowhere at all in the register."),
        ({"joins": "Hustadvika"}, "There is no municipality Hustadvika in the register."),
        ({"joins": "Halsa"}, "Halsa is a party already on that day."),
        ({"leaves": "molde"}, "molde is no party on that day."),
        ({"year": "MMXIII"}, "This is no year: MMXIII."),
        ({"year": "1950"}, "has no population figure for 1 January 1950"),
        ({"by_population": "101"}, "Write a number from 0 to 100."),
        ({"by_population": "-1"}, "Write a number from 0 to 100."),
    ],
)
def test_what_can_not_be_compared_is_said_beside_the_field(agreements, query, why):
    page = Client().get(IF, {**IN_2013, **query})
    assert page.status_code == 400
    assert why in said(page)


def test_one_of_two_with_the_same_name_is_the_same_one_when_asked_again(agreements):
    for number in ("1515", "1818"):
        assert f'name="joins" maxlength="80" autocomplete="off" value="{number}"' in said(
            Client().get(IF, {**IN_2013, "joins": number})
        )


def test_nothing_is_compared_before_something_is_asked(agreements):
    assert "What it means for each" not in said(Client().get(IF, IN_2013))
    assert Client().get(f"{BILL}what-if.csv", IN_2013).status_code == 404
