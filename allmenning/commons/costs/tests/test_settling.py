"""Settling a period: costs less grants, projects that some have joined, members that come and go, and corrections afterwards."""

from __future__ import annotations

import re
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmenning.basics.typed import NotADay
from allmenning.commons.costs import agreement, checks, errors
from allmenning.commons.costs.cost_files import read_costs
from allmenning.commons.costs.errors import FileWrong
from allmenning.commons.costs.settling import Cost, Received, correct, settle
from allmenning.commons.municipalities.offline import Offline

ROOT = Path(__file__).resolve().parents[4]
FACTS = Offline(ROOT / "data")
ORKIDE = agreement.load(ROOT / "agreements/ikt-orkide.yaml")
DAY = date(2013, 7, 1)
TEXT = """\
id: a-test
title: {nb: En avtale, nn: Ein avtale, en: An agreement}
host: averoy
form: agreement
period: year
source: {text: {nb: Vår, nn: Vår, en: Ours}, confirmed: false}
parties:
  - {municipality: averoy, from: 2013-01-01}
  - {municipality: smola, from: 2013-01-01, to: 2013-07-02}
  - {municipality: aure, from: 2013-07-02}
rules:
  - {from: 2013-01-01, parts: [{part: rest, by: equal}]}
projects:
  - id: portal
    title: {nb: Portal, nn: Portal, en: Portal}
    from: 2013-01-01
    joined:
      - {party: averoy, from: 2013-01-01}
      - {party: aure, from: 2013-01-01}
"""


def cost(ore, **more):
    return Cost(
        **{"day": DAY, "supplier": "Leverandør AS", "invoice": "1", "text": "Drift", "ore": ore, "vat_ore": 0, **more}
    )


def paid(settled):
    return {share.party.name: share.ore for pot in settled.pots for share in pot.shares}


def test_the_year_2013_of_ikt_orkide_less_a_grant():
    settled = settle(ORKIDE, DAY, [cost(90_000_000), cost(90_000_000)], FACTS, grants=[Received("Staten", 80_000_000)])
    assert (settled.start, settled.end) == (date(2013, 1, 1), date(2014, 1, 1))
    assert settled.by_party["kristiansund"] == 25106893
    assert sum(settled.by_party.values()) == 100_000_000


def test_who_comes_and_who_goes_within_the_year_pays_by_the_day():
    shares = settle(agreement.read(TEXT), DAY, [cost(36_500)], FACTS).pots[0].shares
    present = {share.party.name: share.party.present for share in shares}
    assert present == {"Averøy": 1, "Smøla": Fraction(182, 365), "Aure": Fraction(183, 365)}
    assert [share.ore for share in shares] == [18_250, 9_100, 9_150]


BACK = TEXT.replace(
    "smola, from: 2013-01-01, to: 2013-07-02}",
    "smola, from: 2012-01-01, to: 2013-03-15}\n  - {municipality: smola, from: 2013-03-20}",
)


@pytest.mark.parametrize(
    ("presence", "present"), [("days", Fraction(360, 365)), ("months", Fraction(1)), ("whole", Fraction(1))]
)
def test_who_leaves_and_comes_back_is_one_party_and_pays_no_month_twice(presence, present):
    text = BACK.replace("parts:", f"presence: {presence}, parts:")
    shares = {share.party.id: share for share in settle(agreement.read(text), DAY, [cost(100)], FACTS).pots[0].shares}
    assert list(shares) == ["averoy", "smola", "aure"]
    assert (shares["smola"].party.present, shares["smola"].party.months) == (present, 12)


def test_who_leaves_and_comes_back_pays_the_most_once():
    limited = "presence: whole, maximum: {kroner: 0.34}, parts:"
    settled = settle(agreement.read(BACK.replace("parts:", limited)), DAY, [cost(100)], FACTS)
    assert max(settled.by_party.values()) == 34


