"""One key for each case, wrapped by its area's key and kept beside the case."""

from __future__ import annotations

import hmac
import os

from . import sealing
from .errors import CannotOpen
from .keys import WrappedKey, derived, generations, key_of

_VERSION = b"\x01"
_ID_BYTES = 16


class CaseKey:
    """Seals and opens the fields of one case. Never stored, never logged."""

    __slots__ = ("_key", "_municipality", "identity")

    def __init__(self, municipality: str, identity: bytes, key: bytes) -> None:
        self._municipality, self.identity, self._key = municipality, identity, key

    def seal(self, field: str, value: str | bytes) -> bytes:
        """Seal a field's value. `field` names the field, and the row where the case has several."""
        clear = value.encode() if isinstance(value, str) else value
        return sealing.seal(self._key, clear, self._context(field))

    def open(self, field: str, sealed: bytes) -> bytes:
        """What was sealed for that field of this case. Raises CannotOpen for anything else."""
        return sealing.unseal(self._key, sealed, self._context(field))

    def open_text(self, field: str, sealed: bytes) -> str:
        """The same, as text."""
        return self.open(field, sealed).decode()

    def derive(self, purpose: str) -> bytes:
        """32 bytes that only this case's key can make. They are gone for ever when the key is destroyed."""
        return hmac.digest(self._key, self._context(f"derived {purpose}"), "sha256")

    def __repr__(self) -> str:
        return f"<CaseKey of {self._municipality}>"

    def __reduce__(self) -> tuple[()]:
        raise TypeError("a case's key is not to be stored or sent")

    def _context(self, field: str) -> bytes:
        return sealing.joined("field", self._municipality, self.identity, field)


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


def wrap_again(municipality: str, area: str, wrapped: bytes) -> bytes:
    """A case's key, wrapped by the area's newest key: what it sealed stays as it is. Raises as open_case_key."""
    return _wrapped(municipality, area, *_unwrapped(municipality, area, bytes(wrapped)))


def wrapped_by(municipality: str, name: str) -> bytes:
    """How every case's key begins that was wrapped by one of the area's keys (see `generations`)."""
    return _VERSION + key_of(municipality, name).identity


def _wrapped(municipality: str, area: str, identity: bytes, value: bytes) -> bytes:
    key = key_of(municipality, generations(municipality, area)[0])
    sealed = sealing.seal(derived(key, "case-keys"), value, _context(municipality, area, key, identity))
    return _VERSION + key.identity + identity + sealed


def _unwrapped(municipality: str, area: str, wrapped: bytes) -> tuple[bytes, bytes]:
    version, area_key = wrapped[:1], wrapped[1:9]
    identity, sealed = wrapped[9 : 9 + _ID_BYTES], wrapped[9 + _ID_BYTES :]
    for name in generations(municipality, area):
        key = key_of(municipality, name)
        if version == _VERSION and area_key == key.identity:
            context = _context(municipality, area, key, identity)
            return identity, sealing.unseal(derived(key, "case-keys"), sealed, context)
    raise CannotOpen(f"the case's key was not wrapped by a key of {area} in {municipality}")


def _context(municipality: str, area: str, key: WrappedKey, identity: bytes) -> bytes:
    return sealing.joined("case-key", municipality, area, key.identity, identity)
