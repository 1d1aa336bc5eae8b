"""One whose address is protected: what the register says is noted, all that could tell it is hidden, a need opens it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.doors.desk.testing import at_desk, send, send_inquiry
from allmenning.doors.portal.testing import FEE as PORTAL_FEE
from allmenning.doors.portal.testing import PLACE, browser_of
from allmenning.journeys import applying, casework, hiding, outbox, protecting, reviewing
from allmenning.journeys.testing import BOB, NAMES, OMAR, RITA, number, rita
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import LogEntry, Position, Review
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.models import Case
from allmenning.municipal.people import protection
from allmenning.municipal.people import queries as people
from allmenning.municipal.people.ports import AddressProtection, Name, Person
from allmenning.municipal.people.protection import Level
from allmenning.municipal.people.queries import strictly_protected
from allmenning.municipal.post.models import Outbox
from allmenning.tenancy import use

KEY = b"nobody" * 5 + b"xx"
SUBJECT = "Bråk utenfor Fjordvegen 1"


def level_of(who=RITA):
    key = vault.resident_key("averoy", "person", who)
    return protection.levels_of_owners([key]).get(key, Level.NONE)


def is_said_of(registers, who=RITA, said=AddressProtection.CONFIDENTIAL, **facts):
    registers.people[who] = replace(registers.people[who], protection=said, **facts)


def sends(place, **answers):
    """What is not filled in for Rita she types herself."""
    return send_inquiry(place, name=NAMES[RITA], email="rita@example.test", **answers).case_id


@pytest.fixture
def protected(averoy, registers):
    """Rita, of whom the register says it, has sent an inquiry that tells where she lives."""
    is_said_of(registers)
    return sends(averoy, subject=SUBJECT, message="Jeg bor i Fjordvegen 1.")


def is_hidden_from_staff(place, case_id):
    """Whether the subject is on no page of the leader's and in no index."""
    desk, number = at_desk(place, BOB), case_of(place, case_id).number
    desk.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "case-handling"})
    found = desk.get(desk.post("/desk/find/", {"text": number})["Location"]).content.decode()
    pages = [found, *(desk.get(each).content.decode() for each in ("/desk/?view=unit", f"/desk/cases/{case_id}/"))]
    assert all(number in each for each in pages)
    return not any("Fjordvegen" in each for each in pages) and case_of(place, case_id).subject_words == []


def case_of(place, case_id):
    with use(place.id, "ordinary"):
        return Case.objects.get(id=case_id)


def opened(place, case_id, who="alice"):
    return casework.open_case(case_id, place.working(who), "case-handling", staff_key=KEY)


def test_nothing_that_leads_home_is_filled_in(averoy, registers):
    is_said_of(registers)
    keys = rita().keys("averoy")
    with use("averoy", "resident", keys=keys):
        draft = applying.begin(rita(), "reduced-kindergarten-fee", "nb", owner_key=keys[0])
        content = applying.open_draft(draft.id).content
    assert content.protected == "self"
    told = content.to_json()
    assert not any(each in told for each in ("Fjordvegen", "rita@example.test", "6530"))


def test_a_case_shows_nothing_until_a_need_is_stated_and_then_for_a_while(averoy, protected, monkeypatch):
    with use("averoy", "ordinary"):
        alice = averoy.working("alice")
        assert opened(averoy, protected).is_hidden
        assert "Fjordvegen" not in repr(vars(opened(averoy, protected)))
        with pytest.raises(protecting.NeedMissing):
            protecting.state_need(protected, "curious", alice, staff_key=KEY)
        protecting.state_need(protected, "visit", alice, staff_key=KEY)
        assert opened(averoy, protected).content.data["message"] == "Jeg bor i Fjordvegen 1."
        assert opened(averoy, protected, "bob").is_hidden  # another's need opens nothing
        later = dates.now() + hiding.HOLDS + timedelta(seconds=1)
        monkeypatch.setattr(dates, "now", lambda: later)
        assert opened(averoy, protected).is_hidden


