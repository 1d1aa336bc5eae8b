"""Login with ID-porten (residents) and Ansattporten (staff): an OpenID Connect client for both.

docs.digdir.no/docs/idporten/oidc and docs.digdir.no/docs/ansattporten. The cryptography and the checks of the
id_token's claims are joserfc's and Authlib's; what they leave to the client (state, iss of the answer, level, pid) is
here.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from allmenning.basics.identifiers import InvalidIdentifier, NationalIdentityNumber
from allmenning.connections.http import Http, Unreachable

from .errors import (
    LoginAbandoned,
    LoginAnswerWrong,
    LoginExpired,
    LoginFailed,
    LoginHasNoNumber,
    LoginLevelTooLow,
    LoginRefused,
    LoginTokenWrong,
    LoginUnavailable,
)

__all__ = [
    "Claims",
    "Client",
    "LoginAbandoned",
    "LoginAnswerWrong",
    "LoginExpired",
    "LoginFailed",
    "LoginHasNoNumber",
    "LoginLevelTooLow",
    "LoginRefused",
    "LoginTokenWrong",
    "LoginUnavailable",
]

LEVELS = ("idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high")
SUBSTANTIAL, HIGH = LEVELS[1], LEVELS[2]
PENDING_SECONDS = 30 * 60
METADATA_SECONDS = 3600
LEEWAY_SECONDS = 10
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Claims:
    """Who has logged in. `pid` is the national identity number; `org` the organisation number that they speak for."""

    pid: str
    sub: str
    acr: str
    id_token: str
    sid: str = ""
    name: str = ""
    org: str | None = None
    org_name: str = ""
    locale: str = ""
    auth_time: int = 0


class Client:
    """One client at one issuer. Safe to share between threads; what belongs to one login is in `pending`.

    Config: `issuer`, `client_id`, `private_key` (a JWK with `kid`, as a mapping), `hosts` (origins besides the
    issuer's that its endpoints may be on, as "https://login.idporten.no"), `authorization_details` (RFC 9396 type
    to ask for, at Ansattporten), `allow_synthetic` (default False), `timeout`.
    """

    def __init__(self, config: Mapping[str, Any], *, transport: httpx.BaseTransport | None = None) -> None:
        self.issuer, self.client_id = config["issuer"], config["client_id"]
        self._key = RSAKey.import_key(dict(config["private_key"]))
        self._details = config.get("authorization_details")
        self._allow_synthetic = config.get("allow_synthetic", False)
        self._http = Http(
            self.issuer, hosts=config.get("hosts", ()), transport=transport, timeout=config.get("timeout")
        )
        self._lock = threading.Lock()
        self._metadata: tuple[float, dict[str, Any]] = (0.0, {})
        self._keys: KeySet | None = None

    def start(self, redirect_uri: str, language: str = "nb", level: str = SUBSTANTIAL) -> tuple[str, dict[str, Any]]:
        """The address to send the browser to, and what to keep (sealed) in its session until it is back.

        Raises LoginUnavailable.
        """
        verifier, state, nonce = (secrets.token_urlsafe(48) for _ in range(3))
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "acr_values": level,
            "ui_locales": language,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        if self._details:
            query["authorization_details"] = json.dumps([{"type": self._details}], separators=(",", ":"))
        pending = {
            "issuer": self.issuer,
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "redirect_uri": redirect_uri,
            "level": level,
            "at": int(time.time()),
        }
        return f"{self._facts()['authorization_endpoint']}?{urlencode(query)}", pending

    def finish(self, query: Mapping[str, str], pending: Mapping[str, Any] | None) -> Claims:
        """Who logged in, from the query that the browser came back with. Use `pending` once: drop it before calling.

        Raises a subclass of LoginFailed.
        """
        if not pending or time.time() - pending["at"] > PENDING_SECONDS:
            raise LoginExpired
        self._check_answer(query, pending)
        body = self._exchange(query["code"], pending)
        claims = self._verified(body, pending)
        return self._who(claims, body["id_token"], pending["level"])

    def logout_url(self, id_token: str, post_logout_redirect_uri: str, state: str = "") -> str:
        """Where to send the browser to end the session at the issuer too. Raises LoginUnavailable."""
        query = {"id_token_hint": id_token, "post_logout_redirect_uri": post_logout_redirect_uri}
        query |= {"state": state} if state else {}
        return f"{self._facts()['end_session_endpoint']}?{urlencode(query)}"

    def _check_answer(self, query: Mapping[str, str], pending: Mapping[str, Any]) -> None:
        """State, then iss (RFC 9207: an answer from another issuer must never reach our token endpoint), then error."""
        if not hmac.compare_digest(query.get("state", "").encode(), pending["state"].encode()):
            raise LoginAnswerWrong("state")
        must_name_issuer = self._facts().get("authorization_response_iss_parameter_supported", False)
        issuer = query.get("iss", "")
        if pending["issuer"] != self.issuer or ((must_name_issuer or issuer) and issuer != self.issuer):
            raise LoginAnswerWrong("iss")
        if error := query.get("error"):
            raise LoginAbandoned if error in ("access_denied", "login_required") else LoginRefused(error[:60])
        if not query.get("code"):
            raise LoginAnswerWrong("code")

    def _exchange(self, code: str, pending: Mapping[str, Any]) -> dict[str, Any]:
        facts = self._facts()
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": code,
            "redirect_uri": pending["redirect_uri"],
            "code_verifier": pending["verifier"],
            "client_assertion_type": ASSERTION,
            "client_assertion": self._assertion(),
        }
        try:
            answer = self._http.post(facts["token_endpoint"], data=form)
            body = answer.json()
        except Unreachable as failure:
            raise LoginUnavailable(str(failure)) from failure
        if answer.status != 200 or not isinstance(body, dict) or not body.get("id_token"):
            error = body.get("error", "") if isinstance(body, dict) else ""
            raise LoginExpired(error) if error == "invalid_grant" else LoginRefused(error or f"status {answer.status}")
        return body

    def _assertion(self) -> str:
        now = int(time.time())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.issuer, "iat": now, "exp": now + 60}
        header = {"alg": "RS256", "kid": self._key.kid}
        return jwt.encode(header, {**claims, "jti": secrets.token_urlsafe(24)}, self._key)

    def _verified(self, body: Mapping[str, Any], pending: Mapping[str, Any]) -> dict[str, Any]:
        """The id_token's claims when signature, iss, aud, azp, exp, iat, nonce and at_hash are all right."""
        try:
            token = self._decoded(body["id_token"])
            wanted = {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self.client_id},
            }
            known = {"nonce": pending["nonce"], "client_id": self.client_id, "access_token": body.get("access_token")}
            CodeIDToken(token.claims, token.header, wanted, known).validate(leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError) as failure:
            raise LoginTokenWrong(f"{type(failure).__name__} {getattr(failure, 'claim', '')}".strip()) from failure
        return token.claims

    def _decoded(self, id_token: str) -> jwt.Token:
        try:
            return jwt.decode(id_token, self._key_set(), algorithms=["RS256"])
        except (JoseError, ValueError):
            # The issuer may have new keys: ask once more, but let nobody make us ask for each bad token.
            if time.monotonic() - self._metadata[0] < 60:
                raise
            self._metadata = (0.0, {})
            return jwt.decode(id_token, self._key_set(), algorithms=["RS256"])

    def _who(self, claims: Mapping[str, Any], id_token: str, level: str) -> Claims:
        if claims.get("acr") not in LEVELS[LEVELS.index(level) :]:
            raise LoginLevelTooLow
        try:
            number = NationalIdentityNumber.parse(str(claims["pid"]))
        except (KeyError, InvalidIdentifier):
            raise LoginHasNoNumber from None
        if number.is_synthetic and not self._allow_synthetic:
            raise LoginTokenWrong("a synthetic number")
        org, org_name = _organisation(claims.get("authorization_details"))
        name = claims.get("name") or f"{claims.get('given_name', '')} {claims.get('family_name', '')}".strip()
        return Claims(
            pid=number.value,
            sub=claims["sub"],
            acr=claims["acr"],
            id_token=id_token,
            sid=claims.get("sid", ""),
            name=name,
            org=org,
            org_name=org_name,
            locale=claims.get("locale", ""),
            auth_time=int(claims.get("auth_time", 0)),
        )

    def _facts(self) -> dict[str, Any]:
        """The issuer's metadata, read again each hour; its keys with it."""
        with self._lock:
            read_at, facts = self._metadata
            if facts and time.monotonic() - read_at < METADATA_SECONDS:
                return facts
            try:
                facts = self._http.get(f"{self.issuer}/.well-known/openid-configuration").json()
                if not isinstance(facts, dict) or facts.get("issuer") != self.issuer:
                    raise LoginUnavailable("the metadata is another issuer's")
                self._keys = KeySet.import_key_set(self._http.get(facts["jwks_uri"]).json())
            except (Unreachable, KeyError, JoseError, ValueError) as failure:
                raise LoginUnavailable(str(failure)) from failure
            self._metadata = (time.monotonic(), facts)
            return facts

    def _key_set(self) -> KeySet:
        self._facts()
        assert self._keys is not None
        return self._keys


def _organisation(details: Any) -> tuple[str | None, str]:
    """The organisation number and name from authorization_details (RFC 9396, Ansattporten's authorized_parties)."""
    for detail in details if isinstance(details, list) else []:
        for party in detail.get("authorized_parties") or []:
            number = str(party.get("orgno", {}).get("ID", "")).removeprefix("0192:")
            if number:
                return number, str(party.get("name", ""))
    return None, ""
