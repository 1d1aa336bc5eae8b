"""The first page: the municipality as it is set up, and what is worth a look. And the log of changes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from allmenning.journeys import administered
from allmenning.journeys.administering import Administrator

from .common import administers, show


@administers
@require_GET
def overview(request: HttpRequest, by: Administrator) -> HttpResponse:
    return show(request, "overview", {"found": administered.overview()})


@administers
@require_GET
def changes(request: HttpRequest, by: Administrator) -> HttpResponse:
    """Who changed what: before and after."""
    page = administered.changes(request.GET.get("before", ""))
    context = {
        "page": page,
        "names": administered.names_in(page.rows),
        "about": administered.subjects_of(page.rows),
    }
    return show(request, "changes", context)
