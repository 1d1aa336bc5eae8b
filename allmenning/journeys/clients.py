"""Other systems of one municipality: an administrator lets them in and out, and they log in with a signed JWT (RFC 7523)."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError

from allmenning.basics import dates
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.identity import client_tokens, sessions
from allmenning.commons.identity.client_tokens import Client
from allmenning.municipal.access import clients
from allmenning.municipal.access.errors import NoSuchClient, ScopeMissing, UnknownScope
from allmenning.municipal.access.models import ApiClient
from allmenning.tenancy import AREAS, current, use
from allmenning.tenancy.errors import NotPlaced

from .administering import Administrator, change_row, save_row
from .errors import AssertionRefused

LONGEST_ASSERTION = 10_000  # characters
LONGEST_LIFE = 120  # seconds that an assertion may still have to live
CLOCKS_DIFFER_BY = 10  # seconds


def token_address() -> str:
    """The address of tokens: what an assertion must name as its audience."""
    return f"{settings.PORTAL_URL}api/v1/token"


def add(
    by: Administrator,
    *,
    name: str,
    key: Mapping[str, Any] | str,
    scopes: Collection[str],
    areas: Collection[str] = ("ordinary",),
    services: Collection[str] = (),
) -> ApiClient:
    """Let another system use the API, as the login `administration`.

    Args:
        key: its public key as a JWK, or as PEM.
        services: ids of those whose cases it has to do with; empty for every service of its areas.

    Raises UnusableKey, ScopeMissing, UnknownScope, NotValid, UnsafeText.
    """
    if not scopes:
        raise ScopeMissing()
    published = [each.id for each in catalogue.published_services()]
    wrong = [
        *clients.unknown(scopes, clients.SCOPES),
        *clients.unknown(areas, AREAS),
        *clients.unknown(services, published),
    ]
    if wrong:
        raise UnknownScope(name=clean_text(wrong[0])[:60])
    client = ApiClient(
        name=clean_text(name).strip(),
        public_key=clients.public_key(key),
        scopes=sorted(scopes),
        areas=sorted(areas),
        services=sorted(services),
    )
    return save_row(by, "add-api-client", client)


def withdraw(by: Administrator, pk: UUID) -> ApiClient:
    """Let a system in no more: no new token from now on, and the ones it has are refused within 30 seconds.

    Raises NoSuchClient.
    """
    with transaction.atomic():
        client = ApiClient.objects.select_for_update().filter(id=pk, withdrawn_at=None).first()
        if client is None:
            raise NoSuchClient()
        # First what can't be taken back by the transaction: a client that is refused and listed is mended by trying again.
        sessions.revoke(client.id)
        return change_row(by, "withdraw-api-client", client, {"withdrawn_at": dates.now()})


def all_clients() -> list[ApiClient]:
    """Every system that was ever let in, those that are in first."""
    return sorted(ApiClient.objects.order_by("name", "added_at"), key=lambda client: client.withdrawn_at is not None)


def log_in(assertion: str, wanted: Sequence[str] | None = None) -> tuple[Client, str]:
    """Who an assertion proves somebody to be, and a token for them.

    Args:
        wanted: the scopes to ask for; None for all that the client has.

    Raises AssertionRefused (`reason` says why, for the log and the developer), UnknownScope.
    """
    if len(assertion) > LONGEST_ASSERTION:
        raise AssertionRefused(reason=_("it is too long"))
    name = _named(assertion)
    parts = clients.parts_of(name)
    client = _registered(*parts) if parts else None
    if client is None:
        raise AssertionRefused(reason=_("its issuer is no client here"))
    claims = _verified(assertion, client)
    until = _checked(claims, name)
    acting = _acting(parts[0], client, wanted)  # type: ignore[index]
    if not client_tokens.use_once(name, claims["jti"], datetime.fromtimestamp(until + CLOCKS_DIFFER_BY, UTC)):
        raise AssertionRefused(reason=_("it was used before (jti)"))
    return acting, client_tokens.seal_token(acting)


def _named(assertion: str) -> str:
    """Who an assertion says that it is from; nothing is believed yet."""
    try:
        claims = json.loads(jws.extract_compact(assertion.encode()).payload)
    except (JoseError, ValueError, RecursionError):
        raise AssertionRefused(reason=_("it is no signed JWT")) from None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else ""


def _registered(municipality: str, pk: UUID) -> ApiClient | None:
    try:
        with use(municipality, "ordinary"):
            return ApiClient.objects.filter(id=pk, withdrawn_at=None).first()
    except (NotPlaced, ValueError):
        return None


def _verified(assertion: str, client: ApiClient) -> dict[str, Any]:
    algorithm = clients.algorithm_of(client.public_key)
    try:
        return dict(jwt.decode(assertion, jwk.import_key(client.public_key), algorithms=[str(algorithm)]).claims)
    except (JoseError, ValueError):
        raise AssertionRefused(
            reason=_("it is not signed by the client's key with %(algorithm)s") % {"algorithm": algorithm}
        ) from None


def _checked(claims: Mapping[str, Any], name: str) -> int:
    """What must stand in an assertion; returns until when it is good. Raises AssertionRefused."""
    now, until, jti = time.time(), _time(claims.get("exp")), claims.get("jti")
    audience = claims.get("aud")
    if claims.get("sub") != name:
        raise AssertionRefused(reason=_("sub must be the client id, as iss is"))
    if audience not in (token_address(), [token_address()]):
        raise AssertionRefused(reason=_("aud must be %(address)s") % {"address": token_address()})
    if until is None or until < now - CLOCKS_DIFFER_BY:
        raise AssertionRefused(reason=_("it has run out, or has no exp"))
    if until > now + LONGEST_LIFE + CLOCKS_DIFFER_BY:
        raise AssertionRefused(reason=_("exp is more than %(most)s seconds ahead") % {"most": LONGEST_LIFE})
    for begins in ("nbf", "iat"):
        if begins in claims and (_time(claims[begins]) or math.inf) > now + CLOCKS_DIFFER_BY:
            raise AssertionRefused(reason=_("%(claim)s is ahead of the time") % {"claim": begins})
    if not isinstance(jti, str) or not 8 <= len(jti) <= 200:
        raise AssertionRefused(reason=_("jti must be 8 to 200 characters"))
    return int(until)


def _time(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and 0 < value < 2**40 else None


def _acting(municipality: str, client: ApiClient, wanted: Sequence[str] | None) -> Client:
    for scope in wanted or ():
        if scope not in client.scopes:
            raise UnknownScope(name=scope[:60])
    scopes = client.scopes if wanted is None else [scope for scope in client.scopes if scope in wanted]
    return Client(municipality, client.id, client.name, tuple(scopes), tuple(client.areas), tuple(client.services))


def id_of(client: ApiClient) -> str:
    """The id by which a client of the chosen municipality is named outside."""
    return clients.client_id(current().municipality, client.id)


def parts_of(client_id: str) -> tuple[str, UUID]:
    """The municipality and the row of a client id. Raises NoSuchClient for what is none."""
    parts = clients.parts_of(client_id)
    if parts is None:
        raise NoSuchClient()
    return parts
