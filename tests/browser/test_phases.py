"""Where a case is, in a real browser: a report, a child's own case, and a phase that is concluded; by keyboard."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from allmenning.doors.desk.tests.test_phases import give
from allmenning.journeys.testing import ALICE, BOB
from allmenning.journeys.tests.test_phases_of_a_case import decide, own, report, tick
from allmenning.journeys.tests.test_reporting import FRIDA, child, concern
from allmenning.journeys.tests.test_reporting import welfare as welfare
from tests.browser.harness import assert_good_at_every_width
from tests.browser.pages import visits
from tests.browser.test_desk import come_in, press, write


def test_a_report_leads_to_a_childs_own_case_by_keyboard(page: Page, site: str, averoy):
    case_id = report(averoy)
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/cases/{case_id}/#phases")
    expect(page.get_by_role("heading", name="Hvor saken er")).to_be_visible()
    assert_good_at_every_width(page, "desk-case-report")
    press(page, page.get_by_role("link", name="Anna Eksempel"))
    page.get_by_role("link", name="Steg og frister").click()
    expect(page.get_by_text("Hva som kommer etterpå")).to_be_visible()
    assert_good_at_every_width(page, "desk-case-own")
    for language in ("nn", "en"):
        page.goto(f"{site}/{language}/desk/cases/{own(averoy, case_id)[0].id}/#phases")
        assert_good_at_every_width(page, f"desk-case-own-{language}")


def test_a_leader_concludes_a_phase_by_keyboard(page: Page, site: str, averoy):
    anna, _ = own(averoy, report(averoy))
    give(averoy, anna.id, "bob")
    come_in(page, site, BOB)
    page.goto(f"{site}/desk/cases/{anna.id}/#phases")
    page.locator("#phases summary").focus()
    page.keyboard.press("Enter")
    press(page, page.get_by_role("button", name="Avslutt", exact=True))
    expect(page.locator("#phases").get_by_text("Gjør og kryss av dette først")).to_be_visible()
    assert_good_at_every_width(page, "desk-case-phase-error")
    tick(averoy, anna.id, "talk")
    page.goto(f"{site}/desk/cases/{anna.id}/#phases")
    page.locator("#phases summary").focus()
    page.keyboard.press("Enter")
    write(page, "Hvorfor avsluttes den?", "Familien har flyttet, og den nye kommunen har tatt over.")
    press(page, page.get_by_role("button", name="Avslutt", exact=True))
    expect(page.get_by_text("Fasen er avsluttet.")).to_be_visible()
    assert_good_at_every_width(page, "desk-case-phases-over")


def test_a_leader_chooses_which_children_it_concerns_by_keyboard(page: Page, site: str, welfare):
    case_id = concern(welfare, children=[child(name="Pia Eksempel"), child(name="Ola Eksempel")])
    come_in(page, site, FRIDA, "averoy/child-welfare")
    page.goto(f"{site}/desk/cases/{case_id}/")
    press(page, page.get_by_role("button", name="Åpne saken"))
    page.goto(f"{site}/desk/cases/{case_id}/decide/")
    page.get_by_role("radio", name="Det blir undersøkelse").focus()
    page.keyboard.press("Space")
    whom = page.get_by_role("group", name="Hvem gjelder det?").filter(visible=True)
    for name in ("Pia Eksempel", "Ola Eksempel"):
        expect(whom.get_by_label(name)).to_be_checked()
        whom.get_by_label(name).focus()
        page.keyboard.press("Space")
    assert_good_at_every_width(page, "desk-decide-whom")
    press(page, page.get_by_role("button", name="Lagre og se gjennom"))
    expect(page.get_by_text("Velg minst én som det gjelder").first).to_be_visible()
    assert_good_at_every_width(page, "desk-decide-whom-error")


@visits("desk:overview")
def test_all_that_a_child_has_is_on_one_page_by_keyboard(page: Page, site: str, averoy):
    anna, _ = own(averoy, report(averoy))
    tick(averoy, anna.id, "talk")
    decide(averoy, "changed", anna.id)
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/cases/{anna.id}/#parties")
    press(page, page.get_by_role("link", name="Alle sakene til denne personen"))
    expect(page.get_by_role("heading", name="Anna Eksempel")).to_be_visible()
    assert_good_at_every_width(page, "desk-overview")
    for language in ("nn", "en"):
        page.goto(f"{site}/{language}/desk/cases/{anna.id}/overview/")
        assert_good_at_every_width(page, f"desk-overview-{language}")
