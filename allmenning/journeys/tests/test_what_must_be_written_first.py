"""What a service wants written before something is decided, where the answers make it needed."""

import pytest

from allmenning.journeys import casework, deciding, decision_letters, recording
from allmenning.journeys.testing import ALICE, rita
from allmenning.journeys.tests.test_transferring import AREAS, HELP, both, sent
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.errors import RecordMissing
from allmenning.municipal.cases.models import Case, CaseDeadline, PhaseChange
from allmenning.tenancy import use

__all__ = ["both"]
VALUES = {"period": "desember 2026", "period_to": "31.12.2026", "calculation": ["Norm"], "support_ore": "7 850 kr"}


def grant(place, case_id, *records):
    member, key = next(iter(place.staff.values())), casework.staff_resident_key(place.id, ALICE)
    with use(place.id, AREAS[HELP]):
        working = working_as(member.id, AREAS[HELP])
        for kind, answers in records:
            recording.begin(case_id, kind, recording.Draft(answers), working, staff_key=key)
        case = Case.objects.get(id=case_id)
        drafted = decision_letters.Drafted("granted", ["Du trenger det."], VALUES)
        deciding.save_draft(case_id, drafted, working, revision=case.revision, staff_key=key)
        case.refresh_from_db()
        deciding.issue(case_id, working, revision=case.revision, staff_key=key)


def test_under_thirty_it_is_written_whether_there_is_a_condition_of_activity_or_why_not(both):
    averoy, _ = both
    case_id = sent(averoy, HELP, "younger-than-thirty", rita())
    with pytest.raises(RecordMissing):
        grant(averoy, case_id)
    grant(averoy, case_id, ("activity", {"is_set": False, "why": "Hun er alene med et barn på fire måneder."}))


def test_what_is_granted_goes_on_until_its_last_day(both):
    averoy, _ = both
    case_id = sent(averoy, HELP, "a-single-renter", rita())
    grant(averoy, case_id)
    with use(averoy.id, AREAS[HELP]):
        assert Case.objects.get(id=case_id).is_open
        told = PhaseChange.objects.filter(case=case_id).order_by("id").values_list("phase", "kind")
        assert list(told) == [("application", "opened"), ("application", "concluded"), ("period", "opened")]
        assert CaseDeadline.objects.get(case=case_id, deadline="period-ends").due_on.isoformat() == "2026-12-31"
