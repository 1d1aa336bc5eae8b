"""ID-porten and Ansattporten as OpenID providers: code flow, PKCE, signed id_tokens, and a page to choose who one is.

Follows docs.digdir.no/docs/idporten/oidc (authorize, token, id_token) and docs.digdir.no/docs/ansattporten (RFC 9396).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from joserfc.jwk import RSAKey

from demo.people import world

from .app import Request
from .pages import language_of, matching_people, page
from .state import CLIENTS, Code
from .tokens import client_of, oauth_error, sign

LEVELS = ("idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high")
CODE_SECONDS, TOKEN_SECONDS = 60, 120
TITLES = {"idporten": "ID-porten", "ansattporten": "Ansattporten"}


def issuer(request: Request, portal: str) -> str:
    return f"{request.state.base_url}/{portal}"


def discovery(request: Request, portal: str) -> HttpResponse:
    base = issuer(request, portal)
    facts: dict[str, Any] = {
        "issuer": base,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "jwks_uri": f"{base}/jwks.json",
        "end_session_endpoint": f"{base}/logout",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile"],
        "acr_values_supported": list(LEVELS),
        "ui_locales_supported": ["nb", "nn", "en", "se"],
        "authorization_response_iss_parameter_supported": True,
    }
    if portal == "ansattporten":
        facts["authorization_details_types_supported"] = ["ansattporten:orgno", "ansattporten:altinn:resource"]
    return JsonResponse(facts)


def jwks(request: Request, portal: str) -> HttpResponse:
    return JsonResponse({"keys": [request.state.key.as_dict(private=False)]})


def authorize(request: Request, portal: str) -> HttpResponse:
    """Check the request, let somebody choose who they are, and send them back with a code."""
    ask = {name: request.GET.get(name, "") for name in request.GET}
    client, redirect_uri = ask.get("client_id", ""), ask.get("redirect_uri", "")
    if CLIENTS.get(client) != portal or not request.state.allows_redirect_to(redirect_uri):
        return page(
            request, "refused.html", status=400, portal=TITLES[portal], client=client, redirect_uri=redirect_uri
        )
    if problem := _problem(ask, portal):
        return _back(request, portal, redirect_uri, {"error": problem[0], "error_description": problem[1]}, ask)
    if request.method == "POST" and "cancel" in request.POST:
        return _back(request, portal, redirect_uri, {"error": "access_denied"}, ask)
    person = world().people.get(request.POST.get("person", "")) if request.method == "POST" else None
    if person is None:
        return _choose_person(request, portal, ask)
    parties = _parties(portal, ask, person.number)
    if len(parties) > 1 and not request.POST.get("organisation"):
        return _choose_organisation(request, portal, ask, person.number, parties)
    chosen = [party for party in parties if party["number"] == request.POST.get("organisation")] or parties[:1]
    code = secrets.token_urlsafe(32)
    request.state.forget_codes(older_than=CODE_SECONDS)
    request.state.codes[code] = Code(
        client_id=client,
        redirect_uri=redirect_uri,
        challenge=ask["code_challenge"],
        nonce=ask["nonce"],
        person=person.number,
        acr=max(
            (level for level in ask.get("acr_values", "").split() if level in LEVELS),
            key=LEVELS.index,
            default=LEVELS[1],
        ),
        locale=language_of(request),
        authorization_details=_details(ask, chosen),
    )
    return _back(request, portal, redirect_uri, {"code": code}, ask)


def _problem(ask: dict[str, str], portal: str) -> tuple[str, str] | None:
    if ask.get("response_type") != "code":
        return "unsupported_response_type", "response_type must be code"
    if "openid" not in ask.get("scope", "").split():
        return "invalid_scope", "scope must hold openid"
    if ask.get("code_challenge_method") != "S256" or len(ask.get("code_challenge", "")) != 43:
        return "invalid_request", "PKCE with S256 is required"
    if not ask.get("state") or not ask.get("nonce"):
        return "invalid_request", "state and nonce are required"
    wanted = ask.get("acr_values", "").split()
    if wanted and not set(wanted) & set(LEVELS):
        return "invalid_request", "none of acr_values is known"
    if ask.get("authorization_details") and (portal != "ansattporten" or _asked_details(ask) is None):
        return "invalid_authorization_details", "authorization_details is not understood"
    return None


def _asked_details(ask: dict[str, str]) -> list[dict[str, Any]] | None:
    """What was asked for by RFC 9396; None when it can't be read."""
    try:
        details = json.loads(ask.get("authorization_details") or "[]")
    except ValueError:
        return None
    known = ("ansattporten:orgno", "ansattporten:altinn:resource")
    good = isinstance(details, list) and all(isinstance(one, dict) and one.get("type") in known for one in details)
    return details if good else None


