"""Consents in a browser: written down at the desk, withdrawn in the portal, and seen by whom somebody lets see."""

from __future__ import annotations

import re
from dataclasses import replace

from django.conf import settings
from playwright.sync_api import Page, expect

from allmenning.basics import dates
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys import outbox, recording
from allmenning.journeys.testing import ALICE, NAMES, OMAR, number, omar, rita
from allmenning.journeys.tests.test_consents import CONSENTS, KIN, add, register, sent_by_rita, with_consents
from allmenning.journeys.tests.test_main_job import desk, send_inquiry, staff_key
from allmenning.journeys.tests.test_results import offer
from allmenning.municipal.cases.models import Case, Consent, Participant
from tests.browser.harness import assert_good_at_every_width
from tests.browser.pages import visits
from tests.browser.test_desk import come_in, press, write


def log_in(page: Page, site: str, resident) -> None:
    session = browser_of(resident).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])


def in_each_language(page: Page, name: str, path: str) -> None:
    for language in ("nn", "en", "nb"):
        page.goto(re.sub(r"(//[^/]+)(/en|/nn)?/" + path, rf"\1/{language}/{path}", page.url).replace("/nb/", "/"))
        assert_good_at_every_width(page, f"{name}-{language}")


@visits("desk:case")
def test_a_consent_is_written_down_by_keyboard_and_seen_with_who_heard_it(page: Page, site: str, averoy):
    case_id = sent_by_rita(averoy, kin=[KIN])
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/cases/{case_id}/#consents")
    page.get_by_text("Skriv ned et samtykke", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Spørre fastlegen", exact=True).check()
    page.get_by_label("Dagen det ble gitt", exact=True).fill("2026-01-05")
    for language in ("nn", "en"):
        page.goto(f"{site}/{language}/desk/cases/{case_id}/#consents")
        page.locator("#consents .hand-over > summary").last.click()
        assert_good_at_every_width(page, f"desk-consents-{language}")
    page.goto(f"{site}/desk/cases/{case_id}/#consents")
    page.get_by_text("Skriv ned et samtykke", exact=True).click()
    press(
        page, page.get_by_role("button", name="Skriv det ned", exact=True)
    )  # without a day, and without what it is about
    expect(page.locator("#scope-error")).to_be_visible()
    assert_good_at_every_width(page, "desk-consents-refused")
    page.get_by_label("Spørre fastlegen", exact=True).check()
    page.get_by_label("Dagen det ble gitt", exact=True).fill("2026-10-05")
    press(page, page.get_by_role("button", name="Skriv det ned", exact=True))
    expect(page.get_by_text("Muntlig: Alice Alm")).to_be_visible()
    assert_good_at_every_width(page, "desk-consents")


@visits("portal:my-case-consent", "portal:my-case-let-see", "portal:my-case")
def test_a_resident_lets_somebody_see_and_takes_a_consent_back(page: Page, site: str, averoy):
    case_id = sent_by_rita(averoy, asks=True)
    log_in(page, site, rita())
    page.goto(f"{site}/my/averoy/cases/{case_id}/")
    assert_good_at_every_width(page, "my-case-consents")
    press(page, page.get_by_role("link", name="La noen få se noe"))
    in_each_language(page, "let-see", "my")
    write(page, "Navnet til den som skal få se det", NAMES[OMAR])
    press(page, page.get_by_role("button", name="La dem få se det"))
    assert_good_at_every_width(page, "let-see-refused")
    write(page, "Fødselsnummeret til den som skal få se det", OMAR)
    page.get_by_label("Ukeplanen", exact=True).check()
    press(page, page.get_by_role("button", name="La dem få se det"))
    expect(page.get_by_text("De kan se det når de logger inn.")).to_be_visible()
    assert_good_at_every_width(page, "my-case-lets-see")
    press(page, page.get_by_role("link", name=re.compile("Spørre fastlegen")))
    in_each_language(page, "withdraw-consent", "my")
    press(page, page.get_by_role("button", name="Ja, trekk det"))
    expect(page.get_by_text("Samtykket er trukket.")).to_be_visible()
    outbox.drain(averoy.id, "ordinary")
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/cases/{case_id}/")
    expect(page.get_by_text("Et samtykke er trukket").first).to_be_visible()
    assert_good_at_every_width(page, "desk-consent-withdrawn")


@visits("portal:my-part", "portal:my-page", "portal:my-case-looked")
def test_next_of_kin_see_what_they_are_let_and_whoever_lets_them_sees_that(page: Page, site: str, averoy):
    case_id = sent_by_rita(averoy, kin=[KIN])
    with desk(averoy):
        draft = recording.Draft({"what": "Dusj på tirsdag"})
        recording.begin(case_id, "plan", draft, averoy.working("alice"), staff_key=staff_key(averoy, ALICE))
        kin = Participant.objects.get(role="kin")
    log_in(page, site, omar())
    page.goto(f"{site}/my/")
    assert_good_at_every_width(page, "my-page-let-see")
    press(page, page.get_by_role("link", name="Noe du får se"))
    expect(page).to_have_url(re.compile(str(kin.id)))
    expect(page.get_by_text("Dusj på tirsdag").first).to_be_visible()
    in_each_language(page, "what-i-am-let-see", "my")
    log_in(page, site, rita())
    page.goto(f"{site}/my/averoy/cases/{case_id}/who-has-looked/")
    expect(page.get_by_text("Så det du lar dem se").first).to_be_visible()
    assert_good_at_every_width(page, "looked-by-next-of-kin")


@visits("portal:my-part-consent")
def test_a_party_takes_back_what_they_consented_to_in_anothers_case(page: Page, site: str, averoy):
    case_id = sent_by_rita(averoy)
    with desk(averoy):
        parent = add(averoy, case_id, "parent", NAMES[OMAR], OMAR, is_party=True)
        register(averoy, case_id, ["ask-gp"], by=parent.id)
        given = Consent.objects.get()
    outbox.drain(averoy.id, "ordinary")
    log_in(page, site, omar())
    page.goto(f"{site}/my/averoy/letters/{parent.id}/")
    assert_good_at_every_width(page, "my-part-consents")
    press(page, page.get_by_role("link", name=re.compile("Spørre fastlegen")))
    expect(page).to_have_url(re.compile(str(given.id)))
    assert_good_at_every_width(page, "my-part-withdraw")
    press(page, page.get_by_role("button", name="Ja, trekk det"))
    expect(page.get_by_text("Samtykket er trukket.")).to_be_visible()
    assert_good_at_every_width(page, "my-part-withdrawn")


@visits("portal:my-log")
def test_a_party_finds_in_their_log_who_read_what_they_let_them_see(page: Page, site: str, averoy):
    offer(averoy, with_consents([{**CONSENTS[1], "given_by": ["applicant", "parent"]}]))
    case_id, gunn = send_inquiry(averoy, rita()).case_id, replace(rita(), number=number(77), name="Gunn Grav")
    with desk(averoy):
        parent = add(averoy, case_id, "parent", NAMES[OMAR], OMAR, is_party=True)
        kin = add(averoy, case_id, "kin", gunn.name, gunn.number)
        register(averoy, case_id, ["see-plan"], by=parent.id, to=kin.id)
    outbox.drain(averoy.id, "ordinary")
    assert browser_of(gunn).get(f"/my/averoy/letters/{kin.id}/").status_code == 200
    log_in(page, site, omar())
    page.goto(f"{site}/my/log/")
    expect(page.get_by_text("Gunn Grav")).to_be_visible()
    in_each_language(page, "my-log-as-party", "my")
    press(page, page.get_by_role("link", name="Samtykkene dine"))
    expect(page.get_by_text("Ukeplanen").first).to_be_visible()


@visits("desk:case")
def test_that_a_consent_is_withdrawn_is_noted_in_a_closed_case(page: Page, site: str, averoy):
    case_id = sent_by_rita(averoy, kin=[KIN])
    with desk(averoy):
        Case.objects.update(state="decided", closed_at=dates.now())
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/cases/{case_id}/#consents")
    page.get_by_text("Skriv at det er trukket").click()
    assert_good_at_every_width(page, "desk-consents-closed")
    press(page, page.get_by_role("button", name="De sa det"))
    page.goto(f"{site}/desk/cases/{case_id}/#consents")
    expect(page.get_by_text("Ingen samtykker gjelder i dag.")).to_be_visible()
    assert_good_at_every_width(page, "desk-consents-closed-withdrawn")
