"""The cooperations' office in a real browser: in by a role, and every page accessible, wide and at 320 px."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from allmenning.doors.office.testing import PEOPLE, logged_in, with_agreements
from allmenning.journeys import offices

from .harness import assert_good_at_every_width
from .pages import visits
from .test_desk import press


@pytest.fixture
def agreements(averoy):
    with with_agreements():
        yield


def come_in(page: Page, site: str, role: str, *, scope: str = "", party: str = "") -> None:
    """Log in as somebody who has this one role, and choose it."""
    number = PEOPLE[role]
    given = offices.let_in(number, role=role, scope=scope, party=party)
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
