"""The wall between two areas of one municipality: child welfare, and whoever sits beside it at the same table.

Somebody has the login of one area and SQL of their own: more than any page gives. In every table there is a row of
another area. Each way below tries to see it, to open it, or to learn that it is there. A way is a function with one
sentence; it yields what it was told. Tables are asked of the database, so that a new one is tried as soon as it is made.
"""

# ruff: noqa: S608 (SQL of one's own, about our own tables, is what is tried here)
from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import models

from allmenning.basics.identifiers import uuid7
from allmenning.tenancy import AREAS, EVERY_LOGIN, placement, walls
from allmenning.tenancy.models import IndexField, SealedField

from .rows import Owner, models_of
from .scene import Scene
from .tally import Tally

KIND = "wall"
WATCHED = "child-welfare"
OTHERS = tuple(each for each in EVERY_LOGIN if each not in ("child-welfare", "owner"))
SOON = 0.2  # seconds: much more than anything here takes, much less than what is slept
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass(frozen=True)
class Prying:
    """One login's connection, one table, a row of another area in it, and what a row of one's own would be."""

    connection: psycopg.Connection[Any]
    beside: psycopg.Connection[Any]  # of the area that is pried upon
    login: str
    model: type[models.Model]
    theirs: models.Model
    ours: Owner

    @property
    def table(self) -> str:
        return f'"{self.model._meta.db_table}"'

    @property
    def columns(self) -> list[str]:
        return [str(field.column) for field in self.model._meta.local_concrete_fields]

    def asked(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]] | None:
        """What a statement shows, undone afterwards; None where it is refused. Other failures are raised."""
        try:
            with self.connection.transaction(force_rollback=True):
                cursor = self.connection.execute(statement.encode(), parameters or None)
                return cursor.fetchall() if cursor.description else []
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction):
            return None

    def failed(self, statement: str, *parameters: Any) -> psycopg.Error | None:
        """How a statement fails, undone afterwards; None when it does not."""
        try:
            with self.connection.transaction(force_rollback=True):
                self.connection.execute(statement.encode(), parameters or None)
                self.connection.execute("set constraints all immediate")  # as the commit would
        except psycopg.Error as error:
            return error
        return None


Way = Callable[[Prying], Iterator[str]]


def sees_no_row(prying: Prying) -> Iterator[str]:
    """Its own rows alone are selected, counted and summed up, whatever is asked for."""
    table, their_id = prying.table, prying.theirs.pk
    for what, expected in (
        (f"select id from {table}", None),
        (f"select id from {table} where id = '{their_id}'", []),
        (f"select id from only {table} offset 0", None),
        (f"select id from {table} for update", None),
        (f"select count(*) from {table} where id = '{their_id}'", [(0,)]),
        (f"select exists (select from {table} where id = '{their_id}')", [(False,)]),
        (f"select max(id::text) from {table} where id >= '{their_id}' and id <= '{their_id}'", [(None,)]),
        (f"select array_agg(id) filter (where id = '{their_id}') from {table}", [(None,)]),
        (f"select (select id from {table} where id = '{their_id}')", [(None,)]),
    ):
        found = prying.asked(what)
        if found is not None and (str(their_id) in str(found) if expected is None else found != expected):
            yield f"{what}: {found}"
    if "area" in prying.columns:
        areas = prying.asked(f"select distinct area from {table}") or []
        yield from (f"rows of {area}" for (area,) in areas if area != prying.login and prying.login != "resident")


def changes_no_row(prying: Prying) -> Iterator[str]:
    """Nothing of theirs is changed, removed, locked or taken over."""
    their_id = prying.theirs.pk
    changes = [f'update {prying.table} set "{column}" = "{column}"' for column in prying.columns]
    for change in (*changes, f"delete from {prying.table}"):
        if prying.asked(f"{change} where id = '{their_id}' returning id"):
            yield f"{change} of theirs"
        with prying.connection.transaction(force_rollback=True):
            try:
                count = prying.connection.execute(f"{change} where id = '{their_id}'".encode()).rowcount
            except psycopg.Error:
                continue
            if count:
                yield f"{change}: {count} of theirs"


