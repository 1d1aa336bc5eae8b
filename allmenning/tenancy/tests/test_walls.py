"""The walls, tried with raw SQL as the logins that requests have."""

import pytest
from django.db import connections, transaction
from django.db.utils import ProgrammingError

from allmenning.tenancy import AREAS, NoMunicipalityChosen, WrongMunicipality, next_number, use
from allmenning.tenancy.tests.town.models import Letter, Matter, Phrase, Stamp, Task, Unit

ALICE, BOB = b"a" * 32, b"b" * 32


def rows(acting, statement, *parameters):
    with connections[acting.alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


@pytest.fixture
def matters(municipality_a):
    """One matter of Alice's in each area, and one of Bob's in the first."""
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
        assert rows(acting, "select title from town_matter") == [("Alice child-welfare",)]
        assert rows(acting, "select text from town_letter") == [("to Alice child-welfare",)]


def test_administration_sees_no_case(municipality_a, matters):
    with use(municipality_a, "administration") as acting, pytest.raises(ProgrammingError, match="permission denied"):
        rows(acting, "select title from town_matter")


def test_a_resident_sees_their_own_in_every_area(municipality_a, matters):
    with use(municipality_a, "resident", keys=(ALICE,)):
        assert Matter.objects.count() == len(AREAS)
        assert Letter.objects.count() == len(AREAS)
    with use(municipality_a, "resident", keys=(BOB,)):
        assert [matter.title for matter in Matter.objects.all()] == ["Bob"]
        assert Letter.objects.count() == 0
    with use(municipality_a, "resident"):
        assert Matter.objects.count() == 0
