"""What a municipality offers and how it does, as other systems read it: nothing of it is about a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allmenning.basics import dates
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.content import ServicePackage
from allmenning.commons.figures import queries as figures
from allmenning.commons.figures.models import PublishedFigure
from allmenning.commons.figures.queries import Cell
from allmenning.commons.identity.client_tokens import Client
from allmenning.municipal.forms.errors import ServiceNotOffered
from allmenning.rules.forms import published
from allmenning.tenancy import use

from .offered import all_offered, at_version

Measure = PublishedFigure.Measure
MEASURES = (Measure.CASES.value, Measure.DECIDED.value, Measure.MEDIAN_DAYS.value)


@dataclass(frozen=True)
class Listed:
    """A service in the version that the municipality offers; where it offers none, in the newest."""

    package: ServicePackage
    is_offered: bool


@dataclass(frozen=True)
class Described(Listed):
    """A service with what is to be answered: the JSON Schema of the answers, and of each field that takes files."""

    answers: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class YearOfService:
    """The figures of a service in a year, by measure. A cell without a value is about fewer than five people, or none."""

    service: str
    cells: Mapping[str, Cell]


def services_for(client: Client) -> list[Listed]:
    """The published services of the client's areas that it has to do with, by id."""
    here = _offered_versions(client)
    return [
        Listed(catalogue.service_version(each.id, here.get(each.id, each.version)), each.id in here)
        for each in catalogue.published_services()
        if client.handles(each.area, each.id)
    ]


def service_for(client: Client, service: str) -> Described:
    """One of them. Raises UnknownService, ServiceNotOffered (it is not this client's)."""
    newest, here = catalogue.published(service), _offered_versions(client)
    if not client.handles(newest.area, service):
        raise ServiceNotOffered()
    found = at_version(service, here.get(service, newest.version))
    return Described(
        found.package, service in here, published.answers_schema(found.form), published.file_fields(found.form)
    )


def _offered_versions(client: Client) -> dict[str, str]:
    with use(client.municipality, client.areas[0]):
        return {each.service: each.version for each in all_offered()}


def figures_for(client: Client, year: int | None = None) -> tuple[int, list[YearOfService]]:
    """The municipality's own published figures of a year (this one, if none is named), for the client's services."""
    chosen, here = year or dates.today().year, client.municipality
    services = [each.id for each in catalogue.published_services() if client.handles(each.area, each.id)]
    tables = {measure: figures.table(measure, [here], services, str(chosen)) for measure in MEASURES}
    return chosen, [
        YearOfService(service, {measure: table.cell(service, here) for measure, table in tables.items()})
        for service in services
    ]
