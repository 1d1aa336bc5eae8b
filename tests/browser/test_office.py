"""The cooperations' office in a real browser: in by a role, and every page accessible, wide and at 320 px."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.identity.offices import roles_of
from allmenning.doors.office.testing import PEOPLE, logged_in, with_all_agreements
from allmenning.journeys import offices

from .harness import assert_good_at_every_width
from .pages import visits
from .test_desk import press


@pytest.fixture
def agreements(averoy):
    with_all_agreements()


def come_in(page: Page, site: str, role: str, *, scope: str = "", party: str = "") -> None:
    """Log in as somebody who has this one role, and choose it."""
    offices.let_in(PEOPLE[role], role=role, scope=scope, party=party)
    session_of(page, site, role)


def session_of(page: Page, site: str, role: str) -> None:
    """Log in as somebody who was given their role before, and choose it."""
    number = PEOPLE[role]
    given = roles_of(vault.person_key(f"person:{number}"), dates.today())[0]
    session = logged_in(number).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
    page.goto(f"{site}/desk/choose/")
    press(page, page.locator(f'button[value="{given.id}"]'))
    expect(page).to_have_title(re.compile("Oversikt"))


@visits("office:front")
@pytest.mark.parametrize("role", ["treasurer", "approver", "board", "planner"])
def test_the_front_page_of_a_cooperations_role(page: Page, site: str, agreements, role):
    come_in(page, site, role, scope="ikt-orkide")
    assert_good_at_every_width(page, f"office-front-{role}")
    page.goto(f"{site}/desk/choose/")
    assert_good_at_every_width(page, f"office-choose-{role}")


@pytest.mark.parametrize("role", ["member-treasurer", "secretary", "elected", "employees"])
def test_the_front_page_of_who_stands_for_a_party(page: Page, site: str, agreements, role):
    come_in(page, site, role, party="averoy")
    for language in ("", "/nn", "/en"):
        page.goto(f"{site}{language}/cooperation/office/")
        assert_good_at_every_width(page, f"office-front-{role}{language.replace('/', '-')}")


@visits("office:pools", "office:pool-keep", "office:pool-application", "office:pool")
def test_a_pool_from_joining_to_adopting(page: Page, site: str, agreements):
    come_in(page, site, "treasurer", scope="digifin")
    press(page, page.get_by_role("link", name="Potter"))
    assert_good_at_every_width(page, "office-pools")
    for party in ("averoy", "smola"):
        page.goto(f"{site}/cooperation/office/pools/digifin/")
        page.get_by_text("Noen blir medlem").click()
        page.locator("#join-party").select_option(party)
        press(page, page.get_by_role("button", name="Ta opp"))
    page.get_by_text("Noen betaler inn").click()
    page.locator("#pay-in-party").select_option("averoy")
    page.locator("#pay-in-amount").fill("100 000")
    press(page, page.get_by_role("button", name="Før betalingen"))
    page.get_by_text("Noen betaler inn").click()
    press(page, page.get_by_role("button", name="Før betalingen"))
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.locator("[data-error-summary] a").first.click()
    expect(page.locator("#pay-in-party")).to_be_focused()
    assert_good_at_every_width(page, "office-pool-wrong")
    come_in(page, site, "member-treasurer", party="averoy")
    page.goto(f"{site}/cooperation/office/pools/digifin/")
    page.get_by_text("Søk om penger").click()
    page.locator("#apply-title").fill("Felles skjema for skjenkebevilling")
    page.locator("#apply-about").fill("Ett skjema som alle kommuner kan bruke.\nVi lager det sammen med to andre.")
    page.locator("#apply-asked").fill("80 000")
    press(page, page.get_by_role("button", name="Send søknaden"))
    assert_good_at_every_width(page, "office-pool-member")
    session_of(page, site, "treasurer")
    page.goto(f"{site}/cooperation/office/pools/digifin/")
    press(page, page.get_by_role("link", name="Felles skjema for skjenkebevilling"))
    assert_good_at_every_width(page, "office-pool-application")
    page.locator("#decide-outcome").select_option("grant")
    page.locator("#decide-granted").fill("80000")
    page.locator("#decide-inhabitant").fill("2,50")
    page.locator("#decide-reason").fill("Mange får bruk for det.")
    press(page, page.get_by_role("button", name="Avgjør"))
    assert_good_at_every_width(page, "office-pool-granted")
    for language in ("", "/nn", "/en"):
        page.goto(f"{site}{language}/cooperation/agreement/digifin/pool/")
        assert_good_at_every_width(page, f"office-pool{language.replace('/', '-')}")
