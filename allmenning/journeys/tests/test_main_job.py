"""The main job, through all rooms: a resident applies, a caseworker decides, the answer is in the mailbox, on record."""

import pytest

from allmenning.journeys import applying, casework, deciding, decision_letters, dialogue, my_page, outbox, registering
from allmenning.journeys.testing import ALICE, BOB, NAMES, RITA, omar, rita
from allmenning.municipal.access.actor import RESIDENT
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.errors import AlreadyDecided, CaseNotFound, SomebodyWasFirst
from allmenning.municipal.cases.models import Case
from allmenning.municipal.forms.errors import NotComplete
from allmenning.municipal.forms.models import Draft
from allmenning.tenancy import use

INQUIRY = {
    "topic": "culture",
    "subject": "Hull i veien ved skolen",
    "message": "Det er et dypt hull i veien ved skolen.",
    "is_follow_up": False,
    "sender": "self",
    "wants_notice": True,
}


def as_resident(place, resident):
    return use(place.id, "resident", keys=resident.keys(place.id))


def send_inquiry(place, resident, **answers):
    with as_resident(place, resident):
        draft = applying.begin(resident, "inquiry", "nb", owner_key=resident.keys(place.id)[0])
        filling = applying.open_draft(draft.id)
        data = {**filling.content.data, **INQUIRY, **answers}
        applying.save_page(filling, data, {}, page=1, revision=draft.revision)
        draft = applying.open_draft(draft.id).draft
        applicant = registering.Applicant("person", resident.number, resident.name)
        return registering.submit(draft, applicant, RESIDENT, submitted_by=resident.name)


def desk(place):
    return use(place.id, "ordinary")


def staff_key(place, number):
    return casework.staff_resident_key(place.id, number)


def test_what_is_sent_is_a_case_on_record_with_a_number(averoy):
    receipt = send_inquiry(averoy, rita())
    with desk(averoy):
        case = Case.objects.get()
        entry = RegistryEntry.objects.get()
    assert receipt.case_number == case.number == f"{case.year}/1"
    assert entry.kind == RegistryEntry.Kind.INCOMING
    assert case.unit_id == averoy.unit.id


def test_a_draft_that_is_sent_twice_is_one_case(averoy):
    receipt = send_inquiry(averoy, rita())
    with as_resident(averoy, rita()):
        submission_id = my_page.open_mine(receipt.case_id).case.id
        assert Draft.objects.count() == 0
        assert submission_id == receipt.case_id


def test_an_incomplete_form_is_refused_and_nothing_is_lost(averoy):
    with as_resident(averoy, rita()):
        draft = applying.begin(rita(), "inquiry", "nb", owner_key=rita().keys(averoy.id)[0])
        with pytest.raises(NotComplete):
            registering.submit(
                draft, registering.Applicant("person", RITA, NAMES[RITA]), RESIDENT, submitted_by=NAMES[RITA]
            )
        assert Draft.objects.filter(id=draft.id).exists()


def test_the_caseworker_opens_it_and_the_resident_sees_who_looked(averoy):
    receipt = send_inquiry(averoy, rita())
    with desk(averoy):
        view = casework.open_case(
            receipt.case_id, averoy.working("alice"), "case-handling", staff_key=staff_key(averoy, ALICE)
        )
        assert view.applicant_name == "Rita Rogn"
        assert view.content.data["subject"] == INQUIRY["subject"]
    with as_resident(averoy, rita()):
        looked = my_page.open_mine(receipt.case_id).looked
    assert next((e.staff_name, e.action, e.purpose) for e in looked) == ("Alice Alm", "read", "case-handling")


def test_another_resident_sees_nothing_of_it(averoy):
    receipt = send_inquiry(averoy, rita())
    with as_resident(averoy, omar()), pytest.raises(CaseNotFound):
        my_page.open_mine(receipt.case_id)
    assert my_page.my_page(omar()).cases == []


