"""The leader's queue: what was opened in an emergency, who met a case they are disqualified in, what stands out, and what
residents' own logs left out.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from allmenning.basics.errors import AllmenningError
from allmenning.journeys import reviewing
from allmenning.journeys.errors import ConclusionMissing
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import Review
from allmenning.web.access import checks_its_own_text
from allmenning.web.said import said

from .. import findings
from .common import AtWork, at_work, show


@at_work
@require_GET
def queue(request: HttpRequest, at: AtWork) -> HttpResponse:
    """What waits, or (with ?state=closed) what was closed."""
    return _queue(request, at, "closed" if request.GET.get("state") == "closed" else "waiting")


@at_work
@require_GET
def left_out(request: HttpRequest, at: AtWork) -> HttpResponse:
    """What residents' own logs left out, and what staff keep from them."""
    return _queue(request, at, "left-out")


@checks_its_own_text
@at_work
@require_POST
def close(request: HttpRequest, at: AtWork, review_id: UUID) -> HttpResponse:
    """Close one with what came of it."""
    tab = "left-out" if reviewing.is_left_out(review_id) else "waiting"
    try:
        reviewing.close(review_id, request.POST.get("conclusion", ""), request.POST.get("comment", ""), at.working)
    except NotYours:
        raise
    except AllmenningError as error:
        field = "fine" if isinstance(error, ConclusionMissing) else "comment"
        return _queue(request, at, tab, said(error), review_id, f"{field}-{review_id}")
    messages.success(request, _("It is closed, with your conclusion."))
    return redirect("desk:left-out" if tab == "left-out" else "desk:reviews")


def _queue(
    request: HttpRequest, at: AtWork, tab: str, error: str = "", wrong: UUID | None = None, wrong_field: str = ""
) -> HttpResponse:
    context = {
        "here": "reviews",
        "at": at,
        "tab": tab,
        "lead": _lead(tab),
        "found": reviewing.queue(at.working, closed=tab == "closed", left_out=tab == "left-out"),
        "findings": findings,
        "conclusions": Review.Conclusion.values,
        "most": reviewing.MOST_SHOWN,
        "error": error,
        "wrong": wrong,
        "wrong_field": wrong_field,
        "typed": {name: request.POST.get(name, "") for name in ("conclusion", "comment")},
    }
    return show(request, "desk/reviews.html", context, status=422 if error else 200)


def _lead(tab: str) -> str:
    if tab == "left-out":
        return _(
            "Residents see who has looked at their cases. What would endanger somebody is left out, by rule or because staff"
            " have said so. You see that it is right."
        )
    if tab == "closed":
        return _("What was reviewed, by whom, and what came of it. Nothing here can be changed.")
    return _("Each of these is a question, not a judgement. Talk with the one it is about, and write what you found.")
