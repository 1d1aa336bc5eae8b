"""Expired and replayed forms, double presses, two people at once, registers that are down: one case, and all that was typed."""

import contextvars
import threading

import pytest
from django.db import connections
from django.test import Client

from allmenning.basics.errors import AllmenningError
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import browser_of, sent_inquiry
from allmenning.journeys import applying, casework, deciding, decision_letters, dialogue, my_page, outbox, registering
from allmenning.journeys.testing import ALICE, BOB, RITA, rita
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.errors import AlreadyDecided, NothingToAnswer, SomebodyWasFirst
from allmenning.municipal.cases.models import Case, Closure, Decision
from allmenning.municipal.documents.models import Document
from allmenning.municipal.forms.models import Draft, Submission
from allmenning.municipal.post.models import Delivery, Message
from allmenning.tenancy import use
from attack.visitors import SCRIPT, SUM, TEMPLATE, assert_only_text

ANSWERS = {
    "/topic": "culture",
    "/is_follow_up": "false",
    "/subject": "Hull i veien",
    "/message": "Det er et hull.",
    "/sender": "self",
    "/wants_notice": "true",
}


def as_rita(place):
    return use(place.id, "resident", keys=rita().keys(place.id))


def desk(place):
    return use(place.id, "ordinary")


def begun(place, client):
    """A draft of Rita's, in her browser. Returns its address."""
    client.post(f"/{place.id}/services/inquiry/start/")
    with as_rita(place):
        return f"/{place.id}/drafts/{Draft.objects.get().id}/"


def fill_in(client, address, **answers):
    """Answer page after page, as far as they go. Returns the last answer of the server."""
    at = client.get(address, follow=True).redirect_chain[-1][0]
    for _ in range(10):
        answer = client.post(at, {**ANSWERS, **answers})
        if answer.status_code != 302 or "/page/" not in answer["Location"]:
            return answer
        at = answer["Location"]
    return answer


def at_once(*acts):
    """Do several things in threads that start together, each with this test's municipality. Returns what came of each."""
    ready, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        ready.wait()
        try:
            outcomes[number] = act()
        except Exception as error:
            outcomes[number] = error
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(run, number, act))
        for number, act in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


@pytest.fixture
def browser(averoy):
    return browser_of(rita())


def test_markup_and_template_syntax_are_kept_and_shown_as_text(averoy, browser):
    address, typed = begun(averoy, browser), f"{SCRIPT} {TEMPLATE} ' \" & æøå 💥"
    fill_in(browser, address, **{"/subject": typed[:60], "/message": typed})
    review = browser.get(address + "review/")
    assert_only_text(review, address)
    browser.post(address + "review/")
    with desk(averoy):
        case = Case.objects.get()
        key = casework.staff_resident_key(averoy.id, ALICE)
        view = casework.open_case(case.id, averoy.working("alice"), "case-handling", staff_key=key)
        assert view.content.data["message"] == typed
    caseworker = at_desk(averoy, ALICE)
    caseworker.post(f"/desk/cases/{case.id}/purpose/", {"purpose": "case-handling"})
    for page in (caseworker.get("/desk/"), caseworker.get(f"/desk/cases/{case.id}/")):
        assert_only_text(page, "desk")
        assert SUM not in page.text
    outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        assert Document.objects.get().is_rendered  # the PDF took it as data


@pytest.mark.parametrize("typed", ["a\0b", "a\u202eb", "a\x07b"])
def test_what_can_not_be_stored_is_told_of_beside_its_field_and_the_rest_is_kept(averoy, browser, typed):
    address = begun(averoy, browser)
    answer = fill_in(browser, address, **{"/subject": "Hull", "/message": typed})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    with as_rita(averoy):
        filling = applying.open_draft(Draft.objects.get().id)
    assert filling.content.data["subject"] == "Hull"


def test_a_form_whose_token_ran_out_is_shown_again_with_what_was_typed(averoy, browser):
    address = begun(averoy, browser)
    at = browser.get(address)["Location"]
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(browser.cookies)
    typed = {**ANSWERS, "/subject": "Dette skrev jeg lenge på."}
    ours = strict.post(at, typed, headers={"Sec-Fetch-Site": "same-origin"})
    theirs = strict.post(at, typed, headers={"Sec-Fetch-Site": "cross-site"})
    assert ours.status_code == theirs.status_code == 403
    assert typed["/subject"] in ours.text
    assert typed["/subject"] not in theirs.text  # else another site could fill in a form and have it sent here
    with as_rita(averoy):
        assert Draft.objects.get().revision == 0


