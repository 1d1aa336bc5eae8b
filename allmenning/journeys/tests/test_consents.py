"""Consents: given by the form, in the portal and to staff; needed before a step and an outcome; taken back; and seen by."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import Error, connections, transaction

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.plain_yaml import read_yaml
from allmenning.commons.catalogue import package as packages
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys import (
    casework,
    consents,
    deciding,
    decision_letters,
    my_consents,
    my_data,
    my_part,
    outbox,
    participants,
)
from allmenning.journeys.consents import Heard
from allmenning.journeys.testing import ALICE, BOB, NAMES, OMAR, RITA, SERVICES, number, omar, rita
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry, staff_key
from allmenning.journeys.tests.test_results import ANSWER, offer, titled
from allmenning.municipal.access import rules
from allmenning.municipal.access.models import LET_SEE, LogEntry
from allmenning.municipal.cases import actions as case_actions
from allmenning.municipal.cases.actions import Named
from allmenning.municipal.cases.errors import AlreadyWithdrawn, CaseNotFound, ConsentMissing, GiverMissing, LetMissing
from allmenning.municipal.cases.models import Case, Consent, Event, Participant, Record, Task
from allmenning.municipal.documents.models import Document
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Detail, Level
from allmenning.tenancy import use

PARTIES = [
    {
        "id": "kin",
        "title": titled("Pårørende"),
        "from": {"each": "kin", "name": "kin_name", "number": "kin_number"},
        "is_party": False,
    },
    {"id": "parent", "title": titled("Forelder"), "is_party": True},
]
CONSENTS = [
    {
        "id": "ask-gp",
        "title": titled("Spørre fastlegen"),
        "about": titled("Vi spør fastlegen om det vi trenger å vite."),
        "given_by": ["applicant", "parent"],
        "how_many": "form.both == true ? 2 : 1",
        "from": {"when": {"applicant": "form.asks == true"}},
        "valid": "P6M",
        "needed_before": ["step:answer", "outcome:answered"],
    },
    {
        "id": "see-plan",
        "title": titled("Ukeplanen"),
        "about": titled("De ser planen."),
        "given_by": ["applicant"],
        "from": {"when": {"applicant": "item.sees == true"}},
        "lets": "kin",
        "sees": ["plan"],
    },
    {
        "id": "see-letters",
        "title": titled("Vedtakene"),
        "about": titled("De ser brevene."),
        "given_by": ["applicant"],
        "lets": "kin",
        "sees": ["letters"],
    },
]
KINDS = {
    "kinds": [
        {
            "id": "plan",
            "title": titled("Ukeplan"),
            "about": titled("Når noen kommer"),
            "many": True,
            "shows": "list",
            "writes": ["caseworker"],
            "seen_by": ["party", "plan"],
        },
        {
            "id": "diary",
            "title": titled("Dagbok"),
            "about": titled("Det som ble sagt"),
            "many": True,
            "shows": "list",
            "writes": ["caseworker"],
            "seen_by": "party",
        },
    ]
}
WRITTEN = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"what": {"type": "string", "maxLength": 100, "x-title": titled("Hva")}},
}


def yes_no(title):
    return {"type": "boolean", "x-title": titled(title)}


def with_consents(kinds=CONSENTS, parties=PARTIES, **more):
    files = dict(packages.read_folder(SERVICES / "inquiry"))
    routine = {**read_yaml(files["routine.yaml"]), "parties": parties, "consents": kinds, **more}
    service = {**read_yaml(files["service.yaml"]), "version": "9.0.0"}
    schema = json.loads(files["form.schema.json"])
    text = {"type": "string", "maxLength": 100}
    kin = {"kin_name": {**text, "x-title": titled("Navn")}, "sees": yes_no("Ser")}
    kin["kin_number"] = {"type": "string", "x-format": "national-identity-number", "x-title": titled("Nummer")}
    rows = {"type": "object", "properties": kin, "additionalProperties": False}
    schema["properties"] |= {
        "asks": yes_no("Kan vi spørre?"),
        "both": yes_no("Begge?"),
        "kin": {"type": "array", "x-title": titled("Pårørende"), "items": rows},
    }
    layout = json.loads(files["form.ui.json"])
    for name in ("asks", "both", "kin"):
        layout["elements"][0]["elements"].append({"type": "Control", "scope": f"#/properties/{name}"})
    made = {"form.schema.json": schema, "form.ui.json": layout, "routine.yaml": routine, "service.yaml": service}
    made |= {"records.yaml": KINDS, "records/plan.schema.json": WRITTEN, "records/diary.schema.json": WRITTEN}
    return {**files, **{name: json.dumps(content) for name, content in made.items()}}


def errors_of(files):
    return " ".join(str(each) for each in packages.check_files(files) if each.level == "error")


def sent_by_rita(averoy, **answers):
    offer(averoy, with_consents())
    case_id = send_inquiry(averoy, rita(), **answers).case_id
    outbox.drain(averoy.id, "ordinary")
    return case_id


KIN = {"kin_name": NAMES[OMAR], "kin_number": OMAR, "sees": True}


def test_a_folder_may_be_written_with_consents():
    assert errors_of(with_consents()) == ""


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"given_by": ["uncle"]}, "there is no party uncle"),
        (
            {"from": {"when": {"parent": "true"}}, "given_by": ["applicant"]},
            "parent is not among those who may give it",
        ),
        ({"from": {"when": {"applicant": "age > 15"}}}, "age is read, but nothing gives it a value"),
        ({"from": {"when": {"applicant": "true"}, "on": "nowhen"}}, "the form has no date nowhen"),
        ({"from": {"when": {"applicant": "true"}, "document": "nowhere"}}, "the form has no files nowhere"),
        ({"needed_before": ["step:nothing"]}, "there is no step nothing"),
        ({"needed_before": ["outcome:nothing"]}, "there is no outcome nothing"),
        ({"needed_before": ["letter:nobody"]}, "there is no party nobody"),
        ({"lets": "uncle", "sees": ["plan"]}, "there is no party uncle"),
        ({"lets": "kin", "sees": ["everything"]}, "records.yaml lets nobody see everything"),
        ({"lets": "kin"}, "sees"),
        ({"valid": {"adjusted": "years"}}, "there is no dated or adjustable value years"),
        ({"id": "see-plan"}, "the consent see-plan is there twice"),
    ],
)
def test_what_names_nothing_is_refused(changed, said):
    assert said in errors_of(with_consents([{**CONSENTS[0], **changed}, *CONSENTS[1:]]))


# --- given in the form ---


def test_what_the_answers_consent_to_is_kept_with_when_it_ends(averoy):
    sent_by_rita(averoy, asks=True)
    with desk(averoy):
        given = Consent.objects.get()
        assert (given.scope, given.how, given.participant_id) == ("ask-gp", "form", None)
        assert given.valid_until == dates.add_months(given.given_on, 6)
        assert not Event.objects.filter(kind="consent-given").exists()  # the form itself tells it


def test_what_was_not_answered_gives_nothing(averoy):
    sent_by_rita(averoy)
    with desk(averoy):
        assert not Consent.objects.exists()


# --- needed before ---


def test_a_step_is_not_done_before_its_consent(averoy):
    case_id, key = sent_by_rita(averoy), None
    with desk(averoy):
        key = staff_key(averoy, ALICE)
        with pytest.raises(ConsentMissing) as refused:
            casework.finish_task(case_id, "answer", averoy.working("alice"), staff_key=key)
        assert refused.value.params["consents"] == "Spørre fastlegen"
        register(averoy, case_id, ["ask-gp"])
        casework.finish_task(case_id, "answer", averoy.working("alice"), staff_key=key)
        assert Task.objects.get(step="answer").done_at


def test_the_desk_says_which_consent_is_missing(averoy):
    case_id = sent_by_rita(averoy)
    page = at_desk(averoy, ALICE).post(f"/desk/cases/{case_id}/step/", {"step": "answer"})
    assert page.status_code == 422
    assert "Spørre fastlegen" in page.text


def test_an_outcome_is_not_issued_before_its_consent_nor_after_it_is_withdrawn(averoy):
    case_id = sent_by_rita(averoy, asks=True)
    with desk(averoy):
        drafted = decision_letters.Drafted("answered", ["Fordi."], ANSWER)
        deciding.save_draft(
            case_id,
            drafted,
            averoy.working("alice"),
            revision=Case.objects.get().revision,
            staff_key=staff_key(averoy, ALICE),
        )
    withdraw(averoy, case_id)
    with desk(averoy), pytest.raises(ConsentMissing):
        issue(averoy, case_id)
    with desk(averoy):
        register(averoy, case_id, ["ask-gp"])
        assert issue(averoy, case_id).issued_at


def issue(averoy, case_id):
    revision = Case.objects.get(id=case_id).revision
    return deciding.issue(case_id, averoy.working("alice"), revision=revision, staff_key=staff_key(averoy, ALICE))


def register(averoy, case_id, scopes, by=None, to=None):
    heard = Heard(scopes, dates.today(), "oral", by, to, heard_by="Alice Alm")
    return consents.register(case_id, heard, averoy.working("alice"), staff_key=staff_key(averoy, ALICE))


def withdraw(averoy, case_id):
    with as_resident(averoy, rita()):
        given = Consent.objects.filter(withdraws__isnull=True).latest("at")
        my_consents.withdraw(given.id, case_id=case_id)
    outbox.drain(averoy.id, "ordinary")


def test_where_both_must_consent_one_is_not_enough(averoy):
    case_id = sent_by_rita(averoy, asks=True, both=True)
    with desk(averoy):
        package = Case.objects.get()
        offered = consents.of_case(package.service, package.version)
        [lack] = consents.lacks(package, offered, "step:answer")
        assert lack.params["consents"] == "Spørre fastlegen (gitt av 1 av 2)"
        parent = add(averoy, case_id, "parent", NAMES[BOB], is_party=True)
        register(averoy, case_id, ["ask-gp"], by=parent.id)
        assert not consents.missing(package, offered, "step:answer")


def test_who_is_no_party_gets_a_letter_while_there_is_consent_to_it(averoy):
    offer(averoy, with_consents([{**CONSENTS[0], "needed_before": ["letter:kin"]}, *CONSENTS[1:]]))
    case_id = send_inquiry(averoy, rita(), asks=True, kin=[{"kin_name": "Prøve skole"}]).case_id
    outbox.drain(averoy.id, "ordinary")

    def told():
        with desk(averoy):
            case = Case.objects.get(id=case_id)
            answered = consents.of_case(case.service, case.version).package.outcome("answered")
            to_kin = replace(answered, to=("parent", "kin"))
            return [each.role for each in participants.to_whom(case, to_kin, list(Participant.objects.all()))]

    assert told() == ["applicant", "kin"]  # no parent is a party, so who sent it gets theirs too
    withdraw(averoy, case_id)
    assert told() == ["applicant"]


def test_a_consent_that_has_run_out_is_none(averoy, monkeypatch):
    case_id = sent_by_rita(averoy, asks=True)
    later = dates.add_months(dates.today(), 6) + timedelta(days=1)
    with desk(averoy):
        case = Case.objects.get(id=case_id)
        offered = consents.of_case(case.service, case.version)
        assert not consents.missing(case, offered, "step:answer")
        monkeypatch.setattr(dates, "today", lambda: later)
        assert consents.missing(case, offered, "step:answer")


# --- written down, and taken back ---


def add(averoy, case_id, role, name, number="", is_party=False, ends=None):
    named = Named(role, name, number, is_party, ends=ends)
    return participants.add(case_id, named, averoy.working("alice"), staff_key=staff_key(averoy, ALICE))


def test_only_who_may_give_it_gives_it_and_to_whom_the_folder_says(averoy):
    case_id = sent_by_rita(averoy)
    with desk(averoy):
        kin = add(averoy, case_id, "kin", NAMES[OMAR])
        with pytest.raises(GiverMissing):
            register(averoy, case_id, ["ask-gp"], by=kin.id)
        with pytest.raises(LetMissing):
            register(averoy, case_id, ["see-plan"])
        assert register(averoy, case_id, ["see-plan", "see-letters"], to=kin.id)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"scope": []}, "scope"),
        ({"consent_day": "2099-01-01"}, "consent_day"),
        ({"heard_by": " "}, "heard_by"),
        ({"scope": ["see-plan"]}, "consent_to"),
    ],
)
def test_what_can_not_be_written_down_is_said_beside_its_field(averoy, typed, field):
    case_id = sent_by_rita(averoy, kin=[KIN])
    whole = {"scope": ["ask-gp"], "consent_day": str(dates.today()), "consent_how": "oral", "heard_by": "Alice"}
    page = at_desk(averoy, ALICE).post(f"/desk/cases/{case_id}/consents/", {**whole, **typed})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text


def test_the_desk_writes_one_down_and_notes_that_it_is_withdrawn(averoy):
    case_id, client = sent_by_rita(averoy), at_desk(averoy, ALICE)
    whole = {"scope": "ask-gp", "consent_day": str(dates.today()), "consent_how": "oral", "heard_by": "Bob Bjørk"}
    assert client.post(f"/desk/cases/{case_id}/consents/", whole).status_code == 302
    page = client.get(f"/desk/cases/{case_id}/").text
    assert "Muntlig" in page
    assert "Bob Bjørk" in page
    with desk(averoy):
        given = Consent.objects.get()
    client.post(f"/desk/cases/{case_id}/consents/{given.id}/withdrawn/", {"how": "oral"})
    with desk(averoy):
        back = Consent.objects.get(withdraws=given)
        assert (back.staff_name, back.given_on) == ("Alice Alm", dates.today())
        told = LogEntry.objects.filter(object_kind="consent").order_by("at").values_list("action", flat=True)
        assert list(told) == ["consent-given", "consent-withdrawn"]
    assert "Ikke lenger i kraft" in client.get(f"/desk/cases/{case_id}/").text


def test_that_one_is_withdrawn_is_noted_in_a_closed_case_too_and_nobody_sees_by_it(averoy, planned):
    with desk(averoy):
        given = Consent.objects.get(scope="see-plan")
        Case.objects.update(state="decided", closed_at=dates.now())
    client, address = at_desk(averoy, ALICE), f"/desk/cases/{planned}/consents/{given.id}/withdrawn/"
    page = client.get(f"/desk/cases/{planned}/").text
    assert address in page
    assert f'action="/desk/cases/{planned}/consents/"' not in page  # no new one is written down
    client.post(address, {"how": "oral"})
    assert "Ikke lenger i kraft" in client.get(f"/desk/cases/{planned}/").text
    assert seen_by_omar(averoy) is None


def test_whoever_sent_it_withdraws_one_in_the_portal_and_somebody_is_to_look_at_it(averoy):
    case_id, client = sent_by_rita(averoy, asks=True), browser_of(rita())
    page = client.get(f"/my/averoy/cases/{case_id}/").text
    assert "Spørre fastlegen" in page
    with as_resident(averoy, rita()):
        given = Consent.objects.get()
    address = f"/my/averoy/cases/{case_id}/consents/{given.id}/"
    assert "Vil du trekke samtykket?" in client.get(address).text
    assert client.post(address).status_code == 302
    outbox.drain(averoy.id, "ordinary")
    assert "trukket" in client.get(f"/my/averoy/cases/{case_id}/").text
    with desk(averoy):
        assert Task.objects.get(step="look-at-consent", done_at__isnull=True).who == "caseworker"
        assert Event.objects.get(kind="consent-withdrawn").facts["scope"] == "ask-gp"
    shown = at_desk(averoy, ALICE).get(f"/desk/cases/{case_id}/").text
    assert "Et samtykke er trukket" in shown
    assert client.post(address).status_code == 302  # once more changes nothing
    with desk(averoy):
        assert Consent.objects.filter(withdraws__isnull=False).count() == 1


def test_one_that_is_withdrawn_while_something_is_decided_waits_and_is_never_there_and_gone_at_once(averoy):
    """What is decided holds the case for itself, and a row about a case asks for it: the check sees it, or it comes after."""
    case_id = sent_by_rita(averoy, asks=True)

    def taken_back():
        try:
            with as_resident(averoy, rita()):
                my_consents.withdraw(Consent.objects.get().id, case_id=case_id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as meanwhile:
        with desk(averoy), transaction.atomic():
            case_actions.locked(case_id)
            withdrawing = meanwhile.submit(taken_back)
            with pytest.raises(TimeoutError):
                withdrawing.result(1)
            assert Consent.objects.count() == 1
        withdrawing.result(10)
    with desk(averoy):
        assert Consent.objects.count() == 2


def test_nobody_withdraws_anothers(averoy):
    case_id = sent_by_rita(averoy, asks=True)
    with as_resident(averoy, rita()):
        given = Consent.objects.get()
    with as_resident(averoy, omar()), pytest.raises(CaseNotFound):
        my_consents.withdraw(given.id, case_id=case_id)


def test_a_party_sees_and_withdraws_their_own_and_whoever_sent_it_sees_nothing_of_that(averoy):
    case_id = sent_by_rita(averoy)
    with desk(averoy):
        parent = add(averoy, case_id, "parent", NAMES[OMAR], OMAR, is_party=True)
        register(averoy, case_id, ["ask-gp"], by=parent.id)
    outbox.drain(averoy.id, "ordinary")
    with as_resident(averoy, rita()):
        assert not Consent.objects.exists()
    client = browser_of(omar())
    assert f"/my/averoy/letters/{parent.id}/" in client.get("/my/").text
    page = client.get(f"/my/averoy/letters/{parent.id}/")
    assert "Spørre fastlegen" in page.text
    with desk(averoy):
        given = Consent.objects.get()
    assert client.post(f"/my/averoy/letters/{parent.id}/consents/{given.id}/").status_code == 302
    outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        assert Task.objects.filter(step="look-at-consent").exists()
    assert browser_of(rita()).get(f"/my/averoy/cases/{case_id}/").text.count("Spørre fastlegen") == 0


def test_of_one_without_a_number_whoever_sent_it_sees_nothing_either(averoy):
    case_id = sent_by_rita(averoy)
    with desk(averoy):
        parent = add(averoy, case_id, "parent", "Gunn Grav", is_party=True)
        register(averoy, case_id, ["ask-gp"], by=parent.id)
    with as_resident(averoy, rita()):
        assert not Consent.objects.exists()


@pytest.mark.parametrize("ends", ["giver", "seer"])
def test_one_holds_no_longer_than_whoever_gives_it_or_is_let_see_by_it_is_in_the_case(averoy, ends):
    """An authority that has a last day; and what the database lets them see ends with it."""
    kinds = [CONSENTS[0], {**CONSENTS[1], "given_by": ["parent"], "from": {"when": {"parent": "false"}}}]
    offer(averoy, with_consents(kinds))
    case_id, last = send_inquiry(averoy, rita()).case_id, dates.today() + timedelta(days=9)
    with desk(averoy):
        parent = add(averoy, case_id, "parent", NAMES[BOB], ends=last if ends == "giver" else None)
        kin = add(averoy, case_id, "kin", NAMES[OMAR], OMAR, ends=last if ends == "seer" else None)
        [given] = register(averoy, case_id, ["see-plan"], by=parent.id, to=kin.id)
        assert given.valid_until == last


# --- let see ---


@pytest.fixture
def planned(averoy):
    """Rita lets Omar see her plan; there is a plan, and a diary that is not for him."""
    case_id = sent_by_rita(averoy, kin=[KIN])
    from allmenning.journeys import recording

    with desk(averoy):
        key = staff_key(averoy, ALICE)
        for kind, text in (("plan", "Dusj på tirsdag"), ("diary", "Lei seg i dag")):
            draft = recording.Draft({"what": text})
            recording.begin(case_id, kind, draft, averoy.working("alice"), staff_key=key)
    return case_id


def seen_by_omar(averoy):
    with as_resident(averoy, omar()):
        part = Participant.objects.filter(role="kin").first()
        seen = my_part.open_part(part.id).seen
        return [record.answers["what"] for shelf in seen.shelves for record in shelf.records] if seen else None


def test_whom_the_form_lets_see_the_plan_sees_it_and_nothing_else(averoy, planned):
    assert seen_by_omar(averoy) == ["Dusj på tirsdag"]
    with as_resident(averoy, omar()):
        assert [row.kind for row in Record.objects.all()] == ["plan"]
        assert not Case.objects.exists()


def test_they_find_it_on_their_page_and_read_only(averoy, planned):
    client = browser_of(omar())
    with desk(averoy):
        kin = Participant.objects.get(role="kin")
    assert "Noe du får se" in client.get("/my/").text
    page = client.get(f"/my/averoy/letters/{kin.id}/").text
    assert "Dusj på tirsdag" in page
    assert "Lei seg" not in page
    assert f"{NAMES[RITA]} lar deg se" in page
    assert page.count("<textarea") == 0


def test_each_reading_is_in_the_log_of_whoever_lets_them(averoy, planned):
    seen_by_omar(averoy)
    with as_resident(averoy, rita()):
        read = LogEntry.objects.defer("shown_ids").get(relation=LET_SEE)
        assert (read.action, read.purpose, read.field_kinds) == ("read", "let-see", ["records"])
    page = browser_of(rita()).get(f"/my/averoy/cases/{planned}/who-has-looked/").text
    assert NAMES[OMAR] in page
    assert "Så det du lar dem se" in page


def test_after_it_is_withdrawn_they_see_nothing(averoy, planned):
    withdraw(averoy, planned)
    assert seen_by_omar(averoy) is None
    with as_resident(averoy, omar()):
        assert not Record.objects.exists()


def test_after_the_last_day_they_see_nothing(averoy, planned):
    with use(averoy.id, "owner"):
        Consent.objects.update(valid_until=dates.today() - timedelta(days=1))
    assert seen_by_omar(averoy) is None
    with as_resident(averoy, omar()):
        assert not Record.objects.exists()


def test_whoever_has_no_more_to_do_with_the_case_sees_nothing(averoy, planned):
    with desk(averoy):
        kin = Participant.objects.get(role="kin")
        participants.end(planned, kin.id, averoy.working("alice"), staff_key=staff_key(averoy, ALICE))
    assert seen_by_omar(averoy) is None


def test_whoever_is_over_by_the_day_that_was_said_sees_nothing(averoy, planned):
    with use(averoy.id, "owner"):
        Participant.objects.filter(role="kin").update(ends=dates.today() - timedelta(days=1))
    assert seen_by_omar(averoy) is None


def test_whether_somebody_is_protected_is_not_told_by_letting_them_see_something(averoy, planned, registers):
    protected = number(990)
    with use(averoy.id, "ordinary"):
        key = vault.resident_key(averoy.id, "person", protected)
        protection.set_by_hand(key, Level.STRICT, Detail("threat"))
    with as_resident(averoy, rita()):
        my_consents.let_see(planned, "Ukjent", protected, ["see-plan"], NAMES[RITA])
    outbox.drain(averoy.id, "ordinary")
    assert seen_by_omar(averoy) == ["Dusj på tirsdag"]


def test_what_somebody_sees_already_is_not_given_twice(averoy, planned):
    with as_resident(averoy, rita()):
        assert my_consents.let_see(planned, NAMES[OMAR], OMAR, ["see-plan"], NAMES[RITA]) == []
    withdraw(averoy, planned)
    assert seen_by_omar(averoy) is None


def test_while_an_address_is_protected_nothing_is_shown(averoy, planned):
    with desk(averoy):
        protection.set_by_hand(bytes(Case.objects.get().owner_key), Level.CONFIDENTIAL, Detail("threat"))
        kin = Participant.objects.get(role="kin")
    page = browser_of(omar()).get(f"/my/averoy/letters/{kin.id}/").text
    assert "Dusj" not in page
    assert "Ingenting kan vises her nå" in page


def test_letters_of_decisions_are_seen_by_whom_they_are_let_and_no_others(averoy, planned):
    with desk(averoy):
        register(averoy, planned, ["ask-gp"])
        key, revision = staff_key(averoy, ALICE), Case.objects.get().revision
        drafted = decision_letters.Drafted("answered", ["Fordi."], ANSWER)
        deciding.save_draft(planned, drafted, averoy.working("alice"), revision=revision, staff_key=key)
        issue(averoy, planned)
        kin = Participant.objects.get(role="kin")
    outbox.drain(averoy.id, "ordinary")
    with as_resident(averoy, omar()):
        assert not Document.objects.exists()
    with desk(averoy):
        register(averoy, planned, ["see-letters"], to=kin.id)
        letter = Document.objects.get(origin="letter")
    client = browser_of(omar())
    assert str(letter.id) in client.get(f"/my/averoy/letters/{kin.id}/").text
    found = client.get(f"/my/averoy/letters/{kin.id}/{letter.id}/")
    assert found.content.startswith(b"%PDF")
    with as_resident(averoy, omar()):
        assert [row.id for row in Document.objects.all()] == [letter.id]


def test_a_resident_lets_somebody_see_something_in_the_portal(averoy):
    case_id, client = sent_by_rita(averoy), browser_of(rita())
    address = f"/my/averoy/cases/{case_id}/let-see/"
    assert "Ukeplanen" in client.get(address).text
    for typed, said in (
        ({"name": ""}, 'id="name-error"'),
        ({"number": "123"}, 'id="number-error"'),
        ({"number": RITA}, 'id="number-error"'),
        ({"scope": []}, 'id="scope-error"'),
        ({"until": "i morgen"}, 'id="until-error"'),
        ({"until": str(dates.today() - timedelta(days=1))}, 'id="until-error"'),
    ):
        whole = {"name": NAMES[OMAR], "number": OMAR, "scope": ["see-plan"], **typed}
        page = client.post(address, whole)
        assert page.status_code == 422
        assert said in page.text
    assert client.post(address, {"name": NAMES[OMAR], "number": OMAR, "scope": ["see-plan"]}).status_code == 302
    outbox.drain(averoy.id, "ordinary")
    assert "Noe du får se" in browser_of(omar()).get("/my/").text
    with desk(averoy):
        assert Event.objects.filter(kind="consent-given").count() == 1


def test_whom_somebody_lets_see_more_is_let_no_longer_than_they_are_in_the_case(averoy):
    case_id, last = sent_by_rita(averoy), dates.today() + timedelta(days=9)
    with desk(averoy):
        kin = add(averoy, case_id, "kin", NAMES[OMAR], OMAR, ends=last)
        register(averoy, case_id, ["see-letters"], to=kin.id)
    with as_resident(averoy, rita()):
        [given] = my_consents.let_see(case_id, NAMES[OMAR], OMAR, ["see-plan"], NAMES[RITA])
    assert (given.to_id, given.valid_until) == (kin.id, last)


def test_who_was_taken_out_of_the_case_can_be_let_in_anew(averoy, planned):
    with desk(averoy):
        kin = Participant.objects.get(role="kin")
        participants.end(planned, kin.id, averoy.working("alice"), staff_key=staff_key(averoy, ALICE))
    with as_resident(averoy, rita()):
        [given] = my_consents.let_see(planned, NAMES[OMAR], OMAR, ["see-plan"], NAMES[RITA])
    assert given.to_id != kin.id
    with as_resident(averoy, omar()):
        assert my_part.open_part(given.to_id).seen.shelves


def test_nobody_lets_themselves_see_anything(averoy, planned):
    """Not by SQL of their own either: the wall asks whether whoever says so is a party."""
    withdraw(averoy, planned)
    with as_resident(averoy, omar()):
        part = Participant.objects.get(role="kin")
        forged = Consent(
            area=part.area, case_id=part.case_id, service="inquiry", version="9.0.0", scope="see-plan",
            participant_id=part.id, party_key=part.owner_key, to_id=part.id, to_key=part.owner_key,
            sees=["plan"], given_on=dates.today(), how="portal",
        )  # fmt: skip
        with pytest.raises(Error):
            forged.save(force_insert=True)
        forged.to_id = None
        with pytest.raises(Error):
            forged.save(force_insert=True)


def test_a_party_lets_nobody_see_anything_and_nobody_does_in_their_name(averoy, planned):
    """Nor by SQL of their own, as whoever sent the case or as a party: their letters, or what is kept in the case."""
    with desk(averoy):
        parent = add(averoy, planned, "parent", NAMES[OMAR], OMAR, is_party=True)
    forged = Consent(
        area=parent.area, case_id=planned, service="inquiry", version="9.0.0", scope="see-plan",
        participant_id=parent.id, party_key=parent.owner_key, to_id=parent.id, to_key=parent.owner_key,
        sees=["plan", "letters"], given_on=dates.today(), how="form",
    )  # fmt: skip
    for whoever in (omar(), rita()):
        with as_resident(averoy, whoever), pytest.raises(Error), transaction.atomic():
            forged.save(force_insert=True)


def test_the_rule_is_the_same_in_python_and_in_sql(averoy, planned):
    today, day = dates.today(), timedelta(days=1)
    with use(averoy.id, "owner"):
        one = Consent.objects.get(scope="see-plan")
        key = bytes(one.to_key)
        for given_on, until, sees in (
            (today, None, ["plan"]), (today, today, ["plan"]), (today - day, today - day, ["plan"]),
            (today + day, None, ["plan"]), (today, None, []),
        ):  # fmt: skip
            one.given_on, one.valid_until, one.sees = given_on, until, sees
            one.save()
            for keys in ([key], [b"x" * 32]):
                found = Consent.objects.filter(rules.letting(keys, today)).exists()
                assert found == rules.lets_see(one, keys, today)


def test_the_pages_of_consents_ask_little(averoy, planned):
    client = browser_of(rita())
    with as_resident(averoy, rita()):
        given = Consent.objects.get()
    for address, most in ((f"consents/{given.id}/", 3), ("let-see/", 16)):
        client.get(f"/my/averoy/cases/{planned}/{address}")
        with statements() as told:
            assert client.get(f"/my/averoy/cases/{planned}/{address}").status_code == 200
        assert len(told) <= most, told


def test_ones_own_consents_and_letters_as_a_party_are_in_ones_export(averoy):
    case_id = sent_by_rita(averoy, asks=True)
    with desk(averoy):
        parent = add(averoy, case_id, "parent", NAMES[OMAR], OMAR, is_party=True)
        register(averoy, case_id, ["ask-gp"], by=parent.id)
    with as_resident(averoy, rita()):
        [case] = my_data.of_municipality(rita(), my_data.Apart())["cases"]
        assert [each["to"] for each in case["consents"]] == ["ask-gp"]
    with as_resident(averoy, omar()):
        told = my_data.of_municipality(omar(), my_data.Apart())
        assert [each["to"] for each in told["in_others_cases"][0]["consents"]] == ["ask-gp"]
        assert told["cases"] == []


def test_an_export_names_no_part_in_which_nothing_is_ones_own(averoy, planned):
    """That somebody named them, and when, is the other's: also where they were let see something, and after that."""

    def parts_of_omar():
        with as_resident(averoy, omar()):
            return my_data.of_municipality(omar(), my_data.Apart())["in_others_cases"]

    assert parts_of_omar() == []
    with desk(averoy):
        kin = Participant.objects.get(role="kin")
        participants.end(planned, kin.id, averoy.working("alice"), staff_key=staff_key(averoy, ALICE))
    assert parts_of_omar() == []
    with desk(averoy):
        assert not LogEntry.objects.filter(action="export").exists()


def test_taking_back_twice_is_refused(averoy):
    case_id = sent_by_rita(averoy, asks=True)
    with as_resident(averoy, rita()):
        given = Consent.objects.get()
        my_consents.withdraw(given.id, case_id=case_id)
        with pytest.raises(AlreadyWithdrawn):
            my_consents.withdraw(given.id, case_id=case_id)
