"""Making databases: the template, the commons, and one for each municipality. Each may be run again.

Passwords are derived from keys: those of a municipality are made here where they are missing; `commons` must have its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from django.conf import settings
from django.utils.module_loading import import_string
from psycopg import sql

from . import placement, server
from .context import AREAS, EVERY_LOGIN, OWNER, SEALER
from .errors import NotPlaced
from .placement import Placement, role_name, template_id
from .routing import COMMONS
from .walls import ADMINISTRATION, AREA, RESIDENT, digest
from .walls import OWNER as OWNERS
from .walls import SEALER as SEALERS

_GROUPS: Mapping[str, str] = {
    **dict.fromkeys(AREAS, AREA),
    "resident": RESIDENT,
    "administration": ADMINISTRATION,
    SEALER: SEALERS,
    OWNER: OWNERS,
}
_LOCALE = "template template0 encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'"


def create_database(municipality: str) -> Placement:
    """Make a municipality's database from the template, with its logins; 0.1-0.2 s. Returns where it is.

    Where the register names a place already, there; else on the first server, under a name that tells nothing and is
    the same each time. The caller notes it in the register. A database that exists keeps its rows: its logins and
    rights are put right. The template must have been made (create_template) and migrated.
    """
    placed = _place(municipality)
    with server.connected(placed.server) as connection, server.locked(connection, "make a database"):
        if not server.database_exists(connection, placed.database):
            _clone(connection, placed.database)
        _open_for_its_logins(connection, placed.database, municipality, EVERY_LOGIN)
    _note_logins(placed)
    placement.forget(municipality)
    return placed


def create_template(server_name: str | None = None) -> Placement:
    """Make the database that municipalities' databases are copied from, empty but hardened, on a server."""
    server_name = server_name or settings.COMMONS_PLACEMENT[0]
    placed = Placement(server_name, settings.MUNICIPAL_TEMPLATE)
    with server.connected(server_name) as connection, server.locked(connection, "make a database"):
        server.ensure_groups(connection)
        if not server.database_exists(connection, placed.database):
            _create_closed(connection, placed.database, _LOCALE)
        _harden_new(placed)
        _open_for_its_logins(connection, placed.database, template_id(server_name), [OWNER])
        _execute(connection, "alter database {} is_template true", placed.database)
    return placed


def create_commons() -> Placement:
    """Make the database of what the municipalities own together, with the login of the application."""
    placed = Placement(*settings.COMMONS_PLACEMENT)
    with server.connected(placed.server) as connection, server.locked(connection, "make a database"):
        if not server.database_exists(connection, placed.database):
            _create_closed(connection, placed.database, _LOCALE)
        for login in ("application", OWNER):
            role = role_name(placed.database, login)
            _ensure_plain_login(connection, role, placement.password(COMMONS, login))
            _grant_connect(connection, placed.database, role)
        _execute(connection, "alter database {} allow_connections true", placed.database)
        with server.connected(placed.server, placed.database) as inside:
            _open_commons(inside, placed.database)
    return placed


def create_to_fill(placed: Placement, *, commons: bool = False) -> str:
    """Make an empty database for a back-up to be restored into, closed to every login but the operator's.

    Returns the role that everything in it is to belong to.
    """
    with server.connected(placed.server) as connection, server.locked(connection, "make a database"):
        server.ensure_groups(connection)
        owner = OWNERS
        if commons:
            owner = role_name(settings.COMMONS_PLACEMENT[1], OWNER)
            _ensure_plain_login(connection, owner, placement.password(COMMONS, OWNER))
        _create_closed(connection, placed.database, _LOCALE)
        _execute(connection, "alter database {} allow_connections true", placed.database)
        _may_make_schemas(connection, placed, owner, "grant create on database {} to {}")
    with server.connected(placed.server, placed.database) as inside:
        _execute(inside, "alter schema public owner to {}", owner)
    return owner


def end_filling(placed: Placement, owner: str) -> None:
    """Take back the right to make schemas, which no owner of ours has when a back-up is not just being restored."""
    with server.connected(placed.server) as connection:
        _may_make_schemas(connection, placed, owner, "revoke create on database {} from {}")


def _may_make_schemas(connection: psycopg.Connection[Any], placed: Placement, owner: str, statement: str) -> None:
    connection.execute(sql.SQL(statement).format(sql.Identifier(placed.database), sql.Identifier(owner)))


def open_filled(municipality: str, placed: Placement, logins: Iterable[str] = EVERY_LOGIN) -> None:
    """Let a municipality's logins into a database that was restored: with the passwords that follow from its keys."""
    with server.connected(placed.server) as connection, server.locked(connection, "make a database"):
        _open_for_its_logins(connection, placed.database, municipality, [*logins])