@pytest.mark.parametrize(
    ("since", "until", "months"),
    [
        ("2013-07-01", "", {"averoy": 6, "smola": 1, "aure": 6}),
        ("2013-07-02", "", {"averoy": 6, "aure": 6}),
        ("2013-01-01", "to: 2013-03-01, ", {"averoy": 2, "smola": 2}),
    ],
)
def test_nobody_pays_for_months_before_the_agreement_began_or_after_it_ended(since, until, months):
    prices = "prices: [{per: party, every: month, kroner: 0.01}]"
    text = TEXT.replace(
        "- {from: 2013-01-01, parts: [{part: rest, by: equal}]}", f"- {{from: {since}, {until}{prices}}}"
    )
    day = DAY.replace(month=1) if until else DAY.replace(day=2)
    assert settle(agreement.read(text), day, [], FACTS).by_party == months


# Days of 2013: memberships that may overlap, touch and lie anywhere in the year.
SPELLS = st.lists(st.tuples(st.integers(0, 364), st.integers(1, 365)), min_size=1, max_size=5)


@given(SPELLS)
def test_each_day_and_each_month_counts_once_however_often_one_joined(spells):
    first = date(2013, 1, 1)
    times = [(first + timedelta(a), first + timedelta(min(a + length, 365))) for a, length in spells]
    joined = [f"      - {{party: averoy, from: {a}, to: {b}}}\n" for a, b in times]
    agreed = agreement.read(TEXT[: TEXT.index("      - {party")] + "".join(joined))
    (share,) = settle(agreed, DAY, [cost(100, project="portal")], FACTS).pots[0].shares
    days = {a + timedelta(n) for a, b in times for n in range((b - a).days)}
    assert share.party.present == Fraction(len(days), 365)
    assert share.party.months == len({day.month for day in days})


def test_who_has_joined_a_project_twice_over_pays_once():
    text = TEXT + "      - {party: averoy, from: 2013-02-01}\n"
    assert paid(settle(agreement.read(text), DAY, [cost(548, project="portal")], FACTS)) == {"Averøy": 365, "Aure": 183}


def test_prices_are_paid_once_whatever_the_number_of_projects():
    prices = "presence: whole, prices: [{per: party, every: period, kroner: 1}], parts:"
    settled = settle(
        agreement.read(TEXT.replace("parts:", prices)), DAY, [cost(300), cost(200, project="portal")], FACTS
    )
    assert [[len(share.pieces) for share in pot.shares] for pot in settled.pots] == [[2, 2, 2], [1, 1]]
    assert settled.by_party == {"averoy": 200, "smola": 100, "aure": 200}


def test_a_price_list_is_paid_once_whatever_the_number_of_projects():
    text = TEXT.replace(
        "parts: [{part: rest, by: equal}]", "presence: whole, prices: [{per: party, every: period, kroner: 1}]"
    )
    for costs in ([cost(1), cost(1, project="portal")], [cost(1, project="portal")], []):
        assert set(settle(agreement.read(text), DAY, costs, FACTS).by_party.values()) == {100}


def test_a_project_is_shared_by_those_who_joined_it_while_they_are_parties():
    settled = settle(agreement.read(TEXT), DAY, [cost(100), cost(300, project="portal")], FACTS)
    operation, portal = settled.pots
    assert (operation.project, portal.project) == ("", "portal")
    assert {share.party.name: share.party.present for share in portal.shares} == {
        "Averøy": 1,
        "Aure": Fraction(183, 365),
    }
    assert (operation.ore, portal.ore) == (100, 300)


def test_a_correction_is_shared_as_it_was_then_by_those_who_have_left_too():
    pot = settle(agreement.read(TEXT), DAY, [cost(36_500)], FACTS).pots[0]
    back = correct(pot, -365)
    assert {share.party.name: share.ore for share in back.shares} == {"Averøy": -183, "Smøla": -91, "Aure": -91}
    assert back.ore == -365


