"""A council's paper at the office: one's own, as PDF, and nobody else's."""

import io

import pytest
from pypdf import PdfReader

from allmenning.basics import dates
from allmenning.commons.governance import actions, council_actions
from allmenning.commons.governance.council_actions import Basis
from allmenning.commons.governance.words import Words
from allmenning.doors.office.testing import at_office, with_all_agreements
from allmenning.journeys.tests.test_council_papers import APRIL, BEGINS, LIMITED
from allmenning.journeys.tests.test_council_papers import matter as matter
from demo import plan as demo_plan

PAPER = "/cooperation/office/matters/ikt-orkide/2026/{number}/paper/{party}.pdf"


@pytest.mark.parametrize("role", ["secretary", "elected", "employees", "member-treasurer"])
def test_who_stands_for_a_municipality_gets_its_own(matter, role):
    client = at_office(role, party="averoy")
    answer = client.get(PAPER.format(number=matter.number, party="averoy"))
    assert answer.content.startswith(b"%PDF")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert client.get(PAPER.format(number=matter.number, party="smola")).status_code == 403


def test_the_cooperation_reads_all_of_them_in_either_language(matter):
    client = at_office("planner", scope="ikt-orkide")
    nb, nn = (
        client.get(PAPER.format(number=matter.number, party="smola"), {"language": each}) for each in ("nb", "nn")
    )
    assert nb.content != nn.content
    assert "smola-nn.pdf" in nn["Content-Disposition"]


@pytest.mark.parametrize(("number", "party"), [(99, "averoy"), (1, "tingvoll"), (1, "atlantis")])
def test_a_paper_that_is_not_there_is_not_found(matter, number, party):
    client = at_office("board", scope="ikt-orkide")
    assert client.get(PAPER.format(number=number, party=party)).status_code == 404


def test_a_draft_is_the_cooperations_own_until_somebody_is_asked(matter):
    draft = council_actions.draft(item=matter.item, basis=Basis(Words("Utkast"), Words("Utkast")), by="test")
    paper = PAPER.format(number=draft.number, party="averoy")
    assert at_office("planner", scope="ikt-orkide").get(paper).status_code == 200
    for role in ("secretary", "elected", "employees"):
        assert at_office(role, party="averoy").get(paper).status_code == 404


@pytest.mark.parametrize("party", ["nonsense", "bergen", "00"])
def test_a_drafts_paper_for_who_is_no_member_is_not_found(matter, party):
    draft = council_actions.draft(item=matter.item, basis=Basis(Words("Utkast"), Words("Utkast")), by="test")
    client = at_office("planner", scope="ikt-orkide")
    assert client.get(PAPER.format(number=draft.number, party=party)).status_code == 404


@pytest.mark.parametrize("matter", [None, [LIMITED], [(BEGINS, "- from: 2031-01-01")]], indirect=True)
def test_why_a_share_is_not_known_is_said_on_the_page_and_in_the_paper(matter):
    with dates.clock.frozen(APRIL):
        actions.plan_cost(item=matter.item, year=2027, kind="operation", amount_ore=100, by="test")
    client = at_office("elected", party="averoy")
    page = client.get(f"/en/cooperation/office/matters/ikt-orkide/2026/{matter.number}/")
    assert "The share can't be worked out" in page.text
    assert client.get(PAPER.format(number=matter.number, party="averoy")).status_code == 200


def test_a_paper_about_a_project_tells_what_the_measure_above_it_is_to_give_and_may_cost(averoy):
    with_all_agreements()
    demo_plan.seed()
    paper = at_office("elected", party="averoy").get(PAPER.format(number=1, party="averoy"))
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages).split())
    assert "hele tiltaket som det er en del av" in text
    assert "120" in text
    assert "på avveie" in text
    assert "ikke anslått" not in text
