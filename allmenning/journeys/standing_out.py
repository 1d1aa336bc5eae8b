"""What stands out of what was read: found each night, from the log, for leaders to look into (`reviewing`).

What stands out by numbers is in `unusual_reading`: the same few statements for each area, however much was read. Where an
applicant lives is in what registers said when the case was sent, sealed: so the cases that were read by staff whose own street
is known are opened, `AT_ONCE` together, by the platform and logged as that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet

from allmenning.basics import dates
from allmenning.basics.identifiers import first_uuid7, uuid7
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.access.log_actions import NOT_GIVEN, REFUSED
from allmenning.municipal.access.models import LogEntry, NearOne, Position, Review, StaffMember
from allmenning.municipal.access.resident_log import LEFT_OUT
from allmenning.municipal.cases.models import Case
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.tenancy import AREAS, use

from . import unusual_reading
from .concerned import address_key, addresses_in, street_key

PURPOSE = "review"
MOST_ENTRIES = 50  # rows that were left out, shown to who reviews it
AT_ONCE = 200  # cases that are opened together
LOOKS_BACK = timedelta(days=2)  # at readings by neighbours: a night may fail


def find(municipality: str) -> int:
    """Look through what was read in every area of a municipality lately. Returns how many new findings there are.

    An area that can't be looked through keeps no other waiting: all are, and then ExceptionGroup says what failed.
    """
    with use(municipality, "administration"):
        left = unusual_reading.who_left(dates.today())
    found, failures = 0, list[Exception]()
    for area in AREAS:
        try:
            found += _find_in(municipality, area, left)
        except Exception as error:
            failures.append(error)
    if failures:
        raise ExceptionGroup("an area could not be looked through", failures)
    with use(municipality, "administration"):
        unusual_reading.note_looked_through(left)
    return found


def _find_in(municipality: str, area: str, left: Mapping[UUID, date]) -> int:
    with use(municipality, area):
        found = [*_by_numbers(area, left), *_neighbours(area), *_left_out(area)]
        before = Review.objects.count() if found else 0
        Review.objects.bulk_create(found, ignore_conflicts=True)
        return Review.objects.count() - before if found else 0


def _by_numbers(area: str, left: Mapping[UUID, date]) -> list[Review]:
    found = unusual_reading.stands_out(area, left)
    units = _units_of({each.staff_id for each in found}, area) if found else {}
    return [Review(id=uuid7(), area=area, unit_id=units.get(each.staff_id), **asdict(each)) for each in found]


def _units_of(staff_ids: Collection[UUID], area: str) -> dict[UUID, UUID | None]:
    """The unit of the area in which each of these works, or last did."""
    held = Position.objects.filter(staff__in=staff_ids, unit__area=area).order_by("start", "-id")
    return dict(held.values_list("staff_id", "unit_id"))


def _neighbours(area: str) -> list[Review]:
    """Findings of readings by somebody who lives in the applicant's street or house, each once for a person and a case."""
    by_staff = _lately(area).filter(actor_kind="staff", case_id__isnull=False).exclude(action__in=(REFUSED, NOT_GIVEN))
    readers: dict[UUID, set[UUID]] = defaultdict(set)
    for case_id, staff_id in by_staff.values_list("case_id", "staff_id").distinct():
        if case_id and staff_id:
            readers[case_id].add(staff_id)
    lives = _where_they_live({each for several in readers.values() for each in several})
    of_interest = sorted(case_id for case_id, several in readers.items() if several & lives.keys())
    names = dict(StaffMember.objects.filter(id__in=lives).values_list("id", "name")) if of_interest else {}
    found: list[Review] = []
    for first in range(0, len(of_interest), AT_ONCE):
        some = of_interest[first : first + AT_ONCE]
        access.log_list(SYSTEM, area=area, purpose=PURPOSE, shown=some, field_kinds=["address"])
        for case, here in _homes_of(some):
            for staff_id in sorted(readers[case.id] & lives.keys()):
                if lives[staff_id] & here:
                    found.append(_neighbour(case, staff_id, names.get(staff_id, "")))
    return found


def _lately(area: str) -> QuerySet[LogEntry]:
    since = dates.now() - LOOKS_BACK
    return LogEntry.objects.filter(id__gte=first_uuid7(since - timedelta(days=1)), at__gte=since, area=area)


def _left_out(area: str) -> list[Review]:
    """What residents' own logs left out lately: a finding for each case, its rules and month."""
    latest = {_about(row): row for row in _lately(area).filter(action=LEFT_OUT).order_by("at")}
    units = dict(Case.objects.filter(id__in=[row.case_id for row in latest.values()]).values_list("id", "unit_id"))
    return [
        Review(
            id=uuid7(),
            area=area,
            kind=Review.Kind.LEFT_OUT,
            about=about,
            unit_id=units.get(row.case_id) if row.case_id else None,
            case_id=row.case_id,
            facts={"rules": row.field_kinds, "entries": [str(each) for each in row.shown_ids[:MOST_ENTRIES]]},
        )
        for about, row in latest.items()
    ]


def _about(row: LogEntry) -> str:
    return f"{row.case_id}:{','.join(row.field_kinds)}:{row.at:%Y-%m}"[:120]


def _where_they_live(staff_ids: Iterable[UUID]) -> dict[UUID, set[bytes]]:
    """The keys of the streets and addresses of staff, where those are known."""
    lives: dict[UUID, set[bytes]] = defaultdict(set)
    kinds = [NearOne.Kind.STREET, NearOne.Kind.ADDRESS]
    rows = NearOne.objects.filter(staff__in=list(staff_ids), kind__in=kinds)
    for staff_id, key in rows.values_list("staff_id", "near_key"):
        lives[staff_id].add(bytes(key))
    return dict(lives)


def _homes_of(case_ids: Iterable[UUID]) -> Iterable[tuple[Case, frozenset[bytes]]]:
    """Cases with the keys of where their applicants live, by what registers said when they were sent."""
    cases = Case.objects.exclude(wrapped_key=b"").in_bulk(list(case_ids))  # what was erased opens no more
    for submission in Submission.objects.filter(case_id__in=list(cases)):
        case = cases[submission.case_id]
        said = list(open_submission(submission, case.key).registered.values())
        homes = addresses_in(said)
        yield case, frozenset({*map(address_key, homes), *map(street_key, homes)})


def _neighbour(case: Case, staff_id: UUID, name: str) -> Review:
    return Review(
        id=uuid7(),
        area=case.area,
        kind=Review.Kind.NEIGHBOURHOOD,
        about=f"{case.id}:{staff_id}",
        staff_id=staff_id,
        staff_name=name,
        unit_id=case.unit_id,
        case_id=case.id,
    )
