"""What a cooperation was spared, as the platform saw it: public, as a page and as CSV."""

from __future__ import annotations

from fractions import Fraction

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from allmenning.basics.money import InvalidAmount, parse_kroner
from allmenning.commons.figures.benefits import Gain, Rate
from allmenning.journeys import benefits as journey
from allmenning.journeys import comparing, cooperating
from allmenning.journeys.levels import by_level
from allmenning.web.access import anyone
from allmenning.web.said import said as refused

from .. import benefit_words, words
from ..files import as_csv
from .public import cooperation_or_404


@anyone
@require_GET
def benefits(request: HttpRequest, cooperation: str) -> HttpResponse:
    found = cooperation_or_404(cooperation)
    costs = comparing.costs(cooperation)
    years = comparing.years(costs)
    year = request.GET.get("year", "")
    shown = year if year in years else years[0]
    hourly, wrong = _hourly(request)
    spared = journey.benefits(found, shown)
    settled = comparing.year_of_costs(costs, shown, request.GET.get("cost", ""))
    balance = comparing.balance(spared, costs[settled], hourly) if settled else None
    context = {
        "words": words,
        "said": benefit_words,
        "found": found,
        "years": years,
        "year": shown,
        "benefits": spared,
        "balance": balance,
        "levels": by_level(cooperation, costs, settled, spared, balance),
        "settled": settled,
        "others": [each for each in sorted(costs, reverse=True) if each != settled],
        "hour": request.GET.get("hour", "").strip()[:30],
        "wrong": refused(wrong) if wrong else "",
        "Gain": Gain,
    }
    return render(request, "office/benefits.html", context, status=400 if wrong else 200)


@anyone
@require_GET
def benefits_csv(request: HttpRequest, cooperation: str, year: str) -> HttpResponse:
    """Every measured number of a year by municipality and service, with the minutes that hours are reckoned with."""
    found = cooperation_or_404(cooperation)
    if year not in cooperating.years():
        raise Http404("no figures of that year")
    rows, called = benefit_words.rows(journey.benefits(found, year)), _("benefits")
    return as_csv(list(rows), f"{cooperation}-{called}-{year}.csv")


@anyone
@require_GET
def balance_csv(request: HttpRequest, cooperation: str, year: str) -> HttpResponse:
    """What each paid and gained in a settled year, and what each adjustment would move."""
    found, costs = cooperation_or_404(cooperation), comparing.costs(cooperation)
    if year not in comparing.years(costs):
        raise Http404("no such year")
    hourly, wrong = _hourly(request)
    settled = comparing.year_of_costs(costs, year, request.GET.get("cost", ""))
    if settled is None or wrong:
        raise Http404("nothing is settled, or an hour's worth can't be read")
    balance, called = comparing.balance(journey.benefits(found, year), costs[settled], hourly), _("balance")
    return as_csv(list(benefit_words.balance_rows(balance, year, settled)), f"{cooperation}-{called}-{year}.csv")


@anyone
@require_GET
def levels_csv(request: HttpRequest, cooperation: str, year: str) -> HttpResponse:
    """What municipalities, counties and the state pay and reap."""
    found, costs = cooperation_or_404(cooperation), comparing.costs(cooperation)
    if year not in comparing.years(costs):
        raise Http404("no such year")
    hourly, wrong = _hourly(request)
    if wrong:
        raise Http404("an hour's worth can't be read")
    settled, spared = comparing.year_of_costs(costs, year, request.GET.get("cost", "")), journey.benefits(found, year)
    balance = comparing.balance(spared, costs[settled], hourly) if settled else None
    levels, called = by_level(cooperation, costs, settled, spared, balance), _("levels")
    return as_csv(list(benefit_words.level_rows(levels, year)), f"{cooperation}-{called}-{year}.csv")


def _hourly(request: HttpRequest) -> tuple[Rate | None, InvalidAmount | None]:
    """What an hour is worth, as who reads the page has written it: the platform states no such rate. Or why it can't be read."""
    typed = request.GET.get("hour", "").strip()[:30]
    if not typed:
        return None, None
    try:
        ore = parse_kroner(typed)
        if ore < 0:
            raise InvalidAmount
    except InvalidAmount as error:
        return None, error
    text = _("Written on this page by whoever reads it")
    return Rate("an-hour", "hour", Fraction(ore), dict.fromkeys(("nb", "nn", "en"), text)), None
