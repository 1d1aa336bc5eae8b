"""A municipality's own figures: made in its database without personal data, published to the commons once an hour.

The commons never learn a figure about fewer than five people (see docs/decisions/figures-about-few.md).
"""

from __future__ import annotations

from datetime import date
from functools import partial

from django.db import connection

from allmenning.basics import dates
from allmenning.commons.figures import actions as commons
from allmenning.tenancy import AREAS, current, use

# For each service: cases and people this year, and of the decided ones the number, the people and the median days.
# A case without a known applicant counts as a person of its own.
_OF_THE_YEAR = """
    select service,
           count(*) filter (where received_at >= %(start)s),
           count(distinct owner_key) filter (where received_at >= %(start)s),
           count(*) filter (where decided_at >= %(start)s),
           count(distinct owner_key) filter (where decided_at >= %(start)s),
           percentile_cont(0.5) within group (order by extract(epoch from decided_at - received_at) / 86400.0)
               filter (where decided_at >= %(start)s)
    from cases_case
    where area = %(area)s and (received_at >= %(start)s or decided_at >= %(start)s)
    group by service
"""


def publish_figures(municipality: str, on: date | None = None) -> int:
    """Publish this year's figures of every service in every area. Returns how many services had any."""
    day, services = on or dates.today(), 0
    for area in AREAS:
        with use(municipality, area):
            rows = _measured(date(day.year, 1, 1))
        for row in rows:
            _publish(municipality, day.year, *row)
        services += len(rows)
    return services


def _measured(start: date) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(_OF_THE_YEAR, {"start": start, "area": current().area})
        return cursor.fetchall()


def _publish(
    municipality: str,
    year: int,
    service: str,
    cases: int,
    people: int,
    decided: int,
    of_people: int,
    median: float | None,
) -> None:
    publish = partial(commons.publish_figure, municipality=municipality, service=service, period=str(year))
    publish(measure="cases", value=cases, count=people)
    publish(measure="decided", value=decided, count=of_people)
    if median is not None:
        publish(measure="median-days", value=round(median, 1), count=of_people)
