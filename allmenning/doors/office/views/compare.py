"""A cooperation's members side by side and over time: what it costs for each inhabitant, case and service. Public."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from allmenning.journeys import comparing
from allmenning.web.access import anyone

from .. import benefit_words, words
from ..files import as_csv
from .public import cooperation_or_404


@anyone
@require_GET
def comparison(request: HttpRequest, cooperation: str) -> HttpResponse:
    found = cooperation_or_404(cooperation)
    costs = comparing.costs(cooperation)
    years = comparing.years(costs)
    year = request.GET.get("year", "")
    shown = year if year in years else next((each for each in years if int(each) in costs), years[0])
    context = {
        "words": words,
        "said": benefit_words,
        "found": found,
        "years": years,
        "year": shown,
        "is_settled": int(shown) in costs,
        "rows": comparing.side_by_side(found, costs, int(shown)),
        "time": comparing.over_time(found, costs),
    }
    return render(request, "office/comparison.html", context)


@anyone
@require_GET
def comparison_csv(request: HttpRequest, cooperation: str, year: str) -> HttpResponse:
    """The members of a year side by side."""
    found, costs = cooperation_or_404(cooperation), comparing.costs(cooperation)
    if year not in comparing.years(costs):
        raise Http404("no such year")
    rows, called = benefit_words.comparison_rows(comparing.side_by_side(found, costs, int(year)), year), _("comparison")
    return as_csv(list(rows), f"{cooperation}-{called}-{year}.csv")


@anyone
@require_GET
def over_time_csv(request: HttpRequest, cooperation: str) -> HttpResponse:
    """What each has paid for each inhabitant, by year."""
    found = cooperation_or_404(cooperation)
    rows, called = benefit_words.time_rows(comparing.over_time(found, comparing.costs(cooperation))), _("over-time")
    return as_csv(list(rows), f"{cooperation}-{called}.csv")
