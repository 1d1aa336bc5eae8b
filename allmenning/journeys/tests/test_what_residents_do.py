"""Everything that a resident does to a case after it is sent, as the login that residents have."""

from datetime import timedelta

from allmenning.basics import dates
from allmenning.journeys import dialogue, my_page
from allmenning.journeys.testing import rita
from allmenning.journeys.tests.test_main_job import answer_it, as_resident, desk, send_inquiry
from allmenning.municipal.archive.models import CaseFile, RegistryEntry
from allmenning.municipal.cases.models import Appeal, Case, Closure, Decision, Task
from allmenning.municipal.documents.models import Document
from allmenning.municipal.post.models import Message
from allmenning.tenancy import use


def test_withdrawing_closes_the_case_its_tasks_and_its_file(averoy):
    receipt = send_inquiry(averoy, rita())
    with as_resident(averoy, rita()):
        dialogue.withdraw(receipt.case_id, "Hullet er fylt.")
    with desk(averoy):
        assert Case.objects.get().state == "withdrawn"
        assert Closure.objects.get().reason == "withdrawn"
        assert not Task.objects.filter(done_at=None).exists()
        assert CaseFile.objects.get().status == "Avsluttet"


def test_a_follow_up_opens_the_case_again(averoy):
    receipt = send_inquiry(averoy, rita())
    answer_it(averoy, receipt)
    with as_resident(averoy, rita()):
        dialogue.send_more(receipt.case_id, "Det er et hull til.", [])
        assert my_page.open_mine(receipt.case_id).case.state == "in-progress"
    with desk(averoy):
        assert CaseFile.objects.get().closed_at is None
        assert RegistryEntry.objects.filter(kind=RegistryEntry.Kind.INCOMING).count() == 2


def test_what_was_sent_can_be_read_by_both_as_a_pdf(averoy):
    receipt = send_inquiry(averoy, rita())
    with as_resident(averoy, rita()):
        message = dialogue.send_more(receipt.case_id, "Her er mer.", [])
        content = my_page.download(receipt.case_id, message.document_id)[1]
        assert content.startswith(b"%PDF")
        assert Document.objects.get(id=message.document_id).is_rendered
        assert my_page.download(receipt.case_id, message.document_id)[1] == content


def test_reading_a_letter_is_noted_once(averoy):
    receipt = send_inquiry(averoy, rita())
    with desk(averoy):
        case = Case.objects.get()
        actor = averoy.working("alice").as_actor(case)
        question = dialogue.ask(case.id, "Hvilken skole?", dates.today(), actor, revision=case.revision)
    with as_resident(averoy, rita()):
        my_page.read_letter(receipt.case_id, question.id)
        first = Message.objects.get(id=question.id).read_at
        my_page.read_letter(receipt.case_id, question.id)
        assert first is not None
        assert Message.objects.get(id=question.id).read_at == first


def test_an_appeal_opens_the_case_again_and_a_late_one_is_marked(averoy):
    receipt = send_inquiry(averoy, rita())
    answer_it(averoy, receipt)
    with use(averoy.id, "owner"):  # nobody else changes a decision that was issued
        Decision.objects.update(appeal_due=dates.today() - timedelta(days=1))
    with as_resident(averoy, rita()):
        dialogue.appeal(receipt.case_id, "Jeg er uenig.")
    with desk(averoy):
        assert Case.objects.get().state == "appealed"
        assert Appeal.objects.get().late


def test_nobody_changes_a_decision_that_was_issued(averoy):
    answer_it(averoy, send_inquiry(averoy, rita()))
    with desk(averoy):
        assert Decision.objects.filter(status="issued").update(outcome="refused") == 0
