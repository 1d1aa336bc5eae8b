import hashlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name
from PIL import Image

from allmenning.municipal.documents import errors, inspection
from allmenning.municipal.documents.inspection import (
    LIMITS,
    Limits,
    apart,
    check_together,
    inspect,
    inspector,
    reencode_image,
    safe_name,
)
from allmenning.municipal.documents.inspection.apart import draw_apart, inspect_apart
from allmenning.municipal.documents.tests import files

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

SMALL = Limits(unpacked_bytes=3_000_000, ratio_matters_above=1_000_000, entries=20, pages=5, frames=3, pixels=1_000_000)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", files.pdf(3), "pdf"),
        ("a.PDF", files.pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate), "pdf"),
        ("a.jpg", files.image("JPEG"), "image"),
        ("a.jpeg", files.image("JPEG"), "image"),
        ("a.png", files.image("PNG", mode="RGBA"), "image"),
        ("a.webp", files.image("WEBP"), "image"),
        ("a.tiff", files.image("TIFF"), "image"),
        ("a.docx", files.office("docx"), "document"),
        ("a.xlsx", files.office("xlsx"), "spreadsheet"),
        ("a.pptx", files.office("pptx"), "presentation"),
        ("a.odt", files.odf("text"), "document"),
        ("a.ods", files.odf("spreadsheet"), "spreadsheet"),
        ("a.txt", "Æøå\n".encode(), "text"),
        ("a.txt", "Æøå – «gammelt»\r\n".encode("cp1252"), "text"),
        ("a.txt", "Æøå".encode("utf-16"), "text"),
        ("a.csv", b"navn;sum\nKari;1\n", "text"),
        ("a.docx", files.office(word__embeddings__tall_dot_xlsx=files.office("xlsx")), "document"),
        ("a.docx", files.office(word___rels__document_dot_xml_dot_rels=files.relation("hyperlink")), "document"),
        ("a.odt", files.odf(**{"Basic__Standard__script-lb_dot_xml": "<x/>"}), "document"),
    ],
)
def test_what_people_send_is_taken(name, content, kind):
    found = inspect(name, "", content)

    assert (found.kind, found.size) == (kind, len(content))
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert found.name.lower() == name.lower()
    assert inspect_apart(name, "", content) == found


def test_a_file_object_is_read_too():
    assert inspect("a.pdf", "application/pdf", io.BytesIO(files.pdf(3))).pages == 3


