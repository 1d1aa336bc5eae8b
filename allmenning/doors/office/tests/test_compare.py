"""Who pays and who reaps, and the members side by side: settled costs beside what is told in fives."""

from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from allmenning.basics import dates
from allmenning.basics.memory import forget_everything
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.costs import actions as costs
from allmenning.commons.costs import drafting, entered, entering
from allmenning.commons.costs import queries as agreements
from allmenning.commons.costs.models import Correction, CorrectionSettled, SettlementIssue
from allmenning.commons.costs.settling import Cost
from allmenning.commons.figures.actions import publish_figure
from allmenning.commons.governance import queries as governance
from allmenning.commons.municipalities import actions, queries
from allmenning.journeys import benefits, comparing, cooperating
from allmenning.journeys.levels import by_level
from allmenning.journeys.parties import level_of_giver
from allmenning.journeys.tests.counting import statements
from demo import plan as demo_plan

ROOT = Path(__file__).resolve().parents[4]
BENEFITS, COMPARISON = "/en/cooperation/ikt-orkide/benefits/", "/en/cooperation/ikt-orkide/comparison/"
BY = "treasurer, ikt-orkide"
SERVICE = "reduced-kindergarten-fee"  # 40 minutes a form


def settle(year, ore):
    """A settlement of the year, issued without bills."""
    agreed, day = agreements.agreement("ikt-orkide").agreement, date(year, 3, 1)
    entering.enter_cost(agreed, Cost(day, "Leverandør AS", str(year), "Drift", ore, 0), by=BY)
    row = drafting.draft("ikt-orkide", day, queries, by=BY).row
    drafting.approve(row.id, by="approver, ikt-orkide")
    issued = {"agreement": row.agreement, "start": row.start, "due": day, "at": row.drafted_at, "by": BY}
    SettlementIssue.objects.create(settlement=row, **issued, accounts={}, treatments={})


def publish(municipality, measure, value, year):
    figure = {"municipality": municipality, "service": SERVICE, "period": str(year), "measure": measure}
    publish_figure(**figure, value=value, count=value, version=catalogue.published(SERVICE).version)


@pytest.fixture
def years(averoy, smola, once):
    """2013 and 2014 are settled; 2014 has figures of two of the thirteen."""
    once("years", settled_years)


def settled_years():
    actions.load_register()
    costs.publish((ROOT / "agreements/ikt-orkide.yaml").read_text("utf-8"), file="f", by="tests")
    settle(2013, 100_000_000)
    settle(2014, 110_000_000)
    for municipality, number in (("averoy", 40), ("halsa", 25)):
        for measure in ("cases", "forms", "digital", "letters", "letters-digital"):
            publish(municipality, measure, number, 2014)
    publish("smola", "cases", 4, 2014)


def said(path, **query):
    return Client().get(path, query).content.decode().replace("\u00a0", " ").lstrip("\ufeff")


def lines(path, **query):
    head, *rows = said(path, **query).splitlines()
    return {row.split(";")[0]: dict(zip(head.split(";"), row.split(";"), strict=True)) for row in rows}


def test_cost_for_each_inhabitant_is_exact_and_by_that_years_population(years):
    found = lines("/en/cooperation/ikt-orkide/comparison-2013.csv")
    assert found["Halsa"]["Inhabitants"] == "1606"
    assert found["Halsa"]["Kroner for each inhabitant"] == "23.82"  # 38 250.57 / 1606
    assert found["Kristiansund"]["Kroner for each inhabitant"] == "10.40"  # 251 068.93 / 24 131


def test_cost_for_each_case_is_the_most_it_can_be_and_nothing_where_cases_are_hidden(years):
    page = said(COMPARISON, year=2014)
    assert "at most NOK" in page
    found = lines("/en/cooperation/ikt-orkide/comparison-2014.csv")
    paid = float(found["Averøy"]["Cost in kroner, settled"])
    assert float(found["Averøy"]["Kroner for each case, at most"]) == pytest.approx(paid / 40, abs=0.005)
    assert (found["Smøla"]["Cases received, at least"], found["Smøla"]["Kroner for each case, at most"]) == ("", "")


def test_over_time_is_every_settled_year(years):
    found = lines("/en/cooperation/ikt-orkide/over-time.csv")
    assert found["Halsa"]["2013"] == "23.82"
    assert float(found["Together"]["2014"]) > float(found["Together"]["2013"]) == pytest.approx(13.50, abs=0.005)


