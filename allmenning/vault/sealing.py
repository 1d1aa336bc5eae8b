"""AES-256-GCM with what a value belongs to as associated data, and HKDF. The cipher is the package `cryptography`."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .errors import CannotOpen

KEY_BYTES = 32
_VERSION = b"\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16


def new_key() -> bytes:
    """256 random bits."""
    return os.urandom(KEY_BYTES)


def derive(key: bytes, *purpose: str) -> bytes:
    """A key for one purpose out of another (HKDF-SHA-256, RFC 5869). The same each time."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=joined(*purpose)).derive(key)


def seal(key: bytes, value: bytes, context: bytes) -> bytes:
    """version (1 byte) | nonce (12) | ciphertext and tag. `context` must be given again to open it."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, value, _VERSION + context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """What seal() was given. Raises CannotOpen for any other key, context or changed byte."""
    sealed = bytes(sealed)
    if sealed[:1] != _VERSION or len(sealed) < 1 + _NONCE_BYTES + _TAG_BYTES:
        raise CannotOpen
    nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, _VERSION + context)
    except InvalidTag:
        raise CannotOpen from None


def joined(*parts: str | bytes) -> bytes:
    """The parts with their lengths, so that ("ab", "c") is never taken for ("a", "bc")."""
    encoded = [part.encode() if isinstance(part, str) else bytes(part) for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