def test_no_unit_is_told_by_who_has_looked_until_a_need_is_stated(averoy, protected):
    """Neither on the case's page nor among what leaders and archivists review."""
    with use("averoy", "ordinary"):
        bob = averoy.working("bob")
        opened(averoy, protected)
        assert {entry.unit_name for entry in opened(averoy, protected, "bob").looked} == {""}
        row = LogEntry.objects.filter(case_id=protected).exclude(unit_name="").first()
        facts = {"rules": [], "entries": [str(row.id)]}
        Review.objects.create(
            area="ordinary", kind="left-out", about="it", case_id=protected, unit_id=averoy.unit.id, facts=facts
        )
        [found] = reviewing.queue(bob, left_out=True)
        assert [(entry.id, entry.unit_name) for entry in found.entries] == [(row.id, "")]
        protecting.state_need(protected, "visit", bob, staff_key=KEY)
        assert averoy.unit.name in {entry.unit_name for entry in opened(averoy, protected, "bob").looked}


def test_each_opening_is_a_row_of_the_log(averoy, protected):
    with use("averoy", "ordinary"):
        protecting.state_need(protected, "visit", averoy.working("alice"), staff_key=KEY)
        opened(averoy, protected)
        told = LogEntry.objects.filter(field_kinds__contains=[hiding.ADDRESS]).order_by("at")
        assert [(row.action, row.purpose) for row in told] == [("open-protected", "visit"), ("read", "case-handling")]


def test_the_subject_is_shown_to_no_staff_and_no_search_finds_it(averoy, protected):
    assert is_hidden_from_staff(averoy, protected)
    with use("averoy", "ordinary"):
        assert not RegistryEntry.objects.filter(public_title__contains="Fjordvegen").exists()
        bob = averoy.working("bob")
        assert casework.list_cases(bob, casework.find_filters("Henvendelse", "ordinary")).rows == []
        [row] = casework.list_cases(bob, casework.find_filters(RITA, "ordinary")).rows
        assert row.level is Level.CONFIDENTIAL


def test_a_register_that_was_down_is_asked_by_a_worker(averoy, registers):
    is_said_of(registers)
    registers.down.add("folkeregister")
    case_id = sends(averoy, subject=SUBJECT)
    registers.down.clear()
    outbox.drain("averoy", "ordinary")
    with use("averoy", "ordinary"):
        assert level_of() is Level.CONFIDENTIAL
        assert is_hidden_from_staff(averoy, case_id)
        assert not RegistryEntry.objects.filter(public_title__contains="Fjordvegen").exists()


def test_a_strict_one_is_for_who_has_the_case_and_its_leader(averoy, registers):
    is_said_of(registers, said=AddressProtection.STRICTLY_CONFIDENTIAL)
    case_id = sends(averoy)
    with use("averoy", "ordinary"):
        with pytest.raises(NotYours):
            protecting.state_need(case_id, "visit", averoy.working("alice"), staff_key=KEY)
        protecting.state_need(case_id, "visit", averoy.working("bob"), staff_key=KEY)
        assert not opened(averoy, case_id, "bob").is_hidden


def test_opening_a_strict_one_is_refused_at_once_whatever_lists_remember(averoy, registers):
    case_id = sends(averoy)
    with use("averoy", "ordinary"):
        assert not opened(averoy, case_id).is_hidden
        strictly_protected()  # remembered by this process: nobody
        key = vault.resident_key("averoy", "person", RITA)
        with pytest.MonkeyPatch.context() as elsewhere:  # set in another process, which can't tell this one
            elsewhere.setattr(people, "forget_protected", lambda: None)
            protection.set_by_hand(key, Level.STRICT, protection.Detail("threat"))
        with pytest.raises(NotYours):
            opened(averoy, case_id)


def test_an_archivist_states_no_need(averoy, protected):
    with use("averoy", "administration"):
        Position.objects.filter(staff=averoy.staff["alice"]).update(role="archivist")
    with use("averoy", "ordinary"), pytest.raises(NotYours):
        protecting.state_need(protected, "visit", averoy.working("alice"), staff_key=KEY)


