"""What a rule gives: figures from real agreements, and what holds for every rule and every sum."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmenning.basics.sharing.dividing import Party, divide
from allmenning.basics.sharing.errors import (
    AmountMissing,
    FixedShareMissing,
    LimitsDoNotFit,
    NoParties,
    NothingIsShared,
    NothingToDivideBy,
    PartsNotWhole,
    PopulationMissing,
    PricesExceed,
)
from allmenning.basics.sharing.rule import Limit, Part, Price, Rule, Step

# Inhabitants on 1 January 2013, Statistics Norway, table 07459.
ORKIDE = {
    "Aure": 3570,
    "Averøy": 5651,
    "Eide": 3476,
    "Fræna": 9614,
    "Gjemnes": 2557,
    "Halsa": 1606,
    "Kristiansund": 24131,
    "Nesset": 2995,
    "Rindal": 2061,
    "Smøla": 2180,
    "Sunndal": 7205,
    "Surnadal": 5927,
    "Tingvoll": 3116,
}
SEVENTY_THIRTY = Rule((Part(Fraction(7, 10), "population"), Part(Fraction(3, 10), "equal")))


def parties(sizes=ORKIDE, **more):
    return [Party(name, name, population=size, **more) for name, size in sizes.items()]


def ore(rule, sum_ore, among):
    return {share.party.name: share.ore for share in divide(rule, sum_ore, among)}


def test_a_million_is_shared_as_the_thirteen_agreed():
    shared = ore(SEVENTY_THIRTY, 100_000_000, parties())
    assert (shared["Kristiansund"], shared["Halsa"], shared["Tingvoll"]) == (25106893, 3825057, 5251719)
    assert sum(shared.values()) == 100_000_000


def test_four_members_move_by_an_ore_when_each_part_is_rounded_for_itself():
    whole = ore(SEVENTY_THIRTY, 100_000_000, parties())
    apart = ore(replace(SEVENTY_THIRTY, rounding="parts"), 100_000_000, parties())
    moved = [name for name in whole if whole[name] != apart[name]]
    assert len(moved) == 4
    assert sum(apart.values()) == 100_000_000
    assert all(abs(whole[name] - apart[name]) == 1 for name in moved)


def test_a_piece_tells_how_it_was_reckoned():
    halsa = next(share for share in divide(SEVENTY_THIRTY, 100_000_000, parties()) if share.party.name == "Halsa")
    by_population, equal = halsa.pieces
    assert (by_population.pot, by_population.weight, by_population.weights) == (70_000_000, 1606, 74_089)
    assert (equal.pot, equal.weight, equal.weights) == (30_000_000, 1, 13)
    assert halsa.exact == by_population.exact + equal.exact


def test_an_ore_that_several_have_the_same_right_to_goes_where_the_agreement_says():
    equal, among = Rule((Part(None, "equal"),)), parties({"A": 1, "B": 3, "C": 2})
    assert ore(equal, 100, among) == {"A": 34, "B": 33, "C": 33}
    assert ore(replace(equal, ties="largest-first"), 100, among) == {"A": 33, "B": 34, "C": 33}
    assert ore(replace(equal, ties="smallest-first"), 100, among) == {"A": 34, "B": 33, "C": 33}
    numbered = [replace(each, number=number) for each, number in zip(among, ("3", "2", "1"), strict=True)]
    assert ore(replace(equal, ties="by-number"), 100, numbered) == {"A": 33, "B": 33, "C": 34}


def test_who_was_a_party_for_half_the_period_pays_half_of_a_full_share():
    late, whole = replace(parties({"A": 100})[0], present=Fraction(1, 2)), parties({"B": 100})[0]
    assert ore(Rule((Part(None, "population"),)), 300, [late, whole]) == {"A": 100, "B": 200}


def test_a_new_party_is_phased_in_over_years():
    old, new = Party("A", "A"), Party("B", "B", year=0)
    rule = Rule((Part(None, "equal"),), phase_in=(Fraction(1, 3), Fraction(2, 3)))
    assert ore(rule, 400, [old, new]) == {"A": 300, "B": 100}
    assert ore(rule, 400, [old, replace(new, year=2)]) == {"A": 200, "B": 200}


def test_use_and_fixed_shares():
    a, b = Party("a", "A", use={"cases": 3}), Party("b", "B", use={"cases": 1})
    assert ore(Rule((Part(None, "use", "cases"),)), 100, [a, b]) == {"A": 75, "B": 25}
    fixed = Rule((Part(None, "fixed", fixed={"a": Fraction(2, 5), "b": Fraction(3, 5)}),))
    assert ore(fixed, 100, [a, b]) == {"A": 40, "B": 60}
    with pytest.raises(FixedShareMissing):
        divide(fixed, 100, [a, b, Party("c", "C")])
    with pytest.raises(NothingToDivideBy):
        divide(Rule((Part(None, "use", "users"),)), 100, [a, b])


def test_a_price_list_has_a_joining_fee_by_size_and_a_price_for_each_inhabitant_and_month():
    size = (Step(5000, Fraction(2_500_000)), Step(20000, Fraction(4_000_000)), Step(None, Fraction(6_000_000)))
    rule = Rule(
        prices=(
            Price("party", "once", size),
            Price("party", "month", (Step(None, Fraction(50_000)),)),
            Price("inhabitant", "month", (Step(None, Fraction(25, 2)),)),
        )
    )
    new, old = Party("A", "A", population=4999, joins=True), Party("B", "B", population=20001)
    assert ore(rule, None, [new, old]) == {
        "A": 2_500_000 + 600_000 + 749_850,
        "B": 600_000 + 3_000_150,
    }
    with pytest.raises(NothingIsShared):
        divide(rule, 100, [new, old])


def test_the_rest_after_fixed_sums_is_divided():
    rule = Rule((Part(None, "population"),), (Price("party", "period", (Step(None, Fraction(100)),)),))
    assert ore(rule, 500, parties({"A": 100, "B": 200})) == {"A": 200, "B": 300}
    with pytest.raises(PricesExceed):
        divide(rule, 199, parties({"A": 100, "B": 200}))


def test_use_is_counted_while_one_was_a_party_and_its_price_is_not_cut_once_more():
    rule = Rule(prices=(Price("use", "period", (Step(None, Fraction(100)),), "cases"),))
    assert ore(rule, None, [Party("A", "A", present=Fraction(1, 2), use={"cases": 10})]) == {"A": 1000}


def test_prices_are_paid_of_a_negative_sum_too():
    rule = Rule((Part(None, "population"),), (Price("party", "period", (Step(None, Fraction(100)),)),))
    with pytest.raises(PricesExceed):
        divide(rule, -500, parties({"A": 100, "B": 200}))
    once = replace(rule, prices=(replace(rule.prices[0], every="once"),))
    assert ore(once, -300, parties({"A": 100, "B": 200})) == {"A": -100, "B": -200}


def test_prices_that_are_rounded_leave_nobody_a_negative_share():
    """Two prices of half an øre were an øre each, and a third party got one back."""
    half = Price("party", "period", (Step(None, Fraction(1, 2)),), level="county")
    rule = Rule((Part(None, "equal"),), (half,), rounding="parts")
    among = [Party("C", "C"), Party("A", "A", level="county"), Party("B", "B", level="county")]
    shared = ore(replace(rule, ties="by-number"), 1, [replace(each, number=each.id) for each in among])
    assert shared == {"A": 1, "B": 0, "C": 0}


def test_a_level_may_have_a_price_of_its_own():
    per = {"municipality": 2000, "county": 500}
    rule = Rule(
        prices=tuple(Price("inhabitant", "once", (Step(None, Fraction(p)),), level=level) for level, p in per.items())
    )
    place = Party("A", "A", population=100, joins=True)
    county = replace(place, id="C", name="C", level="county")
    assert ore(rule, None, [place, county]) == {"A": 200_000, "C": 50_000}


def test_the_least_and_the_most_that_each_pays_are_held_and_the_others_share_the_rest():
    rule = Rule((Part(None, "population"),), minimum=Limit(Fraction(200)), maximum=Limit(Fraction(1, 2), True))
    shares = divide(rule, 1000, parties({"A": 10, "B": 30, "C": 100, "D": 860}))
    assert [(share.ore, share.limited) for share in shares] == [
        (200, "minimum"),
        (200, "minimum"),
        (200, "minimum"),
        (400, ""),
    ]
    with pytest.raises(LimitsDoNotFit):
        divide(replace(rule, minimum=Limit(Fraction(251))), 1000, parties({"A": 1, "B": 1, "C": 1, "D": 1}))


@pytest.mark.parametrize(
    ("rule", "sum_ore", "among", "error"),
    [
        (SEVENTY_THIRTY, 100, [], NoParties),
        (SEVENTY_THIRTY, None, parties(), AmountMissing),
        (SEVENTY_THIRTY, 100, [Party("Andebu", "Andebu")], PopulationMissing),
        (Rule((Part(Fraction(1, 2), "equal"),)), 100, parties(), PartsNotWhole),
        (Rule((Part(Fraction(3, 2), "equal"), Part(None, "equal"))), 100, parties(), PartsNotWhole),
    ],
)
def test_what_cannot_be_shared_is_said(rule, sum_ore, among, error):
    with pytest.raises(error):
        divide(rule, sum_ore, among)


# --- what holds for every rule, every sum and all parties ---

FRACTIONS = st.fractions(0, 1, max_denominator=97)


@st.composite
def rules(draw):
    cuts = sorted(draw(st.lists(FRACTIONS, max_size=3)))
    fractions = [b - a for a, b in zip([Fraction(0), *cuts], [*cuts, Fraction(1)], strict=True)]
    by = st.sampled_from(["population", "equal", "use"])
    parts = tuple(Part(each, draw(by), "cases") for each in fractions)
    return Rule(
        parts,
        rounding=draw(st.sampled_from(["whole", "parts"])),
        ties=draw(st.sampled_from(["by-name", "by-number", "largest-first", "smallest-first"])),
        phase_in=tuple(draw(st.lists(st.fractions(Fraction(1, 10), 1), max_size=3))),
    )


@st.composite
def priced(draw):
    """Rules with prices besides the parts."""
    price = st.builds(
        Price,
        st.sampled_from(["party", "inhabitant", "use"]),
        st.sampled_from(["once", "month", "period"]),
        st.tuples(st.builds(Step, st.none(), st.fractions(0, 50, max_denominator=8))),
        st.just("cases"),
        st.sampled_from(["", "municipality", "county"]),
    )
    return replace(draw(rules()), prices=tuple(draw(st.lists(price, min_size=1, max_size=3))))


SUMS = st.integers(0, 10**13)
MANY = st.lists(
    st.builds(
        Party,
        id=st.uuids().map(str),
        name=st.just("en kommune"),
        number=st.sampled_from(["", "1554"]),
        population=st.integers(1, 800_000),
        present=st.fractions(Fraction(1, 366), 1, max_denominator=366),
        year=st.none() | st.integers(0, 4),
        use=st.fixed_dictionaries({"cases": st.integers(1, 10**6)}),
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda party: party.id,
)


@given(rules(), SUMS, MANY)
def test_shares_are_the_sum_and_never_negative_and_less_than_an_ore_from_exact(rule, sum_ore, among):
    shares = divide(rule, sum_ore, among)
    assert sum(share.ore for share in shares) == sum_ore
    assert sum(share.exact for share in shares) == sum_ore
    rounded = 1 if rule.rounding == "whole" else len(rule.parts) + 1  # each part by itself, and the parts
    for share in shares:
        assert share.ore >= 0
        assert abs(share.ore - share.exact) < rounded


@given(priced(), st.integers(0, 100), MANY)
def test_with_prices_too_shares_are_the_sum_and_never_negative(rule, more, among):
    fixed = divide(replace(rule, parts=()), None, among)
    shares = divide(rule, ceil(sum(share.exact for share in fixed)) + more, among)
    assert sum(share.ore for share in shares) == sum(share.exact for share in shares)
    assert all(share.ore >= 0 for share in shares)


@given(rules(), SUMS, MANY, st.randoms(use_true_random=False))
def test_shares_do_not_depend_on_order(rule, sum_ore, among, shuffle):
    before = {share.party.id: share.ore for share in divide(rule, sum_ore, among)}
    shuffle.shuffle(among)
    assert {share.party.id: share.ore for share in divide(rule, sum_ore, among)} == before


@given(rules(), SUMS, MANY)
def test_a_correction_is_the_same_sum_back(rule, sum_ore, among):
    paid = {share.party.id: share.ore for share in divide(rule, sum_ore, among)}
    assert {share.party.id: -share.ore for share in divide(rule, -sum_ore, among)} == paid


@given(rules(), st.integers(10_000, 10**10), MANY, st.fractions(0, 1), st.fractions(0, 3))
def test_limits_are_kept_and_the_sum_too(rule, sum_ore, among, least, most):
    least, most = least / len(among), (1 + most) / len(among)
    whole = [replace(party, present=Fraction(1)) for party in among]
    limited = replace(rule, rounding="whole", minimum=Limit(least, True), maximum=Limit(most, True))
    shares = divide(limited, sum_ore, whole)
    assert sum(share.ore for share in shares) == sum_ore
    assert all(least * sum_ore <= share.exact <= most * sum_ore for share in shares)
