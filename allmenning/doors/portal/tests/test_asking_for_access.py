"""A party asks for access on the case's page, is told by when, and gets it or a refusal that can be complained of."""

from datetime import date, timedelta

import pytest

from allmenning.basics import dates
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import answered, browser_of, let_act, sent_inquiry
from allmenning.journeys import access_grounds, asking_for_access, outbox, representing
from allmenning.journeys.testing import ALICE, omar, rita
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.models import AccessRequest, Case
from allmenning.municipal.post.models import Delivery
from allmenning.tenancy import use

FORM = {"ground": "own-health", "words": "Legen din fraråder det."}


@pytest.fixture
def case(averoy):
    """Rita's case, as its pages are called in the portal and at the desk."""
    case_id = sent_inquiry(averoy, rita()).case_id
    return case_id, f"/my/averoy/cases/{case_id}/", f"/desk/cases/{case_id}/"


def refused(averoy, desk_case, client=None):
    client = client or at_desk(averoy, ALICE)
    with use(averoy.id, "ordinary"):
        revision = Case.objects.get(id=desk_case.split("/")[3]).revision
    return client.post(f"{desk_case}access/refuse/", {**FORM, "revision": revision}, follow=True)


def test_who_asks_sees_that_it_was_received_and_by_when_an_answer_is_due(averoy, case):
    case_id, mine, at_work = case
    rita_ = browser_of(rita())
    asked = rita_.post(f"{mine}access/", {"text": "Særlig notatene"}, follow=True).text
    due = dates.format_date(access_grounds.answer_due(dates.today()), "nb")
    assert "Vi har mottatt kravet ditt" in asked
    assert due in asked
    assert "Du ba om innsyn i saken" in rita_.get(mine).text
    desk = at_desk(averoy, ALICE)
    assert due in desk.get("/desk/?view=access").text
    page = desk.get(at_work).text
    assert "Søkeren ber om innsyn i saken" in page
    assert "Særlig notatene" in desk.get(f"{at_work}access/").text
    with use(averoy.id, "ordinary"):
        assert RegistryEntry.objects.filter(case_id=case_id, kind=RegistryEntry.Kind.INCOMING).count() == 2


def test_one_may_ask_when_all_is_decided_and_the_list_shows_it(averoy, case):
    case_id, mine, at_work = case
    answered(averoy, case_id, ALICE)
    browser_of(rita()).post(f"{mine}access/", {})
    desk = at_desk(averoy, ALICE)
    assert at_work in desk.get("/desk/?view=access").text
    assert at_work not in desk.get("/desk/?view=unit").text
    with use(averoy.id, "ordinary"):
        assert Case.objects.get(id=case_id).state == "decided"


def test_nobody_asks_twice_at_once(averoy, case):
    rita_ = browser_of(rita())
    rita_.post(f"{case[1]}access/", {})
    again = rita_.post(f"{case[1]}access/", {})
    assert again.status_code == 422
    assert "Du har bedt om innsyn i denne saken allerede" in again.text


def test_a_refusal_has_its_ground_and_why_comes_as_a_letter_and_signs_the_request_off(averoy, case):
    _case_id, mine, at_work = case
    rita_ = browser_of(rita())
    rita_.post(f"{mine}access/", {})
    assert "Avslaget er journalført" in refused(averoy, at_work).text
    outbox.drain(averoy.id, "ordinary")
    with use(averoy.id, "ordinary"):
        row = AccessRequest.objects.get()
        assert row.outcome == "refused"
        assert Delivery.objects.filter(message_id=row.answer_id, channel="portal").exists()
        incoming = RegistryEntry.objects.filter(kind=RegistryEntry.Kind.INCOMING).order_by("sequence").last()
        assert incoming.signed_off_by.kind == RegistryEntry.Kind.OUTGOING
    letter = rita_.get(f"{mine}letters/{row.answer_id}/").text
    for told in ("§ 19 første ledd bokstav d", "Legen din fraråder det.", "tre uker", "statsforvalteren"):
        assert told in letter
    assert at_work not in at_desk(averoy, ALICE).get("/desk/?view=access").text


