"""Maskinporten's token endpoint: a signed grant for a token of ten minutes.

Follows docs.digdir.no/docs/Maskinporten/maskinporten_protocol_jwtgrant and …_protocol_token.
"""

from __future__ import annotations

import secrets
import time

from django.http import HttpResponse, JsonResponse
from django.urls import path

from demo.people import world

from .app import Request
from .tokens import assertion_claims, oauth_error, sign

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_SECONDS = 599
SCOPES = {
    "ks:fiks",
    "krr:global/kontaktinformasjon.read",
    "skatteetaten:summertskattegrunnlag",
    "altinn:accessmanagement/authorizedparties.resourceowner",
    "brreg:enhetsregisteret/roller.read",
    "sandbox:husbanken",
    "sandbox:sms",
}


def metadata(request: Request) -> HttpResponse:
    base = f"{request.state.base_url}/maskinporten/"
    return JsonResponse(
        {
            "issuer": base,
            "token_endpoint": f"{base}token",
            "jwks_uri": f"{base}jwk",
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "grant_types_supported": [GRANT],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        }
    )


def jwk(request: Request) -> HttpResponse:
    return JsonResponse({"keys": [request.state.key.as_dict(private=False)]})


def token(request: Request) -> HttpResponse:
    if request.method != "POST" or request.POST.get("grant_type") != GRANT:
        raise oauth_error("unsupported_grant_type", f"POST with grant_type={GRANT}")
    issuer = f"{request.state.base_url}/maskinporten/"
    claims = assertion_claims(request.state, request.POST.get("assertion", ""), "maskinporten", "invalid_grant")
    if claims.get("aud") != issuer:
        raise oauth_error("invalid_grant", "aud must be this issuer")
    asked = set(claims.get("scope", "").split())
    if not asked or not asked <= SCOPES:
        raise oauth_error("invalid_scope", "scope is missing, or not granted to this client")
    consumer = claims.get("consumer_org") or world().employer("kristiansund").number
    if consumer not in world().organisations:
        raise oauth_error("invalid_grant", "consumer_org has not delegated to this client")
    now = int(time.time())
    made = {
        "iss": issuer,
        "client_id": claims["iss"],
        "scope": " ".join(sorted(asked)),
        "consumer": _party(consumer),
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "jti": secrets.token_urlsafe(24),
    }
    if "consumer_org" in claims:
        made["supplier"] = _party(world().employer("kristiansund").number)
    if "resource" in claims:
        made["aud"] = claims["resource"]
    answer = {"access_token": sign(request.state, made), "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
    return JsonResponse({**answer, "scope": made["scope"]})


def _party(number: str) -> dict[str, str]:
    return {"authority": "iso6523-actorid-upis", "ID": f"0192:{number}"}


urlpatterns = [
    path(".well-known/oauth-authorization-server", metadata),
    path("jwk", jwk),
    path("token", token),
]
