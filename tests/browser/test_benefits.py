"""What the municipalities were spared, in a real browser: wide, at 320 px, in three languages and on paper."""

import pytest
from playwright.sync_api import Page

from allmenning.basics.memory import forget_everything
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.costs import actions as costs
from allmenning.commons.figures.actions import publish_figure
from allmenning.commons.municipalities import actions as municipalities
from allmenning.doors.office.tests.test_compare import ROOT, settle

from .harness import assert_good_at_every_width
from .pages import visits

YEARS = ("2025", "2026")
# Of each municipality and service: forms, digital, letters, read in the portal, decided, by rules alone, asked for more, days.
TOLD = {
    ("averoy", "inquiry"): (310, 255, 420, 330, 290, 0, 45, 3),
    ("averoy", "reduced-kindergarten-fee"): (128, 104, 240, 190, 120, 65, 20, 9),
    ("averoy", "housing-allowance"): (40, 22, 60, 31, 38, 0, 14, 30),
    ("kristiansund", "inquiry"): (1340, 1290, 1800, 1610, 1300, 0, 160, 4),
    ("kristiansund", "reduced-kindergarten-fee"): (420, 400, 900, 810, 410, 260, 35, 7),
    ("smola", "inquiry"): (61, 44, 70, 52, 58, 0, 8, 5),
    ("smola", "reduced-kindergarten-fee"): (12, 9, 14, 11, 10, 4, 2, 12),
    ("molde", "inquiry"): (880, 640, 1200, 700, 860, 0, 210, 6),
}
MEASURES = ("forms", "digital", "letters", "letters-digital", "decided", "automatic", "incomplete", "median-days")


@pytest.fixture
def figures(averoy, smola):
    forget_everything()
    municipalities.load_register()
    for (municipality, service), numbers in TOLD.items():
        version = catalogue.published(service).version
        people = dict(zip(MEASURES, numbers, strict=True))
        people |= {"cases": people["forms"], "median-days": people["decided"]}
        for year in YEARS:
            for measure, value in {**dict(zip(MEASURES, numbers, strict=True)), "cases": people["forms"]}.items():
                publish_figure(
                    municipality=municipality,
                    service=service,
                    period=year,
                    measure=measure,
                    value=value,
                    count=people[measure],
                    version=version,
                )
    yield
    forget_everything()


@visits("office:benefits")
def test_measured_benefits_in_each_language(page: Page, site: str, figures):
    page.goto(site + "/cooperation/ikt-orkide/")
    page.get_by_role("link", name="Målte gevinster").click()
    assert "minst 2" in page.locator("main").inner_text()
    for language in ("", "/nn", "/en"):
        page.goto(f"{site}{language}/cooperation/ikt-orkide/benefits/?year=2026")
        page.locator("details summary").first.click()
        assert_good_at_every_width(page, f"benefits{language.replace('/', '-')}")
    page.emulate_media(media="print")
    assert_good_at_every_width(page, "benefits-print")
    page.emulate_media(media="screen")
    page.goto(f"{site}/cooperation/vestfold/benefits/")
    assert_good_at_every_width(page, "benefits-nothing-yet")


@pytest.fixture
def settled(figures):
    costs.publish((ROOT / "agreements/ikt-orkide.yaml").read_text("utf-8"), file="f", by="tests")
    for year, ore in ((2013, 100_000_000), (2014, 110_000_000), (2021, 18_000_000)):
        settle(year, ore)


@visits("office:benefits", "office:comparison")
def test_who_pays_and_who_reaps_and_the_members_side_by_side(page: Page, site: str, settled):
    page.goto(site + "/cooperation/ikt-orkide/benefits/?year=2026")
    assert "ikke sendt ut noen avregning for 2026" in page.locator("main").inner_text()
    page.get_by_role("link", name="Hold det opp mot 2021").click()
    page.get_by_label("Hva er en time verdt, i kroner?").fill("450")
    page.keyboard.press("Enter")
    page.wait_for_url("**hour=450**")
    assert "som er ditt tall" in page.locator("main").inner_text()
    assert_good_at_every_width(page, "balance")
    page.goto(site + "/nn/cooperation/ikt-orkide/benefits/?year=2026&cost=2021&hour=mykje")
    assert_good_at_every_width(page, "balance-wrong")
    for language in ("", "/nn", "/en"):
        page.goto(f"{site}{language}/cooperation/ikt-orkide/comparison/?year=2021")
        assert_good_at_every_width(page, f"comparison{language.replace('/', '-')}")
    page.goto(site + "/cooperation/ikt-orkide/comparison/?year=2013")
    page.emulate_media(media="print")
    assert_good_at_every_width(page, "comparison-print")
    page.emulate_media(media="screen")
    page.goto(f"{site}/cooperation/vestfold/comparison/")
    assert_good_at_every_width(page, "comparison-nothing-yet")
