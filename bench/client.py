"""A machine that talks to the API as a municipality's own system would: a key of its own, a signed assertion, a token."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from .wire import Answer, Wire

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS = 100
MARGIN = 60  # seconds before a token ends in which it is no longer used


class NoToken(Exception):
    """The server gave no token."""


@dataclass
class Client:
    """One registered client of one municipality. Not to be shared by threads: it has one connection, which no copy has too."""

    url: str
    id: str
    key: ECKey
    token_address: str
    _token: str = field(default="", init=False)
    _until: float = field(default=0.0, init=False)
    _wire: Wire | None = field(default=None, init=False, repr=False)

    @property
    def wire(self) -> Wire:
        if self._wire is None:
            self._wire = Wire(self.url)
        return self._wire

    def token(self) -> str:
        """The token to send along, fetched anew when it is about to end. Raises NoToken, ConnectionLost."""
        if time.monotonic() >= self._until:
            form = f"grant_type={GRANT}&assertion={self.assertion()}"
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = self.wire.request("POST", "/api/v1/token", form.encode(), kind)
            if answer.status != 200:
                raise NoToken(f"{answer.status}: {answer.body[:500].decode(errors='replace')}")
            given = answer.json()
            self._token, self._until = given["access_token"], time.monotonic() + given["expires_in"] - MARGIN
        return self._token

    def assertion(self) -> str:
        """A JWT that says who we are (RFC 7523), signed by our key and good for one use."""
        now = int(time.time())
        claims = {
            "iss": self.id,
            "sub": self.id,
            "aud": self.token_address,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": uuid4().hex,
        }
        return jwt.encode({"alg": "ES256"}, claims, self.key)

    def get(self, path: str) -> Answer:
        return self.wire.request("GET", path, headers=self.headers())

    def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
        kind = {"Content-Type": "application/json"}
        return self.wire.request("POST", path, json.dumps(body).encode(), self.headers() | kind | dict(headers or {}))

    def submit(self, application: Mapping[str, Any], idempotency_key: str) -> Answer:
        """Send an application in. The same key and application again: the same receipt."""
        return self.post("/api/v1/applications", application, {"Idempotency-Key": idempotency_key})

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token()}"}
