"""My data: everything about me in every municipality, for me and for machines: at once, or made while nobody waits."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allmenning.basics import dates
from allmenning.journeys import exporting
from allmenning.journeys import my_data as journey
from allmenning.journeys.errors import OnlyOwnData
from allmenning.journeys.exporting import NoSuchExport
from allmenning.web.access import resident_only
from allmenning.web.filling import as_download
from allmenning.web.jinja import municipality_name
from allmenning.web.limits import limited
from allmenning.web.said import said

from ..showing import language, show


@resident_only
@require_safe
def my_data(request: HttpRequest) -> HttpResponse:
    """What is in it, the button that makes it, and what was made."""
    resident = request.resident  # type: ignore[attr-defined]
    held = [] if resident.acts_for_another else exporting.held(resident)
    return show(request, "portal/my_data.html", {"held": held, "kept_days": exporting.KEPT_DAYS})


@resident_only
@limited("submission")
@require_POST
def download(request: HttpRequest) -> HttpResponse:
    """Make it and hand it over, and keep nothing; or have it made, when it is large."""
    resident = request.resident  # type: ignore[attr-defined]
    try:
        if journey.size_of(resident) > journey.AT_ONCE:
            ordered = exporting.order(resident, language())
            if ordered.made_in:
                messages.success(request, _("It is being made. You are told when it is ready, and find it here."))
            if ordered.away:
                names = ", ".join(municipality_name(each) for each in ordered.away)
                not_ordered = _("It could not be ordered from %(names)s just now. Try again later.")
                messages.warning(request, not_ordered % {"names": names})
            return redirect("portal:my-data")
        content = journey.at_once(
            resident, lambda told: render_to_string("portal/export.html", {"told": told}, request)
        )
    except OnlyOwnData as error:
        return _own_alone(request, error)
    return as_download(content, "allmenning.zip", "application/zip")


@resident_only
@limited("submission")
@require_safe
def part(request: HttpRequest, municipality: str, export_id: UUID, number: int) -> HttpResponse:
    """One ZIP of an export that is ready."""
    try:
        content = exporting.download(request.resident, export_id, number)  # type: ignore[attr-defined]
    except OnlyOwnData as error:
        return _own_alone(request, error)
    except NoSuchExport as error:
        messages.warning(request, said(error))
        return redirect("portal:my-data")
    return as_download(content, f"{municipality}-{dates.today():%Y-%m-%d}-{number}.zip", "application/zip")


def _own_alone(request: HttpRequest, error: OnlyOwnData) -> HttpResponse:
    messages.warning(request, said(error))
    return redirect("portal:act-for")
