"""Parties besides who sent a case: named by the answers and by staff, each with their own letter, mailbox and appeal."""

import json
import re
from datetime import timedelta

import pytest

from allmenning.basics import dates
from allmenning.basics.plain_yaml import read_yaml
from allmenning.commons.catalogue import package as packages
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys import casework, giving_access, hiding, my_page, outbox, participants, rotating
from allmenning.journeys.testing import ALICE, BOB, NAMES, OMAR, RITA, SERVICES, number, omar, rita
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry, staff_key
from allmenning.journeys.tests.test_results import ANSWER, offer, titled
from allmenning.journeys.tests.test_rotating import town  # noqa: F401 (a fixture)
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.actions import Named
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.cases.models import Appeal, Case, Decision, Event, Participant
from allmenning.municipal.documents.models import Document
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Detail, Level
from allmenning.municipal.post.models import Delivery, Message

PARTIES = [
    {
        "id": "child",
        "title": titled("Barnet"),
        "from": {"each": "children", "name": "child_name", "number": "child_number"},
        "is_party": "item.child_name != 'Lille'",
    },
    {"id": "guardian", "title": titled("Den som har foreldreansvaret")},
]
FIELDS = {
    "child_name": {"type": "string", "title": "Name", "x-title": titled("Navn")},
    "child_number": {
        "type": "string",
        "title": "No",
        "format": "national-identity-number",
        "x-title": titled("Nummer"),
    },
}
LETTER = (
    "# Vedtak\n\nTil {{ party.name }}\n\n{{ decision.reasons }}\n\n{{ decision.legal_basis }}\n\n{{ value.answer }}\n\n"
    "Klag innen {{ appeal.deadline }} til {{ appeal.body }}.\n"
)
APPEAL = {"allowed": True, "weeks": 3, "to": titled("kommunen"), "body": titled("klagenemnda"), "legal_basis": ["x"]}


def with_parties(to=("applicant", "child"), parties=PARTIES, closes=True):
    files = dict(packages.read_folder(SERVICES / "inquiry"))
    routine = {**read_yaml(files["routine.yaml"]), "parties": parties}
    answered = next(each for each in routine["outcomes"] if each["id"] == "answered")
    service = {**read_yaml(files["service.yaml"]), "version": "9.0.0"}
    basis = service["legal_basis"][0]["id"]
    decided = {"kind": "individual-decision", "closes": closes, "legal_basis": [basis]}
    answered.update(decided, to=list(to), appeal={**APPEAL, "legal_basis": [basis]})
    schema = json.loads(files["form.schema.json"])
    rows = {"type": "object", "properties": FIELDS, "additionalProperties": False}
    schema["properties"]["children"] = {"type": "array", "title": "Children", "x-title": titled("Barn"), "items": rows}
    layout = json.loads(files["form.ui.json"])
    layout["elements"][0]["elements"].append({"type": "Control", "scope": "#/properties/children"})
    made = {"form.schema.json": schema, "form.ui.json": layout, "routine.yaml": routine, "service.yaml": service}
    letters = {f"letters/answered{part}.{lang}.md": LETTER for lang in ("nb", "nn", "en") for part in ("", ".child")}
    return {**files, **letters, **{name: json.dumps(content) for name, content in made.items()}}


def errors_of(files):
    return " ".join(str(each) for each in packages.check_files(files) if each.level == "error")


@pytest.fixture
def sent(averoy):
    """Rita has sent something about Omar, whom the answers name."""
    offer(averoy, with_parties())
    return send_inquiry(averoy, rita(), children=[{"child_name": NAMES[OMAR], "child_number": OMAR}]).case_id


