"""E-mail, SMS and the hand-over to Husbanken: what is sent once stays sent once."""

import pytest

from allmenning.connections.email import Email
from allmenning.connections.husbanken import Husbanken
from allmenning.connections.sms import Sms
from allmenning.journeys.ports import HandOverRefused, HandOverUnavailable, HousingAllowancePackage
from allmenning.municipal.post.ports import MessageRefused, SendingUnavailable
from sandbox.messages import MailServer

TO, SUBJECT, TEXT = (
    "varm.linerle@example.no",
    "Du har fått svar – på Averøy",
    "Logg inn på Min side.\n.\nHilsen Averøy kommune\n",
)


@pytest.fixture
def mail_server(norway):
    server = MailServer(("127.0.0.1", 0), norway.sandbox.state)
    server.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def email(mail_server):
    host, port = mail_server.server_address
    return Email(
        {"host": host, "port": port, "tls": "none", "sender": "ikke-svar@averoy.example", "sender_name": "Averøy"}
    )


@pytest.fixture
def sms(norway):
    return Sms(norway.config("sms"), norway.tokens, transport=norway.transport)


@pytest.fixture
def husbanken(norway):
    return Husbanken(norway.config("husbanken"), norway.tokens, transport=norway.transport)


def package(**facts):
    data = {"rent": 9_500_00, "household": ["Stille Skarv"]}
    return HousingAllowancePackage("smola", "1573", "2026/12", data, b"%PDF-1.7 " + facts.get("content", b"x"))


def test_an_email_arrives_as_it_was_written(norway, email):
    accepted = email.send(to=TO, subject=SUBJECT, text=TEXT, idempotency_key="notice-1")
    (kept,) = norway.sandbox.state.messages
    assert (kept["to"], kept["subject"], kept["text"]) == (TO, SUBJECT, TEXT)
    assert accepted.message_id in kept["id"]


def test_the_same_key_is_the_same_email(norway, email):
    first, again = (email.send(to=TO, subject=SUBJECT, text=TEXT, idempotency_key="notice-1") for _ in range(2))
    assert first.message_id == again.message_id
    assert len(norway.sandbox.state.messages) == 1


@pytest.mark.parametrize("to", ["no address", "a@b\r\nBcc: all@example.no", "", "<a@b>"])
def test_an_address_that_is_none_is_refused_before_it_is_sent(norway, email, to):
    with pytest.raises(MessageRefused):
        email.send(to=to, subject=SUBJECT, text=TEXT, idempotency_key="notice-2")
    with pytest.raises(MessageRefused):
        email.send(to=TO, subject="a\r\nBcc: all@example.no", text=TEXT, idempotency_key="notice-2")
    assert norway.sandbox.state.messages == []


def test_a_mail_server_that_refuses_and_one_that_is_down(norway, email):
    norway.misbehave("email", "refuse", times=1)
    with pytest.raises(MessageRefused):
        email.send(to=TO, subject=SUBJECT, text=TEXT, idempotency_key="notice-3")
    norway.misbehave("email", "down", times=1)
    with pytest.raises(SendingUnavailable):
        email.send(to=TO, subject=SUBJECT, text=TEXT, idempotency_key="notice-3")


def test_no_mail_server_at_all():
    email = Email({"host": "127.0.0.1", "port": 1, "tls": "none", "sender": "a@b.example", "timeout": 1})
    with pytest.raises(SendingUnavailable):
        email.send(to=TO, subject=SUBJECT, text=TEXT, idempotency_key="notice-4")


def test_an_sms_is_taken_once(norway, sms):
    first, again = (sms.send(to="+4701234567", text="Noe har kommet", idempotency_key="sms-1") for _ in range(2))
    assert first == again
    assert [one["text"] for one in norway.sandbox.state.messages] == ["Noe har kommet"]


def test_an_sms_to_no_number_is_refused_and_a_gateway_can_be_down(norway, sms):
    with pytest.raises(MessageRefused):
        sms.send(to="12", text="x", idempotency_key="sms-2")
    for target in ("sms", "maskinporten"):
        norway.misbehave(target, "down")
        fresh = Sms(norway.config("sms"), norway.tokens, transport=norway.transport)
        with pytest.raises(SendingUnavailable):
            fresh.send(to="+4701234567", text="x", idempotency_key="sms-3")


def test_a_package_is_received_once(husbanken):
    assert husbanken.receipt("case-1") is None
    first = husbanken.hand_over(package(), idempotency_key="case-1")
    again = husbanken.hand_over(package(), idempotency_key="case-1")
    assert (first.receipt_id, first.received_at) == (again.receipt_id, again.received_at)
    assert (first.was_known, again.was_known) == (False, True)
    assert husbanken.receipt("case-1").receipt_id == first.receipt_id


def test_another_package_under_a_used_key_is_refused(husbanken):
    husbanken.hand_over(package(), idempotency_key="case-1")
    with pytest.raises(HandOverRefused) as refusal:
        husbanken.hand_over(package(content=b"another"), idempotency_key="case-1")
    assert refusal.value.reason == "key-used-for-other-content"


def test_an_answer_that_was_lost_can_be_asked_for(norway, husbanken):
    norway.misbehave("husbanken", "lost_answer", times=1)
    with pytest.raises(HandOverUnavailable):
        husbanken.hand_over(package(), idempotency_key="case-2")
    assert husbanken.receipt("case-2").receipt_id.startswith("HB-")


def test_a_document_that_is_no_pdf_is_refused(husbanken):
    wrong = HousingAllowancePackage("smola", "1573", "2026/12", {"rent": 1}, b"<html>")
    with pytest.raises(HandOverRefused):
        husbanken.hand_over(wrong, idempotency_key="case-3")


def test_husbanken_can_be_down(norway, husbanken):
    norway.misbehave("husbanken", "down")
    with pytest.raises(HandOverUnavailable):
        husbanken.hand_over(package(), idempotency_key="case-4")
