"""Staff who are lent act for one municipality at a time, and every page of the desk says which, and by whose mandate: in words,
above everything else, on the screen and on paper; as does the log.
"""

import re
from datetime import date
from pathlib import Path

import pytest

from allmenning.commons.municipalities import actions as municipalities
from allmenning.doors.desk.testing import at_desk, send_inquiry
from allmenning.journeys import administering
from allmenning.journeys.testing import ALICE, CHARLIE, NAMES
from allmenning.municipal.access.models import LogEntry
from allmenning.tenancy import use
from tests.guards.test_every_page_has_its_number_of_statements import AT_MOST
from tests.guards.test_every_page_is_whole import BASE, TEMPLATES, root_of

LAYOUT = "desk/layout.html"
SAYS = ("place", "acting", "body")
NO_CHOICE_YET = {"desk:login", "desk:choose"}
WEB = Path(__file__).parents[2] / "allmenning" / "web"


def pages():
    return [name for name in TEMPLATES if name.startswith("desk/") and root_of(name) == BASE]


def chain(name):
    found = re.search(r"{%-?\s*extends\s+\"([^\"]+)\"", TEMPLATES[name])
    return [name, *(chain(found[1]) if found else [])]


def test_every_page_of_the_desk_stands_on_its_layout():
    assert [name for name in pages() if LAYOUT not in chain(name)] == []


@pytest.mark.parametrize("block", SAYS)
def test_no_page_says_it_otherwise(block):
    wanted = "{% block " + block + " %}"
    assert [name for name in pages() if name != LAYOUT and wanted in TEMPLATES[name]] == []


def test_it_stands_in_the_header_and_is_printed():
    header = TEMPLATES[BASE].partition("</header>")[0]
    assert "{% block acting %}" in header
    assert "{% block place %}" in header
    hidden = (WEB / "static" / "web" / "print.css").read_text().partition("display: none")[0]
    assert "site-acting" not in hidden
    assert "site-place" not in hidden
    assert ".site-header," not in hidden


@pytest.fixture
def lent(averoy, smola):
    municipalities.load_register()
    with use("averoy", "administration"):
        administering.lend(
            administering.OPERATOR,
            number=CHARLIE,
            name=NAMES[CHARLIE],
            title="",
            email="",
            home_municipality="smola",
            source="Avtale om vertskommunesamarbeid, § 3",
            unit_id=averoy.unit.id,
            role="leader",
            start=date(2026, 1, 1),
            end=None,
        )
    return averoy


def words(language):
    return {
        "": "Du handler for Averøy, etter fullmakt fra Smøla.",
        "/nn": "Du handlar for Averøy, etter fullmakt frå Smøla.",
        "/en": "You act for Averøy, by a mandate from Smøla.",
    }[language]


@pytest.mark.parametrize("language", ["", "/nn", "/en"])
def test_it_is_said_where_one_works(lent, language):
    case_id = send_inquiry(lent).case_id
    client = at_desk(lent, CHARLIE)
    client.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "supervision"})
    simple = ["", "due/", "register/", "print/", "partial/", "break-glass/", "reviews/"]
    about = ["", "overview/", "decide/", "access/", "protected/"]
    for path in [*simple, *(f"cases/{case_id}/{each}" for each in about)]:
        shown = client.get(f"{language}/desk/{path}", follow=True).text
        assert words(language) in shown, path
    assert {name for name in AT_MOST if name.startswith("desk:")} > NO_CHOICE_YET


def test_a_refusal_says_it_too(lent):
    shown = at_desk(lent, CHARLIE).get("/desk/cases/01a00000-0000-7000-8000-000000000000/")
    assert shown.status_code == 404
    assert words("") in shown.text


def test_ones_own_staff_are_told_nothing_of_mandates(averoy):
    assert "fullmakt" not in at_desk(averoy, ALICE).get("/desk/").text


def test_the_log_tells_who_lent_them(lent):
    case_id = send_inquiry(lent).case_id
    client = at_desk(lent, CHARLIE)
    client.post(f"/desk/cases/{case_id}/purpose/", {"purpose": "supervision"})
    shown = client.get(f"/desk/cases/{case_id}/").text
    assert "På oppdrag fra Smøla" in shown[shown.index("case-more") :]
    with use("averoy", "ordinary"):
        assert set(LogEntry.objects.filter(action="read").values_list("home_municipality", flat=True)) == {"smola"}
