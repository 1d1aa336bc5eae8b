"""The sandbox's own rules: whom it lets in, what its pages say, and that its people are invented."""

import re
import time
from datetime import date
from pathlib import Path

import pytest
from joserfc import jwt

from allmenning.basics.identifiers import NationalIdentityNumber, OrganisationNumber
from demo.people import PLACES, world
from sandbox.app import Sandbox
from sandbox.control import MODES, TARGETS
from sandbox.maskinporten import GRANT
from sandbox.standins import STANDINS
from sandbox.testing import BASE, REDIRECT

ASK = {
    "response_type": "code",
    "client_id": "allmenning-portal",
    "redirect_uri": REDIRECT,
    "scope": "openid profile",
    "state": "s",
    "nonce": "n",
    "code_challenge": "x" * 43,
    "code_challenge_method": "S256",
}


def test_everybody_is_synthetic():
    for number in world().people:
        assert NationalIdentityNumber.parse(number).is_synthetic
    for number in world().organisations:
        assert OrganisationNumber.parse(number).value.startswith("3")


def test_the_same_people_live_here_at_every_start():
    assert world().characters["parent"].number == "17849222597"
    assert len(world().residents) >= 120
    assert {one.municipality for one in world().residents} == set(PLACES)


def test_there_are_children_of_kindergarten_age_everywhere():
    small = {one.municipality for one in world().people.values() if one.age(date(2026, 11, 1)) <= 5}
    assert small == set(PLACES)


def test_each_municipality_has_those_it_needs_to_decide():
    for place in PLACES:
        roles = {role for member in world().staff if member.municipality == place for role in member.roles}
        assert {"caseworker", "approver", "administrator"} <= roles


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"acr_values": "Level9"}, "invalid_request"),
        ({"authorization_details": "[]"}, "invalid_authorization_details"),
    ],
)
def test_a_wrong_request_is_sent_back_with_its_error(norway, wrong, error):
    answer = norway.client.get("/idporten/authorize", params=ASK | wrong)
    assert answer.status_code == 302
    assert f"error={error}&" in answer.headers["Location"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "another"},
        {"client_id": "allmenning-desk"},
        {"redirect_uri": "https://attacker.example/"},
        {"redirect_uri": "http://localhost@attacker.example/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": ""},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_known(norway, wrong):
    answer = norway.client.get("/idporten/authorize", params=ASK | wrong)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_the_login_page_can_be_searched_without_javascript(norway):
    text = norway.client.get("/idporten/authorize", params=ASK | {"q": "linerle averøy"}).text
    assert "Varm Linerle" in text
    assert "Rask Tjeld" not in text
    assert 'name="nonce" value="n"' in text


def test_the_login_page_speaks_three_languages(norway):
    titles = {
        lang: norway.client.get("/idporten/authorize", params=ASK | {"ui_locales": lang}).text
        for lang in ("nb", "nn", "en")
    }
    assert "Hvem er du?" in titles["nb"]
    assert "Kven er du?" in titles["nn"]
    assert "Who are you?" in titles["en"]


def test_what_is_typed_is_shown_as_text(norway):
    text = norway.client.get("/idporten/authorize", params=ASK | {"q": '"><script>alert(1)</script>'}).text
    assert "<script" not in text


@pytest.mark.parametrize("path", ["/", "/people", "/mail"])
def test_pages_have_a_strict_policy_and_no_style_of_their_own(norway, path):
    answer = norway.client.get(path)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script|<style|style=|onclick", answer.text)


def test_every_text_is_translated():
    from sandbox.pages import _translations

    templates = Path(__file__).parents[1] / "templates"
    texts = [
        text for file in templates.glob("*.html") for _, text in re.findall(r"_\((['\"])(.+?)\1[,)]", file.read_text())
    ]
    texts += [one.story for one in world().characters.values()]
    texts += [text for one in STANDINS for text in (one.what, one.held_by)]
    texts += MODES.values()
    for language in ("nb", "nn"):
        known = _translations(language)
        assert [text for text in texts if text not in known._catalog] == []


def test_every_stand_in_can_be_told_to_misbehave(norway):
    assert {mode for modes in TARGETS.values() for mode in modes} == set(MODES)
    answer = norway.client.get("/_control").json()
    assert {one.key for one in STANDINS} == set(answer["targets"])
    assert norway.client.post("/_control", json={"target": "idporten", "mode": "nonsense"}).status_code == 400


def test_a_fault_can_be_set_on_the_page_and_ends(norway):
    answer = norway.client.post("/_control", data={"target": "addresses", "mode": "down", "times": "1"})
    assert answer.headers["Location"] == "/?lang=nb#addresses"
    statuses = [norway.client.get("/adresser/v1/sok?sok=x").status_code for _ in range(2)]
    assert statuses == [503, 200]


def grant(norway, **facts):
    key = norway.sandbox.state.client_keys["allmenning-machine"]
    now = int(time.time())
    claims = {
        "aud": f"{BASE}/maskinporten/",
        "iss": "allmenning-machine",
        "scope": "ks:fiks",
        "iat": now,
        "exp": now + 100,
        "jti": str(time.perf_counter_ns()),
    } | {name: value + now if name in ("iat", "exp") else value for name, value in facts.items() if name != "header"}
    assertion = jwt.encode({"alg": "RS256", "kid": key.kid} | facts.get("header", {}), claims, key)
    return norway.client.post("/maskinporten/token", data={"grant_type": GRANT, "assertion": assertion})


def test_maskinporten_gives_a_token_of_ten_minutes(norway):
    answer = grant(norway).json()
    assert answer["expires_in"] == 599


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://maskinporten.no/"},
        {"iss": "another"},
        {"iat": -60},
        {"iat": 60},
        {"exp": 130},
        {"exp": -1},
        {"jti": ""},
        {"scope": "someone:elses"},
        {"header": {"kid": "another"}},
        {"consumer_org": "399999999"},
    ],
)
def test_maskinporten_refuses_a_wrong_grant(norway, wrong):
    assert grant(norway, **wrong).status_code in (400, 401)


def test_a_grant_works_once(norway):
    assert [grant(norway, jti="the same").status_code for _ in range(2)] == [200, 400]


def test_a_token_for_one_register_does_not_open_another(norway):
    token = grant(norway).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert norway.client.post("/kontaktregister/rest/v2/personer", headers=headers).status_code == 403
    assert norway.client.post("/kontaktregister/rest/v2/personer").status_code == 401


def test_keys_and_messages_survive_a_restart(tmp_path):
    first = Sandbox(tmp_path, BASE).state
    first.keep_message(
        {"id": "email:1", "kind": "email", "to": "a@b.example", "subject": "s", "text": "t", "at": "2026-01-01"}
    )
    second = Sandbox(tmp_path, BASE).state
    assert second.key.kid == first.key.kid
    assert [one["id"] for one in second.messages] == ["email:1"]
    assert oct((tmp_path / "sandbox-key.json").stat().st_mode)[-3:] == "600"
