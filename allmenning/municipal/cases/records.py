"""Records of a case: writing a version, in the caller's transaction, and reading what stands, or how it came to be."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.tenancy.read_together import Asked

from ..access.actor import Actor
from .errors import SomebodyWasFirst
from .models import AccountLine, Case, Record

WEEK, PAYMENTS, WAITING = "week", "payments", "waiting"


@dataclass(frozen=True)
class Written:
    """What is written in a version, besides who writes it and when."""

    kind: str
    shows: str
    answers: Mapping[str, Any]
    why: str = ""
    status: str = ""
    is_over: bool = False
    starts: date | None = None
    ends: date | None = None
    due_on: date | None = None
    of_series: UUID | None = None
    visible_to_resident: bool = False
    visible_to_parties: bool = False
    seen_by: Sequence[str] = ()


@dataclass(frozen=True)
class OpenedRecord:
    """A version of a record with its answers, and why it was changed or ended."""

    row: Record
    answers: dict[str, Any]
    why: str = ""

    @property
    def series(self) -> UUID:
        return self.row.series


def write(case: Case, written: Written, actor: Actor, *, after: Record | None = None) -> Record:
    """A new record, or the version after one that was read.

    Raises SomebodyWasFirst: that version has been followed by another; nothing is written.
    """
    assert actor.staff_id is not None
    record_id = uuid7()
    sealed = json.dumps({"answers": written.answers, "why": written.why}, ensure_ascii=False, separators=(",", ":"))
    row = Record(
        id=record_id,
        area=case.area,
        case=case,
        kind=written.kind,
        shows=written.shows,
        series=after.series if after else record_id,
        version=after.version + 1 if after else 1,
        of_series=after.of_series if after else written.of_series,
        participant_id=after.participant_id if after else None,
        status=written.status,
        is_over=written.is_over,
        starts=written.starts,
        ends=written.ends,
        due_on=written.due_on,
        at=dates.now(),
        staff_id=actor.staff_id,
        staff_name=actor.name,
        visible_to_resident=written.visible_to_resident,
        visible_to_parties=written.visible_to_parties,
        seen_by=list(written.seen_by),
        data=case.key.seal("cases.Record.data", sealed, record_id),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise SomebodyWasFirst() from None
    return row


def open_record(row: Record, key: vault.CaseKey) -> OpenedRecord:
    held = json.loads(key.open_text("cases.Record.data", bytes(row.data), row.id))
    return OpenedRecord(row, held["answers"], held["why"])


def open_records(rows: Sequence[Record], key: vault.CaseKey) -> list[OpenedRecord]:
    return [open_record(row, key) for row in rows]


def standing() -> QuerySet[Record]:
    """The last version of each record."""
    newer = Record.objects.filter(series=OuterRef("series"), version__gt=OuterRef("version"))
    return Record.objects.filter(~Exists(newer))


def of_case(case_id: UUID | Asked) -> QuerySet[Record]:
    """What stands in a case, oldest first. What was given week by week is not among it: `given_in`."""
    in_order = standing().filter(case=case_id).order_by("kind", "starts", "id")
    return in_order.exclude(shows=WEEK, of_series__isnull=False)


def history(case_id: UUID | Asked) -> QuerySet[Record]:
    """Every version in the order of when it was written, without what it says; nor what was given week by week."""
    return (
        Record.objects.filter(case=case_id)
        .exclude(shows=WEEK, of_series__isnull=False)
        .defer("data")
        .order_by("at", "id")
    )


def standing_at(case_id: UUID, kinds: Collection[str], at: datetime) -> list[Record]:
    """The last version of each record of some kinds, as it was at a time."""
    rows = Record.objects.filter(case=case_id, kind__in=list(kinds), at__lte=at)
    return list(rows.order_by("series", "-version").distinct("series"))


def of_kind(case_id: UUID, kind: str) -> QuerySet[Record]:
    """What stands of a kind in a case, in the order of when it holds."""
    return standing().filter(case=case_id, kind=kind).order_by("starts", "id")


def versions(case_id: UUID, kind: str, series: UUID) -> list[Record]:
    """Every version of a record, first to last; empty where there is none."""
    return list(Record.objects.filter(case=case_id, kind=kind, series=series).order_by("version"))


def plans(case_id: UUID, kind: str) -> list[Record]:
    """Every version of each record of a kind, in the order of when it was written: the last that had begun counts."""
    return list(Record.objects.filter(case=case_id, kind=kind).order_by("at", "id"))


def given_in(case_id: UUID, of_series: Collection[UUID], first: date, last: date) -> list[Record]:
    """What was given between two days, both inclusive, of some weekly plans."""
    rows = standing().filter(case=case_id, of_series__in=list(of_series), starts__gte=first, starts__lte=last)
    return list(rows.order_by("starts", "id"))


def last_written(case_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When something was last written in the records of some cases, of those that have any."""
    rows = Record.objects.filter(case__in=list(case_ids)).values("case_id").annotate(last=Max("at"))
    return {row["case_id"]: row["last"] for row in rows}


