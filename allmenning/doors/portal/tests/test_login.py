"""Coming in and going out, and acting for an organisation."""

from dataclasses import replace
from datetime import date

import pytest
from django.conf import settings as configured
from django.http import HttpRequest
from django.test import Client

from allmenning.basics import dates
from allmenning.commons.identity import sessions
from allmenning.connections.idporten import Claims
from allmenning.connections.idporten.errors import LoginAbandoned, LoginAnswerWrong, LoginUnavailable
from allmenning.doors.portal.testing import BAKERY, browser_of
from allmenning.journeys.testing import NAMES, RITA, rita
from allmenning.municipal.people.ports import Address, AddressProtection, OrganisationRole

ISSUER = "https://idporten.example"


class Login:
    """ID-porten as a test wants it: `answer` is what comes of a login."""

    def __init__(self):
        self.answer = Claims(pid=RITA, sub="s", acr="idporten-loa-high", id_token="the id token")
        self.asked = []

    def start(self, redirect_uri, language, level):
        if self.answer is LoginUnavailable:
            raise LoginUnavailable
        self.asked.append((redirect_uri, language, level))
        return f"{ISSUER}/authorize", {"state": "the state", "at": 0}

    def finish(self, query, pending):
        if not pending or query.get("state") != pending["state"]:
            raise LoginAnswerWrong
        if isinstance(self.answer, type):
            raise self.answer
        return self.answer

    def logout_url(self, id_token, back, state=""):
        return f"{ISSUER}/logout?id_token_hint={id_token}"


login = Login()


def client_of(portal):
    return login


@pytest.fixture
def idporten(settings):
    settings.LOGIN_CLIENT = f"{__name__}.client_of"
    login.__init__()
    return login


def session_of(client):
    request = HttpRequest()
    request.session = sessions.SessionStore(client.cookies[configured.SESSION_COOKIE_NAME].value)
    return request


def logged_in_by(client, start="/login/?next=/averoy/services/inquiry/"):
    client.get(start)
    return client.get("/login/callback/", {"code": "c", "state": "the state"})


def test_one_comes_back_to_where_one_was_with_the_name_from_the_register(averoy, idporten):
    client = Client()
    assert client.get("/nn/login/?next=/nn/averoy/services/inquiry/")["Location"] == f"{ISSUER}/authorize"
    back = client.get("/login/callback/", {"code": "c", "state": "the state"})
    assert back["Location"] == "/nn/averoy/services/inquiry/"
    assert sessions.resident(session_of(client)).name == NAMES[RITA]
    assert idporten.asked == [("http://localhost:8000/login/callback/", "nn", "idporten-loa-substantial")]


def test_the_session_is_another_after_the_login(averoy, idporten):
    client = Client()
    client.get("/login/")
    before = session_of(client).session["_s"]["id"]
    client.get("/login/callback/", {"code": "c", "state": "the state"})
    assert session_of(client).session["_s"]["id"] != before


def test_an_answer_is_used_once(averoy, idporten):
    client = Client()
    logged_in_by(client)
    again = client.get("/login/callback/", {"code": "c", "state": "the state"})
    assert again["Location"].startswith("/login/failed/?why=LoginAnswerWrong")


def test_an_answer_to_a_login_that_was_begun_elsewhere_is_refused(averoy, idporten):
    client = Client()
    back = client.get("/login/callback/", {"code": "c", "state": "the state"})
    assert "LoginAnswerWrong" in back["Location"]
    assert client.get("/my/")["Location"].startswith("/login/")


@pytest.mark.parametrize(
    "outside", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_login_leads_to_no_other_site(averoy, idporten, outside):
    client = Client()
    client.get("/login/", {"next": outside})
    assert client.get("/login/callback/", {"state": "the state"})["Location"] == "/my/"


@pytest.mark.parametrize(
    ("failure", "said"),
    [(LoginAbandoned, "Du avbrøt innloggingen"), (LoginUnavailable, "Innloggingstjenesten svarer ikke akkurat nå")],
)
def test_a_login_that_fails_is_a_plain_page_with_the_way_to_try_again(averoy, idporten, failure, said):
    client = Client()
    if failure is not LoginUnavailable:
        client.get("/login/?next=/averoy/")
    idporten.answer = failure
    address = "/login/?next=/averoy/" if failure is LoginUnavailable else "/login/callback/?state=the+state"
    page = client.get(address, follow=True)
    assert said in page.text
    assert "/login/?next=%2Faveroy%2F" in page.text.replace("next=/averoy/", "next=%2Faveroy%2F")


def test_what_was_begun_without_login_survives_it(averoy, idporten):
    client = Client()
    draft = client.post("/averoy/services/inquiry/start/", follow=True).request["PATH_INFO"]
    logged_in_by(client)
    assert client.get(draft).status_code == 200


def test_a_register_that_is_down_stops_nobody(averoy, registers, idporten):
    registers.down.add("folkeregister")
    client = Client()
    assert logged_in_by(client).status_code == 302
    assert "Innlogget" in client.get("/").text


def test_the_registered_municipality_is_suggested_but_never_a_protected_one(averoy, registers, idporten):
    person = registers.people[RITA]
    address = Address("Fjordvegen 1", "6530", "Averøy", municipality_number="1554")
    registers.people[RITA] = replace(person, address=address)
    client = Client()
    logged_in_by(client)
    assert "Bor du i Averøy?" in client.get("/").text
    registers.people[RITA] = replace(person, address=address, protection=AddressProtection.CONFIDENTIAL)
    client = Client()
    logged_in_by(client)
    assert "Bor du i" not in client.get("/").text
    assert "suggested_municipality" not in session_of(client).session


def test_logging_out_ends_it_here_and_at_id_porten(averoy, idporten):
    client = Client()
    logged_in_by(client)
    page = client.post("/logout/")
    assert f'content="0; url={ISSUER}/logout?id_token_hint=the id token"' in page.text
    assert client.get("/my/")["Location"].startswith("/login/")
    assert client.get("/logout/").status_code == 405


def chair(registers, *codes):
    registers.roles[RITA] = [
        OrganisationRole(BAKERY.number, BAKERY.name, code, "Rita", date(1985, 1, 1)) for code in codes
    ]


def test_one_may_act_for_an_organisation_where_the_role_allows_it(averoy, registers):
    chair(registers, "MEDL", "LEDE")
    client = browser_of(rita())
    assert BAKERY.name in client.get("/act-for/").text
    assert client.post("/act-for/", {"organisation": BAKERY.number})["Location"] == "/my/"
    assert sessions.resident(session_of(client)).acting_number == BAKERY.number
    client.post("/act-for/", {"organisation": ""})
    assert sessions.resident(session_of(client)).organisation is None


def test_a_role_is_asked_for_anew_when_it_is_chosen(averoy, registers):
    client = browser_of(rita())
    for codes in ((), ("MEDL",)):
        chair(registers, *codes)
        page = client.post("/act-for/", {"organisation": BAKERY.number})
        assert page.status_code == 422
        assert "ikke lenger en rolle" in page.text
    assert sessions.resident(session_of(client)).organisation is None


def test_a_register_of_roles_that_is_down_says_so(averoy, registers):
    registers.down.add("enhetsregister")
    client = browser_of(rita())
    assert "registeret svarer ikke" in client.get("/act-for/").text
    assert client.post("/act-for/", {"organisation": BAKERY.number}).status_code == 422


def test_nobody_acts_without_logging_in(averoy):
    assert Client().get("/act-for/")["Location"] == "/login/?next=%2Fact-for%2F"
    assert dates.today()
