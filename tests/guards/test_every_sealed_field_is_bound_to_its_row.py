"""What is sealed by a case's key names its row: whoever writes in the database can't let one row take another's place."""

import ast
import re
from pathlib import Path

import allmenning

PACKAGE = Path(allmenning.__file__).parent
FIELD = re.compile(r"[a-z]+\.[A-Z]\w+\.\w+")
OF_THE_CASE = {
    "cases.Case.applicant_name": "the case's own row, which has the key",
    "cases.Case.subject": "the same",
    "cases.ReceiptCode.email": "one of each case",
}


def unbound():
    """Fields that are sealed or opened somewhere without a row, with the file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            field = node.args[0].value if isinstance(node.args[0], ast.Constant) else ""
            if node.func.attr in ("seal", "open", "open_text") and FIELD.fullmatch(str(field)) and len(node.args) < 3:
                yield field, path.name


def test_every_field_of_a_case_is_sealed_with_its_row():
    found = set(unbound())
    assert {field for field, _ in found} == set(OF_THE_CASE), found
