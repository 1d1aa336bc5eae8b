"""Reports to registers of the state: totals and what is missing first, then the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from allmenning.basics import dates, periods
from allmenning.basics.errors import AllmenningError
from allmenning.basics.periods import Period
from allmenning.journeys import reporting
from allmenning.journeys.reported import Line, Missing
from allmenning.journeys.reporting import Prepared, Reportable
from allmenning.municipal.access.errors import NotYours
from allmenning.web.filling import language
from allmenning.web.said import said

from .. import words
from .common import AtWork, at_work, show


@dataclass(frozen=True)
class Chosen:
    """The services that one may report of, the chosen one, and the half-year, where it is one that may be chosen."""

    reports: list[Reportable]
    of: Reportable
    period: Period | None


@at_work
@require_GET
def report(request: HttpRequest, at: AtWork) -> HttpResponse:
    """Which half-year; then what would be reported of it, and what is missing in which case. Reading it is logged."""
    chosen = _chosen(at, request.GET)
    prepared = reporting.prepare(at.working, chosen.of, chosen.period) if chosen.period else None
    return _shown(request, at, chosen, prepared)


@at_work
@require_POST
def files(request: HttpRequest, at: AtWork) -> HttpResponse:
    """The files of a half-year as one ZIP, whose name tells no service."""
    chosen = _chosen(at, request.POST)
    if chosen.period is None:
        return _shown(request, at, chosen, None)
    prepared = reporting.prepare(at.working, chosen.of, chosen.period)
    try:
        content = reporting.files(prepared, _table(prepared))
    except AllmenningError as error:
        return _shown(request, at, chosen, prepared, said(error), 422)
    response = HttpResponse(content, content_type="application/zip")
    name = content_disposition_header(True, f"report-{chosen.period.code}.zip")
    response["Content-Disposition"] = name or "attachment"
    response["Cache-Control"] = "no-store"
    return response


def _shown(
    request: HttpRequest, at: AtWork, chosen: Chosen, prepared: Prepared | None, error: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "at": at,
        "reports": chosen.reports,
        "of": chosen.of,
        "period": chosen.period,
        "halves": reporting.half_years(dates.today()),
        "prepared": prepared,
        "groups": _groups(prepared) if prepared else [],
        "is_over": bool(chosen.period and chosen.period.is_over(dates.today())),
        "missing": missing,
        "lang": language(),
        "error": error,
    }
    return show(request, "desk/state_report.html", context, status=status)


def _chosen(at: AtWork, told: QueryDict) -> Chosen:
    """Raises NotYours for one who reports nothing."""
    reports = reporting.reportable(at.working)
    if not reports:
        raise NotYours(reason="role-may-not")
    of = next((each for each in reports if each.service == told.get("service")), reports[0])
    period = periods.read(str(told.get("half", ""))[:8])
    return Chosen(reports, of, period if period in reporting.half_years(dates.today()) else None)


def missing(prepared: Prepared, each: Missing) -> str:
    """What is missing, in words: which entry, and what of it."""
    kind, fact = prepared.title_of(each)
    if kind is None or fact is None:
        return _("The identity number of the one it is about")
    return f"{kind[language()]}: {fact[language()]}"


def _groups(prepared: Prepared) -> list[tuple[str, list[tuple[str, int]]]]:
    """Totals as tables, one for each kind of entry, and one of deadlines."""
    register, groups = prepared.of.report.register, dict[str, list[tuple[str, int]]]()
    for line in prepared.lines:
        title = register.kinds[line.total.kind].title[language()]
        groups.setdefault(title, []).append((_label(line), line.number))
    for each in prepared.missed:
        rows = groups.setdefault(_("Deadlines missed"), [])
        title = each.title[language()]
        rows.append((title, each.number))
        rows.extend((f"{title}: {words.missed_because(why)}", number) for why, number in each.because.items())
    return list(groups.items())


def _label(line: Line) -> str:
    title = line.total.title[language()]
    if line.is_untold:
        untold = _("not told")
        return f"{title}: {untold}"
    return f"{title}: {line.label[language()]}" if line.label else title


def _table(prepared: Prepared) -> list[list[object]]:
    """The totals as CSV: the same words and numbers as the page."""
    rows: list[list[object]] = [[_("Table"), _("What"), words.period(prepared.period)]]
    for title, lines in _groups(prepared):
        rows.extend([title, label, number] for label, number in lines)
    return rows
