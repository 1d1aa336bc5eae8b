"""Files of cases, sealed before they reach a disk. On disk by default; another `Store` for S3."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import time
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from . import disk
from .cases import CaseKey
from .errors import CannotOpen, FilesUnavailable, FileTooLarge

log = logging.getLogger(__name__)

_HALF_SECONDS = 3600  # nobody writes on one file for so long
LARGEST = 50 * 1024**2  # bytes: sealed and opened whole, in memory
_PATH = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*/[0-9a-f]{2}/[0-9a-f]{38}")


class StoredFile(NamedTuple):
    """Where a file is (tells nothing about it), and the SHA-256 (hexadecimal) and size in bytes of what was given."""

    path: str
    sha256: str
    size: int


class Store(Protocol):
    """Where sealed bytes are kept, under paths that are never used twice."""

    def put(self, path: str, content: bytes) -> None:
        """Keep it; safe on the disk, or acknowledged, when this returns. Raises OSError when it can't, and keeps nothing."""

    def get(self, path: str) -> bytes:
        """What was put there. Raises FileNotFoundError."""

    def has(self, path: str) -> bool:
        """Whether something is there."""

    def remove(self, path: str) -> None:
        """Remove it. A missing one is no error."""

    def paths(self, municipality: str, before: datetime) -> Iterator[str]:
        """Where the municipality's files are that were put there before a time."""


class Folder:
    """The files below settings.FILES_DIR, a folder for each municipality, so that one can be moved alone."""

    def __init__(self) -> None:
        self._root = Path(settings.FILES_DIR)

    def put(self, path: str, content: bytes) -> None:
        target = self._root / path
        disk.make_private_folder(target.parent)
        disk.write(target, content)

    def get(self, path: str) -> bytes:
        return (self._root / path).read_bytes()

    def has(self, path: str) -> bool:
        return (self._root / path).is_file()

    def remove(self, path: str) -> None:
        disk.remove(self._root / path)

    def paths(self, municipality: str, before: datetime) -> Iterator[str]:
        for file in (self._root / municipality).glob("??/*"):
            try:
                written = file.stat().st_mtime
            except FileNotFoundError:  # removed meanwhile
                continue
            if file.name.startswith("."):
                if written < time.time() - _HALF_SECONDS:
                    disk.remove(file)  # half of a file, left by a crash
            elif written < before.timestamp():
                yield f"{municipality}/{file.parent.name}/{file.name}"


def write(municipality: str, key: CaseKey, field: str, content: bytes) -> StoredFile:
    """Seal a file with its case's key and keep it. Raises FileTooLarge above 50 MB; FilesUnavailable (a full disk).

    Write it before the row that names it is committed: a file that no row names is swept, a row without its file is
    a loss.
    """
    if len(content) > LARGEST:
        raise FileTooLarge(limit=LARGEST)
    opaque = secrets.token_hex(20)
    path = f"{municipality}/{opaque[:2]}/{opaque[2:]}"
    sealed = key.seal(_context(field, path), content)
    try:
        _store().put(path, sealed)
    except OSError as error:
        log.error("a file could not be kept: %s", error.strerror or error)
        raise FilesUnavailable() from error
    return StoredFile(path, hashlib.sha256(content).hexdigest(), len(content))


def read(municipality: str, key: CaseKey, field: str, path: str) -> bytes:
    """A file's content. Raises CannotOpen for another case's, field's or municipality's; FileNotFoundError."""
    return key.open(_context(field, path), _store().get(_checked(municipality, path)))


def is_there(municipality: str, path: str) -> bool:
    """Whether there is a file at a path, whatever is in it."""
    return _store().has(_checked(municipality, path))


def remove(municipality: str, path: str) -> None:
    """Remove a file, where a rule of disposal says so."""
    _store().remove(_checked(municipality, path))


def written_before(municipality: str, before: datetime) -> Iterator[str]:
    """Paths of a municipality's files that were written before a time: for the sweep of those that no row names."""
    return (path for path in _store().paths(municipality, before) if _PATH.fullmatch(path))


def read_sealed(municipality: str, path: str) -> bytes:
    """A file as it is kept, for back-ups. Raises FileNotFoundError; CannotOpen for a path of another municipality."""
    return _store().get(_checked(municipality, path))


def put_back(municipality: str, path: str, sealed: bytes) -> None:
    """Keep a file from a back-up under the path that it had. Raises CannotOpen for a path of another municipality."""
    _store().put(_checked(municipality, path), sealed)


def _checked(municipality: str, path: str) -> str:
    # The path comes from a row: it must not lead out of the municipality's folder.
    if not _PATH.fullmatch(path) or not path.startswith(f"{municipality}/"):
        raise CannotOpen("not a path of this municipality's files")
    return path


def _context(field: str, path: str) -> str:
    # With its place, so that two files of one case can't be exchanged.
    return f"file {field} {path}"


def _store() -> Store:
    return _made(settings.VAULT_FILES, str(settings.FILES_DIR))


@cache
def _made(dotted_path: str, folder: str) -> Store:
    return import_string(dotted_path)()
