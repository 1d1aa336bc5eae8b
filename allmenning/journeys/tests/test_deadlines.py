"""By when: pauses where the service says so, restarts by an appeal; and until when a decision can be appealed."""

from datetime import date
from types import SimpleNamespace

import pytest

from allmenning.basics import dates
from allmenning.commons.catalogue.content import Appeal, Deadline, OutcomeKind, Text
from allmenning.commons.catalogue.deadlines import Happened, count, noon
from allmenning.journeys import deciding, decision_letters, dialogue, outbox
from allmenning.journeys.appealing import appeal_deadline
from allmenning.journeys.testing import ALICE, rita
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry, staff_key
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.models import Appeal as AppealRow
from allmenning.municipal.cases.models import Case, Decision, Task
from allmenning.municipal.post.models import Delivery
from allmenning.tenancy import use

T = Text("", "", "")
GOAL = Deadline("answer", T, "P2W", "received", None, True)
BY_LAW = Deadline("preliminary-reply", T, "P1M", "received", "preliminary-reply", False)
MAY_1 = date(2026, 5, 4)


def due_on(deadlines, began, waits=(), *, has_replied=False):
    """The first deadline that runs, from the day it began; None when none does."""
    happened = Happened(
        noon(began),
        waits=[(noon(asked), noon(answered) if answered else None) for asked, answered in waits],
        events={"message:preliminary-reply": [noon(began)]} if has_replied else {},
    )
    counted = count(SimpleNamespace(deadlines=deadlines), happened, dict, {})
    return min((each.due_on for each in counted if each.due_on and not each.met_at), default=None)


def test_the_first_deadline_is_the_one_that_counts():
    assert due_on([GOAL, BY_LAW], MAY_1) == date(2026, 5, 18)


def test_a_deadline_that_pauses_stands_still_while_the_resident_is_asked():
    assert due_on([GOAL, BY_LAW], MAY_1, [(date(2026, 5, 6), None)]) == date(2026, 6, 4)
    assert due_on([GOAL], MAY_1, [(date(2026, 5, 6), None)]) is None


def test_after_the_answer_it_goes_on_with_the_days_that_were_left():
    assert due_on([GOAL], MAY_1, [(date(2026, 5, 6), date(2026, 5, 11))]) == date(2026, 5, 23)


def test_two_questions_at_once_pause_it_once():
    waits = [(date(2026, 5, 6), date(2026, 5, 11)), (date(2026, 5, 8), date(2026, 5, 12))]
    assert due_on([GOAL], MAY_1, waits) == date(2026, 5, 24)


def test_a_deadline_of_the_law_does_not_pause():
    assert due_on([BY_LAW], MAY_1, [(date(2026, 5, 6), date(2026, 5, 20))]) == date(2026, 6, 4)


def test_a_preliminary_reply_meets_its_deadline():
    assert due_on([BY_LAW], MAY_1, has_replied=True) is None


def outcome(weeks=3, allowed=True):
    return OutcomeKind("refused", T, "individual-decision", True, ("staff",), False, Appeal(allowed, weeks), ())


@pytest.mark.parametrize(
    ("arrived", "last"),
    [
        (date(2026, 5, 5), date(2026, 5, 26)),  # Tuesday: the same weekday three weeks later
        (date(2026, 5, 2), date(2026, 5, 26)),  # Saturday 23 May is followed by Whit Sunday and Monday
        (date(2026, 4, 26), date(2026, 5, 18)),  # Sunday 17 May
        (date(2025, 12, 4), date(2025, 12, 29)),  # Christmas Day, a Thursday, then the day after and a weekend
    ],
)
def test_three_weeks_end_on_a_working_day(arrived, last):
    assert appeal_deadline(outcome(), arrived) == last


def test_what_cannot_be_appealed_has_no_deadline():
    assert appeal_deadline(outcome(allowed=False), MAY_1) is None


# --- in a case ---


