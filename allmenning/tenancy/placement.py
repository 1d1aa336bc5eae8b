"""Where each database is, and as whom to log in there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string
from psycopg.conninfo import conninfo_to_dict

from .context import OWNER, alias_parts
from .errors import NotPlaced
from .routing import COMMONS, COMMONS_OWNER

REMEMBERED_SECONDS = 60
# The database that new ones are copied from, one on each server, is reached like a municipality's.
_TEMPLATE = "template-of-"


class Placement(NamedTuple):
    """A server's name in settings.DATABASE_SERVERS, and the database there."""

    server: str
    database: str


_remembered: dict[str, tuple[float, Placement]] = {}
_instead: dict[str, Placement] = {}


def placement_of(municipality: str) -> Placement:
    """Where a municipality's database is; asked of settings.MUNICIPAL_PLACEMENT at most once a minute.

    Raises NotPlaced.
    """
    if municipality in _instead:
        return _instead[municipality]
    known = _remembered.get(municipality)
    if known is not None and time.monotonic() - known[0] < REMEMBERED_SECONDS:
        return known[1]
    placed = _ask(municipality)
    _remembered[municipality] = (time.monotonic(), placed)
    return placed


@contextmanager
def instead(municipality: str, placed: Placement) -> Iterator[None]:
    """Let a municipality's database be another one meanwhile, in the whole process: for commands, on restored copies."""
    from django.db import connections

    connections.close_all()
    _instead[municipality] = placed
    try:
        yield
    finally:
        del _instead[municipality]
        connections.close_all()


def forget(municipality: str | None = None) -> None:
    """Ask again where a municipality's database is (None: every one's), after it has been made or moved."""
    if municipality is None:
        _remembered.clear()
    else:
        _remembered.pop(municipality, None)


def _ask(municipality: str) -> Placement:
    if is_template(municipality):
        server = municipality.removeprefix(_TEMPLATE)
        if server not in settings.DATABASE_SERVERS:
            raise NotPlaced(municipality=municipality)
        return Placement(server, settings.MUNICIPAL_TEMPLATE)
    found = import_string(settings.MUNICIPAL_PLACEMENT)(municipality)
    if found is None:
        raise NotPlaced(municipality=municipality)
    return Placement(found.server, found.database)


def template_id(server: str) -> str:
    """What a server's template is called where a municipality's id is asked for."""
    return _TEMPLATE + server


def is_template(municipality: str) -> bool:
    """Whether this stands for a server's template, which is nobody's municipality."""
    return municipality.startswith(_TEMPLATE)


def role_name(database: str, login: str) -> str:
    """PostgreSQL login of a database. session_area() in the database reads the part after the database's name."""
    return f"{database}_{login.replace('-', '_')}"


def target(alias: str) -> Placement:
    """The server and database of a Django alias. Raises NotPlaced."""
    if alias in (COMMONS, COMMONS_OWNER):
        return Placement(*settings.COMMONS_PLACEMENT)
    municipality, login = _parts(alias)
    if is_template(municipality) and login != OWNER:
        raise NotPlaced(municipality=municipality)  # nobody's municipality, whatever a request calls itself
    return placement_of(municipality)


def connection_parameters(alias: str, placed: Placement) -> dict[str, Any]:
    """What libpq needs to connect as the alias's login. The password is asked of the vault at that moment."""
    if alias in (COMMONS, COMMONS_OWNER):
        municipality, login = COMMONS, OWNER if alias == COMMONS_OWNER else "application"
    else:
        municipality, login = _parts(alias)
    return {
        **server_parameters(placed.server),
        "dbname": placed.database,
        "user": role_name(placed.database, login),
        "password": password(municipality, login),
    }


def password(municipality: str, login: str) -> str:
    """Password of a login, as text. settings.DATABASE_SECRET (the vault) derives it; it is stored nowhere."""
    if is_template(municipality):
        municipality, purpose = COMMONS, "template-database-password"
    else:
        purpose = "database-password"
    return import_string(settings.DATABASE_SECRET)(municipality, login, purpose).hex()


def server_parameters(server: str) -> dict[str, Any]:
    """Host, port and TLS of a server, from its URL in settings.DATABASE_SERVERS, without any login."""
    parameters = dict(_parsed(_resolved(settings.DATABASE_SERVERS[server])))
    for login in ("user", "password", "dbname"):
        parameters.pop(login, None)
    return parameters


def admin_dsn(server: str, database: str | None = None) -> str:
    """URL of a server as the operator who may create databases: commands alone have it (settings.DATABASE_ADMIN)."""
    dsn = _resolved(settings.DATABASE_ADMIN[server])
    return dsn if database is None else urlsplit(dsn)._replace(path=f"/{database}").geturl()


def _parts(alias: str) -> tuple[str, str]:
    parts = alias_parts(alias)
    if parts is None:
        raise NotPlaced(municipality=alias)
    return parts


def _resolved(dsn: Any) -> str:
    """Settings may give a function: a server that is started on first use, in the demo and in tests."""
    return str(dsn() if callable(dsn) else dsn)


@cache
def _parsed(dsn: str) -> dict[str, Any]:
    return conninfo_to_dict(dsn)
