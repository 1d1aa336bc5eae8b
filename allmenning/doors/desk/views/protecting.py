"""A protected address at the desk: say why it must be seen, see how it came, set and lower it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from allmenning.basics.errors import AllmenningError
from allmenning.journeys import protecting
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.people.protection import Level
from allmenning.web.access import checks_its_own_text
from allmenning.web.said import said

from .common import AtWork, Problems, at_work, show

_TYPED = ("need", "level", "because", "postal_address")


@at_work
@require_http_methods(["GET", "POST"])
def protected(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """How the applicant's address is protected; posted, the need that opens the case for a while."""
    if request.method == "GET":
        return _page(request, at, case_id)
    try:
        protecting.state_need(case_id, request.POST.get("need", ""), at.working, staff_key=at.key)
    except (CaseNotFound, NotYours):
        raise
    except AllmenningError as error:
        return _page(request, at, case_id, {f"need-{protecting.NEEDS[0]}": said(error)})
    messages.success(request, _("The case is open to you for 15 minutes. What you look at is logged."))
    return redirect("desk:case", case_id=case_id)


@checks_its_own_text
@at_work
@require_POST
def level(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """Set the protection by hand."""
    chosen, because, address = (request.POST.get(name, "") for name in _TYPED[1:])
    try:
        protecting.set_level(case_id, chosen, because, address, at.working, staff_key=at.key)
    except (CaseNotFound, NotYours):
        raise
    except AllmenningError as error:
        return _page(request, at, case_id, {"level": said(error)})
    messages.success(request, _("The protection of the address is set. It holds in every service of the municipality."))
    return redirect("desk:case", case_id=case_id)


def _page(request: HttpRequest, at: AtWork, case_id: UUID, errors: dict[str, str] | None = None) -> HttpResponse:
    found = protecting.look(case_id, at.working, staff_key=at.key)
    levels = [each for each in Level if found.may_lower or protecting.is_no_lower(each, found.level)]
    context = {
        "at": at,
        "found": found,
        "case": found.case,
        "needs": protecting.NEEDS,
        "levels": levels,
        "reasons": protecting.REASONS,
        "typed": {name: request.POST.get(name, "") for name in _TYPED}
        | {"level": request.POST.get("level", found.level)},
        "errors": Problems(errors or {}),
    }
    return show(request, "desk/protected.html", context, status=422 if errors else 200)
