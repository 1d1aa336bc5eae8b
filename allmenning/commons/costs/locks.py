"""One at a time: who writes costs of an agreement, or gives a host's bills their numbers, waits for whoever does so now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import router, transaction

from allmenning.tenancy.turns import hold

from .models import PublishedAgreement


@contextmanager
def writing(what: str) -> Iterator[None]:
    """A transaction in the commons that nobody else is in for the same `what`, until it ends."""
    with transaction.atomic(using=router.db_for_write(PublishedAgreement)):
        hold(what)
        yield


def costs_of(agreement: str) -> str:
    """The turn of an agreement: its costs, grants, settlements and corrections."""
    return f"costs of {agreement}"


def bills_of(host: str) -> str:
    """The turn of a host: the numbers of its bills."""
    return f"bills of {host}"
