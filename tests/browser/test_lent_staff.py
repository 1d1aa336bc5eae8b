"""Staff who act for another municipality by a mandate, in a real browser: it is said on every page, and when they change."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from allmenning.doors.desk.testing import send_inquiry
from allmenning.journeys.testing import CHARLIE
from tests.browser.harness import assert_good_at_every_width
from tests.browser.test_desk import come_in, press
from tests.guards.test_every_desk_page_says_for_whom_one_acts import lent as lent
from tests.guards.test_every_desk_page_says_for_whom_one_acts import words


def test_one_acts_for_one_municipality_at_a_time_and_it_is_said_by_keyboard(page: Page, site: str, lent):
    case_id = send_inquiry(lent).case_id
    come_in(page, site, CHARLIE)
    expect(page.get_by_text(words(""))).to_be_visible()
    assert_good_at_every_width(page, "desk-lent")
    page.goto(f"{site}/desk/cases/{case_id}/purpose/")
    press(page, page.get_by_role("button", name="Åpne saken"))
    expect(page.get_by_text(words(""))).to_be_visible()
    assert_good_at_every_width(page, "desk-lent-case")
    page.emulate_media(media="print")
    expect(page.get_by_text(words(""))).to_be_visible()
    expect(page.locator(".site-place")).to_be_visible()
    page.emulate_media(media="screen")
    page.goto(f"{site}/desk/choose/")
    press(page, page.locator('button[value="smola/ordinary"]'))
    expect(page.locator(".site-place")).to_contain_text("Smøla")
    expect(page.get_by_text("etter fullmakt")).to_have_count(0)
