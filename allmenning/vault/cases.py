"""One key for each case, wrapped by its area's key and kept beside the case."""

from __future__ import annotations

import hmac
import os

from . import sealing
from .errors import CannotOpen
from .keys import WrappedKey, derived, key_of

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
    key, identity, value = key_of(municipality, area), os.urandom(_ID_BYTES), sealing.new_key()
    sealed = sealing.seal(derived(key, "case-keys"), value, _context(municipality, area, key, identity))
    return CaseKey(municipality, identity, value), _VERSION + key.identity + identity + sealed


def open_case_key(municipality: str, area: str, wrapped: bytes) -> CaseKey:
    """The key of a case of that municipality and area. Raises CannotOpen for another's, KeysWithdrawn, NoKeys."""
    wrapped, key = bytes(wrapped), key_of(municipality, area)
    version, area_key = wrapped[:1], wrapped[1:9]
    identity, sealed = wrapped[9 : 9 + _ID_BYTES], wrapped[9 + _ID_BYTES :]
    if version != _VERSION or area_key != key.identity:
        raise CannotOpen(f"the case's key was not wrapped by the key of {area} in {municipality}")
    value = sealing.unseal(derived(key, "case-keys"), sealed, _context(municipality, area, key, identity))
    return CaseKey(municipality, identity, value)


def _context(municipality: str, area: str, key: WrappedKey, identity: bytes) -> bytes:
    return sealing.joined("case-key", municipality, area, key.identity, identity)
