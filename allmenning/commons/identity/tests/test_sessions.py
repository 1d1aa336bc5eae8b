"""Sessions: in a sealed cookie, over at the right time, over everywhere, and small enough for a browser."""

import json
import secrets
import time
from uuid import uuid4

import pytest
from django.conf import settings
from django.http import JsonResponse
from django.urls import path

from allmenning.commons.identity import sessions
from allmenning.commons.identity.models import RevokedSession
from allmenning.journeys.testing import NAMES, OMAR, RITA
from allmenning.web.access import anyone


@anyone
def log_in(request, number):
    sessions.log_in_resident(request, sessions.Resident(number, NAMES[number], "idporten-loa-high"))
    return JsonResponse({})


@anyone
def act_for(request):
    sessions.act_for(request, sessions.ActingFor("974760673", "Averøy Fisk AS", "DAGL"))
    return JsonResponse({})


@anyone
def log_out(request):
    sessions.log_out(request)
    return JsonResponse({})


@anyone
def who(request):
    resident = sessions.resident(request)
    return JsonResponse({"name": resident.acting_name if resident else None})


urlpatterns = [
    path("in/<number>", log_in),
    path("act", act_for),
    path("out", log_out),
    path("who", who),
]

pytestmark = [pytest.mark.urls(__name__), pytest.mark.usefixtures("commons_db")]


@pytest.fixture
def rita(client):
    client.get(f"/in/{RITA}")
    return client


def cookie(client):
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def name(client, as_cookie=None):
    if as_cookie:
        client.cookies[settings.SESSION_COOKIE_NAME] = as_cookie
    return client.get("/who").json()["name"]


def test_who_logs_in_is_known_until_they_log_out(rita):
    assert name(rita) == "Rita Rogn"
    rita.get("/out")
    assert name(rita) is None


def test_a_copy_of_the_cookie_is_worth_nothing_after_logging_out(rita):
    copied = cookie(rita)
    rita.get("/out")
    assert name(rita, copied) is None


def test_logging_in_ends_the_session_of_whoever_was_there_before(rita):
    copied = cookie(rita)
    rita.get(f"/in/{OMAR}")
    assert name(rita) == "Omar Osp"
    assert name(rita, copied) is None


def test_acting_for_another_ends_the_session_with_the_old_rights(rita):
    copied = cookie(rita)
    rita.get("/act")
    assert name(rita) == "Averøy Fisk AS"
    assert name(rita, copied) is None


def test_acting_for_another_does_not_make_the_session_last_longer(rita, monkeypatch):
    began = time.time()
    monkeypatch.setattr(sessions.time, "time", lambda: began + 50 * 60)
    rita.get("/act")
    for minutes in range(100, 8 * 60, 50):
        monkeypatch.setattr(sessions.time, "time", lambda m=minutes: began + m * 60)
        assert name(rita) == "Averøy Fisk AS"
    monkeypatch.setattr(sessions.time, "time", lambda: began + 8 * 3600 + 5)
    assert name(rita) is None


def test_who_does_nothing_for_an_hour_is_logged_out(rita, monkeypatch):
    later = time.time() + 61 * 60
    monkeypatch.setattr(sessions.time, "time", lambda: later)
    assert name(rita) is None


def test_another_process_learns_of_an_ended_session(rita, monkeypatch):
    copied = cookie(rita)
    rita.get("/out")
    monkeypatch.setattr(sessions, "_known", (0.0, frozenset()))
    assert name(rita, copied) is None


def test_nobody_reads_or_changes_the_cookie(rita):
    held = cookie(rita)
    assert RITA not in held
    assert "Rita" not in held
    for spoiled in (held[:-4] + "AAAA", "B" + held[1:], held[: len(held) // 2], "x", "\u00e6"):
        assert name(rita, spoiled) is None


def test_ended_sessions_are_forgotten_when_they_would_be_over_anyway(rita):
    rita.get("/out")
    RevokedSession.objects.update(expires_at="2020-01-01T00:00:00Z")
    sessions.SessionStore.clear_expired()
    assert not RevokedSession.objects.exists()


def fullest():
    """The most that the doors put into one session: logged in for an organisation, codes kept, a login begun."""
    some = secrets.token_urlsafe
    return {
        "resident": {
            "number": RITA,
            "name": "Ø" * 120,
            "level": "idporten-loa-substantial",
            "organisation": {"number": "974760673", "name": "Æ" * 160, "role": "DAGL"},
        },
        "receipt_codes": {str(uuid4()): some(15) for _ in range(8)},
        "opened_by_code": {str(uuid4()): ["kristiansund", some(15)] for _ in range(4)},
        "id_token": f"{some(60)}.{some(480)}.{some(256)}",
        "suggested": "kristiansund",
        "login": {
            "state": some(32),
            "nonce": some(32),
            "verifier": some(48),
            "issuer": "https://test.idporten.no",
            "next": "/kristiansund/draft/" + str(uuid4()) + "/page/household/?from=" + "a" * 60,
            "language": "nn",
        },
    }


def test_the_fullest_session_fits_in_a_cookie():
    store = sessions.SessionStore()
    store.update(fullest())
    store.save()
    assert len(settings.SESSION_COOKIE_NAME) + len(store.session_key) < 4000
    assert json.dumps(dict(sessions.SessionStore(store.session_key).items()))


def test_more_than_a_browser_keeps_is_refused_loudly():
    store = sessions.SessionStore()
    store["too_much"] = secrets.token_urlsafe(4000)
    with pytest.raises(sessions.SessionTooLarge):
        store.save()
