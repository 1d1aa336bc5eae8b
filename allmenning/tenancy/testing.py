"""Tests get real databases, reached by the real logins: a test that ran as the owner would miss a missing right.

What is written is committed, since two logins are two connections; after each test every table is emptied again, in
one call of a procedure inside the database (0.5 ms). The databases are named by the hash of migrations and walls, so
they are made once and used again by the next run. Each process (pytest-xdist) takes a set of its own.

In a test: ask for `commons_db`, `municipality_a` ("averoy") or `municipality_b` ("smola").
"""

from __future__ import annotations

import hashlib
import inspect
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from psycopg import sql

from allmenning.basics import memory

from . import create, migrate, placement, server, statistics, together, walls
from .errors import NotPlaced
from .placement import Placement
from .pool import pool
from .routing import COMMONS

T = TypeVar("T")

A, B = "averoy", "smola"
_SETS = 64  # how many processes may test at once on one server
_places: dict[str, Placement] = {}


def placement_of(municipality: str) -> Placement:
    """settings.MUNICIPAL_PLACEMENT of the tests. Raises NotPlaced."""
    try:
        return _places[municipality]
    except KeyError:
        raise NotPlaced(municipality=municipality) from None


def municipalities() -> list[str]:
    """settings.MUNICIPALITIES of the tests."""
    return sorted(_places)


@pytest.fixture(scope="session")
def test_databases(django_db_blocker: Any, django_test_environment: None) -> Iterator[TestDatabases]:
    """The databases of this process, there and empty."""
    with django_db_blocker.unblock():
        databases = TestDatabases()
        databases.take()
        yield databases
        databases.leave()


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Instead of pytest-django's own, which would make databases by Django's way."""


@pytest.fixture
def once(test_databases: TestDatabases) -> Callable[[str, Callable[[], Any]], Any]:
    """What many tests begin with is made once in each process: `once("plan", demo_plan.seed)`. See `TestDatabases.once`."""
    return test_databases.once


@pytest.fixture
def commons_db(test_databases: TestDatabases, django_db_blocker: Any) -> Iterator[None]:
    """The commons, empty but for what migrations put there."""
    with django_db_blocker.unblock():
        yield
        # As at the end of a request: nothing that a test set on a connection meets the next one.
        _close_connections()
        test_databases.clean(COMMONS)


@pytest.fixture
def municipality_a(test_databases: TestDatabases, commons_db: None) -> Iterator[str]:
    """The id of a municipality with an empty database."""
    yield A
    test_databases.clean(A)


@pytest.fixture
def municipality_b(test_databases: TestDatabases, commons_db: None) -> Iterator[str]:
    """The id of another one."""
    yield B
    test_databases.clean(B)


@pytest.fixture
def db(commons_db: None) -> None:
    """What `django_db` and pytest-django's fixtures ask for."""


@pytest.fixture
def transactional_db(commons_db: None) -> None:
    """The same: every test may commit."""


@pytest.fixture
def _django_db_helper(commons_db: None) -> None:
    """Instead of pytest-django's own, which would open a transaction on `default`."""


def _close_connections() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:  # a fixture outside this one holds it
            connection.close()


