"""A key on its way into a back-up: sealed (age, https://age-encryption.org/v1) to whoever may restore, and to nobody here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pyrage
from pyrage import x25519

from .errors import CannotOpen

if TYPE_CHECKING:
    from .master import KeyName


class Key(NamedTuple):
    """A key in the clear, and the id by which wrapped blobs name it."""

    identity: bytes  # 8 bytes
    value: bytes  # 32 bytes


def seal(key: bytes, of: KeyName, recipients: Sequence[str]) -> bytes:
    """Seal a key, and which one it is. recipients: public keys of age (age1…); ValueError for what is none, and for none."""
    if not recipients:
        raise ValueError("nobody is named who may restore it")
    held = {"municipality": of.municipality, "name": of.name, "identity": of.identity.hex(), "key": key.hex()}
    return pyrage.encrypt(json.dumps(held).encode(), [recipient(each) for each in recipients])


def open_exported(sealed: bytes, municipality: str, name: str, identities: Sequence[Any]) -> Key:
    """The key, with the private keys of age of one who may restore. Raises CannotOpen, also for another key than named."""
    try:
        held = json.loads(pyrage.decrypt(sealed, list(identities)))
    except (pyrage.DecryptError, ValueError) as error:
        raise CannotOpen(f"the key {name} of {municipality} in the back-up") from error
    if (held["municipality"], held["name"]) != (municipality, name):
        raise CannotOpen(f"another key stands for {name} of {municipality} in the back-up")
    return Key(bytes.fromhex(held["identity"]), bytes.fromhex(held["key"]))


def recipient(public: str) -> x25519.Recipient:
    """Raises ValueError for what is no public key of age."""
    try:
        return x25519.Recipient.from_str(public.strip())
    except pyrage.RecipientError as error:
        raise ValueError(f"{public} is no public key of age") from error