@pytest.mark.parametrize("lacks", [{"ground": ""}, {"ground": "because"}, {"words": " "}])
def test_a_refusal_without_ground_or_reason_is_not_sent(averoy, case, lacks):
    browser_of(rita()).post(f"{case[1]}access/", {})
    client = at_desk(averoy, ALICE)
    with use(averoy.id, "ordinary"):
        revision = Case.objects.get(id=case[0]).revision
    answer = client.post(f"{case[2]}access/refuse/", {**FORM, "revision": revision, **lacks})
    assert answer.status_code == 422
    with use(averoy.id, "ordinary"):
        assert AccessRequest.objects.get().answered_at is None


def test_what_nobody_asked_for_is_not_refused(averoy, case):
    assert "Ingen venter på innsyn" in refused(averoy, case[2]).text


def test_who_was_refused_complains_and_is_told_that_it_is_sent_on(averoy, case):
    _case_id, mine, at_work = case
    rita_ = browser_of(rita())
    rita_.post(f"{mine}access/", {})
    refused(averoy, at_work)
    assert rita_.post(f"{mine}access/", {"complain": "1", "text": ""}).status_code == 422
    rita_.post(f"{mine}access/", {"complain": "1", "text": "Jeg tåler det."})
    desk = at_desk(averoy, ALICE)
    assert "Søkeren klager på innsynet" in desk.get(at_work).text
    assert "Send den videre til statsforvalteren" in refused(averoy, at_work, desk).text
    with use(averoy.id, "ordinary"):
        first, complaint = AccessRequest.objects.order_by("asked_at")
        assert (complaint.complains_of_id, complaint.late) == (first.id, False)
    assert "Vi sender klagen din videre" in rita_.get(f"{mine}letters/{complaint.answer_id}/").text


def test_a_complaint_after_three_weeks_is_received_and_marked(averoy, case, monkeypatch):
    rita_ = browser_of(rita())
    rita_.post(f"{case[1]}access/", {})
    refused(averoy, case[2])
    later = date.today() + timedelta(days=40)
    monkeypatch.setattr(asking_for_access.dates, "today", lambda: later)
    assert "Fristen for å klage var" in rita_.get(f"{case[1]}access/").text
    rita_.post(f"{case[1]}access/", {"complain": "1", "text": "Jeg var bortreist."})
    with use(averoy.id, "ordinary"):
        assert AccessRequest.objects.order_by("asked_at").last().late


def test_nothing_is_complained_of_where_nothing_was_kept_back(averoy, case):
    answer = browser_of(rita()).post(f"{case[1]}access/", {"complain": "1", "text": "Hm"})
    assert answer.status_code == 422
    assert "ikke noe å klage på" in answer.text


def test_a_decision_does_not_sign_off_what_was_asked_of_access(averoy, case):
    browser_of(rita()).post(f"{case[1]}access/", {})
    answered(averoy, case[0], ALICE)
    with use(averoy.id, "ordinary"):
        sent, asked = RegistryEntry.objects.filter(kind=RegistryEntry.Kind.INCOMING).order_by("sequence")
        assert (sent.signed_off_by is not None, asked.signed_off_by) == (True, None)


def test_a_representative_asks_and_the_represented_sees_it(averoy, case):
    representing.forget()
    rita_, omar_ = browser_of(rita()), browser_of(omar())
    let_act(averoy, rita_, omar_)
    assert "Vi har mottatt kravet ditt" in omar_.post(f"{case[1]}access/", {}, follow=True).text
    assert "Omar Osp, med fullmakt" in rita_.get("/my/log/").text
    assert "Ba om innsyn i saken" in rita_.get("/my/log/").text


def test_the_case_is_found_by_nobody_else(averoy, smola, case):
    assert browser_of(omar()).post(f"{case[1]}access/", {}).status_code == 404
    with use(averoy.id, "ordinary"):
        assert not AccessRequest.objects.exists()


@pytest.mark.parametrize(
    ("asked", "due"),
    [(date(2026, 11, 20), date(2026, 11, 27)), (date(2026, 12, 23), date(2026, 12, 31))],
)
def test_the_answer_is_due_in_five_working_days(asked, due):
    assert access_grounds.answer_due(asked) == due
