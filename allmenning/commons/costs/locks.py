"""One at a time: who writes costs of an agreement, or gives a host's bills their numbers, waits for whoever does so now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, router, transaction

from .models import PublishedAgreement

_HOLD = "select pg_advisory_xact_lock(hashtextextended(%s, 7263))"


@contextmanager
def writing(what: str) -> Iterator[None]:
    """A transaction in the commons that nobody else is in for the same `what`, until it ends."""
    database = router.db_for_write(PublishedAgreement)
    with transaction.atomic(using=database):
        hold(what)
        yield


def hold(what: str) -> None:
    """Wait for one's turn, within a transaction that is open: it lasts until that ends."""
    with connections[router.db_for_write(PublishedAgreement)].cursor() as cursor:
        cursor.execute(_HOLD, [what])


def costs_of(agreement: str) -> str:
    """The turn of an agreement: its costs, grants, settlements and corrections."""
    return f"costs of {agreement}"


def bills_of(host: str) -> str:
    """The turn of a host: the numbers of its bills."""
    return f"bills of {host}"
