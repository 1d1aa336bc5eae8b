"""Costs, settlements and invoices in a real browser, as each role sees them: accessible, wide and at 320 px."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from allmenning.basics import dates
from allmenning.commons.costs import actions
from allmenning.commons.costs.models import CostLine, IssuedBill
from allmenning.commons.costs.testing import BY_USE, known
from allmenning.commons.figures import actions as figures
from allmenning.commons.identity import offices as roles
from allmenning.doors.office.testing import PEOPLE, logged_in, with_all_agreements
from allmenning.doors.office.tests.test_settlement_pages import CHOSEN, LEDGER
from allmenning.journeys import billing, entering_costs, offices, settling_periods

from .harness import assert_good_at_every_width
from .pages import visits
from .test_desk import press

OFFICE, ORKIDE, YEAR = "cooperation/office/", "ikt-orkide", date(2013, 1, 1)
ROLES = {"treasurer": {"scope": ORKIDE}, "approver": {"scope": ORKIDE}, "member-treasurer": {"party": "halsa"}}


@pytest.fixture
def people(averoy):
    """Who has which role at the office of IKT Orkidé."""
    with_all_agreements()
    given = {role: offices.let_in(PEOPLE[role], role=role, **whose) for role, whose in ROLES.items()}
    return {role: roles.OfficeActing(row.id, row.role, row.scope, row.party) for role, row in given.items()}


def be(page: Page, site: str, by: roles.OfficeActing) -> None:
    """Log in as who has this role, and choose it."""
    session = logged_in(PEOPLE[by.role]).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
    page.goto(f"{site}/desk/choose/")
    press(page, page.locator(f'button[value="{by.id}"]'))
    expect(page).to_have_title(re.compile("Oversikt"))


def show(page: Page, site: str, address: str, name: str, language: str = "") -> None:
    page.goto(f"{site}{language}/{OFFICE}{address}")
    assert_good_at_every_width(page, f"office-{name}{language.replace('/', '-')}")


def drafted(people):
    entering_costs.enter_file(people["treasurer"], ORKIDE, LEDGER.encode("latin-1"), "2013.csv")
    return settling_periods.draft(people["treasurer"], ORKIDE, YEAR).row.id


def issued(people):
    id = drafted(people)
    settling_periods.approve(people["approver"], ORKIDE, id, "Avklart i styret.")
    known(ORKIDE, [(each.id, each.name) for each in billing.parties(people["treasurer"], ORKIDE)])
    settling_periods.issue(people["treasurer"], ORKIDE, id, {**CHOSEN, "due": dates.today().isoformat()})
    return id


@visits(
    "office:costs", "office:costs-of", "office:cost-enter", "office:cost-file", "office:cost-besides", "office:cost"
)
def test_the_treasurer_enters_what_it_costs(page: Page, site: str, people):
    be(page, site, people["treasurer"])
    show(page, site, "costs/", "costs-empty")
    show(page, site, "costs/ikt-orkide/enter/", "cost-enter")
    show(page, site, "costs/ikt-orkide/besides/", "cost-besides")
    page.goto(f"{site}/{OFFICE}costs/ikt-orkide/file/")
    wrong = LEDGER + "31.11.2013;A;1;B;1;0\nSum;;;;1;1\n"
    sent = {"name": "2013.csv", "mimeType": "text/csv", "buffer": wrong.encode("latin-1")}
    page.set_input_files("input[type=file]", sent)
    page.click("main button.ds-button[type=submit]")
    page.wait_for_selector("[data-error-summary]")
    assert "Linje 4" in page.content()
    assert_good_at_every_width(page, "office-cost-file-refused")
    page.set_input_files("input[type=file]", {**sent, "buffer": LEDGER.encode("latin-1")})
    page.click("main button.ds-button[type=submit]")
    page.wait_for_selector("text=Kabel AS")
    assert_good_at_every_width(page, "office-costs")
    show(page, site, f"costs/ikt-orkide/{CostLine.objects.first().id}/", "cost")


@visits("office:cost-use")
def test_the_treasurer_takes_over_what_the_platform_measured(page: Page, site: str, people):
    actions.publish(BY_USE, file="by-use.yaml", by="tests")
    for party in ("averoy", "kristiansund", "smola", "aure"):
        for measure in ("cases", "users"):
            told = {"municipality": party, "year": 2026, "measure": measure, "value": 310, "count": 60}
            figures.publish_use(**told, until=date(2026, 3, 31))
    be(page, site, people["treasurer"])
    for language in ("", "/nn", "/en"):
        show(page, site, "costs/by-use/use/?day=2026-02-01", "cost-use", language)
    show(page, site, "costs/by-use/use/?day=2025-02-01", "cost-use-missing")
    page.goto(f"{site}/{OFFICE}costs/by-use/use/?day=2026-02-01")
    press(page, page.locator("main .bill-form__go button"))
    page.goto(f"{site}/{OFFICE}costs/by-use/?year=2026")
    expect(page.locator("main")).to_contain_text("målt av plattformen fra 1. januar 2026 til 31. mars 2026")


@visits("office:settlements", "office:settlements-of", "office:settlement")
def test_a_draft_as_each_role_sees_it(page: Page, site: str, people):
    id = drafted(people)
    settling_periods.comment(people["member-treasurer"], ORKIDE, id, "Hvilket folketall er brukt?")
    be(page, site, people["treasurer"])
    show(page, site, "settlements/", "settlements-open")
    page.goto(f"{site}/{OFFICE}settlements/{ORKIDE}/{id}/")
    page.locator(".office-shares summary").first.click()
    expect(page.locator(".office-reckoning").first).to_contain_text("innbyggere 1. januar 2013")
    assert_good_at_every_width(page, "office-settlement-draft")
    be(page, site, people["approver"])
    show(page, site, f"settlements/{ORKIDE}/{id}/", "settlement-approver")
    be(page, site, people["member-treasurer"])
    show(page, site, f"settlements/{ORKIDE}/{id}/", "settlement-member")
    show(page, site, "settlements/", "settlements-member")


@visits("office:settlement-issue", "office:correct")
def test_the_treasurer_issues_and_corrects(page: Page, site: str, people):
    id = drafted(people)
    settling_periods.approve(people["approver"], ORKIDE, id)
    be(page, site, people["treasurer"])
    show(page, site, f"settlements/{ORKIDE}/{id}/issue/", "settlement-issue")
    page.click("main .bill-form__go button")
    page.wait_for_selector("[data-error-summary]")
    assert_good_at_every_width(page, "office-settlement-issue-refused")
    known(ORKIDE, [(each.id, each.name) for each in billing.parties(people["treasurer"], ORKIDE)])
    page.select_option("#vat", "S")
    page.fill("#reason", "Salg av IT-tjenester.")
    page.click("main .bill-form__go button")
    page.wait_for_selector("text=12 regninger er sendt ut")
    for language in ("", "/nn", "/en"):
        show(page, site, f"settlements/{ORKIDE}/{id}/", "settlement-issued", language)
    show(page, site, f"settlements/{ORKIDE}/{id}/correct/", "correct")
    page.fill("#ore", "-13 000")
    page.fill("#reason", "Kreditert av leverandøren")
    page.click("main .bill-form__go button")
    page.wait_for_selector("text=Kreditert av leverandøren")
    assert_good_at_every_width(page, "office-settlements-waiting")


@visits("office:bills", "office:bill", "office:payments", "office:bill-parties", "office:bill-party")
def test_invoices_and_payments(page: Page, site: str, people, monkeypatch):
    issued(people)
    bill = IssuedBill.objects.get(party="halsa")
    billing.enter_payment(people["treasurer"], bill.id, {"day": dates.today().isoformat(), "ore": "1000"})
    be(page, site, people["treasurer"])
    for address, name in (
        ("bills/", "bills"),
        (f"bills/{bill.id}/", "bill"),
        ("bills/payments/", "payments"),
        (f"bills/parties/{ORKIDE}/", "bill-parties"),
        (f"bills/parties/{ORKIDE}/halsa/", "bill-party"),
    ):
        show(page, site, address, name)
    be(page, site, people["member-treasurer"])
    show(page, site, "bills/", "bills-member")
    show(page, site, f"bills/{bill.id}/", "bill-member")