def no_sizes_and_no_estimates(prying: Prying) -> Iterator[str]:
    """How many rows there are in all is told by no view, no estimate that PostgreSQL keeps, and no size."""
    name = prying.model._meta.db_table
    for what in (
        f"select * from pg_stats where tablename = '{name}'",
        f"select * from pg_stats_ext where tablename = '{name}'",
        f"select * from pg_statistic where starelid = '{name}'::regclass",
        f"select reltuples, relpages from pg_class where relname = '{name}'",
        f"select relallvisible, relfrozenxid from pg_class where relname = '{name}'",
        f"select * from pg_stat_user_tables where relname = '{name}'",
        f"select * from pg_statio_user_tables where relname = '{name}'",
        f"select * from pg_stat_user_indexes where relname = '{name}'",
        f"select * from pg_stat_xact_user_tables where relname = '{name}'",
        f"select * from pg_stat_progress_vacuum where relid = '{name}'::regclass",
        f"select pg_relation_size('{name}'), pg_total_relation_size('{name}')",
        f"select pg_table_size('{name}')",
        f"select pg_indexes_size('{name}')",
        f"select pg_stat_get_live_tuples('{name}'::regclass)",
        f"select pg_stat_get_tuples_inserted('{name}'::regclass)",
    ):
        if prying.asked(what):
            yield what


def no_place_and_no_transaction(prying: Prying) -> Iterator[str]:
    """Where a row of one's own lies, and which transaction wrote it, would tell of those between."""
    for column in ("ctid", "xmin", "xmax", "cmin", "cmax"):
        if prying.asked(f"select {column} from {prying.table} limit 1") is not None:
            yield f"{column} of a row"


def no_condition_before_the_policy(prying: Prying) -> Iterator[str]:
    """A condition that fails or waits where it meets a row is never worked out for one of theirs."""
    table, not_ours = prying.table, f"id = '{prying.theirs.pk}'"
    for condition in (
        f"1 / (case when {table}::text ~ '.' then 0 else 1 end) = 1",
        f"({table}::text)::int > 0",
        "(id::text)::int > 0",
        "(id::text)::xml is not null",
        "setseed(2) is null",
        "1 / (random()::int - random()::int) = 1",
        "to_date(id::text, 'YYYY') is null",
    ):
        failed = prying.failed(f"select count(*) from {table} where {condition} and {not_ours}")
        if failed is not None and not isinstance(failed, psycopg.errors.InsufficientPrivilege):
            yield f"{condition}: {type(failed).__name__}"
    begun = time.perf_counter()
    prying.asked(f"select count(*) from {table} where pg_sleep({SOON}) is null and {not_ours}")
    if time.perf_counter() - begun > SOON:
        yield "a row of theirs was waited for"


def the_policy_comes_first_in_the_plan(prying: Prying) -> Iterator[str]:
    """In PostgreSQL's own plan the policy stands before what somebody asks, and no index is searched by it."""
    # Of what was asked there may be an index condition only where the operator can't tell of rows (is leakproof).
    rows = prying.asked(f"explain (verbose) select from {prying.table} where {prying.table}::text ~ 'asked here'")
    plan = "\n".join(line for (line,) in rows or [])
    for line in plan.splitlines():
        if "asked here" not in line:
            continue
        policy = max(line.find("InitPlan"), line.find("(id = ANY"), line.find("hashed SubPlan"))
        if "Filter:" not in line or (policy == -1 and "area" in line) or policy > line.find("asked here"):
            yield line.strip()


def no_constraint_tells(prying: Prying) -> Iterator[str]:
    """The values of their row may be written once more here: no unique or exclusion constraint reaches over the wall."""
    for name, names in _unique(prying):
        guessable = [f for f in prying.model._meta.local_concrete_fields if f.column in names]
        if any(walls.is_unguessable(field) for field in guessable):
            continue  # a random id or an HMAC: nobody can try one
        row = prying.ours.unsaved(prying.model)
        for field in guessable:
            if field.column not in ("area", "owner_key", "case_id"):
                setattr(row, field.attname, getattr(prying.theirs, field.attname))
        failed = _written(prying, row)
        if failed is not None and failed.diag.constraint_name == name:
            yield f"{', '.join(names)}: {name}"


def no_reference_tells(prying: Prying) -> Iterator[str]:
    """A row that hangs on theirs is refused in the very words in which one that hangs on nothing is."""
    for field in prying.model._meta.local_concrete_fields:
        target = field.related_model if isinstance(field, models.ForeignKey) else None
        if field.column != "case_id" and (target is None or target is prying.model):
            continue
        row = prying.ours.unsaved(prying.model)
        said = []
        for value in (getattr(prying.theirs, field.attname), uuid7()):
            setattr(row, field.attname, value)
            failed = _written(prying, row)
            said.append(failed and (type(failed).__name__, _IDS.sub("…", f"{failed} {failed.diag.message_detail}")))
        if said[0] != said[1]:
            yield f"{field.column}: {said[0]} instead of {said[1]}"


