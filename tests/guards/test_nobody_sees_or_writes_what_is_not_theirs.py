"""Every real model, with rows of two people in every area, tried with raw SQL as each login of the municipality."""

import pytest
from django.db import connections, models
from django.db.utils import DatabaseError, ProgrammingError

from allmenning.basics.identifiers import uuid7
from allmenning.municipal.access.models import Unit
from allmenning.municipal.people import protection
from allmenning.municipal.people.models import Protection
from allmenning.municipal.people.protection import Detail, Level
from allmenning.tenancy import AREAS, use, walls
from attack.rows import Owner, models_of

ALICE, BOB = b"a" * 32, b"b" * 32
REFUSED = r"permission denied|row-level security"
WALLED = models_of("area", "own")
OF_AREA = models_of("area")


def ran(acting, statement, *parameters):
    with connections[acting.alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def is_refused(act) -> bool:
    with pytest.raises(ProgrammingError, match=REFUSED):
        act()
    return True


def people_of(municipality):
    """Two people in each area, whose rows are made as they are asked for."""
    return {(area, key): Owner(municipality, area, key) for area in AREAS for key in (ALICE, BOB)}


def filled(municipality):
    """A row of every model, for each of two people in each area."""
    owners = people_of(municipality)
    for owner in owners.values():
        for model in WALLED:
            owner.row(model)
    return owners


@pytest.fixture
def owners(municipality_a):
    return filled(municipality_a)


@pytest.fixture
def people(municipality_a):
    return people_of(municipality_a)


def ids(acting, model):
    return {found for (found,) in ran(acting, f'select id from "{model._meta.db_table}"')}


def made(owners, model, area=None, key=None):
    return {o.row(model).pk for (a, k), o in owners.items() if area in (None, a) and key in (None, k)}


def rights(model, group, verb):
    return [r for r in walls.rights_of(model) if r.group == group and r.verb == verb]


def test_an_area_sees_and_counts_its_own_rows_alone(municipality_a, owners):
    for area in AREAS:
        with use(municipality_a, area) as acting:
            for model in OF_AREA:
                assert ids(acting, model) == made(owners, model, area), model
                assert ran(acting, f'select distinct area from "{model._meta.db_table}"') == [(area,)]


def test_what_is_ones_own_is_nobody_elses(municipality_a, owners):
    for model in models_of("own"):
        with use(municipality_a, "care") as acting:
            assert ids(acting, model) == set()
        with use(municipality_a, "care", keys=(ALICE,)) as acting:
            assert ids(acting, model) == made(owners, model, "care", ALICE)
        with use(municipality_a, "resident", keys=(BOB,)) as acting:
            assert ids(acting, model) == made(owners, model, None, BOB)


def test_another_municipality_has_none_of_it(municipality_a, municipality_b, owners):
    theirs = filled(municipality_b)
    for login, keys in (*((area, ()) for area in AREAS), ("resident", (ALICE, BOB))):
        with use(municipality_b, login, keys=keys) as acting:
            for model in OF_AREA:
                if login != "resident" or model.walls.resident:
                    assert ids(acting, model) <= made(theirs, model), model


def test_a_resident_sees_their_own_in_every_area_and_nothing_else(municipality_a, owners):
    for key in (ALICE, BOB):
        with use(municipality_a, "resident", keys=(key,)) as acting:
            for model in OF_AREA:
                if model.walls.resident is None:
                    assert is_refused(lambda model=model, acting=acting: ids(acting, model)), model
                else:
                    assert ids(acting, model) == made(owners, model, key=key), model
    with use(municipality_a, "resident") as acting:
        assert all(ids(acting, m) == set() for m in WALLED if m.walls.resident or m.walls.kind == "own")


def test_the_administration_sees_no_case_and_no_person(municipality_a, owners):
    with use(municipality_a, "administration") as acting:
        for model in WALLED:
            assert is_refused(lambda model=model: ids(acting, model)), model


@pytest.mark.parametrize("model", WALLED, ids=lambda m: m._meta.label)
def test_a_resident_adds_nothing_to_anothers(municipality_a, people, model):
    alices = people["care", ALICE]
    with use(municipality_a, "resident", keys=(BOB,)):
        assert is_refused(lambda: alices.addable(model).save(force_insert=True))


@pytest.mark.parametrize("model", WALLED, ids=lambda m: m._meta.label)
def test_a_resident_adds_to_their_own_where_the_walls_say_so(municipality_a, people, model):
    bobs = people["care", BOB]
    row = bobs.addable(model)
    with use(municipality_a, "owner"):  # make room where there may be one for each case
        alone = any(field.unique and field.name != "id" for field in model._meta.local_concrete_fields)
        if alone or any(each.fields == ("case",) for each in model._meta.constraints if hasattr(each, "fields")):
            bobs.row(model).delete()
    with use(municipality_a, "resident", keys=(BOB,)):
        if rights(model, walls.RESIDENT, "insert"):
            row.save(force_insert=True)
        else:
            assert is_refused(lambda: row.save(force_insert=True))


@pytest.mark.parametrize("model", WALLED, ids=lambda m: m._meta.label)
def test_no_row_is_slipped_into_another_areas_work(municipality_a, people, model):
    """Bob's case is of `care`; a row about it in `ordinary` would be read there by people who have no part in it."""
    if "case_id" not in {f.column for f in model._meta.local_concrete_fields}:
        return
    row = people["care", BOB].addable(model)
    row.area = "ordinary"
    with use(municipality_a, "resident", keys=(BOB,)):
        assert is_refused(lambda: row.save(force_insert=True))


@pytest.mark.parametrize("model", WALLED, ids=lambda m: m._meta.label)
def test_a_row_hangs_on_nothing_of_anothers(municipality_a, people, model):
    bobs, alices, elsewhere = people["care", BOB], people["care", ALICE], people["ordinary", BOB]
    for field in model._meta.local_concrete_fields:
        target = field.related_model if isinstance(field, models.ForeignKey) else None
        if target is None or target is model or target not in WALLED:
            continue
        with use(municipality_a, "resident", keys=(BOB,)):
            foreign = bobs.addable(model)
            setattr(foreign, field.attname, alices.row(target).pk)
            assert is_refused(lambda foreign=foreign: foreign.save(force_insert=True)), field
        with use(municipality_a, "care", keys=(BOB,)):
            foreign = bobs.unsaved(model)
            setattr(foreign, field.attname, elsewhere.row(target).pk)
            assert is_refused(lambda foreign=foreign: foreign.save(force_insert=True)), field


@pytest.mark.parametrize("model", WALLED, ids=lambda m: m._meta.label)
def test_a_refusal_does_not_tell_whether_the_other_exists(municipality_a, people, model):
    foreign, nothing = people["ordinary", ALICE].addable(model), people["ordinary", ALICE].addable(model)
    for field in model._meta.local_concrete_fields:
        if field.column == "case_id" or (isinstance(field, models.ForeignKey) and field.related_model is not model):
            setattr(nothing, field.attname, uuid7())
    said = []
    with use(municipality_a, "resident", keys=(BOB,)):
        for row in (foreign, nothing):
            with pytest.raises(DatabaseError) as refused:
                row.save(force_insert=True)
            said.append((type(refused.value), str(refused.value)))
    assert said[0] == said[1]


@pytest.mark.parametrize("model", WALLED, ids=lambda m: m._meta.label)
def test_the_same_number_in_two_areas_is_no_error(municipality_a, people, model):
    """Else the failure would tell what the other area has. Where it must be an identifier, it can't be guessed."""
    theirs, ours = people["care", ALICE].row(model), people["ordinary", ALICE].unsaved(model)
    unique = [each for each in model._meta.constraints if isinstance(each, models.UniqueConstraint)]
    same = {name for each in unique if "area" in each.fields for name in each.fields} - {"area"}
    for name in same:
        setattr(ours, name, getattr(theirs, name))
    if same:
        with use(municipality_a, "ordinary", keys=(ALICE,)):
            ours.save(force_insert=True)


@pytest.mark.parametrize("model", WALLED, ids=lambda m: m._meta.label)
def test_each_login_changes_the_columns_that_it_may_and_no_others(municipality_a, people, model):
    table = model._meta.db_table
    people["care", ALICE].row(model)
    columns = [field.column for field in model._meta.local_concrete_fields]
    for login, group, keys in (("care", walls.AREA, (ALICE,)), ("resident", walls.RESIDENT, (ALICE,))):
        found = rights(model, group, "update")
        allowed = set(found[0].columns or columns) if found else set()
        with use(municipality_a, login, keys=keys) as acting:
            for column in columns:
                changing = f'update "{table}" set "{column}" = "{column}"'
                if column not in allowed:
                    assert is_refused(lambda sql=changing, acting=acting: ran(acting, sql)), column
            for statement in (f'delete from "{table}"', f'truncate "{table}"'):
                if statement.startswith("truncate") or not rights(model, group, "delete"):
                    assert is_refused(lambda sql=statement, acting=acting: ran(acting, sql)), statement


def test_no_area_asks_for_anothers_numbers(municipality_a):
    with use(municipality_a, "ordinary") as acting:
        assert ran(acting, "select next_number('case', 'ordinary', 2026)") == [(1,)]
        assert is_refused_or_other(lambda: ran(acting, "select next_number('case', 'child-welfare', 2026)"))
        assert is_refused(lambda: ran(acting, "select * from tenancy.counter"))
    with use(municipality_a, "administration") as acting:
        assert is_refused(lambda: ran(acting, "select next_number('case', 'ordinary', 2026)"))


def is_refused_or_other(act) -> bool:
    with pytest.raises(ProgrammingError, match="another area"):
        act()
    return True


def test_residents_read_of_what_is_shared_only_what_is_published(municipality_a):
    with use(municipality_a, "administration"):
        Unit.objects.create(name="Servicetorget", area="ordinary")
    with use(municipality_a, "resident", keys=(ALICE,)) as acting:
        for model in models_of("shared"):
            if model.walls.residents_read:
                ids(acting, model)
            else:
                assert is_refused(lambda model=model: ids(acting, model)), model


def test_protections_are_seen_in_every_area_by_their_own_resident_and_by_no_administrator(municipality_a):
    with use(municipality_a, "resident", keys=(ALICE,)):
        protection.raise_by_register(ALICE, Level.STRICT, because="self")
    for area in AREAS:
        with use(municipality_a, area):
            assert protection.levels_of_owners([ALICE, BOB]) == {ALICE: Level.STRICT}
    with use(municipality_a, "resident", keys=(BOB,)) as acting:
        assert ids(acting, Protection) == set()
        assert is_refused(lambda: protection.raise_by_register(ALICE, Level.STRICT, because="self"))
        assert is_refused(lambda: protection.set_by_hand(BOB, Level.NONE, Detail()))
    for login in ("administration", "care"):
        with use(municipality_a, login) as acting:
            for statement in ("update people_protection set source = 'hand'", "delete from people_protection"):
                assert is_refused(lambda sql=statement, acting=acting: ran(acting, sql)), (login, statement)
    with use(municipality_a, "administration") as acting:
        assert is_refused(lambda: ids(acting, Protection))
