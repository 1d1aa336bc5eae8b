"""Publishing figures: called by a journey, from an outbox row of the municipality, as often as it likes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import router, transaction

from allmenning.basics.dates import now
from allmenning.basics.few import FEWEST, whole_fives

from .errors import ImpossibleFigure
from .models import PublishedFigure, PublishedUse


def publish_figure(
    *,
    municipality: str,
    service: str,
    period: str,
    measure: str,
    value: int | float | Decimal,
    count: int,
    version: str = "",
    as_of: datetime | None = None,
) -> PublishedFigure:
    """Publish a figure about `count` different people (not cases); about fewer than five only that it is so.

    Cases and people are told in whole fives, a median in whole days (`basics.few`): no sum or difference
    of what is told is about fewer. A figure that is shown moves only in steps of five people or more: else the difference
    between two looks would be about fewer, and two medians would tell one person's. An older one (`as_of`) never replaces a
    newer. version: of the service, as the municipality offers it. Raises `ImpossibleFigure`.
    """
    if count < 0 or value < 0:
        raise ImpossibleFigure
    key = {"municipality": municipality, "service": service, "period": period, "measure": measure}
    at = as_of or now()
    shown_value = _told(measure, value) if count >= FEWEST else None
    shown_count = whole_fives(count) if count >= FEWEST else None
    with transaction.atomic(using=router.db_for_write(PublishedFigure)):
        first = {"value": shown_value, "count": shown_count, "version": version, "published_at": at}
        row, is_new = PublishedFigure.objects.select_for_update().get_or_create(**key, defaults=first)
        if not is_new and at >= row.published_at and _is_a_step(row.count, count):
            row.value, row.count, row.version, row.published_at = shown_value, shown_count, version, at
            row.save()
    return row


def publish_use(
    *, municipality: str, year: int, measure: str, value: int, count: int, until: date, is_sum: bool = False
) -> PublishedUse:
    """Publish what a municipality used in a year, by `count` different people or more, as `publish_figure` publishes figures.

    value: cases or users, told in whole fives; or gigabytes, told as they are, each time. until: the last day that is counted; what
    was counted until an earlier day never replaces it. is_sum: of figures that are shown, so it tells nothing new and replaces at
    once what was told of all, which may tell of few beside it. Raises `ImpossibleFigure`.
    """
    if count < 0 or value < 0:
        raise ImpossibleFigure
    is_told = count >= FEWEST
    is_storage = measure == PublishedUse.Measure.STORAGE
    told = value if is_storage else whole_fives(value)
    shown_value = told if is_told else None
    shown_count = whole_fives(count) if is_told else None
    first = {"value": shown_value, "count": shown_count, "counted_until": until}
    with transaction.atomic(using=router.db_for_write(PublishedUse)):
        rows = PublishedUse.objects.select_for_update()
        row, is_new = rows.get_or_create(municipality=municipality, year=year, measure=measure, defaults=first)
        if not is_new and until >= row.counted_until:
            is_step = _is_a_step(row.count, count)
            row.count = shown_count if is_step else row.count
            row.value = shown_value if is_step or is_storage or is_sum else row.value
            row.counted_until = until
            row.save()
    return row


def _told(measure: str, value: int | float | Decimal) -> Decimal:
    is_median = measure == PublishedFigure.Measure.MEDIAN_DAYS
    return round(Decimal(str(value)), 0) if is_median else Decimal(whole_fives(value))


def _is_a_step(before: int | None, people: int) -> bool:
    """Whether five people or more are between what is shown and what would be. `before`: in whole fives, so it was about
    as many or up to four more.
    """
    if before is None or people < FEWEST:
        return (before is None) != (people < FEWEST)
    return people - (before + FEWEST - 1) >= FEWEST or before - people >= FEWEST
