"""Clearing that letters and notices are sent to somebody who asked to be reached in a way that is safe for them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from allmenning.journeys import safe_contact
from allmenning.web.said import said

from .common import AtWork, at_work


@at_work
@require_POST
def clear(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
    """Clear it, and send what was held back."""
    try:
        safe_contact.clear(case_id, at.working, staff_key=at.key)
    except safe_contact.AlreadyCleared as error:
        messages.info(request, said(error))
    else:
        messages.success(request, _("It is cleared. What was held back is sent now."))
    return redirect("desk:case", case_id=case_id)
