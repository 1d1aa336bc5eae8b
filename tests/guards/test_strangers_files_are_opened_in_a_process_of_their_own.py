"""Files that strangers made are opened by documents.inspection alone, and there by its `..._apart` functions."""

import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2] / "allmenning"
INSPECTION = "municipal/documents/inspection/"
_OPENS = re.compile(r"^\s*(?:import|from) (?:pikepdf|PIL|pypdf|pdfminer|fitz|openpyxl|docx)\b", re.M)
_NOT_APART = re.compile(r"inspection(?:\.\w+)? import [^#\n]*\b(?:inspect|reencode_image|copy_pages|join)\b")
A_LOGO = "letters/logo.py"  # from the municipality's own administrator, with limits on what it may hold


def found(pattern):
    files = (path for path in HOUSE.rglob("*.py") if "tests" not in path.parts)
    names = {str(path.relative_to(HOUSE)) for path in files if pattern.search(path.read_text("utf-8"))}
    return {name for name in names if not name.startswith(INSPECTION)}


def test_nobody_else_has_a_library_that_opens_them():
    assert found(_OPENS) == {A_LOGO}


def test_nobody_else_inspects_in_the_process_that_holds_the_keys():
    assert found(_NOT_APART) == set()
