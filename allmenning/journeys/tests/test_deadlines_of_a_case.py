"""Deadlines as rows of a case: begun when it is received, met by what happens, extended and explained by who may."""

import json
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import ProgrammingError, transaction

from allmenning.basics import dates
from allmenning.basics.plain_yaml import read_yaml
from allmenning.commons.catalogue import actions as catalogue
from allmenning.commons.catalogue import package as packages
from allmenning.journeys import administering, casework, deadlines, deciding, decision_letters, dialogue, outbox
from allmenning.journeys.testing import ALICE, BOB, CHARLIE, SERVICES, rita
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_deadlines import ask, decide
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry, staff_key
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.errors import (
    CaseNotFound,
    DateUnreadable,
    DeadlineCannotBeExtended,
    DeadlineNotMissed,
    KindMissing,
    TextMissing,
)
from allmenning.municipal.cases.models import Case, CaseDeadline, DeadlineReason, Event, Transfer
from allmenning.tenancy import use

DAY = date(2026, 5, 4)
T = {"nb": "Frist", "nn": "Frist", "en": "Deadline"}
VIEW = {
    "id": "view",
    "title": T,
    "duration": "P2D",
    "starts": "received",
    "pauses": False,
    "met_by": ["step:assess"],
    "shown_to_sender": False,
}
LONG = {
    "id": "long",
    "title": T,
    "duration": "P3M",
    "after": "view",
    "pauses": False,
    "extend": {"to": "P6M", "reasons": "required", "by": {"role": "leader"}},
}


def offer(averoy, *added):
    """Let the municipality offer the inquiry with these deadlines instead of its own."""
    files = dict(packages.read_folder(SERVICES / "inquiry"))
    service = {**read_yaml(files["service.yaml"]), "version": "9.0.0", "deadlines": list(added)}
    package = packages.from_files({**files, "service.yaml": json.dumps(service)})
    catalogue.publish(package, by="test")
    with use(averoy.id, "administration"):
        administering.adopt(administering.OPERATOR, "inquiry", "9.0.0", {})
    return package


def rows(averoy):
    with desk(averoy):
        return {each.deadline: each for each in CaseDeadline.objects.order_by("round", "turn")}


def send(averoy, on=DAY):
    with dates.clock.frozen(on):
        return send_inquiry(averoy, rita()).case_id


def extend(averoy, case_id, who="bob", number=BOB, reasons="Barnet er på sykehus.", row="long"):
    found = rows(averoy)[row]
    with desk(averoy):
        key = staff_key(averoy, number)
        return deadlines.extend(case_id, found.id, reasons, averoy.working(who), staff_key=key)


def explain(averoy, case_id, because="too-few-people", reason="To var syke.", row="answer"):
    found = rows(averoy)[row]
    with desk(averoy):
        key = staff_key(averoy, ALICE)
        return deadlines.explain(case_id, found.id, because, reason, averoy.working("alice"), staff_key=key)


def opened(case, reason):
    return case.key.open_text("cases.DeadlineReason.text", bytes(reason.text), reason.id)


def test_they_begin_with_the_case(averoy):
    send(averoy)
    found = rows(averoy)
    assert {name: each.due_on for name, each in found.items()} == {
        "answer": date(2026, 5, 18),
        "preliminary-reply": date(2026, 6, 4),
    }
    assert {each.began_on for each in found.values()} == {DAY}


def test_a_resident_cannot_add_one_that_is_met_nor_see_any(averoy):
    case_id = send(averoy)
    with as_resident(averoy, rita()):
        case = Case.objects.get(id=case_id)
        with pytest.raises(ProgrammingError), transaction.atomic():
            CaseDeadline.objects.exists()
        with pytest.raises(ProgrammingError):
            CaseDeadline.objects.create(
                area="ordinary", case=case, deadline="x", began_on=DAY, due_on=DAY, met_at=dates.now()
            )


