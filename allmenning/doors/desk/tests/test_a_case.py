"""One case at the desk: who opens it and why, what is done with it, and what is refused."""

import pytest

from allmenning.doors.desk.testing import at_desk, hire, send_inquiry
from allmenning.journeys.testing import ALICE, BOB, CHARLIE, number
from allmenning.journeys.tests.counting import statements
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.models import Case, Note, State, Task
from allmenning.tenancy import use

DORA = number(110)


@pytest.fixture
def receipt(averoy):
    return send_inquiry(averoy)


def case_of(place, receipt):
    with use(place.id, "ordinary"):
        return Case.objects.get(id=receipt.case_id)


def address(receipt, *rest):
    return "/".join(["/desk/cases", str(receipt.case_id), *rest, ""])


def test_alice_opens_a_case_of_her_unit_and_the_reading_is_logged(averoy, receipt):
    page = at_desk(averoy, ALICE).get(address(receipt))
    assert "Hull i veien" in page.text
    with use(averoy.id, "ordinary"):
        entry = LogEntry.objects.get(action="read")
    assert (entry.staff_name, entry.purpose, entry.relation) == ("Alice Alm", "case-handling", "unit")


def test_a_leader_says_why_before_anything_is_read(averoy, receipt):
    client = at_desk(averoy, BOB)
    assert client.get(address(receipt))["Location"] == address(receipt, "purpose")
    assert "Hull" not in client.get(address(receipt, "purpose")).text
    with use(averoy.id, "ordinary"):
        assert not LogEntry.objects.filter(action="read").exists()
    client.post(address(receipt, "purpose"), {"purpose": "supervision"})
    assert "Hull" in client.get(address(receipt)).text
    with use(averoy.id, "ordinary"):
        assert LogEntry.objects.get(action="read").purpose == "supervision"


def test_a_purpose_that_does_not_exist_is_asked_for_again(averoy, receipt):
    response = at_desk(averoy, BOB).post(address(receipt, "purpose"), {"purpose": "curiosity"})
    assert response.status_code == 422


def test_charlie_of_smola_finds_nothing_of_averoys(averoy, smola, receipt):
    client = at_desk(smola, CHARLIE)
    assert client.get(address(receipt)).status_code == 404
    assert "Hull" not in client.get("/desk/?view=unit").text


def test_a_unit_sees_only_its_own(averoy, receipt):
    hire(averoy, DORA, "caseworker", unit="Byggesak")
    client = at_desk(averoy, DORA)
    assert "Hull" not in client.get("/desk/?view=unit").text
    assert client.get(address(receipt)).status_code == 403


def test_nobody_opens_a_case_of_their_own(averoy):
    own = send_inquiry(averoy, by=ALICE)
    response = at_desk(averoy, ALICE).get(address(own))
    assert response.status_code == 403
    assert "din egen" in response.text


def test_alice_takes_the_case(averoy, receipt):
    client, case = at_desk(averoy, ALICE), case_of(averoy, receipt)
    client.post(address(receipt, "assign"), {"to": averoy.staff["alice"].id, "revision": case.revision})
    taken = case_of(averoy, receipt)
    assert (taken.assigned_to, taken.state) == (averoy.staff["alice"].id, State.IN_PROGRESS)


def test_the_second_who_takes_it_is_told(averoy, receipt):
    client, case = at_desk(averoy, ALICE), case_of(averoy, receipt)
    for response in [
        client.post(address(receipt, "assign"), {"to": averoy.staff[name].id, "revision": case.revision})
        for name in ("bob", "alice")
    ]:
        last = response
    assert last.status_code == 409
    assert "Noen andre har endret" in last.text
    assert case_of(averoy, receipt).assigned_name == "Bob Bjørk"


def test_the_second_who_takes_it_from_the_list_is_told_there(averoy, receipt):
    alice, case = at_desk(averoy, ALICE), case_of(averoy, receipt)
    taken = {"revision": case.revision, "next": "/desk/?view=unassigned"}
    alice.post(address(receipt, "assign"), {**taken, "to": averoy.staff["bob"].id})
    second = alice.post(address(receipt, "assign"), {**taken, "to": averoy.staff["alice"].id}, follow=True)
    assert "Noen andre har endret" in second.text
    assert case_of(averoy, receipt).assigned_name == "Bob Bjørk"


