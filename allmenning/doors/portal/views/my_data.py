"""My data: everything about me in every municipality as one file, for me and for machines."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST, require_safe

from allmenning.journeys import my_data as journey
from allmenning.journeys.errors import OnlyOwnData
from allmenning.web.access import resident_only
from allmenning.web.filling import as_download
from allmenning.web.limits import limited
from allmenning.web.said import said

from ..showing import show


@resident_only
@require_safe
def my_data(request: HttpRequest) -> HttpResponse:
    """What is in the file, and the button that makes it."""
    return show(request, "portal/my_data.html", {})


@resident_only
@limited("submission")
@require_POST
def download(request: HttpRequest) -> HttpResponse:
    """Make the file and hand it over. Nothing of it is kept."""
    try:
        data = journey.collect(request.resident)  # type: ignore[attr-defined]
    except OnlyOwnData as error:
        messages.warning(request, said(error))
        return redirect("portal:act-for")
    page = lambda told: render_to_string("portal/export.html", {"told": told}, request)  # noqa: E731
    return as_download(journey.as_zip(data, page), "allmenning.zip", "application/zip")
