"""A pool at the office: joined, paid, applied for, granted and adopted by those whose it is, and by nobody else."""

import pytest
from django.test import Client

from allmenning.basics import dates
from allmenning.commons.pools import queries
from allmenning.doors.office.testing import at_office, with_all_agreements
from allmenning.doors.office.tests.refusing import refused_forms
from allmenning.journeys.testing import number

POOL = "digifin"
KEEP = f"/en/cooperation/office/pools/{POOL}/"
PUBLIC = f"/en/cooperation/agreement/{POOL}/pool/"
DAY = {"day": "2021-03-03", "joins_on": "2021-03-03"}


@pytest.fixture
def agreements(averoy, once):
    once("agreements", with_all_agreements)


@pytest.fixture
def treasurer(agreements):
    return at_office("treasurer", scope=POOL)


@pytest.fixture
def averoys(agreements):
    return at_office("member-treasurer", party="averoy")


@pytest.fixture
def smolas(agreements):
    return at_office("member-treasurer", party="smola", who=number(312))


def joined(treasurer, *parties):
    for party in parties:
        assert treasurer.post(KEEP, {"do": "join", "party": party, **DAY}).status_code == 302
        ore = queries.account(POOL).claims[party]
        treasurer.post(KEEP, {"do": "pay-in", "party": party, "amount": f"{ore / 100:.2f}", **DAY})


def applied(client, asked="50 000"):
    client.post(KEEP, {"do": "apply", "title": "Felles skjema", "about": "For alle", "asked": asked})
    return f"{KEEP}{queries.applications(POOL)[0].application.id}/"


GRANT = {
    "do": "decide",
    "outcome": "grant",
    "granted": "50000",
    "inhabitant": "1,50",
    "reason": "Mange får bruk for det",
}


def test_from_joining_to_the_money_that_comes_back(treasurer, averoys, smolas):
    joined(treasurer, "averoy", "smola")
    people = {row.party: row.population for row in queries.members(POOL)}
    assert queries.account(POOL).bank == 2000 * (people["averoy"] + people["smola"])
    page = applied(averoys)
    assert treasurer.post(page, GRANT).status_code == 302
    assert treasurer.post(page, {"do": "pay-out", "amount": "50000", **DAY}).status_code == 400  # before it was granted
    assert treasurer.post(page, {"do": "pay-out", "amount": "50000", "day": str(dates.today())}).status_code == 302
    assert smolas.post(page, {"do": "adopt"}).status_code == 302
    assert queries.account(POOL).claims == {"smola": 150 * people["smola"]}
    treasurer.post(KEEP, {"do": "pay-in", "party": "smola", "amount": f"{1.5 * people['smola']:.2f}", **DAY})
    account = queries.account(POOL)
    assert account.bank == 2000 * sum(people.values()) - 5_000_000 + 150 * people["smola"]
    assert account.has == account.whose


@pytest.mark.parametrize(
    "form",
    [
        {"do": "join", "party": "atlantis"},
        {"do": "join", "party": "averoy", "joins_on": "1999-01-01"},
        {"do": "state", "amount": "0", "text": "X"},
    ],
)
def test_what_is_refused_begins_no_account(treasurer, form):
    assert treasurer.post(KEEP, {**DAY, **form}).status_code == 400
    assert queries.pool(POOL) is None


def test_a_price_that_no_amount_can_hold_is_refused(treasurer, averoys):
    joined(treasurer, "averoy")
    page = treasurer.post(applied(averoys), {**GRANT, "inhabitant": "99999999999999"})
    assert page.status_code == 400
    assert 'id="decide-inhabitant-error"' in page.text


def test_anybody_sees_how_the_pool_stands(treasurer, averoys):
    joined(treasurer, "averoy")
    treasurer.post(applied(averoys), GRANT)
    page = Client().get(PUBLIC).text
    assert "Felles skjema" in page
    assert "NOK 50,000.00" in page.replace("\u00a0", " ")
    csv = Client().get(f"/en/cooperation/agreement/{POOL}/pool.csv").content.decode("utf-8-sig")
    assert "Promised grants" in csv
    assert csv.count("\r\n") == 4