def test_a_form_that_lost_its_session_asks_for_login_and_shows_nobody_the_draft(averoy, browser):
    address = begun(averoy, browser)
    stranger = Client()
    for answer in (stranger.get(address), stranger.post(address + "review/"), stranger.get(address + "receipt/")):
        assert answer.status_code == 404
    with as_rita(averoy):
        assert Draft.objects.count() == 1


def test_a_page_that_is_sent_again_from_an_old_window_overwrites_nothing(averoy, browser):
    address = begun(averoy, browser)
    at = browser.get(address)["Location"]
    browser.post(at, {**ANSWERS, "_revision": "0", "_later": "1"})
    answer = browser.post(at, {**ANSWERS, "/topic": "school", "_revision": "0"})
    assert answer.status_code == 409
    assert 'value="school"' in answer.text
    with as_rita(averoy):
        assert applying.open_draft(Draft.objects.get().id).content.data["topic"] == "culture"


def test_what_is_sent_is_what_was_looked_through(averoy, browser):
    address = begun(averoy, browser)
    fill_in(browser, address)
    with as_rita(averoy):
        filling = applying.open_draft(Draft.objects.get().id)
        looked_at, changed = filling.draft.revision, {**filling.content.data, "subject": "Endret i et annet vindu"}
        applying.save_page(filling, changed, {}, page=1, revision=looked_at)
    answer = browser.post(address + "review/", {"_revision": str(looked_at)})
    assert answer.status_code == 409
    assert "Endret i et annet vindu" in answer.text
    with desk(averoy):
        assert Case.objects.count() == 0


def test_pressing_send_twice_is_one_case_and_the_same_receipt(averoy, browser):
    address = begun(averoy, browser)
    fill_in(browser, address)
    first, second = browser.post(address + "review/"), browser.post(address + "review/")
    assert first["Location"] == second["Location"] == address + "receipt/"
    assert browser.get(address + "receipt/").status_code == 200
    with desk(averoy):
        assert Case.objects.count() == Submission.objects.count() == RegistryEntry.objects.count() == 1


def test_sending_at_the_same_moment_is_one_case(averoy, browser):
    address = begun(averoy, browser)
    fill_in(browser, address)
    with as_rita(averoy):
        draft = Draft.objects.get()
        applicant = registering.Applicant("person", RITA, "Rita Rogn")
        receipts = at_once(
            *[lambda: registering.submit(draft, applicant, RESIDENT, submitted_by="Rita Rogn") for _ in range(4)]
        )
        assert Draft.objects.count() == 0
    assert len({receipt.case_number for receipt in receipts}) == 1, receipts
    with desk(averoy):
        assert Case.objects.get().number == receipts[0].case_number
        assert RegistryEntry.objects.count() == Submission.objects.count() == 1


def test_two_forms_sent_at_the_same_moment_have_numbers_without_gaps(averoy):
    outcomes = at_once(*[lambda: sent_inquiry(averoy, rita()) for _ in range(4)])
    assert sorted(int(receipt.case_number.split("/")[1]) for receipt in outcomes) == [1, 2, 3, 4]


def drafted(place, receipt):
    with desk(place):
        case = Case.objects.get(id=receipt.case_id)
        answer = decision_letters.Drafted("answered", [], {"answer": "Vi fyller hullet."})
        key = casework.staff_resident_key(place.id, ALICE)
        deciding.save_draft(case.id, answer, place.working("alice"), revision=case.revision, staff_key=key)
        case.refresh_from_db()
        return case


def test_two_who_decide_at_the_same_moment_the_second_is_told(averoy):
    case = drafted(averoy, sent_inquiry(averoy, rita()))

    def issue(name, number):
        key = casework.staff_resident_key(averoy.id, number)
        return deciding.issue(case.id, averoy.working(name), revision=case.revision, staff_key=key)

    with desk(averoy):
        outcomes = at_once(lambda: issue("alice", ALICE), lambda: issue("bob", BOB))
        assert sorted(isinstance(each, Decision) for each in outcomes) == [False, True], outcomes
        assert any(isinstance(each, AlreadyDecided | SomebodyWasFirst) for each in outcomes), outcomes
        assert Decision.objects.filter(status="issued").count() == Closure.objects.count() == 1
        assert Message.objects.filter(kind="letter").count() == 1