class TestDatabases:
    """A commons and two municipalities, made from one template, taken by one process at a time."""

    __test__ = False  # not a test class, whatever its name looks like to pytest

    def __init__(self) -> None:
        self._server = next(iter(settings.DATABASE_SERVERS))
        self._hash = state_of_the_code()
        self._operator = psycopg.connect(placement.admin_dsn(self._server), autocommit=True)
        self._operator.execute("set idle_session_timeout = 0")
        self._cleaners: dict[str, psycopg.Connection[Any]] = {}
        self._given: list[str] = []  # what the commons was given since it was clean
        self._once: dict[tuple[str, ...], tuple[str, Any]] = {}  # by scenes before it: its procedure, what it told

    def take(self) -> None:
        """Take a set that no other process has, making it on the first run after a change."""
        import allmenning.vault as vault

        for municipality in (COMMONS, A, B):
            vault.create_keys(municipality)
        settings.MUNICIPAL_TEMPLATE = f"test_template_{self._hash}"
        number = next(n for n in range(_SETS) if self._lock(f"set {n}"))
        settings.COMMONS_PLACEMENT = (self._server, f"test_commons_{self._hash}_{number}")
        for municipality in (A, B):
            _places[municipality] = Placement(self._server, _opaque(f"{self._hash} {number} {municipality}"))
        self._make_template()
        for name in (COMMONS, A, B):
            try:
                self._begin(name)
            except psycopg.Error:  # a test of another run left it broken
                self._cleaners.pop(name).close()
                create.drop_database(Placement(self._server, self._database(name)))
                self._begin(name)

    def clean(self, name: str) -> None:
        """Give every table the rows that it had after the migrations."""
        self._cleaners[name].execute("call testing.clean()")
        if name == COMMONS:
            self._given.clear()
        memory.forget_everything()

    @contextmanager
    def keeping(self, scene: str, names: Collection[str]) -> Iterator[None]:
        """Keep the rows that are added meanwhile to some of the databases, to be given again by `give`."""
        since = {name: self._mark(name) for name in names}
        yield
        for name in names:
            self._cleaners[name].execute(_keeper(self._cleaners[name], scene, since[name]))

    def give(self, scene: str, names: Collection[str]) -> None:
        """Add the rows of a scene, as they were kept: two milliseconds instead of a quarter of a second."""
        for name in names:
            self._cleaners[name].execute(f"call testing.give_{scene}()".encode())
        if COMMONS in names:
            self._given.append(scene)
        memory.forget_everything()

    def once(self, scene: str, make: Callable[[], T]) -> T:
        """Make something of the commons: the first time in this process by `make`, then by the rows that it had afterwards.

        For what a test begins with, and nothing but scenes has been given before: other rows are gone. Returns what `make`
        returned then, which nobody changes.
        """
        self._given.append(scene)
        which, commons = tuple(self._given), self._cleaners[COMMONS]
        if which in self._once:
            name, told = self._once[which]
            commons.execute(f"call testing.give_{name}()".encode())
        else:
            told = make()
            name = f"once_{len(self._once)}"
            commons.execute(_keeper(commons, name, 0, instead=True))
            self._once[which] = name, told
        memory.forget_everything()
        return told

    def _mark(self, name: str) -> int:
        found = self._cleaners[name].execute("select pg_current_xact_id()::text::bigint").fetchone()
        assert found is not None
        return int(found[0])

    def leave(self) -> None:
        """Let another process have the set; the databases stay for it."""
        connections.close_all()
        pool().close()
        for connection in (*self._cleaners.values(), self._operator):
            connection.close()
        shutil.rmtree(settings.FILES_DIR, ignore_errors=True)

    def _database(self, name: str) -> str:
        return settings.COMMONS_PLACEMENT[1] if name == COMMONS else _places[name].database

    def _lock(self, what: str) -> bool:
        """Until this process ends; waits for nobody."""
        found = self._operator.execute(
            "select pg_try_advisory_lock(hashtextextended(%s, 7262))", [f"{self._hash} {what}"]
        ).fetchone()
        return bool(found and found[0])

    def _make_template(self) -> None:
        with server.locked(self._operator, "make the test template"):
            if self._is_complete(settings.MUNICIPAL_TEMPLATE):
                return
            self._drop_older()
            migrate.migrate_template(self._server)
            self._note(settings.MUNICIPAL_TEMPLATE)

    def _begin(self, name: str) -> None:
        self._make(name)
        dsn = placement.admin_dsn(self._server, self._database(name))
        self._cleaners[name] = psycopg.connect(dsn, autocommit=True)
        self._cleaners[name].execute("set idle_session_timeout = 0; set session_replication_role = replica")
        self.clean(name)

    def _make(self, name: str) -> None:
        database = self._database(name)
        if self._is_complete(database):
            return
        if name == COMMONS:
            migrate.migrate_commons()
        else:
            create.create_database(name)
        with server.connected(self._server, database) as inside:
            inside.execute(_cleaner(inside))
        self._note(database)

    def _is_complete(self, database: str) -> bool:
        found = self._operator.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s", [database]
        ).fetchone()
        return found is not None and found[0] == self._comment()

    def _note(self, database: str) -> None:
        self._operator.execute(
            sql.SQL("comment on database {} is {}").format(sql.Identifier(database), self._comment())
        )

    def _comment(self) -> str:
        return f"allmenning test {self._hash}"

    def _drop_older(self) -> None:
        """Databases of earlier states of the code that nobody uses now."""
        older = self._operator.execute(
            "select datname from pg_database where shobj_description(oid, 'pg_database') like 'allmenning test %%'"
            " and shobj_description(oid, 'pg_database') <> %s"
            " and not exists (select from pg_stat_activity a where a.datname = pg_database.datname)",
            [self._comment()],
        ).fetchall()
        for (database,) in older:
            name = sql.Identifier(database)
            try:
                self._operator.execute(sql.SQL("alter database {} is_template false").format(name))
                create.drop_database(Placement(self._server, database))
            except psycopg.Error:  # somebody began to use it
                continue