def issued(averoy, case_id):
    with desk(averoy):
        key = staff_key(averoy, ALICE)
        casework.assign(
            case_id, averoy.working("alice"), to=averoy.staff["alice"].id, unit_id=None,
            revision=Case.objects.get().revision, staff_key=key,
        )  # fmt: skip
    from allmenning.journeys import deciding, decision_letters

    with desk(averoy):
        case = Case.objects.get()
        drafted = decision_letters.Drafted("answered", ["Fordi det er slik."], ANSWER)
        deciding.save_draft(case.id, drafted, averoy.working("alice"), revision=case.revision, staff_key=key)
        case.refresh_from_db()
        decision = deciding.issue(case.id, averoy.working("alice"), revision=case.revision, staff_key=key)
    outbox.drain(averoy.id, "ordinary")
    return decision


def add(averoy, case_id, who="alice", **about):
    with desk(averoy):
        named = Named(**{"role": "guardian", "name": "Gunn Grav", "number": "", "is_party": True, **about})
        return participants.add(case_id, named, averoy.working(who), staff_key=staff_key(averoy, ALICE))


def my_letters(averoy, resident):
    with as_resident(averoy, resident):
        return list(Message.objects.order_by("sent_at", "id")), list(Document.objects.filter(origin="letter"))


# --- what the folder says ---


@pytest.mark.parametrize(
    ("parties", "to", "said"),
    [
        ([{**PARTIES[0], "from": {"each": "kids", "name": "child_name"}}], ["child"], "no repeating group kids"),
        ([{**PARTIES[0], "from": {"each": "children", "name": "nick"}}], ["child"], "there is no field nick"),
        ([{**PARTIES[0], "is_party": "age > 15"}], ["child"], "age is read, but nothing gives it a value"),
        (PARTIES, ["uncle"], "there is no party uncle"),
        ([PARTIES[1], PARTIES[1]], ["guardian"], "the party guardian is there twice"),
    ],
)
def test_what_names_nothing_is_refused(parties, to, said):
    assert said in errors_of(with_parties(to, parties))


def test_a_letter_that_several_get_calls_none_by_the_applicants_name():
    files = with_parties(["applicant", "guardian"])
    files = {name: text for name, text in files.items() if ".child." not in name}
    files["letters/answered.nb.md"] = LETTER.replace("party.name", "applicant.name")
    assert "guardian get this letter too: write party.name" in errors_of(files)


def test_a_partys_letter_of_an_outcome_that_does_not_go_to_them_is_refused():
    assert "the outcome answered does not go to child" in errors_of(with_parties(["guardian"]))


# --- who they are ---


def test_whom_the_answers_name_is_a_participant_sealed_and_found_by_nobody_else(averoy, sent):
    with desk(averoy):
        case, row = Case.objects.get(), Participant.objects.get()
        assert (row.role, row.is_party, row.known_from) == ("child", True, "form")
        assert case.key.open_text("cases.Participant.name", bytes(row.name), row.id) == NAMES[OMAR]
        assert NAMES[OMAR].encode() not in bytes(row.name)
    with as_resident(averoy, rita()):  # who sent it sees whom they named in their own answers alone
        assert not Participant.objects.exists()
    with as_resident(averoy, omar()):
        assert Participant.objects.get().id == row.id
        assert not Case.objects.exists()


def test_the_folder_says_who_of_them_is_a_party_and_a_wrong_number_keeps_the_name(averoy):
    offer(averoy, with_parties())
    send_inquiry(averoy, rita(), children=[{"child_name": "Lille"}, {"child_name": "Store"}])
    with desk(averoy):
        assert list(Participant.objects.order_by("id").values_list("is_party", "owner_key")) == [
            (False, None),
            (True, None),
        ]


