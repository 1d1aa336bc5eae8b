"""Files made for the tests: good ones, and one of each kind of bad one."""

from __future__ import annotations

import io
import zipfile
import zlib

import pikepdf
from PIL import Image

_CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/{part}" ContentType="application/vnd.{main}"/>{more}</Types>'
)
_MAIN = {
    "docx": ("word/document.xml", "openxmlformats-officedocument.wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", "openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", "openxmlformats-officedocument.presentationml.presentation.main+xml"),
    "docm": ("word/document.xml", "ms-word.document.macroEnabled.main+xml"),
}
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'

TOLD = "hemmelig sted"  # by the metadata of `photo`
_ORIENTATION, _DESCRIPTION, _MAKE, _GPS = 0x0112, 0x010E, 0x010F, 0x8825


def zipped(entries: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return out.getvalue()


def office(kind: str = "docx", more_types: str = "", **entries: bytes | str) -> bytes:
    """An Office document; further entries are named with `__` for `/` and `_dot_` for `.`."""
    part, main = _MAIN[kind]
    extra = {name.replace("__", "/").replace("_dot_", "."): content for name, content in entries.items()}
    types = _CONTENT_TYPES.format(part=part, main=main, more=more_types)
    return zipped({"[Content_Types].xml": types, "_rels/.rels": RELATIONS.format(""), part: "<w/>"} | extra)


def relation(kind: str, target: str = "https://evil.example/x") -> str:
    return RELATIONS.format(
        f'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
        f'Target="{target}" TargetMode="External"/>'
    )


def odf(kind: str = "text", **entries: bytes | str) -> bytes:
    extra = {name.replace("__", "/").replace("_dot_", "."): content for name, content in entries.items()}
    return zipped({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": "<c/>"} | extra)


def image(kind: str = "JPEG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 0).save(out, kind, **options)
    return out.getvalue()


def photo(size: tuple[int, int] = (400, 200), kind: str = "JPEG") -> bytes:
    """A photograph that tells where it was taken, with which camera, and what somebody thought of it; lying on its side."""
    exif = Image.Exif()
    exif[_ORIENTATION], exif[_DESCRIPTION], exif[_MAKE] = 6, TOLD, TOLD
    exif.get_ifd(_GPS).update({1: "N", 2: (63.0, 7.0, 12.0), 3: "E", 4: (7.0, 31.0, 5.0), 29: TOLD})
    comment = {"comment": TOLD.encode()} if kind == "JPEG" else {}
    return image(kind, size, exif=exif, **comment)


def new_pdf(pages: int = 1) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    return pdf


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id="encryption" not in options, **options)
    return out.getvalue()


def pdf(pages: int = 1, **options: object) -> bytes:
    return saved(new_pdf(pages), **options)


def pdf_with_stream(data: bytes, **keys: object) -> bytes:
    """A PDF with one more stream, written as it is."""
    made = new_pdf()
    stream = pikepdf.Stream(made, b"")
    stream.write(data, filter=keys.pop("filter", pikepdf.Name.FlateDecode))
    for name, value in keys.items():
        stream[f"/{name}"] = value
    made.Root.Extra = made.make_indirect(stream)
    return saved(made, recompress_flate=False, compress_streams=False)


def bomb(size: int) -> bytes:
    """So many zero bytes, packed, made without holding them."""
    packer, packed = zlib.compressobj(9), []
    for _ in range(size // 1_000_000):
        packed.append(packer.compress(bytes(1_000_000)))
    return b"".join([*packed, packer.flush()])


def pdf_opening_bomb(
    size: int, header: bytes = b"/Type /XRef /W [1 2 1] /Size 2 /Root 1 0 R /Filter /FlateDecode"
) -> bytes:
    """A PDF whose cross-reference stream, which every reader unpacks on opening, is a bomb."""
    packed = bomb(size)
    start = b"%PDF-1.5\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    stream = b"2 0 obj\n<< " + header + b" /Length %d >>\nstream\n" % len(packed) + packed + b"\nendstream\nendobj\n"
    return start + stream + b"startxref\n%d\n%%%%EOF\n" % len(start)


def overlapping_zip() -> bytes:
    """Two directory entries for the same packed bytes."""
    out = bytearray(office(word__a_dot_xml="a" * 5000, word__b_dot_xml="a" * 5000))
    with zipfile.ZipFile(io.BytesIO(out)) as file:
        first, second = file.getinfo("word/a.xml").header_offset, file.getinfo("word/b.xml").header_offset
    directory = out.rfind(b"PK\x01\x02")
    assert int.from_bytes(out[directory + 42 : directory + 46], "little") == second
    out[directory + 42 : directory + 46] = first.to_bytes(4, "little")
    return bytes(out)


def encrypted_zip() -> bytes:
    """A document whose entries say that they are encrypted."""
    out = bytearray(office())
    place = -1
    while (place := out.find(b"PK\x01\x02", place + 1)) >= 0:
        out[place + 8] |= 1
    return bytes(out)


def lying_zip() -> bytes:
    """A document with an entry that unpacks to far more than it says."""
    out = bytearray(office(word__a_dot_xml=b"a" * 5_000_000))
    directory = out.rfind(b"PK\x01\x02")
    out[directory + 24 : directory + 28] = (100).to_bytes(4, "little")
    return bytes(out)
