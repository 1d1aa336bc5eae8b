#!/usr/bin/env python3
"""Verify a municipality's exported log, on any machine: this file, Python 3.11 and `cryptography` are all that is needed.

    python verify_log.py LOG --log-key VKEY --witness VKEY --witness VKEY [--head NOTE]...

It finds any change, deletion, reordering or truncation of what was sealed, a log that was rolled back behind a head that
witnesses have cosigned, and a fork, and names the first bad row. Exit code 0: all is as it was sealed and witnessed. 1: it is
not. 2: not understood. A log whose key was changed, or that was begun anew after a back-up was restored, has a signed
statement of it; the log's key of any time will do then. What the statements say is printed: judge it yourself.

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
from itertools import chain
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "allmenning-log/1"
NEW_KEY, BEGUN_ANEW = "allmenning-log/1 new key", "allmenning-log/1 begun anew"
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
        hashed = sha256(name.encode() + b"\n" + content).digest()[:4]
        if not name or len(content) != 33 or hashed != bytes.fromhex(key_id):
            raise ValueError(f"not a key: {text}")
        if content[0] not in (SIGNATURE, COSIGNATURE):
            raise ValueError(f"not a key of a kind that is known here: {text}")
        return cls(name, hashed, content[0], content[1:])

    @classmethod
    def of(cls, name: str, public: bytes) -> Key:
        """A log's key."""
        key_id = sha256(name.encode() + b"\n" + bytes([SIGNATURE]) + public).digest()[:4]
        return cls(name, key_id, SIGNATURE, public)

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
    text, _ = _text_of(note)
    origin, size, root, *_ = text.split("\n")
    if str(int(size)) != size:
        raise ValueError("not a signed head")
    return Head(origin, int(size), base64.b64decode(root, validate=True), signers_of(note, keys))


def signers_of(note: str, keys: Iterable[Key]) -> frozenset[Key]:
    """Which of these keys have signed a note. Raises ValueError: it is none, or the signature of one of them is wrong."""
    text, under = _text_of(note)
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
    return frozenset(signers)


def _text_of(note: str) -> tuple[str, str]:
    """What is signed, and the signatures under it."""
    body, separator, under = note.rpartition("\n\n")
    if not separator or not under.endswith("\n"):
        raise ValueError("not a signed note")
    return body + "\n", under


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


@dataclass(frozen=True)
class Part:
    """Rows from `start` on are under heads of this key, which has the log's name of the time."""

    start: int
    key: Key


@dataclass(frozen=True)
class Statement:
    """What the log's own key said at a size: that its key is another one now, or that it was begun anew, and why."""

    is_anew: bool
    origin: str
    size: int
    root: bytes
    at: str
    why: str
    keys: tuple[Key, ...] = ()  # the one before and the one after
    seen: tuple[
        tuple[int, bytes], ...
    ] = ()  # size and root of heads that witnesses had cosigned before it was begun anew
    text: str = ""

    @classmethod
    def parse(cls, text: str) -> Statement:
        """Raises ValueError."""
        kind, origin, size, root, at, why, *rest = text.removesuffix("\n").split("\n")
        if kind not in (NEW_KEY, BEGUN_ANEW) or str(int(size)) != size:
            raise ValueError("not a statement")
        if kind == NEW_KEY:
            before, after = (Key.parse(each) for each in rest)
            return cls(False, origin, int(size), _hash(root), at, why, keys=(before, after), text=text)
        seen = tuple((int(number), _hash(hashed)) for number, hashed in (each.split(" ") for each in rest))
        return cls(True, origin, int(size), _hash(root), at, why, seen=seen, text=text)

    @property
    def seen_size(self) -> int:
        """The largest log that witnesses had cosigned."""
        return max((size for size, _ in self.seen), default=0)

    @property
    def said(self) -> str:
        """For whoever judges whether to believe it."""
        if not self.is_anew:
            return f"from row {self.size} on another key signs ({self.at}): {self.why}"
        lost = max(0, self.seen_size - self.size)
        gone = f"; {lost} rows that witnesses had seen are not in it" if lost else ""
        return f"begun anew after {self.size} rows ({self.at}){gone}: {self.why}"


