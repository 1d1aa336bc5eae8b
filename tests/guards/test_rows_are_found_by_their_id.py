"""In a municipality that began yesterday, a row is found by its id and not by going through all the rows of its area."""

import psycopg
import pytest
from django.db import connections

from allmenning.basics.identifiers import uuid7
from allmenning.tenancy import placement, statistics, use, walls
from attack.rows import Owner, models_of


@pytest.mark.parametrize("model", models_of("area"), ids=lambda model: model._meta.label)
def test_every_model(municipality_a, model):
    table = model._meta.db_table
    _as_new(municipality_a, table)
    Owner(municipality_a, "ordinary", b"a" * 32).row(model)
    with use(municipality_a, "ordinary") as acting, connections[acting.alias].cursor() as cursor:
        cursor.execute(f"explain select 1 from {table} where id = %s", [uuid7()])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"using {table}_pkey" in plan, plan


def _as_new(municipality, table):
    """As in a database of yesterday, whatever autovacuum has counted in this one between the tests."""
    placed = placement.placement_of(municipality)
    with psycopg.connect(placement.admin_dsn(placed.server, placed.database)) as operator:
        operator.execute("select pg_clear_relation_stats('public', %s)", [table])
        operator.execute(statistics.sql(walls.municipal_models()))


def test_what_postgresql_has_counted_itself_is_left_alone(municipality_a):
    placed = placement.placement_of(municipality_a)
    text = statistics.sql(walls.municipal_models())
    counted = "select reltuples from pg_class where oid = 'access_unit'::regclass"
    with psycopg.connect(placement.admin_dsn(placed.server, placed.database)) as operator:
        operator.execute("""
            insert into access_unit (id, name, area, kind, email, phone, opening_hours, active)
            select gen_random_uuid(), n::text, 'ordinary', '', '', '', '', true from generate_series(1, 200) n""")
        operator.execute("analyze access_unit")
        operator.execute(text)
        assert operator.execute(counted).fetchone() == (200,)
        operator.rollback()  # the rows, but not what was counted
        operator.execute(text)
        assert operator.execute(counted).fetchone() == (statistics.ROWS,)
