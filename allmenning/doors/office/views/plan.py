"""The joint plan's public pages: progress that anyone may follow. No login, no municipality chosen, no personal data."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from allmenning.commons.governance.errors import NoPlan, NoSuchItem
from allmenning.commons.governance.queries import Node
from allmenning.commons.municipalities.errors import UnknownCooperation
from allmenning.journeys import measuring, planned
from allmenning.journeys.planned import ShownPlan
from allmenning.web.access import anyone

from .. import benefit_words, plan_tables, plan_words, words
from ..files import as_csv
from ..forms import whole


@anyone
@require_GET
def shown(request: HttpRequest, cooperation: str) -> HttpResponse:
    context = {"words": words, "plans": plan_words, "shown": _plan(request, cooperation)}
    return render(request, "office/plan.html", context)


@anyone
@require_GET
def roll_out(request: HttpRequest, cooperation: str) -> HttpResponse:
    """Who takes which service into use when, and who is late."""
    context = {"words": words, "plans": plan_words, "shown": _plan(request, cooperation)}
    return render(request, "office/roll_out.html", context)


@anyone
@require_GET
def table(request: HttpRequest, cooperation: str, table: str) -> HttpResponse:
    """One of the plan's tables as CSV."""
    found = _plan(request, cooperation)
    if table not in plan_tables.OF_THE_PLAN:
        raise Http404("no such table")
    return as_csv(plan_tables.OF_THE_PLAN[table](found), f"{cooperation}-{found.plan.first_year}-{table}.csv")


@anyone
@require_GET
def measure(request: HttpRequest, cooperation: str, item: str) -> HttpResponse:
    found = _plan(request, cooperation)
    node = _measure(found, item)
    context = {
        "words": words,
        "plans": plan_words,
        "said": benefit_words,
        "shown": found,
        "node": node,
        "goal": found.planned.above(node),
        "measured": measuring.measured(found.parties, node),
    }
    return render(request, "office/plan_measure.html", context)


@anyone
@require_GET
def measure_table(request: HttpRequest, cooperation: str, item: str, table: str) -> HttpResponse:
    """One of a measure's tables as CSV."""
    found = _plan(request, cooperation)
    node = _measure(found, item)
    if table not in plan_tables.OF_A_MEASURE:
        raise Http404("no such table")
    return as_csv(plan_tables.OF_A_MEASURE[table](found, node), f"{cooperation}-{item}-{table}.csv")


def _plan(request: HttpRequest, cooperation: str) -> ShownPlan:
    try:
        return planned.plan_of(cooperation, whole(request.GET.get("plan", ""), 0))
    except (UnknownCooperation, NoPlan) as error:
        raise Http404("no such plan") from error


def _measure(shown: ShownPlan, code: str) -> Node:
    try:
        return planned.measure_of(shown, code)
    except NoSuchItem as error:
        raise Http404("no such measure") from error
