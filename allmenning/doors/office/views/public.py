"""A cooperation's public pages. No login, no municipality chosen, no personal data."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from allmenning.commons.costs.errors import UnknownAgreement
from allmenning.commons.municipalities.errors import UnknownCooperation
from allmenning.journeys import checking_bills, cooperating, planned, pooling
from allmenning.web.access import anyone
from allmenning.web.said import said

from .. import plan_words, words
from ..files import as_csv


@anyone
@require_GET
def cooperations(request: HttpRequest) -> HttpResponse:
    context = {
        "found": cooperating.cooperations(),
        "others": checking_bills.agreements_of(""),
        "words": words,
    }
    return render(request, "office/cooperations.html", context)


@anyone
@require_GET
def cooperation(request: HttpRequest, cooperation: str) -> HttpResponse:
    found = cooperation_or_404(cooperation)
    years = cooperating.years()
    year = request.GET.get("year", "")
    measure = request.GET.get("measure", "")
    shown_year = year if year in years else years[0]
    shown_measure = measure if measure in cooperating.MEASURES else cooperating.MEASURES[0]
    context = {
        "words": words,
        "found": found,
        "years": years,
        "year": shown_year,
        "measure": shown_measure,
        "measures": cooperating.MEASURES,
        "table": cooperating.figures_of(found, shown_measure, shown_year),
        "axis": words.Axis.of(found),
        "agreements": checking_bills.agreements_of(cooperation),
        "plan": planned.latest_plan(cooperation),
        "plans": plan_words,
    }
    return render(request, "office/cooperation.html", context)


@anyone
@require_GET
def figures(request: HttpRequest, cooperation: str, year: str) -> HttpResponse:
    """Every measure of a year as CSV, as spreadsheets in Norway read it. A figure that is not shown is empty."""
    found = cooperation_or_404(cooperation)
    if year not in cooperating.years():
        raise Http404("no figures of that year")
    measures = [words.measure(each) for each in cooperating.MEASURES]
    rows: list[list[object]] = [[_("Municipality"), _("Service"), _("Year"), *measures, _("Note")]]
    tables = [cooperating.figures_of(found, each, year) for each in cooperating.MEASURES]
    for municipality in tables[0].municipalities:
        for service in tables[0].services:
            cells = [table.cell(service, municipality) for table in tables]
            note = "" if all(cell.is_shown for cell in cells) else words.too_few()
            values = [words.plain(cell.value) for cell in cells]
            rows.append([words.name(municipality), words.service(service), year, *values, note])
    return as_csv(rows, f"{cooperation}-{year}.csv")


@anyone
@require_GET
def agreement(request: HttpRequest, agreement: str) -> HttpResponse:
    checked = _checked(request, agreement)
    context = {"words": words, "checked": checked, "said": said, "is_pool": pooling.is_pool(checked.agreement)}
    return render(request, "office/agreement.html", context, status=_status(checked))


@anyone
@require_GET
def shares(request: HttpRequest, agreement: str) -> HttpResponse:
    """Each one's share as CSV: as the page shows it, with the exact share as a fraction."""
    checked = _checked(request, agreement)
    if checked.shared is None:
        raise Http404("nothing is shared")
    head: list[object] = [
        _("Municipality number"),
        _("Party"),
        _("Inhabitants"),
        _("Exact share in øre"),
        _("To pay in kroner"),
    ]
    rows: list[list[object]] = [head]
    for share in checked.shared.shares:
        people = "" if share.party.population is None else share.party.population
        rows.append([share.party.number, share.party.name, people, words.exact(share), words.kroner(share.ore)])
    return as_csv(rows, f"{agreement}-{checked.day}.csv")


@anyone
@require_GET
def what_if(request: HttpRequest, agreement: str) -> HttpResponse:
    found = _compared(request, agreement)
    wrong = found.errors or found.checked.errors
    context = {"words": words, "found": found, "checked": found.checked, "said": said}
    return render(request, "office/what_if.html", context, status=400 if wrong else 200)


@anyone
@require_GET
def compared(request: HttpRequest, agreement: str) -> HttpResponse:
    """Each one's share as it is and as it would be, as CSV."""
    found = _compared(request, agreement)
    if found.then is None:
        raise Http404("nothing is compared")
    rows: list[list[object]] = [
        [_("Municipality number"), _("Party"), _("As it is"), _("As it would be"), _("Difference")]
    ]
    for row in found.rows:
        sums = ["" if ore is None else words.kroner(ore) for ore in (row.now, row.then)]
        rows.append([row.party.number, row.party.name, *sums, words.kroner(row.difference)])
    return as_csv(rows, f"{agreement}-{_('what-if')}-{found.checked.day}.csv")


def _compared(request: HttpRequest, agreement: str) -> checking_bills.Compared:
    given = {name: request.GET.get(name, "").strip()[:80] for name in ("leaves", "joins", "year", "by_population")}
    amount, day = request.GET.get("amount", ""), request.GET.get("day", "")
    try:
        return checking_bills.compare(agreement, amount, day, checking_bills.Asked(**given))
    except UnknownAgreement as error:
        raise Http404("no such agreement") from error


def _checked(request: HttpRequest, agreement: str) -> checking_bills.Checked:
    try:
        return checking_bills.check(agreement, request.GET.get("amount", ""), request.GET.get("day", ""))
    except UnknownAgreement as error:
        raise Http404("no such agreement") from error


def _status(checked: checking_bills.Checked) -> int:
    return 400 if checked.errors else 200


def cooperation_or_404(cooperation: str) -> cooperating.Cooperating:
    try:
        return cooperating.cooperation(cooperation)
    except UnknownCooperation as error:
        raise Http404("no such cooperation") from error
