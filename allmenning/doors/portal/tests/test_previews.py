"""Images that one has sent, or attached to a form: shown to oneself alone, and drawn anew."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from allmenning.doors.portal.testing import browser_of, sent_image, sent_inquiry
from allmenning.journeys.testing import omar, rita
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.tests import files
from allmenning.tenancy import use


@pytest.fixture
def photo(averoy):
    """Where the photograph that Rita has sent is shown."""
    case_id = sent_inquiry(averoy, rita()).case_id
    sent_image(averoy, case_id, rita(), files.photo())
    with use(averoy.id, "ordinary"):
        document = Document.objects.get(case_id=case_id, media_type="image/jpeg")
    return f"/my/averoy/cases/{case_id}/previews/{document.id}/"


def test_what_i_sent_is_shown_to_me(photo):
    client = browser_of(rita())
    case = photo.split("previews/")[0]
    for page in (case, case + "sent/"):
        assert f'src="{photo}small.jpg" alt="hull.jpg"' in client.get(page).text
    assert f'src="{photo}large.jpg" alt="hull.jpg"' in client.get(photo).text
    for size in ("small", "large"):
        shown = client.get(f"{photo}{size}.jpg")
        assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
        assert files.TOLD.encode() not in shown.content
        assert "sandbox" in shown["Content-Security-Policy"]


def test_nobody_else_is_shown_it(averoy, photo):
    mine = sent_inquiry(averoy, omar()).case_id
    through = re.sub("cases/[^/]+", f"cases/{mine}", photo)
    for address in (photo, photo + "small.jpg", photo + "large.jpg", through, through + "small.jpg"):
        assert browser_of(omar()).get(address).status_code == 404


def test_my_own_reading_is_logged_too(averoy, photo):
    browser_of(rita()).get(photo + "small.jpg")
    with use(averoy.id, "ordinary"):
        assert LogEntry.objects.get(field_kinds=["previews"], object_kind="document").purpose == "own-case"


def test_an_image_in_a_form_stands_beside_its_name_for_its_writer_alone(averoy, client):
    draft = client.post("/averoy/services/inquiry/start/")["Location"]
    address = draft + "page/question/"
    sent = {"_upload:/attachments": "1", "/attachments": SimpleUploadedFile("hull.jpg", files.photo(), "image/jpeg")}
    client.post(address, sent)
    picture = re.search(r'<img class="picture-small" src="([^"]+)"', client.get(address).text)[1]
    shown = client.get(picture)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert files.TOLD.encode() not in shown.content
    assert browser_of(omar()).get(picture).status_code == 404
