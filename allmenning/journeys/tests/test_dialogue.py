"""What is said between a resident and the municipality: nothing is lost, nothing is decided behind anybody's back."""

import pytest

from allmenning.basics import dates
from allmenning.journeys import deciding, decision_letters, dialogue, outbox, outside, registering
from allmenning.journeys.testing import ALICE, BOB, rita
from allmenning.journeys.tests.test_deadlines import ask, decide
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry, staff_key
from allmenning.municipal.access.actions import commitment
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.archive.models import CaseFile, RegistryEntry
from allmenning.municipal.cases.errors import NothingToAnswer, NothingToAppeal, SomebodyWasFirst
from allmenning.municipal.cases.models import Case, Decision, Event
from allmenning.municipal.documents.errors import MalwareFound, TooManyFiles
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.ports import ScannerUnavailable, ScanResult
from allmenning.municipal.post.models import Message
from allmenning.tenancy import use

TEXT = dialogue.Upload("a.txt", "text/plain", b"Her er mer om hullet i veien.")


def draft(averoy, name="alice", number=ALICE):
    with desk(averoy):
        case = Case.objects.get()
        drafted = decision_letters.Drafted("answered", [], {"answer": "Vi fyller hullet i dag."})
        key = staff_key(averoy, number)
        deciding.save_draft(case.id, drafted, averoy.working(name), revision=case.revision, staff_key=key)
        return Case.objects.get().revision


def send_for_approval(averoy):
    revision = draft(averoy)
    with desk(averoy):
        case = Case.objects.get()
        key = staff_key(averoy, ALICE)
        deciding.send_for_approval(case.id, averoy.working("alice"), revision=revision, staff_key=key)
        return Case.objects.get().revision


def test_what_comes_in_while_somebody_is_about_to_decide_is_told(averoy):
    receipt = send_inquiry(averoy, rita())
    seen = send_for_approval(averoy)
    with as_resident(averoy, rita()):
        dialogue.send_more(receipt.case_id, "Vent, det er fylt.", [])
    with desk(averoy), pytest.raises(SomebodyWasFirst):
        deciding.issue(receipt.case_id, averoy.working("bob"), revision=seen, staff_key=staff_key(averoy, BOB))


def test_more_may_be_sent_while_a_question_waits(averoy):
    receipt = send_inquiry(averoy, rita())
    ask(averoy, receipt)
    with as_resident(averoy, rita()):
        dialogue.send_more(receipt.case_id, "Et bilde først.", [])
        dialogue.answer(receipt.case_id, "Utheim skole")
    with desk(averoy):
        assert Case.objects.get().state == "in-progress"


def test_a_question_takes_the_decision_back_from_approval(averoy):
    receipt = send_inquiry(averoy, rita())
    send_for_approval(averoy)
    ask(averoy, receipt)
    with desk(averoy):
        assert Decision.objects.get().status == "draft"


def test_a_question_is_answered_once(averoy):
    receipt = send_inquiry(averoy, rita())
    ask(averoy, receipt)
    with as_resident(averoy, rita()):
        dialogue.answer(receipt.case_id, "Utheim skole")
        with pytest.raises(NothingToAnswer):
            dialogue.answer(receipt.case_id, "Utheim skole")


def test_who_withdraws_a_follow_up_leaves_the_answer_that_stands(averoy):
    receipt = send_inquiry(averoy, rita())
    decide(averoy)
    with as_resident(averoy, rita()):
        dialogue.send_more(receipt.case_id, "Et hull til.", [])
        dialogue.withdraw(receipt.case_id)
    with desk(averoy):
        case = Case.objects.get()
        assert (case.state, case.outcome) == ("decided", "answered")
        assert CaseFile.objects.get().status == "Avsluttet"


def test_a_second_round_of_work_has_a_decision_of_its_own(averoy):
    receipt = send_inquiry(averoy, rita())
    decide(averoy)
    with as_resident(averoy, rita()):
        dialogue.send_more(receipt.case_id, "Et hull til.", [])
    decide(averoy)
    with desk(averoy):
        assert list(Decision.objects.order_by("round").values_list("round", "status")) == [(1, "issued"), (2, "issued")]


