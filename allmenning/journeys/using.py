"""How much of the platform a municipality used: counted in its own database, told to the commons once a day, as figures are.

All services and areas together, so that a bill by use needs nothing about any of them (docs/decisions/use-that-is-billed.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from allmenning.basics import dates
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.figures import actions as commons
from allmenning.commons.figures import queries as commons_queries
from allmenning.commons.figures.models import PublishedUse
from allmenning.tenancy import AREAS, current, use

Measure = PublishedUse.Measure
GIGABYTE = 10**9
FEWEST_HIDDEN = 3  # services: with one or two that nothing is told of, all less the others would tell of them

# What came in, and what is kept, with how many people are behind it: counted as for figures (`figures._OF_A_YEAR`).
_OF_AN_AREA = """
    with known as (
        select c.id, c.received_at, c.owner_key,
               coalesce((select min(each) from unnest(c.named_keys) each), c.owner_key) as named
        from cases_case c
        where c.area = %(area)s and c.received_at < %(until)s)
    select 'cases', count(*), least(count(distinct owner_key), count(distinct named))
    from known where received_at >= %(start)s
    union all
    select 'storage', coalesce(sum(d.size), 0), least(count(distinct k.owner_key), count(distinct k.named))
    from documents_document d join known k on k.id = d.case_id
    where d.created_at < %(until)s
"""

# Staff who read or changed something of a case. Who only logged in has no row anywhere, and is not counted.
_WHO_WORKED = """
    select distinct staff_id from access_logentry
    where area = %(area)s and actor_kind = 'staff' and staff_id is not null and at >= %(start)s and at < %(until)s
"""


@dataclass(frozen=True)
class Counted:
    """One measure: how much, and how many different people are behind it, at least. is_sum: only of what is told by service."""

    value: int
    people: int
    is_sum: bool = False


def publish_use(municipality: str, on: date | None = None) -> None:
    """Tell what was used this year until the end of yesterday; in January last year's too, for what was entered late."""
    today = on or dates.today()
    first = today.replace(month=1, day=1)
    if today.month == 1:
        _publish(municipality, first.replace(year=first.year - 1), first)
    if today > first:
        _publish(municipality, first, today)


def _publish(municipality: str, start: date, until: date) -> None:
    counted = counted_in(municipality, start, until)
    counted[Measure.CASES] = _telling_of_no_few(municipality, start.year, counted[Measure.CASES])
    for measure, found in counted.items():
        commons.publish_use(
            municipality=municipality,
            year=start.year,
            measure=measure,
            value=found.value,
            count=found.people,
            until=until - timedelta(days=1),
            is_sum=found.is_sum,
        )


def counted_in(municipality: str, start: date, until: date) -> dict[str, Counted]:
    """What was used from one day until another, by measure. Exact: for who publishes it, and nobody else."""
    rows: dict[str, list[tuple[int, int]]] = {Measure.CASES: [], Measure.STORAGE: []}
    staff: set[UUID] = set()
    for area in AREAS:
        with use(municipality, area):
            for measure, value, people in _asked(_OF_AN_AREA, start, until):
                rows[measure].append((int(value), people))
            staff |= {id for (id,) in _asked(_WHO_WORKED, start, until)}
    cases, storage = (_together(rows[each]) for each in (Measure.CASES, Measure.STORAGE))
    begun = Counted(-(-storage.value // GIGABYTE), storage.people)
    return {Measure.CASES: cases, Measure.USERS: Counted(len(staff), len(staff)), Measure.STORAGE: begun}


def _asked(statement: str, start: date, until: date) -> list[tuple[Any, ...]]:
    """Of the area at hand."""
    between = {"start": dates.start_of(start), "until": dates.start_of(until)}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**between, "area": current().area})
        return list(cursor.fetchall())


def _together(areas: Sequence[tuple[int, int]]) -> Counted:
    """Of all areas. Nobody can tell whether two areas know the same person: there are at least as many people as in the largest."""
    return Counted(sum(value for value, _ in areas), max(people for _, people in areas))


def _telling_of_no_few(municipality: str, year: int, cases: Counted) -> Counted:
    """All cases; or the sum of what is told by service, where all less that would be of one service or two that are hidden."""
    services = commons_queries.services_with_figures([municipality], str(year))
    told = commons_queries.table(Measure.CASES, [municipality], services, str(year))
    shown = {service for service in services if told.cell(service, municipality).is_shown}
    offered = set(catalogue.offered_by([municipality])[municipality])
    gone = commons_queries.services_told_of(municipality, str(year), Measure.CASES)  # or offered still
    if any(0 < len(each - shown) < FEWEST_HIDDEN for each in (offered, offered | gone)):
        return Counted(int(told.total.value or 0), cases.people if shown else 0, is_sum=True)
    return cases
