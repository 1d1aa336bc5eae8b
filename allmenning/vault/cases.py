"""One key for each case, wrapped by its area's key and kept beside the case."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Mapping
from uuid import UUID

from . import sealing
from .errors import CannotOpen
from .keys import derived, generations, key_of

_VERSION = b"\x01"
_ID_BYTES = 16
_PURPOSE = "case-keys"
_Wrapping = tuple[bytes, bytes]  # a key of the area: its id, and what wraps


class CaseKey:
    """Seals and opens the fields of one case. Never stored, never logged."""

    __slots__ = ("_key", "_municipality", "identity")

    def __init__(self, municipality: str, identity: bytes, key: bytes) -> None:
        self._municipality, self.identity, self._key = municipality, identity, key

    def seal(self, field: str, value: str | bytes, row: UUID | None = None) -> bytes:
        """Seal a field's value. row: where the case has several rows with the field, so that none takes another's place."""
        clear = value.encode() if isinstance(value, str) else value
        return sealing.seal(self._key, clear, self._context(field, row))

    def open(self, field: str, sealed: bytes, row: UUID | None = None) -> bytes:
        """What was sealed for that field (and row) of this case. Raises CannotOpen for anything else.

        What was sealed before rows were named opens too: for another field or case it does not.
        """
        if row is None:
            return sealing.unseal(self._key, sealed, self._context(field))
        try:
            return sealing.unseal(self._key, sealed, self._context(field, row))
        except CannotOpen:
            return sealing.unseal(self._key, sealed, self._context(field))

    def open_text(self, field: str, sealed: bytes, row: UUID | None = None) -> str:
        """The same, as text."""
        return self.open(field, sealed, row).decode()

    def derive(self, purpose: str) -> bytes:
        """32 bytes that only this case's key can make. They are gone for ever when the key is destroyed."""
        return hmac.digest(self._key, self._context(f"derived {purpose}"), "sha256")

    def __repr__(self) -> str:
        return f"<CaseKey of {self._municipality}>"

    def __reduce__(self) -> tuple[()]:
        raise TypeError("a case's key is not to be stored or sent")

    def _context(self, field: str, row: UUID | None = None) -> bytes:
        return sealing.joined("field", self._municipality, self.identity, field, *([] if row is None else [row.bytes]))


def new_case_key(municipality: str, area: str) -> tuple[CaseKey, bytes]:
    """A new case's key, and the wrapped form to keep with the case (94 bytes).

    Wrapped: version (1 byte) | id of the area's key (8) | id of the case's key (16) | sealed key.
    """
    identity, value = os.urandom(_ID_BYTES), sealing.new_key()
    return CaseKey(municipality, identity, value), _wrapped(municipality, area, identity, value)


def open_case_key(municipality: str, area: str, wrapped: bytes) -> CaseKey:
    """The key of a case of that municipality and area. Raises CannotOpen for another's, KeysWithdrawn, NoKeys."""
    identity, value = _unwrapped(municipality, area, bytes(wrapped))
    return CaseKey(municipality, identity, value)


def wrap_again(municipality: str, area: str, wrapped: Iterable[bytes]) -> list[bytes]:
    """Keys of cases, wrapped by the area's newest key: what they sealed stays as it is. Raises as open_case_key.

    Many at once: the area's keys are looked up once (each key 12 µs instead of 45).
    """
    keys = _wrapping_keys(municipality, area)
    newest = next(iter(keys.values()))
    return [
        _wrapped_by(newest, municipality, area, *_unwrapped_by(keys, municipality, area, bytes(each)))
        for each in wrapped
    ]


def wrapped_by(municipality: str, name: str) -> bytes:
    """How every case's key begins that was wrapped by one of the area's keys (see `generations`)."""
    return _VERSION + key_of(municipality, name).identity


def _wrapped(municipality: str, area: str, identity: bytes, value: bytes) -> bytes:
    newest = key_of(municipality, generations(municipality, area)[0])
    return _wrapped_by((newest.identity, derived(newest, _PURPOSE)), municipality, area, identity, value)


def _unwrapped(municipality: str, area: str, wrapped: bytes) -> tuple[bytes, bytes]:
    return _unwrapped_by(_wrapping_keys(municipality, area, wrapped[1:9]), municipality, area, wrapped)


def _wrapping_keys(municipality: str, area: str, only: bytes | None = None) -> dict[bytes, _Wrapping]:
    """The area's keys that wrap the keys of cases, the newest first; or the one alone that has an id."""
    found = (key_of(municipality, name) for name in generations(municipality, area))
    return {k.identity: (k.identity, derived(k, _PURPOSE)) for k in found if only in (None, k.identity)}


def _wrapped_by(key: _Wrapping, municipality: str, area: str, identity: bytes, value: bytes) -> bytes:
    sealed = sealing.seal(key[1], value, _context(municipality, area, key[0], identity))
    return _VERSION + key[0] + identity + sealed


def _unwrapped_by(keys: Mapping[bytes, _Wrapping], municipality: str, area: str, wrapped: bytes) -> tuple[bytes, bytes]:
    key, identity, sealed = keys.get(wrapped[1:9]), wrapped[9 : 9 + _ID_BYTES], wrapped[9 + _ID_BYTES :]
    if key is None or wrapped[:1] != _VERSION:
        raise CannotOpen(f"the case's key was not wrapped by a key of {area} in {municipality}")
    return identity, sealing.unseal(key[1], sealed, _context(municipality, area, key[0], identity))


def _context(municipality: str, area: str, wrapping: bytes, identity: bytes) -> bytes:
    return sealing.joined("case-key", municipality, area, wrapping, identity)