def no_lock_tells(prying: Prying) -> Iterator[str]:
    """While they work on their row, nobody here waits for it, and no lock tells that they do."""
    held = f"select id from {prying.table} where id = '{prying.theirs.pk}' for update"
    with prying.beside.transaction(force_rollback=True):
        try:
            with prying.beside.transaction():
                prying.beside.execute(held.encode())
        except psycopg.errors.InsufficientPrivilege:
            pass  # rows that nobody changes are locked by nobody
        for what in (
            f"select id from {prying.table} for update",
            f"select id from {prying.table} for update nowait",
            f"select id from {prying.table} where id = '{prying.theirs.pk}' for update nowait",
            f'update {prying.table} set "{prying.columns[-1]}" = "{prying.columns[-1]}"',
        ):
            failed = prying.failed(what)
            if isinstance(failed, psycopg.errors.LockNotAvailable):
                yield f"{what} waits"
        for mode in _MODES:
            failed = prying.failed(f"lock table {prying.table} in {mode} mode nowait")
            if isinstance(failed, psycopg.errors.LockNotAvailable):
                yield f"lock table in {mode} mode"


_MODES = (
    "access share",
    "row share",
    "row exclusive",
    "share update exclusive",
    "share",
    "share row exclusive",
    "exclusive",
    "access exclusive",
)
OF_TABLES: tuple[Way, ...] = (
    sees_no_row,
    changes_no_row,
    no_sizes_and_no_estimates,
    no_place_and_no_transaction,
    no_condition_before_the_policy,
    the_policy_comes_first_in_the_plan,
    no_constraint_tells,
    no_reference_tells,
    no_lock_tells,
)

# What is about no table. Each must be refused, or show nothing.
ACTIVITY: Mapping[str, Sequence[str]] = {
    "who is at work": (
        "select * from pg_stat_activity",
        "select * from pg_stat_get_activity(null)",
        "select * from pg_locks",
        "select * from pg_lock_status()",
        "select * from pg_stat_database",
        "select * from pg_prepared_xacts",
        "select * from pg_replication_slots",
        "select pg_blocking_pids(1)",
    ),
    "how much is written": (
        "select pg_current_xact_id()",
        "select txid_current()",
        "select pg_current_snapshot()",
        "select txid_current_snapshot()",
        "select age('3'::xid)",
        "select mxid_age('3'::xid)",
        "select pg_xact_status('700'::xid8)",
        "select txid_status(700)",
        "select * from pg_get_multixact_members('5'::xid)",
        "select pg_current_wal_lsn()",
        "select pg_current_wal_insert_lsn()",
        "select * from pg_stat_wal",
        "select pg_database_size(current_database())",
        "select pg_notification_queue_usage()",
    ),
    "advisory locks": (
        "select pg_advisory_lock(1)",
        "select pg_try_advisory_lock(1)",
        "select pg_advisory_xact_lock(1)",
        "select pg_try_advisory_xact_lock_shared(1)",
        "select pg_advisory_unlock_all()",
    ),
    "numbers and what is applied": (
        "select * from tenancy.counter",
        "select * from tenancy.run",
        "select * from tenancy.applied",
        "select * from django_migrations",
        "select last_value from django_migrations_id_seq",
        "select * from pg_sequences where last_value is not null",
    ),
    "messages between connections": ("select pg_notify('x', 'y')",),
}


def tells_of_no_activity(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """No view and no function tells that others are at work, how much is written, or how far numbers have come."""
    for statement in (each for statements in ACTIVITY.values() for each in statements):
        try:
            with connection.transaction(force_rollback=True):
                rows = connection.execute(statement.encode()).fetchall()
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction):
            continue
        if rows:
            yield f"{statement}: {rows[:2]}"


SERIES = ("case", "registry")  # a test holds them against the models


def gives_no_number(connection: psycopg.Connection[Any], login: str, area: str) -> Iterator[str]:
    """The next number of another area's series would tell how many cases it has."""
    for series in SERIES:
        try:
            with connection.transaction(force_rollback=True):
                connection.execute("select next_number(%s, %s, 2026)", [series, area])
        except psycopg.errors.InsufficientPrivilege:
            continue
        yield f"{login} takes a number of {series} in {area}"


# --- which tables, and what is known ---

# Whoever may delete rows of a table (drafts: their own alone) may lock all of it: PostgreSQL has no right for the one alone.
MAY_BE_LOCKED = "own"
KNOWN_LOCK = (
    "While somebody of another area holds a lock on a draft, `lock table … nowait` on drafts fails: PostgreSQL lets who may"
    " delete rows lock the table. It tells that somebody fills in a form, not who, nor in which area."
)
KNOWN_SEALER = (
    "Whoever seals the log reads the rows of every area's log, and no other table: it is a login of the worker's, whose key"
    " web servers are not given."
)
KNOWN_ID = "Whoever knows the random id of another area's row can tell by a unique constraint that it is there: nobody can guess one."
KNOWN_NUMBER = (
    "A resident's login takes the next number of any area's series, since sending a form does: the number on a receipt"
    " tells the same."
)


