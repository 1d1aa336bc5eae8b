"""Raw SQL as each login of both municipalities, the kinds of SQL that an injection would try included.

A statement that has to be refused and is not, is a hint; a value of another's in an answer, or in an error's text, a leak.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import models

from allmenning.tenancy import AREAS, EVERY_LOGIN, LOGINS, placement

from .canaries import ADMINISTRATION, PUBLISHED, Scope
from .rows import models_of
from .scene import Scene
from .tally import Tally

KIND = "sql"
_TABLE = "{table}"

# Whoever may not see a row must get nothing by any of these. {table}, {id}, {key}, {area}, {database}: another's.
READS = (
    "select * from {table}",
    "table {table}",
    "select count(*) from {table} where id = '{id}'",
    "select * from {table} where id = '{id}'",
    "select {table}::text from {table}",
    "select row_to_json({table}) from {table}",
    "select * from only {table} limit 100 offset 0",
    "select * from {table} for update",
    "select * from {table} tablesample system (100)",
    "select ctid, xmin, * from {table} where ctid = any (array['(0,1)', '(0,2)', '(1,1)']::tid[])",
    "with recursive r as (select * from {table} union select * from r) select * from r",
    "select x.* from (values (1)) v cross join lateral (select * from {table} offset 0) x",
    "select string_agg({table}::text, '') over () from {table}",
    "select query_to_xml('select * from {table}', true, true, '')",
    "select table_to_xml('{table}', true, true, '')",
    "select database_to_xml(true, true, '')",
    "select * from {table} union all select * from {table}",
    "select 'there' where exists (select from {table} where {table}::text ~ '{id}')",
    "select max(id::text), min(id::text) from {table}",
    "select * from {table} where id::text like '%' order by 1 desc",
    # A predicate that fails or waits where it sees the row: the policy has to come first.
    "select count(*) from {table} where 1 / (case when {table}::text ~ '{id}' then 0 else 1 end) = 1",
    "select * from {table} where ({table}::text)::int > 0 and id = '{id}'",
    "select * from {table} where id = '{id}' and setseed(2) is null",
    "select nullif((select ({table}::text)::xml::text from {table} where id = '{id}'), '')",
)
# Where the login has no right at all these fail as they should; else they may do their own rows alone.
WRITES = (
    "update {table} set id = id where id = '{id}' returning *",
    "delete from {table} where id = '{id}' returning *",
    "insert into {table} select * from {table} on conflict do nothing returning *",
    "merge into {table} t using (select '{id}'::uuid as id) s on t.id = s.id when matched then do nothing",
)
# Has to be refused for everybody, whatever rows there are.
REFUSED = {
    "roles": (
        "set role allmenning_owner",
        "set role postgres",
        "set session authorization postgres",
        "set session authorization '{other_login}'",
        "set role '{other_login}'",
        "grant allmenning_owner to current_user",
        "alter role current_user superuser",
        "create role x",
        "reassign owned by current_user to allmenning_owner",
        "set session_replication_role = replica",
        "set local session_replication_role = replica",
    ),
    "walls": (
        "alter table {table} disable row level security",
        "alter table {table} no force row level security",
        "drop policy owner on {table}",
        "create policy x on {table} using (true)",
        "drop table {table}",
        "truncate {table}",
        "alter table {table} add column x text",
        "create index on {table} (id)",
        "create trigger x before update on {table} for each row execute function suppress_redundant_updates_trigger()",
        "create rule x as on select to {table} do instead select 1",
        "create view x as select * from {table}",
        "create materialized view x as select * from {table}",
        "select * into x from {table}",
        "comment on table {table} is 'x'",
        "cluster {table}",
        "refresh materialized view {table}",
    ),
    "making": (
        "create temp table x as select * from {table}",
        "create temp table {table} (id uuid, area text)",
        "create temp view x as select * from {table}",
        "create function pg_temp.session_area() returns text language sql return '{area}'",
        "create function session_area() returns text language sql return '{area}'",
        "create or replace function public.session_area() returns text language sql return '{area}'",
        "create or replace function public.resident_keys() returns bytea[] language sql return array['x'::bytea]",
        "create schema x",
        "create extension dblink",
        "create extension file_fdw",
        "create extension postgres_fdw",
        "create language plpython3u",
        "create server x foreign data wrapper y",
        "create event trigger x on ddl_command_start execute function y()",
        "create publication x for all tables",
        "create subscription x connection 'dbname={database}' publication y",
        "create domain x as text",
        "create operator = (leftarg = uuid, rightarg = uuid, function = uuid_eq)",
        "create cast (uuid as text) with inout as implicit",
        "load '$libdir/dblink'",
        "do $$ begin execute 'set role allmenning_owner'; end $$",
        "do $$ begin execute 'create temp table x as select * from {table}'; end $$",
        "do language plpgsql $$ declare t text; begin select r::text into strict t from public.{table} r "
        "where id = '{id}'; raise exception '%', t; end $$",
    ),
    "outside": (
        "select dblink('dbname={database}', 'select 1')",
        "select dblink_connect('dbname={database}')",
        "copy {table} to program 'cat'",
        "copy {table} from program 'cat /etc/passwd'",
        "copy {table} to '/tmp/x'",
        "copy {table} from '/etc/passwd'",
        "select lo_import('/etc/passwd')",
        "select lo_create(0)",
        "select lo_from_bytea(0, 'x')",
        "select lo_export(1, '/tmp/x')",
        "select lo_get(1)",
        "select lo_put(1, 0, 'x')",
        "select pg_read_file('PG_VERSION')",
        "select pg_read_binary_file('PG_VERSION')",
        "select pg_ls_dir('.')",
        "select pg_ls_waldir()",
        "select pg_ls_logdir()",
        "select pg_ls_tmpdir()",
        "select pg_stat_file('PG_VERSION')",
        "select pg_current_logfile()",
        "select pg_reload_conf()",
        "select pg_rotate_logfile()",
        "select pg_switch_wal()",
        "select pg_create_restore_point('x')",
        "select * from pg_hba_file_rules",
        "select * from pg_file_settings",
        "select * from pg_largeobject",
        "alter system set log_statement = 'all'",
        "alter database current_database set row_security = off",
        "prepare transaction 'x'",
    ),
    "others": (
        "select * from pg_authid",
        "select * from pg_shadow",
        "select * from pg_roles",
        "select * from pg_user",
        "select * from pg_auth_members",
        "select * from pg_database",
        "select * from pg_stat_activity",
        "select * from pg_stat_get_activity(null)",
        "select * from pg_stat_database",
        "select * from pg_stat_user_tables",
        "select * from pg_statio_user_tables",
        "select * from pg_stat_ssl",
        "select * from pg_stat_replication",
        "select * from pg_locks",
        "select * from pg_prepared_xacts",
        "select * from pg_statistic",
        "select * from pg_statistic_ext_data",
        "select * from pg_user_mapping",
        "select * from pg_subscription",
        "select reltuples, relpages from pg_class",
        "select pg_relation_size('{table}')",
        "select pg_total_relation_size('{table}')",
        "select pg_table_size('{table}')",
        "select pg_database_size(current_database())",
        "select pg_stat_get_live_tuples('{table}'::regclass)",
        "select pg_current_wal_lsn()",
        "select pg_current_xact_id()",
        "select pg_current_snapshot()",
        "select pg_export_snapshot()",
        "select pg_terminate_backend(1)",
        "select pg_cancel_backend(1)",
        "select pg_notify('x', 'y')",
        "select pg_advisory_lock(1)",
        "select pg_try_advisory_lock(1)",
        "select pg_advisory_xact_lock(1)",
        "select pg_log_backend_memory_contexts(1)",
        "select * from tenancy.counter",
        "select * from tenancy.applied",
        "select * from django_migrations",
    ),
}
# May be done, and must show nothing of another's.
HARMLESS = (
    "select * from {database}.public.{table}",
    "grant all on {table} to public",  # a warning: there was nothing to give away
    "lock table {table} in access exclusive mode",  # until the end of the transaction, where the login may write
    "select set_config('allmenning.resident', '{key}', false)",
    "select set_config('role', 'allmenning_owner', false)",
    "select set_config('row_security', 'off', false)",
    "set row_security = off",
    "set search_path = pg_catalog, pg_temp, public",
    "set statement_timeout = 0",
    "set client_min_messages = debug5",
    "set constraints all deferred",
    "set allmenning.resident = '{key}'",
    "select session_area(), current_user, session_user, current_database()",
    "select * from pg_stats",
    "select * from pg_stats_ext",
    "select * from pg_policies",
    "select * from pg_settings where name ~ 'data_directory|hba_file|config_file'",
    "select * from information_schema.tables",
    "select * from information_schema.role_table_grants",
    "select * from information_schema.enabled_roles",
    "select * from pg_catalog.pg_description",
    "select has_database_privilege('{database}', 'connect')",
    "select pg_get_userbyid(n) from generate_series(16384, 16500) n",
    "select to_regrole('{other_login}')",
    "select 'allmenning_owner'::regrole, '{table}'::regclass",
    "select col_description('{table}'::regclass, 1)",
    "select pg_describe_object(1260, n, 0) from generate_series(16384, 16500) n",
    "listen x",
    "declare c cursor for select * from {table}",
    "prepare p as select * from {table}",
    "explain (analyze, verbose, format json) select * from {table}",
    "select * from pg_cursors",
    "select * from pg_prepared_statements",
)

_FAILED_AT_A_ROW = ("division by zero", "setseed parameter", "invalid input syntax for type integer")


@dataclass
class Session:
    """A connection as one login, and what its rows are."""

    connection: psycopg.Connection[Any]
    municipality: str
    login: str
    whose: str = ""
    key: bytes = b""
    said: dict[str, int] = field(default_factory=dict)

    def may_see(self, scope: Scope) -> bool:
        """Whether the walls let this login see a scope's rows."""
        if scope.municipality != self.municipality:
            return False
        if scope.area in (PUBLISHED, ADMINISTRATION):
            return scope.area == PUBLISHED or self.login != "resident"
        if self.login == "resident":
            return scope.whose == self.whose
        return self.login == scope.area or (scope.area == "any" and self.login in ("ordinary", "care"))