def test_a_tiff_has_pages():
    pages = [Image.new("1", (10, 10)) for _ in range(3)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    assert inspect("fax.tif", "image/tiff", out.getvalue()).pages == 3


def test_a_name_without_extension_gets_one():
    assert inspect("Brev 12.03.2026", "", files.pdf()).name == "Brev 12.03.2026.pdf"


def _catalog(**keys) -> bytes:
    made = files.new_pdf()
    for key, value in keys.items():
        made.Root[f"/{key}"] = value(made) if callable(value) else value
    return files.saved(made)


SCRIPT = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
BAD_PDFS = [
    (_catalog(OpenAction=SCRIPT), errors.ActivePdfNotAccepted),
    (_catalog(Names=Dictionary(JavaScript=Dictionary(Names=Array(["x", SCRIPT])))), errors.ActivePdfNotAccepted),
    (_catalog(OpenAction=Dictionary(S=Name.Launch, F="cmd.exe")), errors.ActivePdfNotAccepted),
    (_catalog(AA=Dictionary(WC=Dictionary(S=Name.URI, Next=Array([SCRIPT])))), errors.ActivePdfNotAccepted),
    (_catalog(AcroForm=Dictionary(XFA=Array([]))), errors.ActivePdfNotAccepted),
    (_catalog(X=Dictionary(Type=Name.Annot, Subtype=Name.RichMedia)), errors.ActivePdfNotAccepted),
    (_catalog(Names=Dictionary(EmbeddedFiles=Dictionary(Names=Array([])))), errors.EmbeddedFilesNotAccepted),
    (_catalog(X=Dictionary(Type=Name.Filespec, F="x.exe", EF=Dictionary())), errors.EmbeddedFilesNotAccepted),
    (files.pdf(encryption=pikepdf.Encryption(user="hemmelig", owner="o")), errors.EncryptedFile),
    (files.pdf(6), errors.TooComplex),
    (files.pdf()[:120], errors.DamagedFile),
    (b"%PDF-1.7\nnothing\n%%EOF", errors.DamagedFile),
    (files.pdf_with_stream(files.bomb(4_000_000)), errors.ExpandsTooMuch),
    (files.pdf_with_stream(zlib.compress(files.bomb(4_000_000))), errors.ExpandsTooMuch),
    (files.pdf_opening_bomb(4_000_000), errors.ExpandsTooMuch),
    (files.pdf_opening_bomb(4_000_000, b"/Type /#58Ref /Filter [/Fl#61teDecode]"), errors.ExpandsTooMuch),
    (
        files.pdf_opening_bomb(4_000_000, b"/Type /ObjStm %obj << /Subtype /Image >>\n/Filter /FlateDecode"),
        errors.ExpandsTooMuch,
    ),
    (
        files.pdf_opening_bomb(4_000_000, b"/Type /ObjStm /X (1 0 obj << /Subtype /Image \\() /Filter /Fl"),
        errors.ExpandsTooMuch,
    ),
    (
        files.pdf_opening_bomb(4_000_000, b"/Type /ObjStm %obj << /Subtype /Image\n/Filter /FlateDecode"),
        errors.ExpandsTooMuch,
    ),
    (files.pdf_opening_bomb(1_000_000, b"/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]"), errors.ExpandsTooMuch),
    (files.pdf_with_stream(b"x", Subtype=Name.Image, Width=100_000, Height=100_000), errors.ImageTooLarge),
    (files.pdf() + files.zipped({"a.txt": "x"}), errors.MixedContent),
    (b"\n" + files.pdf(), errors.MixedContent),
]


@pytest.mark.parametrize(("content", "error"), BAD_PDFS)
def test_a_pdf_that_runs_hides_or_expands_is_refused(content, error):
    with pytest.raises(error):
        inspect("a.pdf", "application/pdf", content, SMALL)


BAD_DOCUMENTS = [
    (files.office("docm"), errors.MacrosNotAccepted),
    (files.office(word__vbaProject_dot_bin=b"x"), errors.MacrosNotAccepted),
    (
        files.office(more_types='<Override ContentType="application/vnd.ms-office.vbaProject"/>'),
        errors.MacrosNotAccepted,
    ),
    (files.office(word__activeX__a_dot_xml="<x/>"), errors.MacrosNotAccepted),
    (files.odf(Basic__Standard__Module1_dot_xml="<x/>"), errors.MacrosNotAccepted),
    (files.odf(Scripts__python__x_dot_py="x"), errors.MacrosNotAccepted),
    (files.odf(**{"META-INF__manifest_dot_xml": "<m:encryption-data/>"}), errors.EncryptedFile),
    (files.encrypted_zip(), errors.EncryptedFile),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        errors.EncryptedFile,
    ),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"WordDocument", errors.OldOfficeNotAccepted),
    (
        files.office(word__embeddings__oleObject1_dot_bin=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1x"),
        errors.EmbeddedFilesNotAccepted,
    ),
    (files.office(word__media__a_dot_png=b"MZ\x90\x00"), errors.ProgramNotAccepted),
    (
        files.office(word__embeddings__a_dot_xlsx=files.office("xlsx", xl__vbaProject_dot_bin=b"")),
        errors.MacrosNotAccepted,
    ),
    (files.office(word__a_dot_docx=files.office(word__b_dot_docx=files.office())), errors.EmbeddedFilesNotAccepted),
    (files.office(word__a_dot_zip=files.zipped({"x.exe": b"MZ\0"})), errors.TypeNotAccepted),
    (
        files.office(word___rels__s_dot_xml_dot_rels=files.relation("attachedTemplate")),
        errors.ExternalContentNotAccepted,
    ),
    (files.office(word___rels__s_dot_xml_dot_rels=files.relation("oleObject")), errors.ExternalContentNotAccepted),
    (files.office(word___rels__s_dot_xml_dot_rels="<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), errors.DamagedFile),
    (
        files.office(word__x_dot_xml="<w:instrText> DDEAUTO c:\\\\cmd.exe </w:instrText>"),
        errors.ExternalContentNotAccepted,
    ),
    (files.office(word__a_dot_xml=bytes(4_000_000)), errors.ExpandsTooMuch),
    (files.office(word__a_dot_xml=bytes(1_500_000)), errors.ExpandsTooMuch),
    (
        files.office(word__a_dot_docx=files.office(word__b_dot_xml=bytes(900_000), word__c_dot_xml=bytes(2_000_000))),
        errors.ExpandsTooMuch,
    ),
    (files.overlapping_zip(), errors.ExpandsTooMuch),
    (files.lying_zip(), errors.DamagedFile),
    (files.office(**{f"word__{n}_dot_xml": "" for n in range(30)}), errors.TooComplex),
    (files.office(**{"..__..__etc__passwd": "x"}), errors.DamagedFile),
    (files.office(**{"WORD__DOCUMENT_dot_XML": "x"}), errors.DamagedFile),
    (files.office()[:-30], errors.DamagedFile),
    (files.zipped({"a.txt": "x"}), errors.TypeNotAccepted),
    (files.zipped({"mimetype": "application/epub+zip"}), errors.TypeNotAccepted),
    (files.zipped({"[Content_Types].xml": "<Types/>"}), errors.TypeNotAccepted),
]


@pytest.mark.parametrize(("content", "error"), BAD_DOCUMENTS)
def test_a_document_that_runs_hides_or_expands_is_refused(content, error):
    with pytest.raises(error):
        inspect("a.docx", "", content, SMALL)


def _chunk_bomb() -> bytes:
    """A PNG that says it is small, and whose text chunk unpacks to very much."""
    good = files.image("PNG")
    text = b"zTXt" + b"a\0\0" + files.bomb(100_000_000)
    chunk = (len(text) - 4).to_bytes(4, "big") + text + zlib.crc32(text).to_bytes(4, "big")
    return good[:33] + chunk + good[33:]


BAD_IMAGES = [
    ("a.png", files.image("PNG", (2000, 2000), "1"), errors.ImageTooLarge),
    (
        "a.png",
        files.image("PNG", (3000, 400), "1"),
        errors.ImageTooLarge,
    ),
    ("a.jpg", files.image("JPEG", (200, 200))[:400], errors.DamagedFile),
    ("a.jpg", b"\xff\xd8\xff\xe0" + b"x" * 50, errors.DamagedFile),
    ("a.png", b"\x89PNG\r\n\x1a\n", errors.DamagedFile),
    ("a.png", _chunk_bomb(), errors.DamagedFile),
    ("a.jpg", files.image() + files.zipped({"a": "b"}), errors.MixedContent),
    ("a.jpg", files.image(comment=b"%PDF-1.7"), errors.MixedContent),
    ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0", errors.HeicNotAccepted),
    ("a.gif", b"GIF89a" + bytes(20), errors.TypeNotAccepted),
    ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', errors.WebContentNotAccepted),
]


@pytest.mark.parametrize(("name", "content", "error"), BAD_IMAGES)
def test_an_image_that_is_not_what_it_seems_is_refused(name, content, error):
    with pytest.raises(error):
        inspect(name, "", content, SMALL)


@pytest.mark.parametrize(
    ("name", "declared", "content", "error"),
    [
        ("a.pdf", "", b"", errors.EmptyFile),
        ("a.txt", "", b"x" * (LIMITS.file_bytes + 1), errors.FileTooLarge),
        ("a.pdf", "application/pdf", files.image(), errors.ContentIsNotItsType),
        ("a.jpg", "image/jpeg", b"just text", errors.ContentIsNotItsType),
        ("a.docx", "", files.office("xlsx"), errors.ContentIsNotItsType),
        ("a.pdf", "text/html", files.pdf(), errors.ContentIsNotItsType),
        ("a.txt", "text/html", b"x", errors.ContentIsNotItsType),
        ("faktura.pdf.exe", "application/pdf", files.pdf(), errors.TypeNotAccepted),
        ("a.exe", "", b"MZ\x90\x00", errors.ProgramNotAccepted),
        ("a.pdf", "", b"\x7fELF\x02\x01", errors.ProgramNotAccepted),
        ("a.txt", "text/plain", b"\xef\xbb\xbf <!DOCTYPE html><script>x</script>", errors.WebContentNotAccepted),
        ("a.txt", "text/plain", "<script>x</script>".encode("utf-16"), errors.WebContentNotAccepted),
        ("a.csv", "text/csv", b"a;b\0c", errors.TypeNotAccepted),
        ("a.html", "text/html", b"<html>", errors.WebContentNotAccepted),
        ("a.zip", "application/zip", files.zipped({"a": "b"}), errors.TypeNotAccepted),
        ("a.rar", "", b"Rar!\x1a\x07", errors.TypeNotAccepted),
        ("a.rtf", "", b"{\\rtf1}", errors.TypeNotAccepted),
    ],
)
def test_content_decides_and_contradictions_are_refused(name, declared, content, error):
    with pytest.raises(error):
        inspect(name, declared, content)


@pytest.mark.parametrize(
    "declared", ["application/octet-stream", "application/zip", "", "APPLICATION/OCTET-STREAM; x=y"]
)
def test_a_browser_that_does_not_know_is_believed_in_nothing(declared):
    assert inspect("a.docx", declared, files.office()).extension == ".docx"


def test_windows_says_excel_and_means_csv():
    assert inspect("a.csv", "application/vnd.ms-excel", b"a;b\n").media_type == "text/csv"


def test_all_the_refusals_say_what_to_do():
    for one in vars(errors).values():
        if isinstance(one, type) and issubclass(one, errors.UnacceptableFile):
            assert one.template().endswith("."), one


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(
        [b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"RIFF\0\0\0\0WEBP"]
    ),
)
def test_any_bytes_are_taken_or_refused_by_name(tail, head):
    with suppress(errors.UnacceptableFile):
        inspect("file", "", head + tail)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_good_file_with_bytes_changed_is_taken_or_refused_by_name(data):
    content = bytearray(
        data.draw(
            st.sampled_from(
                [
                    files.pdf(),
                    files.office(),
                    files.odf(),
                    files.image("PNG"),
                    files.image("TIFF"),
                    files.image("WEBP"),
                    files.image(),
                ]
            )
        )
    )
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(errors.UnacceptableFile):
        inspect("file", "", bytes(content))


def test_files_are_limited_together():
    check_together([6_000_000] * 10)
    with pytest.raises(errors.TooManyFiles):
        check_together([1] * 11)
    with pytest.raises(errors.TooMuchTogether):
        check_together([20_000_000] * 3 + [1])


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Lønnsslipp.pdf", "Lønnsslipp.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Kari\\brev.docx", "brev.docx"),
        ("abc\u202efdp.exe", "abcfdp.exe"),
        ("a\0.pdf", "a"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ('a"b<c>|?*.pdf', "a_b_c____.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("nul", "_nul"),
        ("  .. ", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ("æ" * 300 + ".pdf", "æ" * 100 + ".pdf"),
        ("A\u030a.txt", "Å.txt"),
        ("\ud800x.pdf", "x.pdf"),
    ],
)
def test_names_are_made_safe(given_name, kept):
    assert safe_name(given_name) == kept


@given(st.text(max_size=300))
def test_any_name_becomes_a_safe_one(text):
    name = safe_name(text)

    assert name
    assert len(name) <= 121
    assert len(name.encode()) <= 255
    assert not set(name) & set('/\\:*?"<>|\0\r\n\u202e')
    assert safe_name(name) == name


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("draw", [inspection.reencode_image, draw_apart])
def test_a_preview_is_pixels_alone_and_upright(draw, kind):
    taken = files.photo((400, 200), kind)
    assert files.TOLD.encode() in taken

    shown = draw(taken, 300)

    with Image.open(io.BytesIO(shown)) as drawn:
        assert (drawn.format, drawn.size) == ("JPEG", (150, 300))
        assert not drawn.getexif()
        assert set(drawn.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"hemmelig" not in shown


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "I;16"),
        ("PNG", "LA"),
        ("TIFF", "CMYK"),
        ("TIFF", "F"),
        ("WEBP", "RGBA"),
        ("PNG", "1"),
    ],
)
def test_every_kind_of_image_can_be_previewed(kind, mode):
    with Image.open(io.BytesIO(reencode_image(files.image(kind, (3000, 100), mode)))) as drawn:
        assert (drawn.format, drawn.mode, drawn.size[0]) == ("JPEG", "RGB", 2000)


