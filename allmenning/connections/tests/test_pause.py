"""A system that is silent is left alone for a while, so that nobody waits for it behind another."""

import time

import httpx
import pytest

from allmenning.connections import pause
from allmenning.connections.email import Email
from allmenning.connections.http import Http, Unreachable
from allmenning.municipal.post.ports import SendingUnavailable


class Silent(httpx.BaseTransport):
    def __init__(self):
        self.asked, self.is_silent = 0, True

    def handle_request(self, request):
        self.asked += 1
        if self.is_silent:
            raise httpx.ReadTimeout("silence")
        return httpx.Response(200, json={})


@pytest.fixture
def later(monkeypatch):
    """Time that passes when we say so."""
    now = [time.monotonic()]
    monkeypatch.setattr(pause.time, "monotonic", lambda: now[0])

    def pass_by(seconds):
        now[0] += seconds

    return pass_by


def fails(call, times):
    for _ in range(times):
        with pytest.raises((Unreachable, SendingUnavailable)):
            call()


def test_it_is_asked_three_times_and_then_after_a_pause_once_and_it_is_well_when_it_answers(later):
    system = Silent()
    http = Http("http://register.test", transport=system)
    fails(lambda: http.get("/"), 10)
    assert system.asked == 3
    later(pause.SECONDS + 1)
    fails(lambda: http.get("/"), 2)
    assert system.asked == 4
    later(pause.SECONDS + 1)
    system.is_silent = False
    assert [http.get("/").status for _ in range(5)] == [200] * 5


def test_one_that_says_no_is_not_silent():
    http = Http("http://register.test", transport=httpx.MockTransport(lambda request: httpx.Response(500)))
    fails(lambda: http.get("/"), 5)
    assert not http._pause.seconds_left


def test_a_mail_server_that_is_silent_is_left_alone_too(monkeypatch):
    email, asked = Email({"host": "127.0.0.1", "port": 1, "tls": "none", "sender": "no@reply.test"}), []

    def silent():
        asked.append(1)
        raise TimeoutError

    monkeypatch.setattr(email, "_server", silent)
    fails(lambda: email.send(to="a@example.test", subject="a", text="b", idempotency_key="c"), 10)
    assert len(asked) == 3
