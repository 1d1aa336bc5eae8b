"""About the portal itself: contact, accessibility, privacy."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from allmenning.tenancy import use
from allmenning.web.access import anyone

from ..finding import general_url
from ..showing import chosen, live_by_name, show
from .front import letterhead


@anyone
@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """How to reach the municipality that was chosen, and the way to all the others."""
    here, head = chosen(request), None
    if here:
        with use(here, "resident"):
            head = letterhead()
    context = {
        "here": here,
        "letterhead": head,
        "general": general_url(here),
        "municipalities": live_by_name(),
    }
    return show(request, "portal/contact.html", context)


@anyone
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return show(request, "portal/accessibility.html", {"general": general_url(chosen(request))})


@anyone
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return show(request, "portal/privacy.html", {"general": general_url(chosen(request))})
