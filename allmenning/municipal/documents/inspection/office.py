"""Office documents: zip files of XML. Opened with limits on everything; nothing is run or fetched."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise

from lxml import etree

from allmenning.basics.xml import UnusableXml, parse_xml
from allmenning.municipal.documents.errors import (
    DamagedFile,
    EmbeddedFilesNotAccepted,
    EncryptedFile,
    ExpandsTooMuch,
    ExternalContentNotAccepted,
    MacrosNotAccepted,
    MixedContent,
    OldOfficeNotAccepted,
    ProgramNotAccepted,
    TooComplex,
    TypeNotAccepted,
)
from allmenning.municipal.documents.inspection.limits import Limits
from allmenning.municipal.documents.inspection.types import (
    DOCX,
    ODP,
    ODS,
    ODT,
    OLE,
    PPTX,
    XLSX,
    ZIP,
    FileType,
    is_program,
)

_CHUNK = 1 << 16
_XML_BYTES = 5_000_000
_MAIN_PARTS = {
    "wordprocessingml.document.main+xml": DOCX,
    "spreadsheetml.sheet.main+xml": XLSX,
    "presentationml.presentation.main+xml": PPTX,
}
_ODF_TYPES = {one.media_type: one for one in (ODT, ODS, ODP)}
# What a document may point at outside itself: a reader chooses to follow a link; an image or a workbook is asked about.
_HARMLESS_TARGETS = ("hyperlink", "image", "externalLinkPath", "xlPathMissing", "xlExternalLinkPath")
# A field of Word that starts a program on the reader's computer.
_DDE = re.compile(rb'(instrText[^>]*>|w:instr=")[^<"]{0,200}\bDDE')
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")


def check_ole(content: bytes) -> None:
    """Old Office files can't be checked, and a modern one with a password looks like them: always raises."""
    if _ENCRYPTED_OFFICE in content:
        raise EncryptedFile()
    raise OldOfficeNotAccepted()


def check_office(content: bytes, limits: Limits) -> FileType:
    """Look through a document and say which type it is. Raises `UnacceptableFile`s."""
    return _Document(content, limits, budget=[limits.unpacked_bytes]).check()


