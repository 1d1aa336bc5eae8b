"""A system proves who it is by its key, and by nothing else; what it gets is short-lived and its own."""

import base64
import hmac
import json
from types import SimpleNamespace

import pytest
from joserfc import jwk

from allmenning.doors.api.testing import system
from allmenning.journeys import administering, clients
from allmenning.journeys.clients import parts_of
from allmenning.municipal.access.errors import UnusableKey
from allmenning.tenancy import use


def encoded(part):
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


@pytest.mark.parametrize(
    "key", [jwk.ECKey.generate_key("P-256"), jwk.RSAKey.generate_key(2048), jwk.OKPKey.generate_key("Ed25519")]
)
def test_each_kind_of_key_logs_in(averoy, key):
    answer = system(averoy.id, key=key, scopes=["cases", "figures"]).ask_for_token()

    told = answer.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 600, "cases figures")
    assert answer["Cache-Control"] == "no-store"


def test_a_system_may_ask_for_less_than_it_has(averoy):
    ours = system(averoy.id, scopes=["cases", "figures"])

    assert ours.ask_for_token(scope="figures").json()["scope"] == "figures"
    assert ours.ask_for_token(scope="submit").json()["error"] == "invalid_scope"


def test_another_grant_is_refused_as_the_standard_says(averoy):
    assert system(averoy.id).ask_for_token(grant_type="password").json()["error"] == "unsupported_grant_type"


def test_an_assertion_is_used_once(averoy):
    ours = system(averoy.id)
    assertion = ours.assertion()

    assert ours.ask_for_token(assertion).status_code == 200
    assert ours.ask_for_token(assertion).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "http://localhost:8000/"},
        {"aud": ["http://localhost:8000/api/v1/token", "https://elsewhere.example"]},
        {"aud": None},
        {"sub": "averoy.AAAAAAAAAAAAAAAAAAAAAA"},
        {"iss": "smola.AAAAAAAAAAAAAAAAAAAAAA"},
        {"iss": 7},
        {"exp": None},
        {"exp": True},
        {"jti": None},
        {"jti": "short"},
    ],
)
def test_what_an_assertion_must_say_is_held(averoy, claims):
    ours = system(averoy.id)
    answer = ours.ask_for_token(ours.assertion(**claims))

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["error"] == "invalid_grant"


NOW = 1_800_000_000


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"exp": NOW - 10}, 200),
        ({"exp": NOW - 11}, 400),
        ({"exp": NOW + 130}, 200),
        ({"exp": NOW + 131}, 400),
        ({"iat": NOW + 10}, 200),
        ({"iat": NOW + 11}, 400),
        ({"nbf": NOW + 10}, 200),
        ({"nbf": NOW + 11}, 400),
    ],
)
def test_clocks_may_differ_by_ten_seconds_and_no_more(averoy, monkeypatch, claims, status):
    ours = system(averoy.id)
    monkeypatch.setattr(clients, "time", SimpleNamespace(time=lambda: NOW))
    assertion = ours.assertion(**{"iat": NOW, "exp": NOW + 60, **claims})
    assert ours.ask_for_token(assertion).status_code == status


def test_nobody_signs_for_another(averoy, smola):
    ours, theirs = system(averoy.id), system(smola.id)

    assert ours.ask_for_token(ours.assertion(key=theirs.key)).status_code == 400
    assert ours.ask_for_token("x.y.z" * 9).status_code == 400


def test_the_header_does_not_choose_the_algorithm(averoy):
    """The classic: the public key as the secret of an HMAC, or no signature at all."""
    ours = system(averoy.id, key=jwk.RSAKey.generate_key(2048))
    claims = ours.assertion().split(".")[1]
    for header, secret in (("HS256", ours.key.as_pem(private=False)), ("none", b"")):
        signed = f"{encoded(json.dumps({'alg': header}).encode())}.{claims}"
        mac = hmac.digest(secret, signed.encode(), "sha256") if secret else b""
        assert ours.ask_for_token(f"{signed}.{encoded(mac)}").status_code == 400


def test_a_withdrawn_system_is_out_at_once(averoy):
    ours = system(averoy.id)
    assert ours.get("/nothing").status_code == 404
    with use(averoy.id, "administration"):
        clients.withdraw(administering.OPERATOR, parts_of(ours.id)[1])

    assert ours.post("/applications", {}).status_code == 401
    assert ours.ask_for_token().status_code == 400


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 5000, "AAAA"])
def test_a_token_that_nobody_gave_opens_nothing(averoy, token):
    ours = system(averoy.id)
    ours.token = token
    answer = ours.post("/applications", {})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_key_is_given_as_jwk_or_as_pem(averoy):
    key = jwk.ECKey.generate_key("P-256")
    with use(averoy.id, "administration"):
        kept = [
            clients.add(administering.OPERATOR, name="System", key=given, scopes=["cases"]).public_key
            for given in (
                key.as_dict(private=False),
                json.dumps(key.as_dict(private=False)),
                key.as_pem(private=False).decode(),
            )
        ]
    assert kept[0] == kept[1] == kept[2]


@pytest.mark.parametrize(
    "key",
    [
        jwk.ECKey.generate_key("P-256").as_dict(private=True),
        jwk.ECKey.generate_key("P-256").as_pem(private=True).decode(),
        jwk.ECKey.generate_key("P-384").as_dict(private=False),
        jwk.RSAKey.generate_key(1024).as_dict(private=False),
        jwk.OctKey.generate_key(256).as_dict(),
        {"kty": "EC"},
        "text",
        None,
    ],
    ids=["private", "private PEM", "P-384", "short RSA", "secret", "half", "text", "none"],
)
def test_only_public_keys_that_are_strong_enough_are_taken(averoy, key):
    with use(averoy.id, "administration"), pytest.raises(UnusableKey):
        clients.add(administering.OPERATOR, name="System", key=key, scopes=["cases"])
