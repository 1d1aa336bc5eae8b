"""A caseworker's day in a real browser: by keyboard alone, and every page accessible, wide and at 320 px."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from allmenning.basics import dates
from allmenning.doors.desk.testing import hire, logged_in, send_inquiry
from allmenning.doors.portal.testing import browser_of, sent_image
from allmenning.journeys.testing import ALICE, BOB, NAMES, OMAR, RITA, number, omar, rita
from allmenning.journeys.tests.test_deadlines_of_a_case import LONG, VIEW, offer
from allmenning.journeys.tests.test_main_job import send_inquiry as send_as
from allmenning.journeys.tests.test_participants import issued, with_parties
from allmenning.journeys.tests.test_results import offer as offer_results
from allmenning.journeys.tests.test_results import with_results
from allmenning.municipal.cases.models import Case, State
from allmenning.municipal.documents.tests.files import photo
from allmenning.municipal.post.models import Outbox
from allmenning.tenancy import use
from tests.browser.harness import NARROW, assert_good_at_every_width
from tests.browser.pages import visits


def come_in(page: Page, site: str, number: str, place: str = "averoy/ordinary") -> None:
    """Ansattporten is another site: the session begins as it does when one comes back from there."""
    session = logged_in(number).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
    page.goto(f"{site}/desk/choose/")
    press(page, page.locator(f'button[value="{place}"]'))
    expect(page).to_have_title(re.compile("Arbeidsliste"))


def press(page: Page, control: Locator, key: str = "Enter") -> None:
    control.focus()
    with page.expect_navigation():
        page.keyboard.press(key)


def write(page: Page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).focus()
    page.keyboard.insert_text(text)


@visits("desk:login", "desk:choose")
def test_coming_in(page: Page, site: str, averoy):
    page.goto(f"{site}/desk/")
    assert_good_at_every_width(page, "desk-login")
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/choose/")
    assert_good_at_every_width(page, "desk-choose")


@visits("desk:front")
def test_the_list_by_keyboard(page: Page, site: str, averoy):
    for subject in ("Hull i veien", "Brunt vann"):
        send_inquiry(averoy, subject=subject)
    come_in(page, site, ALICE)
    assert_good_at_every_width(page, "desk-list-empty")
    page.goto(f"{site}/desk/?view=unit")
    assert_good_at_every_width(page, "desk-list")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("[data-row]").first).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("[data-find]")).to_be_focused()
    page.keyboard.insert_text("brunt")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    assert_good_at_every_width(page, "desk-found")


@visits("desk:case", "desk:decide", "desk:purpose")
def test_an_inquiry_is_handled_and_answered_by_keyboard(page: Page, site: str, averoy):
    send_inquiry(averoy)
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/?view=unassigned")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert_good_at_every_width(page, "desk-case")
    page.get_by_role("link", name="Journal", exact=True).click()
    press(page, page.get_by_role("button", name="Lagre notatet"))
    assert_good_at_every_width(page, "desk-case-error")
    write(page, "Hva som skjedde", "Ringte driftsavdelingen.")
    press(page, page.get_by_role("button", name="Lagre notatet"))
    expect(page.get_by_text("Ringte driftsavdelingen.")).to_be_visible()
    press(page, page.get_by_role("button", name="Ta saken").first)
    press(page, page.get_by_role("link", name="Svar", exact=True))
    press(page, page.get_by_role("button", name="Lagre og se gjennom"))
    assert_good_at_every_width(page, "desk-decide-error")
    page.locator("#outcome-answered").focus()
    page.keyboard.press("Space")
    write(page, "Svaret", "Vi fyller hullet i dag.")
    assert_good_at_every_width(page, "desk-decide")
    press(page, page.get_by_role("button", name="Lagre og se gjennom"))
    assert_good_at_every_width(page, "desk-look-through")
    press(page, page.get_by_role("button", name="Send brevet"))
    expect(page.get_by_text("brevet er på vei")).to_be_visible()
    assert_good_at_every_width(page, "desk-case-closed")
    with use(averoy.id, "ordinary"):
        assert Case.objects.get().state == "decided"


@visits("desk:due")
def test_what_is_due_and_why_one_was_missed_by_keyboard(page: Page, site: str, averoy):
    today = dates.today()
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/due/")
    assert_good_at_every_width(page, "desk-due-empty")
    for days, subject in ((20, "Hull i veien"), (14, "Brunt vann"), (3, "Lyset er gått")):
        with dates.clock.frozen(today - timedelta(days=days)):
            send_inquiry(averoy, subject=subject)
    press(page, page.get_by_role("link", name="Frister denne uka"))
    expect(page.get_by_role("heading", name="Over fristen")).to_be_visible()
    expect(page.get_by_role("heading", name="I dag")).to_be_visible()
    assert_good_at_every_width(page, "desk-due")
    page.keyboard.press("j")
    expect(page.locator("[data-row]").first).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert_good_at_every_width(page, "desk-case-missed")
    page.get_by_role("link", name="Fortell hvorfor").first.click()
    press(page, page.locator("#deadlines").get_by_role("button", name="Lagre"))
    assert_good_at_every_width(page, "desk-case-missed-error")
    page.get_by_label("Hvorfor ble den brutt?").select_option("too-few-people")
    write(page, "Med noen få ord", "To av oss var syke.")
    press(page, page.locator("#deadlines").get_by_role("button", name="Lagre"))
    expect(page.get_by_text("To av oss var syke.")).to_be_visible()
    assert_good_at_every_width(page, "desk-case-explained")


def test_a_leader_extends_a_deadline_by_keyboard_in_each_language(page: Page, site: str, averoy):
    offer(averoy, VIEW, LONG)
    case_id = send_inquiry(averoy).case_id
    with use(averoy.id, "ordinary"):
        Case.objects.update(assigned_to=averoy.staff["bob"].id, assigned_name="Bob Bjørk")
    come_in(page, site, BOB)
    page.goto(f"{site}/desk/cases/{case_id}/#deadlines")
    page.locator("#deadlines summary").focus()
    page.keyboard.press("Enter")
    assert_good_at_every_width(page, "desk-case-extend")
    write(page, "Hvorfor trengs det mer tid?", "Vi venter på en uttalelse.")
    press(page, page.get_by_role("button", name="Forleng", exact=True))
    expect(page.get_by_text("Vi venter på en uttalelse.")).to_be_visible()
    for language, heading in (("nn", "Fristar"), ("en", "Deadlines")):
        page.goto(f"{site}/{language}/desk/cases/{case_id}/#deadlines")
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        page.goto(f"{site}/{language}/desk/due/")
        assert_good_at_every_width(page, f"desk-due-{language}")


def test_what_is_decided_is_chosen_apart_from_the_answer_by_keyboard(page: Page, site: str, averoy):
    offer_results(averoy, with_results())
    case_id = send_inquiry(averoy).case_id
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/cases/{case_id}/decide/")
    page.locator("#outcome-result-dismissed-answered").focus()
    page.keyboard.press("Space")
    page.locator("#value-result-dismissed-answered-answer").focus()
    page.keyboard.insert_text("Vi har sett på det du skrev.")
    press(page, page.get_by_role("button", name="Lagre og se gjennom"))
    assert_good_at_every_width(page, "desk-decide-result-error")
    write(page, "Hvorfor blir dette bestemt?", "Det er ikke grunn til mer.")
    assert_good_at_every_width(page, "desk-decide-result")
    press(page, page.get_by_role("button", name="Lagre og se gjennom"))
    assert_good_at_every_width(page, "desk-look-through-result")
    press(page, page.get_by_role("button", name="Send brevet"))
    expect(page.get_by_text("Det er ikke grunn til mer.")).to_be_visible()
    assert_good_at_every_width(page, "desk-case-result")


def test_a_note_is_written_and_corrected_by_keyboard_in_each_language(page: Page, site: str, averoy):
    case_id = send_inquiry(averoy).case_id
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/cases/{case_id}/#journal")
    write(page, "Hva som skjedde", "Ringte skolen. De har sett det samme, og sender bilder.")
    page.get_by_label("Type", exact=True).select_option("phone")
    press(page, page.get_by_role("button", name="Lagre notatet"))
    write(page, "Hva som skjedde", "Var på stedet sammen med vaktmesteren. Hullet er en halv meter bredt.")
    page.get_by_label("Type", exact=True).select_option("visit")
    page.get_by_text("Om eller fra andre", exact=True).focus()
    page.keyboard.press("Enter")
    write(page, "Hvem det er", "Naboen i nummer fire")
    write(page, "Det som er om eller fra dem", "Han har kjørt på hullet to ganger, og er syk etterpå.")
    press(page, page.get_by_role("button", name="Lagre notatet"))
    note = page.locator("#notes .message").filter(has_text="vaktmesteren")
    expect(note).to_contain_text("Om eller fra andre: Naboen i nummer fire")
    press(page, note.get_by_role("link", name="Rett"))
    assert_good_at_every_width(page, "desk-journal-correcting")
    field = page.get_by_label("Hva som skjedde", exact=True)
    field.focus()
    field.fill("Var på stedet sammen med vaktmesteren. Hullet er en meter bredt.")
    press(page, page.get_by_role("button", name="Lagre rettingen"))
    page.get_by_text("Det sto før", exact=False).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Hullet er en halv meter bredt.")).to_be_visible()
    for language in ("nb", "nn", "en"):
        page.goto(f"{site}/{language}/desk/cases/{case_id}/#journal".replace("/nb/", "/"))
        page.locator(".note-earlier > summary").click()
        assert_good_at_every_width(page, f"desk-journal-{language}")
    press(page, page.get_by_role("link", name="Telephone 1"))
    expect(page.locator("#notes > .messages > .message")).to_have_count(1)


@visits("portal:my-part")
def test_a_party_is_added_by_keyboard_and_reads_and_appeals_as_themselves(page: Page, site: str, averoy):
    offer_results(averoy, with_parties(["applicant", "guardian"]))
    case_id = send_as(averoy, rita(), children=[{"child_name": "Lille Lykke"}]).case_id
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/cases/{case_id}/#people")
    page.get_by_text("Legg til noen", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Rolle i saken", exact=True).select_option("guardian")
    write(page, "Navn", NAMES[OMAR])
    write(page, "Fødselsnummer, hvis du vet det", OMAR)
    page.get_by_label("Handler for noen i kraft av").select_option("guardianship")
    page.get_by_label("Er part: får egne brev").focus()
    page.keyboard.press("Space")
    press(page, page.get_by_role("button", name="Legg til", exact=True))
    for language in ("nb", "nn", "en"):
        page.goto(f"{site}/{language}/desk/cases/{case_id}/#people".replace("/nb/", "/"))
        page.locator("#people .hand-over > summary").click()
        assert_good_at_every_width(page, f"desk-people-{language}")
    page.goto(f"{site}/desk/cases/{case_id}/#parties")
    page.get_by_label("Språk i brev").select_option("nn")
    press(page, page.get_by_role("button", name="Velg", exact=True))
    expect(page.get_by_text("Brev skrives på det språket nå.")).to_be_visible()
    assert_good_at_every_width(page, "desk-letter-language")
    issued(averoy, case_id)
    session = browser_of(omar()).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
    page.goto(f"{site}/my/")
    assert_good_at_every_width(page, "my-page-as-party")
    press(page, page.get_by_role("link", name="Vedtak"))
    for language in ("en", "nn", "nb"):
        page.goto(re.sub(r"(//[^/]+)(/en|/nn)?/my", rf"\1/{language}/my", page.url).replace("/nb/", "/"))
        assert_good_at_every_width(page, f"my-part-{language}")
    write(page, "Hva bør endres, og hvorfor?", "Jeg ble ikke hørt før dere bestemte.")
    press(page, page.get_by_role("button", name="Send klagen"))
    expect(page.get_by_text("Klagen din er sendt.")).to_be_visible()
    assert_good_at_every_width(page, "my-part-appealed")


@visits("desk:preview", "portal:my-case-preview")
def test_a_photograph_is_seen_small_and_large_with_and_without_script(page: Page, browser, site: str, averoy):
    receipt = send_inquiry(averoy)
    sent_image(averoy, receipt.case_id, rita(), photo((1600, 1200)), "hull i veien ved skolen sett fra krysset.jpg")
    come_in(page, site, ALICE)
    look_at_the_photograph(page, f"{site}/desk/cases/{receipt.case_id}/#documents", "desk")
    context = browser.new_context(java_script_enabled=False, locale="nb-NO", viewport=NARROW)
    without = context.new_page()
    come_in(without, site, ALICE)
    without.goto(f"{site}/desk/cases/{receipt.case_id}/#documents")
    without.get_by_role("link", name="vist stort").click()
    expect(without.get_by_role("img", name="hull i veien")).to_be_visible()
    context.close()
    session = browser_of(rita()).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
    look_at_the_photograph(page, f"{site}/my/averoy/cases/{receipt.case_id}/", "portal")


def look_at_the_photograph(page: Page, case: str, door: str) -> None:
    """Small on the case's page, then large on its own: drawn, and upright."""
    page.goto(case)
    small = page.get_by_role("img", name="hull i veien")
    small.scroll_into_view_if_needed()
    page.wait_for_function("image => image.complete && image.naturalWidth === 240", arg=small.element_handle())
    assert_good_at_every_width(page, f"{door}-case-with-a-photograph")
    press(page, page.get_by_role("link", name="vist stort"))
    large = page.get_by_role("img", name="hull i veien")
    page.wait_for_function("image => image.complete && image.naturalHeight === 1600", arg=large.element_handle())
    assert_good_at_every_width(page, f"{door}-photograph")


