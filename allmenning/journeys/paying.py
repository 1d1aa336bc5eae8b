"""Payments of the cases that somebody handles: what is to be paid, and files of it for the accounts.

A payment goes into one file, once: the line is marked in the transaction that makes the file, and the database refuses a
second one. The file itself is made again from what was marked, as often as somebody fetches it, so one that was lost on its
way costs nobody their money. Whose address is protected is left out until a need is stated in the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.basics.spreadsheet import as_csv
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Working
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases import records
from allmenning.municipal.cases.errors import NothingToHandOver
from allmenning.municipal.cases.models import AccountLine, Case, Record
from allmenning.municipal.cases.records import OpenedRecord
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Level

from . import hiding, readings, recorded, recording

PURPOSE = "payment"
AHEAD_WEEKS = 2  # what is due until then is proposed


@dataclass(frozen=True)
class Payment:
    """A planned payment. `opened` is None where the applicant's address is protected and no need was stated."""

    row: Record
    applicant_name: str
    level: Level
    opened: OpenedRecord | None

    @property
    def amount_ore(self) -> int:
        return int(self.opened.answers["amount_ore"]) if self.opened else 0

    def said(self, name: str) -> str:
        """One answer in words, in the language that is active."""
        return _said(self.row.case, self.opened, name) if self.opened else ""


def _said(case: Case, opened: OpenedRecord, name: str) -> str:
    return recorded.said(recording.form_of(case.service, case.version, opened.row.kind), opened, name)


@dataclass(frozen=True)
class File:
    """A file that was made for the accounts."""

    id: UUID
    at: datetime
    staff_name: str
    lines: int


def _theirs(working: Working) -> QuerySet[Case]:
    return Case.objects.filter(case_queries.theirs(working, "handle", PURPOSE)).exclude(wrapped_key=b"")


def to_pay(working: Working, until: date) -> list[Payment]:
    """What is due by a day and has not been handed over, in cases that this person handles. Logged as a list first."""
    rows = records.not_handed_over(_theirs(working), until)
    _log_list(working, rows)
    return _opened(rows, working)


def _log_list(working: Working, rows: Sequence[Record]) -> None:
    if rows:
        access.log_list(
            working.as_actor(),
            area=working.area,
            purpose=PURPOSE,
            shown=list(dict.fromkeys(row.case_id for row in rows)),
            field_kinds=["applicant-name", readings.RECORDS],
        )


def _opened(rows: Sequence[Record], working: Working) -> list[Payment]:
    levels = protection.levels_of_owners({bytes(row.case.owner_key) for row in rows}) if rows else {}
    found = []
    for row in rows:
        level = levels.get(bytes(row.case.owner_key), Level.NONE)
        may = level is Level.NONE or hiding.is_open_for(row.case, working.staff_id)
        opened = records.open_record(row, row.case.key) if may else None
        found.append(Payment(row, row.case.opened_applicant_name, level, opened))
    return found


def make_file(working: Working, until: date) -> UUID:
    """Hand over to the accounts what is due by a day. Returns the file's id, by which it is fetched.

    Raises NothingToHandOver, SomebodyWasFirst; then nothing is marked.
    """
    with transaction.atomic():
        due = [each for each in _opened(records.not_handed_over(_theirs(working), until), working) if each.opened]
        if not due:
            raise NothingToHandOver()
        file_id, at = uuid7(), dates.now()
        for each in due:
            case = each.row.case
            actor = working.as_actor(case)
            records.hand_over([each.row], file_id, actor, at)
            cases.happened(case, "payment-handed-over", actor, visible=False, at=at, record=each.row.kind)
            cases.log(
                case,
                actor,
                "hand-to-accounts",
                purpose=PURPOSE,
                object_kind="record",
                object_id=each.row.id,
                personal=str(each.row.id),
            )
    return file_id


def files_made(working: Working) -> list[File]:
    """The last files with payments of cases that this person handles, newest first. Of what is in them, nothing."""
    return [File(*row) for row in records.files_with(_theirs(working))]


def file_of(file_id: UUID, working: Working) -> str:
    """A file for the accounts, as CSV, made of what was marked. The reading is logged first.

    Raises NothingToHandOver: there is no such file with anything of theirs; NeedNotStated.
    """
    lines = records.lines_of(file_id, _theirs(working))
    if not lines:
        raise NothingToHandOver()
    _log_list(working, [line.record for line in lines])
    levels = protection.levels_of_owners({bytes(line.case.owner_key) for line in lines})
    for line in lines:
        if levels.get(bytes(line.case.owner_key)) and not hiding.is_open_for(line.case, working.staff_id):
            raise hiding.NeedNotStated()
    heads = (_("Reference"), _("Due"), _("Amount"), _("Receiver"), _("Account"), _("For"), _("Case"))
    return as_csv([heads, *(_cells(line) for line in lines)])


def _cells(line: AccountLine) -> tuple[str, ...]:
    opened = records.open_record(line.record, line.case.key)
    kroner, ore = divmod(int(opened.answers["amount_ore"]), 100)
    due = line.record.due_on.isoformat() if line.record.due_on else ""
    told = (_said(line.case, opened, name) for name in ("receiver", "account", "for"))
    return (str(line.series), due, f"{kroner},{ore:02}", *told, line.case.number)
