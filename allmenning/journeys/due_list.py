"""What is due in the units that somebody works in, day by day, and who has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from allmenning.basics import dates
from allmenning.basics.few import FEWEST, whole_fives
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.content import Text
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Working
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.models import Case, CaseDeadline
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Level

LATER_WEEKS = 4  # how far ahead the list looks, after this week
MOST = 200
SPANS = ("overdue", "today", "this-week", "later")


@dataclass(frozen=True)
class DueDeadline:
    """A row of the list: a deadline that is not met, with its case's applicant opened."""

    row: CaseDeadline
    case: Case
    title: Text
    applicant_name: str
    level: Level


@dataclass(frozen=True)
class DueList:
    """Rows by span, each in the order of days. is_cut: there are more than are shown."""

    spans: dict[str, list[DueDeadline]]
    is_cut: bool

    @property
    def rows(self) -> list[DueDeadline]:
        return [row for rows in self.spans.values() for row in rows]


def due_list(working: Working, unit_id: UUID | None = None) -> DueList:
    """What is due until four weeks after this one, in all the units that this person works in or in one of them.

    That names were shown is logged as one row with the cases' ids, before they are.
    """
    today = dates.today()
    found = case_queries.unmet_deadlines(working, _sunday(today) + timedelta(weeks=LATER_WEEKS), MOST + 1, unit_id)
    shown = found[:MOST]
    if shown:
        access.log_list(
            working.as_actor(),
            area=working.area,
            purpose="work-list",
            shown=list(dict.fromkeys(each.case_id for each in shown)),
            field_kinds=["applicant-name", "title"],
        )
    levels = protection.levels_of_owners({bytes(each.case.owner_key) for each in shown}) if shown else {}
    spans: dict[str, list[DueDeadline]] = {span: [] for span in SPANS}
    for row in shown:
        assert row.due_on is not None
        level = levels.get(bytes(row.case.owner_key), Level.NONE)
        spans[span_of(row.due_on, today)].append(
            DueDeadline(row, row.case, _title(row), row.case.opened_applicant_name, level)
        )
    return DueList(spans, len(found) > MOST)


@dataclass(frozen=True)
class Missed:
    """A kind of reason why deadlines were missed this year; `times` in whole fives, None: of fewer than five people."""

    because: str
    times: int | None


def missed_this_year(working: Working) -> list[Missed]:
    """Why deadlines were missed this year in the units that this person leads. No figure is about fewer than five people."""
    led = working.units_with("leader")
    if not led:
        return []
    told = case_queries.missed_because(working, led, date(dates.today().year, 1, 1))
    return [Missed(because, whole_fives(times) if people >= FEWEST else None) for because, times, people in told]


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
