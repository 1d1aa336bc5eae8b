"""`allmenning share`: anybody checks a bill, with no database and no settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
ORKIDE = ROOT / "agreements/ikt-orkide.yaml"


def share(*arguments, agreement=ORKIDE, day="2013-01-01"):
    """What the command writes and complains of, in a process that knows neither settings nor database."""
    command = [sys.executable, "-m", "allmenning.doors.cli", "share", "--agreement", str(agreement), "--date", day]
    bare = {
        name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "ALLMENNING", "DATABASE"))
    }
    return subprocess.run([*command, *arguments], cwd=ROOT, env=bare, capture_output=True, text=True, check=False)


def test_a_bill_can_be_checked_by_anybody():
    done = share("--amount", "1000000.00", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    shares = {each["municipality"]: each for each in answer["shares"]}
    assert answer["total_ore"] == 100_000_000 == sum(each["ore"] for each in shares.values())
    assert sum(Fraction(each["exact"]) for each in shares.values()) == 100_000_000
    assert shares["Halsa"] == {
        "municipality": "Halsa",
        "number": "1571",
        "population": 1606,
        "summed": [],
        "exact": "3684130000000/963157",
        "ore": 3825057,
    }


def test_for_people_it_is_a_table_with_a_total():
    done = share("--amount", "1 000 000,00")
    assert "1505    Kristiansund  24,131" in done.stdout
    assert "NOK 251,068.93" in done.stdout.replace("\u00a0", " ")
    assert "NOK 1,000,000.00" in done.stdout.replace("\u00a0", " ")


def test_figures_may_be_brought(tmp_path):
    figures = tmp_path / "folketall.csv"
    rows = ["number;name;year;population", *(f"{number};;2013;100" for number in _numbers())]
    figures.write_text("\n".join(rows), encoding="utf-8")
    shares = json.loads(share("--amount", "13.00", "--population", str(figures), "--json").stdout)["shares"]
    assert {each["ore"] for each in shares} == {100}


def _numbers():
    return [each["number"] for each in json.loads(share("--amount", "1", "--json").stdout)["shares"]]


@pytest.mark.parametrize(
    ("arguments", "day", "said"),
    [
        (("--amount", "10"), "2012-01-01", "it begins on 2013-01-01"),
        (("--amount", "10"), "2022-01-01", "has no population figure for 2022-01-01"),
        (("--amount", "ten"), "2013-01-01", "not an amount of money"),
        ((), "2013-01-01", "This rule divides a sum"),
        (("--amount", "10", "--population", "nowhere.csv"), "2013-01-01", "nowhere.csv: No such file"),
        (("--amount", "10", "--population", "README.md"), "2013-01-01", "line 1:"),
    ],
)
def test_what_can_not_be_is_a_line_and_not_a_trace(arguments, day, said):
    done = share(*arguments, day=day)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_agreement_that_is_wrong_is_told_line_by_line(tmp_path):
    wrong = tmp_path / "wrong.yaml"
    text = ORKIDE.read_text("utf-8").replace("30 %, by: equal", "31 %, by: equally")
    line = next(at for at, each in enumerate(text.splitlines(), start=1) if "by: equally" in each)
    wrong.write_text(text, encoding="utf-8")
    done = share("--amount", "10", agreement=wrong)
    assert done.returncode == 1
    assert f"line {line}: Write one of these: population, equal, use, fixed." in done.stderr


def test_a_day_that_is_none_is_said_in_words():
    done = share("--amount", "1", day="31.12.2013")
    assert done.returncode == 2
    assert "31.12.2013 is no day. Write it as 2013-01-31." in done.stderr
