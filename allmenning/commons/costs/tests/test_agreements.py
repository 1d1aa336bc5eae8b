"""Agreements as files: those that are shipped, what each gives, and what is said of those that are wrong."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from django.utils.translation import override

from allmenning.basics.plain_yaml import read_yaml
from allmenning.basics.sharing.errors import NoParties, PartsNotWhole, PopulationDivided, PopulationMissing
from allmenning.basics.typed import NoNumber, NotADay
from allmenning.commons.costs import agreement, errors, populations
from allmenning.commons.costs.errors import FileWrong
from allmenning.commons.costs.registry import bring
from allmenning.commons.costs.saying import pieces, sentences
from allmenning.commons.costs.sharing import share_on
from allmenning.commons.municipalities.offline import Offline

ROOT = Path(__file__).resolve().parents[4]
FACTS = Offline(ROOT / "data")
AGREEMENTS = sorted((ROOT / "agreements").glob("*.yaml"))
TEXT = """\
id: a-test
title: {nb: En avtale, nn: Ein avtale, en: An agreement}
host: averoy
form: agreement
period: year
source: {text: {nb: Vår, nn: Vår, en: Ours}, confirmed: false}
parties:
  - {municipality: averoy, from: 2013-01-01}
  - {municipality: smola, from: 2013-01-01, to: 2020-01-01}
rules:
  - from: 2013-01-01
    parts:
      - {part: rest, by: equal}