def kinds_in(case_id: UUID) -> set[str]:
    """The kinds of which there is something in a case."""
    return set(Record.objects.filter(case=case_id).values_list("kind", flat=True).distinct())


# Whom records are for: whose the case is; or in a case whose sender is no party, those who are.
TO_RESIDENT, TO_PARTIES = Q(visible_to_resident=True), Q(visible_to_parties=True)


def visible_in(case_id: UUID, to: Q = TO_RESIDENT) -> list[Record]:
    """What stands in a case that its party sees, oldest first; of what was given, the last weeks'."""
    since = dates.add_weeks(dates.today(), -WEEKS_SHOWN)
    shown = standing().filter(to, case=case_id)
    lately = Q(shows=WEEK, of_series__isnull=False, starts__lt=since)
    return list(shown.exclude(lately).order_by("kind", "starts", "id"))


def seen_by(case_id: UUID, scopes: Collection[str]) -> list[Record]:
    """The same of what somebody is let see: the records of these scopes."""
    return [row for row in visible_in(case_id, TO_RESIDENT | TO_PARTIES) if set(row.seen_by) & set(scopes)]


def visible_versions(case_id: UUID, to: Q = TO_RESIDENT) -> list[Record]:
    """Every version of what a case's party sees."""
    return list(Record.objects.filter(to, case=case_id).order_by("kind", "at", "id"))


def for_parties(cases: QuerySet | Collection[UUID]) -> QuerySet[Record]:
    """One record of each of these cases that has any for its parties, without what it says."""
    return Record.objects.filter(TO_PARTIES, case_id__in=cases).order_by("case_id").distinct("case_id").defer("data")


def all_versions(case_id: UUID) -> list[Record]:
    """Every version of every record of a case."""
    return list(Record.objects.filter(case=case_id).order_by("kind", "series", "version"))


WEEKS_SHOWN = 4  # of what was given, to the party on their case's page; their export has it all


def in_cases(found: QuerySet[Case], shows: str) -> list[Record]:
    """What stands and is not over, over cases: who waits, what is to be paid. With its case and applicant read."""
    rows = standing().filter(shows=shows, of_series__isnull=True, is_over=False, case__in=found)
    return list(rows.select_related("case", "case__applicant").order_by("starts", "due_on", "id")[:MOST_LISTED])


MOST_LISTED = 500


def handed_over(series: Collection[UUID]) -> dict[UUID, AccountLine]:
    """The payments among these that were handed over to the accounts."""
    return {line.series: line for line in AccountLine.objects.filter(series__in=list(series))}


def not_handed_over(found: QuerySet[Case], until: date) -> list[Record]:
    """Planned payments of some cases that are due by a day and have not been handed over."""
    to_accounts = AccountLine.objects.filter(series=OuterRef("series"))
    rows = standing().filter(~Exists(to_accounts), shows=PAYMENTS, is_over=False, due_on__lte=until, case__in=found)
    return list(rows.select_related("case", "case__applicant").order_by("due_on", "id")[:MOST_LISTED])


def hand_over(rows: Sequence[Record], file_id: UUID, actor: Actor, at: datetime) -> list[AccountLine]:
    """Mark payments as handed over in a file. Raises SomebodyWasFirst: one of them was already; none is marked."""
    assert actor.staff_id is not None
    lines = [
        AccountLine(
            area=row.area,
            case_id=row.case_id,
            file_id=file_id,
            series=row.series,
            record=row,
            at=at,
            staff_id=actor.staff_id,
            staff_name=actor.name,
        )
        for row in rows
    ]
    try:
        with transaction.atomic():
            return AccountLine.objects.bulk_create(lines)
    except IntegrityError:
        raise SomebodyWasFirst() from None


def lines_of(file_id: UUID, found: QuerySet[Case]) -> list[AccountLine]:
    """A file's lines that are of some cases, in the order in which they were written."""
    rows = AccountLine.objects.filter(file_id=file_id, case__in=found)
    return list(rows.select_related("record", "case", "case__applicant").order_by("record__due_on", "id"))


def files_with(found: QuerySet[Case]) -> list[tuple[UUID, datetime, str, int]]:
    """The last files with lines of some cases, newest first: id, when, by whom, and how many of those lines."""
    rows = AccountLine.objects.filter(case__in=found).values_list("file_id", "at", "staff_name")
    counted = rows.annotate(lines=Count("id")).order_by("-at")
    return list(counted[:FILES_LISTED])


FILES_LISTED = 20
