"""Broken glass and disqualification at the desk: who may, who is told, and what the leader looks into afterwards."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError

from allmenning.basics import dates
from allmenning.doors.desk.testing import HOUSING, at_desk, hire, send, send_inquiry
from allmenning.journeys import disqualifying, outbox, sweeping
from allmenning.journeys.testing import ALICE, BOB, NAMES, OMAR, RITA, number
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_protecting import FEE
from allmenning.municipal.access.models import BreakGlass, LogEntry, NearOne, Review
from allmenning.municipal.access.queries import home_key
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.models import Document
from allmenning.municipal.people import ports
from allmenning.municipal.post.models import Message, Outbox
from allmenning.tenancy import AREAS, use

DORA = number(110)
REASON = "Rita ringer og sier at hun er redd for livet sitt."


@pytest.fixture
def receipt(averoy):
    hire(averoy, DORA, "caseworker", unit="Byggesak")
    return send_inquiry(averoy)


def address(receipt, *rest):
    return "/".join(["/desk/cases", str(receipt.case_id), *rest, ""])


def held(place, model, **about):
    with use(place.id, "ordinary"):
        return list(model.objects.filter(**about).order_by("id"))


def number_of(place, receipt):
    [case] = held(place, Case, id=receipt.case_id)
    return case.number


def test_a_case_is_opened_in_an_emergency_and_everybody_is_told(averoy, receipt):
    dora = at_desk(averoy, DORA)
    assert dora.get(address(receipt)).status_code == 403
    said = dora.post("/desk/break-glass/", {"number": number_of(averoy, receipt), "reason": REASON, "minutes": "30"})
    assert said["Location"] == address(receipt)
    assert "Hull i veien" in dora.get(address(receipt)).text
    broke, read = held(averoy, LogEntry, purpose="break-glass")
    assert [(row.staff_name, row.action, row.relation) for row in (broke, read)] == [
        ("Dora Dill", "break-glass", "break-glass"),
        ("Dora Dill", "read", "break-glass"),
    ]
    assert {row.legal_basis for row in (broke, read)} == {"personvernforordningen art. 6 nr. 1 d"}
    [told] = held(averoy, Message, kind="emergency")
    assert held(averoy, Outbox, kind="deliver", object_id=told.id)
    [review] = held(averoy, Review)
    bob = at_desk(averoy, BOB)
    assert REASON in bob.get("/desk/reviews/").text
    assert REASON not in at_desk(averoy, DORA).get("/desk/reviews/").text
    closing, found = f"/desk/reviews/{review.id}/", {"conclusion": "fine", "comment": "Snakket med Dora; det hastet."}
    for lacking in (
        {},
        {"conclusion": "fine", "comment": "ok"},
        {**found, "conclusion": ""},
        {**found, "conclusion": "x"},
    ):
        assert bob.post(closing, lacking).status_code == 422
    assert REASON in bob.get("/desk/reviews/").text
    assert bob.post(closing, found)["Location"] == "/desk/reviews/"
    assert bob.post(closing, found).status_code == 422
    closed = bob.get("/desk/reviews/?state=closed").text
    assert "det hastet" in closed
    assert "Det var i orden" in closed
    assert [row.staff_name for row in held(averoy, LogEntry, action="review")] == ["Bob Bjørk"]


def test_broken_glass_is_for_reading_and_ends(averoy, receipt):
    dora = at_desk(averoy, DORA)
    dora.post(address(receipt, "break-glass"), {"reason": REASON, "minutes": "600"})
    [broken] = held(averoy, BreakGlass)
    assert broken.until - broken.at == timedelta(minutes=15)
    assert dora.post(address(receipt, "note"), {"note": "Jeg skriver her."}).status_code == 403
    assert number_of(averoy, receipt) not in dora.get("/desk/?view=unit").text
    with use(averoy.id, "owner"):
        BreakGlass.objects.update(at=dates.now() - timedelta(minutes=20), until=dates.now() - timedelta(minutes=5))
    assert dora.get(address(receipt)).status_code == 403


def test_no_login_breaks_the_glass_for_longer_than_an_hour(averoy, receipt):
    [case] = held(averoy, Case)
    now = dates.now()
    row = BreakGlass(area="ordinary", case_id=case.id, staff_id=case.id, staff_name="x", reason=b"x", at=now)
    row.until = now + timedelta(minutes=61)
    with use(averoy.id, "ordinary"), pytest.raises(IntegrityError, match="an_hour_at_most"):
        row.save(force_insert=True)


@pytest.mark.parametrize("reason", ["", "haster", "   "])
def test_without_a_reason_in_words_nothing_opens_and_nobody_is_told(averoy, receipt, reason):
    page = at_desk(averoy, DORA).post(address(receipt, "break-glass"), {"reason": reason, "minutes": "15"})
    assert page.status_code == 422
    assert not held(averoy, BreakGlass)
    assert not held(averoy, Review)
    assert not held(averoy, Message, kind="emergency")


def test_the_glass_between_areas_is_not_to_be_broken(averoy, receipt):
    hire(averoy, number(106), "leader", unit="Barnevernet", area="child-welfare", name="Frida Furu")
    frida = at_desk(averoy, number(106), "child-welfare")
    there = frida.post(address(receipt, "break-glass"), {"reason": REASON, "minutes": "15"})
    by_number = frida.post("/desk/break-glass/", {"number": number_of(averoy, receipt), "reason": REASON})
    assert (there.status_code, by_number.status_code) == (404, 422)
    with use(averoy.id, "child-welfare"):
        assert not BreakGlass.objects.exists()
        assert not LogEntry.objects.filter(action="break-glass").exists()


def family(registers, of, **about):
    registers.people[of] = replace(registers.people[of], **about)


def test_alice_is_refused_her_daughters_case_and_the_leader_is_told(averoy, registers, receipt):
    family(registers, ALICE, children=(RITA,))
    alice = at_desk(averoy, ALICE)
    assert alice.get(address(receipt)).status_code == 403
    assert number_of(averoy, receipt) not in alice.get("/desk/?view=unit").text
    assert alice.post(address(receipt, "break-glass"), {"reason": REASON}).status_code == 403
    assert [row.kind for row in held(averoy, Review)] == ["disqualified"]
    assert [row.facts for row in held(averoy, Review)] == [{"reason": "near-case"}]


@pytest.mark.parametrize(
    "act",
    ["note", "assign", "ask", "decide", "decide/issue", "kept", "protected", "access", "partial", "break-glass"],
)
def test_whatever_the_disqualified_try_is_refused_and_told_once(averoy, registers, receipt, act):
    family(registers, ALICE, children=(RITA,))
    alice, said = at_desk(averoy, ALICE), {"note": "x", "text": "x", "reason": REASON, "revision": 0}
    for _ in range(2):
        assert alice.post(address(receipt, *act.split("/")), said).status_code == 403
    [review] = held(averoy, Review)
    assert (review.kind, review.facts, review.case_id) == ("disqualified", {"reason": "near-case"}, receipt.case_id)
    assert not held(averoy, LogEntry, action="read", case_id=receipt.case_id, actor_kind="staff")


@pytest.mark.parametrize(("number_", "status"), [(RITA, 422), (ALICE, 422), (OMAR, 200)])
def test_nobody_registers_for_themselves_or_for_near_ones(averoy, registers, number_, status):
    family(registers, ALICE, children=(RITA,))
    asked = {"service": "inquiry", "channel": "phone", "kind": "person", "number": number_, "language": "nb"}
    page = at_desk(averoy, ALICE).post("/desk/register/", asked)
    assert page.status_code == status
    assert (NAMES[number_] in page.text) is (status == 200 or number_ == ALICE)  # Alice's own stands in the page's head
    assert len(held(averoy, LogEntry, purpose="register-on-behalf")) == (1 if status == 200 else 0)


def test_a_sister_and_a_grandchild_are_near_and_a_cousin_is_not(averoy, registers):
    mother, sister, cousin, child, grandchild = (number(serial) for serial in (108, 109, 112, 113, 114))
    now = dates.now()
    registers.people[mother] = ports.Person(mother, now, children=(ALICE, sister))
    registers.people[child] = ports.Person(child, now, children=(grandchild,))
    family(registers, ALICE, parents=(mother,), children=(child,))
    at_desk(averoy, ALICE).get("/desk/")
    keys = {row.near_key for row in held(averoy, NearOne, kind="person")}
    with use(averoy.id, "ordinary"):
        near = {
            who: disqualifying.person_key(who) in keys for who in (mother, sister, child, grandchild, cousin, ALICE)
        }
    assert near == {mother: True, sister: True, child: True, grandchild: True, cousin: False, ALICE: True}


def test_two_questions_are_asked_of_the_register_once_a_month(averoy, registers):
    family(registers, ALICE, parents=(BOB, RITA), spouse=OMAR)
    asked = []
    for name in ("person", "persons"):
        ask = getattr(registers, name)
        setattr(registers, name, lambda *a, ask=ask, name=name, **k: asked.append(name) or ask(*a, **k))
    alice = at_desk(averoy, ALICE)
    for _ in range(3):
        alice.get("/desk/")
    assert asked == ["person", "persons"]
    assert len(held(averoy, LogEntry, action="look-up")) == 1


def test_a_register_that_is_away_stops_nobody_and_what_was_read_meanwhile_is_told_when_it_answers(
    averoy, registers, receipt, monkeypatch
):
    family(registers, ALICE, children=(RITA,))
    registers.down.add("folkeregister")
    alice = at_desk(averoy, ALICE)
    assert alice.get(address(receipt)).status_code == 200
    assert not held(averoy, NearOne)
    registers.down.clear()
    assert alice.get(address(receipt)).status_code == 200  # not asked again at once
    assert not held(averoy, Review)
    monkeypatch.setattr(disqualifying, "_asked_in_vain", {})
    assert alice.get(address(receipt)).status_code == 403
    assert {row.facts["reason"] for row in held(averoy, Review)} == {"found-afterwards"}


def test_what_was_known_stands_while_the_register_is_away(averoy, registers, receipt):
    family(registers, ALICE, children=(RITA,))
    alice = at_desk(averoy, ALICE)
    assert alice.get(address(receipt)).status_code == 403
    with use(averoy.id, "owner"):
        NearOne.objects.update(at=dates.now() - timedelta(days=40))
        assert sweeping.sweep_near_ones(averoy.id) == 0
    registers.down.add("folkeregister")
    assert alice.get(address(receipt)).status_code == 403


def test_families_of_former_times_are_forgotten(averoy, registers):
    family(registers, ALICE, spouse=RITA)
    alice = at_desk(averoy, ALICE)
    alice.get("/desk/")
    with use(averoy.id, "owner"):
        NearOne.objects.update(at=dates.now() - timedelta(days=40))
    family(registers, ALICE, spouse=None)
    alice.get("/desk/")
    before = len(held(averoy, NearOne))
    assert sweeping.sweep_near_ones(averoy.id) == before - len(held(averoy, NearOne)) > 0
    with use(averoy.id, "ordinary"):
        assert disqualifying.person_key(RITA) not in {row.near_key for row in held(averoy, NearOne)}
        assert disqualifying.person_key(ALICE) in {row.near_key for row in held(averoy, NearOne)}


def given(place, receipt):
    """What Bob is told when he gives the case to Alice."""
    bob, [case] = at_desk(place, BOB), held(place, Case)
    bob.post(address(receipt, "purpose"), {"purpose": "supervision"})
    to = {"to": place.staff["alice"].id, "unit": place.unit.id, "revision": case.revision}
    return bob.post(address(receipt, "assign"), to).text


@pytest.mark.parametrize(
    ("near", "why"),
    [({"spouse": RITA}, "near-case"), ({"address": "Ritas"}, "same-household"), ({}, "declared-partial")],
)
def test_a_case_is_not_given_to_one_who_is_disqualified_and_the_leader_is_told(averoy, registers, near, why):
    if "address" in near:
        near = {"address": registers.people[RITA].address}
    family(registers, ALICE, **near)
    receipt = send(averoy, "housing-allowance", HOUSING)
    alice = at_desk(averoy, ALICE)
    alice.get("/desk/")
    if why == "declared-partial":
        alice.post(address(receipt, "partial"))
    assert "§ 6" in given(averoy, receipt)
    assert held(averoy, Case)[0].assigned_to is None
    assert [(row.staff_name, row.facts["reason"]) for row in held(averoy, Review)] == [("Alice Alm", why)]
    [tried] = held(averoy, LogEntry, action="not-given")
    assert (tried.staff_name, tried.object_id, tried.field_kinds) == ("Bob Bjørk", averoy.staff["alice"].id, [why])
    assert not held(averoy, LogEntry, action="refused")


def test_the_leader_sees_that_others_tried_to_give_it_to_them(averoy, registers, receipt):
    family(registers, ALICE, spouse=RITA)
    at_desk(averoy, ALICE).get("/desk/")
    given(averoy, receipt)
    page = at_desk(averoy, BOB).get("/desk/reviews/").text
    assert "Andre prøvde å gi dem saken, og ble nektet, 1 gang" in page
    assert "Prøvde og ble nektet" not in page


def is_nowhere_to_be_seen(client, place, receipt):
    """No list or search shows the case; no page, file or letter of it opens, and nothing is done to it."""
    for found in ("?view=unit", f"?q={number_of(place, receipt)}", f"?q={NAMES[RITA]}"):
        assert str(receipt.case_id) not in client.get(f"/desk/{found}").text
    [document] = held(place, Document, case_id=receipt.case_id)
    pages = ([], ["protected"], ["documents", str(document.id)])
    assert {client.get(address(receipt, *each)).status_code for each in pages} == {403}
    acts = ("note", "assign", "ask", "decide", "decide/issue", "break-glass")
    said = {"note": "x", "text": "x", "reason": REASON, "revision": 0}
    assert {client.post(address(receipt, *each.split("/")), said).status_code for each in acts} == {403}
    assert not held(place, LogEntry, action="read", actor_kind="staff", case_id=receipt.case_id)


def test_nobody_sees_a_case_of_the_same_household(averoy, registers):
    family(registers, ALICE, address=registers.people[RITA].address)
    receipt = send(averoy, "housing-allowance", HOUSING)
    assert str(receipt.case_id) in at_desk(averoy, BOB).get("/desk/?view=unit").text
    is_nowhere_to_be_seen(at_desk(averoy, ALICE), averoy, receipt)
    assert [row.facts["reason"] for row in held(averoy, Review)] == ["same-household"]


@pytest.mark.parametrize("near", [{}, {"spouse": OMAR}, {"children": (OMAR,)}])
def test_nobody_sees_a_case_that_names_them_or_somebody_near(averoy, registers, near):
    family(registers, ALICE, **near)
    receipt = send(averoy, "reduced-kindergarten-fee", {**FEE, "partner_number": OMAR if near else ALICE})
    assert str(receipt.case_id) in at_desk(averoy, BOB).get("/desk/?view=unit").text
    is_nowhere_to_be_seen(at_desk(averoy, ALICE), averoy, receipt)
    assert [row.facts["reason"] for row in held(averoy, Review)] == ["near-named"]


def test_where_the_applicant_lives_counts_in_their_cases_that_do_not_tell_it(averoy, registers, receipt):
    """The form of an inquiry asks for no address; that of housing allowance does, and a worker makes it count in both."""
    family(registers, ALICE, address=registers.people[RITA].address)
    alice = at_desk(averoy, ALICE)
    assert alice.get(address(receipt)).status_code == 200
    send(averoy, "housing-allowance", HOUSING)
    outbox.drain(averoy.id, "ordinary")
    assert alice.get(address(receipt)).status_code == 403
    assert str(receipt.case_id) not in alice.get("/desk/?view=unit").text


def test_where_the_applicant_lives_now_counts_in_what_they_sent_before_they_moved(averoy, registers):
    elsewhere = replace(registers.people[RITA].address, street="Havnegata 2")
    family(registers, ALICE, address=elsewhere)
    before = send(averoy, "housing-allowance", HOUSING)
    alice = at_desk(averoy, ALICE)
    assert alice.get(address(before)).status_code == 200
    family(registers, RITA, address=elsewhere)
    send(averoy, "housing-allowance", HOUSING)
    outbox.drain(averoy.id, "ordinary")
    assert alice.get(address(before)).status_code == 403
    assert {len(case.home_keys) for case in held(averoy, Case)} == {1, 2}


def test_a_case_from_before_homes_were_kept_is_refused_when_it_is_opened(averoy, registers):
    family(registers, ALICE, address=registers.people[RITA].address)
    receipt = send(averoy, "housing-allowance", HOUSING)
    with use(averoy.id, "ordinary"):
        Case.objects.update(home_keys=[])
    alice = at_desk(averoy, ALICE)
    for _ in range(2):
        assert alice.get(address(receipt)).status_code == 403
    assert str(receipt.case_id) not in alice.get("/desk/?view=unit").text


def test_the_key_of_a_home_is_its_areas_own(averoy, registers):
    family(registers, ALICE, address=registers.people[RITA].address)
    send(averoy, "housing-allowance", HOUSING)
    at_desk(averoy, ALICE).get("/desk/")
    [case], [home] = held(averoy, Case), held(averoy, NearOne, kind="address")
    with use(averoy.id, "ordinary"):
        keys = {area: home_key(area, home.near_key) for area in AREAS}
    assert len({*keys.values(), home.near_key}) == len(AREAS) + 1
    assert list(case.home_keys) == [keys["ordinary"]]


def test_each_refused_try_is_in_the_log_and_the_leader_is_told_again_after_closing_it(averoy, registers, receipt):
    family(registers, ALICE, children=(RITA,))
    alice, bob = at_desk(averoy, ALICE), at_desk(averoy, BOB)
    for _ in range(2):
        alice.get(address(receipt))
    [first] = held(averoy, Review)
    assert "Prøvde og ble nektet 2 ganger" in bob.get("/desk/reviews/").text
    done = {"conclusion": "followed-up", "comment": "Snakket med Alice om saken."}
    assert bob.post(f"/desk/reviews/{first.id}/", done).status_code == 302
    alice.post(address(receipt, "note"), {"note": "x"})
    again = held(averoy, Review, closed_at=None)
    assert [(row.facts, row.about == first.about) for row in again] == [({"reason": "near-case"}, True)]
    assert "Prøvde og ble nektet 1 gang" in bob.get("/desk/reviews/").text
    assert "Prøvde og ble nektet 2 ganger" in bob.get("/desk/reviews/?state=closed").text
    tries = held(averoy, LogEntry, action="refused")
    assert {(row.staff_name, row.case_id, row.purpose) for row in tries} == {
        ("Alice Alm", receipt.case_id, "disqualification")
    }
    assert [row.field_kinds for row in tries] == [["near-case"]] * 3


def test_each_day_of_trying_is_told(averoy, registers, receipt, monkeypatch):
    family(registers, ALICE, children=(RITA,))
    alice, day = at_desk(averoy, ALICE), dates.today()
    alice.get(address(receipt))
    monkeypatch.setattr(disqualifying.dates, "today", lambda: day + timedelta(days=1))
    alice.get(address(receipt))
    assert len(held(averoy, Review, closed_at=None)) == 2


def test_what_was_refused_is_not_what_was_read_before_it_was_known(averoy, registers, receipt):
    family(registers, ALICE, children=(RITA,))
    alice = at_desk(averoy, ALICE)
    alice.get(address(receipt))
    with use(averoy.id, "owner"):
        NearOne.objects.update(at=dates.now() - timedelta(days=40))
    alice.get(address(receipt))
    assert {row.facts["reason"] for row in held(averoy, Review)} == {"near-case"}


def test_one_who_declares_herself_partial_sees_the_case_no_more(averoy, receipt):
    alice, [case] = at_desk(averoy, ALICE), held(averoy, Case)
    alice.post(
        address(receipt, "assign"), {"to": averoy.staff["alice"].id, "unit": averoy.unit.id, "revision": case.revision}
    )
    assert alice.get(address(receipt, "partial")).status_code == 200
    alice.post(address(receipt, "partial"))
    assert alice.get(address(receipt)).status_code == 403
    assert held(averoy, Case)[0].assigned_to is None
    assert {row.kind for row in held(averoy, Review)} == {"disqualified"}


def test_one_who_declares_herself_partial_to_somebody_sees_none_of_their_cases(averoy, receipt):
    alice = at_desk(averoy, ALICE)
    assert alice.post("/desk/partial/", {"number": "123"}).status_code == 422
    assert alice.post("/desk/partial/", {"number": RITA, "until": "2020-01-01"}).status_code == 422
    never = alice.post("/desk/partial/", {"number": RITA, "until": "9999-12-31"})
    assert never.status_code == 422
    assert "20 år" in never.text
    assert alice.get(address(receipt)).status_code == 200
    assert alice.post("/desk/partial/", {"number": RITA}).status_code == 302
    assert alice.get(address(receipt)).status_code == 403
    assert RITA not in alice.get("/desk/partial/").text


def test_who_declared_it_ends_it_again_and_the_log_tells(averoy, receipt, registers):
    alice = at_desk(averoy, ALICE)
    for _ in range(2):
        alice.post("/desk/partial/", {"number": RITA})
    [end, *_] = re.findall(r"/desk/partial/[0-9a-f-]+/end/", alice.get("/desk/partial/").text)
    bob = at_desk(averoy, BOB)
    assert "eller det er ikke ditt å avslutte" in bob.post(end, follow=True).text
    assert alice.get(address(receipt)).status_code == 403
    assert "notert i loggen" in alice.post(end, follow=True).text
    assert alice.get(address(receipt)).status_code == 200
    assert not re.findall(r"/desk/partial/[0-9a-f-]+/end/", alice.get("/desk/partial/").text)
    alice.post(end)
    assert len(held(averoy, LogEntry, action="end-partial", staff_name="Alice Alm")) == 1
    alice.post("/desk/partial/", {"number": RITA})  # and says it anew
    assert alice.get(address(receipt)).status_code == 403


def test_what_the_register_says_counts_though_what_was_declared_of_the_same_one_is_ended(averoy, receipt, registers):
    family(registers, ALICE, children=(RITA,))
    alice = at_desk(averoy, ALICE)
    alice.post("/desk/partial/", {"number": RITA})
    [end] = re.findall(r"/desk/partial/[0-9a-f-]+/end/", alice.get("/desk/partial/").text)
    alice.post(end)
    assert alice.get(address(receipt)).status_code == 403


def test_opening_a_case_is_four_statements_whoever_one_is_near(averoy, registers, receipt):
    """Who works and what they may not; the case's row; everything about the case, sealed; the log's. In each way to open it."""
    family(registers, ALICE, parents=(BOB,), children=(OMAR,), spouse=number(112))
    alice, dora = at_desk(averoy, ALICE), at_desk(averoy, DORA)
    alice.post("/desk/partial/", {"number": OMAR})
    dora.post(address(receipt, "break-glass"), {"reason": REASON, "minutes": "30"})
    for client in (alice, dora):
        client.get(address(receipt))
        with statements() as sent:
            assert client.get(address(receipt)).status_code == 200
        about = [next((each for each in ABOUT if each in sql), sql) for sql in sent if "set_config" not in sql]
        assert about == ["access_staffmember", "people_person", "forms_submission", 'INSERT INTO "access_logentry"']


ABOUT = ('INSERT INTO "access_logentry"', "forms_submission", "access_staffmember", "people_person")