def test_a_leader_is_asked_why(page: Page, site: str, averoy):
    receipt = send_inquiry(averoy)
    come_in(page, site, BOB)
    page.goto(f"{site}/desk/cases/{receipt.case_id}/")
    assert_good_at_every_width(page, "desk-purpose")
    press(page, page.get_by_role("button", name="Åpne saken"))
    expect(page.get_by_role("heading", name="Hull i veien ved skolen")).to_be_visible()


@visits("desk:register", "desk:page", "desk:review", "desk:receipt", "desk:delete-draft")
def test_a_telephone_call_is_registered_by_keyboard(page: Page, site: str, averoy):
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/register/")
    press(page, page.get_by_role("button", name="Finn søkeren"))
    assert_good_at_every_width(page, "desk-register-error")
    page.get_by_label("Tjeneste", exact=True).select_option("inquiry")
    page.get_by_label("Telefon", exact=True).focus()
    page.keyboard.press("Space")
    write(page, "Fødselsnummer eller organisasjonsnummer", RITA)
    press(page, page.get_by_role("button", name="Finn søkeren"))
    expect(page.get_by_text("Rita Rogn")).to_be_visible()
    assert_good_at_every_width(page, "desk-register-found")
    press(page, page.get_by_role("button", name="Ja, fyll ut skjemaet"))
    assert_good_at_every_width(page, "desk-register-page")
    press(page, page.get_by_role("button", name="Neste"))
    assert_good_at_every_width(page, "desk-register-page-error")
    draft = page.url.split("/page/")[0]
    page.goto(f"{draft}/review/")
    assert_good_at_every_width(page, "desk-register-review")
    page.goto(f"{draft}/delete/")
    assert_good_at_every_width(page, "desk-register-delete")