def test_a_caseworker_adds_changes_and_ends_and_each_is_logged(averoy, sent):
    client = at_desk(averoy, ALICE)
    address = f"/desk/cases/{sent}/people/"
    added = {"role": "guardian", "name": "Gunn Grav", "number": number(77), "authority": "parental-responsibility"}
    assert client.post(address, added).status_code == 302
    with desk(averoy):
        row = Participant.objects.get(role="guardian")
        assert (row.is_party, row.authority, row.staff_name) == (False, "parental-responsibility", "Alice Alm")
    client.post(f"{address}{row.id}/", {"party": "yes"})
    page = client.get(f"/desk/cases/{sent}/").text
    assert "Gunn Grav" in page
    assert "Foreldreansvar" in page
    client.post(f"{address}{row.id}/", {"end": "yes"})
    with desk(averoy):
        row.refresh_from_db()
        assert (row.is_party, row.ends) == (True, dates.today() - timedelta(days=1))
        told = LogEntry.objects.filter(object_id=row.id).order_by("at").values_list("action", flat=True)
        assert list(told) == ["participant-added", "participant-changed", "participant-ended"]
        assert not Event.objects.filter(kind__startswith="participant", visible_to_resident=True).exists()


@pytest.mark.parametrize(
    ("typed", "field"), [({"name": ""}, "name"), ({"role": "uncle"}, "role"), ({"number": "12345678901"}, "number")]
)
def test_what_can_not_be_added_is_said_beside_its_field(averoy, sent, typed, field):
    added = {"role": "guardian", "name": "Gunn Grav", "number": "", **typed}
    response = at_desk(averoy, ALICE).post(f"/desk/cases/{sent}/people/", added)
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text


def test_whoever_is_added_is_near_to_those_who_are_near_to_them(averoy, sent):
    add(averoy, sent, name=NAMES[BOB], number=BOB)
    key = staff_key(averoy, BOB)
    with desk(averoy), pytest.raises(NotYours):
        casework.open_case(sent, averoy.working("bob"), "case-handling", staff_key=key)


def test_a_protected_address_of_one_of_them_hides_the_case(averoy, sent):
    with desk(averoy):
        row, case = Participant.objects.get(), Case.objects.get()
        assert hiding.level_in(case) is Level.NONE
        protection.set_by_hand(bytes(row.owner_key), Level.CONFIDENTIAL, Detail("threat"))
        assert hiding.level_in(case) is Level.CONFIDENTIAL
    text = at_desk(averoy, ALICE).get(f"/desk/cases/{sent}/").text
    assert text.count(NAMES[OMAR]) == 0


# --- their letters ---


def test_what_is_written_to_one_without_a_number_is_read_by_nobody_else(averoy):
    offer(averoy, with_parties())
    case_id = send_inquiry(averoy, rita(), children=[{"child_name": "Store"}]).case_id
    issued(averoy, case_id)
    messages, documents = my_letters(averoy, rita())
    assert [each.participant_id for each in messages] == [None]
    assert len(documents) == 1
    with desk(averoy):
        assert Message.objects.filter(case_id=case_id, direction="out").count() == 2


def test_each_gets_their_own_letter_and_reads_no_others(averoy, sent):
    issued(averoy, sent)
    for resident in (rita(), omar()):
        [letter], documents = my_letters(averoy, resident)
        assert [each.id for each in documents] == [letter.document_id]
    with desk(averoy):
        assert Message.objects.count() == 2
        assert set(Delivery.objects.values_list("channel", "state")) >= {("portal", "delivered")}
        case = Case.objects.get()
        told = RegistryEntry.objects.filter(kind=RegistryEntry.Kind.OUTGOING).values_list("id", "correspondent")
        names = {case.key.open_text("archive.RegistryEntry.correspondent", bytes(sealed), id) for id, sealed in told}
        assert names == {NAMES[RITA], NAMES[OMAR]}


def test_a_party_finds_the_letter_on_my_page_and_nothing_else_of_the_case(averoy, sent):
    issued(averoy, sent)
    client = browser_of(omar())
    page = client.get("/my/mailbox/").text
    assert "Til deg som part" in page
    address = page.partition('href="/my/averoy/letters/')[2].partition('"')[0]
    letters = client.get(f"/my/averoy/letters/{address}")
    assert letters.status_code == 200
    assert "Hull i veien" not in letters.text
    assert client.get(f"/my/averoy/cases/{sent}/").status_code == 404
    assert browser_of(rita()).get(f"/my/averoy/letters/{address}").status_code == 404
    link = re.search(rf"/my/averoy/letters/{address}[0-9a-f-]{{36}}/", letters.text)[0]
    assert client.get(link).content.startswith(b"%PDF")


