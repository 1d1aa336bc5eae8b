"""The disk is full: it is said beside the file, what was typed is kept, and all goes on when there is room again."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from allmenning.basics import dates
from allmenning.doors.api.testing import system
from allmenning.doors.api.tests.test_applications import application, attachment
from allmenning.doors.portal.testing import asked, browser_of, sent_inquiry
from allmenning.journeys import applying, health, outbox, stuck
from allmenning.journeys.testing import rita
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.tests import files
from allmenning.municipal.forms.models import Draft, Submission
from allmenning.municipal.post.models import Message, Outbox
from tests.hostile.test_nothing_is_lost_and_nothing_happens_twice import ANSWERS, as_rita, begun, desk, fill_in

SAID = "Filen kunne ikke tas vare på akkurat nå."


@pytest.fixture
def browser(averoy, as_served):
    client = browser_of(rita())
    client.raise_request_exception = False
    return client


def a_file():
    return SimpleUploadedFile("bilde.pdf", files.pdf(), "application/pdf")


def test_an_upload_is_refused_beside_its_field_and_what_was_typed_is_kept(averoy, browser, files_disk):
    address = begun(averoy, browser)
    page = browser.get(address)["Location"]
    while "/attachments" not in browser.get(page).text:
        page = browser.post(page, ANSWERS)["Location"]
    files_disk.fill()
    answer = browser.post(page, {**ANSWERS, "/subject": "Det jeg skrev", "/attachments": a_file()})
    assert answer.status_code == 422
    assert SAID in answer.text
    assert files_disk.files() == []
    with as_rita(averoy):
        filling = applying.open_draft(Draft.objects.get().id)
        assert (filling.content.data["subject"], filling.attachments) == ("Det jeg skrev", {})
    files_disk.make_room()
    assert browser.post(page, {**ANSWERS, "/attachments": a_file()}).status_code == 302
    with as_rita(averoy):
        assert len(applying.open_draft(Draft.objects.get().id).attachments) == 1


def test_an_answer_with_a_file_is_not_half_sent(averoy, browser, files_disk):
    receipt = sent_inquiry(averoy, rita())
    asked(averoy, receipt.case_id, "Hvilken skole?", dates.today())
    page = f"/my/{averoy.id}/cases/{receipt.case_id}/answer/"
    files_disk.fill()
    answer = browser.post(page, {"text": "Utheim, ved inngangen", "files": a_file()})
    assert answer.status_code == 422
    assert SAID in answer.text
    assert "Utheim, ved inngangen" in answer.text
    with desk(averoy):
        assert not Message.objects.filter(direction="in").exists()
        assert not Document.objects.filter(origin="uploaded").exists()
    files_disk.make_room()
    assert browser.post(page, {"text": "Utheim, ved inngangen", "files": a_file()}).status_code == 302


def test_what_needs_no_file_is_sent_and_its_pdf_is_made_when_there_is_room(averoy, browser, files_disk):
    files_disk.fill()
    receipt = sent_inquiry(averoy, rita())
    outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        assert RegistryEntry.objects.get().case_id == receipt.case_id
        assert Outbox.objects.get(done_at__isnull=True).last_error == "FilesUnavailable"
    files_disk.make_room()
    stuck.retry(averoy.id)
    outbox.drain(averoy.id, "ordinary")
    with desk(averoy):
        assert Document.objects.get().is_rendered
    assert files_disk.files()


def test_another_system_is_told_to_send_again_with_the_same_key(averoy, files_disk, as_served):
    other = system(averoy.id)
    other.http.raise_request_exception = False
    sent = application(attachments=[attachment()])
    files_disk.fill()
    refused = other.post("/applications", sent, Idempotency_Key="a-full-disk")
    assert (refused.status_code, refused["Retry-After"]) == (503, "30")
    assert refused["Content-Type"] == "application/problem+json"
    files_disk.make_room()
    assert other.post("/applications", sent, Idempotency_Key="a-full-disk").status_code == 201


def test_an_operator_is_told_before_anybody_else(files_disk):
    files_disk.fill()
    assert health._looked_at_disk("files", files_disk.folder).state == health.FAILED


def test_when_the_databases_disk_is_full_nothing_is_half_registered_and_it_is_sent_afterwards(
    averoy, browser, database_disk
):
    address = begun(averoy, browser)
    fill_in(browser, address)
    database_disk.fill()
    answer = browser.post(address + "review/", headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Tjenesten er ikke tilgjengelig akkurat nå" in answer.text
    with desk(averoy):
        assert not Case.objects.exists()
    with as_rita(averoy):
        assert Draft.objects.count() == 1
    database_disk.make_room()
    assert browser.post(address + "review/")["Location"] == address + "receipt/"
    with desk(averoy):
        assert Case.objects.get().number.endswith("/1")
        assert Case.objects.count() == Submission.objects.count() == 1