def test_a_caseworker_raises_and_a_leader_alone_lowers(averoy, registers):
    case_id = sends(averoy, subject=SUBJECT)
    with use("averoy", "ordinary"):
        alice, bob = averoy.working("alice"), averoy.working("bob")
        protecting.set_level(case_id, "fortrolig", "threat", "", alice, staff_key=KEY)
        assert opened(averoy, case_id).is_hidden
        assert is_hidden_from_staff(averoy, case_id)
        with pytest.raises(protecting.OnlyLeadersLower):
            protecting.set_level(case_id, "", "over", "", alice, staff_key=KEY)
        for level, because in (("code 6", "threat"), ("fortrolig", "mood")):
            with pytest.raises(protecting.ReasonMissing):
                protecting.set_level(case_id, level, because, "", bob, staff_key=KEY)
        assert protecting.note_register(RITA) is Level.CONFIDENTIAL  # the register says nothing of her
        protecting.set_level(case_id, "", "over", "", bob, staff_key=KEY)
        assert not opened(averoy, case_id).is_hidden
        done = LogEntry.objects.filter(action__endswith="-protection").order_by("at").values_list("action", flat=True)
        assert list(done) == ["set-protection", "lower-protection"]


@pytest.mark.parametrize("source", ["register", "hand"])
def test_a_strict_protection_that_comes_between_a_look_and_a_row_is_not_lowered(averoy, source, monkeypatch):
    """A register, or a hand in another case: it is committed after a caseworker has looked, and before they write."""
    case_id, key, set_by_hand = sends(averoy), vault.resident_key("averoy", "person", RITA), protection.set_by_hand

    def comes_between(*args, **more):
        protection._say(key, source, Level.STRICT, protection.Detail("self"))
        set_by_hand(*args, **more)

    monkeypatch.setattr(protection, "set_by_hand", comes_between)
    with use("averoy", "ordinary"):
        protecting.set_level(case_id, "fortrolig", "threat", "", averoy.working("alice"), staff_key=KEY)
        assert level_of() is Level.STRICT


CHILD = number(700, date(2020, 5, 17))


def has_a_child(registers, **facts):
    child = Person(CHILD, dates.now(), name=Name("Lun", "Rogn"), birth_date=date(2020, 5, 17), parents=(RITA,), **facts)
    registers.people[CHILD] = child
    registers.people[RITA] = replace(registers.people[RITA], children=(CHILD,))


def test_who_lives_with_a_protected_child_is_protected_and_not_told_that_it_is_by_the_child(averoy, registers):
    has_a_child(registers, protection=AddressProtection.STRICTLY_CONFIDENTIAL)
    keys = rita().keys("averoy")
    with use("averoy", "resident", keys=keys):
        draft = applying.begin(rita(), "reduced-kindergarten-fee", "nb", owner_key=keys[0])
        content = applying.open_draft(draft.id).content
    assert content.protected == "household"
    assert "Lun" not in content.to_json()
    with use("averoy", "ordinary"):
        assert level_of() is Level.STRICT


FEE = {
    **PORTAL_FEE,
    "household_kind": "cohabitant",
    "cohabitant_basis": "common-child",
    "partner_name": NAMES[OMAR],
    "partner_income_ore": 0,
    "children": [{"name": "Lun", "birth_date": "2022-05-17", **PLACE}],
}


def test_who_says_that_they_live_with_somebody_protected_is_protected(averoy, registers):
    """The population register knows no cohabitants: the applicant's own word counts."""
    is_said_of(registers, OMAR)
    case_id = send(averoy, "reduced-kindergarten-fee", {**FEE, "partner_number": OMAR}).case_id
    outbox.drain("averoy", "ordinary")
    with use("averoy", "ordinary"):
        assert opened(averoy, case_id).is_hidden
        assert level_of() is Level.CONFIDENTIAL


def test_who_names_somebody_that_is_not_protected_is_not(averoy, registers):
    case_id = send(averoy, "reduced-kindergarten-fee", {**FEE, "partner_number": OMAR}).case_id
    outbox.drain("averoy", "ordinary")
    with use("averoy", "ordinary"):
        assert not opened(averoy, case_id).is_hidden


def test_a_household_is_asked_about_too_where_nothing_was_filled_in(averoy, registers):
    has_a_child(registers, protection=AddressProtection.STRICTLY_CONFIDENTIAL)
    registers.down.add("folkeregister")
    case_id = sends(averoy, subject=SUBJECT)
    registers.down.clear()
    outbox.drain("averoy", "ordinary")
    assert is_hidden_from_staff(averoy, case_id)
    with use("averoy", "ordinary"):
        assert level_of() is Level.STRICT


