"""What may be uploaded. Pure: bytes in, facts or a named refusal out; nothing is stored, run or fetched."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from allmenning.municipal.documents.errors import (
    ContentIsNotItsType,
    EmptyFile,
    FileTooLarge,
    MixedContent,
    TooManyFiles,
    TooMuchTogether,
    TypeNotAccepted,
)
from allmenning.municipal.documents.inspection.limits import LIMITS, MB, PREVIEW_MEDIA_TYPE, PREVIEW_SIDE, Limits
from allmenning.municipal.documents.inspection.names import extension_of, safe_name
from allmenning.municipal.documents.inspection.plain import check_text
from allmenning.municipal.documents.inspection.types import (
    ACCEPTED,
    BY_EXTENSION,
    CSV,
    IMAGES,
    OLE,
    PDF,
    TXT,
    ZIP,
    FileType,
    by_first_bytes,
)

__all__ = [
    "ACCEPTED_EXTENSIONS",
    "IMAGES",
    "LIMITS",
    "PREVIEW_MEDIA_TYPE",
    "InspectedFile",
    "Limits",
    "check_together",
    "inspect",
    "reencode_image",
    "safe_name",
]

# For the `accept` attribute of a file input and for the help text beside it.
ACCEPTED_EXTENSIONS = tuple(extension for one in ACCEPTED for extension in one.extensions)

# Browsers say these when they do not know, and Windows says Excel for CSV.
_SAYS_NOTHING = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/x-download"})
_SAYS_ZIP = frozenset({"application/zip", "application/x-zip-compressed", "application/x-zip"})
_SAYS_TEXT = frozenset({"application/csv", "application/vnd.ms-excel", "text/comma-separated-values", "text/x-csv"})
_OTHER_NAMES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}


@dataclass(frozen=True)
class InspectedFile:
    """A file that may be kept. `name` is safe and ends with `extension`; `sha256` is in hexadecimal; size in bytes."""

    name: str
    kind: str
    media_type: str
    extension: str
    size: int
    sha256: str
    pages: int | None = None


def inspect(name: str, declared_type: str, content: bytes | BinaryIO, limits: Limits = LIMITS) -> InspectedFile:
    """Decide by its content whether a file may be received, and what it is.

    `declared_type` is what the browser said; it and the name may say nothing, but may not contradict the content.
    A file object is read from where it stands, at most one byte past the limit. Raises an `UnacceptableFile` whose
    message tells the person what to do. Where strangers send files, call `apart.inspect_apart` instead.
    """
    whole = _read(content, limits)
    clean = safe_name(name)
    found, pages = _examined(whole, extension_of(clean), limits)
    extension = extension_of(clean)
    if extension not in found.extensions:
        _refuse_contradiction(extension, found)
        clean, extension = safe_name(f"{clean}{found.extensions[0]}"), found.extensions[0]
    _check_declared(declared_type, found)
    return InspectedFile(
        clean, found.kind, found.media_type, extension, len(whole), hashlib.sha256(whole).hexdigest(), pages
    )


def check_together(sizes: Sequence[int], limits: Limits = LIMITS) -> None:
    """Whether files of these sizes (bytes) may be sent together. Raises `TooManyFiles` or `TooMuchTogether`."""
    if len(sizes) > limits.files:
        raise TooManyFiles(limit=limits.files)
    if sum(sizes) > limits.together_bytes:
        raise TooMuchTogether(limit=limits.together_bytes // MB)


def reencode_image(content: bytes, longest_side: int = PREVIEW_SIDE, limits: Limits = LIMITS) -> bytes:
    """Draw an image anew, without metadata; see `images.reencode_image`."""
    from allmenning.municipal.documents.inspection.images import reencode_image as reencode

    return reencode(content, longest_side, limits)


def _read(content: bytes | BinaryIO, limits: Limits) -> bytes:
    whole = content if isinstance(content, bytes) else content.read(limits.file_bytes + 1)
    if not whole:
        raise EmptyFile()
    if len(whole) > limits.file_bytes:
        raise FileTooLarge(limit=limits.file_bytes // MB)
    return whole


def _examined(content: bytes, extension: str, limits: Limits) -> tuple[FileType, int | None]:
    # Here, since whoever only asks the inspector needs no reader of images, of XML or of PDFs.
    from allmenning.municipal.documents.inspection.images import check_image
    from allmenning.municipal.documents.inspection.office import check_office, check_ole

    found = by_first_bytes(content)
    if found is None and content.startswith(OLE):
        check_ole(content)
    if found is None and content.startswith(ZIP):
        _refuse_second_type(content, None)
        return check_office(content, limits), None
    if found is None:
        _refuse_second_type(content, None)
        check_text(content)
        return (CSV if extension == ".csv" else TXT), None
    _refuse_second_type(content, found)
    if found is PDF:
        from allmenning.municipal.documents.inspection.pdf import check_pdf

        return found, check_pdf(content, limits)
    return found, check_image(content, found, limits)


def _refuse_second_type(content: bytes, found: FileType | None) -> None:
    """A file that begins as one type and is also another deceives whoever looks only at one of them."""
    if found is not PDF and b"%PDF-" in content[:1024]:
        raise MixedContent()
    if not content.startswith(ZIP) and zipfile.is_zipfile(BytesIO(content)):
        raise MixedContent()


def _refuse_contradiction(extension: str, found: FileType) -> None:
    claimed = BY_EXTENSION.get(extension)
    if claimed is not None:
        raise ContentIsNotItsType(claimed=claimed.label, found=found.label)
    # A name with no extension gets one; one with an extension that we do not take is refused, whatever is inside: the
    # next computer goes by the name.
    if extension:
        raise TypeNotAccepted()


def _check_declared(declared: str, found: FileType) -> None:
    said = declared.partition(";")[0].strip().lower()
    said = _OTHER_NAMES.get(said, said)
    if said in _SAYS_NOTHING or said == found.media_type:
        return
    if said in _SAYS_ZIP and found.kind in ("document", "spreadsheet", "presentation"):
        return
    if found.kind == "text" and (said.startswith("text/") or said in _SAYS_TEXT) and said != "text/html":
        return
    claimed = next((one.label for one in ACCEPTED if one.media_type == said), said[:60])
    raise ContentIsNotItsType(claimed=claimed, found=found.label)
