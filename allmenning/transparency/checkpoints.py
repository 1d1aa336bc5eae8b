"""Checkpoints (C2SP tlog-checkpoint): what a log says of itself, that it has so many leaves under this root."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from .errors import NotACheckpoint
from .notes import from_base64
from .tree import HASH_BYTES

MOST_LEAVES = 2**63 - 1
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True)
class Checkpoint:
    """A log's head: the first three lines of a signed note, and lines that a log may add, which nobody relies on."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note's text. Raises NotACheckpoint."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "" or not all(lines):
            raise NotACheckpoint(why="it should be three lines or more, none of them empty")
        origin, size, root, *extensions = lines
        number, hashed = size_of(size), from_base64(root)
        if number is None:
            raise NotACheckpoint(why="its second line is no size")
        if hashed is None or len(hashed) != HASH_BYTES:
            raise NotACheckpoint(why="its third line is no SHA-256 in base64")
        return cls(origin, number, hashed, tuple(extensions))


def size_of(text: str) -> int | None:
    """A tree's size in ASCII decimals without leading zeroes; None for anything else."""
    if not _SIZE.fullmatch(text) or int(text) > MOST_LEAVES:
        return None
    return int(text)
