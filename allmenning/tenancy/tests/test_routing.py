"""Choosing a municipality, and what happens where none, or another, is chosen."""

import contextvars
import threading

import pytest
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError

from allmenning.tenancy import NoMunicipalityChosen, WrongMunicipality, acting, current, next_number, use
from allmenning.tenancy.context import alias_parts
from allmenning.tenancy.models import IndexField
from allmenning.tenancy.tests.town.models import Letter, Matter

ALICE = b"a" * 32


def new_matter(area="ordinary", **fields):
    return Matter(area=area, owner_key=ALICE, title="A matter", **fields)


class Trouble(Exception):
    pass


def trouble_after(work):
    work()
    raise Trouble


def test_a_bare_atomic_rolls_back_the_municipalitys_write(municipality_a):
    with use(municipality_a, "ordinary"):
        with pytest.raises(Trouble), transaction.atomic():
            trouble_after(new_matter().save)
        assert Matter.objects.count() == 0


def test_a_bare_hook_waits_for_the_municipalitys_commit(municipality_a):
    told = []
    with use(municipality_a, "ordinary"), transaction.atomic():
        transaction.on_commit(lambda: told.append("committed"))
        new_matter().save()
        assert told == []
    assert told == ["committed"]


def test_nothing_works_before_a_municipality_is_chosen(commons_db):
    for work in (
        Matter.objects.count,
        new_matter().save,
        current,
        connection.cursor,
        lambda: next_number("x", "care", 1),
    ):
        with pytest.raises(NoMunicipalityChosen):
            work()
    with pytest.raises(NoMunicipalityChosen), transaction.atomic():
        pass
    assert acting() is None


def test_an_object_of_one_municipality_is_not_saved_in_another(municipality_a, municipality_b):
    with use(municipality_a, "ordinary"):
        matter = Matter.objects.create(area="ordinary", owner_key=ALICE, title="of A")
    with use(municipality_b, "ordinary"):
        hang_on_it = lambda: Letter(area="ordinary", case=matter, text="x")  # noqa: E731
        for work in (matter.save, matter.delete, matter.refresh_from_db, matter.letters.count, hang_on_it):
            with pytest.raises(WrongMunicipality):
                work()
        assert Matter.objects.count() == 0


def test_two_municipalities_are_two_databases(municipality_a, municipality_b):
    with use(municipality_a, "ordinary"):
        new_matter().save()
    with use(municipality_b, "ordinary"):
        assert Matter.objects.count() == 0


@pytest.mark.parametrize(("municipality", "login"), [("smola", "ordinary"), ("averoy", "care"), ("averoy", "resident")])
def test_nobody_switches_inside_an_open_transaction(municipality_a, municipality_b, municipality, login):
    other = use(municipality, login)
    with use(municipality_a, "ordinary"), transaction.atomic(), pytest.raises(WrongMunicipality), other:
        pass


def test_the_same_choice_nests(municipality_a):
    with use(municipality_a, "ordinary") as outer, transaction.atomic(), use(municipality_a, "ordinary") as inner:
        assert inner == outer == current()
    assert acting() is None


@pytest.mark.parametrize(
    ("municipality", "login", "keys"),
    [
        ("Averøy", "ordinary", ()),
        ("a_b", "ordinary", ()),
        ("", "ordinary", ()),
        ("averoy", "postgres", ()),
        ("averoy", "administration", (ALICE,)),
        ("averoy", "resident", ("not bytes",)),
        ("averoy", "resident", (b"short",)),
    ],
)
def test_what_cannot_be_chosen(municipality, login, keys):
    with pytest.raises(ValueError, match=r"not a|no keys|32 bytes"), use(municipality, login, keys=keys):
        pass


def test_a_new_thread_has_no_municipality_unless_it_is_given_one(municipality_a):
    found = []
    with use(municipality_a, "ordinary"):
        for run in (lambda work: work(), contextvars.copy_context().run):
            thread = threading.Thread(target=run, args=[lambda: found.append(acting())])
            thread.start()
            thread.join()
    assert [each and each.municipality for each in found] == [None, municipality_a]


def test_an_alias_says_both_municipality_and_login():
    assert alias_parts("m_nord-fron_child-welfare") == ("nord-fron", "child-welfare")
    assert [alias_parts(other) for other in ("commons", "default", "m_x", "m__care", "m_x_y", "m_x_y_care")] == [
        None
    ] * 6


def test_clear_text_does_not_fit_into_a_sealed_field(municipality_a):
    with use(municipality_a, "ordinary"):
        with pytest.raises(TypeError, match="bytes from the vault"):
            new_matter(secret="in the clear").save()
        with pytest.raises(TypeError):
            Matter.objects.filter(owner_key="01017000000").exists()
        new_matter(secret=b"\x01sealed").save()
        assert Matter.objects.get(owner_key=ALICE).secret == b"\x01sealed"
    assert IndexField().max_length == 32


def test_numbers_have_no_gaps_and_are_each_areas_own(municipality_a):
    with use(municipality_a, "ordinary"):
        with transaction.atomic():
            assert [next_number("case", "ordinary", 2024) for _ in range(3)] == [1, 2, 3]
        with pytest.raises(Trouble), transaction.atomic():
            trouble_after(lambda: next_number("case", "ordinary", 2024))
        assert next_number("case", "ordinary", 2024) == 4
        assert next_number("case", "ordinary", 2025) == 1
        with pytest.raises(ProgrammingError, match="another area"):
            next_number("case", "care", 2024)
    with use(municipality_a, "care"):
        assert next_number("case", "care", 2024) == 1
    with use(municipality_a, "resident", keys=(ALICE,)):
        assert next_number("case", "care", 2024) == 2


def test_many_at_once_get_a_number_each(municipality_a):
    taken, lock = [], threading.Lock()

    def take_ten():
        with use(municipality_a, "ordinary") as chosen:
            for turn in range(10):
                try:
                    with transaction.atomic():
                        number = next_number("case", "ordinary", 2024)
                        if turn % 3 == 0:
                            raise Trouble
                except Trouble:
                    continue
                with lock:
                    taken.append(number)
            connections[chosen.alias].close()

    threads = [threading.Thread(target=take_ten) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, len(taken) + 1))
    assert len(taken) == 8 * 6


def test_norwegian_order(municipality_a):
    names = ["Zakariassen", "Ås", "Ærø", "Østby", "Aas", "Berg", "åsen", "Ödegård", "Ärlig"]
    with use(municipality_a, "ordinary"), connection.cursor() as cursor:
        cursor.execute("select name from unnest(%s::text[]) as name order by nb_sort_key(name), name", [names])
        ordered = [name for (name,) in cursor.fetchall()]
    assert ordered == ["Berg", "Zakariassen", "Ärlig", "Ærø", "Ödegård", "Østby", "Aas", "Ås", "åsen"]
