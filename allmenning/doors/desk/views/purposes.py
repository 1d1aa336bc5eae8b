"""Why somebody opens a case: what is obvious is not asked, anything else is chosen, and held for an hour."""

from __future__ import annotations

import time
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from allmenning.journeys import casework, sender
from allmenning.municipal.access.purposes import BREAK_GLASS
from allmenning.municipal.cases.models import Case

from .common import AtWork, at_work, show
from .work_list import service_title

_HELD = "case_purposes"
_SECONDS = 3600
_MOST = 12  # the session is a cookie: the oldest are forgotten
OBVIOUS = {"assigned": "case-handling", "unit": "case-handling", "break-glass": BREAK_GLASS}


def purpose_of(request: HttpRequest, at: AtWork, case_id: UUID) -> str | None:
    """The purpose to log a reading with, or None when it must be chosen first. Raises CaseNotFound, NotYours."""
    return purpose_and_case(request, at, case_id)[0]


def purpose_and_case(request: HttpRequest, at: AtWork, case_id: UUID) -> tuple[str | None, Case | None]:
    """The same, with the case's row where it had to be read for that."""
    held = request.session.get(_HELD, {}).get(str(case_id))
    if held and time.time() - held[1] < _SECONDS and held[0] in casework.PURPOSES:
        return str(held[0]), None
    case, relation = casework.relation_to(case_id, at.working, staff_key=at.key)
    return OBVIOUS.get(relation), case


@at_work
@require_http_methods(["GET", "POST"])
def purpose(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """Ask for the purpose before anything of the case is read. Who is it that looks, the applicant can see afterwards."""
    case, relation = casework.relation_to(case_id, at.working, staff_key=at.key)
    chosen = request.POST.get("purpose", "")
    if request.method == "POST" and chosen in casework.PURPOSES:
        _hold(request, case_id, chosen)
        return redirect("desk:case", case_id=case_id)
    context = {
        "at": at,
        "case": case,
        "relation": relation,
        "service": service_title(case.service, case.version),
        "sender": sender.of(case),
        "purposes": casework.PURPOSES,
        "chosen": chosen or "case-handling",
        "problem": _("Choose why you open the case.") if request.method == "POST" else "",
    }
    return show(request, "desk/purpose.html", context, status=422 if request.method == "POST" else 200)


def _hold(request: HttpRequest, case_id: UUID, chosen: str) -> None:
    held = {k: v for k, v in request.session.get(_HELD, {}).items() if k != str(case_id)}
    kept = dict(list(held.items())[1 - _MOST :])
    request.session[_HELD] = {**kept, str(case_id): [chosen, int(time.time())]}
