"""A municipality's own figures: made in its database without personal data, published to the commons once an hour.

The commons never learn a figure about fewer than five people (see docs/decisions/figures-about-few.md). What each is a
measure of: docs/measured-benefits.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import NamedTuple

from django.db import connection

from allmenning.basics import dates
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.errors import UnknownService
from allmenning.commons.figures import actions as commons
from allmenning.commons.figures import queries as commons_queries
from allmenning.tenancy import AREAS, current, use

# What happened in a year, by service and measure: how many, and of how many people. A person is counted as one who sent and as
# one whom the case names, and the fewer holds: five reports of one child are about one. A case without a known applicant counts
# as a person of its own. A form is what somebody sent, once: neither the cases that are opened from it, nor one that came from
# another municipality with its form. A letter would have been posted: a question and a preliminary reply too, and not the word
# that somebody opened the case in an emergency, which no paper would have told. The whole is published and one part of it, never
# both parts: else the whole less the one would tell of the other that it is somebody, and fewer than five.
_OF_A_YEAR = """
    with known as (
        select c.id, c.service, c.owner_key, c.received_at, c.decided_at, c.automatic,
               coalesce((select min(each) from unnest(c.named_keys) each), c.owner_key) as named,
               c.received_at >= %(start)s and c.received_at < %(until)s as is_received,
               coalesce(c.decided_at >= %(start)s and c.decided_at < %(until)s, false) as is_decided
        from cases_case c
        where c.area = %(area)s),
    sent as (
        select k.*, s.channel in ('portal', 'api') as is_digital
        from known k join forms_submission s on s.case_id = k.id
        where k.is_received and not exists (
            select from cases_transfer t where t.case_id = k.id and t.direction = 'in')),
    written as (
        select k.*, not exists (
            select from post_delivery d where d.message_id = m.id and d.channel = 'print') as is_digital
        from post_message m join known k on k.id = m.case_id
        where m.direction = 'out' and m.kind in ('letter', 'question', 'preliminary-reply')
          and m.sent_at >= %(start)s and m.sent_at < %(until)s
          and exists (select from post_delivery d where d.message_id = m.id and d.channel in ('portal', 'print'))),
    told as (
        select service, 'cases' as measure, owner_key, named from known where is_received
        union all select service, 'decided', owner_key, named from known where is_decided
        union all select service, 'automatic', owner_key, named from known where is_decided and automatic
        union all select service, 'incomplete', owner_key, named from known k where is_decided and exists (
            select from post_message m
            where m.case_id = k.id and m.kind = 'question' and m.direction = 'out' and m.sent_at <= k.decided_at)
        union all select service, 'forms', owner_key, named from sent
        union all select service, 'digital', owner_key, named from sent where is_digital
        union all select service, 'letters', owner_key, named from written
        union all select service, 'letters-digital', owner_key, named from written where is_digital)
    select service, measure, count(*)::float, least(count(distinct owner_key), count(distinct named))
    from told group by service, measure
    union all
    select service, 'median-days',
           percentile_cont(0.5) within group (order by extract(epoch from decided_at - received_at) / 86400.0),
           least(count(distinct owner_key), count(distinct named))
    from known where is_decided group by service
"""


class Measured(NamedTuple):
    """One measure of one service in a year, as the municipality's own database has it."""

    service: str
    measure: str
    value: float
    people: int


def publish_figures(municipality: str, on: date | None = None) -> int:
    """Publish this year's figures of every service in every area; in January last year's too, for what came in its last hour.
    Returns how many services had any this year.
    """
    day = on or dates.today()
    versions = catalogue.offered_by([municipality])[municipality]
    for year in [day.year - 1] if day.month == 1 else []:
        _publish_year(municipality, year, versions)
    return _publish_year(municipality, day.year, versions)


def _publish_year(municipality: str, year: int, versions: Mapping[str, str]) -> int:
    found: list[Measured] = []
    for area in AREAS:
        with use(municipality, area):
            found += measured(year)
    told = {(each.service, each.measure) for each in found}
    gone = sorted(
        commons_queries.shown(municipality, str(year)) - told
    )  # decided no more, as when a decision is taken back
    for each in [*found, *(Measured(*pair, 0, 0) for pair in gone)]:
        _publish(municipality, year, each, versions)
    return len({each.service for each in found})


def measured(year: int) -> list[Measured]:
    """What the database at hand has of a year, in the area at hand. Exact: for who publishes it, and nobody else."""
    start, until = (dates.start_of(date(each, 1, 1)) for each in (year, year + 1))
    with connection.cursor() as cursor:
        cursor.execute(_OF_A_YEAR, {"start": start, "until": until, "area": current().area})
        return [Measured(*row) for row in cursor.fetchall()]


def _publish(municipality: str, year: int, each: Measured, versions: Mapping[str, str]) -> None:
    publish = partial(commons.publish_figure, municipality=municipality, service=each.service, period=str(year))
    version = versions.get(each.service) or _newest(each.service)
    publish(measure=each.measure, value=round(each.value, 1), count=each.people, version=version)


def _newest(service: str) -> str:
    """The version that is published, of a service that is no longer offered; empty where it is published no more."""
    try:
        return catalogue.published(service).version
    except UnknownService:
        return ""
