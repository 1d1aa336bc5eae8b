"""One at a time in the commons: who writes something waits for whoever writes the same now."""

from __future__ import annotations

from django.db import connections

from .routing import COMMONS

_HOLD = "select pg_advisory_xact_lock(hashtextextended(%s, 7263))"


def hold(what: str) -> None:
    """Wait for one's turn, within a transaction that is open: it lasts until that ends."""
    with connections[COMMONS].cursor() as cursor:
        cursor.execute(_HOLD, [what])
