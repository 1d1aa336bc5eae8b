"""A party asks for access, is refused, complains, and gets a copy: in real browsers on both sides, in three languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from allmenning.doors.portal.testing import sent_inquiry
from allmenning.journeys.testing import ALICE, omar, rita
from allmenning.municipal.cases.models import Case
from allmenning.tenancy import use
from tests.browser.harness import assert_good_at_every_width
from tests.browser.pages import visits
from tests.browser.test_desk import come_in
from tests.browser.test_resident import login_client, portal, press  # noqa: F401

ASK = {"nb": "Be om innsyn", "nn": "Be om innsyn", "en": "Ask for access"}
COMPLAIN = {"nb": "Send klagen", "nn": "Send klaga", "en": "Send the complaint"}


@visits("portal:my-case-access", "desk:access-refuse")
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_party_asks_is_refused_complains_and_gets_a_copy(averoy, portal, page: Page, language):  # noqa: F811
    case_id = sent_inquiry(averoy, rita()).case_id
    home = portal if language == "nb" else f"{portal}/{language}"
    access = f"{home}/my/averoy/cases/{case_id}/access/"
    desk = page.context.browser.new_context(locale="nb-NO", reduced_motion="reduce").new_page()
    come_in(desk, portal, ALICE)

    page.goto(f"{portal}/login/?next=/my/")
    page.goto(access)
    assert_good_at_every_width(page, f"access-ask-{language}")
    page.locator("#text").fill("Særlig notatene.")
    press(page, "button", ASK[language])
    assert_good_at_every_width(page, f"access-asked-{language}")

    desk.goto(f"{portal}/desk/?view=access")
    assert_good_at_every_width(desk, f"desk-list-access-{language}")
    press(desk, "link", "Hull i veien ved skolen")
    assert_good_at_every_width(desk, f"desk-case-access-{language}")
    press(desk, "link", "Avslå")
    press(desk, "button", "Send brevet")
    assert_good_at_every_width(desk, f"desk-refuse-{language}")
    desk.get_by_label("§ 18 a", exact=False).check()
    desk.locator("#words").fill("Det er bare interne notater.")
    press(desk, "button", "Send brevet")
    expect(desk.get_by_text("Avslaget er journalført")).to_be_visible()

    page.goto(access)
    page.locator("#text").fill("Jeg vil se dem likevel.")
    assert_good_at_every_width(page, f"access-refused-{language}")
    press(page, "button", COMPLAIN[language])

    other = sent_inquiry(averoy, omar(), subject="Innsyn i naboens sak")
    with use("averoy", "ordinary"):
        number = Case.objects.get(id=other.case_id).number
    desk.goto(f"{portal}/desk/cases/{case_id}/access/?to={number}")
    assert_good_at_every_width(desk, f"desk-access-another-{language}")
    desk.goto(f"{portal}/desk/cases/{case_id}/access/")
    assert_good_at_every_width(desk, f"desk-access-asked-{language}")
    press(desk, "button", "Send kopien")
    page.goto(access)
    expect(page.locator(".case-list__link")).to_have_count(2)
    assert_good_at_every_width(page, f"access-given-{language}")
    desk.context.close()