def let_new_logins_in(municipality: str) -> None:
    """Let in a login that came with a new version, to a database that is at work."""
    placed = placement.placement_of(municipality)
    with server.connected(*placed) as inside:
        known = inside.execute("select hash from tenancy.applied where what = 'logins'").fetchone()
    if known != (digest(" ".join(EVERY_LOGIN)),):
        open_filled(municipality, placed)
        _note_logins(placed)


def _note_logins(placed: Placement) -> None:
    with server.connected(*placed) as inside:
        inside.execute(
            "insert into tenancy.applied (what, hash) values ('logins', %s)"
            " on conflict (what) do update set hash = excluded.hash, at = now()",
            [digest(" ".join(EVERY_LOGIN))],
        )


def close_database(placed: Placement) -> None:
    """End all work in a database and let nobody begin any. What is in it stays."""
    with server.connected(placed.server) as connection:
        _execute(connection, "alter database {} allow_connections false", placed.database)
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [placed.database]
        )


def rename_database(placed: Placement, name: str) -> None:
    """Give a database that nobody is connected to another name."""
    with server.connected(placed.server) as connection:
        connection.execute(
            sql.SQL("alter database {} rename to {}").format(sql.Identifier(placed.database), sql.Identifier(name))
        )


def drop_database(placed: Placement) -> None:
    """Remove a database and its logins, with all that is in it. Nothing is asked; for tests and failed beginnings."""
    with server.connected(placed.server) as connection:
        _execute(connection, "drop database if exists {} with (force)", placed.database)
        for login in EVERY_LOGIN:
            _execute(connection, "drop role if exists {}", role_name(placed.database, login))


def _place(municipality: str) -> Placement:
    try:
        return placement.placement_of(municipality)
    except NotPlaced:
        secret: bytes = import_string(settings.DATABASE_SECRET)(municipality, OWNER, "database-name")
        return Placement(next(iter(settings.DATABASE_SERVERS)), f"m_{secret[:6].hex()}")


def _clone(connection: psycopg.Connection[Any], database: str) -> None:
    _create_closed(connection, database, f'template "{settings.MUNICIPAL_TEMPLATE}"')


def _create_closed(connection: psycopg.Connection[Any], database: str, how: str) -> None:
    # A clone does not inherit its template's rights: without this, everybody's login could enter it at first.
    name = sql.Identifier(database)
    connection.execute(sql.SQL("create database {} allow_connections false " + how).format(name))
    connection.execute(sql.SQL("revoke all on database {} from public").format(name))


def _open_for_its_logins(
    connection: psycopg.Connection[Any], database: str, municipality: str, logins: Iterable[str]
) -> None:
    if not placement.is_template(municipality):
        import_string(settings.DATABASE_KEYS)(municipality)  # a login that came later has none yet
    # Again, for a database whose making was interrupted between the two statements above.
    _execute(connection, "revoke all on database {} from public", database)
    for login in logins:
        server.ensure_login(connection, database, login, placement.password(municipality, login), _GROUPS[login])
        _grant_connect(connection, database, role_name(database, login))
    _execute(connection, "alter database {} set idle_session_timeout = '5min'", database)
    _execute(connection, "alter database {} allow_connections true", database)


def _grant_connect(connection: psycopg.Connection[Any], database: str, role: str) -> None:
    connection.execute(
        sql.SQL("grant connect on database {} to {}").format(sql.Identifier(database), sql.Identifier(role))
    )


def _harden_new(placed: Placement) -> None:
    with server.connected(placed.server) as connection:
        _execute(connection, "revoke all on database {} from public", placed.database)
        _execute(connection, "alter database {} allow_connections true", placed.database)
    with server.connected(placed.server, placed.database) as inside:
        inside.execute(sql.SQL("alter schema public owner to {}").format(sql.Identifier(OWNERS)))
        inside.execute(sql.SQL("create schema if not exists tenancy authorization {}").format(sql.Identifier(OWNERS)))
        inside.execute(server.read_sql("shut.sql"))


def _ensure_plain_login(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    connection.execute(
        sql.SQL(("alter" if known else "create") + " role {} login nosuperuser password {}").format(
            sql.Identifier(role), server.scram_verifier(password)
        )
    )


def _open_commons(inside: psycopg.Connection[Any], database: str) -> None:
    owner, application = (sql.Identifier(role_name(database, login)) for login in (OWNER, "application"))
    inside.execute(sql.SQL("alter schema public owner to {}").format(owner))
    inside.execute(
        sql.SQL("revoke all on schema public from public; grant usage on schema public to {}").format(application)
    )
    for objects, rights in (
        ("tables", "select, insert, update, delete"),
        ("sequences", "usage, select"),
        ("functions", "execute"),
    ):
        for statement in (
            f"alter default privileges for role {{0}} grant {rights} on {objects} to {{1}}",
            f"grant {rights} on all {objects} in schema public to {{1}}",
        ):
            inside.execute(sql.SQL(statement).format(owner, application))


def _execute(connection: psycopg.Connection[Any], statement: str, name: str) -> None:
    connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
