"""The second wall, for whoever must answer for it: what is known of child welfare stays there.

A municipality has one database. In it, each area has a login of its own. These tests take the login of the building
department (`ordinary`), of every other area, of residents and of the administration, with SQL of their own, and try
*every table there is* for a row of child welfare: to see it, to count it, to open it, or to learn that it is there. How
each is tried is a sentence in `attack/wall.py`; `bin/attack --only wall` tries every area against every other.
"""

import statistics
import time
from dataclasses import replace

import pytest
from django.db import connections
from psycopg import sql

from allmenning import vault
from allmenning.basics.identifiers import uuid7
from allmenning.doors.desk.testing import HOUSING, at_desk, send
from allmenning.journeys import outbox
from allmenning.journeys.testing import ALICE, BOB, OMAR, RITA
from allmenning.journeys.tests.test_protecting import FEE
from allmenning.municipal.access.models import Review
from allmenning.municipal.access.queries import named_key
from allmenning.municipal.cases.models import Case
from allmenning.municipal.people import actions as people
from allmenning.municipal.people.models import NamePart, Person, Protection
from allmenning.tenancy import AREAS, current, use, walls
from allmenning.vault import files
from attack import wall
from attack.rows import Owner, models_of
from attack.tally import Tally

BUILDING, CHILD_WELFARE = "ordinary", "child-welfare"
OTHERS = wall.OTHERS
TABLES = models_of("area", "own", "apart", "resident")
KEY = b"r" * 32
NAMES_OMAR = {**FEE, "partner_number": OMAR}


@pytest.fixture
def owners(municipality_a):
    """A row of every table, of somebody in each area."""
    found = {area: Owner(municipality_a, area, KEY) for area in AREAS}
    for owner in found.values():
        for model in TABLES:
            owner.row(model)
    return found


@pytest.fixture
def told(municipality_a, owners, record_property):
    """Try one way everywhere; what it told. How much was tried is printed at the end of the run."""

    def tried(*ways):
        tally = Tally()
        wall.pry(municipality_a, owners, tally, ways)
        counted = f"second wall, {', '.join(way.__name__ for way in ways)}: {len(TABLES)} tables × {len(OTHERS)} logins"
        record_property("told", f"{counted}, {tally.attempts[wall.KIND]} tries, {len(tally.said)} told something")
        assert tally.attempts[wall.KIND] > 100
        return tally.said

    return tried


# --- rows ---


def test_no_row_is_seen_or_counted(told):
    assert told(wall.sees_no_row) == []


def test_no_row_is_changed_removed_or_taken_over(told):
    assert told(wall.changes_no_row) == []


def test_no_table_is_forgotten(municipality_a):
    """Tables are asked of the database: each is of a model with walls, or nobody has any right to it."""
    with wall.connected(municipality_a, "owner") as owner:
        found = wall.tables_of_the_database(owner)
    ours = {model._meta.db_table for model in walls.municipal_models()}
    assert ours <= found
    for login in (CHILD_WELFARE, *OTHERS):
        with wall.connected(municipality_a, login) as connection:
            for table in found - ours:
                with pytest.raises(wall.psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"select * from {table}")


def test_what_all_areas_share_is_about_no_resident(municipality_a):
    """Units, staff, services: nothing of a case, no resident's key, nothing sealed. Staff and whom they are near are known
    by indexes, from the login and from what they declare, whether or not they have a case anywhere.
    """
    found = {model._meta.label: wall.unguarded(model) for model in models_of("shared") if wall.unguarded(model)}
    assert found == {"access.StaffMember": ["subject_index"], "access.NearOne": ["near_key"]}
    # One table is about people whatever the area, since nobody may show an address before they have asked it. It tells that
    # somebody's address is protected, under a key that only the number gives; not which area knows them.
    assert models_of("person") == [Protection]
    columns = {field.column for field in Protection._meta.local_concrete_fields}
    assert columns == {"id", "owner_key", "at", "source", "level", "detail", "lowers"}


def test_a_case_adds_nothing_to_what_all_areas_share(averoy, registers):
    """Somebody sends a case; staff near to them by home, by family, by name in it, try, break the glass, are given it, and say
    that they are partial. Another area's login reads the same of every table that it shares before and after.
    """
    registers.people[ALICE] = replace(registers.people[ALICE], address=registers.people[RITA].address)
    registers.people[BOB] = replace(registers.people[BOB], spouse=OMAR)
    clients = [at_desk(averoy, who) for who in (ALICE, BOB)]
    for client in clients:
        client.get("/desk/")  # the register tells whom they are near to, whether or not those have a case
    before = what_is_shared(averoy.id)
    receipts = [send(averoy, "housing-allowance", HOUSING), send(averoy, "reduced-kindergarten-fee", NAMES_OMAR)]
    outbox.drain(averoy.id, BUILDING)
    for client in clients:
        for receipt in receipts:
            said = {"reason": "Det haster for Rita nå.", "to": averoy.staff["alice"].id, "revision": 0, "note": "x"}
            for act in ("", "break-glass/", "assign/", "note/", "partial/"):
                client.post(f"/desk/cases/{receipt.case_id}/{act}", said)
                client.get(f"/desk/cases/{receipt.case_id}/{act}")
    with use(averoy.id, BUILDING):
        assert {row.facts.get("reason") for row in Review.objects.all()} >= {"same-household", "near-named"}
    assert what_is_shared(averoy.id) == before


