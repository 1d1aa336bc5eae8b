"""docs/fields.md and the models say the same of every field: clear, sealed or indexed. A new field gets its line there."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from allmenning.tenancy.models import IndexField, MunicipalModel, SealedField

TABLE = Path(__file__).resolve().parents[2] / "docs" / "fields.md"
# A clear text says first what it holds. What is written by or about a resident is none of these, so it must be sealed.
ALLOWED_CLEAR = ("Code", "Codes", "Id", "Ids", "Public", "Staff", "Opaque")
TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


def told():
    """What docs/fields.md says: model.field → (kind, what it holds, why)."""
    held, model = {}, ""
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("### "):
            model = line.removeprefix("### ")
        elif line.startswith("| `"):
            field, kind, what, why = (part.strip() for part in line.strip("|").split("|"))
            assert f"{model}.{field.strip('`')}" not in held, "told twice"
            held[f"{model}.{field.strip('`')}"] = (kind, what, why)
    return held


def fields():
    """Every field of the house's own models but the id that all of them have."""
    for model in apps.get_models():
        if model.__module__.startswith("allmenning.") and ".tests." not in model.__module__:
            for field in model._meta.local_concrete_fields:
                if not (field.name == "id" and isinstance(field, models.UUIDField | models.AutoField)):
                    yield f"{model._meta.label}.{field.attname}", model, field


TOLD = told()
FIELDS = {name: (model, field) for name, model, field in fields()}


def test_every_field_has_its_line_and_every_line_its_field():
    assert set(FIELDS) - set(TOLD) == set(), "write their lines in docs/fields.md"
    assert set(TOLD) - set(FIELDS) == set(), "docs/fields.md tells of fields that are gone"


def test_every_line_says_what_it_holds_and_why():
    assert [name for name, (_, what, why) in TOLD.items() if len(what) < 4 or len(why) < 3] == []


@pytest.mark.parametrize("name", FIELDS)
def test_the_kind_is_what_the_model_makes_of_it(name):
    kind, field = TOLD[name][0], FIELDS[name][1]
    if isinstance(field, SealedField):
        assert kind == "sealed"
    elif isinstance(getattr(field, "base_field", field), IndexField):  # one, or an array of them
        assert kind == "indexed"
    elif isinstance(field, models.BinaryField):
        assert kind in ("clear", "sealed", "indexed")  # bytes: the line must say
    else:
        assert kind == "clear"


def test_no_clear_text_in_a_municipality_holds_what_is_written_by_or_about_a_resident():
    unsaid = [
        name
        for name, (model, field) in FIELDS.items()
        if issubclass(model, MunicipalModel)
        and TOLD[name][0] == "clear"
        and isinstance(field, TEXTS)
        and not isinstance(field, models.BinaryField)
        and re.split(r"[ :,]", TOLD[name][1])[0] not in ALLOWED_CLEAR
    ]
    assert unsaid == [], "seal it, or say in docs/fields.md whose it is"


def test_the_commons_hold_no_sealed_field():
    """Personal records live in the municipalities; what is sealed is personal."""
    assert [n for n, (m, f) in FIELDS.items() if isinstance(f, SealedField) and not issubclass(m, MunicipalModel)] == []


def test_a_case_in_a_sensitive_area_is_called_by_nothing_that_was_typed():
    from types import SimpleNamespace

    from allmenning.journeys.registering import case_subject
    from allmenning.municipal.forms.content import Content

    for area, subject in (("ordinary", "Hjelp"), ("child-welfare", ""), ("care", "")):
        offered = SimpleNamespace(package=SimpleNamespace(area=area))
        assert case_subject(offered, Content(data={"subject": "Hjelp"})) == subject
