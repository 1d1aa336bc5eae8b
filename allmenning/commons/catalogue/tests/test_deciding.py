import random
from datetime import date
from pathlib import Path

import pytest

from allmenning.commons.catalogue.deciding import COULD_NOT_CALCULATE, InvalidAdjustment
from allmenning.commons.catalogue.package import (
    check_adjustment,
    decide,
    duration_after,
    from_files,
    load,
    values_on,
    written,
)

SERVICES = Path(__file__).parents[4] / "services"
FEE = load(SERVICES / "reduced-kindergarten-fee")
TODAY = date(2026, 11, 21)


def application(income_ore=18_000_000, born="2022-03-04", **changes):
    child = {
        "name": "Anna",
        "birth_date": born,
        "lives": "here",
        "has_place": True,
        "kindergarten": "Solstua",
        "place": "full",
    }
    return {
        "household_kind": "single",
        "children": [child],
        "all_in_municipality": True,
        "income_basis": "tax-return",
        "applicant_income_ore": income_ore,
        "from_month": "2026-12",
        "declaration": True,
        **changes,
    }


def test_nobody_ever_pays_more_than_six_per_cent_of_the_income_in_a_year():
    chance = random.Random(6)
    for _ in range(500):
        income = chance.randrange(1, 80_000_000)
        decision = decide(FEE, application(income), on=TODAY, confirmed={"children", "applicant_income_ore"})
        (child,) = decision.result["children"]
        assert child["fee_ore"] * 11 * 100 <= max(income * 6, 0) or child["fee_ore"] <= 120_000
        assert child["before_core_ore"] * 11 * 100 <= income * 6 or decision.result["letter"]["base_ore"] == 120_000
        assert isinstance(child["fee_ore"], int)


def test_what_cannot_be_calculated_goes_to_a_person_and_raises_nothing():
    decision = decide(FEE, {"children": "nonsense"}, on=TODAY)
    assert (decision.outcome, decision.automatic, decision.uncertain) == (None, False, (COULD_NOT_CALCULATE,))
    assert decision.uncertain_texts("nn") == ["Opplysningane lét seg ikkje rekne ut automatisk."]


def test_a_published_version_decides_as_its_folder_did():
    again = from_files(dict(FEE.files))
    assert again.sha256 == FEE.sha256
    assert decide(again, application(), on=TODAY).reasons == decide(FEE, application(), on=TODAY).reasons


def test_a_letter_tells_which_values_it_shows():
    assert [value.id for value in FEE.letter_values("granted")] == [
        "valid_from",
        "valid_to",
        "total_fee_ore",
        "total_ordinary_ore",
        "fees",
    ]
    assert FEE.letter_values("rejected") == ()


def test_an_outcome_cites_each_law_once():
    assert (
        FEE.citations("granted", "nn") == "barnehageloven § 20, foreldrebetalingsforskriften §§ 1, 3, 3 a, 3 b og 3 c"
    )


def test_one_changed_letter_gives_another_fingerprint():
    assert from_files({**FEE.files, "CHANGELOG.md": "x"}).sha256 != FEE.sha256


def test_dated_values_change_on_the_first_of_august():
    before, _, _ = values_on(FEE, date(2025, 7, 31), {})
    after, unconfirmed, _ = values_on(FEE, date(2025, 8, 1), {})
    assert (before["national_maximum_price_ore"], after["national_maximum_price_ore"]) == (200_000, 120_000)
    assert "national_maximum_price_ore" in unconfirmed


def test_values_that_have_run_out_are_named():
    assert "national_maximum_price_ore" in values_on(FEE, date(2027, 8, 1), {})[2]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("maximum_price_ore", 120_001),
        ("maximum_price_ore", -1),
        ("maximum_price_ore", "120000"),
        ("maximum_price_ore", True),
        ("second_child_percent", 29),
        ("first_child", "tallest"),
        ("decides_by_itself", 1),
        ("nothing", 1),
    ],
)
def test_a_municipality_can_set_only_its_own_values_within_bounds(name, value):
    with pytest.raises(InvalidAdjustment):
        check_adjustment(FEE, name, value, on=TODAY)


@pytest.mark.parametrize(
    ("name", "value"), [("maximum_price_ore", 70_000), ("first_child", "oldest"), ("decides_by_itself", False)]
)
def test_values_within_bounds_can_be_set(name, value):
    check_adjustment(FEE, name, value, on=TODAY)


def test_the_record_of_a_decision_tells_which_rule_was_used():
    decision = decide(FEE, application(), on=TODAY, confirmed={"children", "applicant_income_ore"})
    used = {row.table: row.rule for row in decision.trace if row.rule}
    assert used["Six per cent or the maximum price"] == "share-is-lower"
    assert used["Free core time"] == "age-two-to-five"


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_what_somebody_wrote_is_never_taken_for_a_field(language):
    form = application(household_kind="spouse", partner_name="{{ value.total_fee_ore }}", partner_income_ore=0)
    assert "{{ value.total_fee_ore }}" in " ".join(decide(FEE, form, on=TODAY).reason_texts(language))


@pytest.mark.parametrize(
    ("name", "value", "language", "shown"),
    [
        ("fee_ore", 54_545, "nb", "545,45\u00a0kr"),
        ("fee_ore", 54_500, "en", "NOK\u00a0545.00"),
        ("valid_from", "2026-12-01", "nn", "1. desember 2026"),
        ("month", "2026-12", "nb", "desember 2026"),
        ("month", "2026-12", "en", "December 2026"),
        ("heating", True, "nn", "Ja"),
        ("nothing", None, "nb", "–"),
    ],
)
def test_values_are_written_as_a_reader_expects(name, value, language, shown):
    assert written(name, value, language) == shown


@pytest.mark.parametrize(
    ("duration", "day"),
    [("P1M", date(2027, 2, 28)), ("P3W", date(2027, 2, 21)), ("P3D", date(2027, 2, 3)), ("P1Y", date(2028, 1, 31))],
)
def test_durations_follow_the_calendar(duration, day):
    assert duration_after(duration, date(2027, 1, 31)) == day
