"""An image that was attached to a case: small on the case's page, large on a page of its own. Never the file itself."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from allmenning.journeys import casework
from allmenning.web.limits import limited
from allmenning.web.previews import as_preview, known_size

from .common import AtWork, at_work, show
from .purposes import purpose_of


@at_work
@require_GET
def preview(request: HttpRequest, at: AtWork, case_id: UUID, document_id: UUID) -> HttpResponse:
    """The image as large as the window, and the way to the file as it came."""
    purpose = purpose_of(request, at, case_id)
    if purpose is None:
        return redirect("desk:purpose", case_id=case_id)
    found, document = casework.look_at(case_id, document_id, at.working, purpose, staff_key=at.key)
    return show(request, "desk/preview.html", {"at": at, "case": found, "document": document})


@at_work
@limited("preview")
@require_GET
def picture(request: HttpRequest, at: AtWork, case_id: UUID, document_id: UUID, size: str) -> HttpResponse:
    """The image itself, drawn anew."""
    purpose, drawn_in = purpose_of(request, at, case_id), known_size(size)
    if purpose is None:
        return redirect("desk:purpose", case_id=case_id)
    return as_preview(lambda: casework.picture(case_id, document_id, drawn_in, at.working, purpose, staff_key=at.key))
