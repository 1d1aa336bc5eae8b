"""Who waits in the units that somebody leads."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from allmenning.journeys import waiting

from .common import AtWork, at_work, show


@at_work
@require_GET
def lists(request: HttpRequest, at: AtWork) -> HttpResponse:
    """Everybody on each list: since when, for what, what they get meanwhile, and when it was last looked at."""
    return show(request, "desk/waiting.html", {"at": at, "lists": waiting.open_lists(at.working)})