def test_a_grant_that_there_is_no_money_for_is_refused_beside_what_was_typed(treasurer, averoys):
    treasurer.post(KEEP, {"do": "join", "party": "averoy", **DAY})
    answer = treasurer.post(applied(averoys), GRANT)
    assert answer.status_code == 400
    assert "No more than NOK" in answer.text
    assert "Mange får bruk for det" in answer.text
    assert queries.account(POOL).promised == 0


def test_only_the_pools_own_treasurer_keeps_its_account(agreements, averoys):
    other = at_office("treasurer", scope="ikt-orkide", who=number(313))
    for client in (other, averoys):
        assert client.post(KEEP, {"do": "join", "party": "averoy", **DAY}).status_code == 404
    assert queries.members(POOL) == []


def test_who_is_no_member_applies_for_nothing(treasurer, averoys):
    treasurer.post(KEEP, {"do": "join", "party": "smola", **DAY})
    answer = averoys.post(KEEP, {"do": "apply", "title": "x", "about": "y", "asked": "1"})
    assert answer.status_code == 400
    assert "Only members" in answer.text
    assert queries.applications(POOL) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"do": "pay-in", "party": "averoy", "amount": "mye", **DAY}, "not an amount"),
        ({"do": "pay-in", "party": "averoy", "amount": "0", **DAY}, "above zero"),
        ({"do": "pay-in", "party": "averoy", "amount": "9999999", **DAY}, "outstanding"),
        ({"do": "join", "party": "averoy", "joins_on": "31.02.2026"}, "no such day"),
        ({"do": "join", "party": "atlantis", **DAY}, "did not exist"),
        ({"do": "join", "party": "smola", "joins_on": "2019-01-01"}, "agreement"),
        ({"do": "state", "amount": "1", **DAY}, "Fill in this"),
        ({"do": "steal"}, "Choose one"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_entered(treasurer, typed, said):
    treasurer.post(KEEP, {"do": "join", "party": "averoy", **DAY})
    before = len(queries.entries(POOL))
    answer = treasurer.post(KEEP, typed)
    assert answer.status_code == 400
    assert said in answer.text
    assert len(queries.entries(POOL)) == before


def test_every_form_leads_to_what_is_wrong_and_keeps_what_was_typed(treasurer, averoys):
    joined(treasurer, "averoy")
    page = applied(averoys)
    assert (refused_forms(treasurer, KEEP, page), refused_forms(averoys, KEEP)) == (4, 1)
    treasurer.post(page, GRANT)
    assert refused_forms(treasurer, page) == 2


def test_the_pools_agreement_shows_first_what_it_costs_to_join(agreements):
    page = Client().get(f"/en/cooperation/agreement/{POOL}/").content.decode().replace("\u00a0", " ")
    assert "NOK 115,760.00" in page  # Averøy: 20 kr for each of 5,788 on 1 January 2020
    assert "NOK 0.00" not in page


def test_an_agreement_that_is_no_pool_has_none(treasurer):
    assert Client().get("/cooperation/agreement/ikt-orkide/pool/").status_code == 404
    assert treasurer.get("/cooperation/office/pools/ikt-orkide/").status_code == 404
    assert treasurer.get(f"{KEEP}00000000-0000-4000-8000-000000000000/").status_code == 404


def test_the_first_page_tells_what_a_pool_waits_for(treasurer, averoys):
    office = "/en/cooperation/office/"
    treasurer.post(KEEP, {"do": "join", "party": "averoy", **DAY})
    assert "Pay what you owe the pool" in averoys.get(office).content.decode()
    page = applied(averoys)
    assert page in treasurer.get(office).content.decode()
    treasurer.post(page, {"do": "decide", "outcome": "refuse", "reason": "Ikke nå"})
    assert page not in treasurer.get(office).content.decode()
