"""What every response carries, what is refused at the door, and in which language."""

import pytest
from django.test import Client

from allmenning.web import errors


@pytest.fixture(autouse=True)
def own_addresses(settings):
    settings.ROOT_URLCONF = "allmenning.web.tests.urls"


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("path", ["/language", "/nothing-here", "/broken", "/language?a=%00"])
def test_every_response_is_hardened(client, path):
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_form_may_lead_to_the_login_of_listed_issuers_alone(client, settings):
    settings.ALLOWED_ISSUERS = ["https://login.example/realm"]
    policy = Client().get("/language")["Content-Security-Policy"]
    assert "form-action 'self' https://login.example;" in policy


def test_what_is_personal_is_never_stored(client, settings):
    assert client.get("/language")["Cache-Control"] == "private, no-cache"
    assert client.get("/form")["Cache-Control"] == "no-store"  # it sets a cookie
    assert client.post("/form")["Cache-Control"] == "no-store"
    client.cookies[settings.SESSION_COOKIE_NAME] = "somebody"
    assert client.get("/broken")["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("path", "language"), [("/language", "nb"), ("/nn/language", "nn"), ("/en/language", "en")])
def test_the_address_alone_chooses_the_language(client, path, language):
    answer = client.get(path, headers={"Accept-Language": "en"})
    assert answer.content.decode() == language
    assert answer["Content-Language"] == language


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/nothing", "Vi finner ikke siden"),
        ("/nn/nothing", "Vi finn ikkje sida"),
        ("/en/nothing", "We cannot find the page"),
        ("/nn/broken", "Noko gjekk gale hos oss"),
        ("/nn/read-only", "Denne sida kan ikkje opnast på den måten"),
    ],
)
def test_an_error_keeps_the_language(client, path, says):
    assert says in client.get(path).content.decode()


def test_a_refused_method_gets_a_page_and_keeps_its_header(client):
    answer = client.get("/read-only")
    assert (answer.status_code, answer["Allow"]) == (405, "GET")
    assert answer.content


@pytest.mark.parametrize("path", ["/language?a=%00", "/language?a=%ff", "/langu%00age"])
def test_nul_and_broken_text_in_an_address_are_refused(client, path):
    assert client.get(path).status_code == 400


def test_broken_text_in_a_path_is_no_address(client):
    assert client.get("/%ff").status_code == 404


@pytest.mark.parametrize("body", ["text=a%00b", "te%00xt=a", "text=%ff"])
def test_nul_and_broken_text_in_a_form_are_refused(client, body):
    assert client.post("/form", body, content_type="application/x-www-form-urlencoded").status_code == 400


def test_nul_in_a_form_with_files_is_refused(client):
    assert client.post("/form", {"text": "a\0b"}).status_code == 400


def test_a_view_that_checks_its_own_text_gets_it(client):
    assert client.post("/checked-form", {"text": "a\0b"}).status_code == 200


def test_too_much_is_refused_with_a_page(client, settings):
    settings.REQUEST_MAX_BYTES = settings.REQUEST_MAX_UPLOAD_BYTES = 1000
    answer = client.post("/nn/form", {"text": "a" * 2000})
    assert answer.status_code == 413
    assert "for stort" in answer.content.decode()


def test_more_than_a_form_may_hold_is_refused_with_a_page(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = client.post("/form", "text=" + "a" * 2000, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413


def test_a_stale_form_is_held_to_be_sent_again():
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/form", {"text": "my letter"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 403
    assert 'value="my letter"' in answer.content.decode()


def test_a_form_of_another_site_is_not_held():
    client = Client(enforce_csrf_checks=True)
    for said in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {}):
        assert "my letter" not in client.post("/form", {"text": "my letter"}, headers=said).content.decode()


def test_the_last_resort_needs_nothing(rf, monkeypatch):
    monkeypatch.setattr(errors, "render_to_string", lambda *_: 1 / 0)
    answer = errors.page(rf.get("/"), 500)
    assert answer.status_code == 500
    assert "Noe gikk galt" in answer.content.decode()


@pytest.mark.parametrize("status", errors.STATUSES)
def test_every_error_has_a_page_that_needs_nothing_more(rf, status):
    shown = errors.page(rf.get("/"), status)
    assert shown.status_code == status
    assert b"<main" in shown.content


def test_an_error_page_asks_nothing_of_the_session(rf):
    request = rf.get("/")
    request._messages = None  # would fail as soon as it is asked
    assert "Noe gikk galt hos oss" in errors.page(request, 500).content.decode()
    assert "<h1" in errors.page(request, 500).content.decode()
