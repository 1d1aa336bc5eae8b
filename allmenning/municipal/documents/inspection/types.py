"""The types that are taken, and how each is known by its first bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from allmenning.municipal.documents.errors import (
    HeicNotAccepted,
    ProgramNotAccepted,
    TypeNotAccepted,
    WebContentNotAccepted,
)

_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."


@dataclass(frozen=True)
class FileType:
    """A type: `kind` is what a person would call it; the first extension is the one given to a file without any."""

    kind: str
    media_type: str
    extensions: tuple[str, ...]

    @property
    def label(self) -> str:
        """The type in a message: PDF, DOCX."""
        return self.extensions[0].removeprefix(".").upper()


PDF = FileType("pdf", "application/pdf", (".pdf",))
JPEG = FileType("image", "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"))
PNG = FileType("image", "image/png", (".png",))
WEBP = FileType("image", "image/webp", (".webp",))
TIFF = FileType("image", "image/tiff", (".tif", ".tiff"))
DOCX = FileType("document", f"{_OFFICE}wordprocessingml.document", (".docx",))
XLSX = FileType("spreadsheet", f"{_OFFICE}spreadsheetml.sheet", (".xlsx",))
PPTX = FileType("presentation", f"{_OFFICE}presentationml.presentation", (".pptx",))
ODT = FileType("document", f"{_ODF}text", (".odt",))
ODS = FileType("spreadsheet", f"{_ODF}spreadsheet", (".ods",))
ODP = FileType("presentation", f"{_ODF}presentation", (".odp",))
TXT = FileType("text", "text/plain", (".txt",))
CSV = FileType("text", "text/csv", (".csv",))

ACCEPTED = (PDF, JPEG, PNG, WEBP, TIFF, DOCX, XLSX, PPTX, ODT, ODS, ODP, TXT, CSV)
IMAGES = frozenset(one.media_type for one in ACCEPTED if one.kind == "image")
BY_EXTENSION = {extension: one for one in ACCEPTED for extension in one.extensions}

# Found in the first bytes; "zip" and "ole" have to be opened to know more.
_MAGIC: tuple[tuple[bytes, FileType], ...] = (
    (b"%PDF-", PDF),
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
)
_PROGRAMS = (b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa", b"#!", b"\0asm", b"dex\n")
_OTHERS = (
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"GIF8",
    b"%!PS",
    b"{\\rtf",
    b"MSCF",
    b"BM",
    b"\0\0\1\0",
)
_HEIC = re.compile(rb"....ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)", re.S)
_WEB = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe|\?xml|\?php|%|object|embed|xml|math)", re.I)

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def by_first_bytes(content: bytes) -> FileType | None:
    """The type, if the first bytes tell; None for zip, OLE and text. Raises `TypeNotAccepted` for the never taken."""
    for magic, found in _MAGIC:
        if content.startswith(magic):
            return found
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if _HEIC.match(content):
        raise HeicNotAccepted()
    if is_program(content):
        raise ProgramNotAccepted()
    if content.startswith((ZIP, OLE)):
        return None
    if content.startswith(_OTHERS) or content[4:8] == b"ftyp":
        raise TypeNotAccepted()
    return None


def is_web_content(content: bytes) -> bool:
    """Whether a browser might read the content as a page or a drawing."""
    start = content[:2048].replace(b"\0", b"")  # UTF-16 too
    return bool(_WEB.search(start))


def is_program(content: bytes) -> bool:
    """Whether the content is a program that a computer can start."""
    if content.startswith(b"MZ"):
        return b"\0" in content[:1024]  # a text may begin with these letters
    return content.startswith(_PROGRAMS)


def refuse_web_content(content: bytes) -> None:
    if is_web_content(content):
        raise WebContentNotAccepted()
