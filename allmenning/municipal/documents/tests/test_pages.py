"""Pages copied into a new file: what they draw, and nothing else of the file that they came from."""

import io

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from allmenning.municipal.documents.errors import DamagedFile
from allmenning.municipal.documents.inspection.apart import copy_pages_apart, join_apart
from allmenning.municipal.documents.inspection.pages import copy_pages


def written(pdf):
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def of(*texts):
    """A PDF with a page for each text."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for text in texts:
        page = pdf.add_blank_page(page_size=(300, 300))
        page.Resources = Dictionary(Font=Dictionary(F=font))
        page.Contents = pdf.make_stream(f"BT /F 12 Tf 9 99 Td ({text}) Tj ET".encode())
    return pdf


def inside(content):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        streams = [thing.read_bytes() for thing in pdf.objects if isinstance(thing, pikepdf.Stream)]
        return b"".join([content, *streams, *(thing.unparse(resolved=True) for thing in pdf.objects)]).decode("latin-1")


def text_of(content):
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_pages_come_in_the_order_that_is_asked_for():
    assert text_of(copy_pages(written(of("one", "two", "three")), [3, 1])).split() == ["three", "one"]


def test_an_older_version_of_a_page_does_not_come_along():
    writer = PdfWriter(io.BytesIO(written(of("older"))), incremental=True)
    drawn = DecodedStreamObject()
    drawn.set_data(b"BT /F 12 Tf 9 99 Td (newer) Tj ET")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(drawn)
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().count(b"%%EOF") == 2
    assert "older" in inside_of_every_version(out.getvalue())
    copied = copy_pages(out.getvalue(), [1])
    assert text_of(copied) == "newer"
    assert "older" not in inside_of_every_version(copied)
    assert copied.count(b"%%EOF") == 1


def inside_of_every_version(content):
    """What each version of a file holds: a file that is cut at an earlier end is that version."""
    ends = [end + 5 for end in range(len(content)) if content.startswith(b"%%EOF", end)]
    return "".join(inside(content[:end]) for end in ends)


def test_what_a_form_field_shows_becomes_part_of_the_page_and_the_form_is_gone():
    pdf = of("page", "other")
    drawn = pdf.make_stream(b"BT /F 12 Tf 2 5 Td (shown) Tj ET")
    drawn.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 90, 20])})
    drawn.Resources = pdf.pages[0].Resources
    field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="f", V="shown", F=4, Rect=[9, 9, 99, 29])
    field.AP = Dictionary(N=drawn)
    hidden = Dictionary(FT=Name.Tx, T="g", V="not shown")
    held = pdf.make_indirect(field)
    pdf.pages[0].Annots = Array([held])
    pdf.Root.AcroForm = Dictionary(Fields=Array([held, pdf.make_indirect(hidden)]))
    copied = copy_pages(written(pdf), [1])
    assert "shown" in inside(copied)
    assert "not shown" not in inside(copied)
    assert "AcroForm" not in inside(copied)


def test_a_drawing_within_the_page_keeps_only_what_it_names():
    pdf = of("page")
    secret = pdf.make_stream(b"BT (secret) Tj ET")
    secret.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 9, 9])})
    form = pdf.make_stream(b"0 0 5 5 re f % secret remark")
    form.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 9, 9])})
    form.Resources = Dictionary(XObject=Dictionary(S=secret))
    form.PieceInfo = Dictionary(Old=secret)
    page = pdf.pages[0]
    page.Resources.XObject = Dictionary(A=form, S=secret)
    page.Contents = pdf.make_stream(b"/A Do")
    copied = inside(copy_pages(written(pdf), [1]))
    assert "secret" not in copied
    assert "0 0 5 5 re" in copied


def test_a_resource_that_is_called_as_something_banned_is_kept():
    pdf = of("page")
    page = pdf.pages[0]
    page.Resources.Font = Dictionary(A=page.Resources.Font.F)
    page.Contents = pdf.make_stream(b"BT /A 12 Tf 9 99 Td (kept) Tj ET")
    assert "Helvetica" in inside(copy_pages(written(pdf), [1]))


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_page_that_is_not_there_is_refused(number):
    with pytest.raises(DamagedFile):
        copy_pages(written(of("one", "two")), [number])


def test_it_is_done_in_a_process_of_its_own():
    assert text_of(copy_pages_apart(written(of("one", "two")), [2])) == "two"
    with pytest.raises(DamagedFile):
        copy_pages_apart(b"%PDF-1.7 nothing", [1])


def test_files_are_joined_in_a_process_of_its_own():
    files = [written(of("a letter")), written(of("one", "two"))]
    assert text_of(join_apart(files)).split() == ["a", "letter", "one", "two"]
    with pytest.raises(DamagedFile):
        join_apart([files[0], b"%PDF-1.7 nothing"])