@pytest.mark.parametrize("limit", ["minimum: {kroner: 30}", "maximum: {kroner: 40}"])
def test_a_correction_keeps_the_least_and_the_most_that_each_pays(limit):
    text = TEXT.replace(
        "parts: [{part: rest, by: equal}]", f"presence: whole, {limit}, parts: [{{part: rest, by: population}}]"
    )
    pot = settle(agreement.read(text), DAY, [cost(10_000)], FACTS).pots[0]
    right = settle(agreement.read(text), DAY, [cost(10_500)], FACTS).by_party
    back = correct(pot, 500)
    assert {share.party.id: share.ore + more.ore for share, more in zip(pot.shares, back.shares, strict=True)} == right
    assert sum(share.exact for share in back.shares) == back.ore == 500


@pytest.mark.parametrize(
    ("costs", "grants", "error"),
    [
        ([cost(1, day=date(2014, 1, 1))], [], errors.OutsidePeriod),
        ([cost(1, project="nothing")], [], errors.NoSuchProject),
        ([cost(1)], [Received("Staten", 2)], errors.GrantsExceed),
        ([cost(1)], [Received("Staten", -2, "nothing")], errors.NoSuchProject),
    ],
)
def test_what_can_not_be_settled_is_said(costs, grants, error):
    with pytest.raises(error):
        settle(agreement.read(TEXT), DAY, costs, FACTS, grants=grants)


def test_a_project_that_nobody_has_joined_yet_is_said():
    with pytest.raises(errors.NobodyHasJoined):
        settle(
            agreement.read(re.sub(r"(party: \w+, from: )2013", r"\g<1>2014", TEXT)),
            DAY,
            [cost(1, project="portal")],
            FACTS,
        )


@given(st.lists(st.integers(-(10**8), 10**10), min_size=1, max_size=30), st.integers(0, 10**6))
def test_what_is_paid_is_what_it_cost_whatever_it_was(sums, correction):
    settled = settle(ORKIDE, DAY, [cost(ore) for ore in sums], FACTS)
    assert sum(settled.by_party.values()) == sum(sums)
    assert correct(settled.pots[0], correction).ore == correction


RIGHT = [("eide", 5_301_074), ("gjemnes", 4_477_945), ("smola", 4_140_274), ("sunndal", 8_641_063)]


@pytest.mark.parametrize(("party", "right"), RIGHT)
def test_what_was_settled_and_what_was_wrong_come_to_what_is_right(party, right):
    pot = settle(ORKIDE, DAY, [cost(100_000_000)], FACTS).pots[0]
    both = zip(pot.shares, correct(pot, -5_200_001).shares, strict=True)
    assert {then.party.id: then.ore + more.ore for then, more in both}[party] == right


DIVIDED = [
    "parts: [{part: 70 %, by: population}, {part: rest, by: equal}]",
    "rounding: parts, parts: [{part: 1/3, by: population}, {part: rest, by: equal}]",
    "prices: [{per: inhabitant, every: period, kroner: 0.0125}], parts: [{part: rest, by: population}]",
    "minimum: {part: 1/5}, parts: [{part: rest, by: population}]",
]


@settings(deadline=None)  # the first reads the register's files
@given(st.sampled_from(DIVIDED), st.integers(10**6, 10**10), st.integers(-(9 * 10**5), 10**10))
def test_a_settlement_and_its_correction_are_the_share_of_what_is_true(rule, ore, wrong):
    agreed = agreement.read(TEXT.replace("parts: [{part: rest, by: equal}]", rule))
    pot = settle(agreed, DAY, [cost(ore)], FACTS).pots[0]
    more = correct(pot, wrong)
    right = settle(agreed, DAY, [cost(ore + wrong)], FACTS).pots[0]
    assert [then.ore + each.ore for then, each in zip(pot.shares, more.shares, strict=True)] == [
        share.ore for share in right.shares
    ]
    assert sum(share.exact for share in more.shares) == more.ore == wrong


# --- costs as a file ---

HEAD = "Dato;Leverandør;Faktura;Tekst;Netto;Mva;Brutto;Prosjekt;Art;Funksjon\n"
LINE = "31.12.2013;Leverandør AS;4711;Drift;1 234,50;308,63;1 543,13;;195;120\n"