def what_is_shared(municipality):
    """Every row that child welfare's login reads of each table that areas share: of each column that it may read."""
    found = {}
    with wall.connected(municipality, CHILD_WELFARE) as connection:
        for model in models_of("shared", "person"):
            table = model._meta.db_table
            names = [field.column for field in model._meta.local_concrete_fields]
            readable = [name for name in names if connection.execute(_MAY_READ, [table, name]).fetchone()[0]]
            if readable:
                columns = sql.SQL(", ").join(map(sql.Identifier, readable))
                rows = connection.execute(
                    sql.SQL("select {} from {}").format(columns, sql.Identifier(table))
                ).fetchall()
                found[table] = sorted(map(repr, rows))
    assert found["access_nearone"], "else it would say nothing"
    return found


_MAY_READ = "select has_column_privilege(%s, %s, 'select')"


def test_whom_a_form_names_is_no_key_to_what_is_theirs(averoy, registers):
    """Residents read the rows of their own cases, and a key of somebody shows whatever is theirs. So a case of one who names
    Omar holds nothing that is on Omar's own, nor the same in two areas.
    """
    receipt = send(averoy, "reduced-kindergarten-fee", NAMES_OMAR)
    with use(averoy.id, "resident", keys=(vault.resident_key(averoy.id, "person", RITA),)):
        [named] = Case.objects.get(id=receipt.case_id).named_keys
        omar = vault.resident_key(averoy.id, "person", OMAR)
        keys = {area: named_key(area, omar) for area in AREAS}
    assert bytes(named) == keys[BUILDING]
    assert len({omar, *keys.values()}) == len(AREAS) + 1


# --- what would tell that a row is there ---


def test_no_size_estimate_or_statistic_tells(told, municipality_a):
    with wall.connected(municipality_a, "owner") as owner:
        owner.execute("analyze")
    assert told(wall.no_sizes_and_no_estimates) == []


def test_where_a_row_lies_and_who_wrote_it_when_is_not_told(told):
    assert told(wall.no_place_and_no_transaction) == []


def test_no_condition_meets_a_row_before_the_policy_does(told):
    assert told(wall.no_condition_before_the_policy) == []


def test_the_policy_stands_first_in_the_plan(told):
    assert told(wall.the_policy_comes_first_in_the_plan) == []


def test_no_unique_or_exclusion_constraint_tells(told):
    assert told(wall.no_constraint_tells) == []


def test_no_reference_tells(told):
    assert told(wall.no_reference_tells) == []


def test_no_lock_tells(told):
    assert told(wall.no_lock_tells) == []


@pytest.mark.parametrize("login", OTHERS)
def test_nothing_tells_that_they_are_at_work(municipality_a, owners, login):
    with wall.connected(municipality_a, CHILD_WELFARE) as beside, beside.transaction(force_rollback=True):
        beside.execute("update cases_case set revision = revision + 1")
        with wall.connected(municipality_a, login) as connection:
            assert list(wall.tells_of_no_activity(connection)) == []


def test_nothing_in_the_database_notifies_anybody(municipality_a):
    with wall.connected(municipality_a, "owner") as owner:
        triggers = owner.execute("select tgname from pg_trigger where not tgisinternal").fetchall()
        notifying = owner.execute(
            "select proname from pg_proc where pronamespace in ('public'::regnamespace, 'tenancy'::regnamespace)"
            " and prosrc ~* 'notify'"
        ).fetchall()
    assert (triggers, notifying) == ([], [])


# --- numbers ---


def test_numbers_do_not_skip_because_child_welfare_took_one(municipality_a):
    """2026/1, 2026/2, 2026/3 at the building department, whatever child welfare registers in between."""
    assert {model.numbered_by for model in TABLES if model.numbered_by} == set(wall.SERIES)
    for name in wall.SERIES:
        taken = []
        for _ in range(3):
            taken.append(number(municipality_a, BUILDING, name))
            for _ in range(5):
                number(municipality_a, CHILD_WELFARE, name)
        assert taken == [1, 2, 3]


