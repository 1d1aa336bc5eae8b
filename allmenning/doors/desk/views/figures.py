"""Figures for who leads a unit: as a page that is also good on paper, and as CSV for those who decide."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from allmenning.basics import spreadsheet
from allmenning.journeys import leading, reporting
from allmenning.journeys.leading import Figures, Told
from allmenning.web.filling import language

from .. import words
from .case import id_of
from .common import AtWork, at_work, show


@at_work
@require_GET
def figures(request: HttpRequest, at: AtWork) -> HttpResponse:
    """The figures of a period beside those of the one before, and how much each has to do today."""
    found = _found(request, at)
    context = {
        "at": at,
        "found": found,
        "load": leading.load(at.working, found.unit_id),
        "reports": reporting.reportable(at.working),
        "lang": language(),
    }
    return show(request, "desk/figures.html", context)


@at_work
@require_GET
def figures_csv(request: HttpRequest, at: AtWork) -> HttpResponse:
    """The same figures, without who has what to do: that is the unit's own."""
    found = _found(request, at)
    response = HttpResponse(spreadsheet.as_csv(_rows(found)), content_type=spreadsheet.MEDIA_TYPE)
    name = f"figures-{found.period.code}.csv"  # which tells no service
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _found(request: HttpRequest, at: AtWork) -> Figures:
    return leading.figures_for(at.working, request.GET.get("period", "")[:8], id_of(request.GET.get("unit")))


def _rows(found: Figures) -> list[list[object]]:
    lang = language()
    unit = dict(found.units).get(found.unit_id) if found.unit_id else _("All the units that you lead")
    in_time, missed = _("In time"), _("Missed")
    now, before = words.period(found.period), words.period(found.period.before)
    rows: list[list[object]] = [[_("Unit"), _("Table"), _("What"), now, before]]

    def add(table: str, what: str, told: Told) -> None:
        rows.append([unit, table, what, words.told(told.now), words.told(told.before)])

    for title, told in found.received:
        add(_("Received"), title[lang], told)
    for each in found.deadlines:
        table = f"{each.service[lang]}: {each.title[lang]}"
        for line in each.lines:
            decided = line.title[lang] if line.title else _("Nothing decided yet")
            add(table, f"{decided}: {in_time}", line.in_time)
            add(table, f"{decided}: {missed}", line.late)
    for age, told in found.still_open:
        add(_("Open when the period ended"), words.age(age), told)
    for because, told in found.missed:
        add(_("Missed, and why"), words.missed_because(because), told)
    return rows
