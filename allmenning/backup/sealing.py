"""Parts of a back-up: streams sealed to a public key (age, https://age-encryption.org/v1), and read back again.

age is X25519, HKDF and ChaCha20-Poly1305 in pieces of 64 KB, by the package `pyrage`. A part is named by the SHA-256
of its sealed bytes, so that a changed one is found without any key. Memory is the same whatever the size.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyrage
from pyrage import x25519

from .errors import Damaged, DiskFull, KeyFileExists, NotAKeyFile, NotAPublicKey

_PIPE_BYTES = 1024**2
_READ_BYTES = 1024**2


@dataclass(frozen=True)
class Part:
    """A sealed stream: its name (SHA-256 of the sealed bytes), their number, and the SHA-256 of the content."""

    name: str
    size: int
    content: str


class Sealer:
    """Seals parts to whoever may restore, and to a key that lives as long as this object, to read them back.

    The machine that makes a back-up can't open it afterwards. To compare what was written, it has to open it once:
    each part is sealed to a second key as well, which is made for this run and never leaves its memory.
    """

    def __init__(self, recipients: Sequence[str]) -> None:
        self.recipients = tuple(recipients)
        self._here = x25519.Identity.generate()
        self._keys = [*map(public_key, recipients), self._here.to_public()]

    def seal(self, source: Any, folder: Path) -> tuple[Path, Part]:
        """Seal a stream into a new file in `folder`, on the disk when this returns. Raises DiskFull."""
        path = folder / secrets.token_hex(16)
        with told_when_full(folder), path.open("xb", buffering=0) as file:
            os.fchmod(file.fileno(), 0o600)
            clear, sealed = _Reading(source), _Writing(file)
            _run(pyrage.encrypt_io, clear, sealed, self._keys)
            os.fsync(file.fileno())
            # Else reading it back would only read this machine's memory.
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return path, Part(sealed.hash.hexdigest(), sealed.size, clear.hash.hexdigest())

    def read_back(self, path: Path, part: Part) -> Any:
        """`opened` with the key of this run."""
        return opened(path, part, [self._here])


@contextmanager
def opened(path: Path, part: Part, identities: Sequence[x25519.Identity]) -> Iterator[BinaryIO]:
    """The content of a part as a stream, with a file descriptor that may be given to another process.

    On leaving, the rest is read and both hashes are compared. Raises Damaged: whatever was made of the content inside
    must then be thrown away.
    """
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    opening = _Opening(path, part, identities, writing)
    opening.start()
    stream = os.fdopen(reading, "rb")
    try:
        yield stream
        while stream.read(_READ_BYTES):
            pass
    finally:
        stream.close()
        opening.join()
        # A broken part is the reason for whatever else its reader met.
        if opening.failure is not None:
            raise opening.failure


def is_as_written(path: Path, part: Part) -> bool:
    """Whether the sealed bytes are those that were written; no key is needed."""
    try:
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_size == part.size and _hash_of(file) == part.name
    except FileNotFoundError:
        return False


def make_key(path: Path) -> str:
    """Make a pair: the private key goes into a new file (0600), the public one is returned. Raises KeyFileExists."""
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFileExists(path=path) from None
    with os.fdopen(descriptor, "w") as file:
        file.write(f"# Opens back-ups of Allmenning that are sealed to {public}\n{identity}\n")
    return public


def read_key(path: Path) -> list[x25519.Identity]:
    """The private keys in a file as `allmenning backup-key` and `age-keygen` write it. Raises NotAKeyFile."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="ascii").splitlines()]
        found = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        found = []
    if not found:
        raise NotAKeyFile(path=path)
    return found


def public_key(text: str) -> x25519.Recipient:
    """Raises NotAPublicKey."""
    try:
        return x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise NotAPublicKey(given=text) from None


class _Opening(threading.Thread):
    """Opens a part into a pipe."""

    def __init__(self, path: Path, part: Part, identities: Sequence[x25519.Identity], writing: int) -> None:
        super().__init__(name=f"opening {part.name[:8]}", daemon=True)
        self.failure: Exception | None = None
        self._path, self._part, self._identities, self._writing = path, part, list(identities), writing

    def run(self) -> None:
        try:
            with os.fdopen(self._writing, "wb", buffering=0) as pipe, self._path.open("rb") as file:
                sealed, clear = _Reading(file), _Writing(pipe)
                _run(pyrage.decrypt_io, sealed, clear, self._identities)
            whole = (sealed.hash.hexdigest(), clear.hash.hexdigest()) == (self._part.name, self._part.content)
            self.failure = None if whole else Damaged(what=self._part.name)
        except BrokenPipeError:
            pass  # its reader has failed, and says why
        except (pyrage.DecryptError, FileNotFoundError):
            self.failure = Damaged(what=self._part.name)
        except OSError as error:
            # In the middle of a part age says so by an error of the stream, which no system call gave.
            self.failure = error if error.errno else Damaged(what=self._part.name)
        except Exception as error:  # raised where the stream is read
            self.failure = error


class _Hashing(io.RawIOBase):
    def __init__(self) -> None:
        super().__init__()
        self.hash, self.size = hashlib.sha256(), 0
        self.failure: Exception | None = None

    def _seen(self, piece: bytes) -> None:
        self.hash.update(piece)
        self.size += len(piece)


class _Reading(_Hashing):
    """Hashes what is read. Read in great pieces: age asks for 8 KB at a time, and each call into Python costs."""

    def __init__(self, source: Any) -> None:
        super().__init__()
        self._source, self._piece, self._at = source, b"", 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            if self._at == len(self._piece):
                self._piece, self._at = self._source.read(_READ_BYTES), 0
                self._seen(self._piece)
        except Exception as error:
            self.failure = error
            raise
        end = len(self._piece) if size < 0 else self._at + size
        given = self._piece[self._at : end]
        self._at += len(given)
        return given


class _Writing(_Hashing):
    """Hashes what is written."""

    def __init__(self, target: Any) -> None:
        super().__init__()
        self._target = target

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        data = bytes(piece)
        try:
            left = memoryview(data)
            while left:
                left = left[self._target.write(left) :]
        except Exception as error:
            self.failure = error
            raise
        self._seen(data)
        return len(data)


def _run(work: Any, source: _Hashing, target: _Hashing, keys: list[Any]) -> None:
    """age's own error for a stream that fails says nothing; what the stream said is raised instead."""
    try:
        work(source, target, keys)
    except Exception:
        if failure := source.failure or target.failure:
            raise failure from None
        raise


def _hash_of(file: io.BufferedReader) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def told_when_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(folder=folder) from error
        raise
