"""The assets: fetched once, with nothing that the content security policy refuses."""

import re
from itertools import accumulate
from pathlib import Path

import pytest

import allmenning
from allmenning.web import assets

OUR_SHEETS = [
    path for path in sorted(Path(allmenning.__file__).parent.rglob("static/**/*.css")) if "vendor" not in path.parts
]


def test_the_lock_file_names_no_registry():
    assert "resolved" not in assets.LOCK.read_text()


def test_a_second_run_does_nothing(monkeypatch):
    assert assets.is_ready(), "run python -m allmenning.web.assets --test"
    monkeypatch.setattr(assets, "_install", lambda *_: 1 / 0)
    assert assets.fetch(with_test_tools=True) is False


def test_icons_are_files():
    style_sheet = (assets.VENDOR / "designsystemet" / "index.css").read_text()
    assert "data:" not in style_sheet
    assert list((assets.VENDOR / "designsystemet" / "icons").glob("*.svg"))


def test_only_latin_letters_are_fetched():
    assert sorted(path.name for path in (assets.VENDOR / "inter").glob("*.woff2")) == ["latin-ext.woff2", "latin.woff2"]


@pytest.mark.parametrize(
    ("said", "says"),
    [("npm error code ENOTFOUND", "cannot be reached"), ("npm error ENOSPC", "disk is full"), ("npm error odd", "odd")],
)
def test_a_failure_is_one_line_that_says_what_to_do(said, says):
    reason = assets._reason(said)
    assert says in reason
    assert "\n" not in reason


@pytest.mark.parametrize("sheet", OUR_SHEETS, ids=lambda path: path.name)
def test_what_a_stylesheet_opens_it_closes(sheet):
    """Else a browser drops what follows, or keeps it for print alone, and says nothing."""
    rules = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", sheet.read_text("utf-8"), flags=re.DOTALL)
    depth = list(accumulate({"{": 1, "}": -1}.get(sign, 0) for sign in rules))
    assert (min(depth), depth[-1]) == (0, 0)
    assert max(depth) <= 3  # a rule in a query in a layer
