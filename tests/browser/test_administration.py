"""The administrator's tour, the print queue and the cooperation's page, in a real browser: wide, at 320 px, and wrong."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from joserfc import jwk
from playwright.sync_api import Browser, Page

from allmenning.basics import dates
from allmenning.basics.memory import forget_everything
from allmenning.commons.costs import actions as costs
from allmenning.commons.figures.actions import publish_figure
from allmenning.commons.municipalities import actions as municipalities
from allmenning.doors.desk.testing import at_desk
from allmenning.journeys import administering, clients
from allmenning.journeys.testing import ALICE, BOB, CHARLIE, NAMES, OMAR, RITA, START, number
from allmenning.journeys.tests.test_printing import ask_rita
from allmenning.municipal.access.models import Absence, ApiClient, Delegation, Mandate, Position
from allmenning.municipal.people.ports import AddressProtection
from allmenning.tenancy import use
from allmenning.web.assets import ROOT
from tests.browser.harness import assert_good_at_every_width
from tests.browser.pages import visits

BY = administering.OPERATOR
DESK = "/desk/administration/"
KEY = jwk.ECKey.generate_key("P-256").as_dict(private=False)
LOGO = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="11" fill="#0b5d3e"/></svg>"""


@pytest.fixture
def town(averoy, smola):
    """Averøy set up as in life: Omar administers it, Charlie is lent by Smøla, Alice is away."""
    forget_everything()
    municipalities.load_register()
    administering.add_first_administrator("averoy", OMAR, NAMES[OMAR])
    today = dates.today()
    with use("averoy", "administration"):
        welfare = administering.add_unit(BY, name="Barneverntjenesten", area="child-welfare", phone="71 51 44 10")
        administering.add_unit(BY, name="Bygg og eiendom", area="ordinary")
        administering.change_unit(BY, averoy.unit.id, phone="71 51 44 00", email="post@averoy.example.no")
        administering.lend(
            BY,
            number=CHARLIE,
            name=NAMES[CHARLIE],
            title="Barnevernspedagog",
            email="",
            home_municipality="smola",
            source="Avtale om felles barneverntjeneste 12. januar 2026, § 3",
            unit_id=welfare.id,
            role="caseworker",
            start=START,
            end=today + timedelta(days=20),
        )
        staff = averoy.staff
        administering.add_absence(BY, staff["alice"].id, staff["bob"].id, today, today + timedelta(days=7))
        administering.delegate(
            BY,
            service="reduced-kindergarten-fee",
            outcome="granted",
            role="leader",
            second_person=True,
            source="Delegeringsreglement 4. mars 2026, § 7",
            start=START,
        )
        clients.add(BY, name="Sakssystemet", key=KEY, scopes=["submit", "cases"], services=["inquiry"])
        administering.set_letterhead(BY, postal_code="6538", postal_place="Averøy", organisation_number="962378064")
        administering.set_logo(BY, LOGO)
    yield averoy
    forget_everything()


def log_in(page: Page, site: str, client) -> None:
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.value, "url": site}])


@pytest.fixture
def omar(page: Page, site: str, town):
    log_in(page, site, at_desk(town, OMAR, "administration"))
    return page


def addresses(town) -> dict[str, str]:
    """Every page of the administration, by the name of its picture."""
    with use("averoy", "administration"):
        ids = {
            "position": Position.objects.get(staff=town.staff["alice"]).id,
            "mandate": Mandate.objects.get().id,
            "absence": Absence.objects.get().id,
            "delegation": Delegation.objects.get().id,
            "client": ApiClient.objects.get().id,
            "lent": Mandate.objects.get().staff_id,
        }
    return {
        "overview": "",
        "units": "units/",
        "unit": f"units/{town.unit.id}/",
        "new-unit": "units/new/",
        "staff": "staff/",
        "nobody": "staff/?q=xyz",
        "new-staff": "staff/new/",
        "member": f"staff/{ids['lent']}/",
        "new-position": f"staff/{ids['lent']}/roles/new/",
        "end-position": f"roles/{ids['position']}/end/",
        "mandates": "mandates/",
        "new-mandate": "mandates/new/",
        "end-mandate": f"mandates/{ids['mandate']}/end/",
        "absences": "absence/",
        "new-absence": "absence/new/",
        "remove-absence": f"absence/{ids['absence']}/remove/",
        "delegations": "delegations/",
        "new-delegation": "delegations/reduced-kindergarten-fee/new/",
        "end-delegation": f"delegations/{ids['delegation']}/end/",
        "systems": "systems/",
        "new-system": "systems/new/",
        "withdraw-system": f"systems/{ids['client']}/withdraw/",
        "letterhead": "letterhead/",
        "services": "services/",
        "service": "services/reduced-kindergarten-fee/",
        "stop": "services/inquiry/stop/",
        "routing": "services/inquiry/routing/",
        "processing": "processing/",
        "changes": "changes/",
    }


