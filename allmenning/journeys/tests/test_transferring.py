"""A case that goes to another municipality: whole, once, under the receiver's keys, and nobody is told who should not be."""

from datetime import date

import pytest
import yaml

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.catalogue import package as packages
from allmenning.commons.identity import queries as identity
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.models import Placement
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys import (
    administering,
    applying,
    casework,
    consents,
    deciding,
    decision_letters,
    my_consents,
    my_part,
    noting,
    offering,
    outbox,
    recording,
    registering,
    safe_contact,
    transferring,
)
from allmenning.journeys.testing import ALICE, CHARLIE, NAMES, OMAR, SERVICES, number, offers, omar, rita
from allmenning.municipal.access.actor import RESIDENT, SYSTEM
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.access.queries import named_key, working_as
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.actions import Named, Noted, happened, new_participant
from allmenning.municipal.cases.consents import Consented, new_consent
from allmenning.municipal.cases.consents import withdraw as withdraw_consent
from allmenning.municipal.cases.errors import NobodyIsParty
from allmenning.municipal.cases.models import (
    Case,
    CaseDeadline,
    Consent,
    Decision,
    Event,
    Note,
    Participant,
    PhaseChange,
    Record,
    Task,
    Transfer,
)
from allmenning.municipal.cases.records import open_record
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.tests.files import image
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Level
from allmenning.municipal.post.actions import write_message
from allmenning.municipal.post.models import Message, Outbox
from allmenning.tenancy import use

HELP, CONCERN = "financial-assistance", "child-welfare-concern"
CARE, SCHOOL = "care-services", "educational-psychology-referral"
FILES = {
    HELP: "documents_other",
    CONCERN: "attachments",
    CARE: "documents",
    SCHOOL: "report",
}  # the question that takes a file
AREAS = {HELP: "social-services", CONCERN: "child-welfare", CARE: "care", SCHOOL: "educational-psychology"}
NOTE = "Ringte moren: flytter til Smøla på fredag."
PICTURE = image("PNG")


@pytest.fixture
def both(averoy, smola):
    """Averøy and Smøla both take cases of the four services; Alice and Charlie work there."""
    for place in (averoy, smola):
        for service in AREAS:
            unit = offers(place, service, f"Enhet {service}")
            member = next(iter(place.staff.values()))
            with use(place.id, "administration"):
                administering.add_position(
                    administering.OPERATOR, member.id, unit.id, "caseworker", start=date(2026, 1, 1)
                )
        offering.publish_offered(place.id)
        Placement.objects.create(municipality_id=place.id, server="1", database=f"db-{place.id}", since=dates.now())
    municipalities.forget()
    return averoy, smola


def answers(service, example):
    return yaml.safe_load((SERVICES / service / f"examples/{example}.yaml").read_text(encoding="utf-8"))["form"]


def sent(place, service, example, resident=None, **more):
    """The id of a case that somebody has sent, with a picture; without a resident by a receipt code."""
    code = "" if resident else registering.new_code()
    keys = resident.keys(place.id) if resident else (registering.code_key(place.id, code),)
    with use(place.id, "resident", keys=keys):
        draft = applying.begin(resident, service, "nb", owner_key=keys[0])
        held = applying.attach_file(
            applying.open_draft(draft.id), f"/{FILES[service]}", "bilde.png", "image/png", PICTURE
        )
        filling = applying.open_draft(draft.id)
        data = {**filling.content.data, **answers(service, example), FILES[service]: [str(held.id)], **more}
        applying.save_page(filling, data, {}, page=1, revision=draft.revision)
        applicant = (
            registering.Applicant("person", resident.number, resident.name)
            if resident
            else registering.Applicant("receipt", "", "Ukjent")
        )
        draft = applying.open_draft(draft.id).draft
        case_id = registering.submit(draft, applicant, RESIDENT, submitted_by=applicant.name, code=code).case_id
    outbox.drain(place.id, AREAS[service])
    return case_id