class History:
    """Which key signs which heads of a log: what its statements say, each signed by the key that was the log's until then."""

    def __init__(self, origin: str, trusted: Key, notes: Iterable[str]) -> None:
        """Raises Wrong: a statement can't be believed, or the trusted key is no key of this log's."""
        self.statements: list[Statement] = []
        for note in notes:
            try:
                self.statements.append(Statement.parse(_text_of(note)[0]))
            except (ValueError, TypeError) as error:
                raise Wrong(f"a statement of the log can't be read: {error}") from None
        first = next((each.keys[0] for each in self.statements if not each.is_anew), trusted)
        self.parts = [Part(0, Key.of(origin, first.public))]
        for note, each in zip(notes, self.statements, strict=True):
            self._add(note, each, origin)
        if trusted not in [part.key for part in self.parts]:
            raise Wrong(f"this is no log of {trusted.name}, or not with this key")

    def _add(self, note: str, said: Statement, base: str) -> None:
        last = self.parts[-1]
        signers = [last.key] if said.is_anew else [*said.keys]
        in_turn = said.size >= last.start and said.origin == last.key.name
        if not in_turn or (not said.is_anew and (said.keys[0] != last.key or said.keys[1].name != last.key.name)):
            raise Wrong("a statement of the log is not of this log", said.size)
        try:
            believed = signers_of(note, signers) >= {*signers}
        except ValueError:
            believed = False
        if not believed:
            raise Wrong("a statement of the log is not signed by its key", said.size)
        name = f"{base}/{sha256(said.text.encode()).hexdigest()[:16]}" if said.is_anew else last.key.name
        self.parts.append(Part(said.size, Key.of(name, last.key.public if said.is_anew else said.keys[1].public)))

    def key_at(self, size: int) -> Key:
        """The key that signs the head of so many rows."""
        return [part.key for part in self.parts if part.start < size or part.start == 0][-1]

    @property
    def origin(self) -> str:
        """The log's name now."""
        return self.parts[-1].key.name

    def left_behind(self, origin: str) -> Statement | None:
        """The statement by which the log left a name for another."""
        return next((each for each in self.statements if each.is_anew and each.origin == origin), None)


@dataclass(frozen=True)
class Verified:
    """What was found to be in order, and what the log says of itself."""

    rows: int
    heads: int
    statements: tuple[str, ...] = ()


def verify(lines: Iterable[str], trust: Trust, known: Iterable[str] = ()) -> Verified:
    """Verify a log, line by line, against heads that are `known` from elsewhere too. Raises Wrong: at the first bad row."""
    stream = (line.removesuffix("\n") for line in lines)
    history, rest = _history(stream, trust)
    elsewhere = list(_known(known, trust, history))
    waiting = [(each.size, each.root) for each in history.statements]
    tree, heads, sealed, good, forked = Tree(), 0, 0, 0, 0
    _require_stated(waiting, tree, 0)
    for line in rest:
        if line.startswith("head "):
            head = _head_here(line, trust, history, tree, sealed)
            if forked:
                break
            heads, sealed = heads + 1, tree.size
            good = sealed if _is_good(head, trust) else good
        else:
            tree.append(_leaf(line, tree.size))
            _require_stated(waiting, tree, sealed)
            forked = forked or _forked(elsewhere, tree)
    if forked:
        raise Wrong(
            f"a fork: witnesses have cosigned another log of {forked} rows, from this row or a later one on", good
        )
    if sealed < tree.size:
        raise Wrong("no signed head has this row: heads are missing", sealed)
    if waiting:
        raise Wrong(f"it is gone: the log says of itself that it had {waiting[0][0]} rows", tree.size)
    if missing := [head for head in elsewhere if head.size > tree.size and head.origin == history.origin]:
        most = max(head.size for head in missing)
        raise Wrong(f"it is gone: the log was rolled back, for witnesses have cosigned {most} rows", tree.size)
    if good < tree.size:
        raise Wrong(f"no head with this row is cosigned by {trust.needed} witnesses", good)
    return Verified(tree.size, heads, tuple(each.said for each in history.statements))


