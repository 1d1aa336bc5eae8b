"""Values that belong to no case, blind indexes, and the keys by which residents find what is theirs."""

from __future__ import annotations

import base64
import hmac

from . import sealing
from .errors import CannotOpen
from .keys import COMMONS, derived, key_of

KINDS_OF_RESIDENT = ("person", "organisation", "receipt", "staff")


def blind_index(municipality: str, area: str, kind: str, value: str) -> bytes:
    """32 bytes that find a value without telling it, other ones in each municipality, area and kind (HMAC-SHA-256).

    The value must be in one written form: nothing is trimmed or folded here.
    """
    return _hmac(derived(key_of(municipality, area), "blind-index", kind), value)


def resident_key(municipality: str, kind: str, value: str) -> bytes:
    """32 bytes that stand for a resident in one municipality's database, all areas; nobody can guess them.

    kind: "person" (identity number), "organisation" (organisation number), "receipt" (code), "staff".
    """
    if kind not in KINDS_OF_RESIDENT:
        raise ValueError(f"a resident is none of {kind!r}")
    return _hmac(derived(key_of(municipality, "resident"), "resident-key", kind), value)


def person_key(value: str) -> bytes:
    """32 bytes that stand for a person in the commons."""
    return _hmac(derived(key_of(COMMONS, COMMONS), "person-key"), value)


def seal(municipality: str, area: str, context: str, value: str | bytes) -> bytes:
    """Seal a value that has no case. `context` says what it is and of which row; it must be given again to open it."""
    key = key_of(municipality, area)
    clear = value.encode() if isinstance(value, str) else value
    return sealing.seal(derived(key, "values"), clear, _context(municipality, area, key.identity, context))


def open(municipality: str, area: str, context: str, sealed: bytes) -> bytes:
    """What seal() was given. Raises CannotOpen, KeysWithdrawn."""
    key = key_of(municipality, area)
    return sealing.unseal(derived(key, "values"), sealed, _context(municipality, area, key.identity, context))


def open_text(municipality: str, area: str, context: str, sealed: bytes) -> str:
    """The same, as text."""
    return open(municipality, area, context, sealed).decode()


def seal_for_url(municipality: str, area: str, context: str, value: str | bytes) -> str:
    """As seal(), in characters that an address, a cookie and a header take (base64url without padding, RFC 4648 § 5)."""
    return base64.urlsafe_b64encode(seal(municipality, area, context, value)).decode().rstrip("=")


def open_from_url(municipality: str, area: str, context: str, text: str) -> bytes:
    """What seal_for_url() was given. Raises CannotOpen, also for what it never gave, and KeysWithdrawn."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise CannotOpen from error
    return open(municipality, area, context, sealed)


def _hmac(key: bytes, value: str) -> bytes:
    return hmac.digest(key, value.encode(), "sha256")


def _context(municipality: str, area: str, identity: bytes, context: str) -> bytes:
    return sealing.joined("value", municipality, area, identity, context)
