"""My log: who has had to do with my cases, in every municipality."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from allmenning.journeys import my_log as journey
from allmenning.web.access import resident_only

from .. import telling, telling_log
from ..showing import show


@resident_only
@require_safe
def my_log(request: HttpRequest) -> HttpResponse:
    """Every time that somebody opened or did something, day by day, newest first."""
    before = _before(request.GET.get("before", ""))
    found = journey.my_log(request.resident, before or journey.NEWEST)  # type: ignore[attr-defined]
    context = {
        "days": telling_log.days(found.lines),
        "title_of": lambda line: telling.titled(telling.package_of(line.service, line.version), line.subject),
        "unreachable": found.unreachable,
        "is_first": before is None,
        "older": f"{found.older[0].isoformat()}/{found.older[1]}" if found.older else "",
    }
    return show(request, "portal/my_log.html", context)


def _before(text: str) -> journey.Key | None:
    """The place in the log that an address names; None for the newest, and for what is no place."""
    at, _slash, row = text.partition("/")
    try:
        place = datetime.fromisoformat(at), UUID(row)
    except ValueError:
        return None
    return place if place[0].tzinfo else None