def tables_of_the_database(connection: psycopg.Connection[Any]) -> set[str]:
    """Every table, view and foreign table of a municipality's database that is ours."""
    rows = connection.execute(
        "select oid::regclass::text from pg_class where relkind in ('r', 'p', 'v', 'm', 'f')"
        " and relnamespace in ('public'::regnamespace, 'tenancy'::regnamespace)"
    ).fetchall()
    return {name for (name,) in rows}


def unguarded(model: type[models.Model]) -> list[str]:
    """What a table that areas share must not have: a case, a resident's key, or anything sealed."""
    return [
        field.name
        for field in model._meta.local_concrete_fields
        if field.column in ("case_id", "owner_key")
        or isinstance(getattr(field, "base_field", field), SealedField | IndexField)
    ]


def _unique(prying: Prying) -> list[tuple[str, list[str]]]:
    """Name and columns of each unique index and exclusion constraint of the table, as the database has them."""
    return prying.connection.execute(
        "select indexrelid::regclass::text,"
        " array(select attname::text from pg_attribute where attrelid = indrelid and attnum = any (indkey))"
        " from pg_index where indrelid = %s::regclass and (indisunique or indisexclusion)",
        [prying.model._meta.db_table],
    ).fetchall()


def _written(prying: Prying, row: models.Model) -> psycopg.Error | None:
    """How writing a row as this login fails; None when it does not. Nothing stays."""
    row.pk = uuid7()
    fields = prying.model._meta.local_concrete_fields
    names = ", ".join(f'"{field.column}"' for field in fields)
    values = [field.get_db_prep_save(getattr(row, field.attname), _prepared()) for field in fields]
    marks = ", ".join(["%s"] * len(fields))
    return prying.failed(f"insert into {prying.table} ({names}) values ({marks})", *values)


def _prepared() -> Any:
    from django.db import connections

    return connections["commons"]  # only for how values are written


# --- doing it all ---


@contextmanager
def connected(municipality: str, login: str) -> Iterator[psycopg.Connection[Any]]:
    """SQL of one's own, as one login, with its right password."""
    alias = f"m_{municipality}_{login}"
    parameters = placement.connection_parameters(alias, placement.target(alias))
    with psycopg.connect(**parameters, autocommit=True) as connection:
        connection.execute(b"set lock_timeout = '150ms'; set statement_timeout = '5s'")
        yield connection


def pry(
    municipality: str,
    owners: Mapping[str, Owner],
    tally: Tally,
    ways: Sequence[Way] = OF_TABLES,
    logins: Sequence[str] = OTHERS,
    watched: Sequence[str] = (WATCHED,),
) -> None:
    """Try ways, as logins, in every table, at the rows of the areas that are watched. owners: one of each area."""
    tables = models_of("area", "own", "apart", "resident")
    for area in watched:
        with connected(municipality, area) as beside:
            for login in logins:
                if login == area:
                    continue
                with connected(municipality, login) as connection:
                    for model in tables:
                        own = owners.get(login, owners["ordinary" if area != "ordinary" else "care"])
                        prying = Prying(connection, beside, login, model, owners[area].row(model), own)
                        _try(prying, ways, tally)


def _try(prying: Prying, ways: Sequence[Way], tally: Tally) -> None:
    if prying.login == "sealer" and "select" in prying.model.walls.sealer:  # type: ignore[attr-defined]
        tally.knows(KNOWN_SEALER)
        return
    for way in ways:
        tally.tried(KIND)
        for told in way(prying):
            if way is no_lock_tells and prying.model.walls.kind == MAY_BE_LOCKED and "lock table" in told:  # type: ignore[attr-defined]
                tally.knows(KNOWN_LOCK)
            elif way is no_reference_tells and "unique" in told:
                tally.knows(KNOWN_ID)
            else:
                tally.hinted(KIND, f"{prying.login}, {prying.model._meta.label}, {way.__name__}: {told}")


def attack(scene: Scene, tally: Tally, brief: bool = False) -> None:
    """Every way, in every table, as every login, at every other area; briefly: as the building department at child welfare."""
    municipality = next(iter(scene.places))
    owners = {scope.area: owner for scope, owner in scene.owners.items() if scope.whose == "someone"
              and scope.municipality == municipality}  # fmt: skip
    logins = ("ordinary",) if brief else tuple(each for each in EVERY_LOGIN if each != "owner")
    watched = (WATCHED,) if brief else AREAS
    pry(municipality, owners, tally, logins=logins, watched=watched)
    for login in logins:
        with connected(municipality, login) as connection:
            tally.tried(KIND)
            for told in tells_of_no_activity(connection):
                tally.hinted(KIND, f"{login}: {told}")
            for area in watched:
                if area != login:
                    tally.tried(KIND)
                    for told in gives_no_number(connection, login, area):
                        tally.knows(KNOWN_NUMBER) if login == "resident" else tally.hinted(KIND, told)