def test_anybody_may_ask_for_a_person_where_a_machine_decided(averoy):
    receipt = send_inquiry(averoy, rita())
    decide(averoy)
    with as_resident(averoy, rita()), pytest.raises(NothingToAppeal):
        dialogue.ask_for_a_person(receipt.case_id)
    with use(averoy.id, "owner"):
        Decision.objects.update(automatic=True)
    with as_resident(averoy, rita()):
        dialogue.ask_for_a_person(receipt.case_id)
    with desk(averoy):
        assert Case.objects.get().state == "appealed"


def test_the_log_proves_what_was_said_without_holding_it(averoy):
    receipt = send_inquiry(averoy, rita())
    with as_resident(averoy, rita()):
        dialogue.send_more(receipt.case_id, "Et hull til.", [])
    with desk(averoy):
        entry, case = LogEntry.objects.get(action="send-more"), Case.objects.get()
        assert bytes(entry.commitment) == commitment(case.key, entry.id, "Et hull til.")
        assert bytes(entry.commitment) != commitment(case.key, entry.id, "Et annet hull.")


def test_numbers_follow_the_year_in_which_it_came(averoy):
    from datetime import UTC, datetime

    with dates.clock.frozen(datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)):
        receipt = send_inquiry(averoy, rita())
    with dates.clock.frozen(datetime(2026, 12, 31, 23, 0, 1, tzinfo=UTC)), as_resident(averoy, rita()):
        dialogue.send_more(receipt.case_id, "Godt nytt år.", [])
    with desk(averoy):
        numbers = RegistryEntry.objects.order_by("registered_at").values_list("year", "sequence")
        assert list(numbers) == [(2026, 1), (2027, 1)]


# --- files ---


@pytest.fixture
def scanner():
    """An operator's scanner that finds what the test says."""

    class Scanner:
        found = ScanResult(clean=True)
        down = False

        def scan(self, content):
            if self.down:
                raise ScannerUnavailable()
            return self.found

    return Scanner()


def scanned(scanner):
    from dataclasses import replace

    outside.connect(replace(outside.outside(), scanner=scanner))


def test_malware_is_refused_and_nothing_is_sent(averoy, scanner):
    scanner.found = ScanResult(clean=False, finding="Eicar-Signature")
    receipt = send_inquiry(averoy, rita())
    scanned(scanner)
    with as_resident(averoy, rita()), pytest.raises(MalwareFound):
        dialogue.send_more(receipt.case_id, "Se her.", [TEXT])
    with desk(averoy):
        assert not Message.objects.exists()


def test_a_scanner_that_is_away_lets_no_file_in(averoy, scanner):
    scanner.down = True
    receipt = send_inquiry(averoy, rita())
    scanned(scanner)
    with as_resident(averoy, rita()):
        with pytest.raises(ScannerUnavailable):
            dialogue.send_more(receipt.case_id, "Se her.", [TEXT])
        dialogue.send_more(receipt.case_id, "Uten fil da.", [])


def test_more_files_than_may_be_sent_together_are_refused(averoy):
    receipt = send_inquiry(averoy, rita())
    with as_resident(averoy, rita()), pytest.raises(TooManyFiles):
        dialogue.send_more(receipt.case_id, "Se her.", [TEXT] * 100)


def test_a_file_that_comes_later_is_not_a_part_of_what_was_sent_first(averoy):
    from allmenning.journeys.rendering import _files_of

    receipt = send_inquiry(averoy, rita())
    with as_resident(averoy, rita()):
        dialogue.send_more(receipt.case_id, "Se her.", [TEXT])
    with desk(averoy):
        assert Document.objects.filter(origin="uploaded").count() == 1
        assert _files_of(registering.Submission.objects.get(), Case.objects.get()) == []


def test_what_happened_is_told_once(averoy):
    receipt = send_inquiry(averoy, rita())
    ask(averoy, receipt)
    for _ in range(2):
        outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        assert Event.objects.filter(kind="asked").count() == 1
