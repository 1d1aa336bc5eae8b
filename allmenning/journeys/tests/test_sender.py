"""A sender who is no party is shown that they are answered, and nothing else: in no journey, and through no door."""

import json
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest

from allmenning.basics import dates
from allmenning.basics.plain_yaml import read_yaml
from allmenning.commons.catalogue import package as packages
from allmenning.doors.api.testing import system
from allmenning.doors.api.tests.test_following import news
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys import (
    administering,
    asking_for_access,
    breaking_glass,
    casework,
    deciding,
    decision_letters,
    dialogue,
    my_data,
    my_log,
    my_page,
    outbox,
    registering,
)
from allmenning.journeys.sender import NotForSender
from allmenning.journeys.testing import ALICE, SERVICES, rita
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry, staff_key
from allmenning.journeys.tests.test_results import offer, titled, with_results
from allmenning.municipal.access.models import LogEntry, Unit
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.cases.models import Case, Decision
from allmenning.municipal.documents.models import Document
from allmenning.municipal.post.models import Message, Outbox
from allmenning.tenancy import use

SENDER = {
    "state": "answered-or-not",
    "due": False,
    "may_withdraw": False,
    "may_ask_for_access": False,
    "may_follow_up": True,
    "may_copy": False,
}
RESULT = {"id": "looked-at", "title": titled("Sett på"), "reasons": "optional"}
DONE = "Saken er ferdig hos oss"
ANSWER = "answer"  # a deadline of the inquiry


def folder(sender=SENDER, told_when="told_as == 'public'", **changes):
    """The inquiry's files, whose sender is no party: that it was forwarded is told an organisation alone."""
    files = with_results([{**RESULT, "answers": {"private": "answered", "public": "answered"}}], **changes)
    routine = json.loads(files["routine.yaml"])
    by_id = {each["id"]: each for each in routine["outcomes"]}
    by_id["answered"] |= {"closes": False, "shown_as": titled("Vi har lest det")}
    by_id["forwarded"] |= {"told_when": told_when} if told_when else {}
    routine["sender"] = sender
    return {**files, "routine.yaml": json.dumps(routine)}


@pytest.fixture
def sent(averoy):
    offer(averoy, folder())
    return send_inquiry(averoy, rita()).case_id


def issue(place, outcome, values, result=""):
    with desk(place):
        case, key = Case.objects.get(), staff_key(place, ALICE)
        drafted = decision_letters.Drafted(outcome, [], values, result=result)
        deciding.save_draft(case.id, drafted, place.working("alice"), revision=case.revision, staff_key=key)
        case.refresh_from_db()
        issued = deciding.issue(case.id, place.working("alice"), revision=case.revision, staff_key=key)
    outbox.drain(place.id, "ordinary")
    return issued


def take(place):
    """Alice takes the case: something that its sender does not see."""
    with desk(place):
        alice = place.working("alice")
        case, key = Case.objects.get(), staff_key(place, ALICE)
        casework.assign(case.id, alice, to=alice.staff_id, unit_id=case.unit_id, revision=case.revision, staff_key=key)


def answer(place):
    return issue(place, "answered", {"answer": "Takk."}, "looked-at")


def conclude(place):
    """Close it, without the sender being told."""
    return issue(place, "forwarded", {})


def everything_told(place, case_id):
    """All that a sender can read of their case, but for what they wrote."""
    client = browser_of(rita())
    pages = [client.get(each).text for each in ("/my/", "/my/mailbox/", "/my/log/", f"/my/averoy/cases/{case_id}/")]
    with as_resident(place, rita()):
        view = my_page.open_mine(case_id)
        data = my_data.of_municipality(rita(), SimpleNamespace(put=lambda *_: None))
    return view, data["cases"][0], pages


def without_token(page):
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)


# --- what the folder may say ---


def problems(files):
    return " ".join(str(each) for each in packages.check_files(files) if each.level == "error")


def test_the_folder_is_whole():
    assert problems(folder()) == ""


