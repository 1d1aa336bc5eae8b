"""Whatever is answered, and the form accepts, the tables can work out."""

import random
from datetime import date

import pytest

from allmenning.commons.catalogue.deciding import COULD_NOT_CALCULATE
from allmenning.commons.catalogue.package import decide
from allmenning.commons.catalogue.tests.test_services import PACKAGES
from allmenning.rules.forms import Form

TEXTS = {
    "date": "2023-05-06",
    "year-month": "2026-12",
    "email": "a@example.no",
    "file": "file-1",
    "postal-code": "6530",
}
TEXTS |= {"phone": "90000000", "national-identity-number": "02813299952", "organisation-number": "310245137"}
TEXTS["account-number"] = "12345678903"


def answer(schema, chance):
    """Something that the schema accepts, often at an edge."""
    kind = schema.get("type")
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return chance.choice(schema["enum"])
    if kind == "object":
        return {name: answer(each, chance) for name, each in schema["properties"].items() if chance.random() < 0.9}
    if kind == "array":
        count = chance.randint(schema.get("minItems", 0), min(schema.get("maxItems", 3), 3))
        rows = [answer(schema["items"], chance) for _ in range(count)]
        return list(dict.fromkeys(rows)) if schema.get("uniqueItems") else rows
    if kind == "boolean":
        return chance.random() < 0.5
    if kind == "integer":
        return chance.choice([schema["minimum"], schema["maximum"], chance.randint(1, 90_000_000)])
    if schema.get("pattern", "").startswith("^[0-9]{4}"):
        return "1234 56 78903"
    return TEXTS.get(schema.get("x-format"), "Noe som er langt nok")


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.id)
def test_every_accepted_answer_can_be_worked_out(package):
    chance, form = random.Random(2026), Form(dict(package.form_schema), dict(package.form_ui))
    accepted = 0
    for tried in range(6000):
        if tried >= 1500 and accepted > 20:  # of a large form few are accepted
            break
        data = form.visible(answer(package.form_schema, chance))
        if form.errors(data, "nb"):
            continue
        accepted += 1
        decision = decide(package, data, on=date(2026, 11, 21))
        assert COULD_NOT_CALCULATE not in decision.uncertain, data
        for language in ("nb", "nn", "en"):
            assert decision.reason_texts(language) is not None
            assert decision.values(language) is not None
    assert accepted > 20
