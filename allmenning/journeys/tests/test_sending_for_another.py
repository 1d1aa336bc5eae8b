"""Whoever sends a case for somebody else, as a doctor, a relative or a school, sees what they sent and nothing more of them."""

import json
from io import BytesIO
from types import SimpleNamespace

import pytest
from pypdf import PdfReader

from allmenning.basics import dates
from allmenning.commons.catalogue import package as packages
from allmenning.commons.identity import queries as identity
from allmenning.doors.api.testing import system
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys import (
    casework,
    deciding,
    decision_letters,
    dialogue,
    my_data,
    my_page,
    outbox,
    recording,
    registering,
)
from allmenning.journeys.offered import of_case
from allmenning.journeys.participants import to_whom
from allmenning.journeys.sender import NotForSender
from allmenning.journeys.testing import ALICE, OMAR, SERVICES, rita
from allmenning.journeys.tests.test_main_job import as_resident
from allmenning.journeys.tests.test_transferring import AREAS, CARE, SCHOOL, both, move, sent, there
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.actions import Named, new_participant
from allmenning.municipal.cases.errors import RecordMissing, RecordNotEnough
from allmenning.municipal.cases.models import Case, Participant, Record, Task
from allmenning.municipal.post.models import Message
from allmenning.tenancy import use

__all__ = ["both"]

BY_ANOTHER = {
    "gp": (CARE, "from-the-gp", {"person_number": OMAR}),
    "hospital": (CARE, "from-the-hospital-before-discharge", {"person_number": OMAR}),
    "kin": (CARE, "next-of-kin-with-authority", {"person_number": OMAR}),
    "parent": (CARE, "a-parent-applies-for-relief", {"person_number": OMAR}),
    "school": (SCHOOL, "assessed", {"child_number": OMAR}),
}
SELF = {"self": (CARE, "alarm-and-practical-help"), "guardian": (SCHOOL, "a-parent-asks-for-help-at-school")}
SECRET = "Klarer ikke å stå opp alene"
KEPT = {
    CARE: (
        "service",
        {
            "service": "home-nursing",
            "what": SECRET,
            "hours": 3.5,
            "starts": "2026-12-01",
            "lasts": "until-further-notice",
        },
    ),
    SCHOOL: (
        "assessment",
        {
            **{"finished_on": "2026-11-20", "by": "Alice Alm", "finding": SECRET, "child_view": "Vil øve."},
            **{"goals": "Lese enkle tekster.", "ordinary": "Ikke alene."},
        },
    ),
}


def at_work(place, service):
    return working_as(place.staff["alice"].id, AREAS[service])


def keep(place, service, case_id):
    """Alice takes the case, and writes something about whom it is of."""
    kind, answers = KEPT[service]
    key = casework.staff_resident_key(place.id, ALICE)
    with use(place.id, AREAS[service]):
        alice, case = at_work(place, service), Case.objects.get(id=case_id)
        casework.assign(case.id, alice, to=alice.staff_id, unit_id=case.unit_id, revision=case.revision, staff_key=key)
        recording.begin(case_id, kind, recording.Draft(answers), alice, staff_key=key)


def everything_told(place, case_id):
    """All that the sender reads of the case: pages, export, and a system that follows it; but for what they wrote."""
    client = browser_of(rita())
    pages = [client.get(each).text for each in ("/my/", "/my/mailbox/", "/my/log/", f"/my/{place.id}/cases/{case_id}/")]
    with as_resident(place, rita()):
        view = my_page.open_mine(case_id)
        data = my_data.of_municipality(rita(), SimpleNamespace(put=lambda *_: None))["cases"][0]
    return view, "".join([*pages, json.dumps({**data, "answers": None}, default=str, ensure_ascii=False)])


@pytest.mark.parametrize("by", BY_ANOTHER)
def test_they_see_what_they_sent_and_nothing_of_the_person(both, by):
    averoy, _ = both
    service, example, more = BY_ANOTHER[by]
    case_id = sent(averoy, service, example, rita(), **more)
    keep(averoy, service, case_id)
    view, told = everything_told(averoy, case_id)
    assert (view.shown.state, view.shown.is_open, view.shown.due_on) == ("received", True, None)
    assert [each.kind for each in view.timeline] == ["received"]
    assert (view.shelves, view.decisions) == ([], [])
    assert {each.actor_kind for each in view.looked} <= {"resident"}
    assert view.content.data  # what they sent is theirs
    assert SECRET not in told
    assert "Svaret går til" in told
    assert "Du får svar så snart vi kan" not in told
    assert "Du får svaret her" not in told
    with as_resident(averoy, rita()):
        assert "Svaret går til" in registering.what_happens_next(case_id).says["nb"]
        assert not Record.objects.exists()  # nor does the database show it them
        with pytest.raises(NotForSender):
            dialogue.withdraw(case_id)


