"""Bringing every database up to date: again, side by side, and after an interruption."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections

from allmenning.tenancy import migrate, placement, server, use, walls
from allmenning.tenancy.errors import MigrationFailed
from allmenning.tenancy.tests.town.models import Unit


def as_owner(municipality, statement):
    with use(municipality, "owner") as acting, connections[acting.alias].cursor() as cursor:
        cursor.execute(statement)
        found = cursor.fetchall() if cursor.description else None
    connections[acting.alias].close()
    return found


def test_a_second_run_changes_nothing_and_tells_of_all(municipality_a, municipality_b):
    told = []
    before = as_owner(municipality_a, "select what, hash, at from tenancy.applied order by what")
    assert migrate.migrate_all(lambda *progress: told.append(progress)) == 4
    assert as_owner(municipality_a, "select what, hash, at from tenancy.applied order by what") == before
    assert [what for what, _, _ in before] == ["functions", "logins", "shut", "statistics", "together", "walls"]
    assert told[-1][:2] == (4, 4)
    assert {name for _, _, name in told} >= {"commons", municipality_a, municipality_b}


def test_a_failed_database_does_not_stop_the_others(municipality_a, municipality_b, monkeypatch):
    real, done = migrate.migrate_municipality, []

    def one_fails(municipality):
        if municipality == municipality_a:
            raise OSError("the server is away")
        real(municipality)
        done.append(municipality)

    monkeypatch.setattr(migrate, "migrate_municipality", one_fails)
    with pytest.raises(MigrationFailed, match=r"1 of 2 .*away") as failed:
        migrate._migrate_side_by_side([municipality_a, municipality_b], 0, migrate._quiet)
    assert done == [municipality_b]
    assert failed.value.failed == 1


def test_an_interrupted_beginning_is_picked_up(fresh_database):
    """All or nothing: what was not recorded was not done."""
    tables = ", ".join(model._meta.db_table for model in apps.get_app_config("town").get_models())
    as_owner("hitra", f"drop table {tables}")
    as_owner("hitra", "delete from django_migrations where app = 'town'")
    as_owner("hitra", "update tenancy.applied set hash = 'another' where what = 'walls'")
    migrate.migrate_municipality("hitra")
    with use("hitra", "administration"):
        assert Unit.objects.count() == 0


def test_walls_are_put_up_again_where_they_were_changed(fresh_database):
    as_owner("hitra", "drop policy area_select on town_unit")
    as_owner("hitra", "update tenancy.applied set hash = 'another' where what = 'walls'")
    migrate.migrate_municipality("hitra")
    with use("hitra", "administration"):
        Unit.objects.create(name="Building")
    with use("hitra", "care"):
        assert Unit.objects.count() == 1


def test_the_walls_may_be_put_up_again_and_again(municipality_a):
    with use(municipality_a, "owner") as acting:
        for _ in range(2):
            migrate._give(connections[acting.alias], "walls", walls.sql())
    connections[acting.alias].close()


def test_what_was_opened_is_shut_again(fresh_database):
    placed = fresh_database
    with server.connected(placed.server, placed.database) as inside:
        inside.execute("grant select on pg_roles to public")
        inside.execute("update tenancy.applied set hash = 'another' where what = 'shut'")
    migrate.migrate_municipality("hitra")
    with server.connected(placed.server, placed.database) as inside:
        assert inside.execute("select has_table_privilege('public', 'pg_roles', 'select')").fetchone() == (False,)


def test_a_password_is_stored_as_its_verifier():
    verifier = server.scram_verifier("a password")
    assert verifier.startswith("SCRAM-SHA-256$1:")
    assert "a password" not in verifier
    assert verifier != server.scram_verifier("a password")


def test_a_login_that_came_with_a_new_version_is_let_in(fresh_database):
    """As in a database from before there was a sealer: without the login, and without its key."""
    role = placement.role_name(fresh_database.database, "sealer")
    with server.connected(*fresh_database) as inside:
        inside.execute("delete from tenancy.applied where what = 'logins'")
        inside.execute(f'revoke connect on database "{fresh_database.database}" from "{role}"')
        inside.execute(f'drop role "{role}"')
    (Path(settings.VAULT_DIR) / "hitra" / "sealer.key").unlink()
    migrate.migrate_all(municipalities=["hitra"])
    with use("hitra", "sealer") as acting, connections[acting.alias].cursor() as cursor:
        cursor.execute("select session_area()")
        assert cursor.fetchone() == ("sealer",)