def test_a_year_that_is_not_settled_says_so(years):
    publish("averoy", "cases", 40, 2015)
    assert "No settlement of 2015 is issued yet" in said(COMPARISON, year=2015)
    assert "No settlement of 2015 is issued yet" in said(BENEFITS, year=2015)


def test_who_pays_and_who_reaps_is_in_kroner_only_where_there_is_a_rate(years):
    page = said(BENEFITS, year=2014)
    assert "Hours are told as hours" in page
    assert "Nothing is gained in kroner" in page  # no postage is stated for 2014


def test_an_hour_becomes_kroner_by_the_readers_own_number(years):
    found = lines("/en/cooperation/ikt-orkide/balance-2014.csv", hour="450")
    averoy = found["Averøy"]
    assert averoy["Hours in kroner, at the rate that you wrote"] == "11700.00"  # 40 forms of 40 minutes: 26 whole hours
    assert float(averoy["Difference in kroner"]) == pytest.approx(11700 - float(averoy["Cost in kroner, settled"]))
    assert "which is your number: the cooperation has stated none" in said(BENEFITS, year=2014, hour="450")


def test_a_year_that_is_not_settled_may_be_held_against_one_that_is_and_says_so(years):
    publish("averoy", "cases", 40, 2015)
    page = said(BENEFITS, year=2015, cost=2014)
    assert "What was gained in 2015 is held against what was settled for 2014." in page
    found = lines("/en/cooperation/ikt-orkide/balance-2015.csv", cost="2014")
    assert (found["Averøy"]["Year of what was gained"], found["Averøy"]["Year of the cost"]) == ("2015", "2014")
    assert "Cost and gain of each" not in said(BENEFITS, year=2015, cost="\u0662\u0660\u0661\u0664")


def test_what_is_moved_sums_to_nothing_and_makes_costs_follow_gains(years):
    found = lines("/en/cooperation/ikt-orkide/balance-2014.csv", hour="450")
    for column in ("Moved if all had the same cost for each krone gained", "Moved if nobody was to lose"):
        assert sum(round(float(each[column]) * 100) for each in found.values()) == 0
    averoy, halsa = (found[each] for each in ("Averøy", "Halsa"))
    after = [
        round(
            100
            * (
                float(each["Cost in kroner, settled"])
                + float(each["Moved if all had the same cost for each krone gained"])
            )
        )
        for each in (averoy, halsa)
    ]
    assert sum(after) == 110_000_000  # those who gained nothing get it all back
    assert after[0] * 16 == pytest.approx(after[1] * 26, abs=100)  # whole hours


@pytest.mark.parametrize("hour", ["mye", "-450", "1e9", "\u0664\u0665"])
def test_an_hour_that_is_no_amount_is_refused_beside_the_field(years, hour):
    page = Client().get(BENEFITS, {"year": 2014, "hour": hour})
    assert page.status_code == 400
    assert "hour-error" in page.text
    assert Client().get("/cooperation/ikt-orkide/balance-2014.csv", {"hour": hour}).status_code == 404


@pytest.mark.parametrize("path", ["balance-2012.csv", "comparison-2012.csv", "balance-x.csv"])
def test_there_is_nothing_of_a_year_that_is_neither_settled_nor_told(years, path):
    assert Client().get(f"/cooperation/ikt-orkide/{path}").status_code == 404


@pytest.mark.parametrize("language", ["", "nn/", "en/"])
def test_the_comparison_is_there_in_each_language(years, language):
    assert Client().get(f"/{language}cooperation/ikt-orkide/comparison/?year=2013").status_code == 200


def test_who_was_no_member_of_a_year_is_not_compared_in_it(years):
    found = comparing.side_by_side(cooperating.cooperation("ikt-orkide"), comparing.costs("ikt-orkide"), 2013)
    assert len(found) == 13
    assert "molde" not in {each.municipality for each in found}


def test_the_comparison_asks_the_database_a_few_times_only(years, django_assert_max_num_queries):
    said(COMPARISON, year=2014)
    with django_assert_max_num_queries(8, using="commons"):
        said(COMPARISON, year=2014)


@pytest.mark.parametrize("asked", ["9" * 5000, "²", "-1", "2013.0"])
def test_a_year_that_can_not_be_read_is_no_year(commons_db, asked):
    actions.load_register()
    assert comparing.year_of_costs({2013: {}}, "2026", asked) is None
    assert Client().get(BENEFITS, {"cost": asked, "year": asked}).status_code == 200


