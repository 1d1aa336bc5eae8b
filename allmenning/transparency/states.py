"""A witness's folder: its key, and the last head that it cosigned of each log. Nothing else needs to be remembered.

The two belong together: a key whose memory is lost, or is restored from a back-up, could cosign a fork. So a folder that
has a key and no memory is refused, and a witness that has lost either is replaced by a new one, with a new key.
"""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from .errors import NotAKey, NotANote, NoWitnessHere, StateDamaged, WitnessExists, WitnessRunning
from .notes import COSIGNATURE, Cosigner, Key, Note, from_base64

_KEY, _HEADS, _LOCK = "key", "heads", "lock"
_PRIVATE = "PRIVATE+KEY"


def make_folder(folder: Path, name: str) -> Key:
    """Make a witness: a new key under a name, and an empty memory. Raises WitnessExists, NotAKey."""
    cosigner = Cosigner(name, secrets.token_bytes(32))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise WitnessExists(folder=folder)
    (folder / _HEADS).mkdir(mode=0o700)
    _write(folder / _KEY, _private(cosigner).encode())
    return cosigner.key


def cosigner_in(folder: Path) -> Cosigner:
    """The witness's key. Raises NoWitnessHere, NotAKey."""
    if not (folder / _KEY).is_file() or not (folder / _HEADS).is_dir():
        raise NoWitnessHere(folder=folder)
    text = (folder / _KEY).read_text(encoding="utf-8").strip()
    name, _, rest = text.removeprefix(f"{_PRIVATE}+").partition("+")
    key_id, _, encoded = rest.partition("+")
    content = from_base64(encoded)
    if not text.startswith(_PRIVATE) or content is None or len(content) != 33 or content[0] != COSIGNATURE:
        raise NotAKey(why=f"{folder / _KEY} does not hold a witness's key")
    cosigner = Cosigner(name, content[1:])
    if cosigner.key.key_id.hex() != key_id:
        raise NotAKey(why=f"{folder / _KEY} is damaged")
    return cosigner


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder for this process. The kernel lets go of it, however we end. Raises WitnessRunning."""
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WitnessRunning(folder=folder) from None
        yield


class Heads:
    """The last note of each log, a file each: written beside and moved into place, so it is the old one or the new."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _HEADS
        self._known: dict[str, bytes] = {}

    def last(self, origin: str) -> bytes | None:
        """The last note kept. Raises StateDamaged: what can't be read must not pass for nothing."""
        if origin not in self._known:
            path = self._path(origin)
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                return None
            try:
                text = Note.parse(content).text
            except NotANote:
                raise StateDamaged(path=path) from None
            if not text.startswith(f"{origin}\n"):
                raise StateDamaged(path=path)
            self._known[origin] = content
        return self._known[origin]

    def keep(self, origin: str, note: bytes) -> None:
        _write(self._path(origin), note)
        self._known[origin] = note

    def _path(self, origin: str) -> Path:
        return self._folder / sha256(origin.encode()).hexdigest()


class Followed:
    """The logs that a witness follows: a file with a vkey on each line, whose name is the log's origin.

    A line may be added while the witness runs. Two lines of one origin: both keys are trusted, as when a key is changed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._logs: dict[str, list[Key]] = {}
        self._reading = threading.Lock()

    def __call__(self) -> Mapping[str, list[Key]]:
        """The keys of each origin. Raises NotAKey, OSError; later, what was read before stands until it can be read."""
        with self._reading:
            found = self._path.stat()
            version = (found.st_mtime_ns, found.st_size)
            if version != self._seen:
                self._logs = self._read()
                self._seen = version
            return self._logs

    def _read(self) -> dict[str, list[Key]]:
        logs: dict[str, list[Key]] = {}
        for line in self._path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                key = Key.parse(line.strip())
                logs.setdefault(key.name, []).append(key)
        return logs


def _private(cosigner: Cosigner) -> str:
    key = cosigner.key
    encoded = base64.b64encode(bytes([COSIGNATURE]) + cosigner.seed).decode()
    return f"{_PRIVATE}+{key.name}+{key.key_id.hex()}+{encoded}\n"


def _write(path: Path, content: bytes) -> None:
    """All or nothing, and on the disk when this returns."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
