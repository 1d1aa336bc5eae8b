"""Acting for a child, a ward and a giver in a real browser: always shown, in three languages, wide and narrow, and over at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from allmenning.basics import dates
from allmenning.doors.portal.testing import sent_inquiry
from allmenning.journeys import casework, representing
from allmenning.journeys.testing import ALICE, OMAR, RITA, number, omar, rita
from allmenning.municipal.people import ports
from allmenning.tenancy import use
from tests.browser.harness import assert_good_at_every_width
from tests.browser.pages import visits
from tests.browser.test_resident import login_client, portal, press  # noqa: F401

CHILD, WARD = number(300, date(2020, 2, 3)), number(304)
NAMES = {CHILD: "Una Rogn", WARD: "Åge Rogn"}
BANNER = {
    "nb": ("som forelder", "som verge", "med fullmakt"),
    "nn": ("som forelder", "som verje", "med fullmakt"),
    "en": ("as parent", "as guardian", "by power of attorney"),
}
STOP = {
    "nb": "Slutt, og handle for meg selv",
    "nn": "Slutt, og handle for meg sjølv",
    "en": "Stop, and act for myself",
}

NEXT = {"nb": "Neste", "nn": "Neste", "en": "Next"}


@pytest.fixture(autouse=True)
def fresh_register():
    representing.forget()
    yield
    representing.forget()


@pytest.fixture
def near_rita(averoy, registers):
    """Rita has a child, is a guardian, and has a power of attorney from Omar. Returns its id."""
    for who, born in ((CHILD, date(2020, 2, 3)), (WARD, date(1950, 2, 3))):
        first, last = NAMES[who].split()
        registers.people[who] = replace(
            registers.people[RITA], identity_number=who, name=ports.Name(first, last), birth_date=born
        )
    mine = ports.ParentalResponsibility(CHILD, RITA, "felles")
    mandate = ports.Guardianship(RITA, "voksen", "personligeOgOekonomiskeInteresser")
    registers.people[CHILD] = replace(registers.people[CHILD], parental_responsibility=(mine,))
    registers.people[WARD] = replace(registers.people[WARD], guardians=(mandate,))
    registers.people[RITA] = replace(registers.people[RITA], children=(CHILD,))
    power = representing.Power(RITA, "Rita Rogn", ("ordinary/inquiry",), dates.add_months(dates.today(), 1))
    with representing.working_for(averoy.id, omar()):
        return representing.give(omar(), power)


@visits("portal:act-for")
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_whom_one_acts_for_is_shown_and_ended_with_one_press(near_rita, portal, page: Page, language):  # noqa: F811
    home = portal if language == "nb" else f"{portal}/{language}"
    page.goto(f"{portal}/login/?next=/act-for/")
    for name, words in zip(("Una Rogn", "Åge Rogn", "Omar Osp"), BANNER[language], strict=True):
        page.goto(home + "/act-for/")
        if name == "Åge Rogn":
            page.locator("#number").fill(WARD)
            with page.expect_navigation():
                page.locator("#number").press("Enter")
        else:
            with page.expect_navigation():
                page.get_by_role("button", name=name).click()
        banner = page.locator(".acting-for")
        expect(banner).to_contain_text(name)
        expect(banner).to_contain_text(words)
        assert_good_at_every_width(page, f"acting-{language}-{words.split()[-1]}")
        page.goto(home + "/averoy/services/inquiry/")
        page.locator('form[action$="/start/"] button').first.click()
        expect(banner).to_contain_text(name)
        assert_good_at_every_width(page)
        press(page, "button", STOP[language])
        expect(banner).to_have_count(0)
    page.goto(home + "/act-for/")
    expect(page.get_by_role("button", name="Åge Rogn")).to_be_visible()
    assert_good_at_every_width(page, f"act-for-{language}")


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_what_was_typed_is_kept_when_the_giver_ends_it_meanwhile(near_rita, portal, page: Page, language):  # noqa: F811
    home = portal if language == "nb" else f"{portal}/{language}"
    page.goto(f"{portal}/login/?next=/act-for/")
    page.goto(home + "/act-for/")
    with page.expect_navigation():
        page.get_by_role("button", name="Omar Osp").click()
    page.goto(home + "/averoy/services/inquiry/")
    with page.expect_navigation():
        page.locator('form[action$="/start/"] button').first.click()
    page.locator('select[name="/topic"]').select_option("culture")
    page.locator('input[type=radio][value="false"]').check()
    press(page, "button", NEXT[language])
    page.locator("textarea").first.fill("Det er et dypt hull i veien.")
    with use("averoy", "resident", keys=omar().keys("averoy")):
        representing.revoke(omar(), near_rita)
    with page.expect_navigation():
        page.get_by_role("button", name=NEXT[language], exact=True).click()
    expect(page.locator("#typed")).to_contain_text("Det er et dypt hull i veien.")
    assert_good_at_every_width(page, f"no-longer-{language}")
    page.goto(home + "/my/")
    expect(page.locator(".acting-for")).to_have_count(0)
    assert OMAR not in page.content()


HEADINGS = {
    "nb": ("Loggen min", "Hvem kan handle for meg", "Gi en fullmakt", "Vil du avslutte den?"),
    "nn": ("Loggen min", "Kven kan handle for meg", "Gi ei fullmakt", "Vil du avslutte henne?"),
    "en": ("My log", "Who may act for me", "Give a power of attorney", "Do you want to end it?"),
}


@visits("portal:my-log", "portal:powers", "portal:give-power", "portal:end-power")
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_powers_and_the_log_of_their_use_in_three_languages(averoy, portal, page: Page, language):  # noqa: F811
    """By who gave the power: Omar has used it, and staff have opened the case."""
    home = portal if language == "nb" else f"{portal}/{language}"
    with representing.working_for(averoy.id, rita()):
        until = dates.add_months(dates.today(), 1)
        power = representing.give(rita(), representing.Power(OMAR, "Omar Osp", ("ordinary/inquiry",), until))
    acting = replace(omar(), represented=representing.choose_by_power(omar(), averoy.id, power))
    case_id = sent_inquiry(averoy, acting).case_id
    with use(averoy.id, "ordinary"):
        staff_key = casework.staff_resident_key(averoy.id, ALICE)
        casework.open_case(case_id, averoy.working("alice"), "case-handling", staff_key=staff_key)
    page.goto(f"{portal}/login/?next=/my/powers/")
    log, powers, give, end = HEADINGS[language]
    addresses = {"log/": log, "powers/": powers, "powers/averoy/give/": give, f"powers/averoy/{power}/end/": end}
    for address, heading in addresses.items():
        page.goto(f"{home}/my/{address}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        assert_good_at_every_width(
            page, f"{language}-{address.strip('/').replace('/', '-')}".replace(str(power), "this")
        )
    page.goto(f"{home}/my/powers/averoy/give/")
    with page.expect_navigation():
        page.locator("main form button[type=submit]").last.click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    assert_good_at_every_width(page, f"{language}-give-power-errors")
    page.goto(f"{home}/my/powers/averoy/{power}/end/")
    with page.expect_navigation():
        page.locator("main form button[type=submit]").last.click()
    assert_good_at_every_width(page, f"{language}-powers-ended")
