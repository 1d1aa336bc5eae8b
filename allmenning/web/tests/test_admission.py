"""Which municipality a request is about, before Django knows of it; and what those are told who can't be let in."""

import json
from uuid import uuid4

import pytest
from django.http import HttpResponse

from allmenning.commons.identity.client_tokens import Client, seal_token
from allmenning.commons.identity.sessions import SessionStore
from allmenning.tenancy import LOGINS
from allmenning.tenancy.routing import forget_in_this_thread
from allmenning.web import admission
from allmenning.web.admission import ByTurns, municipality_of
from allmenning.web.turns import Turns


@pytest.fixture(autouse=True)
def live(monkeypatch):
    monkeypatch.setattr(admission.access, "live", lambda: frozenset({"averoy", "smola"}))


def asked(path, query="", **headers):
    return {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": "GET", **headers}


@pytest.mark.parametrize(
    ("path", "query", "municipality"),
    [
        ("/averoy/", "", "averoy"),
        ("/nn/averoy/services/inquiry/", "", "averoy"),
        ("/en/smola/drafts/1/page/a/", "", "smola"),
        ("/my/smola/cases/1/", "", "smola"),
        ("/receipt-code/averoy/cases/1/", "", "averoy"),
        ("/search/", "in=smola&q=barnehage", "smola"),
        ("/search/", "q=barnehage", ""),
        ("/my/", "", ""),
        ("/", "", ""),
        ("/nn/", "", ""),
        ("/atlantis/", "", ""),
        ("/search/", "in=atlantis", ""),
        ("/desk/cases/1/", "", ""),
        ("/readyz", "", "machines"),
    ],
)
def test_an_address_tells_whom_it_is_about(path, query, municipality):
    assert municipality_of(asked(path, query)) == municipality


def test_staff_are_told_by_their_session(test_databases):
    session = SessionStore()
    session["staff"] = {"number": "1", "name": "Alice Alm", "municipality": "averoy"}
    session.save()
    cookie = f"other=1; sessionid={session.session_key}"
    assert municipality_of(asked("/desk/", HTTP_COOKIE=cookie)) == "averoy"
    assert municipality_of(asked("/desk/", HTTP_COOKIE=cookie + "x")) == ""


def test_another_system_is_told_by_its_token(commons_db):
    token = seal_token(Client("smola", uuid4(), "Fagsystem", (), ()))
    assert municipality_of(asked("/api/v1/cases/1", HTTP_AUTHORIZATION=f"Bearer {token}")) == "smola"
    assert municipality_of(asked("/api/v1/cases/1", HTTP_AUTHORIZATION="Bearer nonsense")) == ""


def answered(path, most_waiting=0):
    """Ask while somebody else has the only place, and nobody may wait."""
    turns, told = Turns(at_once=1, most_waiting=most_waiting), {}
    application = ByTurns(lambda environ, start: [HttpResponse("done").content], turns)

    def start_response(status, headers):
        told.update(status=status, **dict(headers))

    with turns.turn("averoy"):
        told["body"] = b"".join(application(asked(path), start_response))
    return told


def test_who_can_not_wait_is_told_when_to_come_back_in_three_languages(test_databases):
    told = answered("/averoy/")
    assert told["status"].startswith("503")
    assert int(told["Retry-After"]) > 0
    assert "Prøv igjen" in told["body"].decode()
    assert "Try again" in told["body"].decode()


def test_another_system_is_told_by_problem_details(test_databases):
    told = answered("/api/v1/services")
    assert told["Content-Type"] == "application/problem+json"
    assert json.loads(told["body"])["status"] == 503


@pytest.mark.parametrize("path", ["/healthz", "/static/web/app.css"])
def test_some_things_wait_for_nobody(path, test_databases):
    assert answered(path)["body"] == b"done"


def test_a_thread_does_not_keep_what_it_has_met(test_databases):
    from django.db import connections

    for login in LOGINS:
        assert connections[f"m_averoy_{login}"].alias
        assert connections[f"m_smola_{login}"].alias
    forget_in_this_thread()
    assert connections.all(initialized_only=True) == []
