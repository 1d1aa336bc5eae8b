"""Telling the commons which services a municipality offers: for the cooperation's page. No personal data.

What is so is in the municipality's own database. The commons get a copy after each change; the hourly job makes it again,
so a change whose copy failed is repaired.
"""

from __future__ import annotations

import logging

from django.db import DatabaseError, transaction

from allmenning.commons.catalogue import actions as catalogue
from allmenning.municipal.profile.models import AdoptedService
from allmenning.tenancy import current, use

log = logging.getLogger(__name__)


def publish_offered(municipality: str) -> bool:
    """Make the commons' copy what the municipality's database says. Returns whether anything was different."""
    with use(municipality, "administration"):
        offered = dict(AdoptedService.objects.filter(active=True).values_list("service", "version"))
    return catalogue.note_offered(municipality, offered)


def publish_after_commit() -> None:
    """Publish once the change at hand is committed. A failure here loses nothing: the hourly job comes."""
    municipality = current().municipality

    def publish() -> None:
        try:
            publish_offered(municipality)
        except DatabaseError:
            log.warning("what %s offers could not be published", municipality, exc_info=True)

    transaction.on_commit(publish)