def move(place, service, case_id, to, outcome, *, protected=False, **values):
    """A caseworker notes something, and decides that the case goes to another municipality."""
    member = next(iter(place.staff.values()))
    key = casework.staff_resident_key(place.id, ALICE)
    with use(place.id, AREAS[service]):
        working = working_as(member.id, AREAS[service])
        case = Case.objects.get(id=case_id)
        noted = noting.write_note(case.id, Noted("Feil dag."), working, staff_key=key)
        noting.correct_note(case.id, noted.id, Noted(NOTE), working, staff_key=key)
        drafted = decision_letters.Drafted(
            outcome, ["Dere flytter."], {"receiver": to, "forwarded_to": to, "moved_to": to, **values}
        )
        case.refresh_from_db()
        deciding.save_draft(case.id, drafted, working, revision=case.revision, staff_key=key)
        case.refresh_from_db()
        deciding.issue(case.id, working, revision=case.revision, staff_key=key)
        if protected:
            protection.raise_by_register(bytes(case.owner_key), Level.STRICT, because="self")
    outbox.drain(place.id, AREAS[service])


CONDITION = {
    **{
        "kind": "activity",
        "what": "Du møter på kurs.",
        "why": "Det gir praksis.",
        "consequence": "Stønaden settes ned.",
    },
    **{"starts": "2026-12-01", "ends": "2026-12-31"},
}
PAYMENT = {
    **{"for": "rent", "amount_ore": 800000, "due_on": "2026-11-27"},
    **{"receiver": "Utleier", "account": "12345678903"},
}


def keep(place, service, case_id, **kept):
    """A caseworker writes records in the case, by their kinds; the first is changed once."""
    with use(place.id, AREAS[service]):
        working = working_as(next(iter(place.staff.values())).id, AREAS[service])
        key = casework.staff_resident_key(place.id, ALICE)
        rows = [
            recording.begin(case_id, kind, recording.Draft(answers, finished(service, kind)), working, staff_key=key)
            for kind, answers in kept.items()
        ]
        first = next(iter(kept))
        draft = recording.Draft(kept[first], finished(service, first), why="Skrev feil")
        recording.revise(case_id, first, rows[0].series, draft, working, version=1, staff_key=key)


def finished(service, kind):
    """The first state in which a record of a kind is enough to decide on; nothing where it has no states."""
    states = packages.load(SERVICES / service).record_kind(kind).states
    return next((state.id for state in states if state.counts and not state.ends), "")


def there(place, service):
    """The case as it came."""
    with use(place.id, AREAS[service]):
        return Case.objects.get()


def test_everything_goes_along_under_the_receivers_own_keys(both):
    averoy, smola = both
    case_id = sent(averoy, HELP, "a-single-renter", rita())
    keep(averoy, HELP, case_id, condition=CONDITION, payment=PAYMENT)
    move(averoy, HELP, case_id, "Smøla", "forwarded")
    with use(averoy.id, "social-services"):
        here = Case.objects.get()
        answered = open_submission(Submission.objects.get(), here.key).data
        due = dict(CaseDeadline.objects.values_list("deadline", "due_on"))
        assert here.closed_at
        assert Transfer.objects.get().received_at
    with use(smola.id, "social-services"):
        case = Case.objects.get()
        assert (case.received_at, case.state, case.outcome) == (here.received_at, "in-progress", "")
        assert case.unit_id
        assert case.assigned_to is None
        data = open_submission(Submission.objects.get(), case.key).data
        picture = Document.objects.get(id=data[FILES[HELP]][0])  # the id of a file is the one that it has there
        assert vault.files.read(smola.id, case.key, "documents.Document.content", picture.path) == PICTURE
        assert {**data, FILES[HELP]: []} == {**answered, FILES[HELP]: []}
        note = Note.objects.get(corrects__isnull=False)
        assert note.corrects in Note.objects.filter(case=case)
        assert case.key.open_text("cases.Note.text", bytes(note.text), note.id) == NOTE
        kept = list(Record.objects.filter(case=case).order_by("version"))
        assert [(each.kind, each.version, each.series) for each in kept] == [
            ("condition", number, kept[0].id) for number in (1, 2)
        ]
        assert open_record(kept[1], case.key).answers == CONDITION
        assert due["condition-ends"] == date(2026, 12, 31)
        assert dict(CaseDeadline.objects.values_list("deadline", "due_on")) == due
        assert RegistryEntry.objects.get().kind == RegistryEntry.Kind.INCOMING
        assert not Decision.objects.exists()  # that it was sent is told by the row of it
        assert Transfer.objects.get().number == here.number
        assert LogEntry.objects.filter(case_id=case.id, action="receive", purpose="transfer").exists()