def attack(scene: Scene, tally: Tally, brief: bool = False) -> None:
    """Every statement, as every login, about every table, towards another of each kind."""
    tables = models_of("area", "own", "shared")
    for municipality in list(scene.places)[: 1 if brief else 2]:
        _forget_statistics(municipality)
        for login in LOGINS[::4] if brief else LOGINS:
            with session(scene, municipality, login) as held:
                _try_once(scene, tally, held)
                for model in tables[::8] if brief else tables:
                    for victim in _victims(scene, held, model):
                        _try_table(scene, tally, held, model, victim)
    _enter_others(scene, tally)


def _forget_statistics(municipality: str) -> None:
    """As on a new table: in which order conditions are worked out depends on them."""
    placed = placement.placement_of(municipality)
    with psycopg.connect(placement.admin_dsn(placed.server, placed.database), autocommit=True) as operator:
        operator.execute("delete from pg_statistic where starelid > 16383")
        operator.execute("update pg_class set relpages = 0, reltuples = -1 where oid > 16383 and relkind in ('r', 'i')")


@contextmanager
def session(scene: Scene, municipality: str, login: str) -> Iterator[Session]:
    """A connection as a login of a municipality; a resident's shows the rows of one of the marked owners."""
    alias = f"m_{municipality}_{login}"
    parameters = placement.connection_parameters(alias, placement.target(alias))
    whose = Scope(municipality, "care", "someone")
    with psycopg.connect(**parameters, autocommit=True) as connection:
        held = Session(connection, municipality, login)
        if login == "resident":
            held.whose, held.key = whose.whose, scene.owners[whose].key
            connection.execute("select set_config('allmenning.resident', %s, false)", [held.key.hex()])
        connection.execute("set statement_timeout = '5s'")
        yield held


