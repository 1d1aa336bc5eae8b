"""What a log says of itself in a signed note: that its key is another one now, or that it was begun anew, and why.

Written here, and read by `verify_log`, which stands alone. docs/log.md has the form.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

from .checkpoints import Checkpoint
from .notes import Key, Note, Signer
from .verify_log import BEGUN_ANEW, NEW_KEY

_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def new_key(before: Signer, after: Signer, at: Checkpoint, when: datetime, why: str) -> Note:
    """From this head on `after` signs. Signed by both: the one vouches for the other, and the other for what was."""
    return _signed([*_about(NEW_KEY, at, when, why), str(before.key), str(after.key)], before, after)


def begun_anew(signer: Signer, at: Checkpoint, seen: Iterable[Checkpoint], when: datetime, why: str) -> Note:
    """The log goes on from this head under another name, though witnesses have `seen` these under the old one."""
    heads = sorted({(each.size, base64.b64encode(each.root).decode()) for each in seen})
    return _signed([*_about(BEGUN_ANEW, at, when, why), *(f"{size} {root}" for size, root in heads)], signer)


def name_after(base: str, statement: Note) -> str:
    """The log's name after it was begun anew: whoever cosigns a head under it has the statement's hash in it."""
    return f"{base}/{sha256(statement.text.encode()).hexdigest()[:16]}"


def keys_of(statement: Note) -> tuple[Key, Key]:
    """The key before and the key after, that a statement of a new key names."""
    before, after = statement.text.rstrip("\n").split("\n")[-2:]
    return Key.parse(before), Key.parse(after)


def _about(kind: str, at: Checkpoint, when: datetime, why: str) -> list[str]:
    time = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [kind, at.origin, str(at.size), base64.b64encode(at.root).decode(), time, _BREAKS.sub(" ", why).strip()]


def _signed(lines: list[str], *signers: Signer) -> Note:
    text = "".join(f"{line}\n" for line in lines)
    return Note(text, tuple(signer.sign(text) for signer in signers))
