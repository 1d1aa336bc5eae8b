"""What a unit reports to a register of the state twice a year: a page of totals and of what is missing, and then the files.

For who leads the unit alone, in cases that the rules let them report. Each case that is opened for it is logged with a purpose of
its own before anything is, so that those whom it is about see it in their own log. The files name no service; they are not kept here.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from allmenning.basics import dates, periods
from allmenning.basics.periods import Period
from allmenning.basics.spreadsheet import as_csv
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue import state_reports
from allmenning.commons.catalogue.content import ServicePackage, Text
from allmenning.commons.catalogue.state_reports import StateReport
from allmenning.commons.municipalities import queries as municipalities
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases import records
from allmenning.municipal.cases.models import Case, CaseDeadline, DeadlineReason, Decision, Record, Result
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.profile.models import Letterhead
from allmenning.tenancy import current

from . import readings
from .errors import NothingToReport, OrganisationNumberMissing
from .offered import all_offered, day_of
from .outside import outside
from .ports import ReportingMunicipality
from .reported import KeptThen, Line, Missing, Reported, Told, report_on, totals

ACTION, PURPOSE = "report", "state-report"
HALVES = 4  # how many half-years one may choose among
KINDS = ("submission", "decisions", "deadlines", "records")  # what the log says was read of each case


@dataclass(frozen=True)
class Reportable:
    """A service of which a unit that one leads reports."""

    service: str
    package: ServicePackage
    report: StateReport


@dataclass(frozen=True)
class MissedThen:
    """A deadline that was missed in the half-year: how many times, and why, as was told."""

    title: Text
    number: int
    because: Mapping[str, int]


@dataclass(frozen=True)
class Prepared:
    """What would be reported, or is. to_complete: what is missing, by case, in the order of the cases' numbers."""

    of: Reportable
    period: Period
    reported: Reported
    lines: list[Line]
    missed: list[MissedThen]
    to_complete: list[tuple[Case, list[Missing]]]
    cases: int
    due_on: date

    def title_of(self, missing: Missing) -> tuple[Text | None, Text | None]:
        """The entry and the fact that is missing, as the register calls them; none of either, of who the person is."""
        if not missing.kind:
            return None, None
        kind = self.of.report.register.kinds[missing.kind]
        return kind.title, kind.facts[missing.fact].title


def reportable(working: Working) -> list[Reportable]:
    """The services that report to a register, of those that the municipality offers in this area; none for who leads no unit.
    One statement.
    """
    found: list[Reportable] = []
    if not working.units_with("leader"):
        return found
    for each in all_offered():
        package = catalogue.service_version(each.service, each.version)
        report = state_reports.of(package) if package.area == working.area else None
        if report is not None:
            found.append(Reportable(each.service, package, report))
    return found


def half_years(today: date) -> list[Period]:
    """The half-years that one may choose among: this one and those before it, newest first."""
    found = [periods.half(today)]
    while len(found) < HALVES:
        found.append(found[-1].before)
    return found


def prepare(working: Working, of: Reportable, period: Period) -> Prepared:
    """Open every case of a half-year that this person may report, and say what would be in the files. Each is logged first.

    Raises NotYours: they lead no unit.
    """
    mine = case_queries.theirs(working, ACTION, PURPOSE) & Q(unit_id__in=_led(working), service=of.service)
    cases = _cases(mine, period)
    own = _own_cases(mine, cases)
    rows = _Rows([*cases, *own])
    _log([*cases, *own], rows, working)
    told = [_told(case, rows, of.package, [each for each in own if each.opened_from_id == case.id]) for case in cases]
    reported = report_on(of.report, told, period)
    by_case = defaultdict(list)
    for each in sorted(reported.missing):
        by_case[each.case_id].append(each)
    return Prepared(
        of,
        period,
        reported,
        totals(of.report, reported, period),
        _missed(rows, of.package, period),
        [(case, by_case[case.id]) for case in cases if case.id in by_case],
        len(cases),
        _due_on(of.report, period),
    )


def files(prepared: Prepared, table: Sequence[Sequence[object]]) -> bytes:
    """The files as a ZIP: one for each person, and the totals of the page as `totals.csv`. No name tells the service.

    Args:
        table: the totals as the page shows them, in words.

    Raises NothingToReport, OrganisationNumberMissing.
    """
    if not prepared.reported.people:
        raise NothingToReport()
    register = outside().state_registers[prepared.of.report.register.id]
    municipality, at, out = _municipality(), dates.now(), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for person in prepared.reported.people:
            _add(packed, f"{person.id}.xml", register.file(person, municipality, at))
        _add(packed, "totals.csv", as_csv(table).encode())
    return out.getvalue()


def _add(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    at = dates.now().astimezone(dates.OSLO)
    packed.writestr(zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second)), content)


def _municipality() -> ReportingMunicipality:
    known = municipalities.municipality(current().municipality)
    letterhead = Letterhead.objects.first()
    if letterhead is None or not letterhead.organisation_number:
        raise OrganisationNumberMissing()
    return ReportingMunicipality(letterhead.organisation_number, known.number() or "", known.name)


def _led(working: Working) -> list[UUID]:
    led = list(working.units_with("leader"))
    if not led:
        raise NotYours(reason="role-may-not")
    return led