def test_another_municipality_sees_nothing_of_it(averoy, smola):
    receipt = send_inquiry(averoy, rita())
    with desk(smola):
        assert Case.objects.count() == 0
        with pytest.raises(CaseNotFound):
            casework.open_case(
                receipt.case_id, smola.working("charlie"), "case-handling", staff_key=staff_key(smola, ALICE)
            )


def test_nobody_opens_a_case_of_their_own(averoy):
    receipt = send_inquiry(averoy, rita())
    with desk(averoy), pytest.raises(NotYours):
        casework.open_case(receipt.case_id, averoy.working("alice"), "case-handling", staff_key=staff_key(averoy, RITA))
    with desk(averoy):
        assert not LogEntry.objects.filter(action="read").exists()


def answer_it(averoy, receipt, name="alice", number=ALICE):
    with desk(averoy):
        case = Case.objects.get(id=receipt.case_id)
        drafted = decision_letters.Drafted("answered", [], {"answer": "Vi fyller hullet i dag."})
        deciding.save_draft(
            case.id, drafted, averoy.working(name), revision=case.revision, staff_key=staff_key(averoy, number)
        )
        case.refresh_from_db()
        return deciding.issue(
            case.id, averoy.working(name), revision=case.revision, staff_key=staff_key(averoy, number)
        )


def test_the_answer_is_in_the_mailbox_on_record_and_told_by_email(averoy, registers):
    receipt = send_inquiry(averoy, rita())
    answer_it(averoy, receipt)
    outbox.drain(averoy.id, "ordinary")
    [letter] = my_page.my_page(rita()).letters
    with as_resident(averoy, rita()):
        view = my_page.open_mine(receipt.case_id)
        opened, content = my_page.download(receipt.case_id, letter.message.document_id)
    assert view.case.state == "decided"
    assert content.startswith(b"%PDF")
    assert opened.media_type == "application/pdf"
    [email] = registers.sent
    assert "Averøy" not in email["text"]
    assert "Hull" not in email["subject"] + email["text"]
    with desk(averoy):
        kinds = set(RegistryEntry.objects.values_list("kind", flat=True))
    assert kinds == {RegistryEntry.Kind.INCOMING, RegistryEntry.Kind.OUTGOING}


def test_two_who_answer_at_once_the_second_is_told(averoy):
    receipt = send_inquiry(averoy, rita())
    answer_it(averoy, receipt)
    with desk(averoy):
        case = Case.objects.get(id=receipt.case_id)
        with pytest.raises((AlreadyDecided, SomebodyWasFirst)):
            deciding.issue(case.id, averoy.working("bob"), revision=case.revision - 1, staff_key=staff_key(averoy, BOB))


def test_a_question_waits_for_the_resident_and_the_answer_brings_it_back(averoy):
    from allmenning.basics import dates

    receipt = send_inquiry(averoy, rita())
    with desk(averoy):
        case = Case.objects.get(id=receipt.case_id)
        actor = averoy.working("alice").as_actor(case)
        dialogue.ask(case.id, "Hvilken skole?", dates.add_weeks(dates.today(), 2), actor, revision=case.revision)
    assert my_page.my_page(rita()).cases[0].waits_for_me
    with as_resident(averoy, rita()):
        dialogue.answer(receipt.case_id, "Utheim skole")
        assert my_page.open_mine(receipt.case_id).case.state == "in-progress"


def test_a_register_that_is_down_stops_nobody(averoy, registers):
    registers.down.update({"folkeregister", "kontaktregister"})
    receipt = send_inquiry(averoy, rita(), name="Rita Rogn", email="rita@example.test")
    with desk(averoy):
        view = casework.open_case(
            receipt.case_id, averoy.working("alice"), "case-handling", staff_key=staff_key(averoy, ALICE)
        )
    assert "kontaktregister" in view.content.unavailable or "folkeregister" in view.content.unavailable
