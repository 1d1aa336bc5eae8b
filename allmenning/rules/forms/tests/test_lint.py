"""What an author is told about a form before anybody sees it."""

import copy
import string
from typing import Any

import pytest

from allmenning.rules.forms import lint
from allmenning.rules.forms.tests.sample import SCHEMA, UI, control, show
from allmenning.rules.forms.words import ERRORS, REGISTERS, WORDS


def problems(change) -> str:
    schema, ui = copy.deepcopy(SCHEMA), copy.deepcopy(UI)
    change(schema, ui)
    return "\n".join(map(str, lint(schema, ui)))


def test_the_sample_has_no_problems():
    assert lint(SCHEMA, UI) == []


def field(name: str, **more: Any):
    def change(schema: dict[str, Any], ui: dict[str, Any]) -> None:
        schema["properties"][name].update(more)

    return change


def element(declared: dict[str, Any]):
    return lambda schema, ui: ui["elements"][0]["elements"].append(declared)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (field("name", script="alert"), "this keyword is not one that forms use"),
        (field("name", **{"x-title": {"nb": "Navn"}}), "is missing in nn, en"),
        (field("name", **{"x-format": "iban"}), "x-format: is one of"),
        (field("name", pattern="(a+"), "can't be used"),
        (field("name", pattern=r"(a)\1"), "can't be used"),
        (field("name", pattern="a" * 501), "is longer than"),
        (field("needs", items={"enum": ["a"]}), "has no label in nb, nn and en"),
        (field("name", **{"x-source": "everything"}), "is written register:field"),
        (field("name", **{"x-login": {"a": "required"}}), "gives some of the answers of a choice"),
        (field("has_children", **{"x-login": {"yes": "required"}}), "gives some of the answers of a choice"),
        (element(control("nothing")), "there is no #/properties/nothing"),
        (element({"type": "Iframe"}), "the layout has no 'Iframe'"),
        (element({"type": "Group", "label": "Only one", "elements": []}), "is not in three languages"),
        (element(control("email", rule=show("nothing", {}))), "which is not in the form"),
        (element(control("email", rule=show("home/properties/rent", {"minimum": 3}))), "say failWhenUndefined"),
        (element(control("email", options={"html": True})), "this option is not one that layouts use"),
        (lambda schema, ui: schema["required"].append("ghost"), "is required, and not declared"),
        (lambda schema, ui: ui["elements"].pop(), "is required, and no page asks for it"),
        (lambda schema, ui: schema["properties"].update({"a-b": {}}), "letters, digits and _ only"),
    ],
)
def test_a_mistake_is_told(change, told):
    assert told in problems(change)


def test_rules_that_wait_for_each_other_are_told():
    def change(schema, ui):
        ui["elements"][0]["elements"] += [
            control("email", rule=show("phone", {"const": "x"})),
            control("phone", rule=show("email", {"const": "x"})),
        ]

    assert "depends on itself" in problems(change)


@pytest.mark.parametrize(
    "junk", [None, [], "x", {"type": "Categorization"}, {"type": "Control", "scope": 7}, {"elements": 3}]
)
def test_junk_is_told_and_not_raised(junk):
    assert lint(SCHEMA, junk)  # type: ignore[arg-type]
    assert lint({"type": "object", "properties": {"a": junk}}, UI)


def test_every_fixed_text_is_there_in_three_languages_with_the_same_blanks():
    for words in (WORDS, ERRORS, REGISTERS):
        for key, texts in words.items():
            assert len(texts) == 3, key
            assert all(text.strip() for text in texts), key
            blanks = [
                {name for _, name, _, _ in string.Formatter().parse(text) if name} - {"label", "title"}
                for text in texts
            ]
            assert blanks[0] == blanks[1] == blanks[2], key
