"""The plan and the erasing at the desk: who comes there, and what nobody should send."""

import pytest

from allmenning.doors.desk.testing import at_desk, hire
from allmenning.journeys.testing import ALICE, BOB, number

HEGE = number(307)
ADDRESSES = ("/desk/records/", "/desk/records/plan/", "/desk/records/plan/inquiry/")


@pytest.fixture
def archivist(averoy):
    hire(averoy, HEGE, "archivist", name="Hege Hassel")
    return at_desk(averoy, HEGE)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_caseworker_is_refused_and_a_leader_is_not(averoy, address):
    assert at_desk(averoy, ALICE).get(address).status_code == 403
    assert at_desk(averoy, BOB).get(address).status_code == 200


def test_a_service_of_another_area_or_of_none_is_not_found(archivist):
    for service in ("nobody-offers-this", "housing-allowance-x"):
        for ask in (archivist.get, archivist.post):
            assert ask(f"/desk/records/plan/{service}/").status_code == 404


def test_a_leader_confirms_no_rule(averoy):
    sent = {"rule": "dispose", "years": "5", "source": "arkivlova og planen vår"}
    assert at_desk(averoy, BOB).post("/desk/records/plan/inquiry/", sent).status_code == 403


@pytest.mark.parametrize(
    "sent", [{}, {"case": "x"}, {"case": ["", "1", "\N{SNOWMAN}"]}, {"disposal": "x", "outcome": "y"}]
)
def test_what_is_no_case_is_a_sentence(archivist, sent):
    for address in ("/desk/records/propose/", "/desk/records/decide/"):
        answer = archivist.post(address, sent)
        assert answer.status_code == 422
        assert "Velg minst én sak." in answer.content.decode()


def test_a_rule_is_confirmed_once_and_shown(archivist):
    sent = {"rule": "dispose", "years": "5", "source": "arkivlova og planen vår <b>2026</b>"}
    assert archivist.post("/desk/records/plan/inquiry/", sent).status_code == 302
    page = archivist.get("/desk/records/plan/").content.decode()
    assert "Kan slettes 5 år" in page
    assert "&lt;b&gt;2026&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("source", "said"),
    [("arkivlova og planen\x00vår", "U+0000"), ("arkivlova og planen vår " + "x" * 300, "høyst 300 tegn")],
)
def test_what_is_wrong_with_the_source_is_said_beside_it_and_nothing_is_cut(archivist, source, said):
    answer = archivist.post("/desk/records/plan/inquiry/", {"rule": "dispose", "years": "5", "source": source})
    assert answer.status_code == 422
    assert said in answer.content.decode().partition('id="source-error"')[2]