def _victims(scene: Scene, held: Session, model: type[models.Model]) -> list[Scope]:
    """One owner elsewhere, one of another area, one of the same area: those whose rows this login may not see."""
    shared = model.walls.kind == "shared"  # type: ignore[attr-defined]
    other = next(each for each in scene.places if each != held.municipality)
    if shared:
        return [Scope(other, ADMINISTRATION)]
    area = next(each for each in AREAS if each != held.login)
    return [Scope(other, "care", "someone"), Scope(held.municipality, area, "another")]


def _try_once(scene: Scene, tally: Tally, held: Session) -> None:
    """What is about no table, towards the other municipality."""
    victim = Scope(next(each for each in scene.places if each != held.municipality), "care", "someone")
    values = _values(scene, held, models_of("area")[0], victim)
    for statement in HARMLESS:
        if _TABLE not in statement:
            _try(scene, tally, held, statement.format(**values))
    _expect_refusals(scene, tally, held, values, about_a_table=False)


def _try_table(scene: Scene, tally: Tally, held: Session, model: type[models.Model], victim: Scope) -> None:
    values = _values(scene, held, model, victim)
    for statement in (*READS, *WRITES, *(each for each in HARMLESS if _TABLE in each)):
        _try(scene, tally, held, statement.format(**values))
    _take_a_number(scene, tally, held, victim)
    if victim.municipality != held.municipality:  # the statement is the same whoever the victim is
        _expect_refusals(scene, tally, held, values, about_a_table=True)