def _parties(portal: str, ask: dict[str, str], number: str) -> list[dict[str, str]]:
    """The organisations that the person may speak for: the employer, or those where they hold a role."""
    details = _asked_details(ask) or []
    if portal != "ansattporten" or not details:
        return []
    if details[0]["type"] == "ansattporten:orgno":
        units = [world().employer(member.municipality) for member in world().employments_of(number)]
    else:
        units = [unit for unit, _code in world().organisations_of(number)]
    return [{"number": unit.number, "name": unit.name} for unit in units]


def _details(ask: dict[str, str], chosen: list[dict[str, str]]) -> list[dict[str, Any]]:
    parties = [
        {"orgno": {"authority": "iso6523-actorid-upis", "ID": f"0192:{party['number']}"}, "name": party["name"]}
        for party in chosen
    ]
    return [{**detail, "authorized_parties": parties} for detail in _asked_details(ask) or []]


def _choose_person(request: Request, portal: str, ask: dict[str, str]) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    hidden = [(name, value) for name, value in ask.items() if name not in ("q", "ui_locales")]
    kind = "staff" if portal == "ansattporten" else "resident"
    characters = [one for one in world().characters.values() if one.kind == kind]
    answer = page(
        request,
        "login.html",
        portal=TITLES[portal],
        kind=kind,
        query=query,
        hidden=hidden,
        characters=[] if query else characters,
        people=matching_people(query, kind, {one.number for one in characters} if not query else set()),
        address=request.get_full_path(),
    )
    return _may_send_to(answer, ask["redirect_uri"])


def _choose_organisation(
    request: Request, portal: str, ask: dict[str, str], person: str, parties: list[dict[str, str]]
) -> HttpResponse:
    answer = page(
        request,
        "organisation.html",
        portal=TITLES[portal],
        person=world().people[person],
        parties=parties,
        address=request.get_full_path(),
    )
    return _may_send_to(answer, ask["redirect_uri"])


def _may_send_to(answer: HttpResponse, redirect_uri: str) -> HttpResponse:
    """Chromium holds form-action against redirects too, so the client's origin must be in the policy of this page."""
    parts = urlsplit(redirect_uri)
    policy = answer["Content-Security-Policy"]
    answer["Content-Security-Policy"] = policy.replace(
        "form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}"
    )
    return answer


def _back(request: Request, portal: str, uri: str, answer: dict[str, str], ask: dict[str, str]) -> HttpResponse:
    answer = {**answer, "state": ask.get("state", ""), "iss": issuer(request, portal)}
    fault = request.state.fault(portal, "other_issuer_parameter", "no_issuer_parameter", "wrong_state")
    if fault and fault.mode == "wrong_state":
        answer["state"] = secrets.token_urlsafe(16)
    elif fault:
        answer.pop("iss")
        answer |= {"iss": "https://attacker.example"} if fault.mode == "other_issuer_parameter" else {}
    return HttpResponseRedirect(uri + ("&" if "?" in uri else "?") + urlencode(answer))