def test_the_answer_meets_them_and_nothing_is_due_after(averoy):
    send(averoy)
    with dates.clock.frozen(DAY + timedelta(3)):
        decide(averoy)
    assert {(each.met_by, each.met_at.date()) for each in rows(averoy).values()} == {("decided", date(2026, 5, 7))}
    with desk(averoy):
        case = Case.objects.get()
        assert (case.due_on, case.told_due_on) == (None, None)


def test_one_that_pauses_has_no_day_while_the_resident_is_asked(averoy):
    case_id = send(averoy)
    with dates.clock.frozen(date(2026, 5, 6)):
        ask(averoy, SimpleNamespace(case_id=case_id))
    assert rows(averoy)["answer"].due_on is None
    assert rows(averoy)["preliminary-reply"].due_on == date(2026, 6, 4)


def test_a_follow_up_begins_a_new_round_and_the_first_stays_as_it_was(averoy):
    case_id = send(averoy)
    with dates.clock.frozen(DAY + timedelta(3)):
        decide(averoy)
    with dates.clock.frozen(date(2026, 9, 1)):
        with as_resident(averoy, rita()):
            dialogue.send_more(case_id, "Et hull til.", [])
        outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        answers = CaseDeadline.objects.filter(deadline="answer").order_by("round")
        assert [(each.round, each.due_on, each.met_by) for each in answers] == [
            (1, date(2026, 5, 18), "decided"),
            (2, date(2026, 9, 15), ""),
        ]


def test_what_is_withdrawn_is_not_missed(averoy):
    case_id = send(averoy)
    with dates.clock.frozen(date(2026, 8, 1)):
        with as_resident(averoy, rita()):
            dialogue.withdraw(case_id)
        outbox.drain(averoy.id, "ordinary")
        assert {each.met_by for each in rows(averoy).values()} == {"withdrawn"}
        assert not any(each.is_missed_on(dates.today()) for each in rows(averoy).values())


def test_the_sender_is_told_only_of_what_the_folder_shows(averoy):
    offer(averoy, VIEW, LONG)
    send(averoy)
    with desk(averoy):
        case = Case.objects.get()
        assert (case.due_on, case.told_due_on) == (date(2026, 5, 6), date(2026, 8, 6))


def test_a_step_that_is_done_meets_its_deadline_and_the_next_stays_where_it_was(averoy):
    offer(averoy, VIEW, LONG)
    case_id = send(averoy)
    with desk(averoy), dates.clock.frozen(DAY + timedelta(1)):
        casework.finish_task(case_id, "assess", averoy.working("alice"), staff_key=staff_key(averoy, ALICE))
    assert rows(averoy)["view"].met_by == "step:assess"
    with desk(averoy):
        assert Case.objects.get().due_on == date(2026, 8, 6)


def test_a_leader_extends_with_reasons_that_are_sealed(averoy):
    offer(averoy, VIEW, LONG)
    case_id = send(averoy)
    extended = extend(averoy, case_id)
    assert (extended.due_on, extended.extended_to) == (date(2026, 11, 6), date(2026, 11, 6))
    with desk(averoy):
        case = Case.objects.get()
        told = DeadlineReason.objects.get(kind="extended")
        assert opened(case, told) == "Barnet er på sykehus."
        assert told.staff_name == "Bob Bjørk"
        assert case.told_due_on == date(2026, 11, 6)
        assert Event.objects.get(kind="deadline-extended").visible_to_resident is False
        assert LogEntry.objects.filter(action="extend-deadline", case_id=case_id).count() == 1


def test_a_caseworker_does_not_extend_what_a_leader_must(averoy):
    offer(averoy, VIEW, LONG)
    case_id = send(averoy)
    with pytest.raises(NotYours):
        extend(averoy, case_id, "alice", ALICE)


def test_it_is_extended_once_with_reasons_and_only_where_the_folder_lets_it(averoy):
    offer(averoy, VIEW, LONG)
    case_id = send(averoy)
    with pytest.raises(TextMissing):
        extend(averoy, case_id, reasons=" ")
    with pytest.raises(DeadlineCannotBeExtended):
        extend(averoy, case_id, row="view")
    extend(averoy, case_id)
    with pytest.raises(DeadlineCannotBeExtended):
        extend(averoy, case_id)


