"""Hundreds of thousands of cases in a municipality within two minutes: copies, made by SQL, of cases that were lived.

What is sealed in a case is bound to the identity of the case's key, which is copied with it, and to its row, which is not. So the
lived cases are first sealed as before rows were named, which still opens (see vault/cases.py): every copy opens like the case
that it was made from. What a copy has for itself: ids, numbers, dates, and a resident whom nobody else is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.apps import apps
from django.db import models
from psycopg import Connection, sql

from allmenning import vault
from allmenning.municipal.cases.models import Case, CaseRow
from allmenning.tenancy.models import MunicipalModel, SealedField
from demo.screen import Report

# Ids that a copy has in common with the case that it was made from: who works with it, where, and for whom.
KEPT = frozenset(
    "unit_id assigned_to staff_id representation_id applicant_id drafted_by approved_by closed_by ended_by shown_ids"
    " proposed_by decided_by rule_id to_case_id file_id sender".split()
)
OF_STAFF = frozenset({"access_breakglass", "access_review"})  # what one of the staff did once: not of each copy
OPEN = 0.04  # of a municipality's cases: what is handled now; all others are history
HISTORY_DAYS = 1_800
AT_ONCE = 10_000


@dataclass(frozen=True)
class Table:
    """A table with rows about a case, and the columns of it."""

    name: str
    case_column: str
    columns: Sequence[models.Field]


def tables() -> list[Table]:
    """Every table about cases: the case's own first. What belongs to drafts is no case yet."""
    found: list[Table] = []
    for model in apps.get_models():
        if not issubclass(model, MunicipalModel):
            continue
        names = {field.column for field in model._meta.concrete_fields}
        if model is Case:
            found.insert(0, _table(model, "id"))
        elif (issubclass(model, CaseRow) or "case_id" in names) and model._meta.db_table not in OF_STAFF:
            found.append(_table(model, "case_id"))
    return found


def _table(model: type[models.Model], case_column: str) -> Table:
    return Table(model._meta.db_table, case_column, model._meta.concrete_fields)


def multiply(connection: Connection, area: str, count: int, report: Report) -> None:
    """Copy the cases of an area until there are `count`. Goes on where it was stopped.

    connection: as the server's operator, to whom no wall applies; each statement a transaction of its own.
    """
    connection.execute("SET session_replication_role = replica")  # no foreign keys to look after: copies are whole
    connection.execute("SET synchronous_commit = off")
    connection.execute(FUNCTIONS)
    done = _count(connection, area)
    closed, still_open = _lived(connection, area, is_open=False), _lived(connection, area, is_open=True)
    while done < count:
        now = min(AT_ONCE, count - done)
        opened = max(1, round(now * OPEN))
        with connection.transaction():
            _copy(connection, closed, now - opened, done, HISTORY_DAYS)
            _copy(connection, still_open, opened, done + now - opened, 0)
        done += now
        report(done, count)
    for table in tables():
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table.name)))
    _keep_numbers_running(connection)


def seal_without_rows(municipality: str, connection: Connection, area: str) -> None:
    """Seal the fields of an area's lived cases so that they open in any row of a case with that key. Safe to repeat.

    connection: as `multiply` has it: no login may change what was sent.
    """
    lived = [*_lived(connection, area, is_open=False), *_lived(connection, area, is_open=True)]
    rows = connection.execute(
        "SELECT id, wrapped_key FROM cases_case WHERE id = any(%s) AND wrapped_key <> ''", [lived]
    )
    keys = {id: vault.open_case_key(municipality, area, wrapped) for id, wrapped in rows}
    for model in apps.get_models():
        if issubclass(model, MunicipalModel) and "case_id" in {field.column for field in model._meta.concrete_fields}:
            for field in model._meta.concrete_fields:
                if isinstance(field, SealedField):
                    _seal_without_rows(connection, model, str(field.column), keys)


def _seal_without_rows(
    connection: Connection, model: type[models.Model], column: str, keys: Mapping[UUID, vault.CaseKey]
) -> None:
    label, table, name = f"{model._meta.label}.{column}", sql.Identifier(model._meta.db_table), sql.Identifier(column)
    found = connection.execute(
        sql.SQL("SELECT id, case_id, {} FROM {} WHERE case_id = any(%s) AND {} <> ''").format(name, table, name),
        [list(keys)],
    ).fetchall()
    for id, case_id, sealed in found:
        with contextlib.suppress(vault.CannotOpen):  # named by its row in words of its own
            clear = keys[case_id].open(label, sealed, id)
            change = sql.SQL("UPDATE {} SET {} = %s WHERE id = %s").format(table, name)
            connection.execute(change, [keys[case_id].seal(label, clear), id])


