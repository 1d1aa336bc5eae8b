"""What goes over the keeper's socket: one request and one answer for each connection.

Each is four bytes with the length (big-endian), then so many bytes of JSON in UTF-8. Bytes are base64 in the JSON.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VERSION = 1
LARGEST = 8192  # bytes, either way
LENGTH_BYTES = 4
PATIENCE = 5.0  # seconds for all of it

# What may be asked for. Who may ask for what: see policy.py.
DERIVE, MAKE, EXPORT, WRAP, WITHDRAW = "derive", "make", "export", "wrap", "withdraw"
WRAP_AGAIN, RENEW, RETIRE = "wrap-again", "renew-master", "retire-master"
OPERATIONS = (DERIVE, MAKE, EXPORT, WRAP, WITHDRAW, WRAP_AGAIN, RENEW, RETIRE)
OF_THE_MASTER_KEY = (RENEW, RETIRE)  # and of no municipality

# What an answer says when it is no.
REFUSED, WITHDRAWN, TOO_OFTEN, CANNOT_OPEN, OTHER_RECIPIENTS, MALFORMED, FAILED = (
    "refused",
    "withdrawn",
    "too-often",
    "cannot-open",
    "other-recipients",
    "malformed",
    "failed",
)

_MUNICIPALITY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[0-9]{1,6})?")
_PURPOSE = re.compile(r"[ -~]{1,80}")
_NOTHING = re.compile("")
_LONGEST_NAME = 80
_MOST_PURPOSES = 4


class Malformed(Exception):
    """What came over the socket is not what was agreed on. Says what, and nothing of the content."""


@dataclass(frozen=True)
class Request:
    """program: what the caller says that it is; believed for the log alone.

    purpose: of DERIVE; for EXPORT the public keys that the caller takes for the keeper's own, to be compared with those.
    """

    operation: str
    program: str
    municipality: str
    name: str = ""
    identity: bytes = b""
    content: bytes = b""  # a wrapped key, or for WRAP the key
    purpose: tuple[str, ...] = ()

    def encode(self) -> bytes:
        return _frame(
            {
                "version": VERSION,
                "operation": self.operation,
                "program": self.program[:_LONGEST_NAME],
                "municipality": self.municipality,
                "name": self.name,
                "identity": self.identity.hex(),
                "content": _text(self.content),
                "purpose": list(self.purpose),
            }
        )

    @classmethod
    def decode(cls, body: bytes) -> Request:
        """Raises Malformed for anything that encode() would not have made."""
        held = _object(body)
        try:
            request = cls(
                held["operation"],
                held["program"],
                held["municipality"],
                held["name"],
                bytes.fromhex(held["identity"]),
                _bytes(held["content"]),
                _list(held["purpose"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Malformed("a field is missing, or is of another kind") from error
        request._check()
        return request

    def _check(self) -> None:
        if self.operation not in OPERATIONS:
            raise Malformed("no such operation")
        _check_text(self.program, _PURPOSE)
        if len(self.purpose) > _MOST_PURPOSES:
            raise Malformed("too many purposes")
        for each in self.purpose:
            _check_text(each, _PURPOSE)
        is_of_one = self.operation not in OF_THE_MASTER_KEY
        _check_text(self.municipality, _MUNICIPALITY if is_of_one else _NOTHING)
        is_of_a_key = is_of_one and self.operation != WITHDRAW
        _check_text(self.name, _NAME if is_of_a_key else _NOTHING)
        if is_of_a_key and len(self.identity) != 8:
            raise Malformed("not a key's id")


@dataclass(frozen=True)
class Answer:
    """What was asked for, or one of the words above for why not."""

    content: bytes = b""
    error: str = ""

    def encode(self) -> bytes:
        return _frame({"version": VERSION, "content": _text(self.content), "error": self.error})

    @classmethod
    def decode(cls, body: bytes) -> Answer:
        """Raises Malformed."""
        held = _object(body)
        try:
            return cls(_bytes(held["content"]), str(held["error"]))
        except (KeyError, TypeError, ValueError) as error:
            raise Malformed("a field is missing, or is of another kind") from error


def length_of(head: bytes) -> int:
    """How many bytes follow the first four. Raises Malformed for none, and for more than LARGEST."""
    length = int.from_bytes(head, "big")
    if not 0 < length <= LARGEST:
        raise Malformed(f"{length} bytes")
    return length


def receive(connection: socket.socket) -> bytes:
    """The body of one request or answer. Raises Malformed, and OSError as the socket does."""
    return _exactly(connection, length_of(_exactly(connection, LENGTH_BYTES)))


@contextmanager
def short(path: Path) -> Iterator[str]:
    """A name for a socket that the kernel takes (108 bytes at most), however deep its folder lies."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _exactly(connection: socket.socket, count: int) -> bytes:
    got = bytearray()
    while len(got) < count:
        some = connection.recv(count - len(got))
        if not some:
            raise Malformed("it ended in the middle")
        got += some
    return bytes(got)


def _frame(held: Mapping[str, Any]) -> bytes:
    body = json.dumps(held).encode()
    if len(body) > LARGEST:
        raise Malformed(f"{len(body)} bytes")
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def _object(body: bytes) -> dict[str, Any]:
    try:
        held = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("no JSON") from error
    if not isinstance(held, dict):
        raise Malformed("no object")
    if held.get("version") != VERSION:
        raise Malformed("another version of the protocol")
    return held


def _check_text(text: object, pattern: re.Pattern[str]) -> None:
    if not isinstance(text, str) or len(text) > _LONGEST_NAME or not pattern.fullmatch(text):
        raise Malformed("a name that is none")


def _list(held: object) -> tuple[Any, ...]:
    if not isinstance(held, list):
        raise TypeError
    return tuple(held)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError from error
