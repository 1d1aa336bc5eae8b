"""The table that a letter shows of a case's records of one kind: a row for each, in the letter's own language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from allmenning.basics.dates import format_date
from allmenning.letters import FieldTable
from allmenning.rules.forms import Form, declared
from allmenning.rules.forms.declared import in_language
from allmenning.rules.forms.values import shown

from .records import PERIOD, Column, RecordKind
from .texts import Text

FIELD = "records."  # before the kind, in a template: {{ records.service }}
_PERIOD = Text("Periode", "Periode", "Period")
_FROM, _UNTIL = Text("fra", "frå", "from"), Text("til", "til", "until")
_NUMBERS = frozenset({declared.INTEGER, declared.NUMBER, declared.ORE})
_NOTHING = "–"


def shown_in(kinds: Sequence[RecordKind], fields: set[str] | frozenset[str]) -> list[RecordKind]:
    """The kinds that a template with these fields shows."""
    return [kind for kind in kinds if kind.in_letters and f"{FIELD}{kind.id}" in fields]


def value_of(kind: RecordKind, records: Sequence[Mapping[str, Any]], language: str) -> FieldTable | str:
    """What stands in a letter for a kind: a table of the answers of each record, what is said of none, or nothing."""
    if not records:
        return kind.none_in_letters[language] if kind.none_in_letters else ""
    form = Form(kind.schema, kind.ui)
    return FieldTable(
        [_title(kind, form, column, language) for column in kind.in_letters],
        [[_cell(kind, form, column, each, language) for column in kind.in_letters] for each in records],
        ["right" if _is_number(form, column) else "left" for column in kind.in_letters],
    )


def _title(kind: RecordKind, form: Form, column: Column, language: str) -> str:
    if column.title:
        return column.title[language]
    return _PERIOD[language] if column.field == PERIOD else in_language(form.specs[column.field,].title, language)


def _is_number(form: Form, column: Column) -> bool:
    return column.field != PERIOD and form.specs[column.field,].kind in _NUMBERS


def _cell(kind: RecordKind, form: Form, column: Column, answers: Mapping[str, Any], language: str) -> str:
    if column.field == PERIOD:
        return _period(kind, answers, language)
    value = answers.get(column.field)
    return shown(form.specs[column.field,], value, language) if value not in (None, "") else _NOTHING


def _period(kind: RecordKind, answers: Mapping[str, Any], language: str) -> str:
    """From when until when, as far as that is set."""
    days = [(_FROM, kind.dates.starts), (_UNTIL, kind.dates.ends)]
    said = [
        f"{word[language]} {format_date(date.fromisoformat(answers[name]), language)}"
        for word, name in days
        if name and answers.get(name)
    ]
    return " ".join(said) or _NOTHING
