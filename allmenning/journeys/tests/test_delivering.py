"""How word reaches a resident: in the portal and told of once, or on paper, whatever fails on the way."""

from dataclasses import replace

import pytest

from allmenning.commons.catalogue.package import RECEIVERS
from allmenning.journeys import deciding, delivering, outbox, registering
from allmenning.journeys.outside import outside
from allmenning.journeys.ports import HandOverRefused
from allmenning.journeys.testing import RITA, rita
from allmenning.journeys.tests.test_deadlines import ask
from allmenning.journeys.tests.test_main_job import answer_it, desk, send_inquiry
from allmenning.municipal.archive.models import CaseFile
from allmenning.municipal.cases.models import Case, Event, Handover
from allmenning.municipal.post.models import Delivery, Message, Outbox
from allmenning.municipal.post.ports import MessageRefused


@pytest.fixture
def asked(averoy):
    """Rita is asked a question; the worker has not looked yet."""
    receipt = send_inquiry(averoy, rita())
    outbox.drain(averoy.id, "ordinary")
    ask(averoy, receipt)
    return averoy


def deliveries(place):
    with desk(place):
        return {d.channel: d.state for d in Delivery.objects.all()}


def now_everything_is_due(place):
    with desk(place):
        Outbox.objects.filter(done_at=None).update(not_before="2020-01-01T00:00:00Z")


def test_it_is_in_the_portal_and_told_of_by_email(asked, registers):
    outbox.drain(asked.id, "ordinary")
    assert deliveries(asked) == {"portal": "delivered", "email": "sent"}
    assert len(registers.sent) == 1


def test_an_email_that_was_sent_before_the_commit_was_lost_is_not_sent_again(asked, registers, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(delivering.post, "mark_sent", lambda *a, **k: 1 / 0 if registers.sent else None)
        outbox.drain(asked.id, "ordinary")
    assert len(registers.sent) == 1
    assert deliveries(asked)["email"] == "waiting"
    now_everything_is_due(asked)
    outbox.drain(asked.id, "ordinary")
    assert len(registers.sent) == 1
    assert deliveries(asked)["email"] == "sent"


def test_an_email_that_cannot_be_sent_now_hides_nothing(asked, registers):
    registers.down.add("email")
    outbox.drain(asked.id, "ordinary")
    assert deliveries(asked) == {"portal": "delivered", "email": "waiting"}
    registers.down.clear()
    now_everything_is_due(asked)
    outbox.drain(asked.id, "ordinary")
    assert deliveries(asked)["email"] == "sent"


def test_an_address_that_refuses_leads_to_paper(asked, registers, monkeypatch):
    def refused(**message):
        raise MessageRefused(channel="email", reason="no-such-mailbox")

    monkeypatch.setattr(registers, "send", refused)
    outbox.drain(asked.id, "ordinary")
    assert deliveries(asked) == {"portal": "delivered", "email": "failed", "print": "waiting"}


def test_an_address_that_refuses_leads_to_sms_where_there_is_a_number(asked, registers, monkeypatch):
    registers.contacts[RITA] = replace(registers.contacts[RITA], mobile="+4799999999")
    sent = []

    def send(**message):
        if "@" in message["to"]:
            raise MessageRefused(channel="email", reason="no-such-mailbox")
        sent.append(message)

    monkeypatch.setattr(registers, "send", send)
    outbox.drain(asked.id, "ordinary")
    assert deliveries(asked) == {"portal": "delivered", "email": "failed", "sms": "sent"}
    assert [message["to"] for message in sent] == ["+4799999999"]


def test_who_is_reserved_gets_paper(asked, registers):
    registers.contacts[RITA] = replace(registers.contacts[RITA], is_reserved=True)
    outbox.drain(asked.id, "ordinary")
    assert deliveries(asked) == {"print": "waiting"}
    assert registers.sent == []


def test_nothing_is_chosen_while_the_contact_register_is_away(asked, registers):
    registers.down.add("kontaktregister")
    outbox.drain(asked.id, "ordinary")
    assert deliveries(asked) == {}
    registers.down.clear()
    now_everything_is_due(asked)
    outbox.drain(asked.id, "ordinary")
    assert deliveries(asked)["portal"] == "delivered"


def test_paper_reaches_one_who_has_neither_login_nor_code(asked):
    with desk(asked):
        Outbox.objects.filter(kind="deliver").update(done_at=None)
        case, message = Case.objects.get(), Message.objects.get(kind="question")
        case.applicant = None
        delivering._to_one_without_login(case, message)
    assert deliveries(asked) == {"print": "waiting"}


def test_an_outcome_that_names_a_receiver_is_handed_over_to_it(averoy, registers, monkeypatch):
    receipt, known = send_inquiry(averoy, rita()), deciding.outcome_of
    monkeypatch.setattr(deciding, "outcome_of", lambda *named: replace(known(*named), hand_over_to="husbanken"))
    answer_it(averoy, receipt)
    outbox.drain(averoy.id, "ordinary")
    assert len(registers.handed_over) == 1
    with desk(averoy):
        assert Handover.objects.get().receiver == "husbanken"
        assert Event.objects.get(kind="handed-over").facts["receiver"] == "Husbanken"


def test_an_outcome_without_a_receiver_is_handed_over_to_nobody(averoy, registers):
    answer_it(averoy, send_inquiry(averoy, rita()))
    outbox.drain(averoy.id, "ordinary")
    assert len(registers.handed_over) == 0


def test_every_receiver_that_services_may_name_can_be_reached(registers):
    assert all(outside().receiver(name) for name in RECEIVERS)


def test_a_hand_over_that_is_refused_comes_back_to_a_person(asked, registers, monkeypatch):
    def refused(package, *, idempotency_key):
        raise HandOverRefused(receiver="husbanken", reason="rent-missing")

    monkeypatch.setattr(registers, "hand_over", refused)
    with desk(asked):
        case = Case.objects.get()
        package = case.key.seal("cases.Handover.package", "{}")
        handover = Handover.objects.create(area="ordinary", case=case, receiver="husbanken", package=package)
        Case.objects.update(state="decided", closed_at="2026-01-01T00:00:00Z")
        delivering.post.put_in_outbox("ordinary", case.id, ("handover", handover.id))
    outbox.drain(asked.id, "ordinary")
    with desk(asked):
        assert Case.objects.get().is_open
        assert CaseFile.objects.get().closed_at is None
        assert Event.objects.get(kind="handover-refused").facts == {"reason": "rent-missing"}


def test_a_hand_over_whose_commit_was_lost_is_handed_over_once(asked, registers, monkeypatch):
    with desk(asked):
        case = Case.objects.get()
        package = case.key.seal("cases.Handover.package", "{}")
        handover = Handover.objects.create(area="ordinary", case=case, receiver="husbanken", package=package)
        delivering.post.put_in_outbox("ordinary", case.id, ("handover", handover.id))
    with monkeypatch.context() as broken:
        broken.setattr(outbox.actions, "mark_done", lambda row: 1 / 0 if row.kind == "handover" else None)
        outbox.drain(asked.id, "ordinary")
    assert len(registers.handed_over) == 1
    now_everything_is_due(asked)
    outbox.drain(asked.id, "ordinary")
    assert len(registers.handed_over) == 1
    with desk(asked):
        assert Handover.objects.get().receipt == "HB-1"
        assert registering.Case.objects.get().id == case.id