def test_the_applicant_follows_the_case_where_it_is_now(both):
    averoy, smola = both
    move(averoy, HELP, sent(averoy, HELP, "a-single-renter", rita()), "smøla", "forwarded")
    outbox.drain(smola.id, "social-services")
    case = there(smola, HELP)
    assert smola.id in identity.municipalities_of(rita().person_key)
    assert browser_of(rita()).get(f"/my/{smola.id}/cases/{case.id}/").status_code == 200
    assert browser_of(omar()).get(f"/my/{smola.id}/cases/{case.id}/").status_code == 404


@pytest.mark.parametrize(
    ("service", "example"), [(CARE, "alarm-and-practical-help"), (SCHOOL, "a-parent-asks-for-help-at-school")]
)
def test_help_that_is_applied_for_goes_along_with_its_deadlines_and_whoever_applied(both, service, example):
    averoy, smola = both
    case_id = sent(averoy, service, example, rita())
    with use(averoy.id, AREAS[service]):
        due = dict(CaseDeadline.objects.filter(met_at=None).values_list("deadline", "due_on"))
        assert due
    move(averoy, service, case_id, "Smøla", "moved")
    outbox.drain(smola.id, AREAS[service])
    with use(smola.id, AREAS[service]):
        assert dict(CaseDeadline.objects.filter(met_at=None).values_list("deadline", "due_on")) == due
        assert PhaseChange.objects.get().phase == "assessment"
    assert browser_of(rita()).get(f"/my/{smola.id}/cases/{there(smola, service).id}/").status_code == 200
    with use(averoy.id, AREAS[service]):
        assert Message.objects.filter(case_id=case_id, direction="out").count() == 1


def test_a_reporter_is_not_told_where_the_child_is(both):
    averoy, smola = both
    case_id = sent(averoy, CONCERN, "a-teacher-reports-with-login", rita())
    move(averoy, CONCERN, case_id, "Smøla", "moved", told_moved=["Meldingen er vurdert."], received="23. november 2026")
    outbox.drain(smola.id, "child-welfare")
    case = there(smola, CONCERN)
    browser = browser_of(rita())
    assert "Smøla" not in browser.get(f"/my/{averoy.id}/cases/{case_id}/").text
    assert browser.get(f"/my/{smola.id}/cases/{case.id}/").status_code == 404
    assert smola.id not in identity.municipalities_of(rita().person_key)
    with use(smola.id, "child-welfare"):
        assert case.opened_applicant_name == NAMES[rita().number]  # whoever handles it there knows who reported


def test_a_party_is_known_there_and_what_is_written_to_them_is_never_the_senders(both):
    averoy, smola = both
    case_id = sent(averoy, HELP, "a-single-renter", rita())
    with use(averoy.id, "social-services"):
        case = Case.objects.get(id=case_id)
        named = Named("guardian", NAMES[OMAR], OMAR, is_party=True)
        party = new_participant(case, named, Participant.Known.HAND, dates.today())
        party.save(force_insert=True)
        about = {
            "area": case.area,
            "case_id": case.id,
            "key": case.key,
            "kind": "letter",
            "direction": "out",
            "at": dates.now(),
        }
        write_message(**about, title="Vedtak", body="", participant_id=party.id, party_key=bytes(party.owner_key))
    move(averoy, HELP, case_id, "Smøla", "forwarded")
    case = there(smola, HELP)
    key = vault.resident_key(smola.id, "person", OMAR)
    with use(smola.id, "social-services"):
        party, letter = Participant.objects.get(role="guardian"), Message.objects.get(participant_id__isnull=False)
        assert (bytes(party.owner_key), bytes(party.wrapped_key)) == (key, bytes(case.wrapped_key))
        assert (letter.participant_id, bytes(letter.party_key)) == (party.id, key)
        assert named_key(case.area, key) in set(map(bytes, case.named_keys))
    with use(smola.id, "resident", keys=rita().keys(smola.id)):
        assert not Message.objects.filter(participant_id__isnull=False).exists()
    with use(smola.id, "resident", keys=omar().keys(smola.id)):
        assert my_part.open_part(party.id).letters[0].title == "Vedtak"


