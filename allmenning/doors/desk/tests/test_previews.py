"""Images that were sent, at the desk: drawn anew, for those who may read the case, after it is logged."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image

from allmenning.basics import dates
from allmenning.doors.desk.testing import at_desk, hire, send_inquiry
from allmenning.doors.portal.testing import sent_image
from allmenning.journeys import previews
from allmenning.journeys.testing import ALICE, BOB, CHARLIE, RITA, number, rita
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.documents.errors import DamagedFile
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.tests import files
from allmenning.tenancy import use

DORA = number(110)


@pytest.fixture
def receipt(averoy):
    sent = send_inquiry(averoy, RITA)
    sent_image(averoy, sent.case_id, rita(), files.photo())
    return sent


@pytest.fixture
def photo(averoy, receipt):
    """Where the photograph that was sent is shown."""
    with use(averoy.id, "ordinary"):
        document = Document.objects.get(case_id=receipt.case_id, media_type="image/jpeg")
    return f"/desk/cases/{receipt.case_id}/previews/{document.id}/"


def rows(averoy, **about):
    with use(averoy.id, "ordinary"):
        return LogEntry.objects.filter(action="read", **about).count()


def test_an_image_is_small_on_the_page_of_the_case_and_large_on_its_own(averoy, receipt, photo):
    client = at_desk(averoy, ALICE)
    page = client.get(f"/desk/cases/{receipt.case_id}/").text
    assert re.search(f'<a href="{photo}"><img class="picture-small" src="{photo}small.jpg" alt="hull.jpg"', page)
    assert page.count("<img class=") == 1  # of the PDFs there is none
    assert f'src="{photo}large.jpg" alt="hull.jpg"' in client.get(photo).text


@pytest.mark.parametrize("size", ["small", "large"])
def test_what_is_shown_is_drawn_anew_and_tells_nothing_more(averoy, photo, size):
    shown = at_desk(averoy, ALICE).get(f"{photo}{size}.jpg")
    with Image.open(io.BytesIO(shown.content)) as drawn:
        assert (drawn.format, drawn.height > drawn.width) == ("JPEG", True)
        assert not drawn.getexif()
    assert files.TOLD.encode() not in shown.content


def test_a_browser_does_nothing_with_it_but_show_it_on_our_pages(averoy, photo):
    shown = at_desk(averoy, ALICE).get(photo + "small.jpg")
    assert shown["Content-Type"] == "image/jpeg"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert shown["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert shown["Cross-Origin-Resource-Policy"] == "same-origin"
    assert shown["Cache-Control"] == "private, no-store"
    assert shown["Content-Disposition"] == 'inline; filename="preview.jpg"'


def test_what_the_case_was_opened_for_covers_its_small_images(averoy, receipt, photo):
    client = at_desk(averoy, ALICE)
    client.get(f"/desk/cases/{receipt.case_id}/")
    client.get(photo + "small.jpg")
    assert rows(averoy, object_kind="case", field_kinds__contains=["previews"]) == 1
    assert not rows(averoy, object_kind="document")


def test_no_image_is_shown_without_a_row_that_tells_of_it(averoy, receipt, photo):
    client = at_desk(averoy, ALICE)
    client.get(photo + "small.jpg")
    assert rows(averoy, object_kind="document", field_kinds=["previews"], staff_name="Alice Alm") == 1
    client.get(f"/desk/cases/{receipt.case_id}/")
    client.get(photo + "large.jpg")  # which the opening of the case does not cover
    assert rows(averoy, object_kind="document", field_kinds=["documents"], purpose="case-handling") == 1


def test_a_large_image_is_logged_once_with_its_page(averoy, photo):
    client = at_desk(averoy, ALICE)
    client.get(photo)
    client.get(photo + "large.jpg")
    assert rows(averoy, object_kind="document", field_kinds=["documents"]) == 1


def test_somebody_elses_reading_and_an_old_one_cover_nothing(averoy, receipt, photo, monkeypatch):
    hire(averoy, DORA, "archivist")
    at_desk(averoy, ALICE).get(photo)
    dora = at_desk(averoy, DORA)
    dora.post(f"/desk/cases/{receipt.case_id}/purpose/", {"purpose": "archive"})
    dora.get(photo + "large.jpg")
    assert rows(averoy, object_kind="document", purpose="archive") == 1
    later = dates.now() + timedelta(minutes=11)
    monkeypatch.setattr(previews.dates, "now", lambda: later)
    dora.get(photo + "large.jpg")
    assert rows(averoy, object_kind="document", purpose="archive") == 2


def test_a_leader_says_why_before_an_image_is_shown(averoy, receipt, photo):
    for address in (photo, photo + "small.jpg"):
        assert at_desk(averoy, BOB).get(address)["Location"] == f"/desk/cases/{receipt.case_id}/purpose/"


def test_who_may_not_read_the_case_sees_no_image(averoy, smola, photo):
    hire(averoy, DORA, "caseworker", unit="Byggesak")
    for address in (photo, photo + "small.jpg", photo + "large.jpg"):
        assert at_desk(smola, CHARLIE).get(address).status_code == 404
        assert at_desk(averoy, DORA).get(address).status_code == 403
    assert not rows(averoy)


def test_an_image_of_one_case_is_not_shown_through_another(averoy, receipt, photo):
    other = send_inquiry(averoy)
    through = photo.replace(str(receipt.case_id), str(other.case_id))
    for address in (through, through + "small.jpg"):
        assert at_desk(averoy, ALICE).get(address).status_code == 404


def test_a_pdf_is_no_image(averoy, receipt, photo):
    with use(averoy.id, "ordinary"):
        pdf = Document.objects.filter(case_id=receipt.case_id, media_type="application/pdf").first()
    client, address = at_desk(averoy, ALICE), f"/desk/cases/{receipt.case_id}/previews/{pdf.id}/"
    assert client.get(address).status_code == 404
    assert client.get(address + "small.jpg").status_code == 404
    assert client.get(photo + "huge.jpg").status_code == 404


def test_what_cannot_be_drawn_is_not_there(averoy, photo, monkeypatch):
    def fails(*_):
        raise DamagedFile()

    monkeypatch.setattr(previews, "draw_apart", fails)
    answer = at_desk(averoy, ALICE).get(photo + "small.jpg")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/plain; charset=utf-8")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_an_image_is_drawn_in_a_process_apart(averoy, receipt, photo, monkeypatch):
    """Not one decoder of images runs where the keys are."""
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("opened in the web worker"))
    assert at_desk(averoy, ALICE).get(photo + "large.jpg").status_code == 200
