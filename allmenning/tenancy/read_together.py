"""Rows of several models in one statement: what a page needs at once. Writing them in one is `together`.

    _OF_CASE = Together(lambda: {
        "events": Event.objects.filter(case=Asked("case")).order_by("at", "id"),
        "notes": Note.objects.filter(case=Asked("case")).order_by("at"),
    })
    rows = _OF_CASE.read(case=case_id)      # rows["events"]: list of Event, as the queryset would have given them

The ORM writes each query, so a new column or policy is never forgotten; it does so once in each process. PostgreSQL hands
the rows over as JSON, column by column, and they become instances of their models again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connections, models
from django.db.models.expressions import Expression

from .context import current

Convert = Callable[[Any], Any]


class Asked(Expression):
    """A value in a query that is known when it is asked: `filter(case=Asked("case"))`. Of a UUID, unless said."""

    def __init__(self, name: str, of: models.Field | None = None) -> None:
        super().__init__(output_field=of or models.UUIDField())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class Together:
    """Several querysets that are asked in one statement. `make` is called on first use, when every model is there.

    A queryset may filter, order, limit and defer fields; it may not annotate, nor select related rows: ask for those by themselves.
    """

    def __init__(self, make: Callable[[], Mapping[str, models.QuerySet[Any]]]) -> None:
        self._make = make

    def read(self, **asked: Any) -> dict[str, list[Any]]:
        """The rows of each queryset for what is asked, in the chosen municipality. One statement."""
        chosen = current()
        sql, parameters = self._statement
        values = [asked[each.name] if isinstance(each, Asked) else each for each in parameters]
        with connections[chosen.alias].cursor() as cursor:
            cursor.execute(sql, values)
            found = cursor.fetchone()
        return {
            name: [_instance(model, names, convert, row, chosen.alias) for row in rows]
            for (name, (model, names, convert)), rows in zip(self._models.items(), found, strict=True)
        }

    @cached_property
    def _querysets(self) -> Mapping[str, models.QuerySet[Any]]:
        return self._make()

    @cached_property
    def _models(self) -> dict[str, tuple[type[models.Model], list[str], list[Convert | None]]]:
        return {
            name: (
                rows.model,
                [str(field.attname) for field in _read(rows)],
                [_converter(field) for field in _read(rows)],
            )
            for name, rows in self._querysets.items()
        }

    @cached_property
    def _statement(self) -> tuple[str, list[Any]]:
        parts, parameters = [], []
        for name, rows in self._querysets.items():
            sql, given = rows.query.get_compiler(using=current().alias).as_sql()
            columns = ", ".join(f"c{n}" for n in range(len(_read(rows))))
            # The rows come in the order of the query inside: nothing here gives PostgreSQL a reason to sort them again.
            parts.append(
                f"(select coalesce(json_agg(json_build_array({columns})), '[]') from ({sql}) as q ({columns})) as {name}"  # noqa: S608 (the ORM's own)  # nosec B608
            )
            parameters += given
        return "select " + ", ".join(parts), parameters


def _read(rows: models.QuerySet[Any]) -> list[models.Field]:
    """The fields that a queryset reads: all that are not deferred."""
    names, is_deferred = rows.query.deferred_loading
    return [field for field in rows.model._meta.concrete_fields if (field.name in names) != is_deferred]


def _instance(
    model: type[models.Model], names: list[str], converters: list[Convert | None], row: list[Any], alias: str
) -> models.Model:
    values = [
        value if convert is None or value is None else convert(value)
        for convert, value in zip(converters, row, strict=True)
    ]
    return model.from_db(alias, names, values)


def _converter(field: Any) -> Convert | None:
    """How a column's value comes out of JSON as the ORM would have given it. Raises TypeError for what it can't tell."""
    while field.is_relation:
        field = field.target_field
    if isinstance(field, ArrayField):
        inner = _converter(field.base_field)
        return None if inner is None else lambda values: [inner(value) for value in values]
    for kind, convert in _CONVERTERS.items():
        if isinstance(field, kind):
            return convert
    raise TypeError(f"{type(field).__name__} does not go through JSON")


# More telling ones first: a DateTimeField is a DateField too.
_CONVERTERS: dict[type[models.Field], Convert | None] = {
    models.UUIDField: UUID,
    models.DateTimeField: datetime.fromisoformat,
    models.DateField: date.fromisoformat,
    models.BinaryField: lambda value: bytes.fromhex(value[2:]),
    models.JSONField: None,
    models.CharField: None,
    models.TextField: None,
    models.IntegerField: None,
    models.BooleanField: None,
}
