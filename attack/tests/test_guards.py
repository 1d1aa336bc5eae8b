"""The list of guards that are taken out: each is told of in docs/reliability.md, and each test is there."""

import ast
from pathlib import Path

from attack.guards import GUARDS

ROOT = Path(__file__).resolve().parents[2]


def test_every_guard_is_in_the_page_about_reliability_with_its_test():
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    for guard in GUARDS:
        assert f"| {guard.name[0].upper()}{guard.name[1:]} |" in page, guard.name
        for test in guard.tests:
            assert test.rpartition("::")[2] in page, test


def test_every_test_that_is_named_is_there():
    for guard in GUARDS:
        for test in guard.tests:
            path, _, name = test.partition("::")
            tree = ast.parse((ROOT / path).read_text("utf-8"))
            assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}, test


def test_each_guard_has_a_name_of_its_own():
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)