def ask(averoy, receipt, text="Hvilken skole?"):
    with desk(averoy):
        case = Case.objects.get(id=receipt.case_id)
        actor = averoy.working("alice").as_actor(case)
        return dialogue.ask(case.id, text, dates.add_weeks(dates.today(), 2), actor, revision=case.revision)


def due(averoy):
    outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        return Case.objects.get().due_on


def test_asking_pauses_and_the_answer_starts_it_again(averoy):
    with dates.clock.frozen(date(2026, 5, 4)):
        receipt = send_inquiry(averoy, rita())
        assert due(averoy) == date(2026, 5, 18)
    with dates.clock.frozen(date(2026, 5, 6)):
        ask(averoy, receipt)
        assert due(averoy) == date(2026, 6, 4)
    with dates.clock.frozen(date(2026, 5, 11)):
        with as_resident(averoy, rita()):
            dialogue.answer(receipt.case_id, "Utheim skole")
        assert due(averoy) == date(2026, 5, 23)


def test_a_follow_up_begins_the_deadline_anew(averoy):
    with dates.clock.frozen(date(2026, 5, 4)):
        receipt = send_inquiry(averoy, rita())
        decide(averoy)
    with dates.clock.frozen(date(2026, 9, 1)):
        with as_resident(averoy, rita()):
            dialogue.send_more(receipt.case_id, "Et hull til.", [])
        assert due(averoy) == date(2026, 9, 15)


def test_a_preliminary_reply_is_sent_on_record_and_the_step_is_done(averoy):
    receipt = send_inquiry(averoy, rita())
    with desk(averoy):
        case = Case.objects.get(id=receipt.case_id)
        actor = averoy.working("alice").as_actor(case)
        expected = dates.add_weeks(dates.today(), 6)
        dialogue.send_preliminary_reply(case.id, "Det tar tid.", expected, actor, revision=case.revision)
        assert Task.objects.get(step="preliminary-reply").done_at
        assert RegistryEntry.objects.filter(kind=RegistryEntry.Kind.OUTGOING).count() == 1


def test_a_question_is_on_record_and_can_be_printed(averoy):
    receipt = send_inquiry(averoy, rita())
    question = ask(averoy, receipt)
    with desk(averoy):
        assert RegistryEntry.objects.filter(kind=RegistryEntry.Kind.OUTGOING).count() == 1
    assert question.document_id is not None


def decide(averoy):
    with desk(averoy):
        case = Case.objects.get()
        key = staff_key(averoy, ALICE)
        drafted = decision_letters.Drafted("answered", [], {"answer": "Vi fyller hullet i dag."})
        deciding.save_draft(case.id, drafted, averoy.working("alice"), revision=case.revision, staff_key=key)
        return deciding.issue(case.id, averoy.working("alice"), revision=case.revision + 1, staff_key=key)


def test_a_letter_on_paper_can_be_appealed_for_three_weeks_from_when_it_came(averoy, monkeypatch):
    """It lay in the print queue for a week, and then it went by post."""
    from allmenning.journeys import appealing

    monkeypatch.setattr(appealing, "appeal_deadline", lambda kind, arrived: appeal_deadline(outcome(), arrived))
    with dates.clock.frozen(date(2026, 5, 4)):
        receipt = send_inquiry(averoy, rita())
        decided = decide(averoy)
    with desk(averoy), dates.clock.frozen(date(2026, 5, 11)):
        Delivery.objects.create(
            area="ordinary",
            case_id=receipt.case_id,
            message_id=decided.message_id,
            channel="print",
            state="sent",
            sent_at=dates.now(),
        )
    with use(averoy.id, "owner"):
        Decision.objects.update(appeal_due=date(2026, 5, 26))
    with as_resident(averoy, rita()), dates.clock.frozen(date(2026, 6, 9)):
        dialogue.appeal(receipt.case_id, "Jeg er uenig.")
    with desk(averoy):
        assert not AppealRow.objects.get().late