def test_a_consent_goes_along_and_whom_it_names_finds_it_there_until_it_is_withdrawn(both):
    averoy, smola = both
    case_id = sent(averoy, HELP, "a-single-renter", rita(), may_fetch_tax=True)
    with use(averoy.id, "social-services"):
        case = Case.objects.get(id=case_id)
        verge = new_participant(
            case, Named("guardian", NAMES[OMAR], OMAR, is_party=True), Participant.Known.HAND, dates.today()
        )
        verge.save(force_insert=True)
        given = Consented(
            (case.service, case.version), "ask-others", dates.today(), "oral", consents.giver(verge, case)
        )
        new_consent(case.area, case.id, case.key, given).save(force_insert=True)
        before = Consent.objects.count()
    move(averoy, HELP, case_id, "Smøla", "forwarded")
    there(smola, HELP)
    outbox.drain(smola.id, "social-services")
    with use(smola.id, "social-services"):
        assert Consent.objects.count() == before
    with use(smola.id, "resident", keys=omar().keys(smola.id)):
        [mine] = Consent.objects.all()
        my_consents.withdraw(mine.id, participant_id=mine.participant_id)
        assert my_part.open_part(mine.participant_id).consents[0].withdrawn is not None
    assert smola.id in identity.municipalities_of(omar().person_key)
    with use(smola.id, "resident", keys=rita().keys(smola.id)):
        assert not Consent.objects.filter(scope="ask-others").exists()


def test_a_consent_in_a_report_tells_nobody_there_either(both):
    averoy, smola = both
    case_id = sent(averoy, CONCERN, "a-teacher-reports-with-login", rita())
    with use(averoy.id, "child-welfare"):
        case = Case.objects.get(id=case_id)
        parent = new_participant(case, Named("guardian", NAMES[OMAR], OMAR), Participant.Known.HAND, dates.today())
        parent.save(force_insert=True)
        service, by = (case.service, case.version), consents.giver(parent, case)
        given = Consented(service, "ask-others", dates.today(), "oral", by)
        new_consent(case.area, case.id, case.key, given).save(force_insert=True)
    move(averoy, CONCERN, case_id, "Smøla", "moved", told_moved=["Meldingen er vurdert."], received="23. november 2026")
    outbox.drain(smola.id, "child-welfare")
    with use(smola.id, "child-welfare"):
        assert Consent.objects.count() == 1
    with use(smola.id, "resident", keys=omar().keys(smola.id)):
        assert not Consent.objects.exists()
    assert smola.id not in identity.municipalities_of(omar().person_key)


def test_whoever_has_no_more_to_do_with_the_case_is_not_told_where_it_went(both):
    averoy, smola = both
    case_id = sent(averoy, HELP, "a-single-renter", rita())
    with use(averoy.id, "social-services"):
        case = Case.objects.get(id=case_id)
        verge = new_participant(case, Named("guardian", NAMES[OMAR], OMAR), Participant.Known.HAND, dates.today())
        verge.save(force_insert=True)
        given = Consented(
            (case.service, case.version), "ask-others", dates.today(), "oral", consents.giver(verge, case)
        )
        row = new_consent(case.area, case.id, case.key, given)
        row.save(force_insert=True)
        withdraw_consent(row, case.key, Consent.How.ORAL, dates.today())
    move(averoy, HELP, case_id, "Smøla", "forwarded")
    there(smola, HELP)
    outbox.drain(smola.id, "social-services")
    assert smola.id not in identity.municipalities_of(omar().person_key)


def test_what_was_going_on_goes_on_there(both):
    averoy, smola = both
    case_id = sent(averoy, CONCERN, "a-teacher-reports-with-login", rita())
    with use(averoy.id, "child-welfare"):
        due = Case.objects.get().due_on
        running = set(CaseDeadline.objects.filter(met_at=None).values_list("deadline", "due_on"))
    move(averoy, CONCERN, case_id, "Smøla", "moved", told_moved=["Meldingen er vurdert."], received="23. november 2026")
    with use(averoy.id, "child-welfare"):
        assert not Case.objects.get().is_open
        assert PhaseChange.objects.filter(phase="assessment", kind="concluded").exists()
    with use(smola.id, "child-welfare"):
        case = Case.objects.get()
        assert (due is not None, case.due_on) == (True, due)
        assert set(CaseDeadline.objects.filter(met_at=None).values_list("deadline", "due_on")) == running
        assert list(PhaseChange.objects.values_list("phase", "kind")) == [("assessment", "opened")]
        assert not Event.objects.filter(kind__in=("decided", "phase-concluded")).exists()
        assert not Task.objects.filter(skipped=True).exists()
        assert Task.objects.filter(done_at=None).exists()


# --- a case of their own ---


