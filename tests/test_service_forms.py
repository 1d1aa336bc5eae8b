"""Every example of every service can be typed in, page by page, in a browser without JavaScript."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup

from allmenning.rules.forms import Form, Page, Repeat
from allmenning.rules.forms.declared import FILES, REPEAT
from allmenning.rules.forms.pointers import MISSING
from allmenning.rules.forms.values import chosen, typed
from allmenning.web.forms import render_page

EXAMPLES = [
    path
    for path in sorted(Path(__file__).parents[1].glob("services/*/examples/*.yaml"))
    if "errors" not in yaml.safe_load(path.read_text()).get("expect", {})
]
MOST_ROUNDS = 8


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def as_typed(page: Page) -> dict[str, list[str]]:
    """What somebody with these answers would type on the page."""
    sent: dict[str, list[str]] = {}
    for field in page.fields:
        if field.value is not MISSING and field.spec.kind not in (FILES, REPEAT):
            several = isinstance(field.value, list)
            sent[field.name] = chosen(field.spec, field.value) if several else [typed(field.spec, field.value)]
    return sent


def one_more(wanted: Page, shown: Page) -> dict[str, list[str]]:
    """The button for another item, where the page shows fewer than there are to type in."""
    items = {field.pointer: len(field.items) for field in shown.fields if isinstance(field, Repeat)}
    lists = [field for field in wanted.fields if isinstance(field, Repeat)]
    return {f"_add:{f.pointer}": ["1"] for f in lists if len(f.items) > items.get(f.pointer, len(f.items))}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_an_example_can_be_typed_in(example: Path):
    folder = example.parents[1]
    form = Form(read(folder / "form.schema.json"), read(folder / "form.ui.json"))
    # As JSON: YAML reads some dates as dates.
    answers = json.loads(json.dumps(yaml.safe_load(example.read_text())["form"], default=str))
    uploaded = {path[0] for path, spec in form.specs.items() if spec.kind == FILES}
    data = {name: value for name, value in answers.items() if name in uploaded}
    for page in form.pages(answers):
        before: Any = None
        for _ in range(MOST_ROUNDS):
            shown = form.page(page.id, data)
            assert shown is not None, page.id
            soup = BeautifulSoup(str(render_page(shown, data)), "html.parser")
            there = {part["name"] for part in soup.select("[name]")}
            sent = {name: values for name, values in as_typed(page).items() if name in there}
            changes = form.read_post(shown, sent | one_more(page, shown))
            assert changes.raw == {}
            before, data = data, changes.data
            if before == data:
                break
    assert form.visible(data) == form.visible(answers)
