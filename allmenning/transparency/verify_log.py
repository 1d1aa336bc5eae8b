#!/usr/bin/env python3
"""Verify a municipality's exported log, on any machine: this file, Python 3.11 and `cryptography` are all that is needed.

    python verify_log.py LOG --log-key VKEY --witness VKEY --witness VKEY [--head NOTE]...

It finds any change, deletion, reordering or truncation of what was sealed, a log that was rolled back behind a head that
witnesses have cosigned, and a fork, and names the first bad row. Exit code 0: all is as it was sealed and witnessed. 1: it is
not. 2: not understood.

Ask the witnesses themselves for their newest heads (GET <witness>/<SHA-256 of the origin, hex>/checkpoint) and give them as
--head: that the last rows and their heads are gone together shows by nothing in the file itself.

The format of the file, and what each row means: docs/log.md.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "allmenning-log/1"
SIGNATURE, COSIGNATURE = 1, 4


class Wrong(Exception):
    """The log is not what it was. `row`: number of the first row that is wrong, from 0; None where no row is."""

    def __init__(self, why: str, row: int | None = None) -> None:
        self.why, self.row = why, row
        super().__init__(why if row is None else f"row {row}: {why}")


@dataclass(frozen=True)
class Key:
    """A public key with its name, written `name+id+base64`."""

    name: str
    key_id: bytes
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Key:
        """Raises ValueError."""
        name, key_id, encoded = text.strip().split("+", 2)
        content = base64.b64decode(encoded, validate=True)
        key = cls(name, bytes.fromhex(key_id), content[0], content[1:])
        hashed = sha256(name.encode() + b"\n" + content).digest()[:4]
        if not name or len(content) != 33 or key.kind not in (SIGNATURE, COSIGNATURE) or hashed != key.key_id:
            raise ValueError(f"not a key: {text}")
        return key

    def verifies(self, text: str, value: bytes) -> bool:
        """Whether this is the key's signature over a text."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            time, value = int.from_bytes(value[:8]), value[8:]
            message = f"cosignature/v1\ntime {time}\n{text}".encode()
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(value, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Head:
    """A signed head: what it says, and which of the keys that we trust have signed it."""

    origin: str
    size: int
    root: bytes
    signers: frozenset[Key]


def read_head(note: str, keys: Iterable[Key]) -> Head:
    """Read a head. Raises ValueError: it is none, or a key that we trust has not signed what stands there."""
    body, separator, under = note.rpartition("\n\n")
    text = body + "\n"
    origin, size, root, *_ = body.split("\n")
    if not separator or not under.endswith("\n") or str(int(size)) != size:
        raise ValueError("not a signed head")
    trusted, signers = {(key.name, key.key_id): key for key in keys}, set()
    for line in under[:-1].split("\n"):
        dash, name, encoded = line.split(" ")
        content = base64.b64decode(encoded, validate=True)
        key = trusted.get((name, content[:4]))
        if dash != "—" or base64.b64encode(content).decode() != encoded:
            raise ValueError("a signature line is not one")
        if key is not None and not key.verifies(text, content[4:]):
            raise ValueError(f"the signature of {name} is wrong")
        if key is not None:
            signers.add(key)
    return Head(origin, int(size), base64.b64decode(root, validate=True), frozenset(signers))


class Tree:
    """A Merkle tree of RFC 6962 that grows, by its peaks."""

    def __init__(self) -> None:
        self.size, self.peaks = 0, list[bytes]()

    def append(self, leaf: bytes) -> None:
        level = 0
        while self.size >> level & 1:
            leaf = sha256(b"\x01" + self.peaks.pop() + leaf).digest()
            level += 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self.peaks:
            return sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = sha256(b"\x01" + peak + root).digest()
        return root


@dataclass(frozen=True)
class Trust:
    """Whom the reader trusts: the log's key, the witnesses' keys, and how many of those a good head needs."""

    log: Key
    witnesses: tuple[Key, ...]
    needed: int = 2

    def head(self, note: str) -> Head:
        """Read a head that the log itself has signed. Raises ValueError."""
        head = read_head(note, [self.log, *self.witnesses])
        if head.origin != self.log.name:
            raise ValueError(f"it is a head of {head.origin}")
        if self.log not in head.signers:
            raise ValueError("the log has not signed it")
        return head

    def is_good(self, head: Head) -> bool:
        """Whether enough witnesses have cosigned it."""
        return len({key.name for key in head.signers if key != self.log}) >= self.needed


@dataclass(frozen=True)
class Verified:
    """What was found to be in order."""

    rows: int
    heads: int


def verify(lines: Iterable[str], trust: Trust, known: Iterable[str] = ()) -> Verified:
    """Verify a log, line by line, against heads that are `known` from elsewhere too. Raises Wrong: at the first bad row."""
    elsewhere = list(_known(known, trust))
    tree, heads, sealed, good, begun, forked = Tree(), 0, 0, 0, False, 0
    for line in lines:
        line = line.removesuffix("\n")
        if not begun:
            if line != f"{FORMAT} {trust.log.name}":
                raise Wrong(f"this is no log of {trust.log.name}")
            begun = True
        elif line.startswith("head "):
            head = _head_here(line, trust, tree, sealed)
            if forked:
                break
            heads, sealed = heads + 1, tree.size
            good = sealed if trust.is_good(head) else good
        else:
            tree.append(_leaf(line, tree.size))
            forked = forked or _forked(elsewhere, tree)
    if not begun:
        raise Wrong("there is nothing in it")
    if forked:
        raise Wrong(
            f"a fork: witnesses have cosigned another log of {forked} rows, from this row or a later one on", good
        )
    if sealed < tree.size:
        raise Wrong("no signed head has this row: heads are missing", sealed)
    if missing := [head for head in elsewhere if head.size > tree.size]:
        most = max(head.size for head in missing)
        raise Wrong(f"it is gone: the log was rolled back, for witnesses have cosigned {most} rows", tree.size)
    if good < tree.size:
        raise Wrong(f"no head with this row is cosigned by {trust.needed} witnesses", good)
    return Verified(tree.size, heads)


def _leaf(line: str, number: int) -> bytes:
    """The hash of a row. Raises Wrong."""
    match line.split(" ", 3):
        case ["row" | "gone" as kind, numbered, hashed, content]:
            leaf = sha256(b"\x00" + content.encode()).digest()
        case _:
            raise Wrong("a row is expected, and this is none", number)
    if numbered != str(number):
        raise Wrong(f"it is missing: row {numbered} stands where it should", number)
    if kind == "gone":
        raise Wrong("it is gone, and only its seal is left", number)
    if leaf.hex() != hashed:
        raise Wrong("it is not what was sealed", number)
    return leaf


def _head_here(line: str, trust: Trust, tree: Tree, sealed: int) -> Head:
    """The head of the rows so far. Raises Wrong."""
    try:
        note = json.loads(line.removeprefix("head "))
        head = trust.head(note)
    except (ValueError, AttributeError, TypeError) as error:
        raise Wrong(f"its head can't be believed: {error}", sealed) from None
    if json.dumps(note, ensure_ascii=False) != line.removeprefix("head "):
        raise Wrong("its head is written another way", sealed)
    if head.size != tree.size:
        raise Wrong(f"the head of {head.size} rows stands after {tree.size}", min(head.size, tree.size))
    if head.root != tree.root():
        between = "it is" if sealed + 1 == tree.size else f"it, or one of those up to row {tree.size - 1}, is"
        raise Wrong(f"{between} not what was sealed", sealed)
    return head


def _known(notes: Iterable[str], trust: Trust) -> Iterator[Head]:
    for note in notes:
        try:
            head = trust.head(note)
        except ValueError as error:
            raise Wrong(f"the head that is known from elsewhere can't be believed: {error}") from None
        if head.signers == {trust.log}:
            raise Wrong("the head that is known from elsewhere has no witness")
        yield head


def _forked(known: list[Head], tree: Tree) -> int:
    """The size at which witnesses have cosigned another root than this one; 0 where they have not."""
    return next((head.size for head in known if head.size == tree.size and head.root != tree.root()), 0)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, help="the exported log")
    parser.add_argument("--log-key", type=Key.parse, required=True, metavar="VKEY", help="the log's own key")
    parser.add_argument(
        "--witness", type=Key.parse, action="append", default=[], metavar="VKEY", help="a witness's key"
    )
    parser.add_argument("--needed", type=int, default=2, help="witnesses that make a head good (%(default)s)")
    parser.add_argument(
        "--head", type=Path, action="append", default=[], metavar="NOTE", help="a head that a witness has shown you"
    )
    options = parser.parse_args(arguments)
    trust = Trust(options.log_key, tuple(options.witness), options.needed)
    try:
        # Only a newline parts two lines: what else Unicode calls a line's end may stand in a row.
        with options.file.open(encoding="utf-8", newline="\n") as lines:
            found = verify(lines, trust, [path.read_text(encoding="utf-8") for path in options.head])
    except Wrong as wrong:
        print(f"WRONG: {wrong}")
        return 1
    except UnicodeDecodeError:
        print("WRONG: it is not text")
        return 1
    except OSError as error:
        print(f"It can't be read: {error}", file=sys.stderr)
        return 2
    print(f"All {found.rows} rows are as they were sealed, under {found.heads} heads.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
