"""Figures in a real browser: chosen by keyboard, wide and narrow, and on paper."""

from datetime import date

from playwright.sync_api import Page, expect

from allmenning.basics import dates
from allmenning.journeys.testing import BOB
from allmenning.journeys.tests.test_leading import case, deadline, decided, several
from allmenning.journeys.tests.test_reporting import FRIDA, concern, decide
from allmenning.journeys.tests.test_reporting import welfare as welfare

from .harness import assert_good_at_every_width
from .pages import visits
from .test_desk import come_in, press

TODAY = date(2026, 11, 22)


def busy(averoy):
    for number, day, met in ((17, date(2026, 10, 5), date(2026, 10, 9)), (6, date(2026, 3, 5), date(2026, 4, 1))):
        for each in several(averoy, number, day):
            decided(each, met)
            deadline(each, dates.add_weeks(day, 2), met)
    for each in several(averoy, 5, date(2026, 10, 5)):
        deadline(each, date(2026, 10, 19))
    alice = {"assigned_to": averoy.staff["alice"].id, "assigned_name": "Alice Alm"}
    several(averoy, 3, date(2026, 11, 5), due_on=date(2026, 11, 20), **alice)
    case(averoy, date(2026, 11, 20), due_on=date(2026, 11, 22))


@visits("desk:figures")
def test_a_leader_chooses_a_period_by_keyboard_in_each_language(page: Page, site: str, averoy):
    busy(averoy)
    with dates.clock.frozen(TODAY):
        come_in(page, site, BOB)
        press(page, page.get_by_role("link", name="Tall", exact=True))
        expect(page.get_by_role("heading", name="Tall", exact=True)).to_be_visible()
        assert_good_at_every_width(page, "desk-figures-half-year")
        page.get_by_label("Periode", exact=True).select_option("2026-10")
        press(page, page.get_by_role("button", name="Vis", exact=True))
        expect(page.get_by_role("columnheader", name="oktober 2026").first).to_be_visible()
        assert_good_at_every_width(page, "desk-figures-month")
        for language in ("nn", "en"):
            page.goto(f"{site}/{language}/desk/figures/?period=2026-h2")
            assert_good_at_every_width(page, f"desk-figures-{language}")
        page.set_viewport_size({"width": 320, "height": 800})
        number = page.locator("td.is-numeric[data-label]").first
        # A label that could not break stood on top of its number.
        assert number.evaluate("cell => getComputedStyle(cell, '::before').whiteSpace") == "normal"
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(media="print")
        expect(page.get_by_role("heading", name="To do today")).to_be_hidden()
        expect(page.get_by_role("heading", name="Received")).to_be_visible()


@visits("desk:state-report")
def test_a_leader_looks_through_a_report_by_keyboard_in_each_language(page: Page, site: str, welfare):
    for day, outcome in ((date(2026, 3, 2), "investigation"), (date(2026, 4, 20), "dismissed"), (date(2026, 6, 1), "")):
        case_id = concern(welfare, day)
        if outcome:
            decide(welfare, case_id, outcome, dates.add_weeks(day, 1))
    with dates.clock.frozen(TODAY):
        come_in(page, site, FRIDA, "averoy/child-welfare")
        page.goto(f"{site}/desk/figures/")
        press(page, page.get_by_role("link", name="Rapport til staten"))
        assert_good_at_every_width(page, "desk-state-report-choose")
        press(page, page.get_by_role("button", name="Se gjennom"))
        expect(page.get_by_role("heading", name="Mangler")).to_be_visible()
        assert_good_at_every_width(page, "desk-state-report")
        with page.expect_download() as found:
            page.get_by_role("button", name="Last ned filene (ZIP)").click()
        assert found.value.suggested_filename == "report-2026-h1.zip"
        for language in ("nn", "en"):
            page.goto(f"{site}/{language}/desk/state-report/?half=2026-h1")
            assert_good_at_every_width(page, f"desk-state-report-{language}")
        page.goto(f"{site}/desk/state-report/?half=2025-h1")
        press(page, page.get_by_role("button", name="Last ned filene (ZIP)"))
        expect(page.locator("#files")).to_be_visible()
