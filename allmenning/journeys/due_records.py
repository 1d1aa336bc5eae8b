"""Which records the deadlines that run from a date in one are about: on the case's page, and in the list of what is due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.content import ServicePackage
from allmenning.commons.catalogue.records import RecordKind
from allmenning.municipal.access.actor import Working
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases import records
from allmenning.municipal.cases.models import Case, CaseDeadline, Participant, Record
from allmenning.municipal.cases.records import OpenedRecord
from allmenning.municipal.people import protection

from . import recorded
from .casework import CaseView
from .recording import Shelf, form_of, shelf_of


def in_case(view: CaseView) -> dict[UUID, list[tuple[Shelf, OpenedRecord]]]:
    """By deadline that is not met: the records that go on and have its date."""
    package, found = view.offered.package, dict[UUID, list[tuple[Shelf, OpenedRecord]]]()
    for row in (each.row for each in view.deadlines if each.row.met_at is None):
        if (started := _starts(row, package)) is not None:
            kind, name = started
            shelf = shelf_of(view, kind)
            found[row.id] = [(shelf, each) for each in shelf.going_on if getattr(each.row, name) == row.began_on]
    return found


def starts_in_a_record(row: CaseDeadline) -> bool:
    return _starts(row, catalogue.service_version(row.case.service, row.case.version)) is not None


def named(rows: Sequence[CaseDeadline], protected: Collection[bytes], working: Working) -> dict[UUID, str]:
    """What the records are called that these deadlines of several cases are about, in the language that is active.

    Log that they are shown first. Of a case where anybody's address is protected nothing is opened. Three statements at most.

    Args:
        rows: deadlines that start in a record, each with its case.
        protected: the keys of owners who are.
    """
    of = Case.objects.filter(case_queries.theirs(working), id__in={row.case_id for row in rows})
    hidden = _with_a_protected_one(of) | {row.case_id for row in rows if bytes(row.case.owner_key) in protected}
    kept = defaultdict[UUID, list[Record]](list)
    for record in records.standing().filter(case__in=of.exclude(id__in=hidden), is_over=False).order_by("starts", "id"):
        kept[record.case_id].append(record)
    return {row.id: ", ".join(_names(row, kept[row.case_id])) for row in rows}


def _names(row: CaseDeadline, kept: Iterable[Record]) -> list[str]:
    package = catalogue.service_version(row.case.service, row.case.version)
    started = _starts(row, package)
    if started is None:
        return []
    kind, name = started
    theirs = [each for each in kept if each.kind == kind.id and getattr(each, name) == row.began_on]
    shelf = Shelf(
        kind, form_of(package.id, package.version, kind.id), records.open_records(theirs, row.case.key), False
    )
    return [recorded.called(shelf, each, within=True) for each in shelf.records]


def _with_a_protected_one(cases: QuerySet[Case]) -> set[UUID]:
    """The cases with a participant whose address is protected."""
    others = Participant.objects.filter(case__in=cases, owner_key__isnull=False)
    keys = [(case_id, bytes(key)) for case_id, key in others.values_list("case_id", "owner_key") if key]
    levels = protection.levels_of_owners({key for _case, key in keys}) if keys else {}
    return {case_id for case_id, key in keys if key in levels}


def _starts(row: CaseDeadline, package: ServicePackage) -> tuple[RecordKind, str] | None:
    """The kind of record that a deadline starts in, and the name of its date; None: it starts elsewhere."""
    declared = next((each for each in package.deadlines if each.id == row.deadline), None)
    if declared is None or not declared.starts.startswith("record."):
        return None
    _record, kind, name = declared.starts.split(".")
    return package.record_kind(kind), name
