"""What does not get done by itself hangs nothing else, is found, is shown to an operator, and can be tried again.

Seen elsewhere: a PDF job that failed before registration left 108 finished submissions pending for ever.
"""

import json
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.doors.cli.__main__ import main
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import sent_inquiry
from allmenning.journeys import health, jobs, outbox, registering, rendering, stuck
from allmenning.journeys.models import Backlog
from allmenning.journeys.testing import ALICE, rita
from allmenning.municipal.archive.models import DocumentDescription, RegistryEntry
from allmenning.municipal.documents.models import Document
from allmenning.municipal.post.models import Outbox
from allmenning.tenancy import use
from allmenning.vault import files


@pytest.fixture
def press_is_out_of_order(monkeypatch):
    """Every PDF fails, for as long as the test has not undone it."""

    def jammed(*_):
        raise RuntimeError("the press is jammed")

    monkeypatch.setattr(rendering, "render_submission", jammed)
    return monkeypatch.undo


def desk(place):
    return use(place.id, "ordinary")


def drain_often(place, times=6):
    """As the sweep does, minute after minute."""
    for n in range(times):
        with dates.clock.frozen(dates.now() + timedelta(hours=n)):
            outbox.drain(place.id, "ordinary")


def owner_does(place, statement, *values):
    """What nobody may do in life: change rows as the one who owns the tables."""
    with use(place.id, "owner"), connections["default"].cursor() as cursor:
        cursor.execute(statement, values)


def told(capsys, *words):
    main([*words, "--json"])
    return json.loads(capsys.readouterr().out)


def test_a_pdf_that_can_not_be_made_holds_no_submission_up(averoy, press_is_out_of_order):
    receipt = sent_inquiry(averoy, rita())
    drain_often(averoy)
    with desk(averoy):
        assert receipt.case_number == f"{receipt.submitted_at.year}/1"
        assert RegistryEntry.objects.get().case_id == receipt.case_id
        assert DocumentDescription.objects.get().document_id == Document.objects.get().id
        assert [row.kind for row in Outbox.objects.filter(done_at__isnull=True)] == ["render"]
    caseworker = at_desk(averoy, ALICE)
    assert receipt.case_number in caseworker.get("/desk/?view=unit").text
    caseworker.post(f"/desk/cases/{receipt.case_id}/purpose/", {"purpose": "case-handling"})
    assert caseworker.get(f"/desk/cases/{receipt.case_id}/").status_code == 200


def test_a_pdf_that_could_not_be_made_is_made_by_itself_when_the_press_works_again(averoy, press_is_out_of_order):
    sent_inquiry(averoy, rita())
    drain_often(averoy)
    press_is_out_of_order()
    with dates.clock.frozen(dates.now() + timedelta(hours=8)):
        outbox.sweep(averoy.id)
    with desk(averoy):
        assert Document.objects.get().is_rendered
    assert stuck.find(averoy.id) == []


def test_nobody_is_woken_and_the_sweep_comes(averoy, monkeypatch):
    def away(*_, **__):
        raise OSError("the queue is away")

    monkeypatch.setattr(jobs.drain, "configure", away)
    sent_inquiry(averoy, rita())
    outbox.sweep(averoy.id)
    with desk(averoy):
        assert Document.objects.get().is_rendered


def test_what_fails_again_and_again_is_counted_shown_and_tried_again(averoy, press_is_out_of_order, capsys):
    sent_inquiry(averoy, rita())
    drain_often(averoy)
    [row] = told(capsys, "stuck", "list", averoy.id)
    assert (row["what"], row["error"], row["count"], row["area"]) == ("render", "RuntimeError", 5, "ordinary")
    assert row["tries"] >= 4
    health.note_backlog(averoy.id)
    finding = health._stuck_in(Backlog.objects.get())
    assert (finding.state, finding.measures["outbox_failing"]) == (health.WARNING, 5)
    press_is_out_of_order()
    assert told(capsys, "stuck", "retry", averoy.id) == {averoy.id: 5}
    assert outbox.drain(averoy.id, "ordinary") == 1
    assert told(capsys, "stuck", "list", averoy.id) == []


def test_a_document_that_nobody_is_set_to_make_is_found_and_made(averoy, capsys):
    sent_inquiry(averoy, rita())
    owner_does(averoy, "delete from post_outbox")
    with dates.clock.frozen(dates.now() + timedelta(hours=1)):
        assert [each.what for each in stuck.find(averoy.id)] == [stuck.NOT_MADE]
        stuck.note(averoy.id)
        assert health._stuck_in(Backlog.objects.get()).state == health.FAILED
        assert stuck.retry(averoy.id) == 5
        outbox.drain(averoy.id, "ordinary")
        assert stuck.find(averoy.id) == []


def test_a_submission_without_its_entry_in_the_journal_is_found(averoy):
    sent_inquiry(averoy, rita())
    owner_does(averoy, "delete from archive_documentdescription")
    owner_does(averoy, "delete from archive_registryentry")
    assert [(each.what, each.count) for each in stuck.find(averoy.id)] == [(stuck.NOT_REGISTERED, 5)]


def test_a_file_that_a_row_names_and_that_is_gone_is_found(averoy, capsys):
    sent_inquiry(averoy, rita())
    outbox.drain(averoy.id, "ordinary")
    assert stuck.files_gone(averoy.id) == []
    with desk(averoy):
        files.remove(averoy.id, Document.objects.get().path)
    [row] = told(capsys, "stuck", "list", averoy.id, "--files")
    assert (row["what"], row["count"]) == (stuck.GONE, 5)
    stuck.note_files(averoy.id)
    assert health._stuck_in(Backlog.objects.get()).state == health.FAILED


def test_what_is_said_of_stuck_work_names_nobody(averoy, press_is_out_of_order, capsys):
    receipt = sent_inquiry(averoy, rita())
    drain_often(averoy)
    main(["stuck", "list", averoy.id])
    said = capsys.readouterr().out
    assert "render" in said
    for secret in (str(receipt.case_id), receipt.case_number, "Rita", "Rogn", rita().number):
        assert secret not in said


def test_a_job_whose_worker_was_killed_is_shown_and_forgotten(averoy):
    with connections["commons"].cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status) values ('drain', 'drain', 'doing')"
        )
    finding = health._jobs()
    assert (finding.state, finding.measures["jobs_stalled"]) == (health.WARNING, 1)
    jobs.sweep.func(int(timezone.now().timestamp()))
    assert health._jobs().measures["jobs_doing"] == 0


def test_a_long_queue_is_worked_off_whoever_holds_some_of_it(averoy):
    """More rows than one look takes, of which some fail and stay."""
    for _ in range(3):
        sent_inquiry(averoy, rita())
    with desk(averoy):
        case_id = registering.Case.objects.first().id
        Outbox.objects.bulk_create(
            Outbox(area="ordinary", case_id=case_id, kind="from-a-newer-version", object_id=uuid7()) for _ in range(250)
        )
    assert outbox.drain(averoy.id, "ordinary") == 6
    with desk(averoy):
        assert Outbox.objects.filter(done_at__isnull=True, attempts=1).count() == 250
