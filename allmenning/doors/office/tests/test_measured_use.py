"""The treasurer's page of what the platform measured: by party, with what is missing, and taking it over."""

from __future__ import annotations

import re
from datetime import date

import pytest

from allmenning.commons.costs import actions, entered
from allmenning.commons.costs.testing import BY_USE
from allmenning.commons.figures import actions as figures
from allmenning.doors.office.testing import at_office, with_all_agreements

COSTS = "/en/cooperation/office/costs/by-use/"
USE = f"{COSTS}use/?day=2025-12-31"
LAST = date(2025, 12, 31)
WHOLE_YEAR = BY_USE.replace("2025-07-01", "2020-01-01")


@pytest.fixture
def treasurer(commons_db, registers, once):
    once("agreements", with_all_agreements)
    actions.publish(WHOLE_YEAR, file="by-use.yaml", by="test")
    return at_office("treasurer", scope="ikt-orkide")


def told(*parties):
    for party in parties:
        for measure in ("cases", "users"):
            figures.publish_use(municipality=party, year=2025, measure=measure, value=1234, count=60, until=LAST)


def seen(treasurer):
    """What the page posts of what it shows."""
    return {"seen": re.search(r'name="seen" value="([^"]+)"', said(treasurer.get(USE)))[1]}


def said(answer):
    return answer.content.decode().replace("\u00a0", " ").replace("&#39;", "'")


def test_who_is_missing_is_named_and_nothing_can_be_taken_over(treasurer):
    told("averoy", "kristiansund", "smola")
    page = said(treasurer.get(USE))
    assert "1,230 cases, measured by the platform from 1 January 2025 to 31 December 2025" in page
    assert "It has told nothing of this year." in page
    assert "until the use of these is entered by hand: Aure." in page
    assert "Take over what the platform measured" not in page
    refused = treasurer.post(USE, {"seen": ""})
    assert refused.status_code == 400
    assert "Enter it by hand first for Aure." in said(refused)


def test_what_is_taken_over_stands_among_the_costs_with_its_source(treasurer):
    told("averoy", "kristiansund", "smola", "aure")
    assert "Take over what the platform measured" in said(treasurer.get(USE))
    assert treasurer.post(USE, seen(treasurer)).status_code == 302
    page = said(treasurer.get(f"{COSTS}?year=2025"))
    assert page.count("measured by the platform from 1 January 2025 to 31 December 2025") == 8
    assert len(entered.used("by-use", date(2025, 1, 1))) == 8


def test_what_was_counted_anew_is_looked_at_first(treasurer):
    told("averoy", "kristiansund", "smola", "aure")
    before = seen(treasurer)
    figures.publish_use(municipality="aure", year=2025, measure="cases", value=2000, count=90, until=LAST)
    refused = treasurer.post(USE, before)
    assert refused.status_code == 400
    assert "It has been counted anew since you opened the page." in said(refused)


def test_a_share_opens_to_what_was_measured(treasurer):
    told("averoy", "kristiansund", "smola", "aure")
    treasurer.post(USE, seen(treasurer))
    typed = {"day": "2025-02-15", "supplier": "A", "invoice": "1", "text": "B", "net": "900 000"}
    treasurer.post(f"{COSTS}enter/", typed)
    answer = treasurer.post("/en/cooperation/office/settlements/by-use/", {"day": "2025-02-15"}, follow=True)
    page = said(answer)
    assert page.count("1,230 cases, measured by the platform from 1 January 2025 to 31 December 2025") == 4


def test_a_day_that_the_agreement_has_no_rule_for_is_said(treasurer):
    page = said(treasurer.get(f"{COSTS}use/?day=2019-05-01"))
    assert "The agreement has no rule for" in page


def test_an_agreement_that_shares_nothing_by_use_says_so(treasurer):
    page = said(treasurer.get("/en/cooperation/office/costs/ikt-orkide/use/?day=2013-05-01"))
    assert "Nothing in this agreement is shared by use" in page


def test_it_is_the_treasurers_page_alone(treasurer):
    assert at_office("approver", scope="ikt-orkide").get(USE).status_code in (403, 404)
    assert at_office("member-treasurer", party="averoy").get(USE).status_code in (403, 404)
    other = at_office("treasurer", scope="knutepunkt-sorlandet", who="17858510104")
    assert other.get(USE).status_code == 404
