from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmenning.basics.sharing.balancing import Position, alike, nobody_loses
from allmenning.basics.sharing.errors import NothingGained

KRONER = 100
SUMS = st.integers(0, 10**12)
POSITIONS = st.lists(st.tuples(SUMS, SUMS), min_size=1, max_size=30).map(
    lambda pairs: [Position(f"m{place}", *pair) for place, pair in enumerate(pairs)]
)


def of(*pairs):
    return [Position(f"m{place}", cost * KRONER, gain * KRONER) for place, (cost, gain) in enumerate(pairs)]


def after(positions, adjustment):
    return [
        Position(each.id, each.cost + move, each.gain) for each, move in zip(positions, adjustment.moves, strict=True)
    ]


def test_alike_is_the_costs_divided_by_what_each_gains():
    found = alike(of((100, 300), (100, 100)))
    assert found.moves == (50 * KRONER, -50 * KRONER)
    assert found.moved == 50 * KRONER


def test_who_gains_covers_what_the_others_lose_in_proportion():
    found = nobody_loses(of((100, 400), (100, 200), (100, 20)))
    assert found.moves == (60 * KRONER, 20 * KRONER, -80 * KRONER)
    assert (found.moved, found.missing) == (80 * KRONER, 0)


def test_where_it_is_not_enough_it_is_said_how_much_is_missing():
    found = nobody_loses(of((100, 110), (100, 70), (100, 40)))
    assert found.missing == 80 * KRONER
    assert found.moves == (1000, -333, -667)


def test_where_nobody_loses_nothing_is_moved():
    assert nobody_loses(of((1, 2), (3, 3))).moves == (0, 0)


def test_nothing_gained_can_not_be_made_alike():
    with pytest.raises(NothingGained):
        alike(of((100, 0), (50, 0)))


@given(POSITIONS)
def test_what_is_moved_sums_to_nothing(positions):
    assert sum(nobody_loses(positions).moves) == 0
    if any(each.gain for each in positions):
        assert sum(alike(positions).moves) == 0


@given(POSITIONS)
def test_after_it_nobody_loses_or_what_is_missing_is_all_that_is_lost(positions):
    found = nobody_loses(positions)
    nets = [each.net for each in after(positions, found)]
    if found.missing:
        assert sum(nets) == -found.missing
        assert max(nets) <= 0
    else:
        assert min(nets) >= 0


@given(POSITIONS)
def test_nobody_who_gains_comes_to_lose_and_nobody_who_loses_comes_to_gain(positions):
    for before, then in zip(positions, after(positions, nobody_loses(positions)), strict=True):
        assert before.net * then.net >= 0


@given(POSITIONS.filter(lambda all: any(each.gain for each in all)))
def test_made_alike_everybodys_cost_is_within_an_ore_of_the_same_for_each_krone(positions):
    cost, gain = sum(each.cost for each in positions), sum(each.gain for each in positions)
    for each in after(positions, alike(positions)):
        assert abs(each.cost - Fraction(cost * each.gain, gain)) < 1


@given(POSITIONS)
def test_what_is_moved_is_what_is_lost_less_what_is_missing(positions):
    found = nobody_loses(positions)
    assert found.moved == sum(-each.net for each in positions if each.net < 0) - found.missing
