"""A service as one municipality offers it: the published package, the form, and the municipality's own values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from allmenning.basics import dates
from allmenning.basics.memory import SETTINGS_SECONDS, remembered
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.content import ServicePackage
from allmenning.commons.catalogue.records import RecordKind
from allmenning.municipal.forms.errors import ServiceNotOffered
from allmenning.municipal.profile.models import AdoptedService
from allmenning.rules.forms import Form
from allmenning.tenancy import current
from allmenning.tenancy.read_together import Asked


@dataclass(frozen=True)
class Offered:
    """A service package with its form and the values that this municipality has set."""

    package: ServicePackage
    form: Form
    values: dict[str, Any]


@lru_cache(maxsize=512)
def _form(service: str, version: str) -> Form:
    package = catalogue.service_version(service, version)
    return Form(package.form_schema, package.form_ui)


def warm() -> None:
    """Parse what is published and make its forms ready, before somebody waits for it (0.2–0.3 s for each service)."""
    catalogue.warm()
    for each in catalogue.published_services():
        _form(each.id, each.version)


def offered(service: str) -> Offered:
    """The version that this municipality offers now. Raises ServiceNotOffered."""
    adopted = _adopted(current().municipality).get(service)
    if adopted is None:
        raise ServiceNotOffered()
    version, values = adopted
    return at_version(service, version, json.loads(values))


@remembered(SETTINGS_SECONDS)
def _adopted(municipality: str) -> Mapping[str, tuple[str, str]]:
    """What the municipality at hand offers: version and values (JSON) by service. Each submission asks."""
    with connection.cursor() as cursor:
        cursor.execute("select service, version, values from profile_adoptedservice where active")
        return {service: (version, values) for service, version, values in cursor.fetchall()}


def forget() -> None:
    """Ask again what is offered: after a change."""
    _adopted.forget()


def at_version(service: str, version: str, values: dict[str, Any] | None = None) -> Offered:
    """A version that a draft or a case started with."""
    return Offered(catalogue.service_version(service, version), _form(service, version), values or {})


def of_case(service: str, version: str) -> Offered:
    """The version that a case started with, and the values that the municipality has today."""
    return among(adopted_in(service), service, version)


def adopted_in(service: str | Asked) -> QuerySet[AdoptedService]:
    """What a municipality has set in a service, whether it offers it today or not."""
    return AdoptedService.objects.filter(service=service)


def among(adopted: Iterable[AdoptedService], service: str, version: str) -> Offered:
    """The same as `of_case`, when the row has been read."""
    return at_version(service, version, next((each.values for each in adopted), {}))


def all_offered() -> list[AdoptedService]:
    """What this municipality offers now."""
    return list(AdoptedService.objects.filter(active=True).order_by("service"))


def all_kept(area: str, shows: str) -> list[tuple[ServicePackage, RecordKind]]:
    """The kinds of records, of the services that the municipality offers in an area now, that are shown in one way.

    Asks nothing of the database when it was asked lately.
    """
    offered_here = sorted(_adopted(current().municipality).items())
    packages = [catalogue.service_version(service, version) for service, (version, _) in offered_here]
    return [
        (package, kind)
        for package in packages
        if package.area == area
        for kind in package.records
        if kind.shows == shows
    ]


def day_of(at: datetime) -> date:
    return at.astimezone(dates.OSLO).date()
