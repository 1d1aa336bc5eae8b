"""Login against the sandbox's ID-porten and Ansattporten, and against each way in which they can be wrong."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from allmenning.connections import idporten
from allmenning.connections.idporten import HIGH, Client
from demo.people import world
from sandbox.testing import REDIRECT

PARENT = world().characters["parent"].number
CASEWORKER = world().characters["caseworker-averoy"].number


@pytest.fixture
def portal(norway):
    return Client(norway.config("idporten"), transport=norway.transport)


def log_in(norway, client, number=PARENT, level=idporten.SUBSTANTIAL):
    url, pending = client.start(REDIRECT, "nn", level)
    return client.finish(norway.log_in(url, number), pending)


def test_a_resident_logs_in(norway, portal):
    claims = log_in(norway, portal)
    assert (claims.pid, claims.name) == (PARENT, "Varm Linerle")
    assert claims.acr == "idporten-loa-substantial"
    assert claims.locale == "nn"
    assert claims.sub
    assert claims.sid
    assert claims.org is None


def test_a_higher_level_is_given_when_it_is_asked_for(norway, portal):
    assert log_in(norway, portal, level=HIGH).acr == HIGH


def test_a_member_of_staff_logs_in_for_their_municipality(norway):
    desk = Client(norway.config("ansattporten"), transport=norway.transport)
    claims = log_in(norway, desk, CASEWORKER)
    assert (claims.pid, claims.org_name) == (CASEWORKER, "Averøy kommune")
    assert claims.org == world().employer("averoy").number


def test_the_same_person_is_another_subject_for_another_client(norway, portal):
    desk = Client(norway.config("ansattporten"), transport=norway.transport)
    assert log_in(norway, portal, CASEWORKER).sub != log_in(norway, desk, CASEWORKER).sub


def test_the_request_has_what_the_publisher_requires(portal):
    url, pending = portal.start(REDIRECT)
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert query["code_challenge_method"] == "S256"
    assert len(query["code_challenge"]) == 43
    assert query["acr_values"] == "idporten-loa-substantial"
    assert pending["verifier"] not in url
    assert query["nonce"] != query["state"]


WRONG = [
    ("wrong_nonce", idporten.LoginTokenWrong),
    ("no_nonce", idporten.LoginTokenWrong),
    ("expired", idporten.LoginTokenWrong),
    ("wrong_audience", idporten.LoginTokenWrong),
    ("wrong_issuer", idporten.LoginTokenWrong),
    ("wrong_signature", idporten.LoginTokenWrong),
    ("wrong_at_hash", idporten.LoginTokenWrong),
    ("low_acr", idporten.LoginLevelTooLow),
    ("missing_pid", idporten.LoginHasNoNumber),
    ("other_issuer_parameter", idporten.LoginAnswerWrong),
    ("no_issuer_parameter", idporten.LoginAnswerWrong),
    ("wrong_state", idporten.LoginAnswerWrong),
]


@pytest.mark.parametrize(("mode", "error"), WRONG)
def test_nobody_gets_in_by_a_wrong_answer(norway, portal, mode, error):
    url, pending = portal.start(REDIRECT)
    norway.misbehave("idporten", mode)
    with pytest.raises(error):
        portal.finish(norway.log_in(url, PARENT), pending)


@pytest.mark.parametrize("mode", ["down", "rate_limited", "garbage", "huge", "redirect"])
def test_an_issuer_that_fails_is_said_to_be_unavailable(norway, portal, mode):
    norway.misbehave("idporten", mode)
    with pytest.raises(idporten.LoginUnavailable):
        portal.start(REDIRECT)


def test_an_issuer_that_goes_down_midway_is_said_to_be_unavailable(norway, portal):
    url, pending = portal.start(REDIRECT)
    query = norway.log_in(url, PARENT)
    norway.misbehave("idporten", "down")
    with pytest.raises(idporten.LoginUnavailable):
        portal.finish(query, pending)


def test_a_slow_issuer_is_given_up(norway):
    def slow(request):
        raise httpx.ReadTimeout("too slow", request=request)

    with pytest.raises(idporten.LoginUnavailable):
        Client(norway.config("idporten"), transport=httpx.MockTransport(slow)).start(REDIRECT)


def test_a_code_works_once(norway, portal):
    url, pending = portal.start(REDIRECT)
    query = norway.log_in(url, PARENT)
    portal.finish(query, pending)
    with pytest.raises(idporten.LoginExpired):
        portal.finish(query, pending)


def test_somebody_elses_code_does_not_fit_my_login(norway, portal):
    theirs, _ = portal.start(REDIRECT)
    _, mine = portal.start(REDIRECT)
    stolen = norway.log_in(theirs, PARENT) | {"state": mine["state"]}
    with pytest.raises(idporten.LoginExpired):
        portal.finish(stolen, mine)


def test_an_old_login_and_no_login_have_expired(norway, portal):
    url, pending = portal.start(REDIRECT)
    query = norway.log_in(url, PARENT)
    with pytest.raises(idporten.LoginExpired):
        portal.finish(query, {**pending, "at": pending["at"] - 3600})
    with pytest.raises(idporten.LoginExpired):
        portal.finish(query, None)


def test_cancelling_is_not_a_fault(norway, portal):
    url, pending = portal.start(REDIRECT)
    answer = norway.client.post(url, data={"cancel": "1"})
    query = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    with pytest.raises(idporten.LoginAbandoned):
        portal.finish(query, pending)


def test_production_takes_no_synthetic_people(norway):
    config = norway.config("idporten") | {"allow_synthetic": False}
    with pytest.raises(idporten.LoginTokenWrong):
        log_in(norway, Client(config, transport=norway.transport))


def test_an_endpoint_on_a_host_that_is_not_configured_is_not_called(norway, portal):
    facts = norway.client.get("/idporten/.well-known/openid-configuration").json()

    def elsewhere(request):
        return httpx.Response(200, json={**facts, "jwks_uri": "https://attacker.example/jwks"})

    with pytest.raises(idporten.LoginUnavailable):
        Client(norway.config("idporten"), transport=httpx.MockTransport(elsewhere)).start(REDIRECT)


def test_metadata_of_another_issuer_is_not_believed(norway):
    def other(request):
        return httpx.Response(200, json={"issuer": "https://attacker.example"})

    with pytest.raises(idporten.LoginUnavailable):
        Client(norway.config("idporten"), transport=httpx.MockTransport(other)).start(REDIRECT)


def test_logging_out_goes_by_the_issuer_and_back(norway, portal):
    claims = log_in(norway, portal)
    answer = norway.client.get(portal.logout_url(claims.id_token, "http://localhost:8000/", "abc"))
    assert answer.headers["Location"] == "http://localhost:8000/?state=abc"
