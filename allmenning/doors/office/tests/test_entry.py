"""Into the office: a role that somebody has today, chosen after the login, and nothing that is another's."""

import pytest
from django.urls import reverse

from allmenning.basics.errors import AllmenningError
from allmenning.commons.identity.errors import NoSuchRole, RoleAlreadyHeld
from allmenning.doors.office.testing import PEOPLE, at_office, logged_in, with_all_agreements
from allmenning.journeys import offices
from allmenning.journeys.testing import ALICE

FRONT = "/en/cooperation/office/"


@pytest.fixture
def agreements(averoy, once):
    once("agreements", with_all_agreements)


def test_who_is_not_logged_in_is_sent_to_the_login_and_back(client, agreements):
    answer = client.get(FRONT)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/en/desk/login/")
    assert "office" in answer["Location"]


def test_a_treasurer_chooses_the_role_and_sees_the_cooperations_agreements(agreements):
    client = at_office("treasurer", scope="ikt-orkide")
    page = client.get(FRONT).text
    assert "IKT Orkidé" in page
    assert "Treasurer of the cooperation" in page
    assert "Operating IKT Orkidé" in page
    assert "The national pool" not in page


def test_a_member_sees_the_agreements_that_it_is_or_was_in(agreements):
    page = at_office("member-treasurer", party="halsa").get(FRONT).text
    assert "Operating IKT Orkidé" in page
    assert "Halsa" in page
    assert "a host and two" not in page


def test_the_choice_shows_roles_beside_workplaces(agreements):
    offices.let_in(ALICE, role="elected", party="averoy")
    page = logged_in(ALICE).get("/en/desk/choose/").text
    assert "Averøy: Elected member" in page
    assert "Ordinary services" in page


def test_who_has_only_a_role_gets_in(agreements):
    offices.let_in(PEOPLE["board"], role="board", scope="ikt-orkide")
    assert logged_in(PEOPLE["board"]).get("/desk/choose/").status_code == 200


def test_acting_at_the_office_is_acting_in_no_municipality(agreements):
    offices.let_in(ALICE, role="elected", party="averoy")
    client = logged_in(ALICE)
    client.post("/desk/choose/", {"place": "averoy/ordinary"})
    assert client.get("/desk/").status_code == 200
    role = offices.offices.roles_of(offices.vault.person_key(f"person:{ALICE}"), offices.dates.today())[0]
    client.post("/desk/choose/", {"office": str(role.id)})
    assert client.get("/desk/").status_code == 302
    client.post("/desk/choose/", {"place": "averoy/ordinary"})
    assert client.get(FRONT).status_code == 302


def test_a_role_ends_at_once(agreements):
    client = at_office("board", scope="ikt-orkide")
    assert client.get(FRONT).status_code == 200
    role = offices.offices.held(offices.dates.today())[0]
    offices.let_out(role.id)
    answer = client.get(FRONT)
    assert answer.status_code == 302
    assert "/desk/choose/" in answer["Location"]


@pytest.mark.parametrize("chosen", ["", "00000000-0000-4000-8000-000000000000", "<script>"])
def test_another_ones_role_can_not_be_chosen(agreements, chosen):
    theirs = offices.let_in(PEOPLE["treasurer"], role="treasurer", scope="ikt-orkide")
    client = logged_in(PEOPLE["board"])
    client.post("/desk/choose/", {"office": chosen or str(theirs.id)})
    assert client.get(FRONT).status_code == 302


@pytest.mark.parametrize(
    "asked",
    [
        {"role": "treasurer", "party": "averoy"},
        {"role": "elected", "scope": "ikt-orkide"},
        {"role": "king", "party": "averoy"},
        {"role": "board", "scope": "nobody"},
        {"role": "elected", "party": "atlantis"},
    ],
)
def test_a_role_that_is_none_is_refused(agreements, asked):
    with pytest.raises(AllmenningError):
        offices.let_in(PEOPLE["board"], **asked)
    assert offices.offices.held(offices.dates.today()) == []


def test_a_role_is_given_once(agreements):
    offices.let_in(PEOPLE["board"], role="board", scope="ikt-orkide")
    with pytest.raises(RoleAlreadyHeld):
        offices.let_in(PEOPLE["board"], role="board", scope="ikt-orkide")
    with pytest.raises(NoSuchRole):
        offices.let_out(offices.OfficeRole().id)


def test_every_view_of_the_office_names_its_roles(agreements):
    assert reverse("office:front").endswith("/cooperation/office/")
    answer = at_office("board", scope="ikt-orkide").get(FRONT)
    assert answer.wsgi_request.office.said == "board, ikt-orkide"
