"""The leader's queue: what was opened in an emergency, who met a case they are disqualified in, and what stands out."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from allmenning.basics.errors import AllmenningError
from allmenning.journeys import reviewing
from allmenning.municipal.access.errors import NotYours
from allmenning.web.access import checks_its_own_text
from allmenning.web.said import said

from .common import AtWork, at_work, show


@at_work
@require_GET
def queue(request: HttpRequest, at: AtWork) -> HttpResponse:
    """What waits, or (with ?state=closed) what was closed."""
    return _queue(request, at)


@checks_its_own_text
@at_work
@require_POST
def close(request: HttpRequest, at: AtWork, review_id: UUID) -> HttpResponse:
    """Close one with what was found."""
    try:
        reviewing.close(review_id, request.POST.get("comment", ""), at.working)
    except NotYours:
        raise
    except AllmenningError as error:
        return _queue(request, at, said(error), review_id)
    messages.success(request, _("It is closed, with your comment."))
    return redirect("desk:reviews")


def _queue(request: HttpRequest, at: AtWork, error: str = "", wrong: UUID | None = None) -> HttpResponse:
    closed = request.GET.get("state") == "closed"
    context = {
        "here": "reviews",
        "at": at,
        "found": reviewing.queue(at.working, closed=closed),
        "closed": closed,
        "error": error,
        "wrong": wrong,
        "typed": request.POST.get("comment", ""),
    }
    return show(request, "desk/reviews.html", context, status=422 if error else 200)
