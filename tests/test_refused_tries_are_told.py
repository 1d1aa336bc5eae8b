"""What a resident sees of staff who were refused their case for being disqualified (forvaltningsloven § 6)."""

from dataclasses import replace

import pytest

from allmenning.doors.desk.testing import at_desk, send_inquiry
from allmenning.doors.portal.testing import browser_of
from allmenning.journeys.testing import ALICE, BOB, RITA, rita
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.access.resident_log import Reader, rule_for
from allmenning.municipal.cases.models import Case
from allmenning.tenancy import use


@pytest.fixture
def tried(averoy, registers):
    """Alice tries to open her daughter's case."""
    registers.people[ALICE] = replace(registers.people[ALICE], children=(RITA,))
    receipt = send_inquiry(averoy)
    assert at_desk(averoy, ALICE).get(f"/desk/cases/{receipt.case_id}/").status_code == 403
    with use(averoy.id, "ordinary"):
        return LogEntry.objects.get(action="refused")


def test_the_resident_sees_that_somebody_tried_and_not_who_or_by_which_rule(tried):
    page = browser_of(rita()).get("/my/log/").text
    assert "Prøvde å åpne saken, og ble nektet" in page
    assert not any(text in page for text in ("Alice", "near-case"))


def test_the_resident_sees_that_somebody_would_have_given_it_to_one_who_cannot_have_it(averoy, registers):
    registers.people[ALICE] = replace(registers.people[ALICE], children=(RITA,))
    receipt = send_inquiry(averoy)
    bob, case = at_desk(averoy, BOB), f"/desk/cases/{receipt.case_id}/"
    at_desk(averoy, ALICE).get("/desk/")
    bob.post(f"{case}purpose/", {"purpose": "supervision"})
    with use(averoy.id, "ordinary"):
        revision = Case.objects.get().revision
    to = {"to": averoy.staff["alice"].id, "unit": averoy.unit.id, "revision": revision}
    assert "§ 6" in bob.post(f"{case}assign/", to).text
    page = browser_of(rita()).get("/my/log/").text
    assert "Prøvde å gi saken til noen som ikke kan ha den, og ble nektet" in page
    assert not any(text in page for text in ("Alice", "near-case"))


@pytest.mark.parametrize(("ground", "rule"), [("violence", "violence"), ("police", "police")])
def test_it_is_left_out_where_it_could_endanger_like_every_other_look(tried, ground, rule):
    assert rule_for(tried, Reader()) is None
    assert rule_for(tried, Reader(kept={tried.case_id: {ground}})).id == rule
    tried.area = "child-welfare"
    assert rule_for(tried, Reader()).id == "child-welfare-control"
