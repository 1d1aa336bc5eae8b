"""Signed notes (C2SP signed-note): text that one or more keys have signed, and the keys."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256
from typing import ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .errors import NotAKey, NotANote, NotSigned

MOST_BYTES = 64 * 1024
MOST_SIGNATURES = 64
ED25519, COSIGNATURE = 0x01, 0x04  # signature types
LATEST_TIME = 2**63 - 1

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_NAME = re.compile(r"[^\s+]+")
_TIME_BYTES = 8


@dataclass(frozen=True)
class Signature:
    """One signature line: whose it says it is, and the bytes."""

    name: str
    key_id: bytes  # 4 bytes: names the key, proves nothing
    value: bytes

    @property
    def line(self) -> str:
        """As it stands in a note, with its newline."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"

    @classmethod
    def from_line(cls, line: str) -> Signature:
        """Read a line without its newline. Raises NotANote."""
        match line.split(" "):
            case ["—", name, encoded] if _KEY_NAME.fullmatch(name):
                content = from_base64(encoded)
                if content is not None and len(content) > 4:
                    return cls(name, content[:4], content[4:])
        raise NotANote(why="a signature line is not one")

    @property
    def time(self) -> int:
        """When a cosignature says that it was made, in POSIX seconds."""
        return int.from_bytes(self.value[:_TIME_BYTES])


@dataclass(frozen=True)
class Note:
    """A text with its last newline, and the signatures under it, none of them verified."""

    text: str
    signatures: tuple[Signature, ...] = ()

    @classmethod
    def parse(cls, content: bytes) -> Note:
        """Read a note. Raises NotANote."""
        if len(content) > MOST_BYTES:
            raise NotANote(why=f"it is longer than {MOST_BYTES} bytes")
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise NotANote(why="it is not UTF-8") from None
        if _CONTROL.search(text):
            raise NotANote(why="there are control characters in it")
        body, separator, under = text.rpartition("\n\n")
        if not separator or not under.endswith("\n"):
            raise NotANote(why="there are no signatures under it")
        lines = under[:-1].split("\n")
        if len(lines) > MOST_SIGNATURES:
            raise NotANote(why=f"there are more than {MOST_SIGNATURES} signatures under it")
        return cls(body + "\n", tuple(Signature.from_line(line) for line in lines))

    def written(self) -> bytes:
        """The note as bytes."""
        return "".join([self.text, "\n", *(signature.line for signature in self.signatures)]).encode()

    def signed_by(self, keys: Collection[Key]) -> tuple[Signature, ...]:
        """The signatures of keys that are trusted; other keys' are left out.

        Raises NotSigned: there is none, or one of them is wrong, and then nothing of the note is to be believed.
        """
        trusted = {(key.name, key.key_id): key for key in keys}
        found = []
        for signature in self.signatures:
            key = trusted.get((signature.name, signature.key_id))
            if key is None:
                continue
            if not key.verifies(self.text, signature):
                raise NotSigned(f"the signature of {key.name} is wrong")
            found.append(signature)
        if not found:
            raise NotSigned()
        return tuple(found)


@dataclass(frozen=True)
class Key:
    """A public key with a name, for one kind of signature: a log's or a witness's. Written as a vkey."""

    name: str
    public: bytes  # 32 bytes
    kind: int = ED25519

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read `name+id+key`. Raises NotAKey."""
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        content = from_base64(encoded)
        if not _KEY_NAME.fullmatch(name) or content is None or len(content) != 33:
            raise NotAKey(why="it should be name+id+key, with an Ed25519 key")
        if content[0] not in (ED25519, COSIGNATURE):
            raise NotAKey(why=f"signatures of type {content[0]} are not known here")
        key = cls(name, content[1:], content[0])
        if key.key_id.hex() != key_id:
            raise NotAKey(why="its id is another key's")
        return key

    def verifies(self, text: str, signature: Signature) -> bool:
        """Whether the signature is this key's, of its kind, over the text."""
        value, message = signature.value, text.encode()
        if self.kind == COSIGNATURE:
            if len(value) != _TIME_BYTES + 64 or signature.time > LATEST_TIME:
                return False
            value, message = value[_TIME_BYTES:], cosigned_message(text, signature.time)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(value, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key with a name, which signs notes as their author."""

    name: str
    seed: bytes = field(repr=False)  # 32 bytes
    kind: ClassVar[int] = ED25519

    def __post_init__(self) -> None:
        if not _KEY_NAME.fullmatch(self.name):
            raise NotAKey(why="its name is empty, or has a space or a plus in it")

    @property
    def key(self) -> Key:
        """What others verify its signatures by."""
        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return Key(self.name, public, self.kind)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def sign(self, text: str) -> Signature:
        return Signature(self.name, self.key.key_id, self._private.sign(text.encode()))


class Cosigner(Signer):
    """A witness's private key: it says that it has seen a log grow, and when (C2SP tlog-cosignature, cosignature/v1)."""

    kind: ClassVar[int] = COSIGNATURE

    def cosign(self, text: str, time: int) -> Signature:
        """Cosign a checkpoint's text at a time in POSIX seconds."""
        value = time.to_bytes(_TIME_BYTES) + self._private.sign(cosigned_message(text, time))
        return Signature(self.name, self.key.key_id, value)


def cosigned_message(text: str, time: int) -> bytes:
    """What a cosignature is over."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def from_base64(text: str) -> bytes | None:
    """The bytes of standard base64 in its one written form; None for anything else."""
    try:
        content = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return content if base64.b64encode(content).decode() == text else None
