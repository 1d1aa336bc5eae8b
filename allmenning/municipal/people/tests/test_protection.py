"""Who has a protected address: a register raises, a hand sets, and nothing is forgotten."""

import pytest
from django.db import IntegrityError, connection

from allmenning.municipal.people import protection
from allmenning.municipal.people.actions import known_person
from allmenning.municipal.people.models import Protection
from allmenning.municipal.people.ports import AddressProtection
from allmenning.municipal.people.protection import Detail, Level
from allmenning.tenancy import use

RITA, OMAR = b"r" * 32, b"o" * 32
CONFIDENTIAL, STRICT, NONE = Level.CONFIDENTIAL, Level.STRICT, Level.NONE


def level(owner_key=RITA):
    return protection.levels_of_owners([owner_key]).get(owner_key, NONE)


@pytest.fixture
def here(municipality_a):
    with use(municipality_a, "ordinary"):
        yield


def test_the_register_raises_and_never_lowers(here):
    said = [
        protection.raise_by_register(RITA, each, because="self") for each in (CONFIDENTIAL, STRICT, CONFIDENTIAL, NONE)
    ]
    assert said == [CONFIDENTIAL, STRICT, STRICT, STRICT]
    assert [each.level for each in protection.history(RITA)] == [CONFIDENTIAL, STRICT]
    assert level(OMAR) is NONE


def test_what_is_set_by_hand_stands_whatever_a_register_or_an_import_says(here):
    protection.set_by_hand(RITA, STRICT, Detail("threat", staff_name="Alice Alm"))
    for said in (NONE, CONFIDENTIAL):
        assert protection.raise_by_register(RITA, said, because="self") is STRICT
    # Read before the hand and written after it, as by an import that runs at the same time:
    protection._say(RITA, Protection.Source.REGISTER, CONFIDENTIAL, Detail("self"))
    assert level() is STRICT


def test_a_hand_lowers_and_the_register_raises_again(here):
    protection.raise_by_register(RITA, STRICT, because="household")
    protection.set_by_hand(RITA, NONE, Detail("over"), lowers=protection.said_of(RITA))
    assert level() is NONE
    assert protection.raise_by_register(RITA, CONFIDENTIAL, because="self") is CONFIDENTIAL
    assert [(each.level, each.detail.because) for each in protection.history(RITA)] == [
        (STRICT, "household"),
        (NONE, "over"),
        (CONFIDENTIAL, "self"),
    ]


@pytest.mark.parametrize("source", list(Protection.Source))
def test_what_was_said_while_somebody_looked_is_lowered_by_nobody(here, source):
    """Whichever of the two is written first."""
    for owner_key, in_between in ((RITA, True), (OMAR, False)):
        protection.raise_by_register(owner_key, CONFIDENTIAL, because="self")
        known = list(protection.said_of(owner_key))
        if in_between:
            protection._say(owner_key, source, STRICT, Detail("self"))
        protection.set_by_hand(owner_key, NONE, Detail("over"), lowers=known)
        if not in_between:
            protection._say(owner_key, source, STRICT, Detail("self"))
        assert level(owner_key) is STRICT


def test_a_hand_that_lowers_nothing_leaves_what_stands(here):
    protection.set_by_hand(RITA, STRICT, Detail("threat"))
    protection.set_by_hand(RITA, CONFIDENTIAL, Detail("late"))
    assert level() is STRICT


def test_no_register_sets_anything_aside(here):
    protection.raise_by_register(RITA, STRICT, because="self")
    [row] = protection.said_of(RITA)
    with pytest.raises(IntegrityError, match="only_a_hand_lowers"):
        protection._say(RITA, Protection.Source.REGISTER, NONE, Detail("self"), [row.id])


def test_a_person_of_one_area_is_protected_in_another(municipality_a):
    with use(municipality_a, "care"):
        carol, _ = known_person("care", "person", "17885512345", "Carol Cedertre")
        assert protection.levels_of_owners([carol.owner_key]) == {}
        protection.set_by_hand(carol.owner_key, STRICT, Detail("threat"))
    with use(municipality_a, "ordinary"):
        here, _ = known_person("ordinary", "person", "17885512345", "Carol Cedertre")
        assert here.id != carol.id
        assert protection.levels_of_owners([here.owner_key]) == {here.owner_key: STRICT}


def test_the_table_tells_neither_the_level_nor_the_address(here):
    protection.set_by_hand(RITA, STRICT, Detail("threat", postal_address=("Postboks 100", "0102 Oslo")))
    assert protection.postal_address(RITA) == ("Postboks 100", "0102 Oslo")
    with connection.cursor() as cursor:
        cursor.execute("select level || detail from people_protection")
        ((held,),) = cursor.fetchall()
    assert not any(told in bytes(held) for told in (b"strengt", b"Postboks", b"threat"))


def test_every_value_of_the_register_has_a_level():
    assert {Level.of_register(each) for each in AddressProtection} == set(Level)