@pytest.mark.parametrize(
    ("sender", "told_when", "said"),
    [
        ({**SENDER, "may_withdraw": True}, None, "may_withdraw must be false"),
        ({**SENDER, "due": True}, None, "due must be false"),
        ({"may_withdraw": False}, "told_as == 'public'", "or the state tells them"),
        ({**SENDER, "due": {"deadline": "never", "when": "true"}}, None, "there is no deadline never from received"),
        ({**SENDER, "due": {"deadline": ANSWER, "when": "nobody == 1"}}, None, "nobody is read"),
        ({**SENDER, "due": {"deadline": ANSWER}}, None, "/sender/due"),
        (SENDER, "told_as ==", "/outcomes/forwarded/told_when"),
        (SENDER, "nobody == 'public'", "nobody is read, but nothing gives it a value"),
        ({"state": "secret"}, None, "/sender"),
    ],
)
def test_what_would_tell_by_another_way_is_refused(sender, told_when, said):
    assert said in problems(folder(sender, told_when))


def test_an_individual_decision_is_always_told():
    files = dict(packages.read_folder(SERVICES / "reduced-kindergarten-fee"))
    routine = read_yaml(files["routine.yaml"])
    routine["outcomes"] = [{**each, "told_when": "true"} for each in routine["outcomes"]]
    assert "an individual decision is always told" in problems({**files, "routine.yaml": json.dumps(routine)})


# --- what they are shown ---


def test_a_sender_is_shown_received_and_then_answered_and_never_more(averoy, sent):
    take(averoy)
    view, data, pages = everything_told(averoy, sent)
    assert (view.shown.state, view.shown.is_open, view.shown.due_on) == ("received", True, None)
    assert [each.kind for each in view.timeline] == ["received"]
    assert (data["state"], data["answer_by"], data["steps"]) == ("received", None, [])
    answer(averoy)
    view, data, pages = everything_told(averoy, sent)
    assert (view.shown.state, view.shown.is_open) == ("decided", False)  # though the case goes on
    assert [each.kind for each in view.timeline] == ["received", "decided"]
    assert (data["state"], data["outcome"], data["decisions"]) == ("decided", "", [])
    assert "Besvart" in pages[0]
    assert "Vi har lest det" in pages[3]
    assert "Sett på" not in str(pages)
    conclude(averoy)
    view, later, after = everything_told(averoy, sent)
    assert {**later, "messages": [], "deliveries": []} == {**data, "messages": [], "deliveries": []}
    assert [each.kind for each in view.timeline] == ["received", "decided"]
    assert [each.outcome for each in view.decisions] == ["answered"]
    assert without_token(after[3]) == without_token(pages[3])


def test_what_the_sender_is_not_told_of_leaves_no_letter_and_is_on_record(averoy, sent):
    answer(averoy)
    with as_resident(averoy, rita()):
        dialogue.send_more(sent, "Det gjelder fortsatt.", [])
    outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        letters, waiting = Message.objects.filter(direction="out").count(), Outbox.objects.count()
    decision = conclude(averoy)
    with desk(averoy):
        assert Message.objects.filter(direction="out").count() == letters
        assert Outbox.objects.count() == waiting
        assert decision.message_id is None
        assert Case.objects.get().state == "decided"
        asked = RegistryEntry.objects.filter(kind=RegistryEntry.Kind.INCOMING).order_by("sequence")
        assert [each.sign_off_code for each in asked] == ["Besvart med brev", "Tatt til etterretning"]
    with as_resident(averoy, rita()):
        assert Decision.objects.count() == 1
    page = at_desk(averoy, ALICE).get(f"/desk/cases/{sent}/").text
    assert "innsenderen fikk ikke vite det" in page


def test_whom_the_condition_holds_for_is_told(averoy):
    offer(averoy, folder(told_when="told_as == 'private'"))
    send_inquiry(averoy, rita())
    assert issue(averoy, "forwarded", {"forwarded_to": "NAV", "forwarded_because": "Det er deres."}).message_id


