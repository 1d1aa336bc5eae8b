"""The folder of a back-up: sealed parts, and one signed page for each generation that says which of them it needs.

    parts/5f/5f7d73ab…     a sealed stream, or a pack's list of paths, named by the SHA-256 of its bytes
    generations/<id>.json  written last: what has no page here is not taken for a back-up
    writing/               unfinished; what is whole there is used again by the next run

Pages and lists tell which municipalities there are, and opaque paths; nothing about anybody. Anyone who has the public
key could make a page and its parts, so pages are signed, by a key that follows from the vault's.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from allmenning import vault
from allmenning.vault import disk

from .errors import AnotherIsRunning, Damaged, NoSuchGeneration, NotABackup, OtherFormat, SignedByAnother
from .sealing import Part, is_as_written, told_when_full

FORMAT = 1


@dataclass(frozen=True)
class Pack:
    """Sealed files of one municipality, many in one part, and the part (in the clear) that lists their paths."""

    files: Part
    list: Part
    count: int


@dataclass(frozen=True)
class Kept:
    """One municipality in a generation, or the commons, which have no files."""

    database: str
    dump: Part
    keys: Part
    packs: tuple[Pack, ...] = ()
    server: str = ""

    def parts(self) -> Iterator[Part]:
        yield self.dump
        yield self.keys
        for pack in self.packs:
            yield pack.files
            yield pack.list


@dataclass(frozen=True)
class Generation:
    """One back-up: when it was begun, whom it is sealed to, who signed it, and what it holds.

    commons: None when it was made of one municipality alone.
    """

    id: str
    made_at: str
    recipients: tuple[str, ...]
    signer: str
    commons: Kept | None
    municipalities: dict[str, Kept] = field(default_factory=dict)

    def parts(self) -> Iterator[Part]:
        for kept in [*([self.commons] if self.commons else []), *self.municipalities.values()]:
            yield from kept.parts()


class Signer:
    """Signs with a key that only this installation's vault can make. The same each time."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(vault.secret(vault.COMMONS, "owner", "signature of back-ups"))
        self.public = self._key.public_key().public_bytes_raw().hex()

    def signed(self, body: dict[str, Any]) -> bytes:
        return json.dumps({"body": body, "signature": self._key.sign(_canonical(body)).hex()}).encode()


def verified(page: bytes, signer: str) -> dict[str, Any]:
    """What was signed. Raises Damaged for anything that this signer did not sign."""
    try:
        read = json.loads(page)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer))
        key.verify(bytes.fromhex(read["signature"]), _canonical(read["body"]))
        # Nothing beside what is signed, not a space: whatever differs was written by somebody else.
        if json.dumps(read).encode() != page:
            raise Damaged(what="a signed page")
    except (ValueError, KeyError, TypeError, InvalidSignature):
        raise Damaged(what="a signed page") from None
    else:
        return dict(read["body"])


