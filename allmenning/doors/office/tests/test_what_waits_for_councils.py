"""What waits for councils and employees stands on their first page, until it is done."""

import pytest

from allmenning.basics import dates
from allmenning.commons.governance import council_actions
from allmenning.commons.governance.council_actions import Decided
from allmenning.doors.office.testing import at_office
from allmenning.journeys.testing import number
from allmenning.journeys.tests.test_council_papers import JUNE
from allmenning.journeys.tests.test_council_papers import matter as matter

FRONT = "/en/cooperation/office/"


@pytest.mark.parametrize("role", ["elected", "secretary"])
def test_a_matter_waits_for_the_council_until_it_has_decided(matter, role):
    client = at_office(role, party="smola")
    assert "Waits for the council" in client.get(FRONT).text
    decided = Decided("adopted", JUNE, "PS 41/26", 8, 7, "Vedtatt.")
    with dates.clock.frozen(JUNE):
        council_actions.register_decision(
            matter=matter, party="smola", decided=decided, joins_on=None, by="secretary, smola"
        )
    assert "Nothing just now." in client.get(FRONT).text


def test_a_matter_waits_for_no_council_that_it_is_not_put_before(matter):
    assert "Nothing just now." in at_office("elected", party="tingvoll", who=number(323)).get(FRONT).text


def test_what_a_member_asked_waits_for_the_planner(matter):
    council_actions.put_on_agenda(
        scope="ikt-orkide",
        party="smola",
        title="Felles telefoni",
        text="Hva koster det?",
        language="nb",
        by="elected, smola",
    )
    page = at_office("planner", scope="ikt-orkide").get(FRONT).text
    assert "Answer an elected member" in page
    assert "Felles telefoni" in page