def test_the_ways_on_are_one_line_on_a_phone_with_where_one_is_in_view(page: Page, site: str, averoy):
    come_in(page, site, ALICE)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{site}/desk/print/")
    ways = page.locator(".main-navigation a")
    places = [each.bounding_box() for each in ways.all()]
    assert len({round(each["y"]) for each in places}) == 1
    here = page.locator(".main-navigation a[aria-current]").bounding_box()
    assert here["x"] >= 0
    assert here["x"] + here["width"] < 321


def test_the_desk_works_without_script(browser, site: str, averoy):
    send_inquiry(averoy)
    context = browser.new_context(java_script_enabled=False, locale="nb-NO")
    page = context.new_page()
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/?view=unit")
    page.locator("[data-row]").first.click()
    page.get_by_role("link", name="Journal", exact=True).click()
    page.get_by_label("Hva som skjedde").fill("Uten skript")
    page.get_by_role("button", name="Lagre notatet").click()
    assert "Uten skript" in page.content()
    context.close()


@visits("desk:access")
def test_a_party_is_given_access_by_keyboard(page: Page, site: str, averoy):
    receipt = send_inquiry(averoy)
    come_in(page, site, ALICE)
    page.goto(f"{site}/desk/cases/{receipt.case_id}/#documents")
    press(page, page.get_by_role("link", name="Gi innsyn i saken"))
    assert_good_at_every_width(page, "desk-access")
    asked = page.get_by_label("Hva vil du spørre om eller melde fra om?")
    asked.focus()
    asked.select_option("others-health")
    press(page, page.get_by_role("button", name="Send kopien"))
    expect(page.get_by_text("Kopien er journalført")).to_be_visible()


