"""Nothing leaves for somebody who must be reached in a way that is safe for them, before a caseworker has cleared it."""

import json

import pytest

from allmenning.basics import dates
from allmenning.commons.catalogue import package as packages
from allmenning.doors.desk.testing import at_desk
from allmenning.journeys import my_page, outbox, safe_contact
from allmenning.journeys.testing import ALICE, rita
from allmenning.journeys.tests.test_deadlines import ask
from allmenning.journeys.tests.test_delivering import deliveries
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry, staff_key
from allmenning.journeys.tests.test_results import offer, with_results
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.models import Case, Event

CONTACT = {"field": "subject", "when": "told_as == 'private'", "until_cleared": "no-notice"}
WAY = "Ring meg på skolen"


def folder(contact=CONTACT):
    files = with_results()
    routine = {**json.loads(files["routine.yaml"]), "contact": contact}
    del routine["results"]
    return {**files, "routine.yaml": json.dumps(routine)}


@pytest.fixture
def held(averoy):
    """Rita has said how she can be reached, and is asked a question."""
    offer(averoy, folder())
    receipt = send_inquiry(averoy, rita(), subject=WAY)
    ask(averoy, receipt)
    outbox.drain(averoy.id, "ordinary")
    return averoy


def clear(place):
    with desk(place):
        safe_contact.clear(Case.objects.get().id, place.working("alice"), staff_key=staff_key(place, ALICE))
    outbox.drain(place.id, "ordinary")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"field": "attachments"}, "the form has no text field attachments"),
        ({"field": "nothing"}, "the form has no text field nothing"),
        ({"when": "nobody == 'child'"}, "nobody is read, but nothing gives it a value"),
        ({"until_cleared": "letters"}, "/contact"),
    ],
)
def test_a_folder_that_holds_nothing_back_rightly_is_refused(change, said):
    problems = packages.check_files(folder({**CONTACT, **change}))
    assert said in " ".join(str(each) for each in problems if each.level == "error")


def test_nothing_leaves_and_what_was_written_lies_in_the_portal(held, registers):
    assert deliveries(held) == {}
    assert registers.sent == []
    with as_resident(held, rita()):
        view = my_page.open_mine(Case.objects.get().id)
        assert [each.kind for each in view.messages] == ["question"]
        assert "contact-held" not in [each.kind for each in view.timeline]


def test_paper_does_not_leave_either(averoy, registers, monkeypatch):
    monkeypatch.setattr("allmenning.journeys.delivering._contact", lambda *about: None)  # who can't be told gets paper
    offer(averoy, folder())
    ask(averoy, send_inquiry(averoy, rita()))
    outbox.drain(averoy.id, "ordinary")
    assert deliveries(averoy) == {}
    clear(averoy)
    assert deliveries(averoy) == {"print": "waiting"}


def test_once_it_is_cleared_what_was_held_back_goes_once_and_what_comes_after_as_ever(held, registers):
    clear(held)
    assert deliveries(held) == {"portal": "delivered", "email": "sent"}
    assert len(registers.sent) == 1
    with pytest.raises(safe_contact.AlreadyCleared):
        clear(held)
    assert len(registers.sent) == 1
    with desk(held):
        cleared = Event.objects.get(kind="contact-cleared")
        assert (cleared.staff_name, cleared.visible_to_resident) == ("Alice Alm", False)
        assert LogEntry.objects.filter(action="clear-contact").count() == 1


def test_where_the_condition_does_not_hold_all_is_as_ever(averoy, registers):
    offer(averoy, folder({**CONTACT, "when": "told_as == 'public'"}))
    ask(averoy, send_inquiry(averoy, rita()))
    outbox.drain(averoy.id, "ordinary")
    assert deliveries(averoy) == {"portal": "delivered", "email": "sent"}


def test_the_senders_login_can_clear_nothing(held):
    with as_resident(held, rita()):
        case = Case.objects.get()
        Event.objects.create(area="ordinary", case=case, at=case.received_at, kind="contact-cleared", actor="resident")
    with desk(held):
        assert safe_contact.is_held(Case.objects.get())


def test_the_case_shows_how_they_asked_to_be_reached_until_it_is_cleared_and_after(held, registers):
    with desk(held):
        case_id = Case.objects.get().id
    client = at_desk(held, ALICE)
    page = client.get(f"/desk/cases/{case_id}/").text
    assert "Ingenting blir sendt til innsenderen før du har klarert det" in page
    assert page.count(WAY) >= 2  # beside the answers
    assert client.post(f"/desk/cases/{case_id}/contact/clear/").status_code == 302
    outbox.drain(held.id, "ordinary")
    assert len(registers.sent) == 1
    page = client.get(f"/desk/cases/{case_id}/").text
    assert "klarerte" in page
    assert client.post(f"/desk/cases/{case_id}/contact/clear/").status_code == 302
    assert len(registers.sent) == 1


def test_it_can_be_cleared_after_the_case_is_closed_since_the_answer_waits_for_it(held, registers):
    with desk(held):
        Case.objects.update(state="decided", closed_at=dates.now())
        case_id = Case.objects.get().id
    client, clear = at_desk(held, ALICE), "/contact/clear/"
    assert clear in client.get(f"/desk/cases/{case_id}/").text
    client.post(f"/desk/cases/{case_id}{clear}")
    outbox.drain(held.id, "ordinary")
    assert len(registers.sent) == 1