def test_nobody_of_another_municipality_extends_it(averoy, smola):
    offer(averoy, VIEW, LONG)
    case_id = send(averoy)
    row = rows(averoy)["long"]
    with desk(smola), pytest.raises(CaseNotFound):
        deadlines.extend(case_id, row.id, "x", smola.working("charlie"), staff_key=staff_key(smola, CHARLIE))


def test_why_one_was_missed_is_sealed_and_its_kind_is_not(averoy):
    case_id = send(averoy)
    with dates.clock.frozen(date(2026, 5, 19)):
        explained = explain(averoy, case_id)
    assert (explained.because, explained.staff_name) == ("too-few-people", "Alice Alm")
    with desk(averoy):
        assert opened(Case.objects.get(), explained) == "To var syke."
        assert LogEntry.objects.filter(action="explain-missed", case_id=case_id).count() == 1


def test_only_what_was_missed_is_explained_once_and_with_a_kind(averoy):
    case_id = send(averoy)
    with dates.clock.frozen(date(2026, 5, 18)), pytest.raises(DeadlineNotMissed):
        explain(averoy, case_id)
    with dates.clock.frozen(date(2026, 5, 19)):
        with pytest.raises(KindMissing):
            explain(averoy, case_id, because="")
        with pytest.raises(TextMissing):
            explain(averoy, case_id, reason="")
        explain(averoy, case_id)
        with pytest.raises(DeadlineNotMissed):
            explain(averoy, case_id)


def test_what_was_met_too_late_is_asked_about_after_it(averoy):
    case_id = send(averoy)
    with dates.clock.frozen(date(2026, 5, 20)):
        decide(averoy)
    with dates.clock.frozen(date(2026, 6, 20)):
        explain(averoy, case_id)


def test_a_date_in_the_decision_is_a_day_to_come_back(averoy):
    again = {
        "id": "again",
        "title": T,
        "duration": "P0D",
        "starts": "value.answer",
        "pauses": False,
        "met_by": ["message:letter"],
    }
    offer(averoy, again)
    send(averoy)
    with desk(averoy), dates.clock.frozen(DAY + timedelta(3)):
        case, key = Case.objects.get(), staff_key(averoy, ALICE)
        for answer in ("etter høstferien", "31. oktober 2026"):
            drafted = decision_letters.Drafted("answered", [], {"answer": answer})
            deciding.save_draft(case.id, drafted, averoy.working("alice"), revision=case.revision, staff_key=key)
            case.refresh_from_db()
            if answer == "etter høstferien":
                with pytest.raises(DateUnreadable):
                    deciding.issue(case.id, averoy.working("alice"), revision=case.revision, staff_key=key)
        deciding.issue(case.id, averoy.working("alice"), revision=case.revision, staff_key=key)
        assert Case.objects.get().due_on == date(2026, 10, 31)
    assert rows(averoy)["again"].began_on == date(2026, 10, 31)


def test_one_that_restarts_runs_from_when_the_case_came_from_another_municipality(averoy):
    offer(averoy, {**VIEW, "on_transfer": "restarts"})
    case_id, noon = send(averoy), dates.start_of(DAY) + timedelta(hours=12)
    with desk(averoy), transaction.atomic():
        case = cases.locked(case_id)
        Transfer.objects.create(
            area=case.area, case=case, direction="in", municipality="smola", received_at=noon + timedelta(days=7)
        )
        deadlines.recount(case)
    assert rows(averoy)["view"].due_on == date(2026, 5, 13)


def test_counting_again_writes_nothing(averoy):
    case_id = send(averoy)
    with desk(averoy), transaction.atomic():
        case = cases.locked(case_id)
        with statements() as sent:
            deadlines.recount(case)
        assert len(sent) == 1