def test_a_partys_reading_is_logged_and_nobody_else_is_told_of_it(averoy, sent):
    issued(averoy, sent)
    with as_resident(averoy, omar()):
        [letter] = my_page.my_page(omar()).letters
    browser_of(omar()).get(f"/my/averoy/letters/{letter.participant_id}/")
    with desk(averoy):
        assert LogEntry.objects.filter(relation="party", case_id=sent).count() == 2  # a list, and the letters
        assert Message.objects.get(party_key__isnull=False).read_at
    with as_resident(averoy, rita()):
        assert not LogEntry.objects.filter(relation="party").exists()


def test_what_is_written_to_a_party_is_read_in_few_statements(averoy, sent):
    issued(averoy, sent)
    with as_resident(averoy, omar()):
        [letter] = my_page.my_page(omar()).letters
    client = browser_of(omar())
    client.get(f"/my/averoy/letters/{letter.participant_id}/")
    with statements() as told:
        client.get(f"/my/averoy/letters/{letter.participant_id}/")
    assert len(told) <= 7, told  # one of them: what is kept for parties


def test_a_party_appeals_on_their_own(averoy, sent):
    decision = issued(averoy, sent)
    with as_resident(averoy, omar()):
        [letter] = my_page.my_page(omar()).letters
    client, address = browser_of(omar()), f"/my/averoy/letters/{letter.participant_id}/"
    assert client.post(f"{address}appeal/", {"text": " "}).status_code == 422
    assert client.post(f"{address}appeal/", {"text": "Jeg er uenig."}).status_code == 302
    outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        appeal, case = Appeal.objects.get(), Case.objects.get()
        assert (appeal.decision_id, appeal.late) == (decision.id, False)
        assert appeal.participant_id == letter.participant_id
        assert case.state == "appealed"
    assert "Jeg er uenig." in at_desk(averoy, ALICE).get(f"/desk/cases/{sent}/").text
    assert client.post(f"{address}appeal/", {"text": "Igjen."}).status_code == 422
    with as_resident(averoy, rita()):
        assert not Message.objects.filter(kind="appeal").exists()


def test_an_appeal_after_the_last_day_is_late(averoy, sent):
    issued(averoy, sent)
    with dates.clock.frozen(dates.today() + timedelta(days=60)):
        with as_resident(averoy, omar()):
            [letter] = my_page.my_page(omar()).letters
        browser_of(omar()).post(f"/my/averoy/letters/{letter.participant_id}/appeal/", {"text": "Uenig."})
        outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        assert Appeal.objects.get().late


def test_a_letter_that_is_not_for_who_sent_the_case_is_read_by_the_party_alone(averoy):
    offer(averoy, with_parties(["child"]))
    sent = send_inquiry(averoy, rita(), children=[{"child_name": NAMES[OMAR], "child_number": OMAR}]).case_id
    issued(averoy, sent)
    assert my_letters(averoy, rita())[0] == []
    assert len(my_letters(averoy, omar())[0]) == 1
    with as_resident(averoy, rita()):
        assert not Decision.objects.exists()


def test_where_nobody_whom_it_names_is_a_party_it_goes_to_who_sent_the_case(averoy):
    offer(averoy, with_parties(["child"]))
    issued(averoy, send_inquiry(averoy, rita()).case_id)
    assert len(my_letters(averoy, rita())[0]) == 1


def test_one_without_a_number_gets_it_on_paper_with_their_name(averoy):
    offer(averoy, with_parties(["child"]))
    sent = send_inquiry(averoy, rita(), children=[{"child_name": "Store"}]).case_id
    issued(averoy, sent)
    with desk(averoy):
        assert Delivery.objects.get(channel="print").reason == "no-login"
    page = at_desk(averoy, ALICE).get("/desk/print/").text
    assert "Store" in page


