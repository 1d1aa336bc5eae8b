"""Rows of any municipal model, made from its fields alone, so that a guard meets the models of tomorrow too."""

from __future__ import annotations

import secrets
from datetime import timedelta
from itertools import count
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.municipal.cases.models import Case
from allmenning.tenancy import use, walls

_number = count(1)
# What the fields alone do not tell: nobody substitutes for themselves.
AS_CONSTRAINTS_WANT_THEM: dict[str, dict[str, Any]] = {
    "access.Absence": {"substitute_id": None},
    "people.Representation": {"kind": "parent"},
    "access.Review": {"conclusion": "", "kind": "volume"},  # of a broken glass, `about` is an id
}
# Rows that residents see only in a certain state.
AS_RESIDENTS_SEE_THEM: dict[str, dict[str, Any]] = {
    "cases.Case": {"opened_for": None},
    "cases.Decision": {"status": "issued", "message_id": uuid7()},
    "cases.Record": {"visible_to_resident": True},
}
# Rows as a resident adds them (Walls.resident_adds).
AS_RESIDENTS_ADD_THEM: dict[str, dict[str, Any]] = {
    "cases.Case": {"state": "received", "sequence": None},
    "cases.Event": {"actor": "resident"},
    "cases.AccessRequest": {"outcome": ""},
    "cases.PhaseChange": {"because": "received"},
    "cases.Closure": {"reason": "withdrawn"},
    "archive.CaseFile": {"status": "Under behandling"},
    "access.LogEntry": {"actor_kind": "resident"},
    "post.Message": {"direction": "in"},
    "documents.Document": {"origin": "uploaded"},
}


def models_of(*kinds: str) -> list[type[models.Model]]:
    """The municipal models of the rooms whose walls are of these kinds."""
    return [m for m in walls.municipal_models() if ".tests." not in m.__module__ and m.walls.kind in kinds]  # type: ignore[attr-defined]


class Owner:
    """Somebody with a row of each model in one area: of a case of theirs, with a key of theirs."""

    def __init__(self, municipality: str, area: str, key: bytes) -> None:
        self.municipality, self.area, self.key = municipality, area, key
        self.rows: dict[type[models.Model], models.Model] = {}

    def row(self, model: type[models.Model]) -> models.Model:
        """This owner's row of a model, written by the login that owns the tables."""
        if model not in self.rows:
            self.rows[model] = self.unsaved(model)
            with use(self.municipality, "owner"):
                self.rows[model].save(force_insert=True)
        return self.rows[model]

    def unsaved(self, model: type[models.Model], **given: Any) -> models.Model:
        """Another row of a model, hanging on the same rows."""
        values = {f.attname: self._value(f, model) for f in model._meta.local_concrete_fields if f.name != "id"}
        values |= AS_CONSTRAINTS_WANT_THEM.get(model._meta.label, {})
        values |= AS_RESIDENTS_SEE_THEM.get(model._meta.label, {})
        return model(**{**values, **given})

    def addable(self, model: type[models.Model]) -> models.Model:
        """A row as a resident may add it."""
        return self.unsaved(model, **AS_RESIDENTS_ADD_THEM.get(model._meta.label, {}))

    def _value(self, field: models.Field, model: type[models.Model]) -> Any:
        if field.name == "area":
            return self.area
        if field.name == "owner_key":
            return self.key
        if field.column == "case_id":
            return self.row(Case).pk
        if isinstance(field, models.ForeignKey):
            return None if field.related_model is model else self.row(field.related_model).pk
        if field.null and isinstance(field, models.IntegerField) and _is_unique(field, model):
            return next(_number)  # nothing is unique among values that are missing
        return _value(field)


def _is_unique(field: models.Field, model: type[models.Model]) -> bool:
    constraints = (each for each in model._meta.constraints if isinstance(each, models.UniqueConstraint))
    return any(field.name in each.fields for each in constraints)


def _value(field: models.Field) -> Any:
    if field.has_default():
        return field.get_default()
    if field.null:
        return None
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.BinaryField):
        return secrets.token_bytes(32)
    if isinstance(field, models.DateTimeField):
        return dates.now() + timedelta(milliseconds=1)  # `until` is after `at`, however fast both are asked for
    if isinstance(field, models.DateField):
        return dates.today()
    if isinstance(field, models.IntegerField):
        return next(_number)
    if isinstance(field, models.UUIDField):
        return Case._meta.pk.get_default()
    if isinstance(field, ArrayField):
        return []
    return "" if field.blank else f"x{next(_number)}"[: field.max_length]
