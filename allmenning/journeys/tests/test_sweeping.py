"""What is left behind goes, and nothing else does."""

import os
from datetime import timedelta
from pathlib import Path

from allmenning import vault
from allmenning.basics import dates
from allmenning.journeys import applying, sweeping
from allmenning.journeys.testing import rita
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry
from allmenning.journeys.tests.test_sending import PDF, filled, send
from allmenning.municipal.documents.models import Document
from allmenning.municipal.forms.models import Attachment, Draft


def attach(filling, name="a.pdf"):
    return applying.forms.attach(filling.draft, pointer="/x", name=name, media_type="application/pdf", content=PDF)


def is_there(settings, path):
    return (Path(settings.FILES_DIR) / path).exists()


def age(settings, path, days):
    then = (dates.now() - timedelta(days=days)).timestamp()
    os.utime(Path(settings.FILES_DIR) / path, (then, then))


def test_a_draft_that_is_left_for_long_is_deleted_with_its_files(averoy, settings):
    with as_resident(averoy, rita()):
        path = attach(filled(averoy)).path
    with dates.clock.frozen(dates.now() + timedelta(days=89)):
        assert sweeping.sweep_drafts(averoy.id) == 0
    with dates.clock.frozen(dates.now() + timedelta(days=91)):
        assert sweeping.sweep_drafts(averoy.id) == 1
    with as_resident(averoy, rita()):
        assert not Draft.objects.exists()
    assert not is_there(settings, path)


def test_a_file_that_no_row_names_is_removed_when_no_transaction_can_be_about_it(averoy, settings):
    key, _ = vault.new_case_key(averoy.id, "ordinary")
    path = vault.files.write(averoy.id, key, "x", b"left by a transaction that failed").path
    assert sweeping.sweep_files(averoy.id) == 0
    age(settings, path, days=2)
    assert sweeping.sweep_files(averoy.id) == 1
    assert not is_there(settings, path)


def test_files_of_drafts_and_cases_stay(averoy, settings):
    with as_resident(averoy, rita()):
        of_draft = attach(filled(averoy)).path
        sent = filled(averoy)
        of_case = attach(sent).path
        send(sent.draft)
    for path in (of_draft, of_case):
        age(settings, path, days=400)
    assert sweeping.sweep_files(averoy.id) == 0
    assert is_there(settings, of_draft)
    assert is_there(settings, of_case)
    with desk(averoy):
        assert Document.objects.filter(path=of_case).exists()
    with as_resident(averoy, rita()):
        assert Attachment.objects.filter(path=of_draft).exists()


def test_when_suspiciously_many_are_unnamed_none_is_removed(averoy, settings):
    send_inquiry(averoy, rita())
    key, _ = vault.new_case_key(averoy.id, "ordinary")
    paths = [vault.files.write(averoy.id, key, "x", b"of another database").path for _ in range(21)]
    for path in paths:
        age(settings, path, days=2)
    assert sweeping.sweep_files(averoy.id) == 0
    assert all(is_there(settings, path) for path in paths)


def test_another_municipality_s_files_are_left_alone(averoy, smola, settings):
    key, _ = vault.new_case_key(smola.id, "ordinary")
    path = vault.files.write(smola.id, key, "x", b"of the other").path
    age(settings, path, days=2)
    sweeping.sweep_files(averoy.id)
    assert is_there(settings, path)
