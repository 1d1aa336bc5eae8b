"""All that one person has in the area, from one of their cases."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from allmenning.journeys import overview as journey

from .common import AtWork, at_work, show
from .purposes import purpose_and_case


@at_work
@require_GET
def overview(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """The page, logged before it is made."""
    purpose, found = purpose_and_case(request, at, case_id)
    if purpose is None:
        return redirect("desk:purpose", case_id=case_id)
    view = journey.overview(case_id, at.working, purpose, staff_key=at.key, found=found)
    return show(request, "desk/overview.html", {"at": at, "view": view, "purpose": purpose, "most": journey.MOST})
