"""Opening a case in an emergency: why, for how long, and who is told of it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from allmenning.basics.text import UnsafeText
from allmenning.journeys import breaking_glass
from allmenning.journeys.errors import ReasonTooShort
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.web.access import checks_its_own_text
from allmenning.web.said import said

from .common import AtWork, Problems, at_work, show


@checks_its_own_text
@at_work
@require_http_methods(["GET", "POST"])
def by_number(request: HttpRequest, at: AtWork) -> HttpResponse:
    """For who has the case's number: from a letter, or from a colleague on the telephone."""
    if request.method == "GET":
        return _page(request, at)
    try:
        case_id = breaking_glass.case_by_number(request.POST.get("number", ""))
    except CaseNotFound as error:
        return _page(request, at, Problems(number=said(error)), status=422)
    return _break(request, at, case_id)


@checks_its_own_text
@at_work
@require_http_methods(["GET", "POST"])
def at_case(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """For who was refused at a case."""
    return _break(request, at, case_id) if request.method == "POST" else _page(request, at)


def _break(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    try:
        breaking_glass.break_glass(
            case_id, request.POST.get("reason", ""), _minutes(request), at.working, staff_key=at.key
        )
    except (ReasonTooShort, UnsafeText) as error:
        return _page(request, at, Problems(reason=said(error)), status=422)
    return redirect("desk:case", case_id=case_id)


def _minutes(request: HttpRequest) -> int:
    text = request.POST.get("minutes", "")
    return int(text) if text in map(str, breaking_glass.MINUTES) else breaking_glass.MINUTES[0]


def _page(request: HttpRequest, at: AtWork, errors: Problems | None = None, status: int = 200) -> HttpResponse:
    context = {
        "here": "work-list",
        "at": at,
        "asks_number": request.resolver_match.view_name == "desk:break-glass" if request.resolver_match else True,
        "errors": errors or Problems(),
        "typed": {name: request.POST.get(name, "") for name in ("number", "reason")},
        "minutes": breaking_glass.MINUTES,
        "chosen": _minutes(request),
    }
    return show(request, "desk/break_glass.html", context, status=status)
