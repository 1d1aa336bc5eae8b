"""PDF files: structure read with qpdf, after a look at what qpdf itself would have to unpack."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

from allmenning.municipal.documents.errors import (
    ActivePdfNotAccepted,
    DamagedFile,
    EmbeddedFilesNotAccepted,
    EncryptedFile,
    ExpandsTooMuch,
    ImageTooLarge,
    TooComplex,
)
from allmenning.municipal.documents.inspection.limits import Limits

_CHUNK = 1 << 16
_STREAM = re.compile(rb"stream\r?\n")
_HEX_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
_LONGEST_HEADER = 16_384
_OPENING = re.compile(rb"(?:\A|[\r\n])[ \t]*\d+[ \t]+\d+[ \t]+obj\Z")
_CLEAR_IMAGE = re.compile(rb"\Aobj\s*<<(?=.*/Image\b)(?:[^%()\\<>]|<<|>>)*>>\s*\Z", re.S)
_UNUSUAL_FILTER = re.compile(rb"LZW|RunLength|/RL\b|ASCII|/AHx|/A85")
_PACKED = ("/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL")
# Actions and annotations that run something, open something on the computer, or play something.
_ACTIVE_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/ImportData", "/Rendition", "/Movie", "/Sound", "/RichMediaExecute"}
)
_ACTIVE_ANNOTATIONS = frozenset({"/RichMedia", "/3D", "/Movie", "/Screen"})
_DEEPEST = 60


def check_pdf(content: bytes, limits: Limits) -> int:
    """Look through a PDF. Returns its number of pages. Raises `UnacceptableFile`s."""
    _check_what_opening_unpacks(content, limits)
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            return _check_opened(pdf, limits)
    except pikepdf.PasswordError as error:
        raise EncryptedFile() from error
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DamagedFile() from error


def _check_what_opening_unpacks(content: bytes, limits: Limits) -> None:
    """Measure every stream but plain images before the file is opened: whoever opens it unpacks some of them.

    A scanned page is rightly large, so a stream that is clearly an image is left to its pixels. Headers with comments,
    strings or escapes are not clear. This can be fooled with more work, so strangers' files are also inspected apart.
    """
    budget = limits.unpacked_bytes
    for match in _STREAM.finditer(content):
        if content[match.start() - 3 : match.start()] == b"end":
            continue
        header = _header(content, match.start())
        own_structure = b"/ObjStm" in header or b"/XRef" in header
        if own_structure and _UNUSUAL_FILTER.search(header):
            raise ExpandsTooMuch()
        if own_structure or not _CLEAR_IMAGE.search(header):
            budget -= _measured(content, match.end(), budget)


def _header(content: bytes, end: int) -> bytes:
    """The dictionary before a stream, with names written plainly."""
    before = content[max(0, end - _LONGEST_HEADER) : end]
    start = before.rfind(b"obj")
    # On a line of its own: an "obj" in a comment would hide the dictionary's beginning.
    opening = _OPENING.search(before, 0, start + 3)
    return _HEX_NAME.sub(lambda found: bytes([int(found[1], 16)]), before[start:] if opening else before)


def _measured(content: bytes, start: int, budget: int) -> int:
    """How many bytes a packed stream unpacks to, keeping none of them. Raises `ExpandsTooMuch` past the budget.

    What unpacks to something packed is refused at once: no honest file does that.
    """
    unpacker, total = zlib.decompressobj(), 0
    data = memoryview(content)[start:]
    position = 0
    try:
        while not unpacker.eof and (unpacker.unconsumed_tail or position < len(data)):
            piece = unpacker.unconsumed_tail or data[position : position + _CHUNK]
            position += 0 if unpacker.unconsumed_tail else _CHUNK
            unpacked = unpacker.decompress(piece, _CHUNK)
            if not total and _is_packed(unpacked):
                raise ExpandsTooMuch()
            total += len(unpacked)
            if total > budget:
                raise ExpandsTooMuch()
    except zlib.error:
        pass  # not packed, or damaged: what could be unpacked of it has been counted
    return total


def _is_packed(start: bytes) -> bool:
    """Whether the bytes begin a zlib stream that really unpacks."""
    if len(start) < 2 or start[0] & 0x0F != 8 or int.from_bytes(start[:2], "big") % 31:
        return False
    try:
        return len(zlib.decompressobj().decompress(start, _CHUNK)) > 1000
    except zlib.error:
        return False


def _check_opened(pdf: pikepdf.Pdf, limits: Limits) -> int:
    if len(pdf.objects) > limits.pdf_objects:
        raise TooComplex()
    pages = len(pdf.pages)
    if pages == 0:
        raise DamagedFile()
    if pages > limits.pages:
        raise TooComplex()
    budget = limits.unpacked_bytes
    for thing in pdf.objects:
        for dictionary in _dictionaries(thing):
            _check_dictionary(dictionary)
        if isinstance(thing, pikepdf.Stream):
            budget -= _check_stream(thing, limits, budget)
    return pages


def _dictionaries(thing: Any, depth: int = 0) -> Iterator[Any]:
    """Every dictionary within an object, not following references: those come by themselves."""
    if depth > _DEEPEST:
        raise TooComplex()
    if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        yield thing
        inner = [value for _, value in thing.items()]
    elif isinstance(thing, pikepdf.Array):
        inner = list(thing)
    else:
        return
    for value in inner:
        if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            yield from _dictionaries(value, depth + 1)


def _check_dictionary(dictionary: Any) -> None:
    action, subtype = _name(dictionary, "/S"), _name(dictionary, "/Subtype")
    if (
        action in _ACTIVE_ACTIONS
        or subtype in _ACTIVE_ANNOTATIONS
        or "/JS" in dictionary
        or "/JavaScript" in dictionary
    ):
        raise ActivePdfNotAccepted()
    if "/XFA" in dictionary:
        raise ActivePdfNotAccepted()
    is_file = "/EF" in dictionary and ("/F" in dictionary or "/UF" in dictionary)
    if is_file or "/EmbeddedFiles" in dictionary or subtype == "/FileAttachment":
        raise EmbeddedFilesNotAccepted()


def _name(dictionary: Any, key: str) -> str:
    value = dictionary.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _check_stream(stream: Any, limits: Limits, budget: int) -> int:
    """How much a stream unpacks to; an image is judged by its pixels, since a scanned page is rightly large."""
    if _name(stream, "/Subtype") == "/Image":
        if int(stream.get("/Width", 0)) * int(stream.get("/Height", 0)) > 4 * limits.pixels:
            raise ImageTooLarge(limit=4 * limits.pixels // 1_000_000)
        return 0
    filters = stream.get("/Filter", [])
    names = [str(one) for one in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    if sum(name in _PACKED for name in names) > 1:
        raise ExpandsTooMuch()
    if names[:1] in (["/FlateDecode"], ["/Fl"]):
        return _measured(stream.read_raw_bytes(), 0, budget)
    return 0
