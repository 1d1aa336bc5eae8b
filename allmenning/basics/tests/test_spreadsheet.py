"""No cell of a CSV is run by whoever opens it."""

import csv
import io

import pytest

from allmenning.basics.spreadsheet import as_csv, cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "-", "+", "-1-1"]
)
def test_what_would_be_run_is_text(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Averøy", "a=b", "", "-12", "+3,5", "-0.5", -12, 3.5, None])
def test_anything_else_stands_as_it_is(value):
    assert cell(value) == value


def test_what_is_written_is_read_back_by_a_spreadsheet():
    written = as_csv([["Kommune", "Tal"], ["=HYPERLINK(1)", 5], ['a;"b"', "x"]])
    assert written.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(written[1:]), delimiter=";")) == [
        ["Kommune", "Tal"],
        ["'=HYPERLINK(1)", "5"],
        ['a;"b"', "x"],
    ]


def test_a_negative_fraction_is_a_number_and_nothing_else_with_a_stroke_is():
    assert cell("-2845/13") == "-2845/13"
    for text in ("-1/A1", "-/3", "-1/", "-1/2/3", "=1/2", "-1+1/2", "-A1/3"):
        assert cell(text) == f"'{text}"