@visits(
    "desk:administration",
    "desk:administration-units",
    "desk:administration-unit",
    "desk:administration-new-unit",
    "desk:administration-staff",
    "desk:administration-new-staff",
    "desk:administration-member",
    "desk:administration-new-position",
    "desk:administration-end-position",
    "desk:administration-mandates",
    "desk:administration-new-mandate",
    "desk:administration-end-mandate",
    "desk:administration-absences",
    "desk:administration-new-absence",
    "desk:administration-remove-absence",
    "desk:administration-delegations",
    "desk:administration-new-delegation",
    "desk:administration-end-delegation",
    "desk:administration-systems",
    "desk:administration-new-system",
    "desk:administration-withdraw-system",
    "desk:administration-letterhead",
    "desk:administration-services",
    "desk:administration-service",
    "desk:administration-stop-service",
    "desk:administration-routing",
    "desk:administration-processing",
    "desk:administration-changes",
)
def test_every_page_is_accessible_and_fits(omar: Page, site: str, town) -> None:
    for name, path in addresses(town).items():
        omar.goto(site + DESK + path)
        assert_good_at_every_width(omar, f"administration-{name}")


WRONG = {
    "new-unit": {"name": "", "email": "her", "phone": "ring meg"},
    "new-staff": {"number": "12345678901", "start": "31.2.2026", "end": "i fjor"},
    "new-mandate": {"number": "1", "source": "", "end": "1.1.1800"},
    "new-position": {"start": "", "end": "x"},
    "new-absence": {"start": "2.2.2026", "end": "1.2.2026"},
    "new-delegation": {"source": "", "start": "snart"},
    "new-system": {"name": "", "key": "ikke en nøkkel"},
    "letterhead": {"name": "", "postal_code": "12", "organisation_number": "123", "website": "javascript:alert(1)"},
    "service": {"value-maximum_price_ore": "999 999", "value-second_child_percent": "mye"},
    "end-position": {"end": "i morgen"},
}


def test_errors_are_beside_their_fields_and_what_was_typed_stays(omar: Page, site: str, town) -> None:
    paths = addresses(town)
    for name, typed in WRONG.items():
        omar.goto(site + DESK + paths[name])
        for field, text in typed.items():
            omar.fill(f'[name="{field}"]', text)
        omar.click("form.form-page button[type=submit]")
        assert omar.locator("[data-error-summary]").is_visible(), name
        for field, text in typed.items():
            assert omar.input_value(f'[name="{field}"]') == text
        assert omar.locator("[data-field=validation]").count() >= 1
        assert_good_at_every_width(omar, f"administration-{name}-wrong")


def test_a_tour_by_keyboard_and_without_javascript(browser: Browser, site: str, town) -> None:
    """Omar registers somebody, gives a role, offers a value of the municipality's own, and finds it in the log."""
    context = browser.new_context(java_script_enabled=False, locale="nb-NO")
    page = context.new_page()
    log_in(page, site, at_desk(town, OMAR, "administration"))
    page.goto(site + DESK + "staff/new/")
    page.fill("#number", number(302))
    page.fill("#name", "Eva Einer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/roles/new/")
    page.select_option("#role", "caseworker")
    page.select_option("#unit_id", str(town.unit.id))
    page.click("form.form-page button")
    assert "Servicetorget" in page.locator("section[aria-labelledby=roles]").inner_text()
    page.goto(site + DESK + "services/reduced-kindergarten-fee/")
    page.fill('[name="value-full_time_hours"]', "50")
    page.click("form.form-page button")
    page.goto(site + DESK + "changes/")
    log = page.locator(".changes").inner_text()
    assert "Timer i uka i en heltidsplass: 50" in log
    assert "Eva Einer" in log
    context.close()


def test_the_sample_letter_is_a_pdf_with_the_logo(omar: Page, site: str) -> None:
    response = omar.request.get(site + DESK + "letterhead/sample.pdf")
    assert response.body().startswith(b"%PDF")
    assert omar.request.get(site + DESK + "letterhead/logo.png").body().startswith(b"\x89PNG")


