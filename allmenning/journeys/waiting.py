"""Who waits in a unit, and for what: every place on a list that its leader sees, in one view, logged as one list.

A list is no queue: the law asks for the need, not for the day (pasient- og brukerrettighetsloven § 2-1 e), so it says since
when, and is not in that order alone. Whose address is protected is named, and nothing more, until somebody opens the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from allmenning.basics import dates
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.records import RecordKind
from allmenning.municipal.access import actions as access
from allmenning.municipal.access import rules
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases import records
from allmenning.municipal.cases.models import Case, Record
from allmenning.municipal.cases.records import OpenedRecord
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Level

from . import readings
from .offered import all_kept

PURPOSE = "waiting-list"


@dataclass(frozen=True)
class Waiting:
    """One who waits. `place`: what is written of it; None where the address is protected, and it is hidden here."""

    row: Record
    applicant_name: str
    level: Level
    place: OpenedRecord | None

    @property
    def case(self) -> Case:
        return self.row.case

    @property
    def looked_on(self) -> date | None:
        return date.fromisoformat(self.place.answers["looked_on"]) if self.place else None

    @property
    def is_to_be_looked_at(self) -> bool:
        """Whether the day on which it should be looked at again has come."""
        return self.row.due_on is not None and self.row.due_on <= dates.today()


@dataclass(frozen=True)
class WaitingList:
    """Everybody on the lists of one kind of a service."""

    kind: RecordKind
    service: str
    waiting: list[Waiting]


def open_lists(working: Working) -> list[WaitingList]:
    """The lists of the units that this person leads: one row of the log with all the cases, before anything is opened.

    Raises NotYours: they lead none.
    """
    if not rules.oversees(working):
        raise NotYours(reason="role-may-not")
    theirs = case_queries.theirs(working, "oversee", PURPOSE)
    rows = records.in_cases(Case.objects.filter(theirs).exclude(wrapped_key=b""), records.WAITING)
    if rows:
        access.log_list(
            working.as_actor(),
            area=working.area,
            purpose=PURPOSE,
            shown=list(dict.fromkeys(row.case_id for row in rows)),
            field_kinds=["applicant-name", readings.RECORDS],
        )
    levels = protection.levels_of_owners({bytes(row.case.owner_key) for row in rows}) if rows else {}
    lists = {
        (package.id, kind.id): WaitingList(kind, package.id, [])
        for package, kind in all_kept(working.area, records.WAITING)
    }
    for row in rows:
        package = catalogue.service_version(row.case.service, row.case.version)
        kind = package.record_kind(row.kind)
        held = lists.setdefault((package.id, kind.id), WaitingList(kind, package.id, []))
        held.waiting.append(_opened(row, levels))
    return list(lists.values())


def _opened(row: Record, levels: Mapping[bytes, Level]) -> Waiting:
    level = levels.get(bytes(row.case.owner_key), Level.NONE)
    place = records.open_record(row, row.case.key) if level is Level.NONE else None
    return Waiting(row, row.case.opened_applicant_name, level, place)
