"""Coming in at the desk: who is let in where, and what they then see."""

from datetime import date

import pytest
from django.test import Client

from allmenning.basics import dates
from allmenning.doors.desk.testing import at_desk, logged_in
from allmenning.journeys import administering
from allmenning.journeys.testing import ALICE, CHARLIE, NAMES, RITA
from allmenning.municipal.access.models import StaffMember
from allmenning.tenancy import use

BY = administering.OPERATOR


def test_without_a_login_one_is_sent_to_it(commons_db):
    response = Client().get("/desk/")
    assert response["Location"] == "/desk/login/?next=%2Fdesk%2F"


def test_alice_chooses_among_her_own_places(averoy, smola):
    page = logged_in(ALICE).get("/desk/choose/").text
    assert "Averøy" in page
    assert "Servicetorget" in page
    assert "Smøla" not in page


def test_what_was_chosen_is_shown_on_every_page(averoy):
    page = at_desk(averoy, ALICE).get("/desk/").text
    assert "Averøy" in page
    assert "/desk/choose/" in page


def test_alice_can_not_act_where_she_does_not_work(averoy, smola):
    client = logged_in(ALICE)
    response = client.post("/desk/choose/", {"place": "smola/ordinary"})
    assert response["Location"].startswith("/desk/choose/")
    assert client.get("/desk/")["Location"].startswith("/desk/choose/")


def test_nobody_acts_in_an_area_where_they_have_no_position(averoy):
    response = logged_in(ALICE).post("/desk/choose/", {"place": "averoy/child-welfare"})
    assert response["Location"].startswith("/desk/choose/")


def test_a_resident_is_told_that_they_are_not_staff(averoy):
    response = logged_in(RITA).get("/desk/choose/")
    assert response.status_code == 403
    assert "ikke registrert som ansatt" in response.text


def test_former_staff_are_told_so(averoy):
    with use(averoy.id, "administration"):
        StaffMember.objects.filter(id=averoy.staff["alice"].id).update(end=date(2026, 1, 2))
    response = logged_in(ALICE).get("/desk/choose/")
    assert response.status_code == 403
    assert "Averøy" in response.text


def test_one_who_leaves_while_logged_in_is_stopped_at_the_next_page(averoy):
    client = at_desk(averoy, ALICE)
    with use(averoy.id, "administration"):
        StaffMember.objects.filter(id=averoy.staff["alice"].id).update(end=date(2026, 1, 2))
    assert client.get("/desk/").status_code == 403


def test_a_mandate_is_shown_and_refused_when_it_has_run_out(averoy, smola):
    with use(averoy.id, "administration"):
        lent = administering.add_staff(
            BY, number=CHARLIE, name=NAMES[CHARLIE], title="", email="", start=date(2026, 1, 1)
        )
        administering.add_position(BY, lent.id, averoy.unit.id, "caseworker", start=date(2026, 1, 1))
        mandate = administering.add_mandate(
            BY, lent.id, "smola", "Avtale 2026/1", start=date(2026, 1, 1), end=dates.today()
        )
    client = at_desk(averoy, CHARLIE)
    assert client.get("/desk/").status_code == 200
    assert "Smøla" in client.get("/desk/choose/").text
    with use(averoy.id, "administration"):
        administering.end_mandate(BY, mandate.id, date(2026, 1, 2))
    assert client.get("/desk/").status_code == 403


def test_the_session_is_new_at_login_and_at_the_choice(averoy):
    client = logged_in(ALICE)
    before = client.cookies["sessionid"].value
    client.post("/desk/choose/", {"place": "averoy/ordinary"})
    assert client.cookies["sessionid"].value != before


@pytest.mark.parametrize("next_", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere"])
def test_nobody_is_sent_to_another_site(averoy, next_):
    response = logged_in(ALICE).post("/desk/choose/", {"place": "averoy/ordinary", "next": next_})
    assert response["Location"] == "/desk/"


def test_logging_out_ends_the_session(averoy):
    client = at_desk(averoy, ALICE)
    client.post("/desk/logout/")
    assert client.get("/desk/")["Location"].startswith("/desk/login/")
