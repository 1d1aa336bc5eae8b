"""Rows that are written in one statement are the very rows that saving them one by one would leave."""

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.utils import DatabaseError, ProgrammingError

from allmenning.basics.identifiers import uuid7
from allmenning.municipal.archive.models import CaseFile
from allmenning.municipal.cases.models import Case, Event, Note
from allmenning.municipal.people.models import Person
from allmenning.tenancy import use
from allmenning.tenancy.together import GiveNumber, Known, TakeNumbers, insert_together
from attack.rows import Owner, models_of

ALICE, BOB = b"a" * 32, b"b" * 32
NUMBERS = TakeNumbers("ordinary", 2026, ("case", "registry"))


@pytest.fixture
def alice(municipality_a):
    return Owner(municipality_a, "ordinary", ALICE)


def stored(acting, row):
    """The row's own columns: what the database fills in by itself is filled in for each transaction."""
    columns = ", ".join(f'"{field.column}"' for field in row._meta.local_concrete_fields)
    with connections[acting.alias].cursor() as cursor:
        cursor.execute(f'select {columns} from "{row._meta.db_table}" where id = %s', [row.pk])
        return cursor.fetchall()


@pytest.mark.parametrize("model", models_of("area", "own", "shared", "person"), ids=lambda model: model._meta.label)
def test_every_model(municipality_a, alice, model):
    row = alice.unsaved(model)
    with use(municipality_a, "owner") as acting, transaction.atomic():  # one, since some rows name their transaction
        with transaction.atomic():
            row.save(force_insert=True)
            saved = stored(acting, row)
            transaction.set_rollback(True)
        assert not stored(acting, row)
        insert_together([row])
        assert stored(acting, row) == saved


def test_numbers_are_given_to_rows_before_and_after(municipality_a, alice):
    first, second = (alice.unsaved(Case, id=uuid7(), year=2026, sequence=None) for _ in range(2))
    file = alice.unsaved(CaseFile, case_id=second.id, year=2026, sequence=None)
    with use(municipality_a, "ordinary"):
        with transaction.atomic():
            taken = insert_together([first, NUMBERS, GiveNumber(first)])
        with transaction.atomic():
            insert_together([NUMBERS, second, file])
        assert taken == {"case": 1, "registry": 1}
        assert [c.sequence for c in (first, second, file)] == [1, 2, 2]
        assert sorted(Case.objects.filter(year=2026).values_list("sequence", flat=True)) == [1, 2]
        assert CaseFile.objects.get(id=file.id).sequence == 2


def test_what_is_known_is_left_as_it_is(municipality_a, alice):
    known = alice.row(Person)
    again = Person.objects.model(**{f.attname: getattr(known, f.attname) for f in Person._meta.local_concrete_fields})
    again.name = b"another"
    with use(municipality_a, "ordinary"):
        insert_together([Known((again,))])
        assert bytes(Person.objects.get(id=known.id).name) == bytes(known.name)
        with pytest.raises(IntegrityError):
            insert_together([again])


def test_all_or_nothing(municipality_a, alice):
    good, bad = alice.unsaved(Event), alice.unsaved(Event, case_id=uuid7())
    with use(municipality_a, "ordinary"):
        with pytest.raises(DatabaseError):
            insert_together([good, bad])
        assert not Event.objects.filter(id=good.id).exists()


def test_walls_hold_for_whoever_calls(municipality_a, alice):
    """It has no rights of its own: another area's rows, another resident's and a member of staff's are refused."""
    note, event = alice.unsaved(Note), alice.unsaved(Event, actor="resident")
    for login, keys, row in [("care", (), event), ("resident", (BOB,), event), ("resident", (ALICE,), note)]:
        with use(municipality_a, login, keys=keys), pytest.raises(ProgrammingError, match=r"row-level|permission"):
            insert_together([row])
    with use(municipality_a, "resident", keys=(ALICE,)):
        insert_together([event])


def test_clear_text_is_never_written_where_it_should_be_sealed(municipality_a, alice):
    note = alice.unsaved(Note)
    note.text = "clear"
    with use(municipality_a, "ordinary"), pytest.raises(TypeError, match="vault"):
        insert_together([note])


def test_the_function_does_nothing_but_what_it_knows(municipality_a):
    unknown = """select public.insert_together('[{"do": "add pg_authid", "rows": []}]')"""
    with use(municipality_a, "ordinary"), pytest.raises(DatabaseError, match="unknown instruction"):
        connection.cursor().execute(unknown)