def test_no_area_takes_or_sees_numbers_of_another(municipality_a):
    for login in AREAS:
        with wall.connected(municipality_a, login) as connection:
            for area in AREAS:
                if area != login:
                    assert list(wall.gives_no_number(connection, login, area)) == []


def number(municipality, area, series):
    with use(municipality, area) as acting, connections[acting.alias].cursor() as cursor:
        cursor.execute("select next_number(%s, %s, 2026)", [series, area])
        return cursor.fetchone()[0]


# --- people ---


def test_a_person_whom_only_child_welfare_knows_is_not_there(municipality_a):
    """The same person, registered there and then here, is another row under other keys; nothing collides."""
    with use(municipality_a, CHILD_WELFARE):
        there = register()
    with use(municipality_a, BUILDING):
        assert not Person.objects.exists()
        assert not NamePart.objects.exists()
        here = register()
        assert Person.objects.count() == 1
    with use(municipality_a, "owner"):
        rows = {row.area: row for row in Person.objects.all()}
        parts = {area: set(NamePart.objects.filter(area=area).values_list("part_index")) for area in rows}
    assert (there, here) == (rows[CHILD_WELFARE].id, rows[BUILDING].id)
    assert there != here
    for name in ("number_index", "number", "name"):
        assert bytes(getattr(rows[CHILD_WELFARE], name)) != bytes(getattr(rows[BUILDING], name))
    assert not parts[CHILD_WELFARE] & parts[BUILDING]


def register():
    """Rita, as the area at hand registers who has a case there; her id."""
    person, parts = people.known_person(current().login, "person", RITA, "Rita Rogn")
    person.save(force_insert=True)
    for part in parts:
        part.save(force_insert=True)
    return person.id


# --- keys and files ---


@pytest.mark.parametrize("area", [each for each in AREAS if each != CHILD_WELFARE])
def test_no_key_of_another_area_opens_what_theirs_sealed(municipality_a, area):
    key, wrapped = vault.new_case_key(municipality_a, CHILD_WELFARE)
    file = files.write(municipality_a, key, "documents.Document.content", b"%PDF-1.7 about a child")
    assert files.read(municipality_a, key, "documents.Document.content", file.path).endswith(b"a child")
    sealed = vault.seal(municipality_a, CHILD_WELFARE, "people.Person.name:1", "Rita Rogn")
    with pytest.raises(vault.CannotOpen):
        vault.open_case_key(municipality_a, area, wrapped)
    with pytest.raises(vault.CannotOpen):
        vault.wrap_again(municipality_a, area, [wrapped])
    other, _ = vault.new_case_key(municipality_a, area)
    with pytest.raises(vault.CannotOpen):
        files.read(municipality_a, other, "documents.Document.content", file.path)
    with pytest.raises(vault.CannotOpen):
        vault.open(municipality_a, area, "people.Person.name:1", sealed)
    # Nor is anything found by the same value's index.
    here, there = (vault.blind_index(municipality_a, each, "person", RITA) for each in (area, CHILD_WELFARE))
    assert here != there


def test_where_a_file_lies_tells_no_area_and_no_case(municipality_a):
    key, _ = vault.new_case_key(municipality_a, CHILD_WELFARE)
    path = files.write(municipality_a, key, "documents.Document.content", b"x").path
    assert path.startswith(f"{municipality_a}/")
    assert not any(area in path for area in AREAS)


# --- time ---


def test_time_does_not_tell_whether_an_id_is_there(municipality_a, owners):
    """A row of theirs beside an id that is none, in every table: the difference drowns (see attack/timings.py for pages)."""
    tables = {model._meta.db_table: owners[CHILD_WELFARE].row(model).pk for model in TABLES}
    asked, told = 0, []
    with wall.connected(municipality_a, BUILDING) as connection:
        for table, theirs in tables.items():
            if not readable(connection, table):
                continue  # refused before anything is looked for
            asked += 1
            for condition in ("id = %s", "id = any(array[%s])"):
                statement = f"select id from {table} where {condition}"
                # A difference that is there is there each time; one of a busy machine is not.
                if not any(difference(connection, statement, theirs) < 0.0002 for _ in range(3)):
                    told.append(statement)
    assert told == []
    assert asked > 30


def readable(connection, table):
    return connection.execute("select has_column_privilege(%s, 'id', 'select')", [table]).fetchone()[0]


def difference(connection, statement, theirs):
    """Seconds between the medians: of asking for what is there, and for what is not."""
    times = {True: [], False: []}
    for count in range(60):
        there = bool(count % 2)
        begun = time.perf_counter()
        assert connection.execute(statement, [theirs if there else uuid7()]).fetchall() == []
        times[there].append(time.perf_counter() - begun)
    return abs(statistics.median(times[True]) - statistics.median(times[False]))