def wrong_in(text):
    with pytest.raises(FileWrong) as wrong:
        read_costs(text.encode(), "kostnader.csv")
    return [(each.line, type(each.error)) for each in wrong.value.problems]


def test_costs_are_read_as_a_ledger_writes_them():
    for raw in ((HEAD + LINE).encode(), (HEAD + LINE).encode("latin-1"), (HEAD + LINE).replace(";", "\t").encode()):
        assert read_costs(raw, "f.csv") == [
            Cost(date(2013, 12, 31), "Leverandør AS", "4711", "Drift", 123450, 30863, "", "195", "120", line=2)
        ]


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("1 234,50", "1.23.4", errors.NotAnAmount),
        ("1 234,50", "0,125", errors.NotAnAmount),
        ("1 543,13", "1 543,14", errors.DoesNotBalance),
        ("31.12.2013", "31.11.2013", NotADay),
        ("Leverandør AS;4711", ";4711", errors.Missing),
        (";195;", ";1950;", errors.NotACode),
        ("31.12.2013;Leverandør AS;4711;Drift", "Sum;;;", errors.LooksLikeATotal),
        (";120\n", ";120;\n", errors.WrongNumberOfCells),
    ],
)
def test_a_line_that_is_wrong_is_said_and_nothing_is_taken(old, new, error):
    assert old in LINE
    assert wrong_in(HEAD + LINE.replace("4711", "4710") + LINE.replace(old, new)) == [(3, error)]


def test_the_same_line_twice_is_the_same_cost_and_several_lines_of_an_invoice_are_not():
    assert wrong_in(HEAD + LINE + LINE) == [(3, errors.InvoiceTwice)]
    assert len(read_costs((HEAD + LINE + LINE.replace("Drift", "Lisenser")).encode(), "f.csv")) == 2


def test_a_quotation_mark_that_is_not_closed_does_not_swallow_the_lines_after_it():
    head, line = "Dato;Leverandør;Faktura;Netto;Tekst\n", "31.12.2013;Leverandør AS;{};100;{}\n"
    for text in ('"Drift', '"24" skjerm'):
        with pytest.raises(FileWrong) as wrong:
            read_costs(
                (head + line.format(0, "Strøm") + line.format(1, text) + line.format(2, "Lisenser")).encode(), "f.csv"
            )
        assert [(each.line, type(each.error)) for each in wrong.value.problems] == [(3, errors.QuotesNotClosed)]
    whole = head + line.format(1, '"24"" skjerm\ntil kontoret"') + line.format(2, "Lisenser")
    assert [(cost.line, cost.text) for cost in read_costs(whole.encode(), "f.csv")] == [
        (2, '24" skjerm\ntil kontoret'),
        (4, "Lisenser"),
    ]


def test_two_columns_for_the_same_are_said():
    assert wrong_in(HEAD.replace("Prosjekt", "Beløp") + LINE) == [(1, errors.ColumnTwice)]


def test_a_supplier_or_a_text_may_begin_as_a_total_does():
    line = LINE.replace("Leverandør AS", "Total Energi AS").replace("Drift", "Sum for året")
    assert read_costs((HEAD + line).encode(), "f.csv")[0].supplier == "Total Energi AS"


@pytest.mark.parametrize("total", ["Sum;;;;1;2;3;;;", ";;;I alt;1;2;3;;;", "31.12.2013;;;Totalt;1;2;3;;;"])
def test_a_stray_line_of_totals_is_said_wherever_its_word_stands(total):
    assert wrong_in(HEAD + LINE + total + "\n") == [(3, errors.LooksLikeATotal)]


def test_an_invoice_that_was_entered_before_is_said():
    with pytest.raises(FileWrong) as wrong:
        read_costs((HEAD + LINE).encode(), "f.csv", there={checks.of_invoice("Leverandør AS", "4711")})
    assert isinstance(wrong.value.problems[0].error, errors.InvoiceEntered)
