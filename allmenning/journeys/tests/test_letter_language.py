"""Whoever handles a case chooses the language of its letters."""

import pytest

from allmenning.doors.desk.testing import at_desk
from allmenning.journeys import deciding, decision_letters, letter_language
from allmenning.journeys.errors import LanguageMissing
from allmenning.journeys.testing import ALICE, rita
from allmenning.journeys.tests.test_main_job import desk, send_inquiry, staff_key
from allmenning.journeys.tests.test_results import ANSWER
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases.errors import CaseIsClosed, SomebodyWasFirst
from allmenning.municipal.cases.models import Case, Event
from allmenning.municipal.post.models import Message
from allmenning.municipal.post.queries import open_message

DRAFTED = decision_letters.Drafted("answered", ["Fordi det er slik."], ANSWER)


@pytest.fixture
def case_id(averoy):
    return send_inquiry(averoy, rita()).case_id


def choose(averoy, case_id, language, revision=None):
    case = Case.objects.get(id=case_id)
    asked = case.revision if revision is None else revision
    letter_language.choose(
        case_id, language, averoy.working("alice"), revision=asked, staff_key=staff_key(averoy, ALICE)
    )


def decide(averoy, case_id, act, *drafted):
    revision = Case.objects.get(id=case_id).revision
    return act(case_id, *drafted, averoy.working("alice"), revision=revision, staff_key=staff_key(averoy, ALICE))


def test_what_is_decided_is_written_in_the_language_that_was_chosen(averoy, case_id):
    with desk(averoy):
        before = decide(averoy, case_id, deciding.save_draft, DRAFTED).legal_basis
        choose(averoy, case_id, "en")
        decision = decide(averoy, case_id, deciding.issue)
        case = Case.objects.get(id=case_id)
        offered = deciding.of_case(case.service, case.version)
        assert decision.legal_basis == offered.package.citations("answered", "en") != before
        title = decision_letters.letter_title(case, offered, offered.package.outcome("answered"))
        assert open_message(Message.objects.get(kind="letter"), case.key).title == title == "Answer to your inquiry"
        assert Event.objects.filter(kind="letter-language").count() == 1
        assert LogEntry.objects.filter(action="letter-language").count() == 1


def test_who_looked_at_the_case_before_looks_again(averoy, case_id):
    with desk(averoy):
        seen = Case.objects.get(id=case_id).revision
        choose(averoy, case_id, "nn")
        with pytest.raises(SomebodyWasFirst):
            choose(averoy, case_id, "en", revision=seen)


def test_a_closed_case_keeps_its_language_and_another_one_is_none(averoy, case_id):
    with desk(averoy):
        with pytest.raises(LanguageMissing):
            choose(averoy, case_id, "de")
        decide(averoy, case_id, deciding.save_draft, DRAFTED)
        decide(averoy, case_id, deciding.issue)
        with pytest.raises(CaseIsClosed):
            choose(averoy, case_id, "nn")
        assert Case.objects.get(id=case_id).language == "nb"


def test_it_is_chosen_on_the_page_of_the_case(averoy, case_id):
    with desk(averoy):
        revision = Case.objects.get(id=case_id).revision
    alice = at_desk(averoy, ALICE)
    alice.post(f"/desk/cases/{case_id}/language/", {"language": "nn", "revision": revision})
    with desk(averoy):
        assert Case.objects.get(id=case_id).language == "nn"
    refused = alice.post(f"/desk/cases/{case_id}/language/", {"language": "xx", "revision": revision + 1})
    assert refused.status_code == 422
    assert 'id="letter_language-error"' in refused.text
