"""Letters on paper: who may open them, that the address is nowhere but in the envelope, and that all of it is logged."""

from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from allmenning.basics.dates import add_weeks, today
from allmenning.journeys import administering, dialogue, outbox, printing, protecting
from allmenning.journeys.casework import staff_resident_key
from allmenning.journeys.hiding import NeedNotStated
from allmenning.journeys.testing import NAMES, RITA, START, number, rita
from allmenning.journeys.tests.test_main_job import send_inquiry
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.models import Case
from allmenning.municipal.people.ports import AddressProtection, RegisterUnavailable
from allmenning.municipal.post.models import Delivery
from allmenning.tenancy import use

KEY = b"nobody" * 5 + b"xx"


@pytest.fixture
def letter(averoy, registers):
    """Rita has said no to digital mail, and Alice has asked her something: the question waits to be printed."""
    registers.contacts[RITA] = replace(registers.contacts[RITA], is_reserved=True)
    ask_rita(averoy)
    return averoy


def ask_rita(place):
    receipt = send_inquiry(place, rita())
    outbox.drain(place.id, "ordinary")
    with use(place.id, "ordinary"):
        case = Case.objects.get(id=receipt.case_id)
        actor = place.working("alice").as_actor(case)
        dialogue.ask(case.id, "Hvilken vei?", add_weeks(today(), 2), actor, revision=case.revision)
    outbox.drain(place.id, "ordinary")


def test_the_letter_waits_and_can_be_posted(letter):
    with use("averoy", "ordinary"):
        working = letter.working("alice")
        [waiting] = printing.queue(working)
        assert (waiting.recipient, waiting.reason) == (NAMES[RITA], "reserved")
        assert printing.open_letter(waiting.id, working, staff_key=KEY).startswith(b"%PDF")
        printing.mark_sent(waiting.id, working, staff_key=KEY)
        assert printing.queue(working) == []
        assert Delivery.objects.get(id=waiting.id).state == "sent"
        with pytest.raises(printing.NotWaiting):
            printing.mark_sent(waiting.id, working, staff_key=KEY)


def test_all_of_it_is_logged(letter):
    with use("averoy", "ordinary"):
        working = letter.working("alice")
        [waiting] = printing.queue(working)
        printing.open_letter(waiting.id, working, staff_key=KEY)
        printing.mark_failed(waiting.id, "returned", working, staff_key=KEY)
        printing.try_again(waiting.id, working, staff_key=KEY)
        done = list(LogEntry.objects.filter(object_kind="delivery").order_by("at").values_list("action", flat=True))
        assert done == ["print-letter", "mark-print-failed", "print-again"]


def text_of(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def test_a_protected_address_is_in_the_letter_of_who_states_a_need(letter, registers):
    registers.people[RITA] = replace(registers.people[RITA], protection=AddressProtection.CONFIDENTIAL)
    with use("averoy", "ordinary"):
        working = letter.working("alice")
        [waiting] = printing.queue(working)
        with pytest.raises(NeedNotStated) as refused:
            printing.open_letter(waiting.id, working, staff_key=KEY)
        assert "Fjordvegen" not in str(refused.value)
        [waiting] = printing.queue(working)
        assert waiting.is_protected
        protecting.state_need(waiting.case_id, "reach", working, staff_key=KEY)
        assert "Fjordvegen 1" in text_of(printing.open_letter(waiting.id, working, staff_key=KEY))
        protecting.set_level(
            waiting.case_id, "fortrolig", "postal-address", "Postboks 7\n0001 Oslo", working, staff_key=KEY
        )
        told = text_of(printing.open_letter(waiting.id, working, staff_key=KEY))
        assert "Postboks 7" in told
        assert "Fjordvegen" not in told


def test_a_strict_address_that_no_register_gives_is_noted_before_a_letter_can_go(letter, registers):
    strict = replace(registers.people[RITA], protection=AddressProtection.STRICTLY_CONFIDENTIAL, address=None)
    registers.people[RITA] = strict
    with use("averoy", "ordinary"):
        working = letter.working("bob")
        [waiting] = printing.queue(working)
        with pytest.raises(NeedNotStated):
            printing.open_letter(waiting.id, working, staff_key=KEY)
        protecting.state_need(waiting.case_id, "reach", working, staff_key=KEY)
        with pytest.raises(printing.NoWayToReach):
            printing.open_letter(waiting.id, working, staff_key=KEY)


def test_one_who_is_dead_or_without_address_gets_no_letter(letter, registers):
    known = registers.people[RITA]
    with use("averoy", "ordinary"):
        working = letter.working("alice")
        [waiting] = printing.queue(working)
        registers.people[RITA] = replace(known, status="doed")
        with pytest.raises(printing.RecipientIsDead):
            printing.open_letter(waiting.id, working, staff_key=KEY)
        registers.people[RITA] = replace(known, address=None)
        with pytest.raises(printing.NoPostalAddress):
            printing.open_letter(waiting.id, working, staff_key=KEY)


def test_when_the_register_is_down_the_letter_waits(letter, registers):
    registers.down.add("folkeregister")
    with use("averoy", "ordinary"):
        working = letter.working("alice")
        [waiting] = printing.queue(working)
        with pytest.raises(RegisterUnavailable):
            printing.open_letter(waiting.id, working, staff_key=KEY)
        assert len(printing.queue(working)) == 1


def test_one_in_another_unit_sees_no_letter_but_the_archivist_does(letter):
    by = administering.OPERATOR
    with use("averoy", "administration"):
        other = administering.add_unit(by, name="Teknisk", area="ordinary")
        people = {}
        for serial, role in ((201, "caseworker"), (202, "archivist")):
            person = administering.add_staff(by, number=number(serial), name=role, title="", email="", start=START)
            administering.add_position(by, person.id, other.id, role, start=START)
            people[role] = person
    with use("averoy", "ordinary"):
        alice = letter.working("alice")
        [waiting] = printing.queue(alice)
        letter.staff.update(people)
        assert printing.queue(letter.working("caseworker")) == []
        with pytest.raises(NotYours):
            printing.open_letter(waiting.id, letter.working("caseworker"), staff_key=KEY)
        assert len(printing.queue(letter.working("archivist"))) == 1
        assert printing.open_letter(waiting.id, letter.working("archivist"), staff_key=KEY)


def test_nobody_posts_their_own_letter(letter):
    own = staff_resident_key("averoy", RITA)
    with use("averoy", "ordinary"):
        [waiting] = printing.queue(letter.working("alice"))
        with pytest.raises(NotYours):
            printing.mark_sent(waiting.id, letter.working("alice"), staff_key=own)


def test_smola_sees_nothing_of_it(letter, smola):
    with use("averoy", "ordinary"):
        [waiting] = printing.queue(letter.working("alice"))
    with use("smola", "ordinary"):
        charlie = smola.working("charlie")
        assert printing.queue(charlie) == []
        with pytest.raises(NotYours):
            printing.open_letter(waiting.id, charlie, staff_key=KEY)