@cache
def state_of_the_code() -> str:
    """Hash of everything that a database is made of."""
    from django.apps import apps

    text = hashlib.sha256(walls.sql().encode())
    text.update(together.sql(walls.municipal_models()).encode())
    text.update(statistics.sql(walls.municipal_models()).encode())
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        for path in sorted(Path(config.path).glob("migrations/*.py")):
            text.update(path.read_bytes())
    for path in sorted((Path(__file__).parent / "sql").glob("*.sql")):
        text.update(path.read_bytes())
    for module in (create, server):
        text.update(inspect.getsource(module).encode())
    text.update(_CLEANER.encode())
    # Passwords follow from the vault's keys: other keys, other databases.
    text.update(str(settings.VAULT_DIR).encode())
    return text.hexdigest()[:12]


def _opaque(text: str) -> str:
    return "m_" + hashlib.sha256(text.encode()).hexdigest()[:12]


_CLEANER = """
create schema if not exists testing;
create or replace procedure testing.clean() language plpgsql security invoker as $clean$
begin
{statements}
end $clean$;
"""


def _cleaner(inside: psycopg.Connection[Any]) -> bytes:
    """SQL that makes the procedure: one DELETE for each table (a TRUNCATE takes 20 times as long on an empty one)."""
    statements, copies = [], []
    for table, name in _tables(inside):
        # Names from the catalogue, quoted by it: no value is spliced in.
        statements.append(f"  delete from {table};")  # noqa: S608
        found = inside.execute(f"select exists (select from {table})".encode()).fetchone()  # noqa: S608
        if found and found[0]:
            copies.append(f"create schema if not exists testing; create table testing.{name} as table {table};")
            again = f"  insert into {table} overriding system value select * from testing.{name};"  # noqa: S608
            statements.append(again)
    return ("\n".join(copies) + _CLEANER.format(statements="\n".join(statements))).encode()


def _tables(inside: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """Every table that tests write to: as SQL says it, and its bare name."""
    return inside.execute(
        "select c.oid::regclass::text, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = any('{public,tenancy}') and c.relkind = 'r'"
        " and c.relname not in ('django_migrations', 'applied') order by 1"
    ).fetchall()


def _keeper(inside: psycopg.Connection[Any], scene: str, since: int, *, instead: bool = False) -> bytes:
    """SQL that copies what transactions from a certain one on have added, and makes the procedure that gives it again.

    instead: in place of the rows that are there then.
    """
    copies, statements = [], []
    for table, name in _tables(inside):
        if instead:
            statements.append(f"  delete from {table};")  # noqa: S608
        added = f"from {table} where xmin::text::bigint >= {since}"
        found = inside.execute(f"select exists (select {added})".encode()).fetchone()
        if found and found[0]:
            held = f"testing.{scene}_{name}"
            copies.append(f"drop table if exists {held}; create table {held} as select * {added};")
            statements.append(f"  insert into {table} overriding system value select * from {held};")  # noqa: S608
    return ("\n".join(copies) + _GIVER.format(scene=scene, statements="\n".join(statements))).encode()


_GIVER = """
create or replace procedure testing.give_{scene}() language plpgsql security invoker as $give$
begin
{statements}
end $give$;
"""


__all__ = [
    "A",
    "B",
    "TestDatabases",
    "_django_db_helper",
    "commons_db",
    "db",
    "django_db_setup",
    "municipality_a",
    "municipality_b",
    "once",
    "test_databases",
    "transactional_db",
]
