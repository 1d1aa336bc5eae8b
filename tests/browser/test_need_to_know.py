"""Need-to-know at the desk in a real browser, in three languages: an emergency, who is disqualified, what leaders review, what is
kept from a resident's own log, and mandates.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from allmenning.basics import dates
from allmenning.commons.identity.sessions import Resident
from allmenning.doors.desk.testing import at_desk, hire, send_inquiry
from allmenning.journeys import my_log, reviewing, standing_out
from allmenning.journeys.testing import ALICE, BOB, NAMES, OMAR, RITA, number
from allmenning.municipal.access.models import Review
from allmenning.tenancy import use
from tests.browser.harness import assert_good_at_every_width
from tests.browser.pages import visits
from tests.browser.test_administration import log_in, town  # noqa: F401 (a fixture)
from tests.browser.test_desk import come_in, press

DORA = number(110)
REASON = "Rita ringer og er redd for livet sitt. Hun sier at noen står utenfor døra."
WHY = "Hun er redd for mannen sin, som leser posten hennes."
EMERGENCY = {
    "nb": ("Åpne en sak i en nødssituasjon", "Du har åpnet denne saken i en nødssituasjon"),
    "nn": ("Opne ei sak i ein naudsituasjon", "Du har opna denne saka i ein naudsituasjon"),
    "en": ("Open a case in an emergency", "You have opened this case in an emergency"),
}
REVIEW = {
    "nb": ("Det var i orden", "Avslutt gjennomgangen", "Velg hva det ble til"),
    "nn": ("Det var i orden", "Avslutt gjennomgangen", "Vel kva det vart til"),
    "en": ("It was fine", "Close it", "Choose what came of it"),
}
KEPT = {
    "nb": ("Vold eller trusler fra noen nær", "Hold det unna loggen", "Gjelder nå", "Avslutt nå"),
    "nn": ("Vald eller truslar frå nokon nær", "Hald det unna loggen", "Gjeld no", "Avslutt no"),
    "en": ("Violence or threats by somebody near", "Keep it from the log", "In force", "End it now"),
}
languages = pytest.mark.parametrize("language", ["nb", "nn", "en"])


def home(site: str, language: str) -> str:
    return f"{site}/desk" if language == "nb" else f"{site}/{language}/desk"


@visits("desk:break-glass", "desk:break-glass-case")
@languages
def test_an_emergency(page: Page, site: str, averoy, language):
    receipt, (title, opened) = send_inquiry(averoy), EMERGENCY[language]
    hire(averoy, DORA, "caseworker", unit="Byggesak")
    come_in(page, site, DORA)
    here = home(site, language)
    page.goto(f"{here}/cases/{receipt.case_id}/")
    assert_good_at_every_width(page, f"access-{language}-refused")
    page.goto(f"{here}/break-glass/")
    expect(page.locator("h1")).to_have_text(title)
    assert_good_at_every_width(page, f"access-{language}-break-glass")
    page.goto(f"{here}/cases/{receipt.case_id}/break-glass/")
    press(page, page.locator("form.stack button[type=submit]"))
    assert_good_at_every_width(page, f"access-{language}-break-glass-without-reason")
    page.locator("#reason").fill(REASON)
    press(page, page.locator("form.stack button[type=submit]"))
    expect(page.get_by_role("heading", name=opened)).to_be_visible()
    assert_good_at_every_width(page, f"access-{language}-emergency")


@visits("desk:partial", "desk:partial-case")
@languages
def test_declaring_that_one_is_partial(page: Page, site: str, averoy, language):
    receipt = send_inquiry(averoy)
    come_in(page, site, ALICE)
    here = home(site, language)
    page.goto(f"{here}/partial/")
    page.locator("#number").fill("123")
    press(page, page.locator("form.stack button[type=submit]"))
    assert_good_at_every_width(page, f"access-{language}-partial-wrong")
    page.locator("#number").fill(OMAR)
    press(page, page.locator("form.stack button[type=submit]"))
    assert_good_at_every_width(page, f"access-{language}-partial")
    page.goto(f"{here}/cases/{receipt.case_id}/partial/")
    assert_good_at_every_width(page, f"access-{language}-partial-case")
    press(page, page.locator("main form button[type=submit]"))
    page.goto(f"{here}/cases/{receipt.case_id}/")
    assert_good_at_every_width(page, f"access-{language}-disqualified")


@visits("desk:reviews")
@languages
def test_what_a_leader_reviews(page: Page, site: str, averoy, language):
    everything_to_review(averoy)
    fine, close, choose = REVIEW[language]
    come_in(page, site, BOB)
    here = home(site, language)
    page.goto(f"{here}/")
    expect(page.locator(".ds-alert").get_by_role("link")).to_be_visible()
    assert_good_at_every_width(page, f"access-{language}-work-list")
    page.goto(f"{here}/reviews/")
    expect(page.locator(".finding")).to_have_count(6)
    expect(page.locator(".finding").first).to_contain_text(REASON)
    assert_good_at_every_width(page, f"access-{language}-reviews")
    first = page.locator(".finding").first
    press(page, first.get_by_role("button", name=close))
    expect(page.locator(".ds-error-summary")).to_contain_text(choose)
    assert_good_at_every_width(page, f"access-{language}-reviews-without-conclusion")
    first.get_by_label(fine).check()
    first.locator("textarea").fill("Snakket med Dora. Det hastet, og politiet ble ringt.")
    press(page, first.get_by_role("button", name=close))
    expect(page.locator(".finding")).to_have_count(5)
    page.goto(f"{here}/reviews/?state=closed")
    expect(page.locator(".finding")).to_contain_text("politiet ble ringt")
    assert_good_at_every_width(page, f"access-{language}-reviews-closed")


def everything_to_review(averoy) -> None:
    """A finding of every kind that staff can give rise to."""
    receipt = send_inquiry(averoy)
    hire(averoy, DORA, "caseworker", unit="Byggesak")
    dora = at_desk(averoy, DORA)
    dora.post(f"/desk/cases/{receipt.case_id}/break-glass/", {"reason": REASON, "minutes": "15"})
    yesterday = (dates.today() - timedelta(days=1)).isoformat()
    with use(averoy.id, "ordinary"):
        alice = replace(averoy.working("alice"))
        for kind, facts in (
            (Review.Kind.DISQUALIFIED, {"reason": "near-case"}),
            (Review.Kind.NO_ACTION, {"day": yesterday, "count": 4, "days": 14, "usual": 0}),
            (Review.Kind.NEIGHBOURHOOD, {}),
            (Review.Kind.VOLUME, {"day": yesterday, "count": 84, "seen": 310, "usual": 12, "usual_seen": 60}),
            (Review.Kind.LAST_WEEKS, {"day": yesterday, "days": 21, "count": 31, "seen": 90, "after": 0, "usual": 12}),
        ):
            reviewing.note(kind, about=kind, working=alice, **facts)


@visits("desk:kept", "desk:left-out")
@languages
def test_what_is_kept_from_a_residents_own_log(page: Page, site: str, averoy, language):
    receipt, (violence, keep, in_force, end) = send_inquiry(averoy), KEPT[language]
    at_desk(averoy, ALICE).get(f"/desk/cases/{receipt.case_id}/")
    come_in(page, site, BOB)
    here = home(site, language)
    page.goto(f"{here}/cases/{receipt.case_id}/kept/")
    press(page, page.get_by_role("button", name=keep))
    assert_good_at_every_width(page, f"access-{language}-kept-without-ground")
    page.get_by_label(violence).check()
    page.locator("#reason").fill(WHY)
    press(page, page.get_by_role("button", name=keep))
    expect(page.get_by_text(in_force)).to_be_visible()
    assert_good_at_every_width(page, f"access-{language}-kept")
    my_log.my_log(Resident(RITA, NAMES[RITA], "x"))
    standing_out.find(averoy.id)
    page.goto(f"{here}/reviews/left-out/")
    expect(page.locator(".finding")).to_contain_text("personopplysningsloven § 16")
    assert_good_at_every_width(page, f"access-{language}-left-out")
    page.goto(f"{here}/cases/{receipt.case_id}/kept/")
    press(page, page.get_by_role("button", name=end))
    expect(page.get_by_text(in_force)).to_be_hidden()
    assert_good_at_every_width(page, f"access-{language}-kept-ended")


@languages
def test_mandates(page: Page, site: str, town, language):  # noqa: F811
    log_in(page, site, at_desk(town, OMAR, "administration"))
    here = home(site, language)
    for name, address in (("mandates", "mandates/"), ("new-mandate", "mandates/new/")):
        page.goto(f"{here}/administration/{address}")
        assert_good_at_every_width(page, f"access-{language}-{name}")