def _cases(mine: Q, period: Period) -> list[Case]:
    """Those of some cases that were open in the period, by their number."""
    start, end = dates.start_of(period.first), dates.start_of(period.end)
    was_open = Q(closed_at__isnull=True) | Q(closed_at__gte=start)
    went_on = Case.objects.filter(was_open, opened_from__isnull=False).values("opened_from")
    found = Case.objects.filter(mine, was_open | Q(id__in=went_on), received_at__lt=end, opened_from__isnull=True)
    return list(found.exclude(wrapped_key=b"").order_by("year", "sequence", "id"))


def _own_cases(mine: Q, cases: Collection[Case]) -> list[Case]:
    """The cases that were opened from these for those whom they are about: the same work goes on there."""
    found = Case.objects.filter(mine, opened_from__in=[case.id for case in cases]).exclude(wrapped_key=b"")
    return list(found.order_by("year", "sequence", "id"))


class _Rows:
    """The rows about some cases that a report is made of. Six statements, however many cases."""

    def __init__(self, cases: Collection[Case]) -> None:
        ids = [case.id for case in cases]
        self.submissions: dict[UUID, list[Submission]] = _by_case(Submission.objects.filter(case_id__in=ids))
        issued = Decision.objects.filter(case__in=ids, status="issued").order_by("issued_at", "id")
        self.decisions: dict[UUID, list[Decision]] = _by_case(issued)
        results = Result.objects.filter(case__in=ids, issued_at__isnull=False).exclude(result="").order_by("issued_at")
        self.results: dict[UUID, list[Result]] = _by_case(results)
        self.deadlines: dict[UUID, list[CaseDeadline]] = _by_case(CaseDeadline.objects.filter(case__in=ids))
        kept = records.standing().filter(case__in=ids).order_by("at", "id")
        self.records: dict[UUID, list[Record]] = _by_case(kept)
        self.reasons: dict[UUID, list[DeadlineReason]] = _by_case(DeadlineReason.objects.filter(case__in=ids))

    def read(self, case: Case) -> list[Any]:
        """The rows of a case that are opened, or say what was decided in it."""
        decided = [*self.decisions[case.id], *self.results[case.id]]
        return [case, *self.submissions[case.id], *decided, *self.records[case.id]]


def _by_case(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _log(cases: Sequence[Case], rows: _Rows, working: Working) -> None:
    """A row for each case, before anything is opened. Two statements, however many they are."""
    case_queries.read_protection(cases)
    LogEntry.objects.bulk_create(
        readings.entry_of(case, working.as_actor(case), ACTION, PURPOSE, KINDS, rows.read(case)) for case in cases
    )


def _told(case: Case, rows: _Rows, package: ServicePackage, own: Collection[Case] = ()) -> Told:
    sent = rows.submissions[case.id]
    results = [(each.issued_at, each.result) for each in rows.results[case.id] if each.issued_at]
    answers = package.answers
    outcomes = [
        (each.issued_at, each.outcome)
        for each in rows.decisions[case.id]
        if each.issued_at and each.outcome not in answers
    ]
    decided = sorted([*results, *outcomes])
    deadlines = {each.id: each.deadline for each in rows.deadlines[case.id] if each.extended_to}
    return Told(
        case.id,
        case.number,
        case.received_at,
        open_submission(sent[0], case.key).data if sent else {},
        decided,
        {
            deadlines[each.deadline_id]: day_of(each.at)
            for each in rows.reasons[case.id]
            if each.kind == DeadlineReason.Kind.EXTENDED and each.deadline_id in deadlines
        },
        [_kept(each) for each in records.open_records(rows.records[case.id], case.key)],
        {each.opened_for: _told(each, rows, package) for each in own if each.opened_for is not None},
        {
            each.issued_at: each.concerns
            for each in rows.results[case.id]
            if each.issued_at and each.concerns is not None
        },
    )


def _kept(record: records.OpenedRecord) -> KeptThen:
    row = record.row
    over = row.ends or day_of(row.at)
    return KeptThen(
        row.series, row.kind, row.status, record.answers, row.starts or day_of(row.at), over if row.is_over else None
    )


def _missed(rows: _Rows, package: ServicePackage, period: Period) -> list[MissedThen]:
    """Deadlines whose last day went in the period without being met, whether they were met later or not."""
    last = min(period.end, dates.today())
    found: dict[str, list[CaseDeadline]] = defaultdict(list)
    for row in (each for several in rows.deadlines.values() for each in several):
        if row.due_on and period.first <= row.due_on < last and row.is_missed_on(last):
            found[row.deadline].append(row)
    why = {
        each.deadline_id: each.because for several in rows.reasons.values() for each in several if each.kind == "missed"
    }
    return [
        MissedThen(
            each.title,
            len(found[each.id]),
            dict(Counter(why[row.id] for row in found[each.id] if row.id in why).most_common()),
        )
        for each in package.deadlines
        if each.id in found
    ]


def _due_on(report: StateReport, period: Period) -> date:
    """By when the period is reported: after its end."""
    month, day = report.due.first if period.number == 1 else report.due.second
    return date(period.end.year, month, day)
