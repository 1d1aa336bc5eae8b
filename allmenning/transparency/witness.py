"""What a witness does (C2SP tlog-witness): it cosigns a log's head if, and only if, the log has only grown since the last.

Here is the rule and its answers; `states` keeps what a witness has signed, and `serving` answers over HTTP.
"""

from __future__ import annotations

import base64
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from .checkpoints import Checkpoint, size_of
from .errors import NotACheckpoint, NotANote, NotSigned
from .notes import Cosigner, Key, Note, from_base64
from .tree import EMPTY_ROOT, HASH_BYTES, is_consistent

MOST_PROOF_LINES = 63
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"


class States(Protocol):
    """Where a witness keeps the last note that it cosigned of each log."""

    def last(self, origin: str) -> bytes | None:
        """The note, with the log's signature and the witness's own; None if it has cosigned none."""

    def keep(self, origin: str, note: bytes) -> None:
        """Keep a note for good: when this returns, it outlives a crash of the machine."""


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP."""

    status: int
    body: str = ""
    content_type: str = TEXT_TYPE


@dataclass(frozen=True)
class Request:
    """The body of add-checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, body: bytes) -> Request:
        """Read a body. Raises NotANote, NotACheckpoint."""
        head, separator, rest = body.partition(b"\n\n")
        try:
            old, *lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise NotANote(why="what stands before it is not ASCII") from None
        word, _, number = old.partition(" ")
        size = size_of(number)
        if not separator or word != "old" or size is None:
            raise NotANote(why="it should begin with the old size")
        if len(lines) > MOST_PROOF_LINES:
            raise NotANote(why=f"its proof has more than {MOST_PROOF_LINES} lines")
        proof = [from_base64(line) for line in lines]
        if not all(each is not None and len(each) == HASH_BYTES for each in proof):
            raise NotANote(why="a line of its proof is no hash")
        note = Note.parse(rest)
        return cls(size, tuple(each for each in proof if each), note, Checkpoint.parse(note.text))

    def written(self) -> bytes:
        """The body as bytes."""
        return body_of(self.old_size, self.proof, self.note)


def body_of(old_size: int, proof: Collection[bytes], note: Note) -> bytes:
    """What a log sends to add-checkpoint."""
    lines = [f"old {old_size}", *(base64.b64encode(each).decode() for each in proof)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + note.written()


class Witness:
    """Cosigns heads of the logs that it is told to follow. Safe to share between threads."""

    def __init__(
        self,
        cosigner: Cosigner,
        logs: Callable[[], Mapping[str, Collection[Key]]],
        states: States,
        clock: Callable[[], int],
    ) -> None:
        """`logs`: the keys that are trusted for each origin; `clock`: POSIX seconds."""
        self._cosigner, self._logs, self._states, self._clock = cosigner, logs, states, clock
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def add_checkpoint(self, body: bytes) -> Reply:
        """Answer one request: 200 with the cosignature, or why not."""
        try:
            asked = Request.parse(body)
        except (NotANote, NotACheckpoint) as error:
            return Reply(400, f"{error}\n")
        origin, size = asked.checkpoint.origin, asked.checkpoint.size
        keys = self._logs().get(origin)
        if keys is None:
            return Reply(404, "This witness does not follow the log.\n")
        try:
            signatures = asked.note.signed_by(keys)
        except NotSigned as error:
            return Reply(403, f"{error}\n")
        if asked.old_size > size:
            return Reply(400, "The old size is larger than the checkpoint's.\n")
        # Two requests about one log must not both be compared with the same last head.
        with self._turns[origin]:
            return self._compared_with_last(asked, Note(asked.note.text, signatures))

    def _compared_with_last(self, asked: Request, signed: Note) -> Reply:
        new, last = asked.checkpoint, self.last(asked.checkpoint.origin)
        last_size, last_root = (last.size, last.root) if last else (0, EMPTY_ROOT)
        if asked.old_size != last_size:
            return Reply(409, f"{last_size}\n", SIZE_TYPE)
        if last is not None and new.size == last_size and new.root != last_root:
            return Reply(409, f"{last_size}\n", SIZE_TYPE)
        if not is_consistent(last_size, last_root, new.size, new.root, asked.proof):
            return Reply(422, "The proof does not show that the log has only grown.\n")
        cosignature = self._cosigner.cosign(signed.text, self._clock())
        self._states.keep(new.origin, Note(signed.text, (*signed.signatures, cosignature)).written())
        return Reply(200, cosignature.line)

    def last(self, origin: str) -> Checkpoint | None:
        """The last head that was cosigned of a log."""
        kept = self._states.last(origin)
        return Checkpoint.parse(Note.parse(kept).text) if kept else None

    def last_note(self, origin: str) -> Reply:
        """The same as a note with its signatures, for whoever verifies a log."""
        kept = self._states.last(origin) if origin in self._logs() else None
        return Reply(200, kept.decode()) if kept else Reply(404, "This witness has cosigned no head of the log.\n")
