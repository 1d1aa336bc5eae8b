"""Who is let in, whom the view then works as, and where the others are sent."""

import pytest
from django.test import Client

from allmenning.commons.identity.sessions import Resident, Staff
from allmenning.web import access

ALICE = Resident("02813299952", "Alice", "idporten-loa-high")
CHARLIE = Staff("02813299960", "Charlie", municipality="smola", area="care")


@pytest.fixture(autouse=True)
def two_municipalities(settings, monkeypatch):
    settings.ROOT_URLCONF = "allmenning.web.tests.urls"
    settings.MUNICIPALITIES = f"{__name__}.live"
    access.live.forget()
    monkeypatch.setattr(Resident, "keys", lambda self, municipality: (b"k" * 32,))
    monkeypatch.setattr(Staff, "keys", lambda self: (b"s" * 32,))
    monkeypatch.setattr(access.sessions, "resident", lambda request: None)
    monkeypatch.setattr(access.sessions, "staff", lambda request: None)
    yield
    access.live.forget()


def live():
    return ["averoy", "smola"]


@pytest.fixture
def logged_in(monkeypatch):
    def log_in(who):
        kind = "resident" if isinstance(who, Resident) else "staff"
        monkeypatch.setattr(access.sessions, kind, lambda request: who)
        return Client()

    return log_in


def test_anyone_is_let_in_and_works_without_keys(client):
    assert client.get("/open").json() == {"municipality": None}
    assert client.get("/averoy/open").json() == {"municipality": "averoy", "login": "resident", "keys": 0}


def test_a_municipality_that_is_not_here_is_not_found(client):
    assert client.get("/template-of-main/open").status_code == 404


def test_a_resident_works_with_own_keys_where_the_address_says(logged_in):
    client = logged_in(ALICE)
    assert client.get("/averoy/mine").json() == {"municipality": "averoy", "login": "resident", "keys": 1}
    assert client.get("/mine").json() == {"municipality": None}


def test_a_stranger_is_sent_to_log_in_and_back_in_the_same_language(client):
    assert client.get("/nn/mine?page=2")["Location"] == "/nn/login?next=%2Fnn%2Fmine%3Fpage%3D2"
    assert client.get("/work")["Location"] == "/desk/login?next=%2Fwork"


def test_what_was_typed_is_kept_when_the_session_is_over(client):
    answer = client.post("/mine", {"text": "<long> letter"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 403
    assert 'value="&lt;long&gt; letter"' in answer.content.decode()
    assert "/login?next=" in answer.content.decode()


def test_what_another_site_posted_is_not_kept(client):
    answer = client.post("/mine", {"text": "letter"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert "letter" not in answer.content.decode()


def test_staff_work_as_the_area_they_chose_and_only_there(logged_in):
    client = logged_in(CHARLIE)
    assert client.get("/work").json() == {"municipality": "smola", "login": "care", "keys": 0}
    assert client.get("/settings").status_code == 403


def test_staff_who_have_not_chosen_are_asked_to(logged_in):
    assert logged_in(Staff("02813299960", "Charlie")).get("/work")["Location"].startswith("/desk/choose")


def test_a_role_is_asked_of_the_municipality_and_without_an_answer_it_is_no(logged_in, settings):
    client = logged_in(CHARLIE)
    assert client.get("/decide").status_code == 403
    settings.STAFF_ROLE_CHECK = f"{__name__}.holds_every_role"
    assert client.get("/decide").status_code == 200


def holds_every_role(staff, role):
    return True


def test_an_administrator_works_as_the_administration(logged_in):
    boss = Staff("02813299960", "Bea", municipality="smola", area="ordinary", is_administrator=True)
    assert logged_in(boss).get("/settings").json()["login"] == "administration"


def test_a_machine_is_known_by_its_network_or_its_token_and_never_through_a_proxy(client, settings):
    settings.MACHINE_TOKEN = "secret"
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 403
    told = {"Authorization": "Bearer secret"}
    assert client.get("/metrics", headers=told, REMOTE_ADDR="192.0.2.1").status_code == 200


def test_a_view_carries_one_policy():
    with pytest.raises(TypeError):
        access.anyone(access.resident_only(live))


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        None,
        "/a\nb",
        "///evil.example",
    ],
)
def test_a_login_leads_nowhere_else(elsewhere):
    assert access.local_path(elsewhere, default="/safe") == "/safe"


def test_a_login_leads_back():
    assert access.local_path("/nn/mine?page=2") == "/nn/mine?page=2"
