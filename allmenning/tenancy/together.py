"""Rows of many tables, written in one statement: one journey to the database, and one lock on the numbers, held shortly.

A function in each municipality's database takes the rows as JSON and inserts them in the order given. It is written from
the models, so a new column is never forgotten, and it has no rights of its own: walls hold for whoever calls it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from django.db import connection, models

from .models import IndexField, MunicipalModel, SealedField
from .walls import GROUPS

FUNCTION = "public.insert_together"


@dataclass(frozen=True)
class Known:
    """Rows whose ids are made from what they say: those that are there already are left as they are."""

    rows: tuple[MunicipalModel, ...]


@dataclass(frozen=True)
class TakeNumbers:
    """Take the next number of each counter, for the rows that come after it. Locked to the end of the transaction."""

    area: str
    year: int
    counters: tuple[str, ...]


@dataclass(frozen=True)
class GiveNumber:
    """Give the number that was taken to a row that was inserted before it."""

    row: MunicipalModel


Part = MunicipalModel | Known | TakeNumbers | GiveNumber


def insert_together(parts: Iterable[Part]) -> dict[str, int]:
    """Insert rows in this order, in one statement of the caller's transaction.

    A row of a model with `numbered_by` and no number gets the one that was taken. Afterwards the rows are as if saved.

    Returns:
        The numbers that were taken, by counter.

    Raises:
        IntegrityError, ProgrammingError: as saving one by one would; nothing was written.
        TypeError: a sealed field holds what the vault has not sealed.
    """
    given = list(parts)
    with connection.cursor() as cursor:
        cursor.execute(f"select {FUNCTION}(%s::jsonb)", [orjson.dumps(_instructions(given), default=_plain).decode()])
        taken: dict[str, int] = json.loads(cursor.fetchone()[0])
    alias = connection.alias
    for part in given:
        for row in _rows(part):
            _is_saved(row, taken, alias)
    return taken


def sql(tables: Iterable[type[models.Model]]) -> str:
    """The function, for these models. Run as the owner, after the tables are there."""
    return _FUNCTION.format(name=FUNCTION, groups=", ".join(GROUPS), branches="".join(map(_branches, tables)))


# --- what is sent ---


def _instructions(parts: list[Part]) -> list[dict[str, Any]]:
    instructions: list[dict[str, Any]] = []
    for part in parts:
        match part:
            case TakeNumbers():
                instructions.append({"do": "take", "area": part.area, "year": part.year, "counters": part.counters})
            case GiveNumber():
                instructions.append({"do": f"number {part.row._meta.db_table}", "id": part.row.pk})
            case _:
                for row in _rows(part):
                    verb = f"{'know' if isinstance(part, Known) else 'add'} {row._meta.db_table}"
                    if not instructions or instructions[-1]["do"] != verb:
                        instructions.append({"do": verb, "rows": []})
                    instructions[-1]["rows"].append(_values(row))
    return instructions


def _rows(part: Part) -> tuple[MunicipalModel, ...]:
    match part:
        case Known():
            return part.rows
        case GiveNumber():
            return (part.row,)
        case TakeNumbers():
            return ()
        case _:
            return (part,)


def _values(row: MunicipalModel) -> dict[str, Any]:
    values = {column: getattr(row, attribute) for attribute, column in _columns(type(row))}
    for column in _sealed_columns(type(row)):
        if values[column] is not None and not isinstance(values[column], bytes | memoryview):
            raise TypeError(f"{type(row).__name__}.{column} takes bytes from the vault")
    return values


def _plain(value: object) -> str:
    """As PostgreSQL reads it, of what orjson does not know itself (it knows dates, times and UUIDs)."""
    if isinstance(value, bytes | memoryview):
        return "\\x" + value.hex()
    raise TypeError(f"no column takes a {type(value).__name__}")


def _is_saved(row: MunicipalModel, taken: dict[str, int], alias: str) -> None:
    counter = row.numbered_by
    if counter in taken and row.sequence is None:  # type: ignore[attr-defined]
        row.sequence = taken[counter]  # type: ignore[attr-defined]
    row._state.adding, row._state.db = False, alias


@cache
def _columns(model: type[models.Model]) -> tuple[tuple[str, str], ...]:
    return tuple((field.attname, str(field.column)) for field in model._meta.local_concrete_fields)


@cache
def _sealed_columns(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(
        str(field.column) for field in model._meta.local_concrete_fields if isinstance(field, SealedField | IndexField)
    )


# --- the function ---

_FUNCTION = """\
create or replace function {name}(instructions jsonb) returns text
language plpgsql volatile security invoker set search_path = pg_catalog, pg_temp as $body$
declare
  instruction jsonb;
  entry jsonb;
  taken jsonb := '{{}}';
begin
  for instruction in select jsonb_array_elements(instructions) loop
    case instruction->>'do'
      when 'take' then
        select jsonb_object_agg(
            counter, public.next_number(counter, instruction->>'area', (instruction->>'year')::integer))
          into taken from jsonb_array_elements_text(instruction->'counters') as counter;
{branches}      else raise invalid_parameter_value using message = 'unknown instruction';
    end case;
  end loop;
  return taken;
end $body$;
revoke all on function {name}(jsonb) from public;
grant execute on function {name}(jsonb) to {groups};
"""

# One row at a time: PostgreSQL takes it that a set of JSON rows has a hundred, and would read the whole table that they point
# at rather than look a few of them up. All that is filled in is a model's own: its table and its columns.
_INSERTS = """\
      when 'add {model}' then
        for entry in select jsonb_array_elements(instruction->'rows') loop
          insert into {table} ({names})
            select {values} from jsonb_populate_record(null::{table}, entry);
        end loop;
      when 'know {model}' then
        for entry in select jsonb_array_elements(instruction->'rows') loop
          insert into {table} ({names})
            select {values} from jsonb_populate_record(null::{table}, entry)
            on conflict do nothing;
        end loop;
"""
_NUMBERS = """\
      when 'number {model}' then
        update {table} set "sequence" = {taken} where id = (instruction->>'id')::uuid and "sequence" is null;
"""


def _branches(model: type[models.Model]) -> str:
    table, counter = f'public."{model._meta.db_table}"', getattr(model, "numbered_by", "")
    names = [f'"{column}"' for _, column in _columns(model)]
    taken = f"(taken->>'{counter}')::integer"
    values = [f"coalesce({each}, {taken})" if counter and each == '"sequence"' else each for each in names]
    branches = _INSERTS.format(
        model=model._meta.db_table, table=table, names=", ".join(names), values=", ".join(values)
    )
    return branches + (_NUMBERS.format(model=model._meta.db_table, table=table, taken=taken) if counter else "")
