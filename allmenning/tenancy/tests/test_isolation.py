"""Nothing of one municipality can be reached, or noticed, as a login of another."""

import re

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from allmenning.tenancy import EVERY_LOGIN, LOGINS, create, placement, use
from allmenning.tenancy.errors import NotPlaced
from allmenning.tenancy.tests.town.models import Matter


def connect(alias, database):
    """Connect to some database with the password of an alias's login."""
    parameters = placement.connection_parameters(alias, placement.target(alias))
    return psycopg.connect(**{**parameters, "dbname": database})


def test_no_login_enters_another_database(municipality_a, municipality_b, fresh_database):
    others = [
        placement.placement_of(municipality_b).database,
        fresh_database.database,
        settings.COMMONS_PLACEMENT[1],
        settings.MUNICIPAL_TEMPLATE,
        "postgres",
        "template1",
    ]
    for login in EVERY_LOGIN:
        for database in others:
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                connect(f"m_{municipality_a}_{login}", database)


def test_a_fresh_database_is_entered_by_its_own_logins(fresh_database):
    for login in LOGINS:
        with use("hitra", login) as acting, connections[acting.alias].cursor() as cursor:
            cursor.execute("select session_area()")
            assert cursor.fetchone() == (login,)
    assert create.create_database("hitra") == fresh_database


@pytest.mark.parametrize("login", ["ordinary", "resident", "administration"])  # one of each group
def test_the_catalogue_names_nobody_else(municipality_a, municipality_b, login):
    """Every view and table that PostgreSQL itself shows, read whole."""
    theirs = placement.placement_of(municipality_b).database
    with use(municipality_b, "ordinary"):
        Matter.objects.create(area="ordinary", owner_key=b"b" * 32, title="of B")
    told, readable = [], 0
    with connect(f"m_{municipality_a}_{login}", placement.placement_of(municipality_a).database) as connection:
        connection.autocommit = True
        relations = connection.execute(
            "select oid::regclass::text from pg_class where relkind in ('r', 'v') and"
            " relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        ).fetchall()
        for (relation,) in relations:
            try:
                text = "\n".join(str(row) for row in connection.execute(f"select * from {relation}"))
            except psycopg.Error:
                continue
            readable += 1
            if theirs in text or settings.COMMONS_PLACEMENT[1] in text:
                told.append(relation)
    assert told == []
    assert readable > 50


@pytest.mark.parametrize(
    "asked",
    [
        "select * from pg_stat_activity",
        "select * from pg_stat_get_activity(null)",
        "select * from pg_database",
        "select * from pg_roles",
        "select * from pg_locks",
        "select * from pg_lock_status()",
        "select pg_database_size({oid}::oid)",
        "select pg_stat_get_db_xact_commit({oid}::oid)",
        "select pg_stat_get_db_numbackends({oid}::oid)",
        "select * from pg_stat_get_wal()",
        "select pg_current_wal_lsn()",
        "select pg_terminate_backend(1)",
        "select pg_notify('x', 'y')",
        "select pg_current_xact_id()",
    ],
)
def test_nothing_tells_of_others_activity(municipality_a, municipality_b, asked):
    with psycopg.connect(placement.admin_dsn("main")) as operator:
        database = placement.placement_of(municipality_b).database
        (oid,) = operator.execute("select oid from pg_database where datname = %s", [database]).fetchone()
    with (
        connect(f"m_{municipality_a}_ordinary", placement.placement_of(municipality_a).database) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(asked.format(oid=oid))


def test_a_role_of_another_database_is_nobody_here(municipality_a, municipality_b):
    """Even if somebody granted it the way in, the policies ask for this database's own logins."""
    here, theirs = (placement.placement_of(each).database for each in (municipality_a, municipality_b))
    stranger = placement.role_name(theirs, "ordinary")
    with use(municipality_a, "ordinary"):
        Matter.objects.create(area="ordinary", owner_key=b"a" * 32, title="of A")
    with psycopg.connect(placement.admin_dsn("main"), autocommit=True) as operator:
        operator.execute(f'grant connect on database "{here}" to "{stranger}"')
        try:
            with connect(f"m_{municipality_b}_ordinary", here) as connection:
                assert connection.execute("select session_area()").fetchone() == (None,)
                assert connection.execute("select * from town_matter").fetchall() == []
                assert connection.execute("select * from town_unit").fetchall() == []
        finally:
            operator.execute(f'revoke connect on database "{here}" from "{stranger}"')


@pytest.mark.parametrize("name", ["template-of-main", "template-of-nowhere", "commons", "nowhere"])
@pytest.mark.parametrize("login", ["ordinary", "resident", "administration"])
def test_what_is_no_municipality_is_nowhere(municipality_a, name, login):
    """A stranger may name any municipality, as the issuer of a signed JWT: all that are none look the same."""
    with use(name, login), pytest.raises(NotPlaced):
        Matter.objects.exists()


def test_names_tell_nothing(test_databases, fresh_database):
    assert re.fullmatch(r"m_[0-9a-f]{12}", fresh_database.database)
    assert "hitra" not in fresh_database.database