def test_transparent_becomes_white():
    with Image.open(io.BytesIO(reencode_image(files.image("PNG", mode="RGBA")))) as drawn:
        assert drawn.getpixel((5, 5)) == (255, 255, 255)


def test_a_process_apart_finds_the_same():
    content = files.pdf(2)
    assert inspect_apart("a.pdf", "application/pdf", content) == inspect("a.pdf", "application/pdf", content)
    with pytest.raises(errors.ContentIsNotItsType) as refusal:
        inspect_apart("a.jpg", "", content)
    assert refusal.value.found == "PDF"


def test_what_cannot_be_drawn_is_refused_by_name():
    for content in (files.pdf(), files.image("PNG")[:45], b"hei"):
        with pytest.raises(errors.DamagedFile):
            draw_apart(content, 300)
    with pytest.raises(errors.ImageTooLarge) as refusal:
        draw_apart(files.image("PNG", (1200, 1200)), 300, SMALL)
    assert refusal.value.limit == 1


def test_the_largest_image_that_is_taken_is_drawn_within_the_limits():
    largest = files.image("PNG", (10_000, 6_000), "RGBA", compress_level=1)
    with Image.open(io.BytesIO(draw_apart(largest, 320))) as drawn:
        assert drawn.size == (320, 192)


def test_an_image_that_brings_the_process_down_is_not_drawn(monkeypatch):
    monkeypatch.setattr(apart, "_INSPECTOR", "no.such.module")
    apart._forget()
    with pytest.raises(errors.TooComplex):
        draw_apart(files.image(), 300)
    apart._forget()


