"""Services as lists show them: the municipality's, the cooperation's and the state's, each with what it is and where it leads."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import DatabaseError
from django.urls import reverse

from allmenning.basics.memory import remembered
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.queries import Hit, Offer, Topic
from allmenning.journeys import offered
from allmenning.tenancy import use

from .showing import language

log = logging.getLogger(__name__)

RESIDENT, BUSINESS = "resident", "business"


@dataclass(frozen=True)
class Listed:
    """A service in a list. `kind`: whose it is: municipality, cooperation or state. `external`: on another website."""

    id: str
    title: str
    summary: str
    href: str
    kind: str
    owner: str
    external: bool


def audience_of(value: str | None) -> str:
    return BUSINESS if value == BUSINESS else RESIDENT


def offered_in(municipality: str | None) -> frozenset[str] | None:
    """Ids of what a municipality offers. None when there is no choice yet, or it can't be asked just now: then all."""
    if municipality is None:
        return None
    try:
        with use(municipality, "resident"):
            return frozenset(each.service for each in offered.all_offered())
    except DatabaseError:
        log.warning("%s could not be asked what it offers", municipality, exc_info=True)
        return None


def listed(found: Iterable[Offer | Hit], municipality: str | None) -> list[Listed]:
    """Offers or hits as a list shows them, in the page's language."""
    return [_hit(each, municipality) if isinstance(each, Hit) else _offer(each, municipality) for each in found]


def _hit(hit: Hit, municipality: str | None) -> Listed:
    href = hit.url or service_url(hit.id, municipality)
    return Listed(hit.id, hit.title, hit.summary, href, hit.owner_kind, hit.owner, bool(hit.url))


def _offer(offer: Offer, municipality: str | None) -> Listed:
    here = language()
    url = offer.url(here)
    href = url or service_url(offer.id, municipality)
    return Listed(
        offer.id, offer.title(here), offer.summary(here), href, offer.owner_kind, offer.owner(here), bool(url)
    )


def service_url(service: str, municipality: str | None) -> str:
    if municipality is None:
        return reverse("portal:service-anywhere", args=[service])
    return reverse("portal:service", args=[municipality, service])


def general_url(municipality: str | None) -> str:
    """Where to ask about anything: the service that takes whatever no other does, else the page about contact."""
    for offer in catalogue.published_services():
        if offer.takes_anything:
            return service_url(offer.id, municipality)
    return reverse("portal:contact")


def services_of(municipality: str, audience: str) -> list[Listed]:
    """Everything that the municipality offers to residents or businesses."""
    ids = offered_in(municipality)
    found = [
        each for each in catalogue.published_services() if audience in each.audience and (ids is None or each.id in ids)
    ]
    return listed(found, municipality)


def topics(ids: frozenset[str] | None, audience: str) -> list[Topic]:
    """The main topics under which there is something to show."""
    shown = _with_something(ids, audience)
    return [each for each in catalogue.topics(language()) if each.id in shown]


def life_events(ids: frozenset[str] | None, audience: str) -> list[Topic]:
    """The life events that something is offered for."""
    shown = _with_something(ids, audience)
    return [each for each in catalogue.life_events(language()) if each.id in shown]


@remembered(seconds=60)
def _with_something(ids: frozenset[str] | None, audience: str) -> frozenset[str]:
    known = [*catalogue.topics("nb"), *catalogue.life_events("nb")]
    return frozenset(each.id for each in known if catalogue.under_topic(each.id, ids, audience))
