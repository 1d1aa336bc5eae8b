"""A CSV is written by allmenning.basics.spreadsheet alone, which keeps what somebody typed from being run as a formula."""

import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2] / "allmenning"
WRITER = "basics/spreadsheet.py"
NAMES_THE_TYPE = "municipal/documents/inspection/types.py"  # of files that others send
_WRITES = re.compile(r"csv\.writer|DictWriter|from csv import")


def found(pattern):
    files = (path for path in HOUSE.rglob("*.py") if "tests" not in path.parts)
    return {str(path.relative_to(HOUSE)) for path in files if re.search(pattern, path.read_text("utf-8"))}


def test_nobody_else_makes_a_csv_writer():
    assert found(_WRITES) == {WRITER}


def test_nobody_else_puts_a_csv_together_by_hand():
    assert found("text/csv") == {WRITER, NAMES_THE_TYPE}