def test_a_process_that_draws_looks_at_files_too(children):
    drawn = draw_apart(files.image("PNG"), 20)
    assert inspect_apart("a.jpg", "", drawn).media_type == "image/jpeg"
    assert len(children) == 1


def test_a_file_that_brings_the_process_down_is_refused(monkeypatch):
    monkeypatch.setattr(apart, "_INSPECTOR", "no.such.module")
    apart._forget()
    with pytest.raises(errors.TooComplex):
        inspect_apart("a.pdf", "", files.pdf())
    apart._forget()


def test_an_inspector_that_has_ended_is_started_anew():
    inspect_apart("a.txt", "", b"hei")
    apart._inspector().shutdown(socket.SHUT_RDWR)
    assert inspect_apart("a.txt", "", b"hei").kind == "text"


def test_a_file_is_not_blamed_when_somebody_else_ends_the_inspector(monkeypatch):
    started, start = [], subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **how: started.append(start(*args, **how)) or started[-1])
    apart._forget()
    inspect_apart("a.txt", "", b"hei")
    started[0].send_signal(signal.SIGSTOP)  # the thread below has no child yet
    with ThreadPoolExecutor(1) as threads:
        found = threads.submit(inspect_apart, "a.txt", "", b"hei")
        time.sleep(0.1)
        started[0].kill()
        assert found.result(20).kind == "text"


