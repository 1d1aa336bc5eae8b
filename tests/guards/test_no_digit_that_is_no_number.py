"""`"²".isdigit()` is true and `int("²")` fails: five forms ended in a failure of it. isdecimal() says what int() can read."""

import re
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "allmenning"


def test_nobody_asks_isdigit_without_asking_for_ascii():
    found = [
        f"{path.relative_to(PACKAGE)}:{number}"
        for path in PACKAGE.rglob("*.py")
        if "tests" not in path.parts
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if re.search(r"\.isdigit\(\)", line) and "isascii" not in line
    ]
    assert found == []
