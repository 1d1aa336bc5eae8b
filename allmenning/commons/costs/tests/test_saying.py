"""A rule reads as sentences, in each language, and says everything that is calculated."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from django.utils import translation

from allmenning.basics.sharing.rule import Limit, Part, Price, Rule, Step
from allmenning.commons.costs import agreement, saying
from allmenning.commons.costs.agreement import DatedRule

ROOT = Path(__file__).resolve().parents[4]


def said(rule, language="en", *, population="start-of-year", presence="days"):
    dated = rule if isinstance(rule, DatedRule) else DatedRule(date(2013, 1, 1), None, rule, population, presence)
    with translation.override(language):
        return " ".join(saying.sentences(dated, {"re": "Re", "hof": "Hof"})).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "begins"),
    [
        ("nb", "Summen deles 70 % etter folketall og 30 % likt. Folketallet er det 1. januar samme år."),
        ("nn", "Summen blir delt 70 % etter folketal og 30 % likt. Folketalet er det 1. januar same år."),
        (
            "en",
            "The sum is divided 70 % by population and 30 % equally. Population is that of 1 January of the same year.",
        ),
    ],
)
def test_the_rule_of_ikt_orkide_in_each_language(language, begins):
    rule = agreement.load(ROOT / "agreements/ikt-orkide.yaml").rules[0]
    assert said(rule, language).startswith(begins)


def test_a_price_list_by_size():
    rule = agreement.load(ROOT / "agreements/price-steps.yaml").rules[0]
    assert said(rule, "nb").startswith(
        "Hver part betaler én gang, ved innmelding: 25 000 kr med færre enn 5 000 innbyggere, 40 000 kr med færre enn 20 000"
        " innbyggere og 60 000 kr med flere. Hver part betaler 500 kr hver måned. Hver part betaler 0,125 kr for hver"
        " innbygger hver måned."
    )


def test_everything_that_a_rule_may_say_is_said():
    rule = Rule(
        (
            Part(Fraction(1, 3), "use", "cases"),
            Part(None, "fixed", fixed={"re": Fraction(3, 4), "hof": Fraction(1, 4)}),
        ),
        (Price("use", "period", (Step(None, Fraction(150)),), measure="users", level="state"),),
        ties="largest-first",
        minimum=Limit(Fraction(100_000)),
        maximum=Limit(Fraction(1, 4), True),
        phase_in=(Fraction(1, 3), Fraction(1, 2)),
    )
    assert said(rule, population="2012-01-01", presence="whole") == (
        "The state pays NOK 1.50 for each user each period. What these sums do not cover is divided 1/3 by"
        " the number of cases and 2/3 by fixed shares (Re 75 % and Hof 25 %). Nobody pays less than NOK 1,000. Nobody pays more"
        " than 25 % of the sum. A new party counts as 1/3 and 50 % of a full one in its first calendar years, that of joining the"
        " first, and then fully. Whoever joins or leaves within a period pays for all of it. The whole sum is"
        " rounded to whole øre at once; an øre that several have"
        " the same right to goes to the one with the most inhabitants."
    )


def test_population_of_one_day_and_each_part_rounded():
    rule = Rule((Part(None, "population"),), rounding="parts", ties="smallest-first")
    text = said(rule, population="2012-01-01", presence="months")
    assert "Population is that of 1 January 2012." in text
    assert "Each part is rounded" in text
    assert "each month that is begun" in text


@pytest.mark.parametrize("path", sorted((ROOT / "agreements").glob("*.yaml")), ids=lambda path: path.stem)
def test_no_language_is_mixed_into_another(path):
    for rule in agreement.load(path).rules:
        texts = {language: said(rule, language) for language in ("nb", "nn", "en")}
        assert len(set(texts.values())) == 3
        assert " the " not in texts["nb"] + texts["nn"]
        assert "deles" not in texts["nn"]


def test_a_price_is_said_with_all_its_decimals():
    rule = Rule(prices=(Price("inhabitant", "month", (Step(None, Fraction(25, 4)),)),))
    assert "NOK 0.0625 for each inhabitant" in said(rule)
    assert "0,0625" in said(rule, "nb")