def test_the_caseworker_sees_that_the_sender_is_not_told(averoy, sent):
    page = at_desk(averoy, ALICE).get(f"/desk/cases/{sent}/decide/").text
    assert page.count("Innsenderen får ikke vite det") == 1
    with desk(averoy):
        revision = Case.objects.get().revision
    client = at_desk(averoy, ALICE)
    assert client.post(f"/desk/cases/{sent}/decide/", {"revision": revision, "outcome": "forwarded"}).status_code == 302
    looked = client.get(f"/desk/cases/{sent}/decide/?look=1").text
    assert "det går ikke noe brev" in looked
    assert "Avgjør uten å si det til innsenderen" in looked


# --- what they may do ---


def test_they_can_neither_withdraw_nor_be_given_access(averoy, sent):
    with as_resident(averoy, rita()):
        for act in (dialogue.withdraw, asking_for_access.ask, lambda each: dialogue.withdraw(each, "Nei")):
            with pytest.raises(NotForSender):
                act(sent)
        assert Case.objects.get().state == "received"
    page = browser_of(rita()).get(f"/my/averoy/cases/{sent}/").text
    assert "Trekk" not in page
    assert "Innsyn i saken" not in page
    assert "gjelder en annen" in page
    assert browser_of(rita()).get(f"/my/averoy/cases/{sent}/access/").status_code == 302


def test_they_take_nothing_with_them(averoy, sent):
    outbox.drain(averoy.id, "ordinary")
    with as_resident(averoy, rita()):
        view = my_page.open_mine(sent)
        assert view.documents == []
    with desk(averoy):
        document = Document.objects.get().id
    with as_resident(averoy, rita()), pytest.raises(CaseNotFound):
        my_page.download(sent, document)
    _view, data, _pages = everything_told(averoy, sent)
    assert (data["answers"], data["documents"]) == ({}, [])
    answer(averoy)
    with as_resident(averoy, rita()):
        [letter] = my_page.open_mine(sent).documents
        assert my_page.download(sent, letter.id)[1].startswith(b"%PDF")


def test_what_more_they_send_is_a_follow_up_once_they_are_answered_whether_the_case_goes_on_or_not(averoy, sent):
    answer(averoy)
    with as_resident(averoy, rita()):
        assert dialogue.send_more(sent, "Det er verre nå.", []).kind == Message.Kind.FOLLOW_UP
        view = my_page.open_mine(sent)
    assert (view.shown.state, view.shown.is_open) == ("received", True)


def test_where_they_may_not_follow_up_they_send_nothing_after_the_answer(averoy):
    offer(averoy, folder({**SENDER, "may_follow_up": False}))
    case_id = send_inquiry(averoy, rita()).case_id
    answer(averoy)
    with as_resident(averoy, rita()):
        assert not dialogue.may_send_more(Case.objects.get(id=case_id))


# --- what staff do is not told ---


def test_the_log_of_theirs_tells_nothing_of_what_staff_do_and_that_is_recorded(averoy, sent):
    answer(averoy)
    conclude(averoy)
    with as_resident(averoy, rita()):
        rows = list(my_log.whole(rita().keys(averoy.id)))
        assert {each.entry.actor_kind for each in rows if each.entry.case_id == sent} <= {"resident"}
        assert {each.actor_kind for each in my_page.open_mine(sent).looked} <= {"resident"}
    with desk(averoy):
        left_out = LogEntry.objects.filter(action="left-out", case_id=sent).order_by("at").last()
        assert "sender-is-no-party" in left_out.field_kinds


def test_an_emergency_is_not_told_them(averoy, sent):
    with desk(averoy):
        why = "Barnet kan være i fare, og saksbehandleren svarer ikke."
        breaking_glass.break_glass(sent, why, 15, averoy.working("bob"), staff_key=staff_key(averoy, ALICE))
        assert not Message.objects.exists()
    view, _data, _pages = everything_told(averoy, sent)
    assert [each.kind for each in view.timeline] == ["received"]