@visits("desk:print")
def test_the_print_queue(page: Page, site: str, averoy, registers) -> None:
    log_in(page, site, at_desk(averoy, ALICE))
    page.goto(site + "/desk/print/")
    assert_good_at_every_width(page, "print-empty")
    registers.contacts[RITA] = replace(registers.contacts[RITA], is_reserved=True)
    ask_rita(averoy)
    page.goto(site + "/desk/print/")
    assert_good_at_every_width(page, "print-waiting")
    registers.people[RITA] = replace(registers.people[RITA], protection=AddressProtection.CONFIDENTIAL)
    page.eval_on_selector(".paper__acts form", "form => form.removeAttribute('target')")
    page.click(".paper__acts form:first-child button")
    assert "Fjordvegen" not in page.content()
    assert_good_at_every_width(page, "print-protected")
    page.goto(site + "/desk/print/")
    page.click(".paper__failed summary")
    page.select_option(".paper__failed select", "protected-address")
    page.click(".paper__failed button")
    page.goto(site + "/desk/print/?state=failed")
    assert_good_at_every_width(page, "print-failed")


@visits("office:cooperations", "office:cooperation")
def test_the_cooperations(page: Page, site: str, town) -> None:
    for municipality, cases, days in (("averoy", 128, 18), ("smola", 41, 31.5), ("kristiansund", 340, 25)):
        for service in ("inquiry", "housing-allowance", "reduced-kindergarten-fee"):
            for measure, value in (("cases", cases), ("decided", cases - 9), ("median-days", days)):
                count = 3 if (municipality, service) == ("smola", "housing-allowance") else cases
                for year in ("2025", "2026"):
                    publish_figure(
                        municipality=municipality,
                        service=service,
                        period=year,
                        measure=measure,
                        value=value,
                        count=count,
                    )
    page.goto(site + "/cooperation/")
    assert_good_at_every_width(page, "cooperations")
    page.goto(site + "/cooperation/ikt-orkide/")
    assert "færre enn 5" in page.content()
    assert_good_at_every_width(page, "cooperation")
    page.goto(site + "/nn/cooperation/vestfold/?measure=median-days")
    assert_good_at_every_width(page, "cooperation-nothing-yet")


@visits("office:agreement", "office:what-if")
def test_an_agreement_and_what_each_would_pay(page: Page, site: str, town) -> None:
    for name in ("ikt-orkide", "price-steps", "digifin"):
        costs.publish((ROOT / f"agreements/{name}.yaml").read_text("utf-8"), file=name, by="tests")
    page.goto(site + "/cooperation/agreement/ikt-orkide/")
    page.get_by_label("Sum som skal deles, i kroner").fill("1 000 000,00")
    page.get_by_label("Slik det er den").fill("2013-01-01")
    page.keyboard.press("Enter")
    page.wait_for_url("**day=2013-01-01**")
    assert "251\u00a0068,93" in page.locator("main").inner_text()
    for language in ("", "/nn", "/en"):
        page.goto(f"{site}{language}/cooperation/agreement/ikt-orkide/?amount=1000000&day=2013-01-01")
        page.get_by_text(
            {"": "Regn etter selv", "/nn": "Rekn etter sjølv", "/en": "Check it yourself"}[language]
        ).click()
        assert_good_at_every_width(page, f"agreement{language.replace('/', '-')}")
    page.goto(site + "/cooperation/agreement/price-steps/")
    assert_good_at_every_width(page, "agreement-prices")
    page.goto(site + "/cooperation/agreement/digifin/")
    assert_good_at_every_width(page, "agreement-pool")
    page.goto(site + "/cooperation/agreement/ikt-orkide/?amount=1000000&day=2013-01-01")
    page.get_by_role("link", name="Hva om?").click()
    page.get_by_label("Hvem går ut?").select_option("Fræna")
    page.get_by_label("Hvilken kommune kommer til?").fill("molde")
    page.get_by_label("Prosent etter folketall").fill("50")
    page.get_by_role("button", name="Sammenlign").click()
    assert "Molde" in page.locator("table").inner_text()
    assert_good_at_every_width(page, "what-if")
    page.goto(page.url.replace("/cooperation/", "/en/cooperation/").replace("year=", "year=2012"))
    assert_good_at_every_width(page, "what-if-en")
    page.goto(
        site + "/nn/cooperation/agreement/ikt-orkide/what-if/?joins=ingen+stad&year=x&by_population=x&day=2013-01-01"
    )
    assert_good_at_every_width(page, "what-if-wrong")
    page.goto(site + "/cooperation/agreement/ikt-orkide/?amount=mye")
    assert_good_at_every_width(page, "agreement-wrong")


def test_the_last_administrator_is_told_why_not(omar: Page, site: str, town) -> None:
    with use("averoy", "administration"):
        position = Position.objects.get(role="administrator")
    omar.goto(f"{site}{DESK}roles/{position.id}/end/")
    omar.click("form.form-page button")
    assert "administrator" in omar.locator("#end-error").inner_text()


def test_bob_is_kept_out(page: Page, site: str, town) -> None:
    log_in(page, site, at_desk(town, BOB))
    assert page.goto(site + DESK).status == 403
