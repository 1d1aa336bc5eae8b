"""Publishing figures: called by a journey, from an outbox row of the municipality, as often as it likes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import router, transaction

from allmenning.basics.dates import now

from .errors import ImpossibleFigure
from .models import FEWEST, PublishedFigure


def publish_figure(
    *,
    municipality: str,
    service: str,
    period: str,
    measure: str,
    value: int | float | Decimal,
    count: int,
    as_of: datetime | None = None,
) -> PublishedFigure:
    """Publish a figure about `count` different people (not cases); about fewer than five only that it is so.

    A figure that is shown moves only in steps of five people or more: else the difference between two looks would be
    about fewer, and two medians would tell one person's. An older one (`as_of`) never replaces a newer.
    Raises `ImpossibleFigure`.
    """
    if count < 0 or value < 0:
        raise ImpossibleFigure
    key = {"municipality": municipality, "service": service, "period": period, "measure": measure}
    at = as_of or now()
    shown_value, shown_count = (round(Decimal(str(value)), 1), count) if count >= FEWEST else (None, None)
    with transaction.atomic(using=router.db_for_write(PublishedFigure)):
        first = {"value": shown_value, "count": shown_count, "published_at": at}
        row, is_new = PublishedFigure.objects.select_for_update().get_or_create(**key, defaults=first)
        if not is_new and at >= row.published_at and _is_a_step(row.count, shown_count):
            row.value, row.count, row.published_at = shown_value, shown_count, at
            row.save()
    return row


def _is_a_step(before: int | None, after: int | None) -> bool:
    if before is None or after is None:
        return before != after
    return abs(after - before) >= FEWEST