class Folder:
    """A back-up's folder. Made where it is missing and written to only under `locked`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.writing = root / "writing"
        self._generations = root / "generations"
        self._finished = self.writing / "packs"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be alone with the folder, and throw away what an interrupted run left half done. Raises AnotherIsRunning."""
        with told_when_full(self.root):
            for folder in (self.root, self.writing, self._generations, self.root / "parts"):
                disk.make_private_folder(folder)
        with (self.root / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AnotherIsRunning(folder=self.root) from None
            for left in self.writing.iterdir():
                if left != self._finished:
                    left.unlink()
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let nobody write to the folder meanwhile; it may be on a disk that can't be written to at all."""
        if not (self.root / "lock").exists():
            yield
            return
        with (self.root / "lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AnotherIsRunning(folder=self.root) from None
            yield

    # --- parts ---

    def path(self, part: Part) -> Path:
        return self.root / "parts" / part.name[:2] / part.name

    def keep(self, path: Path, part: Part) -> Part:
        """Give a finished file in `writing` its place among the parts."""
        place = self.path(part)
        disk.make_private_folder(place.parent)
        path.rename(place)
        disk.sync_folder(place.parent)
        return part

    def keep_list(self, paths: Iterable[str]) -> Part:
        """Keep a list of paths, in the clear: the next back-up has to know them, and can't open what is sealed."""
        text = "".join(f"{path}\n" for path in paths).encode()
        packed = gzip.compress(text, mtime=0)
        part = Part(hashlib.sha256(packed).hexdigest(), len(packed), hashlib.sha256(text).hexdigest())
        if not self.is_there(part):  # nothing that is there is written again: the folder may refuse it
            with told_when_full(self.root):
                disk.make_private_folder(self.path(part).parent)
                disk.write(self.path(part), packed)
        return part

    def read_list(self, part: Part) -> list[str]:
        """Raises Damaged."""
        if not self.is_there(part):
            raise Damaged(what=part.name)
        return gzip.decompress(self.path(part).read_bytes()).decode().splitlines()

    def is_there(self, part: Part) -> bool:
        """Whether a part is as it was written."""
        return is_as_written(self.path(part), part)

    def has(self, part: Part) -> bool:
        """Whether a part is there in its full length: what a back-up that builds on it can ask of thousands."""
        try:
            return self.path(part).stat().st_size == part.size
        except FileNotFoundError:
            return False

    # --- generations ---

    def write(self, generation: Generation, signer: Signer) -> None:
        """From here on it is a back-up. Raises DiskFull."""
        with told_when_full(self.root):
            disk.write(self._page(generation.id), signer.signed({"format": FORMAT, **asdict(generation)}))
        self._finished.unlink(missing_ok=True)

    def ids(self) -> list[str]:
        """Of all generations, oldest first."""
        return sorted(path.stem for path in self._generations.glob("*.json"))

    def claimed_signer(self, id: str) -> str:
        """Who signed a generation, by its own account. Raises Damaged."""
        try:
            return str(json.loads(self._page(id).read_bytes())["body"]["signer"])
        except (ValueError, KeyError, TypeError):
            raise Damaged(what=f"generation {id}") from None

    def read(self, id: str, signer: str) -> Generation:
        """A generation of that signer. Raises NoSuchGeneration, NotABackup, Damaged, SignedByAnother."""
        if not self.ids():
            raise NotABackup(folder=self.root)
        if id not in self.ids():
            raise NoSuchGeneration(folder=self.root, wanted=id, found=", ".join(self.ids()))
        claimed = self.claimed_signer(id)
        if claimed != signer:
            raise SignedByAnother(generation=id, signer=claimed, expected=signer)
        try:
            read = _generation(verified(self._page(id).read_bytes(), signer))
        except (Damaged, KeyError, TypeError):
            raise Damaged(what=f"generation {id}") from None
        if read.id != id:
            raise Damaged(what=f"generation {id}")
        return read

    def prune(self, keep: int, signer: str) -> int:
        """Remove all but the newest `keep` generations, and the parts that none of the others needs.

        Returns how many generations were removed. Raises Damaged, SignedByAnother: then nothing is removed, since it
        can't be told what is needed; PermissionError where the folder lets nobody remove anything.
        """
        ids = self.ids()
        needed = {part.name for id in ids[-keep:] for part in self.read(id, signer).parts()}
        for id in ids[:-keep]:
            disk.remove(self._page(id))
        for path in self.root.glob("parts/??/*"):
            if path.name not in needed:
                disk.remove(path)
        return len(ids[:-keep])

    def _page(self, id: str) -> Path:
        return self._generations / f"{id}.json"

    # --- packs of a run that was interrupted ---

    def note_finished(self, recipients: Sequence[str], municipality: str, pack: Pack, signer: Signer) -> None:
        """Let the next run use a pack again if this one is interrupted."""
        note = {"recipients": list(recipients), "municipality": municipality, "pack": asdict(pack)}
        with told_when_full(self.root), self._finished.open("ab") as notes:
            notes.write(signer.signed(note) + b"\n")

    def finished(self, signer: str) -> list[tuple[tuple[str, ...], str, Pack]]:
        """(recipients, municipality, pack) of an interrupted run. A line that was not written whole is passed over."""
        found = []
        for line in self._finished.read_bytes().splitlines() if self._finished.exists() else ():
            try:
                body = verified(line, signer)
            except Damaged:
                continue
            found.append((tuple(body["recipients"]), body["municipality"], _pack(body["pack"])))
        return found


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _generation(body: dict[str, Any]) -> Generation:
    if body["format"] != FORMAT:
        raise OtherFormat(generation=body["id"], format=body["format"])
    return Generation(
        body["id"],
        body["made_at"],
        tuple(body["recipients"]),
        body["signer"],
        _kept(body["commons"]) if body["commons"] else None,
        {id: _kept(kept) for id, kept in body["municipalities"].items()},
    )


def _kept(body: dict[str, Any]) -> Kept:
    return Kept(
        body["database"], Part(**body["dump"]), Part(**body["keys"]), tuple(map(_pack, body["packs"])), body["server"]
    )


def _pack(body: dict[str, Any]) -> Pack:
    return Pack(Part(**body["files"]), Part(**body["list"]), body["count"])