class _Document:
    """One zip file. `budget` is what is left of the bytes that it and the documents inside it may unpack to."""

    def __init__(self, content: bytes, limits: Limits, budget: list[int], depth: int = 1) -> None:
        self.content, self.limits, self.budget, self.depth = content, limits, budget, depth
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
            raise DamagedFile() from error

    def check(self) -> FileType:
        self._check_directory()
        found = self._type()
        for entry in self.zip.infolist():
            self._check_entry(entry)
        return found

    def _check_directory(self) -> None:
        """What the list of entries says, before anything is unpacked."""
        entries = self.zip.infolist()
        if len(entries) > self.limits.entries:
            raise TooComplex()
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise EncryptedFile()
        names = [entry.filename for entry in entries]
        if len({name.lower() for name in names}) != len(names) or any(map(_strange, names)):
            raise DamagedFile()
        if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
            raise TypeNotAccepted()
        self._check_places(entries)
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > self.budget[0] or (
            unpacked > self.limits.ratio_matters_above
            and unpacked > self.limits.unpacked_ratio * max(1, len(self.content))
        ):
            raise ExpandsTooMuch()

    def _check_places(self, entries: list[zipfile.ZipInfo]) -> None:
        """Entries that lie over each other unpack to more than the file holds; bytes before them hide another."""
        places = sorted((entry.header_offset, entry.compress_size) for entry in entries)
        if not places or places[0][0] != 0 or not self.content.startswith(ZIP):
            raise MixedContent()
        for (start, size), (following, _) in pairwise(places):
            if start + 30 + size > following:
                raise ExpandsTooMuch()

    def _type(self) -> FileType:
        names = set(self.zip.namelist())
        if "[Content_Types].xml" in names:
            return self._office_type(names)
        if "mimetype" in names:
            return self._odf_type(names)
        raise TypeNotAccepted()

    def _office_type(self, names: set[str]) -> FileType:
        types = [
            str(node.get("ContentType", "")) for node in _xml(self._read("[Content_Types].xml")).iter(etree.Element)
        ]
        if any(re.search(r"macroEnabled|vbaProject|activeX", one, re.I) for one in types) or any(
            re.search(r"vbaProject|vbaData|/activeX/|macrosheets/", name, re.I) for name in names
        ):
            raise MacrosNotAccepted()
        found = {_MAIN_PARTS[suffix] for one in types for suffix in _MAIN_PARTS if one.endswith(suffix)}
        if len(found) != 1:
            raise TypeNotAccepted()
        return found.pop()

    def _odf_type(self, names: set[str]) -> FileType:
        found = _ODF_TYPES.get(self._read("mimetype", 200).decode("ascii", "ignore").strip())
        if found is None:
            raise TypeNotAccepted()
        if any(re.match(r"(Basic/.*(?<!script-lc\.xml)(?<!script-lb\.xml)|Scripts/.+)(?<!/)$", name) for name in names):
            raise MacrosNotAccepted()
        if "META-INF/manifest.xml" in names and b"encryption-data" in self._read("META-INF/manifest.xml"):
            raise EncryptedFile()
        return found

    def _check_entry(self, entry: zipfile.ZipInfo) -> None:
        unpacked = self._unpack(entry)
        if is_program(unpacked):
            raise ProgramNotAccepted()
        if unpacked.startswith(OLE):
            raise EmbeddedFilesNotAccepted()
        if unpacked.startswith(ZIP):
            self._check_inner(unpacked)
        if entry.filename.endswith(".rels"):
            self._check_targets(unpacked)
        if entry.filename.startswith("xl/externalLinks/") and b"ddeLink" in unpacked:
            raise ExternalContentNotAccepted()
        if entry.filename.startswith("word/") and _DDE.search(unpacked):
            raise ExternalContentNotAccepted()

    def _check_inner(self, content: bytes) -> None:
        """A chart in a document carries its numbers as a workbook: that is checked by the same rules."""
        if self.depth >= self.limits.nesting:
            raise EmbeddedFilesNotAccepted()
        _Document(content, self.limits, self.budget, self.depth + 1).check()

    def _check_targets(self, content: bytes) -> None:
        for node in _xml(content).iter(etree.Element):
            kind = str(node.get("Type", "")).rpartition("/")[2]
            if node.get("TargetMode") == "External" and kind not in _HARMLESS_TARGETS:
                raise ExternalContentNotAccepted()

    def _unpack(self, entry: zipfile.ZipInfo) -> bytes:
        """An entry, unpacked in small pieces that are counted as they come."""
        pieces: list[bytes] = []
        for piece in self._pieces(entry):
            self.budget[0] -= len(piece)
            if self.budget[0] < 0:
                raise ExpandsTooMuch()
            pieces.append(piece)
        return b"".join(pieces)

    def _pieces(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        # zipfile stops at the size that the entry declares and compares its check sum, so a false size is damage.
        try:
            with self.zip.open(entry) as stream:
                while piece := stream.read(_CHUNK):
                    yield piece
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
            raise DamagedFile() from error
        except RuntimeError as error:
            raise EncryptedFile() from error

    def _read(self, name: str, most: int = _XML_BYTES) -> bytes:
        entry = self.zip.getinfo(name)
        if entry.file_size > most:
            raise TooComplex()
        return b"".join(self._pieces(entry))


def _xml(content: bytes) -> etree._Element:
    if len(content) > _XML_BYTES:
        raise TooComplex()
    try:
        return parse_xml(content)
    except UnusableXml as error:
        raise DamagedFile() from error


def _strange(name: str) -> bool:
    return (
        name.startswith("/")
        or "\\" in name
        or "\0" in name
        or ".." in name.split("/")
        or bool(re.match(r"[A-Za-z]:", name))
    )
