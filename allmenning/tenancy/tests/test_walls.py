"""The walls inside a municipality, tried with raw SQL as the logins that requests have."""

import psycopg
import pytest
from django.db import connections
from django.db.utils import ProgrammingError

from allmenning.tenancy import AREAS, LOGINS, WrongMunicipality, placement, use, walls
from allmenning.tenancy.models import Walls
from allmenning.tenancy.tests.town.models import Draft, Letter, Matter, Phrase, Stamp, Task, Unit, Wish

ALICE, BOB = b"a" * 32, b"b" * 32


def run(acting, statement, *parameters):
    with connections[acting.alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def is_refused(acting, statement, *parameters):
    with pytest.raises(ProgrammingError, match=r"permission denied|row-level security|must be|cannot") as refused:
        run(acting, statement, *parameters)
    return bool(refused)


@pytest.fixture
def matters(municipality_a):
    """One matter of Alice's in each area, with a letter, and one of Bob's in the first area."""
    made = {}
    for area in AREAS:
        with use(municipality_a, area):
            made[area] = Matter.objects.create(area=area, owner_key=ALICE, title=f"Alice {area}")
            Letter.objects.create(area=area, case=made[area], text=f"to Alice {area}")
    with use(municipality_a, "ordinary"):
        made["bob"] = Matter.objects.create(area="ordinary", owner_key=BOB, title="Bob")
    return made


def test_an_area_sees_its_own_rows_alone(municipality_a, matters):
    with use(municipality_a, "child-welfare") as acting:
        assert run(acting, "select title from town_matter") == [("Alice child-welfare",)]
        assert run(acting, "select text from town_letter") == [("to Alice child-welfare",)]


def test_an_area_changes_nothing_of_another(municipality_a, matters):
    with use(municipality_a, "ordinary") as acting:
        assert run(acting, "update town_matter set title = 'x' where area = 'care'") == 0
        assert is_refused(acting, "delete from town_matter where id = %s", matters["care"].id)
        assert is_refused(acting, "update town_matter set area = 'care'")
    with use(municipality_a, "ordinary"), pytest.raises(ProgrammingError, match="row-level security"):
        Matter.objects.create(area="care", owner_key=ALICE, title="x")


@pytest.mark.parametrize(
    "statement",
    [
        "set role allmenning_owner",
        "set session authorization postgres",
        "set session_replication_role = replica",
        "alter table town_matter disable row level security",
        "drop policy area_select on town_matter",
        "create table mine (x int)",
        "create temp table mine (x int)",
        "create function session_area() returns text language sql return 'care'",
        "create or replace function public.session_area() returns text language sql return 'care'",
        "create schema mine",
        "select * from tenancy.counter",
        "select * from django_migrations",
        "truncate town_matter",
        "copy town_matter to program 'cat'",
        "select reltuples from pg_class",
        "select n_live_tup from pg_stat_user_tables",
        "select pg_relation_size('town_matter')",
        "select lo_create(0)",
        "select pg_advisory_lock(1)",
    ],
)
def test_injected_sql_gets_no_further(municipality_a, statement):
    with use(municipality_a, "ordinary") as acting:
        assert is_refused(acting, statement)


@pytest.mark.parametrize("login", ["ordinary", "resident", "administration"])
@pytest.mark.parametrize("parameters", [(), (None,), ([],)])
def test_nothing_follows_a_semicolon(municipality_a, login, parameters):
    """EXPLAIN ANALYZE tells how many rows a policy left out, and no right withholds it: it has to be unreachable."""
    with use(municipality_a, login) as acting, connections[acting.alias].cursor() as cursor:
        with pytest.raises(ProgrammingError, match="multiple commands"):
            cursor.execute("select 1; explain analyze select * from town_unit", *parameters)
        cursor.execute("select 1", *parameters)
        assert cursor.fetchall() == [(1,)]


def test_no_condition_is_worked_out_for_a_row_that_one_does_not_see(municipality_a, matters):
    """It would tell that there is a row. Which condition comes first depends on statistics: here as on a new table."""
    placed = placement.placement_of(municipality_a)
    with psycopg.connect(placement.admin_dsn(placed.server, placed.database), autocommit=True) as operator:
        operator.execute("delete from pg_statistic where starelid = 'town_matter'::regclass")
        operator.execute("update pg_class set relpages = 0, reltuples = -1 where oid = 'town_matter'::regclass")
    with use(municipality_a, "ordinary") as acting:
        asked = "select 1 from town_matter where id = %s and set_config('probe.seen', 'yes', false) is not null"
        assert run(acting, asked, matters["care"].id) == []
        assert run(acting, "select current_setting('probe.seen', true)") != [("yes",)]
        assert run(acting, asked, matters["ordinary"].id) == [(1,)]
        assert run(acting, "select current_setting('probe.seen', true)") == [("yes",)]
        run(acting, "reset probe.seen")
        cheap = "select oid::regprocedure from pg_proc where provolatile = 'v' and procost < 10 and prokind = 'f'"
        assert run(acting, cheap) == []


def test_no_setting_changes_who_one_is(municipality_a, matters):
    with use(municipality_a, "ordinary") as acting:
        run(acting, "set row_security = off")
        with pytest.raises(ProgrammingError, match="row-level security"):
            run(acting, "select * from town_matter")
        run(acting, "reset row_security")
        run(acting, "set role allmenning_area")
        assert run(acting, "select distinct area from town_matter") == [("ordinary",)]
        run(acting, "reset role")


def test_administration_sees_no_case(municipality_a, matters):
    with use(municipality_a, "administration") as acting:
        assert is_refused(acting, "select title from town_matter")


def test_a_resident_sees_their_own_in_every_area(municipality_a, matters):
    with use(municipality_a, "resident", keys=(ALICE,)):
        assert Matter.objects.count() == len(AREAS)
        assert Letter.objects.count() == len(AREAS)
    with use(municipality_a, "resident", keys=(BOB,)):
        assert [matter.title for matter in Matter.objects.all()] == ["Bob"]
        assert Letter.objects.count() == 0
    with use(municipality_a, "resident"):
        assert Matter.objects.count() == 0
    with use(municipality_a, "resident", keys=(ALICE, BOB)):
        assert Matter.objects.count() == len(AREAS) + 1


def test_a_resident_gets_no_further_by_a_guessed_key(municipality_a, matters):
    with use(municipality_a, "resident", keys=(BOB,)) as acting:
        for guess in ("", "%", "00" * 32, "ff" * 32, "*", BOB.hex()[:-2], "' or true --", ",".join(["11" * 32] * 3)):
            run(acting, "select set_config('allmenning.resident', %s, false)", guess)
            assert run(acting, "select * from town_matter") == []
        assert is_refused(acting, "set role allmenning_area")


def test_keys_do_not_turn_an_area_into_a_resident(municipality_a, matters):
    with use(municipality_a, "care", keys=(ALICE,)) as acting:
        assert run(acting, "select distinct area from town_matter") == [("care",)]


def test_a_draft_is_its_writers_alone(municipality_a):
    with use(municipality_a, "care", keys=(ALICE,)):
        Draft.objects.create(area="care", owner_key=ALICE, text="of a member of staff")
    with use(municipality_a, "resident", keys=(BOB,)):
        Draft.objects.create(area="care", owner_key=BOB, text="of a resident")
    for login, keys, seen in (
        ("care", (ALICE,), ["of a member of staff"]),
        ("care", (b"c" * 32,), []),
        ("care", (), []),
        ("ordinary", (ALICE,), []),
        ("resident", (BOB,), ["of a resident"]),
    ):
        with use(municipality_a, login, keys=keys) as acting:
            assert [draft.text for draft in Draft.objects.all()] == seen
        connections[acting.alias].close()


def test_a_resident_changes_the_named_columns_alone(municipality_a):
    with use(municipality_a, "resident", keys=(ALICE,)) as acting:
        wish = Wish.objects.create(area="care", owner_key=ALICE, text="more", answer="", open=False)
        assert Wish.objects.count() == 0
        assert run(acting, "update town_wish set text = 'less'") == 0
    with use(municipality_a, "care"):
        Wish.objects.filter(id=wish.id).update(open=True)
    with use(municipality_a, "resident", keys=(ALICE,)) as acting:
        assert run(acting, "update town_wish set text = 'less'") == 1
        assert is_refused(acting, "update town_wish set answer = 'yes'")


def test_a_resident_writes_only_what_is_theirs(municipality_a, matters):
    with use(municipality_a, "resident", keys=(ALICE,)) as acting:
        mine = Matter.objects.create(area="care", owner_key=ALICE, title="new")
        assert Matter.objects.filter(id=mine.id).update(title="changed") == 1
        assert run(acting, "update town_matter set title = 'x' where id = %s", matters["bob"].id) == 0
        assert is_refused(acting, "update town_matter set owner_key = %s", BOB)
        assert is_refused(acting, "update town_matter set area = 'nowhere'")
        assert is_refused(acting, "update town_matter set title = ''")
        assert is_refused(acting, "delete from town_matter")
        assert is_refused(acting, "update town_letter set text = 'x'")
        with pytest.raises(ProgrammingError, match="row-level security"):
            Matter.objects.create(area="care", owner_key=BOB, title="for Bob")


def test_a_resident_adds_what_residents_never_read(municipality_a, matters):
    with use(municipality_a, "resident", keys=(ALICE,)) as acting:
        Task.objects.create(area="care", case=matters["care"], title="look at it")
        assert is_refused(acting, "select * from town_task")
        assert is_refused(acting, "update town_task set title = 'x'")
        with pytest.raises(ProgrammingError, match="row-level security"):
            Task.objects.create(area="ordinary", case=matters["bob"], title="look at it")
    with use(municipality_a, "care"):
        assert [task.title for task in Task.objects.all()] == ["look at it"]


def test_a_row_hangs_on_nothing_that_its_writer_does_not_see(municipality_a, matters):
    for login, keys, area, case in (
        ("resident", (ALICE,), "ordinary", matters["bob"]),
        ("resident", (ALICE,), "ordinary", matters["care"]),
        ("ordinary", (), "ordinary", matters["care"]),
    ):
        with use(municipality_a, login, keys=keys), pytest.raises(ProgrammingError, match="row-level security"):
            Task.objects.create(area=area, case=case, title="slipped in")


def test_nobody_shows_a_transaction_to_two_residents(municipality_a):
    from django.db import transaction

    with use(municipality_a, "resident", keys=(ALICE,)), transaction.atomic():
        Matter.objects.count()
        with pytest.raises(WrongMunicipality), use(municipality_a, "resident", keys=(BOB,)):
            Matter.objects.count()


def test_keys_are_gone_when_the_connection_goes_back(municipality_a, matters):
    with use(municipality_a, "resident", keys=(ALICE,)) as acting:
        assert Matter.objects.count() == len(AREAS)
        before = run(acting, "select pg_backend_pid()")
        connections[acting.alias].close()
    raw = connections[acting.alias]
    raw.ensure_connection()
    assert raw.connection.execute("select current_setting('allmenning.resident', true)").fetchone()[0] in ("", None)
    with use(municipality_a, "resident") as acting:
        assert run(acting, "select pg_backend_pid()") == before
        assert Matter.objects.count() == 0
    connections[acting.alias].close()


def test_a_connection_serves_resident_after_resident(municipality_a, matters):
    for _ in range(10):
        for keys, count in (((ALICE,), len(AREAS)), ((BOB,), 1), ((), 0)):
            with use(municipality_a, "resident", keys=keys) as acting:
                assert Matter.objects.count() == count
            connections[acting.alias].close()


def test_what_is_append_only_stays(municipality_a, matters):
    with use(municipality_a, "ordinary") as acting:
        for change in ("update {} set text = 'x'", "delete from {}"):
            assert is_refused(acting, change.format("town_letter"))
    with use(municipality_a, "administration") as acting:
        Stamp.objects.create(text="first")
        assert is_refused(acting, "update town_stamp set text = 'x'")


def test_administration_writes_what_is_shared_and_all_staff_read_it(municipality_a):
    with use(municipality_a, "administration"):
        Unit.objects.create(name="Building")
    with use(municipality_a, "care") as acting:
        assert [unit.name for unit in Unit.objects.all()] == ["Building"]
        assert is_refused(acting, "update town_unit set name = 'x'")
        assert is_refused(acting, "insert into town_unit values (gen_random_uuid(), 'x')")
        Phrase.objects.create(text="Thank you")
    with use(municipality_a, "resident", keys=(ALICE,)) as acting:
        assert Unit.objects.count() == 1
        assert is_refused(acting, "select * from town_phrase")


def test_every_table_has_forced_walls(municipality_a):
    """Whatever the models say, this is what the database does."""
    with use(municipality_a, "owner") as acting:
        open_tables = run(
            acting,
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            " and relname <> 'django_migrations' and not (relrowsecurity and relforcerowsecurity)",
        )
    assert open_tables == []


def test_an_index_serves_an_areas_list(municipality_a, matters):
    """The policy is one plain condition, so that a list by area is read from its index."""
    with use(municipality_a, "care") as acting:
        run(acting, "set enable_seqscan = off")
        plan = "\n".join(line for (line,) in run(acting, "explain select title from town_matter where area = 'care'"))
        run(acting, "reset enable_seqscan")
    assert "InitPlan" in plan
    assert " OR " not in plan


def test_every_municipal_model_says_who_may_see_it():
    assert walls.problems() == []


def test_a_model_that_tells_what_others_have_is_named(monkeypatch):
    monkeypatch.setattr(Unit, "walls", Walls.of_area())
    assert any("area" in problem for problem in walls.problems([Unit]))
    monkeypatch.delattr(Unit, "walls")
    assert walls.problems([Unit])


def test_every_login_knows_its_own_name(municipality_a):
    for login in LOGINS:
        with use(municipality_a, login) as acting:
            assert run(acting, "select session_area()") == [(login,)]
