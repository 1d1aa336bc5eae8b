"""My log: who has had to do with my cases, in every municipality."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from allmenning.journeys import my_log as journey
from allmenning.web.access import resident_only

from .. import telling
from ..showing import show


@resident_only
@require_safe
def my_log(request: HttpRequest) -> HttpResponse:
    """Every time that somebody opened or did something, newest first."""
    found = journey.my_log(request.resident)  # type: ignore[attr-defined]
    lines = [(line, telling.looked_once(line.entry, _names(line), line.reader), _case(line)) for line in found.lines]
    return show(request, "portal/my_log.html", {"lines": lines, "unreachable": found.unreachable})


def _names(line: journey.Line) -> dict:
    return {line.entry.representation_id: line.by_name} if line.by_name else {}


def _case(line: journey.Line) -> str:
    return telling.titled(telling.package_of(line.service, line.version), line.subject)
