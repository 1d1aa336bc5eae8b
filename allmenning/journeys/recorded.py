"""Records in words, in the language that is active: what one is called, what it says, and what a version changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allmenning.basics import dates
from allmenning.basics.money import format_ore
from allmenning.municipal.cases.records import OpenedRecord
from allmenning.rules.forms import Form, Row, declared
from allmenning.rules.forms.values import shown

from .recording import Shelf

_NAMES = (declared.TEXT, declared.CHOICE)
LONGEST_NAME = 90


def language() -> str:
    return (get_language() or "nb")[:2]


@dataclass(frozen=True)
class Changed:
    """An answer that a version changed. Empty: it was not answered."""

    label: str
    before: str
    after: str


def rows_of(form: Form, record: OpenedRecord) -> list[Row]:
    """The answers of a record, in order, each with its question; what stands in a group, or in a row of a list, as one."""
    found: list[Row] = []
    for section in form.summary(record.answers, language()):
        answered = [row for row in section.rows if row.answered]
        if section.level == 1:
            found += [Row(row.label, row.text, row.pointer) for row in answered]
        elif answered:
            text = ", ".join(f"{row.label}: {row.text}" for row in answered)
            found.append(Row(section.title, text, answered[0].pointer.rpartition("/")[0]))
    return found


def name_of(shelf: Shelf, record: OpenedRecord) -> str:
    """What a record is called: an amount, the day of an assessment or of what belongs to another, or what it says first."""
    if shelf.kind.shows == "payments":
        return f"{said(shelf.form, record, 'for')}, {format_ore(record.answers['amount_ore'], language())}"
    if shelf.kind.shows in ("chart", "week") and record.row.starts:
        return dates.format_date(record.row.starts, language())
    if shelf.kind.shows == "waiting":
        return _short(str(record.answers["need"]))
    day = record.row.starts
    if shelf.kind.of and day:
        return dates.format_date(day, language())
    return _first(shelf, record, _NAMES) or (dates.format_date(day, language()) if day else _first_long(shelf, record))


def called(shelf: Shelf, record: OpenedRecord, *, within: bool = False) -> str:
    """What a record is called where its name would be a day among other days. within: in a line, after something else."""
    if shelf.kind.shows not in ("chart", "week") or not record.row.starts:
        return name_of(shelf, record)
    day = dates.format_date(record.row.starts, language())
    if shelf.kind.shows == "chart":
        return (_("assessed %(date)s") if within else _("Assessed %(date)s")) % {"date": day}
    return (_("from %(date)s") if within else _("From %(date)s")) % {"date": day}


def said(form: Form, record: OpenedRecord, name: str) -> str:
    """One answer in words: of a choice, its label."""
    value = record.answers.get(name)
    return shown(form.specs[name,], value, language()) if value not in (None, "") else ""


def _first_long(shelf: Shelf, record: OpenedRecord) -> str:
    return _first(shelf, record, (declared.LONG_TEXT,)) or dates.format_date(record.row.at, language())


def _first(shelf: Shelf, record: OpenedRecord, kinds: Collection[str]) -> str:
    """The first answer of some kinds of questions."""
    for path, spec in shelf.form.specs.items():
        if len(path) == 1 and spec.kind in kinds and record.answers.get(path[0]):
            return _short(shown(spec, record.answers[path[0]], language()))
    return ""


def _short(text: str) -> str:
    line = text.strip().splitlines()[0]
    return line if len(line) <= LONGEST_NAME else line[:LONGEST_NAME].rsplit(" ", 1)[0] + " …"


def state_of(shelf: Shelf, record: OpenedRecord) -> str:
    state = shelf.kind.state(record.row.status)
    return state.title[language()] if state else ""


def period_of(record: OpenedRecord) -> str:
    """From when until when, where that is known."""
    days = [dates.format_date(day, language()) if day else "" for day in (record.row.starts, record.row.ends)]
    return days[0] if days[0] == days[1] or not days[1] else "–".join(days)


def changes(form: Form, before: OpenedRecord, after: OpenedRecord) -> list[Changed]:
    """What a version changed since the one before it, answer by answer."""
    old = {row.pointer: row for row in rows_of(form, before)}
    new = {row.pointer: row for row in rows_of(form, after)}
    return [
        Changed(
            (new.get(pointer) or old[pointer]).label,
            old[pointer].text if pointer in old else "",
            new[pointer].text if pointer in new else "",
        )
        for pointer in {**old, **new}
        if (old[pointer].text if pointer in old else "") != (new[pointer].text if pointer in new else "")
    ]
