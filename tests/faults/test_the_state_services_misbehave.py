"""State services answer slowly, wrongly, twice or too late: forms are filled in by hand, and what waited comes, once."""

import copy
import json
import time

import httpx
import pytest

from allmenning.commons.identity.sessions import Resident
from allmenning.connections.email import Email
from allmenning.connections.enhetsregisteret import Enhetsregisteret
from allmenning.connections.folkeregister import Folkeregister
from allmenning.connections.husbanken import Husbanken
from allmenning.connections.kontaktregister import Kontaktregister
from allmenning.connections.pause import FAILURES
from allmenning.connections.skatteetaten import Skatteetaten
from allmenning.connections.sms import Sms
from allmenning.doors.portal.testing import answered, sent_inquiry
from allmenning.journeys import applying, outbox, outside, prefilling, stuck
from allmenning.journeys.testing import ALICE
from allmenning.municipal.people.ports import FAMILY_PARTS, RegisterUnavailable
from allmenning.municipal.post.models import Delivery, Outbox
from allmenning.tenancy import use
from demo.people import world
from sandbox.app import Sandbox
from sandbox.messages import MailServer
from sandbox.testing import BASE, Norway

PARENT = world().characters["parent"].number
INSTEAD = [None, [], {}, "x", 7, True, [[]], [None], {"a": None}]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    return Sandbox(tmp_path_factory.mktemp("sandbox"), BASE)


@pytest.fixture
def norway(sandbox):
    sandbox.state.faults.clear()
    sandbox.state.messages.clear()
    return Norway(sandbox)


@pytest.fixture
def parent():
    return Resident(PARENT, "Varm Linerle", "idporten-loa-high")


class Distorted(httpx.BaseTransport):
    """The sandbox, with one place in its answer replaced by something of another kind; or with no answer at all."""

    def __init__(self, norway):
        self._norway, self.place, self.instead, self.said = norway, None, None, None
        self.is_silent, self.seconds, self.asked = False, 0.0, 0

    def handle_request(self, request):
        self.asked += 1
        time.sleep(self.seconds)
        if self.is_silent:
            raise httpx.ReadTimeout("too late", request=request)
        answer = self._norway.transport.handle_request(request)
        self.said = json.loads(answer.read())
        if self.place is None:
            return httpx.Response(answer.status_code, json=self.said)
        return httpx.Response(answer.status_code, json=replaced(self.said, self.place, self.instead))


def places(value, at=()):
    """The way to every part of a JSON value."""
    yield at
    if isinstance(value, dict):
        for key, part in value.items():
            yield from places(part, (*at, key))
    elif isinstance(value, list):
        for n, part in enumerate(value[:2]):
            yield from places(part, (*at, n))


def replaced(value, place, instead):
    if not place:
        return instead
    made = copy.deepcopy(value)
    inside = made
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = instead
    return made


REGISTERS = {
    "folkeregister": (Folkeregister, lambda r: r.person(PARENT, municipality="averoy", parts=FAMILY_PARTS)),
    "enhetsregisteret": (Enhetsregisteret, lambda r: r.organisation("310000000")),
    "kontaktregister": (Kontaktregister, lambda r: r.contact_details([PARENT])),
    "skatteetaten": (Skatteetaten, lambda r: r.income(PARENT, 2024, municipality="averoy")),
}


@pytest.mark.parametrize("name", REGISTERS)
def test_an_answer_of_any_other_shape_is_an_answer_that_did_not_come(norway, name):
    kind, ask = REGISTERS[name]
    transport, tokens = Distorted(norway), [] if kind is Enhetsregisteret else [norway.tokens]
    register = kind(norway.config(name), *tokens, transport=transport)
    ask(register)
    everything = [(place, instead) for place in places(transport.said) for instead in INSTEAD]
    for transport.place, transport.instead in everything:
        try:
            ask(register)
        except RegisterUnavailable:
            pass
        except Exception as error:
            pytest.fail(f"{transport.place} is {transport.instead!r}: {error!r}")
    assert len(everything) > 50