def test_who_is_ended_gets_no_letter(averoy, sent):
    with desk(averoy):
        row = Participant.objects.get()
        participants.end(sent, row.id, averoy.working("alice"), staff_key=staff_key(averoy, ALICE))
    issued(averoy, sent)
    assert my_letters(averoy, omar())[0] == []


@pytest.mark.parametrize(("first", "last", "gets"), [(-9, 0, True), (-9, -1, False), (1, 9, False), (0, 9, True)])
def test_an_authority_holds_from_its_first_day_through_its_last(averoy, first, last, gets):
    offer(averoy, with_parties(["guardian"]))
    sent = send_inquiry(averoy, rita()).case_id
    days = {"starts": dates.today() + timedelta(first), "ends": dates.today() + timedelta(last)}
    add(averoy, sent, number=OMAR, **days)
    issued(averoy, sent)
    assert len(my_letters(averoy, omar())[0]) == gets


def test_the_days_of_an_authority_are_written_by_hand_and_wrong_ones_are_said(averoy, sent):
    client, address = at_desk(averoy, ALICE), f"/desk/cases/{sent}/people/"
    typed = {"role": "guardian", "name": "Gunn Grav", "from_day": "2026-12-24", "until_day": "2026-12-01"}
    wrong = client.post(address, typed)
    assert wrong.status_code == 422
    assert 'id="until_day-error"' in wrong.text
    assert 'id="from_day-error"' in client.post(address, {**typed, "from_day": "jul"}).text
    until = dates.today() + timedelta(40)
    assert client.post(address, {**typed, "from_day": "", "until_day": until.isoformat()}).status_code == 302
    with desk(averoy):
        row = Participant.objects.get(role="guardian")
        assert (row.starts, row.ends) == (dates.today(), until)
        assert row.holds_on(until)
        assert not row.holds_on(until + timedelta(1))
    assert dates.format_date(until, "nb") in client.get(f"/desk/cases/{sent}/").text


def test_nobody_adds_a_letter_or_a_row_of_the_log_to_a_case_that_is_not_theirs(averoy, sent):
    from django.db import ProgrammingError, transaction

    stranger = omar()
    other = send_inquiry(averoy, rita()).case_id
    with as_resident(averoy, stranger):
        row = Participant.objects.get()
        for model, about in (
            (LogEntry, {"actor_kind": "resident", "action": "read", "purpose": "own-case", "object_kind": "case"}),
            (Message, {"kind": "appeal", "direction": "in", "title": b"x", "body": b"x", "sent_at": dates.now(),
                       "party_key": bytes(row.owner_key)}),
        ):  # fmt: skip
            with pytest.raises(ProgrammingError), transaction.atomic():
                model(area="ordinary", case_id=other, **about).save(force_insert=True)


# --- access, keys, erasing ---


def test_another_party_is_proposed_as_left_out_of_access(averoy, sent):
    with desk(averoy):
        key = staff_key(averoy, ALICE)
        view = casework.open_case(sent, averoy.working("alice"), "case-handling", staff_key=key)
        parts = {each.text: each.proposed for each in giving_access.CaseForParty(view).parts}
    assert parts[NAMES[OMAR]] == "others-private"


def test_a_new_key_opens_the_letters_of_a_party_too(town):  # noqa: F811
    offer(town, with_parties())
    issued(town, send_inquiry(town, rita(), children=[{"child_name": NAMES[OMAR], "child_number": OMAR}]).case_id)
    with desk(town):
        before = bytes(Participant.objects.get().wrapped_key)
    rotating.rotate(town.id, "ordinary")
    with as_resident(town, omar()):
        assert bytes(Participant.objects.get().wrapped_key) != before
        assert my_page.my_page(omar()).letters[0].message.title


def test_a_case_that_is_ended_for_a_party_is_not_found_by_a_guess(averoy, sent):
    from allmenning.basics.identifiers import uuid7
    from allmenning.journeys import my_part

    with as_resident(averoy, omar()), pytest.raises(CaseNotFound):
        my_part.open_part(uuid7())
