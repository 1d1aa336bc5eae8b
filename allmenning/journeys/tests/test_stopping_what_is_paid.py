"""Assistance is stopped by a decision, and nothing is paid after it; and what is decided is an amount."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allmenning.basics import dates
from allmenning.journeys import casework, deciding, decision_letters, recording
from allmenning.journeys.decision_letters import Drafted
from allmenning.journeys.testing import ALICE, rita
from allmenning.journeys.tests.test_transferring import CONDITION, HELP, PAYMENT, sent
from allmenning.journeys.tests.test_transferring import both as both
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.errors import AmountUnreadable, RecordGoesOn
from allmenning.municipal.cases.models import Case
from allmenning.tenancy import use

AREA = "social-services"


GRANTED = {
    **{
        "need_ore": 2,
        "means_ore": 1,
        "support_ore": 1,
        "calculation": ["Sum"],
        "payment": "1.",
        "conditions": "Se under.",
    },
    **{"period": "Desember", "period_to": "31.12.2026"},
}


@pytest.fixture
def case_id(both):
    """Assistance that is granted and goes on."""
    averoy, _ = both
    found = sent(averoy, HELP, "a-single-renter", rita())
    decide(averoy, found, Drafted("granted", ["Du trenger det."], GRANTED))
    return found


def decide(place, case_id, drafted):
    with use(place.id, AREA):
        working, key = working_as(place.staff["alice"].id, AREA), casework.staff_resident_key(place.id, ALICE)
        deciding.save_draft(case_id, drafted, working, revision=Case.objects.get(id=case_id).revision, staff_key=key)
        return deciding.issue(case_id, working, revision=Case.objects.get(id=case_id).revision, staff_key=key)


def write(place, case_id, kind, answers):
    with use(place.id, AREA):
        working, key = working_as(place.staff["alice"].id, AREA), casework.staff_resident_key(place.id, ALICE)
        return recording.begin(case_id, kind, recording.Draft(answers), working, staff_key=key)


def stop(place, case_id):
    return decide(place, case_id, Drafted("stopped", ["Du har fått lønn."], {}))


def end(place, row, status):
    with use(place.id, AREA):
        working, key = working_as(place.staff["alice"].id, AREA), casework.staff_resident_key(place.id, ALICE)
        ended = {"status": status, "day": dates.today(), "why": "Fått lønn", "version": row.version}
        recording.end(row.case_id, row.kind, row.series, working, staff_key=key, **ended)


def test_a_payment_that_is_planned_for_later_is_ended_before_the_assistance_is_stopped(both, case_id):
    averoy, _ = both
    later = (dates.today() + timedelta(days=9)).isoformat()
    payment = write(averoy, case_id, "payment", {**PAYMENT, "due_on": later})
    with pytest.raises(RecordGoesOn):
        stop(averoy, case_id)
    end(averoy, payment, "stopped")
    assert stop(averoy, case_id).outcome == "stopped"


def test_a_condition_is_ended_too(both, case_id):
    averoy, _ = both
    write(averoy, case_id, "condition", CONDITION)
    with pytest.raises(RecordGoesOn):
        stop(averoy, case_id)


def test_what_was_to_be_paid_by_today_is_paid_all_the_same(both, case_id):
    averoy, _ = both
    write(averoy, case_id, "payment", {**PAYMENT, "due_on": dates.today().isoformat()})
    assert stop(averoy, case_id).outcome == "stopped"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("6500", "6\u00a0500\u00a0kr"),
        ("kr 6.500,50", "6\u00a0500,50\u00a0kr"),
        ("6 500,00 kr", "6\u00a0500\u00a0kr"),
        ("mykje", "mykje"),
    ],
)
def test_an_amount_stands_in_the_letter_as_an_amount(typed, written):
    assert decision_letters.as_amount(typed, "nb") == written


def test_a_word_is_no_amount_to_decide_on(both):
    averoy, _ = both
    found = sent(averoy, HELP, "a-single-renter", rita())
    with pytest.raises(AmountUnreadable):
        decide(averoy, found, Drafted("granted", ["Du trenger det."], {**GRANTED, "support_ore": "mykje"}))
