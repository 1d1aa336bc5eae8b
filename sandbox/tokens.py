"""Signing and checking tokens: what the logins and Maskinporten share."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from django.http import JsonResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from .app import Refusal, Request
from .state import CLIENTS, State

ALGORITHMS = ["RS256"]


def sign(state: State, claims: dict[str, Any], key: RSAKey | None = None) -> str:
    """A JWT with the sandbox's key, or with another's for a token that must not be believed."""
    return jwt.encode({"alg": "RS256", "kid": state.key.kid, "typ": "JWT"}, claims, key or state.key)


def oauth_error(error: str, description: str, status: int = 400) -> Refusal:
    """An error in the form of RFC 6749, to be raised."""
    return Refusal(JsonResponse({"error": error, "error_description": description}, status=status))


def client_of(request: Request, portal: str, audiences: tuple[str, ...]) -> str:
    """The client that the request proves to be, by private_key_jwt or client_secret_basic. Raises Refusal."""
    form = request.POST
    if form.get("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
        claims = assertion_claims(request.state, form.get("client_assertion", ""), portal, "invalid_client")
        if claims.get("sub") != claims.get("iss") or not _matches(claims.get("aud"), audiences):
            raise oauth_error("invalid_client", "sub or aud of the client assertion is wrong", 401)
        return claims["iss"]
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    client, _, secret = _decoded(encoded).partition(":") if scheme.lower() == "basic" else ("", "", "")
    # A secret that everybody may know: the sandbox holds no secrets, but a client may want to test this way in.
    if CLIENTS.get(client) != portal or secret != "sandbox-secret":  # noqa: S105
        raise oauth_error("invalid_client", "client authentication failed", 401)
    return client


def assertion_claims(state: State, assertion: str, portal: str, error: str) -> dict[str, Any]:
    """The claims of a JWT that a client of `portal` has signed: iss known, signature good, in time, jti new."""
    try:
        header, claims = _peek(assertion)
        client = claims.get("iss", "")
        if CLIENTS.get(client) != portal:
            raise oauth_error(error, "unknown client", 401)
        key = state.client_keys[client]
        if header.get("kid") != key.kid and "x5c" not in header:
            raise oauth_error(error, "kid or x5c is missing or unknown", 401)
        jwt.decode(assertion, key, algorithms=ALGORITHMS)
    except (JoseError, ValueError) as failure:
        raise oauth_error(error, f"the assertion can't be verified: {type(failure).__name__}", 401) from failure
    _check_time(claims, error)
    if not claims.get("jti") or not state.first_use(claims["jti"]):
        raise oauth_error(error, "jti is missing or has been used")
    return claims


def bearer(request: Request, scope: str) -> dict[str, Any]:
    """The claims of the request's Maskinporten token, which must hold `scope`. Raises Refusal: 401 or 403."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        claims = jwt.decode(token, request.state.key, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError):
        raise oauth_error("invalid_token", "no token, or not one of ours", 401) from None
    if kind.lower() != "bearer" or claims.get("exp", 0) < time.time():
        raise oauth_error("invalid_token", "the token has expired", 401)
    if scope not in claims.get("scope", "").split():
        raise oauth_error("insufficient_scope", f"the token lacks {scope}", 403)
    return claims


def _check_time(claims: dict[str, Any], error: str) -> None:
    """iat within ten seconds of now; exp at most 120 seconds after iat (Maskinporten's published limits)."""
    now, issued, expires = time.time(), claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float) or abs(now - issued) > 10:
        raise oauth_error(error, "iat is missing or not within 10 seconds of now")
    if not isinstance(expires, int | float) or not now < expires <= issued + 120:
        raise oauth_error(error, "exp is missing, past, or more than 120 seconds after iat")


def _matches(audience: Any, accepted: tuple[str, ...]) -> bool:
    given = audience if isinstance(audience, list) else [audience]
    return any(one in accepted for one in given)


def _peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims before the signature has been checked, to find whose key to check it with."""
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("not a JWT")
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise ValueError("not a JWT")
    return header, claims


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text).decode()
    except ValueError:
        return ""
