"""docs/glossary.md has a word in both languages for everything that the municipal rooms keep."""

import re
from pathlib import Path

from allmenning.tenancy import walls

GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"


def lines():
    for line in GLOSSARY.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "English" and not set(cells[0]) <= set("- "):
            yield cells


def test_every_model_of_the_municipal_rooms_is_there():
    told = {name for cells in lines() for name in re.findall(r"`(\w+)`", cells[-1])}
    kept = {m.__name__ for m in walls.municipal_models() if ".tests." not in m.__module__}
    assert kept - told == set(), "give it its line, with the field's own term in both languages"


def test_every_line_has_both_languages_and_five_cells():
    assert [cells for cells in lines() if len(cells) != 5 or not all(cells[:3])] == []


def test_no_word_is_explained_twice():
    words = [cells[0] for cells in lines()]
    assert len(words) == len(set(words)) > 50
