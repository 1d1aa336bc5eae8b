"""Talking to a PostgreSQL server as its operator: groups, logins, databases. For commands, never for a request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from . import placement
from .walls import GROUPS

CONNECTIONS_OF_A_LOGIN = 20
_SQL = Path(__file__).parent / "sql"


def read_sql(name: str) -> str:
    """Text of a file in tenancy/sql."""
    return (_SQL / name).read_text(encoding="utf-8")


@contextmanager
def connected(server: str, database: str | None = None) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the operator, each statement by itself."""
    dsn = placement.admin_dsn(server, database)
    with psycopg.connect(dsn, autocommit=True, application_name="allmenning operator") as connection:
        # The operator's own defaults must not decide what a database is like.
        connection.execute("set timezone = 'UTC'; set idle_session_timeout = 0")
        yield connection


@contextmanager
def locked(connection: psycopg.Connection[Any], what: str) -> Iterator[None]:
    """Let one operator at a time do `what` on this server; the lock goes when the connection does."""
    connection.execute("select pg_advisory_lock(hashtextextended(%s, 7261))", [what])
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(hashtextextended(%s, 7261))", [what])


def database_exists(connection: psycopg.Connection[Any], database: str) -> bool:
    """Whether the server has a database of that name."""
    return connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone() is not None


def ensure_groups(connection: psycopg.Connection[Any]) -> None:
    """The groups that tables grant to. They can't log in, and membership opens no database.

    Closes the server's own databases to all but its operators too: a server of ours serves nothing else.
    """
    known = {
        name for (name,) in connection.execute("select rolname from pg_roles where rolname = any(%s)", [[*GROUPS]])
    }
    for group in GROUPS:
        if group not in known:
            connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(group)))
    # Open to every login by default, and not hardened: from there the names of all databases could be read.
    for database in ("postgres", "template1"):
        if database_exists(connection, database):
            connection.execute(sql.SQL("revoke connect on database {} from public").format(sql.Identifier(database)))


def ensure_login(connection: psycopg.Connection[Any], database: str, login: str, password: str, group: str) -> None:
    """A database's login, with its password, its group and no more than 20 connections. May be run again."""
    role = placement.role_name(database, login)
    known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    verb = "alter" if known else "create"
    connection.execute(
        sql.SQL(verb + " role {} login nosuperuser nocreatedb nocreaterole connection limit {} password {}").format(
            sql.Identifier(role), CONNECTIONS_OF_A_LOGIN, scram_verifier(password)
        )
    )
    if not known:
        connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), sql.Identifier(role)))
        if login == "owner":
            # Whatever the owner makes belongs to the group: a clone's tables then have the right owner at once.
            connection.execute(
                sql.SQL("alter role {} set role = {}").format(sql.Identifier(role), sql.Identifier(group))
            )


def scram_verifier(password: str) -> str:
    """What PostgreSQL stores for a password (RFC 5802), worked out here so that the password never reaches its log.

    One iteration: our passwords are 256 random bits, which repeated hashing makes no harder to guess, and each new
    connection takes 2.5 ms instead of 6.6.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256$1:{encoded[0]}${encoded[1]}:{encoded[2]}"