@pytest.fixture
def levels(years):
    """The plan of the demo, a settled year with grants, and what was measured in the plan's first year."""
    agreed = agreements.agreement("ikt-orkide").agreement
    for giver, ore in (("Fylkesmannen", 80_000_000), ("Møre og Romsdal fylkeskommune", 500_000)):
        entering.enter_grant(agreed, day=date(2015, 5, 1), giver=giver, text="Innføring", ore=ore, project="", by=BY)
    settle(2015, 200_000_000)
    demo_plan.seed()
    publish("averoy", "letters-digital", 100, dates.today().year)


def test_each_level_pays_and_reaps_and_the_difference_is_told(levels):
    year = dates.today().year
    costs = comparing.costs("ikt-orkide")
    spared = benefits.benefits(cooperating.cooperation("ikt-orkide"), str(year))
    found = by_level("ikt-orkide", costs, 2015, spared, comparing.balance(spared, costs[2015]))
    municipal, county, state = found.rows
    assert found.has_grants
    assert [each.grants for each in found.rows] == [0, 500_000, 80_000_000]
    assert municipal.shares + county.grants + state.grants == 200_000_000
    assert (municipal.measured, county.measured) == (spared.money().ore, None)
    assert municipal.net_measured == spared.money().ore - municipal.shares
    assert (county.expected, county.expected_hours) == (1_800_000, 40)
    assert (state.expected, state.expected_hours) == (19_500_000, 470)
    assert (state.net_expected, state.net_measured) == (19_500_000 - 80_000_000, None)
    told = governance.estimates(governance.current("ikt-orkide"))
    assert municipal.expected == sum(each.amount_ore or 0 for each in told) - county.expected - state.expected


def test_a_grant_counts_when_it_has_reduced_what_is_shared(levels):
    agreed = agreements.agreement("ikt-orkide").agreement
    grant = {"giver": "Staten", "text": "Mer", "ore": 100, "project": "", "by": BY}
    entering.enter_grant(agreed, day=date(2015, 6, 1), **grant)  # late: a correction that waits
    entering.enter_grant(agreed, day=date(2016, 6, 1), **grant)  # of a year that is not settled
    counted = lambda year: [  # noqa: E731
        each.giver for each in entered.settled_grants("ikt-orkide", date(year, 1, 1), date(year + 1, 1, 1))
    ]
    assert counted(2015) == ["Fylkesmannen", "Møre og Romsdal fylkeskommune"]
    assert counted(2016) == []
    settle(2016, 1_000_000)
    assert counted(2016) == ["Staten"]
    later = SettlementIssue.objects.get(start=date(2016, 1, 1)).settlement
    CorrectionSettled.objects.create(correction=Correction.objects.get(), settlement=later)
    assert counted(2015)[2:] == ["Staten"]


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("Averøy kommune", "municipality"),
        ("Møre og Romsdal fylkeskommune", "county"),
        ("Kommunedepartementet", "state"),
        ("Kommunesektorens organisasjon", "state"),
    ],
)
def test_a_givers_level_is_told_by_its_words(name, level):
    assert level_of_giver(name) == level


def test_the_balance_of_levels_is_a_table_a_chart_and_a_file(levels):
    page = said(BENEFITS, cost=2015, year=dates.today().year)
    assert 'id="chart-levels-title"' in page
    for text in ("NOK 800,000", "The counties", "NOK 195,000", "470 hours"):
        assert text in page
    assert "Fylkesmannen" not in page  # the treasurer's own text
    file = Client().get(f"/en/cooperation/ikt-orkide/levels-{dates.today().year}.csv?cost=2015").content.decode()
    rows = [row.split(";") for row in file.strip().splitlines()]
    assert rows[3][1:4] == ["2015", "0.00", "800000.00"]
    assert rows[3][7:] == ["195000.00", "470", "", "-605000.00"]
    assert Client().get("/en/cooperation/ikt-orkide/levels-1999.csv").status_code == 404
    assert Client().get("/en/cooperation/ikt-orkide/levels-2014.csv?hour=mye").status_code == 404


def test_levels_are_told_of_a_plan_also_where_nothing_is_settled(commons_db):
    actions.load_register()
    forget_everything()
    demo_plan.seed()
    page = said(BENEFITS, year=dates.today().year)
    assert "No settlement is held against this" in page
    assert "What each level pays</caption>" not in page
    assert "NOK 195,000" in page


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_page_of_levels_asks_a_few_times_in_each_language(levels, language):
    address = BENEFITS.replace("/en/", "/" if language == "nb" else f"/{language}/") + "?cost=2015"
    Client().get(address)
    with statements() as sent:
        assert Client().get(address).status_code == 200
    assert len(sent) <= 10, [str(each)[:90] for each in sent]
