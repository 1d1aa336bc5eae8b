"""After everything: where one municipality's words may not stand. Databases, commons, jobs, metrics, error pages."""

from __future__ import annotations

from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.test import Client

from allmenning.journeys import health
from allmenning.tenancy import placement
from allmenning.tenancy.models import SealedField

from .canaries import PUBLISHED, Scope
from .scene import Scene
from .tally import Tally

KIND = "sweep"
# A name of a published unit stands in the commons where services are found by it.
_ANYBODYS = (PUBLISHED,)


def attack(scene: Scene, tally: Tally, brief: bool = False) -> None:
    """Read every table of every database as the server's operator, and what is told without a login."""
    for municipality in scene.places:
        placed = placement.placement_of(municipality)
        for table, text in tables(placed.server, placed.database):
            tally.tried(KIND)
            for scope, what in scene.canaries.found_in(text):
                if scope.municipality != municipality:
                    tally.leaked(KIND, f"{what} of {scope} in {table} of {municipality}")
                elif _is_in_clear(scope, what):
                    tally.leaked(KIND, f"{what} in clear in {table} of {municipality}")
            for number, scope in scene.canaries.numbers.items():
                if number in text:
                    tally.leaked(KIND, f"the number of {scope} in clear in {table} of {municipality}")
    server, database = settings.COMMONS_PLACEMENT
    for table, text in tables(server, database):
        tally.tried(KIND)
        for scope, what in scene.canaries.found_in(text):
            if scope.area not in _ANYBODYS:
                tally.leaked(KIND, f"{what} of {scope} in {table} of the commons")
    _ask_without_login(scene, tally)


def _is_in_clear(scope: Scope, what: str) -> bool:
    """Whether something that is to be sealed stands in clear: what was lived, and each sealed field of each model."""
    if "." in what:
        model, _, field = what.rpartition(".")
        return isinstance(apps.get_model(model)._meta.get_field(field), SealedField)
    # The subject of an inquiry in the area `ordinary` is public, as its form says.
    return (what, scope.area) != ("a subject", "ordinary")


def tables(server: str, database: str) -> list[tuple[str, str]]:
    with psycopg.connect(placement.admin_dsn(server, database)) as operator:
        names = operator.execute(
            "select oid::regclass::text from pg_class where relkind in ('r', 'p', 'm') and relnamespace::regnamespace"
            " not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) order by 1"
        ).fetchall()
        return [(name, _text_of(operator, name)) for (name,) in names]


def _text_of(operator: psycopg.Connection[Any], table: str) -> str:
    # convert_from(…, escape): bytes that were left in clear are seen as the letters that they are.
    rows = operator.execute(f"select r.*, r::text from {table} r".encode()).fetchall()  # noqa: S608 (from the catalogue)
    return "\n".join(
        " ".join(str(bytes(v)) if isinstance(v, bytes | memoryview) else str(v) for v in row) for row in rows
    )


def _ask_without_login(scene: Scene, tally: Tally) -> None:
    machine = Client()
    machine.raise_request_exception = False
    for path in ("/metrics", "/healthz", "/readyz", "/nowhere/", "/averoy/nowhere/", "/static/nowhere.css", "/%00"):
        tally.tried(KIND)
        for scope, what in scene.canaries.found_in(machine.get(path).content):
            if scope.area not in _ANYBODYS:
                tally.leaked(KIND, f"{what} of {scope} in {path}")
    for finding in health.examined_lately():
        tally.tried(KIND)
        for scope, what in scene.canaries.found_in(repr(finding)):
            tally.leaked(KIND, f"{what} of {scope} in the operator's findings")
