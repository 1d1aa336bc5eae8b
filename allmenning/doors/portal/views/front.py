"""Finding the way: search, topics, life events, and the municipality's own page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.errors import UnknownTopic
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.errors import UnknownMunicipality
from allmenning.municipal.profile.models import Letterhead
from allmenning.web.access import anyone
from allmenning.web.limits import limited

from .. import finding
from ..showing import chosen, language, live, show, suggested

LONGEST_QUERY = 200


def kind_about_places(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A known municipality that has no database here gets a page about it, in place of «page not found»."""

    @wraps(view)
    def wrapped(request: HttpRequest, municipality: str, **kwargs: Any) -> HttpResponseBase:
        if municipality in live():
            return view(request, municipality=municipality, **kwargs)
        return _elsewhere(request, municipality)

    return wrapped


def _elsewhere(request: HttpRequest, municipality: str) -> HttpResponse:
    try:
        known = municipalities.municipality(municipality)
    except UnknownMunicipality:
        raise Http404("no such municipality") from None
    today = [each for each in municipalities.successors(municipality) if each.id in live()]
    number = known.number() or ""
    context = {"name": known.name, "exists": known.exists(), "today": today, "number": number}
    return show(request, "portal/elsewhere.html", context, status=404)


@anyone
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """«What do you need?»"""
    here, audience = chosen(request), finding.audience_of(request.GET.get("for"))
    offered = finding.offered_in(here)
    context = {
        "here": here,
        "suggested": suggested(request),
        "audience": audience,
        "services": finding.services_of(here, audience) if here else [],
        "topics": finding.topics(offered, audience),
        "events": finding.life_events(offered, audience),
    }
    return show(request, "portal/front.html", context)


@anyone
@limited("search")
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What was found, best first: the municipality's, the cooperation's and the state's services side by side."""
    here, audience = _place(request), finding.audience_of(request.GET.get("for"))
    query = request.GET.get("q", "")[:LONGEST_QUERY].strip()
    offered = finding.offered_in(here)
    hits = catalogue.search(query, language(), here, audience, offered=offered) if query else []
    context = {
        "here": here,
        "query": query,
        "audience": audience,
        "found": finding.listed(hits, here),
        "topics": finding.topics(offered, audience),
        "general": finding.general_url(here),
        "other": _other_audience(query, audience, here, offered) if query and not hits else 0,
    }
    return show(request, "portal/search.html", context)


def _place(request: HttpRequest) -> str | None:
    asked = request.GET.get("in", "")
    return asked if asked in live() else chosen(request)


def _other_audience(query: str, audience: str, here: str | None, offered: frozenset[str] | None) -> int:
    """How much the same search finds for the other audience."""
    other = finding.RESIDENT if audience == finding.BUSINESS else finding.BUSINESS
    return len(catalogue.search(query, language(), here, other, offered=offered))


@anyone
@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """All of Los, also what has nothing under it yet."""
    context = {"topics": catalogue.topics(language()), "events": catalogue.life_events(language())}
    return show(request, "portal/topics.html", context)


@anyone
@require_safe
def topic(request: HttpRequest, topic_id: str) -> HttpResponse:
    """Everything about a topic or life event, in the municipality that was chosen."""
    return _topic(request, topic_id, chosen(request))


@kind_about_places
@anyone
@require_safe
def topic_here(request: HttpRequest, municipality: str, topic_id: str) -> HttpResponse:
    """Everything about a topic or life event in one municipality."""
    return _topic(request, topic_id, municipality)


def _topic(request: HttpRequest, topic_id: str, here: str | None) -> HttpResponse:
    audience = finding.audience_of(request.GET.get("for"))
    try:
        shown = catalogue.topic(topic_id, language())
        found = catalogue.under_topic(topic_id, finding.offered_in(here), audience)
    except UnknownTopic:
        raise Http404("no such topic") from None
    services = finding.listed(found, here)
    context = {
        "topic": shown,
        "above": _above(topic_id),
        "here": here,
        "audience": audience,
        "ours": [each for each in services if not each.external],
        "states": [each for each in services if each.external],
        "general": finding.general_url(here),
    }
    return show(request, "portal/topic.html", context)


def _above(topic_id: str) -> list[tuple[str, str]]:
    """The way down to a topic, for the breadcrumbs: (label, address)."""
    rows = catalogue.los().topics
    way: list[tuple[str, str]] = []
    parents = rows[topic_id].parents
    while parents and parents[0] in rows and len(way) < 5:
        row = rows[parents[0]]
        way.insert(0, (catalogue.in_language(row.label, language()), reverse("portal:topic", args=[row.id])))
        parents = row.parents
    return way


@kind_about_places
@anyone
@require_safe
def municipality(request: HttpRequest, municipality: str) -> HttpResponse:
    """A municipality: what it offers, and how to reach it."""
    audience = finding.audience_of(request.GET.get("for"))
    offered = finding.offered_in(municipality)
    context = {
        "municipality": municipality,
        "is_chosen": chosen(request) == municipality,
        "audience": audience,
        "services": finding.services_of(municipality, audience),
        "topics": finding.topics(offered, audience),
        "events": finding.life_events(offered, audience),
        "letterhead": letterhead(),
        "cooperations": municipalities.cooperations_of(municipality),
        "formerly": municipalities.predecessors(municipality),
    }
    return show(request, "portal/municipality.html", context)


def letterhead() -> Letterhead | None:
    """How the municipality is reached, or None when that can't be told just now."""
    try:
        return Letterhead.objects.defer("logo").first()
    except DatabaseError:
        return None
