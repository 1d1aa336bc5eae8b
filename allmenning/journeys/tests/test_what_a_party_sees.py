"""Whom a case was sent for sees what is kept in it as one who applied themselves, and who sent it does not; by the database too."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from allmenning.basics import dates
from allmenning.commons.identity import queries as identity
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys import casework, consents, my_data, my_log, my_part, outbox, participants, sender
from allmenning.journeys.testing import ALICE, number, omar, rita
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_main_job import as_resident
from allmenning.journeys.tests.test_sending_for_another import BY_ANOTHER, SECRET, at_work, everything_told, keep
from allmenning.journeys.tests.test_transferring import AREAS, CARE, CONCERN, SCHOOL, both, move, sent
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.actions import Named
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.cases.models import Case, Consent, Participant, Record
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Level
from allmenning.municipal.post.models import Outbox
from allmenning.tenancy import use
from allmenning.tenancy.context import Behalf

__all__ = ["both"]

GUNN = replace(rita(), number=number(77), name="Gunn Grav")


@pytest.fixture
def here(both):
    return both[0]


def sent_for_omar(place, by="hospital"):
    service, example, more = BY_ANOTHER[by]
    case_id = sent(place, service, example, rita(), **more)
    keep(place, service, case_id)
    if service == SCHOOL:
        with use(place.id, AREAS[service]):
            child = Participant.objects.get(role="child")
            participants.change(case_id, child.id, True, at_work(place, service), staff_key=key_of_alice(place))
    outbox.drain(place.id, AREAS[service])
    return case_id


def key_of_alice(place):
    return casework.staff_resident_key(place.id, ALICE)


def added(place, case_id, resident, role="representative", *, is_party=True, **more):
    with use(place.id, "care"):
        named = Named(role, resident.name, resident.number, is_party, **more)
        row = participants.add(case_id, named, at_work(place, CARE), staff_key=key_of_alice(place))
    outbox.drain(place.id, "care")
    return row


def part_of(place, resident):
    with as_resident(place, resident):
        return Participant.objects.get()


def page_of(place, resident, part=None):
    return browser_of(resident).get(f"/my/{place.id}/letters/{(part or part_of(place, resident)).id}/")


def seen(place, resident):
    """What the database shows a resident: how many records."""
    with as_resident(place, resident):
        return Record.objects.count()


@pytest.mark.parametrize("by", ["hospital", "gp", "school"])
def test_a_party_sees_what_is_kept_and_who_sent_it_does_not(here, by):
    case_id = sent_for_omar(here, by)
    assert here.id in identity.municipalities_of(omar().person_key)
    part = part_of(here, omar())
    assert f"/my/averoy/letters/{part.id}/" in browser_of(omar()).get("/my/").text
    page = page_of(here, omar(), part)
    assert (page.status_code, SECRET in page.text, seen(here, omar())) == (200, True, 1)
    view, told = everything_told(here, case_id)
    assert (view.shelves, SECRET in told, seen(here, rita())) == ([], False, 0)


def test_each_reading_is_a_row_that_names_what_was_shown_and_tells_nobody_else(here):
    case_id = sent_for_omar(here)
    page_of(here, omar())
    with use(here.id, "care"):
        row = LogEntry.objects.get(relation="party", action="read")
        assert (row.case_id, row.purpose, row.field_kinds) == (case_id, "own-case", ["records"])
        assert row.shown_ids == [Record.objects.get().id]
    with as_resident(here, rita()):
        assert not LogEntry.objects.filter(relation="party").exists()


def test_their_export_has_every_version_and_the_senders_none(here):
    sent_for_omar(here)
    for resident, has in ((omar(), True), (rita(), False)):
        with as_resident(here, resident):
            data = my_data.of_municipality(resident, SimpleNamespace(put=lambda *_: None))
        data["cases"] = [{**each, "answers": None} for each in data["cases"]]
        assert (SECRET in json.dumps(data, default=str, ensure_ascii=False)) is has
    with use(here.id, "care"):
        assert LogEntry.objects.filter(relation="party", action="export").count() == 1


def test_who_is_no_party_and_who_is_none_any_more_see_nothing(here):
    case_id = sent_for_omar(here)
    kin = added(here, case_id, GUNN, "next-of-kin", is_party=False)
    assert (SECRET in page_of(here, GUNN, kin).text, seen(here, GUNN)) == (False, 0)
    part = part_of(here, omar())
    with use(here.id, "care"):
        participants.end(case_id, part.id, at_work(here, CARE), staff_key=key_of_alice(here))
    assert (SECRET in page_of(here, omar(), part).text, seen(here, omar())) == (False, 0)
    assert str(part.id) not in browser_of(omar()).get("/my/").text
    with as_resident(here, omar()):
        assert my_part.for_export(part_of(here, omar())).kept == []


def test_one_who_is_not_a_party_yet_sees_nothing(here):
    sent_for_omar(here)
    part = part_of(here, omar())
    with use(here.id, "owner"):
        Participant.objects.filter(id=part.id).update(starts=dates.add_weeks(dates.today(), 1))
    assert (SECRET in page_of(here, omar(), part).text, seen(here, omar())) == (False, 0)


def test_nobody_out_of_the_case_finds_the_page_and_nobody_acts_for_a_party(here):
    sent_for_omar(here)
    part = part_of(here, omar())
    assert (page_of(here, GUNN, part).status_code, seen(here, GUNN)) == (404, 0)
    with use(here.id, "resident", keys=omar().keys(here.id), behalf=Behalf(part.id, "power", ("care",))):
        assert not Record.objects.exists()
        with pytest.raises(CaseNotFound):
            my_part.open_part(part.id)


def test_who_sent_it_and_is_confirmed_as_representative_sees_it_as_that(here):
    case_id = sent_for_omar(here)
    part = added(here, case_id, rita())
    assert (SECRET in page_of(here, rita(), part).text, seen(here, rita())) == (True, 1)
    assert SECRET not in browser_of(rita()).get(f"/my/averoy/cases/{case_id}/").text
    with as_resident(here, rita()):
        data = my_data.of_municipality(rita(), SimpleNamespace(put=lambda *_: None))
    assert SECRET in json.dumps(data["in_others_cases"], default=str, ensure_ascii=False)
    assert data["cases"][0]["kept"] == []


def test_while_another_address_in_the_case_is_protected_a_party_sees_nothing_of_it(here):
    case_id = sent_for_omar(here)
    part = added(here, case_id, GUNN)
    assert SECRET in page_of(here, GUNN, part).text
    with use(here.id, "care"):
        protection.raise_by_register(omar().keys(here.id)[0], Level.STRICT, because="self")
    page = page_of(here, GUNN, part)
    assert (SECRET in page.text, "kan vises her nå" in page.text) == (False, True)
    with as_resident(here, GUNN):
        assert my_part.for_export(part_of(here, GUNN)).kept == []
    assert SECRET in page_of(here, omar()).text  # their own home


def let_gunn_see(place, case_id, *, by):
    kin = added(place, case_id, GUNN, "next-of-kin", is_party=False)
    heard = consents.Heard(["see-decision"], dates.today(), "oral", by=by, to=kin.id, heard_by="Alice Alm")
    with use(place.id, "care"):
        consents.register(case_id, heard, at_work(place, CARE), staff_key=key_of_alice(place))
    outbox.drain(place.id, "care")
    return kin


def test_whom_the_patient_lets_see_it_sees_it_and_the_patient_is_told_by_whom(here):
    case_id = sent_for_omar(here)
    kin = let_gunn_see(here, case_id, by=part_of(here, omar()).id)
    assert (SECRET in page_of(here, GUNN, kin).text, seen(here, GUNN)) == (True, 1)
    with as_resident(here, omar()):
        lines = my_log.of_municipality(omar().keys(here.id)).lines
        assert [each.by_name for each in lines if each.entry.purpose == "let-see"] == [GUNN.name]
    with use(here.id, "owner"):  # by who sent the case, and is no party, nobody sees it
        Consent.objects.update(party_key=None, participant_id=None)
    assert (SECRET in page_of(here, GUNN, kin).text, seen(here, GUNN)) == (False, 0)


@pytest.mark.parametrize("ended", [True, False])
def test_when_the_one_who_let_them_is_no_party_any_more_they_see_it_no_more(here, ended):
    case_id, part = sent_for_omar(here), part_of(here, omar())
    kin = let_gunn_see(here, case_id, by=part.id)
    with use(here.id, "care"):
        how = {"staff_key": key_of_alice(here)}
        if ended:
            participants.end(case_id, part.id, at_work(here, CARE), **how)
        else:
            participants.change(case_id, part.id, False, at_work(here, CARE), **how)
    assert (SECRET in page_of(here, GUNN, kin).text, seen(here, GUNN)) == (False, 0)


def test_of_a_report_of_concern_and_of_a_childs_own_case_nobody_is_shown_anything(here):
    case_id = sent(here, CONCERN, "a-dismissed-report-is-not-investigated", rita())
    with use(here.id, "child-welfare"):
        case = Case.objects.get(id=case_id)
    assert (sender.of(case).shows_all, sender.shows_parties(case)) == (False, False)
    case.opened_for = 0
    assert not sender.shows_parties(case)


def test_in_a_case_of_ones_own_other_parties_see_what_is_kept_as_little_as_ever(here):
    case_id = sent(here, CARE, "alarm-and-practical-help", rita())
    keep(here, CARE, case_id)
    part = added(here, case_id, GUNN)
    assert (SECRET in page_of(here, GUNN, part).text, seen(here, GUNN)) == (False, 0)
    assert SECRET in browser_of(rita()).get(f"/my/averoy/cases/{case_id}/").text
    with use(here.id, "care"):
        assert not Outbox.objects.filter(kind="parties-find").exists()


def test_where_it_goes_to_another_municipality_they_find_it_there(both):
    averoy, smola = both
    case_id = sent_for_omar(averoy, "gp")
    move(averoy, CARE, case_id, "Smøla", "moved")
    outbox.drain(smola.id, "care")
    assert smola.id in identity.municipalities_of(omar().person_key)
    assert smola.id not in identity.municipalities_of(rita().person_key)
    assert SECRET in page_of(smola, omar()).text


def test_what_is_kept_costs_few_statements_however_much_there_is(here):
    case_id = sent_for_omar(here)
    client, part = browser_of(omar()), part_of(here, omar())

    def counted():
        with statements() as made:
            assert client.get(f"/my/averoy/letters/{part.id}/").status_code == 200
        return len(made)

    counted()
    one = counted()
    for _each in range(3):
        with use(here.id, "care"):
            Case.objects.filter(id=case_id).update(assigned_to=None, assigned_name="", state="received")
        keep(here, CARE, case_id)
    assert counted() == one <= 10