def own_case(place, born="2008-01-01", guardian=True):
    """The id of a child's own case, after a report on it by a teacher is to be investigated. Its father is a party."""
    [child] = answers(CONCERN, "a-teacher-reports-with-login")["children"]
    child |= {"national_identity_number": OMAR, **({"birth_date": born} if born else {})}
    case_id = sent(place, CONCERN, "a-teacher-reports-with-login", rita(), children=[child])
    told = {"told_investigation": ["Meldingen er vurdert."], "received": "23. november 2026"}
    drafted = decision_letters.Drafted("investigation", [], told, result="investigation", result_reasons="Vold hjemme.")
    decide(place, case_id, drafted)
    with use(place.id, "child-welfare"):
        case = Case.objects.get(opened_from=case_id)
        if guardian:
            named = Named("guardian", "Per Eksempel", number(81), is_party=True)
            new_participant(case, named, Participant.Known.HAND, dates.today()).save(force_insert=True)
    return case.id


def decide(place, case_id, drafted):
    member, key = next(iter(place.staff.values())), casework.staff_resident_key(place.id, ALICE)
    with use(place.id, "child-welfare"):
        working, case = working_as(member.id, "child-welfare"), Case.objects.get(id=case_id)
        deciding.save_draft(case.id, drafted, working, revision=case.revision, staff_key=key)
        case.refresh_from_db()
        deciding.issue(case.id, working, revision=case.revision, staff_key=key)
    outbox.drain(place.id, "child-welfare")


def test_a_childs_own_case_goes_on_there_with_its_deadline_and_what_is_left(both):
    averoy, smola = both
    case_id = own_case(averoy)
    with use(averoy.id, "child-welfare"):
        due = dict(CaseDeadline.objects.filter(case=case_id, met_at=None).values_list("deadline", "due_on"))
        left = set(Task.objects.filter(case=case_id, done_at=None).values_list("step", flat=True))
    move(averoy, CONCERN, case_id, "Smøla", "case-moved")
    with use(smola.id, "child-welfare"):
        case = Case.objects.get()
        assert case.is_own_case
        assert "investigation" in due
        assert dict(CaseDeadline.objects.filter(met_at=None).values_list("deadline", "due_on")) == due
        assert list(PhaseChange.objects.values_list("phase", "kind")) == [("investigation", "opened")]
        assert set(Task.objects.filter(done_at=None).values_list("step", flat=True)) == left
        assert case.opened_applicant_name == "Anna Eksempel"
        assert Submission.objects.get(case_id=case.id)
    assert smola.id not in identity.municipalities_of(omar().person_key)  # nobody is told that there is something there
    desk = at_desk(smola, CHARLIE, "child-welfare")
    desk.post(f"/desk/cases/{case.id}/purpose/", {"purpose": "case-handling"})
    page = desk.get(f"/desk/cases/{case.id}/").text
    assert "<dt>Gjelder</dt>" in page  # they sent nothing, though the report on them stays behind
    assert 'href="#ask"' not in page


def test_no_login_of_a_resident_reads_a_childs_own_case_there(both):
    averoy, smola = both
    move(averoy, CONCERN, own_case(averoy), "Smøla", "case-moved")
    outbox.drain(smola.id, "child-welfare")
    for resident in (omar(), rita()):
        with use(smola.id, "resident", keys=resident.keys(smola.id)):
            assert not Case.objects.exists()
            assert not Submission.objects.exists()
            assert not Event.objects.exists()
            assert not Message.objects.exists()


def test_each_party_is_told_that_it_is_moved_and_the_reporter_is_not(both):
    averoy, smola = both
    case_id = own_case(averoy)
    move(averoy, CONCERN, case_id, "Smøla", "case-moved")
    with use(averoy.id, "child-welfare"):
        letters = Message.objects.filter(case_id=case_id, direction="out")
        told = [Participant.objects.get(id=each.participant_id).role for each in letters]
        assert sorted(told) == ["child", "guardian"]
        assert Message.objects.filter(direction="out").exclude(case_id=case_id).count() == 1  # the answer to the report
    with use(averoy.id, "resident", keys=omar().keys(averoy.id)):
        [mine] = Participant.objects.filter(is_party=True)
        assert len(my_part.open_part(mine.id).letters) == 1
    assert "Smøla" not in browser_of(rita()).get("/my/").text
    with use(smola.id, "child-welfare"):
        assert not Message.objects.exists()  # what was told here of the move is told here
        assert set(Participant.objects.values_list("role", "is_party")) == {("child", True), ("guardian", True)} | {
            ("guardian", False)
        }


