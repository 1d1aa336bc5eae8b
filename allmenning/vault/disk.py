"""Writing files so that a crash leaves the old one or the new one, never half of it."""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write or replace a private file (0600; see `_for_the_group`), on the disk when this returns."""
    unfinished = _written_beside(path, content)
    os.replace(unfinished, path)
    sync_folder(path.parent)


def write_new(path: Path, content: bytes) -> None:
    """The same, for a file that is not there. Raises FileExistsError when another process was first."""
    unfinished = _written_beside(path, content)
    try:
        os.link(unfinished, path)
    finally:
        unfinished.unlink()
    sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file for good, as far as a file system lets us say. A missing one is no error."""
    path.unlink(missing_ok=True)
    if path.parent.exists():
        sync_folder(path.parent)


def make_private_folder(folder: Path) -> None:
    """A folder that its owner alone may enter, its parents included where they are missing. See `_for_the_group`."""
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    shared = _for_the_group(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o700)
    if shared:
        folder.chmod(stat.S_ISGID | 0o700 | shared)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process (and thread) at a time, for a folder. Nothing is left behind by one that is killed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _for_the_group(folder: Path) -> int:
    """The group's bits of a folder that several users share, which its operator has said with the bit setgid; else 0.

    Web servers, workers and operators are different users, and read the same wrapped keys and sealed files.
    """
    mode = folder.stat().st_mode
    return mode & 0o070 if mode & stat.S_ISGID else 0


def _written_beside(path: Path, content: bytes) -> Path:
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    shared = _for_the_group(path.parent) & 0o060
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if shared:
                os.fchmod(descriptor, 0o600 | shared)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return unfinished


def sync_folder(folder: Path) -> None:
    """Let what was renamed or removed in a folder be on the disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
