"""Choosing the municipality: by its name or number of today or of before. Remembered in a cookie that says nothing else."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.facts import KnownMunicipality
from allmenning.web.access import anyone, local_path

from ..finding import service_url
from ..showing import chosen, language, live, live_by_name, remember, show, suggested

LONGEST_QUERY = 100


@anyone
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Choose a municipality, then go on where one came from."""
    if request.method == "POST":
        return _choose(request)
    query = request.GET.get("q", "")[:LONGEST_QUERY].strip()
    found = municipalities.search_municipality(query) if query else []
    context = {
        "query": query,
        "next": local_path(request.GET.get("next"), ""),
        "here": chosen(request),
        "suggested": suggested(request),
        "found": [each for each in found if live() & {one.id for one in each.today}],
        "not_here": [each for each in found if not live() & {one.id for one in each.today}][:3],
        "live": live(),
        "all": _by_cooperation(),
    }
    return show(request, "portal/choose.html", context)


def _choose(request: HttpRequest) -> HttpResponse:
    municipality = request.POST.get("municipality", "")
    if municipality not in live():
        return redirect("portal:choose")
    there = request.POST.get("next") or reverse("portal:front")
    return remember(redirect(local_path(there, reverse("portal:front"))), municipality)


def _by_cooperation() -> list[tuple[str, list[KnownMunicipality]]]:
    """The live municipalities under the cooperation that each is a member of, in Norwegian order."""
    groups = [
        (each.name, [one for one in municipalities.members(each.id) if one.id in live()])
        for each in municipalities.cooperations()
    ]
    grouped = {one.id for _name, members in groups for one in members}
    alone = [each for each in live_by_name() if each.id not in grouped]
    return [(name, members) for name, members in [*groups, (_("Others"), alone)] if members]


@anyone
@require_safe
def service_anywhere(request: HttpRequest, service: str) -> HttpResponse:
    """A service, wherever it is: in the municipality that was chosen, else choose one first."""
    offers = {each.id: each for each in catalogue.published_services()}
    if service not in offers:
        raise Http404("no such service")
    here = chosen(request)
    if here:
        return redirect(service_url(service, here))
    context = {
        "service": offers[service].title(language()),
        "summary": offers[service].summary(language()),
        "suggested": suggested(request),
        "next": request.path,
        "all": _by_cooperation(),
    }
    return show(request, "portal/choose_for_service.html", context)