"""
PARTS = "    parts:\n      - {part: rest, by: equal}\n"
PRICES = "    prices:\n      - {per: inhabitant, every: period, "


def shipped(name):
    return agreement.load(ROOT / "agreements" / f"{name}.yaml")


def paid(name, ore, day):
    return {share.party.name: share.ore for share in share_on(shipped(name), ore, day, FACTS).shares}


def said_of(text):
    """Line and error of everything that is wrong."""
    with pytest.raises(FileWrong) as wrong:
        agreement.read(text, "a.yaml")
    return [(each.line, type(each.error)) for each in wrong.value.problems]


@pytest.mark.parametrize("path", AGREEMENTS, ids=lambda path: path.stem)
def test_each_agreement_that_is_shipped_is_whole_and_has_a_source_in_three_languages(path):
    agreed = agreement.load(path)
    assert agreed.id == path.stem
    assert all(agreed.source[language] for language in ("nb", "nn", "en"))
    assert FACTS.municipality(agreed.host)


def test_there_are_the_five_that_are_promised():
    promised = {"ikt-orkide", "digifin", "price-steps", "equal-shares", "by-population"}
    assert {path.stem for path in AGREEMENTS} == promised


def test_ikt_orkide_in_2013():
    shares = paid("ikt-orkide", 100_000_000, date(2013, 1, 1))
    assert (shares["Kristiansund"], shares["Halsa"], shares["Tingvoll"]) == (25106893, 3825057, 5251719)
    assert (len(shares), sum(shares.values())) == (13, 100_000_000)


def test_what_rounding_moved_is_said_beside_what_a_share_is_reckoned_of():
    shares = {
        share.party.id: share for share in share_on(shipped("ikt-orkide"), 100_000_000, date(2013, 1, 1), FACTS).shares
    }
    with override("nb"):
        assert pieces(shares["halsa"])[-1] == ("Avrunding", "+0,01\u00a0kr")  # 15 173,64 and 23 076,92 are 38 250,57
        assert len(pieces(shares["kristiansund"])) == 2  # 227 992,01 and 23 076,92


def test_who_has_left_shares_no_more_and_who_took_over_does():
    assert {"Eide", "Fræna", "Nesset"}.isdisjoint(paid("ikt-orkide", 100, date(2019, 1, 1)))
    assert {"Heim", "Hustadvika", "Molde"} <= paid("ikt-orkide", 100, date(2020, 1, 1)).keys()


def test_the_price_list_takes_a_fee_once_by_size():
    shares = paid("price-steps", None, date(2021, 3, 1))
    assert shares["Aure"] == 2_500_000 + 12 * 50_000 + round(Fraction(3468) * 12 * Fraction(25, 2))
    assert shares["Averøy"] == 12 * 50_000 + round(Fraction(5808) * 12 * Fraction(25, 2))


def test_a_part_may_be_among_one_level_so_that_the_state_may_pay_beside_who_has_inhabitants():
    parts = "    parts:\n      - {part: 40 %, by: equal, level: state}\n      - {part: rest, by: population, level: municipality}\n"
    text = TEXT.replace(PARTS, parts).replace("parties:\n", "parties:\n  - {state: Husbanken, from: 2013-01-01}\n")
    agreed = agreement.read(text, "a.yaml")
    shares = {share.party.name: share.ore for share in share_on(agreed, 10_000, date(2013, 1, 1), FACTS).shares}
    assert shares == {"Husbanken": 4000, "Averøy": 4330, "Smøla": 1670}  # 5,651 and 2,180 inhabitants
    with override("nb"):
        assert "40\u00a0% likt mellom statlige organer" in sentences(agreed.rules[0])[0]
        assert "60\u00a0% etter folketall mellom kommunene" in sentences(agreed.rules[0])[0]


def test_a_county_pays_for_those_who_live_in_its_municipalities():
    shares = {share.party.number: share for share in share_on(shipped("digifin"), None, date(2020, 5, 1), FACTS).shares}
    assert shares["1554"].ore == 2000 * shares["1554"].party.population
    within = [
        share.party.population for number, share in shares.items() if number.startswith("15") and len(number) == 4
    ]
    assert shares["15"].ore == 500 * sum(within)


def test_a_population_that_is_missing_is_said_with_who_and_when():
    text = TEXT.replace("averoy, from: 2013", "andebu, from: 2006").replace("rest, by: equal", "rest, by: population")
    agreed = agreement.read(text.replace("- from: 2013", "- from: 2006"))
    assert share_on(agreed, 100, date(2006, 1, 1), FACTS).ore == 100
    with pytest.raises(PopulationMissing, match=r"Andebu .* 2007-01-01"):
        share_on(agreed, 100, date(2007, 1, 1), FACTS)


COUNTED = date(2019, 1, 1)


def counted(text, day, facts=FACTS):
    return {share.party.id: share.party for share in share_on(agreement.read(text), 10**8, day, facts).shares}


def by_population_of_2019(*ids):
    parties = "".join(f"  - {{municipality: {id}, from: 2020-01-01}}\n" for id in ids)
    head, tail = TEXT[: TEXT.index("  - {")], TEXT[TEXT.index("rules:") :].replace("equal", "population")
    return head + parties + tail.replace("- from: 2013-01-01", "- from: 2020-01-01\n    population: year-before")


def test_who_others_were_merged_into_counts_with_those_who_live_in_all_of_it():
    shares = share_on(shipped("by-population"), 10**8, date(2020, 1, 1), FACTS).shares
    party = next(share.party for share in shares if share.party.id == "kristiansand")
    assert party.population == 110_391
    assert populations.summed(party) == "Kristiansand 92\u00a0282 + Søgne 11\u00a0403 + Songdalen 6\u00a0706"


def test_a_merger_under_a_new_name_counts_as_those_it_was():
    found = counted(by_population_of_2019("hustadvika", "averoy"), date(2020, 1, 1))
    assert [each.name for each in found["hustadvika"].summed] == ["Fræna", "Eide"]
    assert found["hustadvika"].population == sum(each.population for each in found["hustadvika"].summed)
    assert (found["averoy"].population, found["averoy"].summed) == (5849, ())


def test_figures_of_the_day_that_it_was_merged_are_of_all_of_it():
    text = by_population_of_2019("kristiansand").replace("year-before", "start-of-year")
    assert counted(text, date(2020, 1, 1))["kristiansand"].population == 111_633
    assert counted(text.replace("2020", "2019"), date(2019, 1, 1))["kristiansand"].population == 92_282


@pytest.mark.parametrize("party", ["heim", "hitra"])
def test_who_has_a_part_of_one_that_was_divided_is_refused_with_why_where_population_is_needed(party):
    text = by_population_of_2019(party)
    with pytest.raises(
        PopulationDivided, match=rf"2019-01-01 in what {party.title()} is now .* Snillfjord was divided"
    ):
        counted(text, date(2020, 1, 1))
    assert counted(text.replace("by: population", "by: equal"), date(2020, 1, 1))[party].population is None


def test_figures_that_somebody_brings_are_summed_too():
    brought = bring("nummer;år;folketall\n1001;2019;90\n1017;2019;7\n1018;2019;3\n".encode(), FACTS, "a.csv")
    found = counted(by_population_of_2019("kristiansand"), date(2020, 1, 1), brought)
    assert found["kristiansand"].population == 100


def test_a_county_counts_with_what_is_in_it_on_the_day():
    text = by_population_of_2019("x").replace("municipality: x", 'county: "42"')
    there = [each.id for each in FACTS.all_municipalities(COUNTED) if each.number(COUNTED)[:2] in ("09", "10")]
    agder = sum(each.number for each in FACTS.populations(there, COUNTED).values())
    assert counted(text, date(2020, 1, 1))["42"].population == agder == 305_244


def test_a_party_that_did_not_exist_is_said_with_its_line():
    text = TEXT.replace("municipality: averoy", "municipality: hustadvika")
    with pytest.raises(FileWrong) as wrong:
        share_on(agreement.read(text), 100, date(2013, 1, 1), FACTS)
    assert [(each.line, str(each.error)) for each in wrong.value.problems] == [
        (8, "Hustadvika did not exist on 2013-01-01.")
    ]


def test_nobody_is_a_party_before_the_first_has_joined():
    with pytest.raises(NoParties):
        share_on(agreement.read(TEXT.replace("- from: 2013", "- from: 2010")), 100, date(2011, 1, 1), FACTS)


@pytest.mark.parametrize(
    ("old", "new", "line", "error"),
    [
        ("id: a-test\n", "", 1, errors.Missing),
        ("form: agreement", "form: club", 4, errors.NotOneOf),
        ("period: year", "period: year\ncolour: red", 6, errors.NotKnown),
        ("2013-01-01, to: 2020-01-01", "2013-02-30", 9, NotADay),
        ("to: 2020-01-01", "to: 2012-01-01", 9, errors.EndsTooEarly),
        ("rest, by: equal", "1/3, by: equal", 12, PartsNotWhole),
        ("rest, by: equal", "rest, by: fixed", 13, errors.SharesMissing),
        ("rest, by: equal", "rest, by: fixed, shares: {averoy: 1/2}", 13, errors.SharesNotWhole),
        ("rest, by: equal", "rest, by: fixed, shares: {aure: 1/2, smola: 1/2}", 12, errors.ShareWithoutParty),
        ("rest, by: equal", "rest, by: use", 13, errors.MeasureMissing),
        ("rest, by: equal", "a tenth, by: equal", 13, errors.NotWritten),
        ("{municipality: smola, from", "{municipality: averoy, from", 9, errors.TwiceAParty),
        ("{municipality: smola, from", "{municipality: smola, state: X, from", 9, errors.Missing),
        ("    parts:", "    rounding: parts\n    minimum: {kroner: 10}\n    parts:", 12, errors.LimitsNeedOneSum),
        ("title: {", "title: {{", 3, errors.NotReadable),
        ("id: a-test", "id: a-test\nid: b-test", 0, errors.NotReadable),
        ("id: a-test", f"id: {'a' * 61}", 1, errors.NotWritten),
        ("part: rest", "part: -1", 13, errors.NotWritten),
        ("rest, by: equal", "rest, by: fixed, shares: {15: 1/2, averoy: 1/2}", 13, errors.NotWritten),
        ("host: averoy", "host: !!set {averoy}", 3, errors.NotWritten),
        ("host: averoy", "host: !!binary aGVp", 3, errors.NotWritten),
        ("from: 2013-01-01}", "from: !!timestamp 2013-01-01}", 8, errors.NotWritten),
        ("    parts:", "    minimum: {part: -1}\n    parts:", 12, errors.NotWritten),
        ("rest, by: equal", "rest, by: population, measure: cases", 13, errors.MeansNothingHere),
        ("rest, by: equal", "rest, by: equal, shares: {averoy: 1}", 13, errors.MeansNothingHere),
        (PARTS, f"    minimum: {{kroner: 10}}\n{PRICES}kroner: 1}}\n", 12, errors.NothingToHoldFor),
        (PARTS, f"    maximum: {{kroner: 10}}\n{PRICES}kroner: 1}}\n", 12, errors.NothingToHoldFor),
        (PARTS, f"    phase_in: [1/2]\n{PRICES}kroner: 1}}\n", 12, errors.NothingToHoldFor),
        (PARTS, f"{PRICES}kroner: 1, measure: users}}\n", 13, errors.MeansNothingHere),
        (PARTS, f"{PRICES}steps: [{{below: 3000, kroner: 2}}]}}\n", 13, errors.StepsNotOpen),
    ],
)
def test_what_is_wrong_is_said_with_its_line(old, new, line, error):
    assert old in TEXT
    assert (line, error) in said_of(TEXT.replace(old, new, 1))


def test_a_gap_in_time_and_two_rules_at_once_are_said():
    rules = "  - {from: 2013-01-01, to: 2014-01-01, parts: [{part: rest, by: equal}]}\n"
    text = TEXT[: TEXT.index("  - from")] + rules
    assert said_of(text + rules.replace("2013", "2015").replace("2014", "2016")) == [(12, errors.GapInTime)]
    assert said_of(text + rules.replace("2014", "2016")) == [(12, errors.Overlap)]


def test_steps_out_of_order_are_said():
    prices = "    prices: [{per: party, every: once, steps: [{below: 20, kroner: 1}, {below: 10, kroner: 2}]}]\n"
    assert said_of(TEXT[: TEXT.index("    parts:")] + prices) == [(12, errors.StepsOutOfOrder)]


@pytest.mark.parametrize("kroner", [".nan", ".inf", "1e3", "0x10", "1:30", "-1", "true", "9" * 5000, "!!int abc"])
def test_a_price_that_is_no_plain_number_is_said(kroner):
    prices = f"    prices: [{{per: party, every: period, kroner: {kroner}}}]\n"
    assert len(said_of(TEXT[: TEXT.index("    parts:")] + prices)) == 1


@pytest.mark.parametrize(("kroner", "ore"), [("0100", 10_000), ("0.125", 13), ('"0,125"', 13), ("1.0e+3", 100_000)])
def test_a_price_is_what_it_reads_as(kroner, ore):
    prices = f"    prices: [{{per: party, every: period, kroner: {kroner}}}]\n"
    agreed = agreement.read(TEXT[: TEXT.index("    parts:")] + prices)
    assert {share.ore for share in share_on(agreed, None, date(2013, 1, 1), FACTS).shares} == {ore}


def test_a_rule_takes_over_where_a_period_begins():
    """Else the bill of a day and the settlement of its year would go by two rules."""
    later = "  - {from: 2014-07-01, parts: [{part: rest, by: population}]}\n"
    assert said_of(TEXT + later) == [(14, errors.WithinPeriod)]
    assert len(agreement.read(TEXT.replace("period: year", "period: half") + later).rules) == 2


def test_who_has_joined_a_project_is_a_party_and_a_project_is_there_once():
    project = (
        "  - {id: portal, title: {nb: P, nn: P, en: P}, from: 2013-01-01, joined: [{party: %s, from: 2013-01-01}]}\n"
    )
    text = TEXT + "projects:\n" + project % "averøy" + project % "averoy"
    assert said_of(text) == [(15, errors.JoinedWithoutParty), (16, errors.ProjectTwice)]


def test_a_day_at_the_end_of_the_calendar_is_said():
    with pytest.raises(errors.TooFarAhead):
        share_on(agreement.read(TEXT), 100, date(9999, 12, 31), FACTS)


def test_everything_that_is_wrong_is_said_at_once():
    both = TEXT.replace("to: 2020-01-01", "to: 2012-01-01").replace("part: rest", "part: 1/3")
    assert [line for line, _ in said_of(both)] == [9, 12]


# --- figures that somebody brings ---


def test_figures_may_be_brought_in_a_file_as_spreadsheets_write_it():
    for raw in (
        "number,name,year,population\n1554,Averøy,2013,100\n1573,Smøla,2013,300\n".encode(),
        "\ufeffKommunenummer;År;Navn;Folketall\r\n1554;2013;Averøy;100\r\n\r\n1573;2013;Smøla;300\r\n".encode(),
        "nummer\tår\tnavn\tinnbyggere\n1554\t2013\tAverøy\t100\n1573\t2013\tSmøla\t300\n".encode("latin-1"),
    ):
        brought = bring(raw, FACTS, "folketall.csv")
        agreed = agreement.read(TEXT.replace("by: equal", "by: population"))
        assert [share.ore for share in share_on(agreed, 400, date(2013, 1, 1), brought).shares] == [100, 300]


def test_a_file_of_figures_alone_is_used_and_what_it_lacks_is_missing():
    brought = bring(b"number,year,population\n1554,2013,100\n", FACTS, "f.csv")
    with pytest.raises(PopulationMissing, match="Smøla"):
        share_on(agreement.read(TEXT.replace("by: equal", "by: population")), 400, date(2013, 1, 1), brought)


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("1554;2013;1,5", NoNumber),
        ("1554;2013;-5", NoNumber),
        ("155;2013;5", errors.NoMunicipalityNumber),
        ("1554;13;5", errors.NoYear),
        ("1554;2012;5;6", errors.WrongNumberOfCells),
        ("Sum;2013;500", errors.LooksLikeATotal),
        ("1573;2013;501", errors.GivenTwice),
    ],
)
def test_a_line_that_is_wrong_is_said_and_nothing_is_taken(row, error):
    with pytest.raises(FileWrong) as wrong:
        bring(f"number;year;population\n1573;2013;500\n\n{row}\n".encode(), FACTS, "f.csv")
    assert [(each.line, type(each.error)) for each in wrong.value.problems] == [(4, error)]


def test_a_name_that_is_not_the_numbers_is_said_and_names_may_be_as_statistics_norway_has_them():
    rows = "1573;Smøla kommune (-2019);2013;1\n1940;Gáivuotna - Kåfjord - Kaivuono;2013;1\n9999;Hele landet;2013;1\n1573;SMOELA;2012;1\n"
    with pytest.raises(FileWrong) as wrong:
        bring(f"nummer;navn;år;folketall\n{rows}1554;Smøla;2013;2\n".encode(), FACTS, "f.csv")
    (problem,) = wrong.value.problems
    assert (problem.line, problem.error.params) == (6, {"number": "1554", "party": "Averøy", "name": "Smøla"})


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", errors.NotATable),
        (b"hei", errors.NotATable),
        (b"number;year\n", errors.ColumnMissing),
        (b"\0;", errors.NotATable),
    ],
)
def test_what_is_no_table_is_said(raw, error):
    with pytest.raises(FileWrong) as wrong:
        bring(raw, FACTS, "f.csv")
    assert isinstance(wrong.value.problems[0].error, error)


def test_the_register_offline_says_what_the_register_says():
    raw = read_yaml((ROOT / "data/cooperations.yaml").read_text("utf-8"))["cooperations"][0]
    members = FACTS.memberships("ikt-orkide")
    assert len(members) == len(raw["memberships"])
    assert FACTS.municipality("kristiansund").number(date(2007, 1, 1)) == "1503"
    assert FACTS.populations(["kristiansund"], date(2007, 1, 1)) == {}
