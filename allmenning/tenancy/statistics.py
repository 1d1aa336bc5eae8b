"""What PostgreSQL is told about tables that are new: until it has counted for itself, it takes them for empty.

An empty table is read in any order. So a row's id was looked up by going through every row of its area (each policy names
the area, and indexes begin with it), more slowly with each row, until the first autovacuum came by.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

ROWS = 20_000
# Many more than there is room for: so that already the first page looks worth an index. A connection keeps its plans, and does
# not hear that a table has grown.
ROWS_A_PAGE = 1_000
FEW = 100  # rows; with more, PostgreSQL's own figures are there or come soon


def sql(tables: Iterable[type[models.Model]]) -> str:
    """Statistics as of a municipality that has been at it for a while. Run as the owner; leaves filled tables alone."""
    return "\n".join(
        _BLOCK.format(table=model._meta.db_table, few=FEW, pages=ROWS // ROWS_A_PAGE, rows=ROWS, area=_area(model))
        for model in tables
    )


def _area(model: type[models.Model]) -> str:
    """The worst case, and the usual one: all rows are of one area, so that the area tells no row from another."""
    has_area = any(field.column == "area" for field in model._meta.local_concrete_fields)
    return _AREA.format(table=model._meta.db_table) if has_area else ""


_BLOCK = """\
do $$
begin
  if (select count(*) from (select from public."{table}" limit {few}) found) < {few} then
    perform pg_restore_relation_stats('schemaname', 'public', 'relname', '{table}', 'version', 180000,
      'relpages', {pages}, 'reltuples', {rows}::real);{area}
  end if;
end $$;"""
_AREA = """
    perform pg_restore_attribute_stats('schemaname', 'public', 'relname', '{table}', 'attname', 'area', 'inherited', false,
      'version', 180000, 'null_frac', 0::real, 'avg_width', 9, 'n_distinct', 1::real);"""
