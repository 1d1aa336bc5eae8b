"""Every form that links lead to, sent with what nobody should send in every field: a clear answer, never a failure."""

from django.core.files.uploadedfile import SimpleUploadedFile

from allmenning.municipal.documents.tests import files
from attack.visitors import (
    HOSTILE,
    SCRIPT,
    TELLING,
    assert_leads_nowhere_else,
    assert_only_text,
    forms_of,
    pages_from,
    send,
)

FINE = {200, 301, 302, 303, 400, 403, 404, 405, 409, 413, 422, 429}


def try_everything(client, *starts):
    """Send every form of every page with hostile values: in all fields at once, then in each. Returns the forms tried."""
    tried = set()
    for address, page in pages_from(client, *starts).values():
        for form in forms_of(address, page):
            for hostile in HOSTILE.values():
                expect_a_clear_answer(client, form, dict.fromkeys(form.typed, hostile))
            # One refused field may hide what another does.
            for name in form.typed if (form.method, form.address) not in tried else ():
                for hostile in TELLING.values():
                    expect_a_clear_answer(client, form, {**form.values, name: hostile})
            tried.add((form.method, form.address))
    return tried


def expect_a_clear_answer(client, form, values):
    answer = send(client, form, values)
    assert answer.status_code in FINE, (form.address, answer.status_code)
    assert_only_text(answer, form.address)
    assert_leads_nowhere_else(answer, form.address)


def test_whatever_is_sent_gets_a_clear_answer(visitor):
    assert len(try_everything(visitor, *visitor.starts)) > 3


def test_a_field_that_comes_twice(visitor):
    for address, page in pages_from(visitor, *visitor.starts).values():
        for form in forms_of(address, page):
            expect_a_clear_answer(visitor, form, {name: [value, "x"] for name, value in form.values.items()})


def test_files_that_are_not_what_they_say(resident):
    """Wherever a file may be sent: nothing of it is kept, and the answer says why."""
    sent = 0
    for address, page in pages_from(resident, "/my/").values():
        for form in forms_of(address, page):
            for name in form.files:
                for file_name, content, kind in hostile_files():
                    upload = SimpleUploadedFile(file_name, content, kind)
                    answer = send(resident, form, {**form.values, name: upload})
                    assert answer.status_code in (400, 413, 422), (form.address, file_name)
                    assert_only_text(answer, form.address)
                    sent += 1
    assert sent


def hostile_files():
    yield "brev.pdf", b"MZ\x90\x00" + b"\0" * 200, "application/pdf"
    yield "brev.pdf", b"<html><script>alert(1)</script>", "application/pdf"
    yield "bilde.png", files.pdf(), "image/png"
    yield "bombe.docx", files.office(**{"word/document.xml": b" " * 300_000_000}), "application/zip"
    yield "bombe.pdf", files.pdf_with_stream(files.bomb(600_000_000), Filter="/FlateDecode"), "application/pdf"
    yield "to.zip", files.overlapping_zip(), "application/zip"
    yield "tom.pdf", b"", "application/pdf"
    yield f"{SCRIPT}.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"