def _values(scene: Scene, held: Session, model: type[models.Model], victim: Scope) -> dict[str, Any]:
    """What the statements name: a table, and another's row, key, area, database and login."""
    row = scene.owners[victim].rows.get(model)
    other = placement.placement_of(victim.municipality).database
    return {
        "table": model._meta.db_table,
        "id": row.pk if row else victim,
        "key": scene.owners[victim].key.hex() if held.login != "resident" else "00" * 32,
        "area": victim.area,
        "database": other,
        "other_login": placement.role_name(other, victim.area if victim.area in AREAS else "ordinary"),
    }


def _expect_refusals(scene: Scene, tally: Tally, held: Session, values: dict[str, Any], *, about_a_table: bool) -> None:
    for kind, statements in REFUSED.items():
        for statement in statements:
            if (_TABLE in statement) == about_a_table and not _try(scene, tally, held, statement.format(**values)):
                tally.hinted(KIND, f"{held.login} was not refused ({kind}): {statement.format(**values)}")


def _take_a_number(scene: Scene, tally: Tally, held: Session, victim: Scope) -> None:
    """The next number of another area's series tells how many cases it has."""
    if victim.area not in AREAS or victim.area == held.login:
        return
    if not _try(scene, tally, held, f"select next_number('case', '{victim.area}', 2026)"):
        if held.login == "resident":
            tally.knows("A resident's login takes the next number of any area's series, since sending a form does: the"
                        " number on a receipt tells the same.")  # fmt: skip
        else:
            tally.hinted(KIND, f"{held.login} took a number of {victim.area}")


def _try(scene: Scene, tally: Tally, held: Session, statement: str) -> bool:
    """Run a statement and undo it; True when it was refused."""
    tally.tried(KIND)
    told, refused = "", False
    try:
        with held.connection.transaction(force_rollback=True):
            cursor = held.connection.execute(statement.encode())
            told = repr(cursor.fetchall()) if cursor.description else ""
    except psycopg.Error as error:
        refused, told = True, f"{error} {error.diag.message_detail} {error.diag.context}"
    if held.login == "resident":
        held.connection.execute("select set_config('allmenning.resident', %s, false)", [held.key.hex()])
    for scope, what in scene.canaries.found_in(told, [statement]):
        if not held.may_see(scope):
            tally.leaked(KIND, f"{what} of {scope} as {held.municipality}/{held.login}: {statement}")
    if "Rows Removed by Filter" in told:
        tally.knows(
            "EXPLAIN ANALYZE tells a login how many rows a policy left out, and PostgreSQL has no right that withholds it:"
            " the application sends one statement at a time, so that it can't be reached through one of ours."
        )
    if told.startswith("[('there'"):
        tally.leaked(KIND, f"as {held.municipality}/{held.login}: {statement}")
    if refused and any(each in told for each in _FAILED_AT_A_ROW):
        tally.hinted(KIND, f"{held.login} made another's row fail: {statement}")
    return refused


def _enter_others(scene: Scene, tally: Tally) -> None:
    """Every login with its right password at every other database: the server has to refuse it at the door."""
    from django.conf import settings

    others = [settings.COMMONS_PLACEMENT[1], settings.MUNICIPAL_TEMPLATE, "postgres", "template1"]
    for municipality in scene.places:
        theirs = [placement.placement_of(each).database for each in scene.places if each != municipality]
        for login in EVERY_LOGIN:
            alias = f"m_{municipality}_{login}"
            parameters = placement.connection_parameters(alias, placement.target(alias))
            for database in (*theirs, *others):
                tally.tried(KIND)
                try:
                    psycopg.connect(**{**parameters, "dbname": database}).close()
                except psycopg.OperationalError:
                    continue
                tally.leaked(KIND, f"{alias} entered {database}")