@visits("desk:protected")
def test_an_address_is_protected_and_a_need_stated_by_keyboard(page: Page, site: str, averoy):
    receipt = send_inquiry(averoy)
    come_in(page, site, BOB)
    page.goto(f"{site}/desk/cases/{receipt.case_id}/protected/")
    page.get_by_label("Grad", exact=True).select_option("strengt-fortrolig")
    page.get_by_label("Hvorfor", exact=True).select_option("threat")
    press(page, page.get_by_role("button", name="Sett adressebeskyttelse"))
    press(page, page.get_by_role("button", name="Åpne saken"))  # a leader says first why
    expect(page.get_by_text("Det som er sendt inn, dokumenter")).to_be_visible()
    assert_good_at_every_width(page, "desk-case-hidden")
    press(page, page.get_by_role("link", name="Oppgi hvorfor du trenger å se det"))
    assert_good_at_every_width(page, "desk-protected")
    page.get_by_label("For å besøke personen hjemme").check()
    press(page, page.get_by_role("button", name="Åpne saken"))
    expect(page.get_by_text("Saken er åpen for deg i 15 minutter")).to_be_visible()
    page.goto(f"{site}/desk/cases/{receipt.case_id}/protected/")
    expect(page.get_by_text("Det finnes en trussel").first).to_be_visible()
    assert_good_at_every_width(page, "desk-protected-open")


