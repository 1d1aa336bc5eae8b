"""The joint plan in a real browser: each language, wide and narrow, and on paper."""

from playwright.sync_api import Page, expect

from allmenning.basics.memory import forget_everything
from allmenning.commons.municipalities import actions as municipalities
from demo import plan as demo_plan

from .harness import assert_good_at_every_width
from .pages import visits
from .test_desk import press

PLAN = "/cooperation/ikt-orkide/plan/"


def planned() -> None:
    municipalities.load_register()
    forget_everything()
    demo_plan.seed()


@visits("office:plan", "office:plan-measure", "office:roll-out")
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
    page.goto(f"{site}{PLAN}own-servers/")
    expect(page.get_by_text("Styret fant at felles drift er billigere")).to_be_visible()
    assert_good_at_every_width(page, "plan-taken-out")
