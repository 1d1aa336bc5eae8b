"""The order of a case's page in a real browser: where it stands, and its parts, by keyboard, by address, and without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from allmenning.doors.desk.testing import send_inquiry
from allmenning.journeys.testing import ALICE
from tests.browser.harness import NARROW, assert_good_at_every_width
from tests.browser.test_desk import come_in, press, write

PARTS = ("case", "work", "journal", "parties", "letters", "decision", "log")


def shown(page: Page) -> list[str]:
    return [each for each in PARTS if page.locator(f"#{each}").is_visible()]


def part(page: Page, name: str):
    return page.get_by_role("navigation", name="Deler av saken").get_by_role("link", name=name)


@pytest.fixture
def case(page: Page, site: str, averoy) -> str:
    receipt = send_inquiry(averoy)
    come_in(page, site, ALICE)
    return f"{site}/desk/cases/{receipt.case_id}/"


def test_one_part_is_shown_at_a_time_and_the_keyboard_goes_on_in_it(page: Page, case: str):
    page.goto(case)
    assert shown(page) == ["case"]
    expect(part(page, "Saken")).to_have_attribute("aria-current", "true")
    part(page, "Personer").focus()
    page.keyboard.press("Enter")
    assert shown(page) == ["parties"]
    expect(page.locator("#parties")).to_be_focused()
    expect(part(page, "Personer")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Alle sakene til denne personen")).to_be_focused()
    page.go_back()
    assert shown(page) == ["case"]
    part(page, "Alt").focus()
    page.keyboard.press("Enter")
    assert shown(page) == list(PARTS)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("notes", "journal"),
        ("ask", "letters"),
        ("deadlines", "work"),
        ("tasks", "work"),
        ("log", "log"),
        ("gone", "case"),
    ],
)
def test_an_address_within_the_page_shows_the_part_that_it_is_in(page: Page, case: str, address: str, found: str):
    page.goto(f"{case}#{address}")
    assert shown(page) == [found]


def test_one_stays_in_the_part_when_the_address_leads_out_of_it(page: Page, case: str):
    page.goto(f"{case}#log")
    page.goto(f"{case}#main")
    assert shown(page) == ["log"]


def test_one_lands_where_one_was_when_a_form_is_sent(page: Page, case: str):
    page.goto(f"{case}#journal")
    press(page, page.get_by_role("button", name="Lagre notatet"))  # nothing is written
    assert shown(page) == ["journal"]
    write(page, "Hva som skjedde", "Ringte skolen.")
    press(page, page.get_by_role("button", name="Lagre notatet"))
    assert shown(page) == ["journal"]
    page.goto(f"{case}#work")
    press(page, page.get_by_role("button", name="Kryss av").first)
    assert shown(page) == ["work"]
    press(page, page.get_by_role("button", name="Fordel"))
    assert shown(page) == ["work"]


def test_the_next_step_is_told_at_the_top_and_leads_to_its_place(page: Page, case: str):
    page.goto(case)
    page.get_by_role("region", name="Hvordan saken står").get_by_role("link", name="Vurdere hvem").focus()
    page.keyboard.press("Enter")
    assert shown(page) == ["work"]
    expect(page.locator(".task:target")).to_contain_text("Vurdere hvem som skal svare")


def test_all_of_it_is_on_paper(page: Page, case: str):
    page.goto(f"{case}#journal")
    page.emulate_media(media="print")
    assert shown(page) == list(PARTS)


def test_the_parts_without_script(page: Page, browser, site: str, averoy):
    receipt = send_inquiry(averoy)
    context = browser.new_context(java_script_enabled=False, locale="nb-NO", viewport=NARROW)
    without = context.new_page()
    come_in(without, site, ALICE)
    without.goto(f"{site}/desk/cases/{receipt.case_id}/")
    assert shown(without) == ["case"]
    part(without, "Journal").click()
    assert shown(without) == ["journal"]
    without.get_by_role("button", name="Lagre notatet").click()
    expect(without.get_by_role("alert")).to_be_visible()
    assert shown(without) == ["journal"]
    context.close()


@pytest.mark.parametrize("address", [*PARTS, "everything"])
def test_every_part_is_good_at_every_width(page: Page, case: str, address: str):
    page.goto(f"{case}#{address}")
    assert_good_at_every_width(page, f"desk-case-part-{address}")