@pytest.mark.parametrize("by", SELF)
def test_one_who_sends_their_own_sees_it_as_ever(both, by):
    averoy, _ = both
    service, example = SELF[by]
    case_id = sent(averoy, service, example, rita())
    keep(averoy, service, case_id)
    view, told = everything_told(averoy, case_id)
    assert view.shown.due_on == view.case.told_due_on is not None
    assert [each.kind.id for each in view.shelves] == [KEPT[service][0]]
    assert SECRET in told


def test_a_patient_in_whose_name_staff_register_a_doctors_letter_sees_it_as_their_own(both):
    averoy, _ = both
    case_id = sent(averoy, CARE, "from-the-gp", rita(), person_number=rita().number)
    with use(averoy.id, "care"):
        assert not Case.objects.get(id=case_id).sender_is_no_party


@pytest.mark.parametrize("by", ["gp", "school"])
def test_where_nobody_else_is_a_party_it_does_not_go_to_them_instead(both, by):
    averoy, _ = both
    service, example, more = BY_ANOTHER[by]
    case_id = sent(averoy, service, example, rita(), **more)
    with use(averoy.id, AREAS[service]):
        case = Case.objects.get(id=case_id)
        package = packages.load(SERVICES / service)
        for outcome in package.outcomes:
            if "applicant" not in outcome.to:
                assert to_whom(case, outcome, Participant.objects.none()) == []


@pytest.mark.parametrize("by", ["gp", "kin", "school"])
def test_they_are_not_told_that_the_person_moved_nor_where(both, by):
    averoy, smola = both
    service, example, more = BY_ANOTHER[by]
    case_id = sent(averoy, service, example, rita(), **more)
    if service == SCHOOL:
        with use(averoy.id, AREAS[service]):
            Participant.objects.filter(role="child").update(is_party=True)
    move(averoy, service, case_id, "Smøla", "moved")
    view, told = everything_told(averoy, case_id)
    assert "Smøla" not in told
    assert [each.kind for each in view.timeline] == ["received"]
    assert there(smola, service).sender_is_no_party
    assert smola.id not in identity.municipalities_of(rita().person_key)
    with as_resident(averoy, rita()):
        assert not Message.objects.filter(direction="out").exists()


def test_another_system_sees_as_little(both):
    averoy, _ = both
    case_id = sent(averoy, CARE, "from-the-gp", rita(), person_number=OMAR)
    keep(averoy, CARE, case_id)
    told = system(averoy.id, areas=["care"], services=[CARE], name="Legekontoret").get(f"/cases/{case_id}").json()
    assert (told["state"], told["due_on"], [each["kind"] for each in told["timeline"]]) == (
        "received",
        None,
        ["received"],
    )


def test_the_desk_calls_them_the_sender(both):
    averoy, _ = both
    case_id = sent(averoy, CARE, "from-the-gp", rita(), person_number=OMAR)
    client = at_desk(averoy, ALICE, "care")
    client.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "case-handling"})
    assert "<dt>Innsender</dt>" in client.get(f"/desk/cases/{case_id}/").text


# --- who sent it is confirmed before anything is granted ---

CHECKED = {"checked_on": "2026-11-23", "result": "not-confirmed", "why_not": "no-answer"}
CONFIRMED = {
    **{"checked_on": "2026-11-24", "result": "confirmed", "how": "called-back", "authority": "treats"},
    **{"spoke_with": "Lege Eksempel", "number_found": "Kommunens liste"},
}


