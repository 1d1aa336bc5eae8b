"""A service page: what it is, who can get it, how long it takes here, what one needs, the law, and whom to ask."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from allmenning.basics.memory import remembered
from allmenning.commons.figures import queries as figures
from allmenning.commons.identity import sessions
from allmenning.journeys import offered, registering
from allmenning.journeys.representing import working_for
from allmenning.municipal.access.models import Unit
from allmenning.municipal.access.queries import routing
from allmenning.municipal.forms.errors import ServiceNotOffered
from allmenning.municipal.forms.models import Draft
from allmenning.tenancy import use
from allmenning.web.access import NOT_FOR_ANOTHER, anyone

from .. import finding
from ..showing import show
from .filling import CODES
from .front import kind_about_places, letterhead

_LAW = {"LOV": "https://lovdata.no/dokument/NL/lov/", "FOR": "https://lovdata.no/dokument/SF/forskrift/"}


@dataclass(frozen=True)
class Median:
    """Half of those who asked got their answer within this many days, in this year."""

    days: int
    year: str


@kind_about_places
@anyone
@require_safe
def service(request: HttpRequest, municipality: str, service: str) -> HttpResponse:
    """One service in one municipality."""
    try:
        here = offered.offered(service)
    except ServiceNotOffered:
        return _not_offered(request, municipality)
    resident, package = sessions.resident(request), here.package
    routed = routing(package.area, package.id).routed if package.area == "ordinary" else None
    context = {
        "municipality": municipality,
        "package": package,
        "median": median_days(municipality, package.id),
        "laws": [(each, law_url(each.citation)) for each in package.legal_basis],
        "unit": Unit.objects.get(id=routed.id) if routed else None,
        "letterhead": letterhead(),
        "must_log_in": package.access.login == "required" and resident is None,
        "is_for_others": bool(resident and resident.organisation and finding.BUSINESS not in package.audience),
        "drafts": _drafts(request, municipality, package.id),
    }
    return show(request, "portal/service.html", context)


def _not_offered(request: HttpRequest, municipality: str) -> HttpResponse:
    context = {
        "municipality": municipality,
        "services": finding.services_of(municipality, finding.RESIDENT),
    }
    return show(request, "portal/not_offered.html", context, status=404)


def _drafts(request: HttpRequest, municipality: str, service: str) -> list[Draft]:
    """What was begun here and not sent: by the resident, or in this browser without login."""
    resident = sessions.resident(request)
    codes = request.session.get(CODES, {}).values()
    keys = tuple(registering.code_key(municipality, code) for code in codes)
    if resident and resident.represented:
        return _begun_for_another(municipality, service, resident)
    keys += resident.keys(municipality) if resident else ()
    if not keys:
        return []
    with use(municipality, "resident", keys=keys):
        return _begun(service)


def _begun_for_another(municipality: str, service: str, resident: sessions.Resident) -> list[Draft]:
    try:
        with working_for(municipality, resident):
            return _begun(service)
    except NOT_FOR_ANOTHER:
        return []  # the page is open to all; who begins is told why not


def _begun(service: str) -> list[Draft]:
    begun = Draft.objects.filter(service=service, channel="portal").defer("content")
    return list(begun.order_by("-updated_at")[:3])


@remembered(seconds=300)
def median_days(municipality: str, service: str) -> Median | None:
    """The newest year's median that may be shown: never on fewer than five people."""
    for year in figures.periods()[:2]:
        cell = figures.table("median-days", [municipality], [service], year).cell(service, municipality)
        if cell.value is not None:
            return Median(round(cell.value), year)
    return None


def law_url(citation: str) -> str:
    """Where Lovdata has an act or regulation: `LOV-1967-02-10`, `FOR-2005-12-16-1478`."""
    kind, _, rest = citation.partition("-")
    return _LAW[kind] + rest if kind in _LAW and rest else ""