def test_a_client_sees_what_the_sender_sees(averoy, sent):
    client = system(averoy.id, name="Sakssystemet")
    answer(averoy)
    conclude(averoy)
    told = client.get(f"/cases/{sent}").json()
    assert (told["state"], told["open"], told["closed_at"], told["due_on"]) == ("decided", False, None, None)
    assert (told["outcome"], [each["kind"] for each in told["timeline"]]) == (None, ["received", "decided"])
    assert "outcome" not in told["timeline"][1]["facts"]
    documents = client.get(f"/cases/{sent}/documents").json()["documents"]
    assert [each["origin"] for each in documents] == ["letter"]


def test_changes_tell_the_state_that_the_sender_is_shown(averoy, sent):
    client = system(averoy.id, name="Sakssystemet")
    take(averoy)
    [change] = news(averoy, client)["changes"]
    assert (change["kind"], change["state"]) == ("received", "received")
    answer(averoy)
    conclude(averoy)
    assert [(each["kind"], each["state"]) for each in news(averoy, client)["changes"]] == [
        ("received", "decided"),
        ("decided", "decided"),
    ]


# --- where it came to, and by when they are promised an answer ---


def move_on(place):
    """To a unit whose name tells what came of it."""
    with use(place.id, "administration"):
        by, name = administering.OPERATOR, "Fosterhjem og flytting"
        later = administering.add_unit(by, area="ordinary", name=name, phone="99 88 77 66")
    with desk(place):
        alice, case, key = place.working("alice"), Case.objects.get(), staff_key(place, ALICE)
        casework.assign(case.id, alice, to=None, unit_id=later.id, revision=case.revision, staff_key=key)


def test_the_unit_that_it_came_to_is_shown_whichever_has_it_later(averoy, sent):
    client = system(averoy.id, name="Sakssystemet")
    with desk(averoy):
        first = Case.objects.get().unit_id
        came_to = Unit.objects.get(id=first).name
    move_on(averoy)
    view, data, pages = everything_told(averoy, sent)
    told = client.get(f"/cases/{sent}").json()
    with as_resident(averoy, rita()):
        [listed] = my_page.my_page(rita()).cases
    assert (view.unit.name, listed.unit, told["unit"]) == (came_to, came_to, came_to)
    assert came_to in pages[3]
    for each in (*pages, json.dumps(data, default=str), json.dumps(told)):
        assert "Fosterhjem" not in each
        assert "99 88 77 66" not in each


def test_whoever_answers_them_is_no_unit_to_another_system(averoy, sent):
    client = system(averoy.id, name="Sakssystemet")
    answer(averoy)
    assert [each["unit"] for each in client.get(f"/cases/{sent}").json()["timeline"]] == ["", ""]


@pytest.mark.parametrize(("when", "is_promised"), [("told_as == 'private'", True), ("told_as == 'anonymous'", False)])
def test_an_answer_is_promised_those_whom_the_folder_names_and_the_promise_never_moves(averoy, when, is_promised):
    offer(averoy, folder({**SENDER, "due": {"deadline": ANSWER, "when": when}}))
    receipt = send_inquiry(averoy, rita())
    with as_resident(averoy, rita()):
        first = registering.what_happens_next(receipt.case_id).due_on
    assert (first is not None) is is_promised
    view, data, pages = everything_told(averoy, receipt.case_id)
    assert view.shown.due_on == data["answer_by"] == first
    assert ("svarer innen" in pages[0]) is is_promised
    told = system(averoy.id, name="Sakssystemet").get(f"/cases/{receipt.case_id}").json()
    assert told["due_on"] == (first.isoformat() if first else None)
    answer(averoy)
    with as_resident(averoy, rita()):
        assert my_page.open_mine(receipt.case_id).shown.due_on is None
        assert registering.what_happens_next(receipt.case_id).due_on == first


def test_another_service_is_shown_as_ever(averoy):
    with dates.clock.frozen(dates.now() + timedelta(days=1)):
        case_id = send_inquiry(averoy, rita()).case_id
        with as_resident(averoy, rita()):
            view = my_page.open_mine(case_id)
            assert view.shown.due_on == view.case.told_due_on is not None
            dialogue.withdraw(case_id)