def test_a_hand_protects_whoever_lives_there(averoy, registers):
    registers.people[RITA] = replace(registers.people[RITA], spouse=OMAR)
    of_omar = send_inquiry(averoy, OMAR, name=NAMES[OMAR], email="omar@example.test", subject=SUBJECT).case_id
    case_id = sends(averoy)
    with use("averoy", "ordinary"):
        protecting.set_level(case_id, "fortrolig", "threat", "", averoy.working("alice"), staff_key=KEY)
    outbox.drain("averoy", "ordinary")
    assert is_hidden_from_staff(averoy, of_omar)
    with use("averoy", "ordinary"):
        assert level_of(OMAR) is Level.CONFIDENTIAL


def test_it_does_not_spread_from_home_to_home(averoy, registers):
    """The other parent of a protected child is protected with it, and their new spouse is not."""
    has_a_child(registers, protection=AddressProtection.CONFIDENTIAL)
    registers.people[RITA] = replace(registers.people[RITA], spouse=OMAR)
    registers.down.add("folkeregister")
    sends(averoy)
    registers.down.clear()
    outbox.drain("averoy", "ordinary")
    with use("averoy", "ordinary"):
        assert level_of() is Level.CONFIDENTIAL
        assert level_of(OMAR) is Level.NONE


def lives_with_omar(place, registers):
    is_said_of(registers, OMAR)
    registers.people[RITA] = replace(registers.people[RITA], spouse=OMAR)
    protects_by_worker(place, registers)


def names_omar(place, registers):
    is_said_of(registers, OMAR)
    send(place, "reduced-kindergarten-fee", {**FEE, "partner_number": OMAR})
    outbox.drain("averoy", "ordinary")


def has_it_herself(place, registers):
    is_said_of(registers)
    protects_by_worker(place, registers)


def protects_by_worker(place, registers):
    registers.down.add("folkeregister")
    sends(place)
    registers.down.clear()
    outbox.drain("averoy", "ordinary")


@pytest.mark.parametrize("became_protected", [lives_with_omar, names_omar, has_it_herself])
def test_what_a_resident_wrote_stays_on_their_own_pages_and_staff_do_not_see_it(averoy, registers, became_protected):
    """A subject that vanished would tell that somebody whom they live with, or have only named, is protected."""
    case_id = sends(averoy, subject=SUBJECT)
    before = what_rita_sees_of(case_id)
    assert not is_hidden_from_staff(averoy, case_id)
    became_protected(averoy, registers)
    with use("averoy", "ordinary"):
        assert level_of() is Level.CONFIDENTIAL
    assert is_hidden_from_staff(averoy, case_id)
    assert what_rita_sees_of(case_id) == before


def test_of_a_household_a_new_subject_stays_too(averoy, registers):
    has_a_child(registers, protection=AddressProtection.STRICTLY_CONFIDENTIAL)
    case_id = sends(averoy, subject=SUBJECT)
    assert what_rita_sees_of(case_id) == [True, True]
    assert is_hidden_from_staff(averoy, case_id)


def what_rita_sees_of(case_id):
    browser = browser_of(rita())
    return [SUBJECT in browser.get(each).content.decode() for each in ("/my/", f"/my/averoy/cases/{case_id}/")]


def test_a_register_that_is_down_is_asked_again(averoy, registers):
    is_said_of(registers)
    registers.down.add("folkeregister")
    case_id = sends(averoy, subject=SUBJECT)
    outbox.drain("averoy", "ordinary")
    assert not is_hidden_from_staff(averoy, case_id)
    with use("averoy", "ordinary"):
        assert Outbox.objects.filter(kind="protect", done_at=None).count() == 1


def test_no_failure_here_tells_anything(averoy, registers):
    failures = (hiding.NeedNotStated, protecting.NeedMissing, protecting.OnlyLeadersLower)
    assert all(issubclass(each, AllmenningError) and "{" not in (each.__doc__ or "") for each in failures)
