"""The fact files: made again they are the same, and they say what the sources say."""

import csv
import json
import os
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
SOURCES = ROOT.parent / "shared" / "data"
sys.path.insert(0, str(ROOT / "scripts"))


@pytest.fixture(scope="module")
def register():
    return json.loads((DATA / "municipalities.json").read_text())


@pytest.fixture(scope="module")
def population():
    with (DATA / "population.csv").open() as file:
        return {
            row.pop("municipality"): {int(year): int(n) for year, n in row.items() if n} for row in csv.DictReader(file)
        }


def numbers_of(register, municipality):
    (row,) = [row for row in register["municipalities"] if row["id"] == municipality]
    return [number["number"] for number in row["numbers"]]


def test_made_again_the_files_are_the_same_bytes():
    import make_data

    if not SOURCES.exists():
        assert not os.environ.get("CI"), f"{SOURCES} must be there where everything is checked"
        pytest.skip(f"the publications are not beside the project ({SOURCES})")
    for name, text in make_data.make(SOURCES).items():
        assert (DATA / name).read_text() == text, f"data/{name} is not what scripts/make_data.py makes"


def test_the_files_are_small():
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 2_000_000


def test_there_are_357_municipalities_now_and_435_in_1994(register):
    numbers = [number for row in register["municipalities"] for number in row["numbers"]]
    assert sum("end" not in number for number in numbers) == 357
    assert sum("start" not in number or number["start"] <= "1994-01-01" for number in numbers) == 435


@pytest.mark.parametrize(
    ("municipality", "numbers"),
    [
        ("haram", ["1534", "1580"]),
        ("rindal", ["1567", "5061"]),
        ("holmestrand", ["0702", "0715", "3802", "3903"]),
        ("re", ["0716"]),
        ("vale", ["0716"]),
        ("heroy-nordland", ["1818"]),
        ("nesbyen", ["0616", "3040", "3322"]),
    ],
)
def test_numbers_through_time(register, municipality, numbers):
    assert numbers_of(register, municipality) == numbers


@pytest.mark.parametrize(
    "succession",
    [
        ("2018-01-01", "merged", "hof", "holmestrand"),
        ("2020-01-01", "merged", "haram", "alesund"),
        ("2024-01-01", "restored", "alesund", "haram"),
        ("2020-01-01", "merged", "halsa", "heim"),
        ("2020-01-01", "split", "snillfjord", "orkland"),
        ("2019-01-01", "renumbered", "rindal", "rindal"),
        ("2006-01-01", "merged", "tustna", "aure"),
    ],
)
def test_successions(register, succession):
    assert succession in [(row["date"], row["kind"], row["from"], row["to"]) for row in register["successions"]]


def test_every_number_that_ends_is_succeeded_and_every_id_is_words(register):
    successions = {(row["date"], row["from_number"]) for row in register["successions"]}
    for row in register["municipalities"]:
        assert not any(character.isdigit() for character in row["id"])
        for number in row["numbers"]:
            assert "end" not in number or (number["end"], number["number"]) in successions


def test_the_13_members_of_2013_had_74_089_inhabitants(population):
    cooperation = yaml.safe_load((DATA / "cooperations.yaml").read_text())["cooperations"][0]
    members = [row["municipality"] for row in cooperation["memberships"] if row["start"] == date(2013, 1, 1)]
    assert len(members) == 13
    assert sum(population[member][2013] for member in members) == 74_089


def test_known_populations(population):
    assert (population["andebu"][2006], population["hof"][2006], population["re"][2006]) == (5147, 3079, 8243)


def test_members_exist_in_the_register(register):
    ids = {row["id"] for row in register["municipalities"]}
    cooperations = yaml.safe_load((DATA / "cooperations.yaml").read_text())["cooperations"]
    members = {row["municipality"] for one in cooperations for row in one["memberships"]}
    assert members <= ids
    current = {row["municipality"] for one in cooperations for row in one["memberships"] if "end" not in row}
    assert len(current) == 24