@visits("desk:erasing", "desk:retention", "desk:retention-rule")
def test_the_plan_and_what_two_persons_erase(page: Page, site: str, averoy):
    cases = [send_inquiry(averoy).case_id for _ in range(3)]
    with use(averoy.id, "owner"):  # long ago, and everything sent
        Case.objects.update(closed_at=datetime(2010, 5, 3, tzinfo=UTC), state=State.DECIDED)
        Outbox.objects.update(done_at=datetime(2010, 5, 3, tzinfo=UTC))
    hire(averoy, number(307), "archivist", name="Hege Hassel")
    come_in(page, site, number(307))
    press(page, page.get_by_role("link", name="Arkiv"))
    assert_good_at_every_width(page, "desk-erasing-empty")
    press(page, page.get_by_role("link", name="Planen"))
    assert_good_at_every_width(page, "desk-retention")
    page.goto(f"{site}/desk/records/plan/inquiry/")
    press(page, page.get_by_role("button", name="Stadfest regelen"))
    assert_good_at_every_width(page, "desk-retention-rule-error")
    page.get_by_label("Det kan slettes etter noen år").check()
    write(page, "Antall år, etter det året en sak ble lukket", "10")
    write(page, "Hvor dette står", "Riksarkivarens forskrift § 7-24, arkivplanen vår av 3. mars 2026")
    press(page, page.get_by_role("button", name="Stadfest regelen"))
    expect(page.get_by_text("Regelen er stadfestet")).to_be_visible()
    assert_good_at_every_width(page, "desk-retention-confirmed")
    page.goto(f"{site}/desk/records/")
    press(page, page.get_by_role("button", name="Foreslå sletting"))
    expect(page.get_by_text("Velg minst én sak.").first).to_be_visible()
    assert_good_at_every_width(page, "desk-erasing-nothing-chosen")
    for case_id in cases:
        page.locator(f"#case-{case_id}").check()
    press(page, page.get_by_role("button", name="Foreslå sletting"))
    expect(page.get_by_text("3 saker er foreslått")).to_be_visible()
    assert_good_at_every_width(page, "desk-erasing-proposed")
    come_in(page, site, BOB)
    page.goto(f"{site}/desk/records/")
    assert_good_at_every_width(page, "desk-erasing-to-decide")
    page.locator("input[name=disposal]").nth(0).check()
    press(page, page.get_by_role("button", name="Bevar for godt"))
    expect(page.get_by_text("1 sak bevares for godt.")).to_be_visible()
    page.locator("input[name=disposal]").nth(0).check()
    press(page, page.get_by_role("button", name="Godkjenn slettingen"))
    expect(page.get_by_text("1 sak slettes innen en time.")).to_be_visible()
    assert_good_at_every_width(page, "desk-erasing-decided")