def test_a_case_is_handed_over_to_another_unit_and_is_gone_from_the_first(averoy, receipt):
    building = hire(averoy, DORA, "caseworker", unit="Byggesak")
    client, case = at_desk(averoy, ALICE), case_of(averoy, receipt)
    response = client.post(address(receipt, "assign"), {"unit": building.id, "revision": case.revision})
    assert response["Location"] == "/desk/"
    assert client.get(address(receipt)).status_code == 403


def test_a_case_is_never_handed_over_to_another_area(averoy, receipt):
    care = hire(averoy, DORA, "caseworker", unit="Omsorg", area="care")
    client, case = at_desk(averoy, ALICE), case_of(averoy, receipt)
    response = client.post(address(receipt, "assign"), {"unit": care.id, "revision": case.revision})
    assert response.status_code == 409
    assert case_of(averoy, receipt).unit_id == averoy.unit.id


def test_a_note_is_kept_and_shown_as_text(averoy, receipt):
    client = at_desk(averoy, ALICE)
    client.post(address(receipt, "note"), {"note": "<script>alert(1)</script> {{ 7*7 }}"})
    page = client.get(address(receipt)).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in page
    with use(averoy.id, "ordinary"):
        assert Note.objects.count() == 1


@pytest.mark.parametrize("text", ["", "   ", "a\0b", "turned \u202e around"])
def test_a_note_that_can_not_be_kept_is_said_beside_the_field(averoy, receipt, text):
    response = at_desk(averoy, ALICE).post(address(receipt, "note"), {"note": text})
    assert response.status_code == 422
    assert 'id="note-error"' in response.text


def test_a_question_waits_and_what_was_typed_stays_when_the_day_is_wrong(averoy, receipt):
    client, case = at_desk(averoy, ALICE), case_of(averoy, receipt)
    asked = {"question": "Hvilken skole?", "due": "2020-01-01", "revision": case.revision}
    refused = client.post(address(receipt, "ask"), asked)
    assert refused.status_code == 422
    assert "Hvilken skole?" in refused.text
    assert 'id="due-error"' in refused.text
    client.post(address(receipt, "ask"), {**asked, "due": "2099-01-01"})
    assert case_of(averoy, receipt).state == State.WAITING


def test_a_preliminary_reply_is_sent_and_its_step_is_done(averoy, receipt):
    client, case = at_desk(averoy, ALICE), case_of(averoy, receipt)
    sent = {"reply": "Vi venter på tegninger.", "expected": "2020-01-01", "revision": case.revision}
    refused = client.post(address(receipt, "reply"), sent)
    assert 'id="expected-error"' in refused.text
    assert "Vi venter på tegninger." in refused.text
    client.post(address(receipt, "reply"), {**sent, "expected": "2099-01-01"})
    assert "Vi venter på tegninger." in client.get(address(receipt)).text
    with use(averoy.id, "ordinary"):
        assert Task.objects.get(step="preliminary-reply").done_at


def test_a_step_is_ticked_off(averoy, receipt):
    at_desk(averoy, ALICE).post(address(receipt, "step"), {"step": "assess"})
    with use(averoy.id, "ordinary"):
        assert Task.objects.get(step="assess").done_by == "Alice Alm"


def test_a_document_is_a_download_and_its_reading_is_logged(averoy, receipt):
    client = at_desk(averoy, ALICE)
    page = client.get(address(receipt)).text
    href = page.split("/documents/")[1].split('"')[0]
    response = client.get(address(receipt, "documents") + href)
    assert response.content.startswith(b"%PDF")
    assert response["Content-Disposition"].startswith("attachment")
    with use(averoy.id, "ordinary"):
        assert LogEntry.objects.filter(object_kind="document", staff_name="Alice Alm").exists()


def test_an_archivist_reads_and_changes_nothing(averoy, receipt):
    hire(averoy, DORA, "archivist")
    client = at_desk(averoy, DORA)
    assert client.get(address(receipt)).status_code == 200
    assert client.post(address(receipt, "note"), {"note": "hei"}).status_code == 403


def test_leaders_see_who_has_looked_and_others_do_not(averoy, receipt):
    alice, bob = at_desk(averoy, ALICE), at_desk(averoy, BOB)
    assert "Hvem har sett på saken" not in alice.get(address(receipt)).text
    bob.post(address(receipt, "purpose"), {"purpose": "supervision"})
    assert "Hvem har sett på saken" in bob.get(address(receipt)).text


def test_a_case_page_costs_few_statements(averoy, receipt):
    client = at_desk(averoy, ALICE)
    client.get(address(receipt))
    with statements() as asked:
        client.get(address(receipt))
    assert len(asked) <= 30
