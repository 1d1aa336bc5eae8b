"""A resident's whole journey in a real browser: find, log in, apply, follow, send more, withdraw. With and without scripts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from allmenning.basics import dates
from allmenning.commons.catalogue import actions as catalogue
from allmenning.connections.idporten import Claims
from allmenning.doors.portal.testing import answered, asked, rejected_fee, sent_image, sent_inquiry
from allmenning.journeys import making_exports, my_data, representing
from allmenning.journeys.testing import ALICE, OMAR, RITA, offers, omar, rita
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.tests.files import photo
from allmenning.municipal.people.models import Representation
from allmenning.municipal.post.models import Message
from allmenning.tenancy import use
from tests.browser.harness import Watched, assert_good_at_every_width
from tests.browser.pages import visits


class Login:
    """ID-porten that lets Rita in at once."""

    def start(self, redirect_uri, language, level):
        return f"{redirect_uri}?code=c&state=s", {"state": "s"}

    def finish(self, query, pending):
        return Claims(pid=RITA, sub="s", acr="idporten-loa-high", id_token="")

    def logout_url(self, id_token, back, state=""):
        return back


def login_client(portal):
    return Login()


@pytest.fixture
def portal(averoy, site, settings):
    """The portal, with Averøy behind it."""
    settings.LOGIN_CLIENT = f"{__name__}.login_client"
    settings.PORTAL_URL = f"{site}/"
    catalogue.load_los()
    catalogue.load_state_services()
    return site


@pytest.fixture(params=["scripts", "no scripts"])
def visitor(request, browser: Browser):
    """A page in a browser, with JavaScript and without."""
    context = browser.new_context(
        locale="nb-NO", java_script_enabled=request.param == "scripts", reduced_motion="reduce"
    )
    page = context.new_page()
    watched = Watched(page)
    yield page
    context.close()
    watched.assert_nothing_wrong()


def good(page: Page, name: str) -> None:
    """Accessible and fitting, where scripts can look; pictures are taken on the way."""
    assert_good_at_every_width(page, f"portal-{name}")


def next_page(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Neste").click()


def press(page: Page, role: str, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


def fill_in_inquiry(page: Page) -> None:
    page.get_by_label("Hva gjelder henvendelsen?").select_option(label="Kultur, idrett og fritid")
    page.get_by_role("group", name="Følger dette opp").get_by_label("Nei").check()
    next_page(page)
    page.get_by_label("Overskrift").fill("Hull i veien")
    page.get_by_label("Hva vil du spørre om").fill("Det er et dypt hull i veien.")
    next_page(page)
    page.get_by_label("Jeg vil ikke oppgi hvem jeg er").check()
    page.get_by_role("group", name="Vil du ha beskjed").get_by_label("Nei").check()
    next_page(page)


def test_a_resident_finds_applies_follows_and_withdraws(portal: str, visitor: Page) -> None:
    page = visitor
    page.goto(portal + "/")
    page.get_by_role("searchbox").fill("spørsmål til komunen")
    press(page, "button", "Søk")
    press(page, "link", "Henvendelse til kommunen")
    press(page, "button", "Averøy")
    press(page, "link", "Logg inn for å begynne")
    expect(page.locator(".account__name")).to_have_text("Rita Rogn")
    press(page, "button", "Begynn")
    fill_in_inquiry(page)
    press(page, "button", "Send til kommunen")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vi har mottatt det")
    press(page, "link", "Gå til saken")
    press(page, "link", "Send mer")
    page.get_by_label("Hva vil du si?").fill("Det er blitt dypere.")
    press(page, "button", "Send")
    expect(page.get_by_role("status")).to_contain_text("Det er sendt")
    press(page, "link", "Trekk saken")
    press(page, "button", "Ja, trekk saken")
    expect(page.locator(".case-state")).to_contain_text("Trukket")
    page.goto(portal + "/my/")
    expect(page.locator(".case-list__link")).to_have_text("Henvendelse til kommunen: Hull i veien")
    page.locator(".account summary").click()
    page.get_by_role("button", name="Logg ut").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Du er logget ut")


def test_one_without_login_opens_the_answer_by_the_code(averoy, portal: str, visitor: Page) -> None:
    page = visitor
    page.goto(portal + "/averoy/services/inquiry/")
    press(page, "button", "Begynn uten å logge inn")
    fill_in_inquiry(page)
    press(page, "button", "Send til kommunen")
    code = page.locator(".receipt-code").inner_text()
    page.context.clear_cookies()
    page.goto(portal + "/receipt-code/?municipality=averoy")
    page.get_by_label("Kvitteringskode").fill("feil kode")
    press(page, "button", "Åpne saken")
    expect(page.locator(".ds-error-summary")).to_contain_text("Vi finner ingenting")
    page.get_by_label("Kvitteringskode").fill(code.lower())
    press(page, "button", "Åpne saken")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hull i veien")


def look_at(page: Page, portal: str, pages: dict[str, str]) -> None:
    for name, address in pages.items():
        page.goto(portal + address)
        good(page, name)


@visits(
    "portal:front",
    "portal:choose",
    "portal:search",
    "portal:topics",
    "portal:topic",
    "portal:topic-here",
    "portal:municipality",
    "portal:service",
    "portal:service-anywhere",
    "portal:receipt-code",
    "portal:login-failed",
    "portal:logged-out",
    "portal:contact",
    "portal:accessibility",
    "portal:privacy",
)
def test_open_pages_are_accessible_and_fit_a_narrow_screen(portal: str, page: Page) -> None:
    pages = {
        "front": "/",
        "front-business": "/?for=business",
        "choose": "/municipalities/?q=averøy",
        "search": "/search/?q=bostøtte",
        "search-nothing": "/search/?q=xqzvw",
        "topics": "/topics/",
        "topic": "/topics/helse-og-omsorg/",
        "topic-here": "/averoy/topics/familie-og-barn/",
        "municipality": "/averoy/",
        "service": "/averoy/services/reduced-kindergarten-fee/",
        "not-offered": "/averoy/services/nothing/",
        "service-anywhere": "/services/inquiry/",
        "receipt-code": "/receipt-code/",
        "login-failed": "/login/failed/?why=LoginAbandoned",
        "logged-out": "/logged-out/",
        "contact": "/contact/",
        "accessibility": "/accessibility/",
        "privacy": "/privacy/",
    }
    look_at(page, portal, pages)


@visits(
    "portal:act-for",
    "portal:my-page",
    "portal:mailbox",
    "portal:my-case",
    "portal:my-case-sent",
    "portal:my-case-looked",
    "portal:my-case-letter",
    "portal:my-case-answer",
    "portal:my-case-send-more",
    "portal:my-case-withdraw",
    "portal:my-case-appeal",
    "portal:my-case-person",
)
def test_a_residents_pages_are_accessible_and_fit_a_narrow_screen(averoy, registers, portal: str, page: Page) -> None:
    page.goto(portal + "/login/")
    good(page, "my-page-empty")
    done, open_one = sent_inquiry(averoy, rita(), subject="Hull i veien"), sent_inquiry(averoy, rita())
    answered(averoy, done.case_id, ALICE)
    asked(averoy, open_one.case_id, "Hvilken skole?", dates.today())
    fee = rejected_fee(averoy, registers, rita())
    case, mine, decided = (f"/my/averoy/cases/{each.case_id}/" for each in (done, open_one, fee))
    with use("averoy", "ordinary"):
        letter = Message.objects.get(case_id=done.case_id, direction="out").id
    pages = {
        "act-for": "/act-for/",
        "my-page": "/my/",
        "mailbox": "/my/mailbox/",
        "case": case,
        "case-waiting": mine,
        "case-decided": decided,
        "case-unknown": f"/my/averoy/cases/{letter}/",
        "sent": f"{case}sent/",
        "looked": f"{case}who-has-looked/",
        "letter": f"{case}letters/{letter}/",
        "answer": f"{mine}answer/",
        "send-more": f"{mine}send-more/",
        "withdraw": f"{mine}withdraw/",
        "appeal": f"{decided}appeal/",
        "ask-for-a-person": f"{decided}ask-for-a-person/",
    }
    look_at(page, portal, pages)


@visits("portal:my-data", "portal:my-log", "portal:powers", "portal:give-power", "portal:end-power")
def test_a_power_of_attorney_is_given_used_seen_and_ended(averoy, portal: str, page: Page, monkeypatch) -> None:
    page.goto(portal + "/login/?next=/my/powers/")
    good(page, "powers-none")
    page.goto(portal + "/my/powers/averoy/give/")
    press(page, "button", "Gi fullmakten")
    good(page, "give-power-errors")
    page.get_by_label("Fødselsnummeret til den som får fullmakt").fill(OMAR)
    page.get_by_label("Navnet til den som får fullmakt").fill("Omar Osp")
    page.get_by_label("Henvendelse til kommunen").check()
    page.get_by_label("Siste dag").fill(dates.add_months(dates.today(), 12).isoformat())
    press(page, "button", "Gi fullmakten")
    expect(page.get_by_role("heading", name="Omar Osp")).to_be_visible()
    good(page, "powers")
    with use("averoy", "owner"):
        power = Representation.objects.get()
    acting = replace(omar(), represented=representing.choose_by_power(omar(), "averoy", power.id))
    sent_inquiry(averoy, acting)
    page.goto(portal + "/my/log/")
    expect(page.get_by_text("Omar Osp, med fullmakt")).to_be_visible()
    good(page, "my-log")
    page.goto(portal + "/my/data/")
    good(page, "my-data")
    monkeypatch.setattr(my_data, "AT_ONCE", -1)
    monkeypatch.setattr(making_exports, "PART", 100)
    press(page, "button", "Last ned mine data")
    expect(page.get_by_text("Blir laget", exact=True)).to_be_visible()
    good(page, "my-data-waiting")
    making_exports.make_waiting("averoy")
    for language in ("", "/nn", "/en"):
        page.goto(f"{portal}{language}/my/data/")
        good(page, f"my-data-ready{language.replace('/', '-')}")
    with page.expect_download() as part:
        page.locator("main a[href$='.zip']").first.click()
    assert part.value.suggested_filename.startswith("averoy-")
    page.goto(f"{portal}/my/powers/averoy/{power.id}/end/")
    good(page, "end-power")
    press(page, "button", "Ja, avslutt den")
    expect(page.get_by_text("Avsluttede fullmakter")).to_be_visible()


@visits("portal:page", "portal:review", "portal:receipt", "portal:delete-draft")
def test_the_pages_of_a_form_are_accessible_and_fit_a_narrow_screen(portal: str, page: Page) -> None:
    page.goto(portal + "/averoy/services/inquiry/")
    press(page, "button", "Begynn uten å logge inn")
    next_page(page)
    good(page, "form-errors")
    fill_in_inquiry(page)
    good(page, "review")
    review = page.url
    page.goto(review.replace("/review/", "/delete/"))
    good(page, "delete-draft")
    page.goto(review)
    press(page, "button", "Send til kommunen")
    good(page, "receipt")
    page.goto(review.replace("/review/", "/page/topic/"))
    good(page, "receipt-again")


@visits("portal:draft-login")
def test_an_answer_asks_for_a_login_or_for_none(averoy, portal: str, page: Page) -> None:
    offers(averoy, "child-welfare-concern")
    page.goto(portal + "/averoy/services/child-welfare-concern/")
    good(page, "service-in-danger")
    press(page, "button", "Begynn uten å logge inn")
    page.get_by_role("group", name="Er noen i fare akkurat nå?").get_by_label("Nei").check()
    page.get_by_label("Det kan vente noen dager").check()
    next_page(page)
    page.get_by_label("Jeg melder i jobben min").check()
    next_page(page)
    expect(page.get_by_role("heading", name="Logg inn for å gå videre")).to_be_visible()
    good(page, "draft-login")
    page.locator("main").get_by_role("link", name="Logg inn").click()
    good(page, "draft-logged-in")
    press(page, "button", "Gå videre")
    page.get_by_label("Jeg melder som privatperson, og vil være anonym").check()
    next_page(page)
    expect(page.get_by_role("heading", name="Gå videre uten å si hvem du er")).to_be_visible()
    good(page, "draft-nameless")
    press(page, "button", "Gå videre")
    expect(page.get_by_label("Jeg melder som privatperson, og vil være anonym")).to_be_checked()


@visits(
    "portal:code-case",
    "portal:code-case-sent",
    "portal:code-case-letter",
    "portal:code-case-answer",
    "portal:code-case-send-more",
    "portal:code-case-withdraw",
    "portal:code-case-access",
    "portal:code-case-appeal",
    "portal:code-case-person",
    "portal:code-case-preview",
)
def test_the_pages_by_receipt_code_are_accessible_and_fit_a_narrow_screen(averoy, portal: str, page: Page) -> None:
    sent = sent_inquiry(averoy, None)
    sent_image(averoy, sent.case_id, None, photo(), code=sent.code)
    asked(averoy, sent.case_id, "Hvilken skole?", dates.today())
    with use("averoy", "ordinary"):
        letter = Message.objects.get(case_id=sent.case_id, direction="out").id
        image = Document.objects.get(case_id=sent.case_id, media_type="image/jpeg").id
    page.goto(portal + "/receipt-code/?municipality=averoy")
    page.get_by_label("Kvitteringskode").fill(sent.code)
    press(page, "button", "Åpne saken")
    case = f"/receipt-code/averoy/cases/{sent.case_id}/"
    # An inquiry has nothing to appeal: these two lead back to the case, which says so.
    names = ("", "sent/", f"letters/{letter}/", "answer/", "send-more/", "withdraw/", "appeal/", "ask-for-a-person/")
    names += ("access/",)
    names += (f"previews/{image}/",)
    look_at(page, portal, {f"code-{name.partition('/')[0] or 'case'}": case + name for name in names})


def test_errors_are_accessible_too(averoy, portal: str, page: Page) -> None:
    sent = sent_inquiry(averoy, rita())
    page.goto(portal + f"/login/?next=/my/averoy/cases/{sent.case_id}/send-more/")
    page.get_by_label("Hva vil du si?").fill("Her er filen")
    page.set_input_files("#files", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"no pdf"})
    press(page, "button", "Send")
    expect(page.locator("#files-error")).to_contain_text("PDF")
    expect(page.get_by_label("Hva vil du si?")).to_have_value("Her er filen")
    good(page, "send-more-error")


def tab_to(page: Page, control: Locator) -> None:
    """Come to a control as somebody without a mouse does. In a group of radio buttons the arrows go on from there."""
    for _ in range(120):
        if control.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
        if control.evaluate("one => one.type === 'radio' && one.name === document.activeElement?.name"):
            while not control.evaluate("one => one === document.activeElement"):
                page.keyboard.press("ArrowDown")
    raise AssertionError(f"the keyboard never comes to {control}")


def enter(page: Page, role: str, name: str) -> None:
    tab_to(page, page.get_by_role(role, name=name, exact=True).first)  # type: ignore[arg-type]
    with page.expect_navigation():
        page.keyboard.press("Enter")


def choose(page: Page, group: str, answer: str) -> None:
    tab_to(page, page.get_by_role("group", name=group).get_by_label(answer))
    page.keyboard.press("Space")


def test_a_whole_application_by_keyboard_alone(portal: str, visitor: Page) -> None:
    page = visitor
    page.goto(portal + "/averoy/services/inquiry/")
    enter(page, "link", "Logg inn for å begynne")
    enter(page, "button", "Begynn")
    tab_to(page, page.get_by_label("Hva gjelder henvendelsen?"))
    page.keyboard.type("Kultur")
    choose(page, "Følger dette opp", "Nei")
    enter(page, "button", "Neste")
    tab_to(page, page.get_by_label("Overskrift"))
    page.keyboard.type("Hull i veien")
    tab_to(page, page.get_by_label("Hva vil du spørre om"))
    page.keyboard.type("Det er et dypt hull i veien.")
    enter(page, "button", "Neste")
    tab_to(page, page.get_by_label("Jeg vil ikke oppgi hvem jeg er"))
    page.keyboard.press("Space")
    choose(page, "Vil du ha beskjed", "Nei")
    enter(page, "button", "Neste")
    enter(page, "button", "Send til kommunen")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vi har mottatt det")


def test_the_way_to_a_service_by_keyboard_alone(portal: str, page: Page) -> None:
    page.goto(portal + "/")
    page.get_by_role("searchbox").focus()
    page.keyboard.type("bostøtte")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    page.locator(".services__link").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/services/**")
    assert page.get_by_role("heading", level=1).is_visible()