def decide(place, case_id, outcome, reasons=()):
    """Alice decides, with something written wherever the letter shows a value."""
    key = casework.staff_resident_key(place.id, ALICE)
    with use(place.id, "care"):
        case, alice = Case.objects.get(id=case_id), at_work(place, CARE)
        shown = decision_letters.values_shown(of_case(case.service, case.version), outcome, "nb")
        drafted = decision_letters.Drafted(outcome, reasons, {each.id: "31. desember 2026" for each in shown})
        deciding.save_draft(case.id, drafted, alice, revision=case.revision, staff_key=key)
        case.refresh_from_db()
        deciding.issue(case.id, alice, revision=case.revision, staff_key=key)
    outbox.drain(place.id, "care")


def check_sender(place, case_id, answers, after=None):
    key = casework.staff_resident_key(place.id, ALICE)
    with use(place.id, "care"):
        draft, alice = recording.Draft(answers, why="Fikk svar"), at_work(place, CARE)
        if after is None:
            return recording.begin(case_id, "who-sent", draft, alice, staff_key=key)
        return recording.revise(case_id, "who-sent", after.series, draft, alice, version=1, staff_key=key)


def test_nothing_is_granted_before_who_sent_it_is_confirmed(both):
    averoy, _ = both
    case_id = sent(averoy, CARE, "from-the-gp", rita(), person_number=OMAR)
    with pytest.raises(RecordMissing):
        decide(averoy, case_id, "short-help")
    first = check_sender(averoy, case_id, CHECKED)
    with pytest.raises(RecordNotEnough):
        decide(averoy, case_id, "short-help")
    check_sender(averoy, case_id, CONFIRMED, after=first)
    decide(averoy, case_id, "short-help")
    with use(averoy.id, "care"):
        [letter] = Message.objects.filter(direction="out")
        assert Participant.objects.get(id=letter.participant_id).role == "patient"
    view, _told = everything_told(averoy, case_id)
    assert ([each.kind for each in view.timeline], view.messages) == (["received"], [])


def test_one_who_is_not_confirmed_is_told_so_and_nothing_of_the_person(both):
    averoy, _ = both
    case_id = sent(averoy, CARE, "from-the-gp", rita(), person_number=OMAR)
    keep(averoy, CARE, case_id)
    check_sender(averoy, case_id, CHECKED)
    decide(averoy, case_id, "not-confirmed", ["Vi fikk ikke tak i legekontoret."])
    view, told = everything_told(averoy, case_id)
    assert (view.shown.state, view.shown.is_open, len(view.messages)) == ("decided", False, 1)
    assert [each.kind for each in view.timeline] == ["received", "decided"]
    assert SECRET not in told


@pytest.mark.parametrize(("example", "is_asked_for"), [("from-the-gp", True), ("alarm-and-practical-help", False)])
def test_the_step_and_its_place_are_there_only_where_somebody_sent_it_for_another(both, example, is_asked_for):
    averoy, _ = both
    more = {"person_number": OMAR} if is_asked_for else {}
    case_id = sent(averoy, CARE, example, rita(), **more)
    with use(averoy.id, "care"):
        assert Task.objects.filter(step="who-sent").exists() is is_asked_for
    client = at_desk(averoy, ALICE, "care")
    client.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "case-handling"})
    page = client.get(f"/desk/cases/{case_id}/").text
    assert ("Hvem som søkte for personen" in page) is is_asked_for
    assert ("Bekrefte hvem som søker for personen" in page) is is_asked_for


def test_one_who_is_found_to_act_for_the_person_gets_the_letter_of_one_who_does(both):
    averoy, _ = both
    case_id = sent(averoy, CARE, "next-of-kin-with-authority", rita(), person_number=OMAR)
    check_sender(averoy, case_id, {**CONFIRMED, "authority": "power-of-attorney"})
    with use(averoy.id, "care"):
        case = Case.objects.get(id=case_id)
        named = Named("representative", rita().name, rita().number, is_party=True)
        new_participant(case, named, Participant.Known.HAND, dates.today()).save(force_insert=True)
    decide(averoy, case_id, "short-help")
    with as_resident(averoy, rita()):
        view = my_page.open_mine(case_id)
        [letter] = [each for each in view.documents if each.origin == "letter"]
        _document, content = my_page.download(case_id, letter.id)
    said = PdfReader(BytesIO(content)).pages[0].extract_text()
    assert "fordi du handler for en annen" in " ".join(said.split())
    assert (view.shown.state, view.shelves) == ("decided", [])
    with use(averoy.id, "care"):
        assert Message.objects.filter(direction="out").count() == 2  # the person's, and theirs
