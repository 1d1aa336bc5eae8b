"""What the tables propose where a person must choose the outcome."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

from allmenning.commons.catalogue import package as catalogue
from allmenning.journeys import casework, deciding, decision_letters, proposing
from allmenning.journeys.offered import of_case
from allmenning.journeys.testing import ALICE, rita
from allmenning.journeys.tests.test_transferring import HELP, both, sent
from allmenning.municipal.access.queries import working_as
from allmenning.municipal.cases.models import Case
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.tenancy import use

__all__ = ["both"]

PACKAGE = catalogue.load(Path(__file__).parents[3] / "services" / "care-services")


def proposed(monkeypatch, form, on=date(2026, 11, 21)):
    decision = catalogue.decide(PACKAGE, form, on=on)
    assert decision.outcome is None
    monkeypatch.setattr(proposing, "apply_tables", lambda case, content, offered: decision)
    return proposing.propose(SimpleNamespace(language="nb"), None, SimpleNamespace(package=PACKAGE))


def test_the_lists_of_a_letter_are_proposed_without_an_outcome(monkeypatch):
    found = proposed(
        monkeypatch, {"filled_by": "self", "services": ["home-nursing"], "urgency": "later", "has_help": False}
    )
    assert found.values == {"own_payment": ["Hjemmesykepleie koster ingenting."]}


def test_no_lists_are_proposed_where_nothing_could_be_worked_out(monkeypatch):
    found = proposed(monkeypatch, {"filled_by": "self"})
    assert (found.values, len(found.uncertain)) == ({}, 1)


def test_what_was_decided_before_is_no_longer_proposed_nor_told_of(both):
    averoy, _ = both
    case_id = sent(averoy, HELP, "no-money-for-food", rita())
    key = casework.staff_resident_key(averoy.id, ALICE)
    with use(averoy.id, "social-services"):
        case, alice = Case.objects.get(id=case_id), working_as(averoy.staff["alice"].id, "social-services")
        offered, content = of_case(case.service, case.version), open_submission(Submission.objects.get(), case.key)
        first = proposing.propose(case, content, offered)
        drafted = decision_letters.Drafted(
            first.outcome, first.reasons, {**first.values, "payment": "Hent et kort i dag."}
        )
        deciding.save_draft(case.id, drafted, alice, revision=case.revision, staff_key=key)
        case.refresh_from_db()
        again = proposing.propose(case, content, offered)
        deciding.issue(case.id, alice, revision=case.revision, staff_key=key)
        rest = proposing.propose(case, content, offered)
    assert (first.outcome, again.outcome, rest.outcome) == ("emergency-help", "emergency-help", "granted")
    assert any("mangler penger" in each for each in first.reasons)
    assert not any("mangler penger" in each for each in rest.reasons)
    assert len(rest.uncertain) == len(first.uncertain) - 1
