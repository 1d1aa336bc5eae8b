"""Other systems: their ids, their keys, and what they may be let do."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from joserfc import jwk
from joserfc.errors import InvalidKeyTypeError, JoseError

from .errors import UnusableKey

SCOPES = ("catalogue", "submit", "cases", "documents", "figures", "changes")
SMALLEST_RSA_BITS = 2048


def client_id(municipality: str, pk: UUID) -> str:
    """How a client is named outside: `averoy.AZqWx0r7c4iL3v1PpQm8Zg`."""
    return f"{municipality}.{base64.urlsafe_b64encode(pk.bytes).decode().rstrip('=')}"


def parts_of(text: str) -> tuple[str, UUID] | None:
    """A client id's municipality and row; None for what is no client id."""
    municipality, _, encoded = text.rpartition(".")
    try:
        pk = UUID(bytes=base64.b64decode(f"{encoded}==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        return None
    return (municipality, pk) if municipality and client_id(municipality, pk) == text else None


def public_key(given: Any) -> dict[str, Any]:
    """A client's public key as it is kept (JWK, RFC 7517), nothing in it but the key itself.

    Args:
        given: a JWK, or a text: a JWK as JSON, or PEM.

    Raises UnusableKey: it is no JWK, or private, or of a kind that is not taken (P-256, Ed25519, RSA from 2048 bits are).
    """
    try:
        key = _imported(given)
        kept = key.as_dict(private=False)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise UnusableKey() from None
    if key.is_private or algorithm_of(kept) is None:
        raise UnusableKey()
    return {name: kept[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in kept}


def _imported(given: Any) -> jwk.Key:
    if isinstance(given, str) and given.lstrip().startswith("-----BEGIN"):
        return _from_pem(given.strip())
    return jwk.import_key(dict(json.loads(given) if isinstance(given, str) else given))


def _from_pem(text: str) -> jwk.Key:
    for kind in (jwk.ECKey, jwk.OKPKey, jwk.RSAKey):
        with suppress(InvalidKeyTypeError):
            return kind.import_key(text)
    raise UnusableKey()


def algorithm_of(key: Mapping[str, Any]) -> str | None:
    """The one algorithm that a key signs with, whatever an assertion's header says; None for a key that is not taken."""
    match key.get("kty"), key.get("crv"):
        case "EC", "P-256":
            return "ES256"
        case "OKP", "Ed25519":
            return "EdDSA"
        case "RSA", _ if len(str(key.get("n", ""))) * 6 >= SMALLEST_RSA_BITS:
            return "RS256"
    return None


def unknown(given: Collection[str], known: Collection[str]) -> list[str]:
    """Those of the given words that are none of the known ones."""
    return sorted(set(given) - set(known))