def test_what_was_decided_while_another_wrote_is_told_and_nothing_of_it_changes(averoy):
    case = drafted(averoy, sent_inquiry(averoy, rita()))
    key = casework.staff_resident_key(averoy.id, BOB)
    with desk(averoy):
        deciding.issue(case.id, averoy.working("bob"), revision=case.revision, staff_key=key)
        with pytest.raises(AllmenningError):
            deciding.save_draft(
                case.id,
                decision_letters.Drafted("answered", [], {"answer": "Noe annet"}),
                averoy.working("alice"),
                revision=case.revision,
                staff_key=casework.staff_resident_key(averoy.id, ALICE),
            )
        assert Decision.objects.get().status == "issued"


def test_a_question_that_is_answered_twice_at_once_has_one_answer(averoy):
    from allmenning.basics import dates

    receipt = sent_inquiry(averoy, rita())
    with desk(averoy):
        case = Case.objects.get()
        actor = averoy.working("alice").as_actor(case)
        dialogue.ask(case.id, "Hvilken skole?", dates.today(), actor, revision=case.revision)
    with as_rita(averoy):
        outcomes = at_once(*[lambda: dialogue.answer(receipt.case_id, "Utheim") for _ in range(3)])
        assert sum(isinstance(each, Message) for each in outcomes) == 1, outcomes
        assert sum(isinstance(each, NothingToAnswer) for each in outcomes) == 2, outcomes


def test_two_workers_at_once_send_one_letter(averoy, registers):
    case = drafted(averoy, sent_inquiry(averoy, rita()))
    key = casework.staff_resident_key(averoy.id, ALICE)
    with desk(averoy):
        deciding.issue(case.id, averoy.working("alice"), revision=case.revision, staff_key=key)
    at_once(*[lambda: outbox.drain(averoy.id, "ordinary") for _ in range(3)])
    outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        assert Delivery.objects.filter(channel="portal").count() == 1
    assert len(registers.sent) == 1


def test_every_register_is_down_and_the_form_is_filled_in_and_sent(averoy, browser, registers):
    registers.down.update({"folkeregister", "enhetsregister", "kontaktregister", "skatteetaten"})
    address = begun(averoy, browser)
    page = browser.get(address, follow=True)
    assert page.status_code == 200
    fill_in(browser, address, **{"/name": "Rita Rogn", "/email": "rita@example.test"})
    assert browser.post(address + "review/")["Location"] == address + "receipt/"
    with desk(averoy):
        case = Case.objects.get()
        key = casework.staff_resident_key(averoy.id, ALICE)
        view = casework.open_case(case.id, averoy.working("alice"), "case-handling", staff_key=key)
    assert view.content.unavailable


def test_no_reading_without_its_row_in_the_log(averoy, monkeypatch):
    """If the log can't be written, nothing is shown."""
    receipt = sent_inquiry(averoy, rita())
    caseworker = at_desk(averoy, ALICE)
    caseworker.post(f"/desk/cases/{receipt.case_id}/purpose/", {"purpose": "case-handling"})

    def full(*_, **__):
        raise OSError("the disk is full")

    monkeypatch.setattr(LogEntry, "save", full)
    caseworker.raise_request_exception = False
    for address in (f"/desk/cases/{receipt.case_id}/", "/desk/?view=unit"):
        answer = caseworker.get(address)
        assert answer.status_code == 500
        assert "Rita" not in answer.text
        assert "Hull" not in answer.text


@pytest.mark.parametrize(
    "name", ['brev"\r\nSet-Cookie: a=b.pdf', "..\\..\\brev.pdf", "b\u202efdp.exe.pdf", "æøå 💥.pdf"]
)
def test_a_files_name_reaches_no_header_and_no_folder(averoy, browser, name):
    from allmenning.municipal.documents.tests import files

    receipt = sent_inquiry(averoy, rita())
    with as_rita(averoy):
        dialogue.send_more(receipt.case_id, "Her", [dialogue.Upload(name, "application/pdf", files.pdf())])
        document = next(d for d in my_page.open_mine(receipt.case_id).documents if d.origin == "uploaded")
    answer = browser.get(f"/my/{averoy.id}/cases/{receipt.case_id}/documents/{document.id}/")
    header = answer["Content-Disposition"]
    assert answer.status_code == 200
    assert header.startswith("attachment")
    assert not {"\r", "\n", "\\", "\u202e"} & set(header)
    assert "Set-Cookie" not in answer.headers
    assert answer["X-Content-Type-Options"] == "nosniff"
