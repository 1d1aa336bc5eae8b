"""What another system shows with each request: a sealed token that tells who it is and what it may, for ten minutes.

Like a session's cookie it is read without asking the database, and refused within 30 seconds of the client's withdrawal.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connections, router

from allmenning import vault

from . import sessions
from .models import UsedAssertion

LIFETIME = timedelta(minutes=10)
LONGEST = 4000  # characters
_CONTEXT = "api-token:v1"


@dataclass(frozen=True)
class Client:
    """Another system at work for one municipality. Empty `services`: every service of its areas."""

    municipality: str
    id: UUID
    name: str
    scopes: tuple[str, ...]
    areas: tuple[str, ...]
    services: tuple[str, ...] = ()

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def handles(self, area: str, service: str) -> bool:
        """Whether the client has to do with the cases of a service."""
        return area in self.areas and (not self.services or service in self.services)


def seal_token(client: Client) -> str:
    """A token for the client, good for `LIFETIME` from now."""
    until = int(time.time() + LIFETIME.total_seconds())
    held = [client.municipality, client.id.hex, client.name, client.scopes, client.areas, client.services, until]
    packed = json.dumps(held, separators=(",", ":"), ensure_ascii=False)
    return vault.seal_for_url(vault.COMMONS, vault.COMMONS, _CONTEXT, packed)


def open_token(token: str) -> Client | None:
    """Whose token it is; None when it is nobody's, too old, or its client was withdrawn."""
    if len(token) > LONGEST:
        return None
    try:
        held = json.loads(vault.open_from_url(vault.COMMONS, vault.COMMONS, _CONTEXT, token))
    except (vault.CannotOpen, ValueError):
        return None
    municipality, pk, name, scopes, areas, services, until = held
    client = Client(municipality, UUID(hex=pk), name, tuple(scopes), tuple(areas), tuple(services))
    return None if until < time.time() or sessions.is_revoked(client.id) else client


def use_once(client_id: str, jti: str, until: datetime) -> bool:
    """Note that an assertion was used. False when it was used before, in whichever process."""
    digest = hashlib.sha256(f"{client_id}\0{jti}".encode()).digest()
    # The ORM can't tell who was first in one statement.
    with connections[router.db_for_write(UsedAssertion)].cursor() as cursor:
        cursor.execute(
            "insert into identity_usedassertion (digest, expires_at) values (%s, %s)"
            " on conflict do nothing returning true",
            [digest, until],
        )
        return cursor.fetchone() is not None


def forget_used() -> None:
    """Forget assertions that are too old to be accepted by now."""
    UsedAssertion.objects.filter(expires_at__lt=datetime.now(UTC)).delete()
