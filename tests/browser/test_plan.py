"""The joint plan in a real browser: each language, wide and narrow, and on paper."""

import pytest
from playwright.sync_api import Page, expect

from allmenning.basics import dates
from allmenning.basics.memory import forget_everything
from allmenning.commons.municipalities import actions as municipalities
from allmenning.doors.office.testing import with_all_agreements
from demo import plan as demo_plan

from .harness import assert_good_at_every_width
from .pages import visits
from .test_desk import press
from .test_office import come_in

PLAN = "/cooperation/ikt-orkide/plan/"


def planned() -> None:
    municipalities.load_register()
    forget_everything()
    demo_plan.seed()


@visits("office:plan", "office:plan-measure", "office:roll-out", "office:benefits")
def test_anyone_follows_the_plan_by_keyboard_in_each_language(page: Page, site: str, averoy):
    planned()
    page.goto(f"{site}/cooperation/ikt-orkide/")
    press(page, page.get_by_role("link", name="Felles IKT-plan"))
    expect(page.get_by_role("heading", name="Felles IKT-plan")).to_be_visible()
    press(page, page.get_by_role("link", name="Redusert foreldrebetaling med automatiske vedtak"))
    expect(page.get_by_role("heading", name="Hva hver venter seg av det")).to_be_visible()
    for language in ("", "/nn", "/en"):
        page.goto(f"{site}{language}{PLAN}")
        assert_good_at_every_width(page, f"plan{language.replace('/', '-')}")
        page.goto(f"{site}{language}{PLAN}kindergarten-fee/")
        assert_good_at_every_width(page, f"plan-measure{language.replace('/', '-')}")
        page.goto(f"{site}{language}{PLAN}child-welfare-archive/")
        page.locator("summary").first.click()
        assert_good_at_every_width(page, f"plan-councils{language.replace('/', '-')}")
        page.goto(f"{site}{language}{PLAN}roll-out/")
        assert_good_at_every_width(page, f"roll-out{language.replace('/', '-')}")
        page.goto(f"{site}{language}/cooperation/ikt-orkide/benefits/")
        assert_good_at_every_width(page, f"levels{language.replace('/', '-')}")
    page.goto(f"{site}{PLAN}own-servers/")
    expect(page.get_by_text("Styret fant at felles drift er billigere")).to_be_visible()
    assert_good_at_every_width(page, "plan-taken-out")


LANGUAGES = ("", "/nn", "/en")
YEAR = dates.today().year


@visits(
    "office:plan-keep", "office:plan-item", "office:roll-out-keep", "office:matters", "office:matter", "office:agenda"
)
def test_who_keeps_the_plan_writes_by_keyboard(page: Page, site: str, averoy):
    with_all_agreements()
    demo_plan.seed()
    come_in(page, site, "planner", scope="ikt-orkide")
    press(page, page.get_by_role("link", name="Felles plan"))
    press(page, page.get_by_role("link", name="Oppslag i registrene"))
    page.get_by_text("Registrer status", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Status", exact=True).select_option("on-track")
    page.locator("#status-status_nb").fill("Alle avtalene er på plass.")
    press(page, page.get_by_role("button", name="Registrer", exact=True).first)
    expect(page.get_by_text("Statusen er registrert.")).to_be_visible()
    for name, address in OFFICE.items():
        for language in LANGUAGES:
            page.goto(f"{site}{language}/cooperation/office/{address}")
            page.locator("details.ds-details").evaluate_all("all => all.slice(-2).forEach(each => each.open = true)")
            assert_good_at_every_width(page, f"office-{name}{language.replace('/', '-')}")


OFFICE = {
    "plan": "plan/",
    "plan-item": f"plan/{YEAR}/kindergarten-fee/",
    "roll-out": "roll-out/",
    "matters": "matters/",
    "matter": f"matters/ikt-orkide/{YEAR}/1/",
    "agenda": "agenda/",
}


@visits("office:matters", "office:matter", "office:agenda")
@pytest.mark.parametrize("role", ["secretary", "elected", "employees"])
def test_who_stands_for_a_municipality_sees_what_waits(page: Page, site: str, averoy, role):
    with_all_agreements()
    demo_plan.seed()
    come_in(page, site, role, party="smola")
    press(page, page.get_by_role("link", name="Til kommunestyrene"))
    assert_good_at_every_width(page, f"office-matters-{role}")
    press(page, page.get_by_role("link", name="Felles arkiv for barnevernet"))
    assert_good_at_every_width(page, f"office-matter-{role}")
    if role == "elected":
        press(page, page.get_by_role("link", name="På sakskartet"))
        page.get_by_label("Hva det gjelder").fill("Hva koster portalen?")
        page.get_by_label("Hva du ber om, og hvorfor").fill("Vi vil vite det før budsjettet.")
        press(page, page.get_by_role("button", name="Send", exact=True))
        expect(page.get_by_text("Hva koster portalen?")).to_be_visible()
        assert_good_at_every_width(page, "office-agenda-elected")