@pytest.mark.parametrize("born", ["2020-01-01", ""])
def test_a_young_child_gets_no_letter_and_one_that_nobody_gets_is_not_issued(both, born):
    averoy, _ = both
    case_id = own_case(averoy, born=born)
    move(averoy, CONCERN, case_id, "Smøla", "case-moved")
    with use(averoy.id, "child-welfare"):
        [letter] = Message.objects.filter(case_id=case_id, direction="out")
        assert Participant.objects.get(id=letter.participant_id).role == "guardian"
    with pytest.raises(NobodyIsParty):
        move(averoy, CONCERN, own_case(averoy, born=born, guardian=False), "Smøla", "case-moved")


def test_what_is_held_for_a_childs_safety_is_held_there_too(both):
    averoy, smola = both
    case_id = own_case(averoy)
    with use(averoy.id, "child-welfare"):
        report = Case.objects.get(opened_for=None)
        happened(report, safe_contact.HELD, SYSTEM, visible=False)
    move(averoy, CONCERN, case_id, "Smøla", "case-moved")
    with use(smola.id, "child-welfare"):
        assert safe_contact.is_held(Case.objects.get())


def test_it_comes_once_however_often_it_is_tried(both, monkeypatch):
    averoy, smola = both
    case_id = sent(averoy, HELP, "a-single-renter", rita())
    with monkeypatch.context() as broken:
        broken.setattr(transferring, "_receive", lambda parcel: transferring_received(parcel) and 1 / 0)
        transferring_received = transferring._receive
        move(averoy, HELP, case_id, "Smøla", "forwarded")
    with use(averoy.id, "social-services"):
        sent_row = Transfer.objects.get()
        assert sent_row.received_at is None
        transferring.transfer(Outbox.objects.get(kind="transfer"))
        sent_row.refresh_from_db()
    assert there(smola, HELP).number == sent_row.number


def test_half_of_it_never_comes(both, monkeypatch):
    averoy, smola = both
    case_id = sent(averoy, HELP, "a-single-renter", rita())
    monkeypatch.setattr(transferring, "recount", lambda case: 1 / 0)
    move(averoy, HELP, case_id, "Smøla", "forwarded")
    with use(smola.id, "social-services"):
        assert not Case.objects.exists()
        assert not Document.objects.exists()


def test_it_may_come_back(both):
    averoy, smola = both
    move(averoy, HELP, sent(averoy, HELP, "a-single-renter", rita()), "Smøla", "forwarded")
    move(smola, HELP, there(smola, HELP).id, "Averøy", "forwarded")
    with use(averoy.id, "social-services"):
        first, second = Case.objects.order_by("sequence")
        assert (first.is_open, second.is_open) == (False, True)
        assert Note.objects.filter(case=second).count() == 4


def test_one_with_a_protected_address_is_sent_by_a_person(both):
    averoy, smola = both
    case_id = sent(averoy, HELP, "a-single-renter", rita())
    move(averoy, HELP, case_id, "Smøla", "forwarded", protected=True)
    with use(averoy.id, "social-services"):
        assert Case.objects.get().is_open
        assert Event.objects.get(kind="handover-refused").facts == {"reason": "protected-address"}
    with use(smola.id, "social-services"):
        assert not Case.objects.exists()


def test_to_one_that_takes_no_cases_here_a_person_sends_it(both):
    averoy, _ = both
    case_id = sent(averoy, HELP, "a-single-renter", rita())
    move(averoy, HELP, case_id, "Oslo", "forwarded")
    with use(averoy.id, "social-services"):
        assert Event.objects.get(kind="to-be-sent-by-hand").facts == {"to": "Oslo"}
        assert not Transfer.objects.exists()


def test_the_desk_proposes_who_takes_cases_here_and_tells_what_became_of_it(both):
    averoy, _ = both
    case_id = sent(averoy, HELP, "a-single-renter", rita())
    alice = at_desk(averoy, ALICE, "social-services")
    page = alice.get(f"/desk/cases/{case_id}/decide/").text
    assert '<option value="Smøla"></option>' in page
    assert '<option value="Averøy"></option>' not in page
    move(averoy, HELP, case_id, "Smøla", "forwarded")
    assert "Smøla, sak" in alice.get(f"/desk/cases/{case_id}/").text


def test_every_row_about_a_case_goes_along_or_says_why_it_stays():
    goes, stays = set(transferring.GOES), set(transferring.STAYS)
    assert goes & stays == set()
    assert (
        goes | {name for name, why in transferring.STAYS.items() if len(why.split()) > 1} == transferring.about_cases()
    )
