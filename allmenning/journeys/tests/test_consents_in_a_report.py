"""A consent that staff write down in a report on somebody tells nobody that there is a report; in the child's own case it is theirs."""

import pytest

from allmenning.commons.identity import queries as identity
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys import my_data, my_page, outbox
from allmenning.journeys.testing import ALICE, NAMES, OMAR, RITA, omar, rita
from allmenning.journeys.tests.test_consents import add, register, with_consents
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry
from allmenning.journeys.tests.test_phases_of_a_case import own, report
from allmenning.journeys.tests.test_results import offer, titled
from allmenning.journeys.tests.test_sender import SENDER
from allmenning.municipal.cases.models import Case, Consent, Participant, Task

CHILD = {
    "id": "child",
    "title": titled("Barnet"),
    "from": {"each": "children", "name": "name", "number": "number"},
}
ASK = {
    "id": "ask",
    "title": titled("Spørre andre om barnet"),
    "about": titled("Vi spør skolen."),
    "given_by": ["guardian", "child"],
}
ABOUT_OMAR = [{"name": NAMES[OMAR], "number": OMAR}]


@pytest.fixture
def reported(averoy):
    """Rita has reported a concern about Omar, who has a case of his own."""
    parties = [CHILD, {"id": "guardian", "title": titled("Verge")}]
    return report(averoy, ABOUT_OMAR, parties=parties, consents=[ASK], sender=SENDER)


def consented(place, case_id):
    """Omar's own consent, as a caseworker writes it down."""
    with desk(place):
        child = Participant.objects.get(case=case_id, role="child")
        [given] = register(place, case_id, ["ask"], by=child.id)
    outbox.drain(place.id, "ordinary")
    return given


def told_omar(place):
    """All that Omar finds of others' cases: on his page, in his export, and by SQL of his own."""
    page = my_page.my_page(omar())
    with as_resident(place, omar()):
        exported = my_data.of_municipality(omar(), my_data.Apart())["in_others_cases"]
        return [*page.parts, *page.letters, *exported, *Consent.objects.all()]


def test_in_the_report_nobody_is_told(averoy, reported):
    consented(averoy, reported)
    assert told_omar(averoy) == []
    assert averoy.id not in identity.municipalities_of(omar().person_key)


def test_nor_is_a_guardian_whom_staff_add_to_it(averoy, reported):
    with desk(averoy):
        guardian = add(averoy, reported, "guardian", NAMES[OMAR], OMAR, is_party=True)
        register(averoy, reported, ["ask"], by=guardian.id)
    outbox.drain(averoy.id, "ordinary")
    assert told_omar(averoy) == []


def test_staff_see_it_and_note_that_it_is_withdrawn(averoy, reported):
    given, client = consented(averoy, reported), at_desk(averoy, ALICE)
    page = client.get(f"/desk/cases/{reported}/").text
    assert f"Av {NAMES[OMAR]}" in page
    assert "ser det ikke i portalen" in page
    client.post(f"/desk/cases/{reported}/consents/{given.id}/withdrawn/", {"how": "oral"})
    with desk(averoy):
        assert Consent.objects.get(withdraws=given).participant_id == given.participant_id


def test_in_the_childs_own_case_it_is_theirs_to_take_back_and_tells_nothing_of_the_report(averoy, reported):
    [child] = own(averoy, reported)
    given, client = consented(averoy, child.id), browser_of(omar())
    address = f"/my/averoy/letters/{given.participant_id}/"
    assert address in client.get("/my/").text
    page = client.get(address).text
    assert "Spørre andre om barnet" in page
    assert NAMES[RITA] not in page
    with as_resident(averoy, omar()):
        assert not Case.objects.exists()
        [exported] = my_data.of_municipality(omar(), my_data.Apart())["in_others_cases"]
    assert [each["to"] for each in exported["consents"]] == ["ask"]
    assert "since" not in exported
    assert client.post(f"{address}consents/{given.id}/").status_code == 302
    outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        assert Task.objects.get(step="look-at-consent").case_id == child.id


def test_the_desk_asks_the_child_by_name_and_once(averoy, reported):
    [child] = own(averoy, reported)
    page = at_desk(averoy, ALICE).get(f"/desk/cases/{child.id}/").text
    givers = page.split('name="consent_by"')[1].split("</select>")[0]
    with desk(averoy):
        row = Participant.objects.get(case=child.id, role="child")
    assert givers.count("<option") == 1
    assert str(row.id) in givers


def test_where_nobody_gets_a_case_of_their_own_who_consented_finds_it_whoever_sent_it(averoy):
    """A school refers a pupil, and a parent consents to it: the case is the parent's too."""
    offer(averoy, with_consents(sender=SENDER))
    case_id = send_inquiry(averoy, rita()).case_id
    with desk(averoy):
        parent = add(averoy, case_id, "parent", NAMES[OMAR], OMAR, is_party=True)
        register(averoy, case_id, ["ask-gp"], by=parent.id)
    outbox.drain(averoy.id, "ordinary")
    assert f"/my/averoy/letters/{parent.id}/" in browser_of(omar()).get("/my/").text
