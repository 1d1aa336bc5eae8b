"""Whatever staff do with a case goes through a journey that is given who works and the key of their own cases. Each of them
is called by one whose daughter the case is of: it refuses, and nothing is opened, logged as read, or changed.

That a function asks the table is seen in its syntax (`test_one_table_decides_who_sees_a_case`); here, that it heeds the answer.
"""

from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from inspect import isfunction, signature
from pkgutil import iter_modules

import pytest

from allmenning import journeys
from allmenning.basics import dates
from allmenning.journeys import access_grounds, casework, giving_access, printing, recording
from allmenning.journeys.consents import Heard
from allmenning.journeys.decision_letters import Drafted
from allmenning.journeys.testing import ALICE
from allmenning.journeys.tests.test_printing import KEY, letter  # noqa: F401 (a fixture)
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import BreakGlass, LogEntry
from allmenning.municipal.cases.actions import Named, Noted
from allmenning.municipal.cases.models import Case, CaseDeadline, Event, Note
from allmenning.municipal.documents.models import Document
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.post.models import Delivery
from allmenning.tenancy import use

ANSWER = {"casework.verdict", "casework.require", "deciding.may_issue"}  # what others ask, and heed
NO_CASE_YET = {"on_behalf.look_up", "on_behalf.by_name", "on_behalf.register"}  # held by test_registering
IN_OTHER_WORDS = {"giving_access.asked_by_another": giving_access.NoSuchRequest}


def of_a_case():
    """The public journeys that staff are let into a case by."""
    for module in sorted(each.name for each in iter_modules(journeys.__path__)):
        loaded = import_module(f"allmenning.journeys.{module}")
        for name, function in sorted(vars(loaded).items()):
            is_its_own = isfunction(function) and function.__module__ == loaded.__name__ and not name.startswith("_")
            if is_its_own and {"working", "staff_key"} <= set(signature(function).parameters):
                yield f"{module}.{name}", function


JOURNEYS = {name: function for name, function in of_a_case() if name not in ANSWER | NO_CASE_YET}


@pytest.fixture
def asked(letter):  # noqa: F811
    """What each parameter is given: Rita's case, with a letter that waits to be printed. Alice is her mother."""
    with use(letter.id, "ordinary"):
        case, bob = Case.objects.get(), letter.working("bob")
        party = giving_access.CaseForParty(casework.open_case(case.id, bob, "case-handling", staff_key=KEY))
        yield {
            "working": replace(letter.working("alice"), near=frozenset({bytes(case.owner_key)})),
            "staff_key": casework.staff_resident_key(letter.id, ALICE),
            **{"case_id": case.id, "revision": case.revision, "number": case.number, "kept_id": case.id},
            **{
                "draft_id": Submission.objects.get().id,
                "document_id": Document.objects.all()[0].id,
                "delivery_id": Delivery.objects.get().id,
                "deadline_id": CaseDeadline.objects.all()[0].id,
            },
            **{"party": party, "choice": {each.id: giving_access.GIVE for each in party.parts}},
            **dict.fromkeys(
                ("reason", "reasons", "text", "why", "words"), "Det haster, og kan ikke vente til i morgen."
            ),
            **dict.fromkeys(("due", "expected", "until"), dates.today() + timedelta(days=9)),
            **{
                "phase_id": "help",
                "purpose": "case-handling",
                "minutes": 15,
                "to": None,
                "unit_id": None,
                "step": "read",
                "size": "small",
                "language": "nn",
            },
            **{"need": "visit", "level": "fortrolig", "because": "threat", "postal_address": "", "ground": "violence"},
            **{"note_id": case.id, "noted": Noted("Det haster."), "participant_id": case.id},
            **{"consent_id": case.id, "how": "oral", "heard": Heard(["ask"], dates.today(), "oral")},
            **{"named": Named("guardian", "Gunn Grav"), "is_party": True},
            **{"kind_id": "measure", "series": case.id, "version": 1, "day": dates.today(), "status": "ended"},
            **{"draft": recording.Draft({})},
            **{"ground_id": min(access_grounds.GROUNDS), "drafted": Drafted("answered", ["Veien er ikke vår."], {})},
        }


def refusal(name, asked):
    """Why a journey refuses; that it does, and that nothing has happened then."""
    asked = {**asked, "reason": printing.REASONS[0]} if name == "printing.mark_failed" else asked
    needed = [each.name for each in signature(JOURNEYS[name]).parameters.values() if each.default is each.empty]
    before = what_happened()
    with pytest.raises(IN_OTHER_WORDS.get(name, NotYours)) as refused:
        JOURNEYS[name](**{each: asked[each] for each in needed})
    assert what_happened() == before
    return refused.value.params.get("reason")


def what_happened():
    return [model.objects.count() for model in (LogEntry, Event, Note, BreakGlass)], Case.objects.get().revision


@pytest.mark.parametrize("name", sorted(JOURNEYS))
def test_who_is_disqualified_is_refused(asked, name):
    assert refusal(name, asked) == (None if name in IN_OTHER_WORDS else "near-case")


@pytest.mark.parametrize("name", sorted(each for each in JOURNEYS if "purpose" in signature(JOURNEYS[each]).parameters))
def test_whoever_states_no_purpose_is_refused(asked, name, averoy):
    assert refusal(name, {**asked, "working": averoy.working("alice"), "purpose": "curiosity"}) == "no-purpose"


def test_no_journey_is_forgotten(record_property):
    assert JOURNEYS.keys() >= {"casework.open_case", "casework.download", "printing.open_letter", "deciding.issue"}
    assert set(dict(of_a_case())) >= ANSWER | NO_CASE_YET
    record_property("told", f"journeys into a case that refuse who is disqualified: {len(JOURNEYS)}, each called")
