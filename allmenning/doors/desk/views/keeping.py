"""Keeping something out of a resident's own log in a case: on which ground, until when, and why; and ending that."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.journeys import keeping_from_log
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.web.access import checks_its_own_text
from allmenning.web.said import said

from .. import findings
from .common import AtWork, Problems, at_work, show

PROPOSED = timedelta(days=30)


@checks_its_own_text
@at_work
@require_http_methods(["GET", "POST"])
def kept(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """What is kept from the applicant's own log; posted, something more."""
    if request.method == "GET":
        return _page(request, at, case_id)
    ground, reason = request.POST.get("ground", ""), request.POST.get("reason", "")
    try:
        keeping_from_log.keep(
            case_id, ground, dates.day_in(request.POST.get("until", "")), reason, at.working, staff_key=at.key
        )
    except (CaseNotFound, NotYours):
        raise
    except AllmenningError as error:
        return _page(request, at, case_id, Problems({_field_of(error): said(error)}))
    messages.success(request, _("It is kept from the applicant's log until the day you chose. Your leader reviews it."))
    return redirect("desk:kept", case_id=case_id)


def _field_of(error: AllmenningError) -> str:
    if isinstance(error, keeping_from_log.GroundMissing):
        return f"ground-{keeping_from_log.GROUNDS[0]}"
    if isinstance(error, keeping_from_log.WrongEnd):
        return "until"
    return "reason"


@at_work
@require_POST
def end(request: HttpRequest, at: AtWork, case_id: UUID, kept_id: UUID) -> HttpResponse:
    """Show again what was kept."""
    try:
        keeping_from_log.end(kept_id, case_id, at.working, staff_key=at.key)
    except keeping_from_log.OnlyLeadersEnd as error:
        return _page(request, at, case_id, Problems({"": said(error)}), status=403)
    messages.success(request, _("It is ended. The applicant sees the rows in their log from now on."))
    return redirect("desk:kept", case_id=case_id)


def _page(
    request: HttpRequest, at: AtWork, case_id: UUID, errors: Problems | None = None, status: int = 422
) -> HttpResponse:
    found = keeping_from_log.look(case_id, at.working, staff_key=at.key)
    now, proposed = dates.now(), (dates.today() + PROPOSED).isoformat()
    context = {
        "at": at,
        "case": found.case,
        "findings": findings,
        "in_force": [each for each in found.rows if each[0].ended_at is None and each[0].until > now],
        "ended": [each for each in found.rows if each[0].ended_at is not None or each[0].until <= now],
        "may_end": found.may_end,
        "grounds": keeping_from_log.GROUNDS,
        "typed": {name: request.POST.get(name, "") for name in ("ground", "reason")}
        | {"until": request.POST.get("until", proposed)},
        "errors": errors or Problems(),
    }
    return show(request, "desk/kept.html", context, status=status if errors else 200)
