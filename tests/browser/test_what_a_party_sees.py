"""The page of one whom a hospital applied for, with the real folder: their letter, and what is kept of them."""

from __future__ import annotations

import yaml
from playwright.sync_api import Page, expect

from allmenning.journeys import outbox, recording
from allmenning.journeys.testing import omar
from allmenning.journeys.tests.test_sending_for_another import CONFIRMED, at_work, check_sender, decide
from allmenning.journeys.tests.test_transferring import CARE, both
from allmenning.journeys.tests.test_what_a_party_sees import GUNN as REPRESENTATIVE
from allmenning.journeys.tests.test_what_a_party_sees import added, key_of_alice, sent_for_omar
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Level
from allmenning.tenancy import use
from allmenning.web.assets import ROOT
from tests.browser.harness import assert_good_at_every_width
from tests.browser.pages import visits
from tests.browser.test_consents import in_each_language, log_in
from tests.browser.test_desk import press

__all__ = ["both"]

KEPT = yaml.safe_load((ROOT / "tests/browser/four_services.yaml").read_text("utf-8"))[CARE]["kept"]


@visits("portal:my-part", "portal:my-page")
def test_one_whom_the_hospital_applied_for_sees_their_letter_and_their_plan(page: Page, site: str, both):
    averoy, _ = both
    case_id = sent_for_omar(averoy)
    check_sender(averoy, case_id, CONFIRMED)
    with use(averoy.id, "care"):
        alice, series = at_work(averoy, CARE), {}
        for kind in ("functioning", "weekly-plan", "visit"):
            told = KEPT[kind]
            draft = recording.Draft(told["answers"], told.get("status", ""))
            of, key = series.get(told.get("of")), key_of_alice(averoy)
            series[kind] = recording.begin(case_id, kind, draft, alice, staff_key=key, of_series=of).series
    decide(averoy, case_id, "short-help")
    outbox.drain(averoy.id, "care")
    log_in(page, site, omar())
    page.goto(f"{site}/my/")
    assert_good_at_every_width(page, "my-page-party")
    press(page, page.get_by_role("link", name="En sak du er part i"))
    expect(page.get_by_role("heading", name="Ukeplan")).to_be_visible()
    for each in page.locator(".kept summary").all():
        each.click()
    expect(page.get_by_text("Morgenstell og frokost")).to_be_visible()
    assert_good_at_every_width(page, "my-part-kept-open")
    in_each_language(page, "my-part-kept", "my")
    part = added(averoy, case_id, REPRESENTATIVE)
    with use(averoy.id, "care"):
        protection.raise_by_register(omar().keys(averoy.id)[0], Level.STRICT, because="self")
    log_in(page, site, REPRESENTATIVE)
    page.goto(f"{site}/my/{averoy.id}/letters/{part.id}/")
    expect(page.get_by_text("Ingenting av det som er ført i saken, kan vises her nå.")).to_be_visible()
    assert_good_at_every_width(page, "my-part-closed")
