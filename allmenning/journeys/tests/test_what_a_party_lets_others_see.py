"""What a party of somebody else's case lets others see of it: each reading is in the party's own log, and in nobody else's."""

from dataclasses import replace

import pytest

from allmenning.commons.catalogue import package as packages
from allmenning.commons.catalogue.reading import read_yaml
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys import deciding, decision_letters, my_data, my_log, outbox, recording
from allmenning.journeys.testing import ALICE, NAMES, OMAR, SERVICES, number, omar, rita
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_consents import CONSENTS, add, issue, register, with_consents
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry, staff_key
from allmenning.journeys.tests.test_results import ANSWER, offer
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.models import Case, Participant
from allmenning.municipal.documents.models import Document

GUNN = replace(rita(), number=number(77), name="Gunn Grav")
PARENT_TOO = [{**each, "given_by": ["applicant", "parent"]} for each in CONSENTS]


@pytest.fixture
def case_id(averoy):
    """Rita's case, in which Gunn is a party and Omar next of kin. There is a plan, and a letter to each of the two."""
    [answered, *others] = read_yaml(packages.read_folder(SERVICES / "inquiry")["routine.yaml"])["outcomes"]
    outcomes = [{**answered, "to": ["applicant", "parent"]}, *others]
    offer(averoy, with_consents(PARENT_TOO, outcomes=outcomes))
    sent = send_inquiry(averoy, rita()).case_id
    with desk(averoy):
        key, alice = staff_key(averoy, ALICE), averoy.working("alice")
        add(averoy, sent, "parent", GUNN.name, GUNN.number, is_party=True)
        add(averoy, sent, "kin", NAMES[OMAR], OMAR)
        register(averoy, sent, ["ask-gp"])
        recording.begin(sent, "plan", recording.Draft({"what": "Dusj på tirsdag"}), alice, staff_key=key)
        drafted = decision_letters.Drafted("answered", ["Fordi."], ANSWER)
        deciding.save_draft(sent, drafted, alice, revision=Case.objects.get().revision, staff_key=key)
        issue(averoy, sent)
    outbox.drain(averoy.id, "ordinary")
    return sent


def lets(place, case_id, role, *scopes):
    """Whoever has the role lets Omar see something; none: who sent the case."""
    with desk(place):
        by = Participant.objects.get(role=role).id if role else None
        register(place, case_id, scopes, by=by, to=Participant.objects.get(role="kin").id)
    outbox.drain(place.id, "ordinary")


def read_by_omar(place, *, letter_to=None):
    """Omar opens what he is let see, or a letter: Gunn's, or one of Rita's."""
    with desk(place):
        kin = Participant.objects.get(role="kin")
        letters = Document.objects.filter(origin="letter")
        address = f"/my/averoy/letters/{kin.id}/"
        if letter_to:
            theirs = letters.filter(party_key=letter_to.keys(place.id)[0]) or letters.filter(party_key__isnull=True)
            address += f"{theirs.get().id}/"
    assert browser_of(omar()).get(address).status_code == 200


def told(place, resident):
    """How many readings a resident is told of, by the database and in their log: each with the reader's name."""
    with as_resident(place, resident):
        rows = LogEntry.objects.filter(purpose="let-see").count()
        lines = [line for line in my_log.of_municipality(resident.keys(place.id)).lines if line.by_name == NAMES[OMAR]]
    assert len(lines) == rows
    return rows


def test_each_reading_is_in_the_log_of_the_party_and_not_of_who_sent_the_case(averoy, case_id):
    lets(averoy, case_id, "parent", "see-plan")
    read_by_omar(averoy)
    assert (told(averoy, GUNN), told(averoy, rita())) == (1, 0)
    with desk(averoy):
        part = Participant.objects.get(role="parent")
    page = browser_of(GUNN).get("/my/log/").text
    assert NAMES[OMAR] in page
    assert "Så det du lar dem se" in page
    assert f'href="/my/averoy/letters/{part.id}/"' in page
    assert NAMES[OMAR] not in browser_of(rita()).get("/my/log/").text


def test_what_both_let_see_both_are_told_of(averoy, case_id):
    lets(averoy, case_id, "parent", "see-plan")
    lets(averoy, case_id, "", "see-plan")
    read_by_omar(averoy)
    assert (told(averoy, GUNN), told(averoy, rita())) == (1, 1)


def test_of_a_letter_whose_it_is_alone_is_told_and_by_whom(averoy, case_id):
    lets(averoy, case_id, "parent", "see-letters")
    lets(averoy, case_id, "", "see-letters")
    read_by_omar(averoy, letter_to=GUNN)
    assert (told(averoy, GUNN), told(averoy, rita())) == (1, 0)
    assert "Åpnet et brev" in browser_of(GUNN).get("/my/log/").text
    read_by_omar(averoy, letter_to=rita())
    assert (told(averoy, GUNN), told(averoy, rita())) == (1, 1)
    for address in ("/my/log/", f"/my/averoy/cases/{case_id}/who-has-looked/"):
        page = browser_of(rita()).get(address).text
        assert NAMES[OMAR] in page
        assert "Åpnet et brev" in page


def test_a_party_who_lets_nobody_see_anything_is_told_nothing(averoy, case_id):
    lets(averoy, case_id, "", "see-plan")
    with desk(averoy):
        register(averoy, case_id, ["ask-gp"], by=Participant.objects.get(role="parent").id)
    read_by_omar(averoy)
    assert (told(averoy, GUNN), told(averoy, omar()), told(averoy, rita())) == (0, 0, 1)


def test_what_was_read_before_it_was_taken_back_stays_in_the_log(averoy, case_id):
    lets(averoy, case_id, "parent", "see-plan")
    read_by_omar(averoy)
    with desk(averoy):
        part = Participant.objects.get(role="parent")
    client = browser_of(GUNN)
    found = client.get(f"/my/averoy/letters/{part.id}/").text.split("/consents/")[1].split("/")[0]
    assert client.post(f"/my/averoy/letters/{part.id}/consents/{found}/").status_code == 302
    assert told(averoy, GUNN) == 1


def test_the_export_of_the_party_tells_it_too(averoy, case_id):
    lets(averoy, case_id, "parent", "see-plan")
    read_by_omar(averoy)
    with as_resident(averoy, GUNN):
        log = my_data.of_municipality(GUNN, my_data.Apart())["log"]
    assert [each["who"] for each in log if each["purpose"] == "let-see"] == [NAMES[OMAR]]


def test_the_log_of_a_party_is_read_in_one_statement_and_that_is_logged(averoy, case_id):
    lets(averoy, case_id, "parent", "see-plan")
    read_by_omar(averoy)
    with as_resident(averoy, GUNN):
        with statements() as sent:
            my_log.of_municipality(GUNN.keys(averoy.id))
        assert len(sent) == 2, sent  # the second is the row that tells that it was read
    with desk(averoy):
        assert LogEntry.objects.filter(relation="party", object_kind="log", case_id=case_id).exists()