# An id that is the same for the same row and copy, and another for all others: of the time of the row that it was copied
# from, as real ids are in the order of time, but of another version (RFC 9562: 8 is anybody's own).
FUNCTIONS = """
create or replace function pg_temp.copied(id uuid, copy integer) returns uuid language sql immutable strict
  return (left(id::text, 14) || '8' || overlay(substr(md5(id::text || copy), 1, 20) placing '-8' from 4 for 2))::uuid;
"""


def _count(connection: Connection, area: str) -> int:
    row = connection.execute("SELECT count(*) FROM cases_case WHERE area = %s", [area]).fetchone()
    assert row is not None
    return int(row[0])


def _lived(connection: Connection, area: str, *, is_open: bool) -> list[UUID]:
    """The cases that somebody lived, told from copies by their ids, which are made in time order (UUID version 7)."""
    state = "IS NULL" if is_open else "IS NOT NULL"
    rows = connection.execute(
        f"SELECT id FROM cases_case WHERE area = %s AND closed_at {state}"  # noqa: S608 (one of two words of ours)
        " AND uuid_extract_version(id) = 7 AND sequence IS NOT NULL ORDER BY id",
        [area],
    )
    return [row[0] for row in rows]


def _copy(connection: Connection, lived: Sequence[UUID], count: int, first: int, days: int) -> None:
    """`count` copies, the first one with number `first`; each is of the next lived case, and some days older than it."""
    connection.execute("DROP TABLE IF EXISTS pg_temp.plan")
    connection.execute(
        "CREATE TEMPORARY TABLE plan AS SELECT (%(lived)s::uuid[])[1 + n %% cardinality(%(lived)s::uuid[])] AS of,"
        " n::integer AS copy, (hashint4(n::integer) & 65535) %% (%(days)s::integer + 1) AS older"
        " FROM generate_series(%(first)s::integer, %(first)s::integer + %(count)s::integer - 1) AS n",
        {"lived": list(lived), "days": days, "first": first, "count": count},
    )
    connection.execute("ANALYZE plan")
    for table in tables():
        connection.execute(statement(table))


def statement(table: Table) -> sql.Composed:
    """Copies of a table's rows of the planned cases."""
    names = [sql.Identifier(str(field.column)) for field in table.columns]
    values = [_value(table, field) for field in table.columns]
    return sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {values} FROM {table} o JOIN plan p ON o.{case} = p.of ORDER BY p.copy"
    ).format(
        table=sql.Identifier(table.name),
        names=sql.SQL(", ").join(names),
        values=sql.SQL(", ").join(values),
        case=sql.Identifier(table.case_column),
    )


def _value(table: Table, field: models.Field) -> sql.Composable:
    own = sql.SQL("o.{}").format(sql.Identifier(str(field.column)))
    if field.column in KEPT:
        return own
    if field.column == "owner_key":
        return sql.SQL("sha256((p.of::text || p.copy)::bytea)")
    if field.column == "sequence":  # above every number that is in use, of which there are a few hundred
        return sql.SQL("o.sequence + 1000 * (p.copy + 1)")
    if (table.name, field.column) == ("post_outbox", "done_at"):  # a worker has been there
        return sql.SQL("coalesce(o.done_at, o.created_at) - make_interval(days => p.older)")
    if isinstance(field, models.UUIDField | models.ForeignKey | models.OneToOneField):
        return sql.SQL("pg_temp.copied({}, p.copy)").format(own)
    if isinstance(field, models.DateTimeField):
        return sql.SQL("{} - make_interval(days => p.older)").format(own)
    if isinstance(field, models.DateField):
        return sql.SQL("{} - p.older").format(own)
    return own


def _keep_numbers_running(connection: Connection) -> None:
    """The next case gets the next number, as if all the others had been given theirs by the series."""
    for counter, table in (("case", "cases_case"), ("registry", "archive_registryentry")):
        connection.execute(
            sql.SQL(
                "INSERT INTO tenancy.counter (counter, area, year, last)"
                " SELECT {counter}, area, year, max(sequence) FROM {table} WHERE sequence IS NOT NULL GROUP BY area, year"
                " ON CONFLICT (counter, area, year) DO UPDATE SET last = excluded.last"
            ).format(counter=counter, table=sql.Identifier(table))
        )