def token(request: Request, portal: str) -> HttpResponse:
    """Exchange a code for an id_token, once, for the client that asked, with the PKCE verifier."""
    base = issuer(request, portal)
    if request.method != "POST" or request.POST.get("grant_type") != "authorization_code":
        raise oauth_error("unsupported_grant_type", "POST with grant_type=authorization_code")
    client = client_of(request, portal, (base, f"{base}/token"))
    code = request.state.codes.pop(request.POST.get("code", ""), None)
    if code is None or code.client_id != client or time.time() - code.made_at > CODE_SECONDS:
        raise oauth_error("invalid_grant", "the code is unknown, used, too old, or another client's")
    verifier = request.POST.get("code_verifier", "")
    challenge = _hashed(verifier, whole=True)
    if not hmac.compare_digest(challenge, code.challenge) or request.POST.get("redirect_uri") != code.redirect_uri:
        raise oauth_error("invalid_grant", "code_verifier or redirect_uri does not match")
    return JsonResponse(_tokens(request, portal, code))


def _tokens(request: Request, portal: str, code: Code) -> dict[str, Any]:
    now, base, person = int(time.time()), issuer(request, portal), world().people[code.person]
    access = sign(
        request.state,
        {"iss": base, "client_id": code.client_id, "exp": now + TOKEN_SECONDS, "jti": secrets.token_hex(16)},
    )
    pairwise = hmac.new(
        str(request.state.key.kid).encode(), f"{code.client_id}|{person.number}".encode(), "sha256"
    ).digest()
    claims: dict[str, Any] = {
        "iss": base,
        "aud": code.client_id,
        "sub": base64.urlsafe_b64encode(pairwise).decode().rstrip("="),
        "pid": person.number,
        "nonce": code.nonce,
        "acr": code.acr,
        "amr": ["TestID"],
        "locale": code.locale,
        "sid": secrets.token_urlsafe(24),
        "auth_time": int(code.made_at),
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "jti": secrets.token_hex(16),
        "at_hash": _hashed(access),
        "name": person.name,
    }
    if code.authorization_details:
        claims["authorization_details"] = code.authorization_details
    fault = request.state.fault(portal, *_TOKEN_FAULTS)
    key = None
    if fault:
        key = RSAKey.generate_key(2048) if fault.mode == "wrong_signature" else None
        claims = _TOKEN_FAULTS[fault.mode](claims)
    return {
        "access_token": access,
        "id_token": sign(request.state, claims, key),
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": "openid profile",
        "authorization_details": code.authorization_details,
    }


_TOKEN_FAULTS = {
    "wrong_nonce": lambda claims: {**claims, "nonce": "another"},
    "no_nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "low_acr": lambda claims: {**claims, "acr": LEVELS[0]},
    "missing_pid": lambda claims: {name: value for name, value in claims.items() if name != "pid"},
    "expired": lambda claims: {**claims, "iat": claims["iat"] - 900, "exp": claims["iat"] - 600},
    "wrong_audience": lambda claims: {**claims, "aud": "another-client"},
    "wrong_issuer": lambda claims: {**claims, "iss": "https://attacker.example"},
    "wrong_at_hash": lambda claims: {**claims, "at_hash": _hashed("another token")},
    "wrong_signature": lambda claims: claims,
}
FAULTS = (*_TOKEN_FAULTS, "other_issuer_parameter", "no_issuer_parameter", "wrong_state")


def logout(request: Request, portal: str) -> HttpResponse:
    """End the session (there is none to end) and send the person back, if that is where they came from."""
    target = request.GET.get("post_logout_redirect_uri", "")
    if not target:
        return page(request, "logged_out.html", portal=TITLES[portal])
    if not request.state.allows_redirect_to(target):
        return page(request, "refused.html", status=400, portal=TITLES[portal], client="", redirect_uri=target)
    state = request.GET.get("state")
    return HttpResponseRedirect(
        target + (("&" if "?" in target else "?") + urlencode({"state": state}) if state else "")
    )


def _hashed(text: str, whole: bool = False) -> str:
    """Base64url of SHA-256: the whole of it for PKCE, the left half for at_hash."""
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest if whole else digest[:16]).decode().rstrip("=")


urlpatterns = [
    path(".well-known/openid-configuration", discovery),
    path("jwks.json", jwks),
    path("authorize", authorize),
    path("token", token),
    path("logout", logout),
]