def _history(stream: Iterator[str], trust: Trust) -> tuple[History, Iterator[str]]:
    """The first line and the statements under it, and the lines after them. Raises Wrong."""
    first = next(stream, None)
    if first is None:
        raise Wrong("there is nothing in it")
    word, _, origin = first.partition(" ")
    if word != FORMAT or not origin:
        raise Wrong(f"this is no log of {trust.log.name}")
    notes = list[str]()
    for line in stream:
        if not line.startswith("statement "):
            return History(origin, trust.log, notes), chain([line], stream)
        notes.append(_note_in(line, "statement "))
    return History(origin, trust.log, notes), iter(())


def _note_in(line: str, word: str) -> str:
    """A note that stands in a line as a JSON text. Raises Wrong."""
    try:
        note = json.loads(line.removeprefix(word))
    except (ValueError, RecursionError):
        note = None
    if not isinstance(note, str) or json.dumps(note, ensure_ascii=False) != line.removeprefix(word):
        raise Wrong("a statement of the log is written another way")
    return note


def _require_stated(waiting: list[tuple[int, bytes]], tree: Tree, sealed: int) -> None:
    """The log had, at its statements, the rows that they say. Raises Wrong."""
    while waiting and waiting[0][0] == tree.size:
        if waiting.pop(0)[1] != tree.root():
            raise Wrong("it, or a later one, is not what was sealed when the log made its statement", sealed)


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


def _head_here(line: str, trust: Trust, history: History, tree: Tree, sealed: int) -> Head:
    """The head of the rows so far. Raises Wrong."""
    try:
        note = json.loads(line.removeprefix("head "))
        head = _head(note, [history.key_at(tree.size)], trust)
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise Wrong(f"its head can't be believed: {error}", sealed) from None
    if json.dumps(note, ensure_ascii=False) != line.removeprefix("head "):
        raise Wrong("its head is written another way", sealed)
    if head.size != tree.size:
        raise Wrong(f"the head of {head.size} rows stands after {tree.size}", min(head.size, tree.size))
    if head.root != tree.root():
        between = "it is" if sealed + 1 == tree.size else f"it, or one of those up to row {tree.size - 1}, is"
        raise Wrong(f"{between} not what was sealed", sealed)
    return head


def _head(note: str, keys: list[Key], trust: Trust) -> Head:
    """A head that a key of the log has signed. Raises ValueError."""
    head = read_head(note, [*keys, *trust.witnesses])
    if head.origin not in {key.name for key in keys}:
        raise ValueError(f"it is a head of {head.origin}")
    if not head.signers & {key for key in keys if key.name == head.origin}:
        raise ValueError("the log has not signed it")
    return head


def _is_good(head: Head, trust: Trust) -> bool:
    """Whether enough witnesses have cosigned it."""
    return len({key.name for key in head.signers & {*trust.witnesses}}) >= trust.needed


def _known(notes: Iterable[str], trust: Trust, history: History) -> Iterator[Head]:
    for note in notes:
        try:
            head = _head(note, [part.key for part in history.parts], trust)
        except ValueError as error:
            raise Wrong(f"the head that is known from elsewhere can't be believed: {error}") from None
        if not head.signers & {*trust.witnesses}:
            raise Wrong("the head that is known from elsewhere has no witness")
        left = history.left_behind(head.origin)
        if left is None or head.size <= left.size:
            yield head
        elif head.size > left.seen_size or dict(left.seen).get(head.size, head.root) != head.root:
            raise Wrong(
                f"witnesses have cosigned {head.size} rows of {head.origin}, and the log says of {left.seen_size} that"
                " it was begun anew without them",
                left.size,
            )


def _forked(known: list[Head], tree: Tree) -> int:
    """The size at which witnesses have cosigned another root than this one; 0 where they have not."""
    return next((head.size for head in known if head.size == tree.size and head.root != tree.root()), 0)


def _hash(text: str) -> bytes:
    hashed = base64.b64decode(text, validate=True)
    if len(hashed) != 32:
        raise ValueError("not a hash")
    return hashed


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
    for each in found.statements:
        print(f"The log says of itself: {each}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