@pytest.fixture
def connected(averoy, norway):
    """The platform as it is wired, over one transport that the test may spoil, with a mailbox that listens."""
    transport, before = Distorted(norway), outside._connected
    mail = MailServer(("127.0.0.1", 0), norway.sandbox.state)
    mail.start()
    told = {
        name: norway.config(name) for name in ("folkeregister", "kontaktregister", "skatteetaten", "sms", "husbanken")
    }
    business = Enhetsregisteret(norway.config("enhetsregisteret"), transport=transport)
    address = {"host": "127.0.0.1", "port": mail.server_address[1], "tls": "none", "sender": "ikke-svar@averoy.example"}
    outside.connect(
        outside.Outside(
            population=Folkeregister(told["folkeregister"], norway.tokens, transport=transport),
            business=business,
            representation=business,
            contact=Kontaktregister(told["kontaktregister"], norway.tokens, transport=transport),
            income=Skatteetaten(told["skatteetaten"], norway.tokens, transport=transport),
            email=Email(address),
            sms=Sms(told["sms"], norway.tokens, transport=transport),
            housing_allowance=Husbanken(told["husbanken"], norway.tokens, transport=transport),
        )
    )
    yield transport
    mail.shutdown()
    mail.server_close()
    outside._connected = before


def begin(place, resident, service):
    keys = resident.keys(place.id)
    with use(place.id, "resident", keys=keys):
        draft = applying.begin(resident, service, "nb", owner_key=keys[0])
        return applying.open_draft(draft.id).content


def test_a_form_is_begun_and_says_who_did_not_answer(averoy, connected, parent):
    connected.place, connected.instead = (), None
    content = begin(averoy, parent, "reduced-kindergarten-fee")
    assert set(content.unavailable) == {"folkeregister", "skatteetaten"}


def test_registers_that_answer_too_late_are_soon_left_alone(averoy, connected, parent):
    connected.is_silent = True
    for _ in range(FAILURES + 5):
        assert begin(averoy, parent, "inquiry").unavailable
    asked_by_then = connected.asked
    assert asked_by_then <= FAILURES * 3
    begin(averoy, parent, "inquiry")
    assert connected.asked == asked_by_then


def test_nobody_waits_long_for_registers_that_are_slow(averoy, connected, parent, monkeypatch):
    monkeypatch.setattr(prefilling, "SECONDS", 0.3)
    connected.seconds = 0.2
    assert begin(averoy, parent, "reduced-kindergarten-fee").unavailable
    assert connected.asked <= 3


def test_one_who_waits_for_registers_keeps_nobody_else_waiting(averoy, connected, parent, monkeypatch):
    monkeypatch.setattr(prefilling, "SECONDS_FOR_A_TURN", 0.05)
    with prefilling._turn:
        assert begin(averoy, parent, "inquiry").unavailable
        assert connected.asked == 0
    assert not begin(averoy, parent, "inquiry").unavailable


def desk(place):
    return use(place.id, "ordinary")


def due_now(place):
    with desk(place):
        Outbox.objects.filter(done_at=None).update(not_before="2020-01-01T00:00:00Z")


def letters(norway):
    return [(kept["to"], kept["handed_over"]) for kept in norway.sandbox.state.messages]


def test_a_mailbox_whose_answer_is_lost_holds_one_letter_however_often_it_is_handed_over(
    averoy, connected, norway, parent
):
    receipt = sent_inquiry(averoy, parent)
    answered(averoy, receipt.case_id, ALICE)
    norway.misbehave("email", "lost_answer", times=2)
    for _ in range(4):
        outbox.drain(averoy.id, "ordinary")
        due_now(averoy)
    assert letters(norway) == [("varm.linerle@example.no", 3)]
    with desk(averoy):
        assert {d.channel: d.state for d in Delivery.objects.all()} == {"portal": "delivered", "email": "sent"}


@pytest.mark.parametrize("service", ["email", "kontaktregister"])
def test_a_letter_waits_for_what_is_down_and_comes_by_itself_once(averoy, connected, norway, parent, service):
    receipt = sent_inquiry(averoy, parent)
    answered(averoy, receipt.case_id, ALICE)
    norway.misbehave(service, "down", times=2)
    for _ in range(2):
        outbox.drain(averoy.id, "ordinary")
        due_now(averoy)
    assert letters(norway) == []
    for _ in range(3):
        outbox.drain(averoy.id, "ordinary")
        due_now(averoy)
    assert letters(norway) == [("varm.linerle@example.no", 1)]
    assert stuck.find(averoy.id) == []