def test_whoever_only_asks_does_not_load_what_reads_pdfs():
    asks = f"import {apart.__name__}, sys; print('pikepdf' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.fixture
def children(monkeypatch):
    """The conversations with children of the inspector that are begun."""
    begun, hand_over = [], apart._hand_over
    monkeypatch.setattr(apart, "_hand_over", lambda theirs: begun.append(theirs) or hand_over(theirs))
    apart._forget()
    return begun


def test_a_process_looks_at_few_files(children, monkeypatch):
    monkeypatch.setattr(apart, "FILES_EACH", 2)
    for _ in range(5):
        inspect_apart("a.txt", "", b"hei")
    assert len(children) == 3


def test_the_next_file_does_not_suffer_from_the_last(children):
    inspect_apart("a.txt", "", b"hei")
    apart._resting[0].conversation.shutdown(socket.SHUT_RDWR)
    assert inspect_apart("a.txt", "", b"hei").kind == "text"
    assert len(children) == 2


def test_a_file_is_taken_although_every_process_ended_while_it_rested(children):
    resting = [apart._Child(), apart._Child()]
    apart._resting.extend(resting)
    for each in resting:
        each.conversation.shutdown(socket.SHUT_RDWR)
    assert inspect_apart("a.txt", "", b"hei").kind == "text"


def test_files_are_looked_at_side_by_side():
    contents = [f"fil {number}".encode() for number in range(8)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda content: inspect_apart("a.txt", "", content), contents))
    assert [each.sha256 for each in found] == [hashlib.sha256(content).hexdigest() for content in contents]
    assert len(apart._resting) <= apart.MOST_RESTING


@pytest.mark.parametrize("forbidden", ["open('/etc/hostname')", "socket.socket()", "os.fork()", "os.pipe()"])
def test_whoever_takes_over_the_process_gets_no_further(forbidden):
    """In a process that is bound as the one that looks at a file is (as root, another may still be made)."""
    if forbidden == "os.fork()" and os.geteuid() == 0:
        forbidden = "os.pipe()"
    attempt = f"import os, socket; from {inspector.__name__} import _bind; _bind(); {forbidden}"
    tried = subprocess.run([sys.executable, "-c", attempt], capture_output=True, text=True, check=False)
    assert re.search(r"OSError|BlockingIOError", tried.stderr), tried
