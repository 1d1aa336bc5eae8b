"""What is due in the units that somebody works in, day by day, and who has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from allmenning.basics import dates
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.content import Text
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Working
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.models import Case, CaseDeadline
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Level

from . import due_records, readings

LATER_WEEKS = 4  # how far ahead the list looks, after this week
MOST = 200
LATE_WEEKS, MOST_LATE = 8, 50  # how far back what was met too late is shown, and how much
SPANS = ("overdue", "today", "this-week", "later")


@dataclass(frozen=True)
class DueDeadline:
    """A row of the list: a deadline with its case's applicant opened. because: why it was missed, where somebody told.

    about: what the record is called that the deadline starts in, if it starts in one.
    """

    row: CaseDeadline
    case: Case
    title: Text
    applicant_name: str
    level: Level
    because: str = ""
    about: str = ""


@dataclass(frozen=True)
class DueList:
    """Rows by span, each in the order of days. is_cut: there are more than are shown. met_late: for who leads the unit, what
    was met too late in the last weeks.
    """

    spans: dict[str, list[DueDeadline]]
    is_cut: bool
    met_late: list[DueDeadline]

    @property
    def rows(self) -> list[DueDeadline]:
        return [row for rows in self.spans.values() for row in rows]


def due_list(working: Working, unit_id: UUID | None = None, *, whole_unit: bool = True) -> DueList:
    """What is due until four weeks after this one, in all the units that this person works in or in one of them; for who leads
    also what was met too late.

    That names were shown is logged as one row with the cases' ids, before they are.

    Args:
        whole_unit: also what colleagues have.
    """
    today = dates.today()
    found = case_queries.unmet_deadlines(
        working, _sunday(today) + timedelta(weeks=LATER_WEEKS), MOST + 1, unit_id, whole_unit=whole_unit
    )
    led = [unit for unit in working.units_with("leader") if unit_id in (None, unit)]
    since = today - timedelta(weeks=LATE_WEEKS)
    late = case_queries.met_too_late(working, led, since, MOST_LATE) if led and whole_unit else []
    shown = found[:MOST]
    in_records = [each for each in shown if due_records.starts_in_a_record(each)]
    if shown or late:
        access.log_list(
            working.as_actor(),
            area=working.area,
            purpose="work-list",
            shown=list(dict.fromkeys(each.case_id for each in (*shown, *late))),
            field_kinds=["applicant-name", "title", *([readings.RECORDS] if in_records else [])],
        )
    rows = _opened([*shown, *late], in_records, working, today)
    spans: dict[str, list[DueDeadline]] = {span: [] for span in SPANS}
    for each in rows[: len(shown)]:
        assert each.row.due_on is not None
        spans[span_of(each.row.due_on, today)].append(each)
    return DueList(spans, len(found) > MOST, rows[len(shown) :])


def _opened(
    deadlines: Sequence[CaseDeadline], in_records: Sequence[CaseDeadline], working: Working, today: date
) -> list[DueDeadline]:
    levels = protection.levels_of_owners({bytes(each.case.owner_key) for each in deadlines}) if deadlines else {}
    missed = [each.id for each in deadlines if each.is_missed_on(today)]
    why = case_queries.why_missed(working, missed) if missed else {}
    about = due_records.named(in_records, levels, working) if in_records else {}
    return [
        DueDeadline(
            row,
            row.case,
            _title(row),
            row.case.opened_applicant_name,
            levels.get(bytes(row.case.owner_key), Level.NONE),
            why.get(row.id, ""),
            about.get(row.id, ""),
        )
        for row in deadlines
    ]


def span_of(due_on: date, today: date) -> str:
    """Which part of the list a day is in; a week ends on its Sunday."""
    if due_on < today:
        return "overdue"
    if due_on == today:
        return "today"
    return "this-week" if due_on <= _sunday(today) else "later"


def _sunday(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


def _title(row: CaseDeadline) -> Text:
    package = catalogue.service_version(row.case.service, row.case.version)
    return next((each.title for each in package.deadlines if each.id == row.deadline), Text.of(row.deadline))
