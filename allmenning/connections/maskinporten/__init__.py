"""Maskinporten: access tokens for machines. docs.digdir.no/docs/Maskinporten/maskinporten_protocol_jwtgrant."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from allmenning.connections.http import Http, Unreachable

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANT_SECONDS = 60  # at most 120 by the publisher's rule
SPARE_SECONDS = 30  # a token is renewed this long before it ends


class Maskinporten:
    """Gives tokens, and keeps each until shortly before it ends.

    Config: `issuer` (with its slash), `client_id`, `private_key` (a JWK with `kid`, as a mapping), `organisations`
    (municipality id -> organisation number, for calls on a municipality's behalf), `token_endpoint` (default issuer +
    "token"), `hosts`, `timeout`.
    """

    def __init__(self, config: Mapping[str, Any], *, transport: httpx.BaseTransport | None = None) -> None:
        self._issuer, self._client_id = config["issuer"], config["client_id"]
        self._key = RSAKey.import_key(dict(config["private_key"]))
        self._organisations = config.get("organisations", {})
        self._endpoint = config.get("token_endpoint") or f"{self._issuer.rstrip('/')}/token"
        self._http = Http(
            self._issuer, hosts=config.get("hosts", ()), transport=transport, timeout=config.get("timeout")
        )
        self._kept: dict[tuple[str, str | None], tuple[float, str]] = {}
        self._lock = threading.Lock()

    def token(self, scope: str, *, municipality: str | None = None) -> str:
        """A token for `scope`, on behalf of a municipality if one is named.

        Raises Unreachable, also when the client, its key, the scope or the delegation is refused: the reason is in it.
        """
        wanted = (scope, municipality)
        with self._lock:
            expires, token = self._kept.get(wanted, (0.0, ""))
            if expires - SPARE_SECONDS < time.monotonic():
                expires, token = self._ask(scope, municipality)
                self._kept[wanted] = (expires, token)
        return token

    def _ask(self, scope: str, municipality: str | None) -> tuple[float, str]:
        form = {"grant_type": GRANT, "assertion": self._assertion(scope, municipality)}
        answer = self._http.post(self._endpoint, data=form)
        body = answer.json()
        if answer.status != 200:
            raise Unreachable(f"Maskinporten refused: {body.get('error', answer.status)}")
        return time.monotonic() + float(body["expires_in"]), body["access_token"]

    def _assertion(self, scope: str, municipality: str | None) -> str:
        now = int(time.time())
        claims = {
            "aud": self._issuer,
            "iss": self._client_id,
            "scope": scope,
            "iat": now,
            "exp": now + GRANT_SECONDS,
            "jti": secrets.token_urlsafe(24),
        }
        if municipality is not None:
            if municipality not in self._organisations:
                raise Unreachable(f"Maskinporten has no organisation number for {municipality}")
            claims["consumer_org"] = self._organisations[municipality]
        return jwt.encode({"alg": "RS256", "kid": self._key.kid}, claims, self._key)
