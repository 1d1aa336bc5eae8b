"""The register of processing activities (GDPR art. 30), made from the models and `processing.yaml`.

Every field belongs to one activity, which has a purpose and a legal basis; a guard test holds that none is left over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils import translation
from django.utils.translation import gettext as _

from allmenning.basics import spreadsheet
from allmenning.letters import Chapter, CopyMetadata, Given, Letterhead, render_case_copy

_FILE = Path(__file__).with_name("processing.yaml")
_TEXTS = ("title", "purpose", "subjects", "categories", "recipients", "retention")

Text = Mapping[str, str]


@dataclass(frozen=True)
class Law:
    """A legal basis. `seen`: whether its wording was seen in the source; if not, the register says so."""

    text: str
    seen: bool

    def said(self) -> str:
        not_confirmed = _("not confirmed")
        return self.text if self.seen else f"{self.text} ({not_confirmed})"


@dataclass(frozen=True)
class Activity:
    """One processing activity, in all languages, with the fields that are kept for it: `model.field`."""

    id: str
    title: Text
    purpose: Text
    legal_basis: tuple[Law, ...]
    subjects: Text
    categories: Text
    recipients: Text
    retention: Text
    fields: tuple[str, ...]

    @property
    def models(self) -> dict[str, list[str]]:
        """The fields by model, for a reader."""
        found: dict[str, list[str]] = {}
        for each in self.fields:
            model, _, field = each.rpartition(".")
            found.setdefault(model, []).append(field)
        return found


@cache
def activities() -> tuple[Activity, ...]:
    """Every activity, in the order of the file."""
    held = _read()
    return tuple(
        Activity(
            id=each["id"],
            legal_basis=tuple(Law(law["law"], law["seen"]) for law in each["legal_basis"]),
            fields=tuple(name for name, activity in _fields(held) if activity == each["id"]),
            **{name: each[name] for name in _TEXTS},
        )
        for each in held["activities"]
    )


@cache
def security() -> tuple[Text, ...]:
    """The measures that protect all of it (art. 32)."""
    return tuple(_read()["security"])


def declared() -> list[tuple[str, str]]:
    """Every field that the register tells of, as `model.field`, with the id of its activity."""
    return list(_fields(_read()))


def _read() -> dict[str, Any]:
    held: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return held


def _fields(held: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for model, by_activity in held["fields"].items():
        for activity, names in by_activity.items():
            for name in names:
                yield f"{model}.{name}", activity


def rows(activity: Activity, language: str) -> list[tuple[str, str]]:
    """An activity as labels and texts, in a language."""
    with translation.override(language):
        return [
            (_("Purpose"), activity.purpose[language]),
            (_("Legal basis"), "; ".join(law.said() for law in activity.legal_basis)),
            (_("Whose data"), activity.subjects[language]),
            (_("Kinds of data"), activity.categories[language]),
            (_("Recipients"), activity.recipients[language]),
            (_("How long it is kept"), activity.retention[language]),
        ]


def fields_text(activity: Activity) -> str:
    """The fields of an activity, model by model, in a line each."""
    return "\n".join(f"{model}: {', '.join(names)}" for model, names in activity.models.items())


def as_csv(controller: str, language: str) -> str:
    """The register as CSV: a row for each activity, and at the end its fields."""
    with translation.override(language):
        first, security_label, fields, by = _("Activity"), _("Security measures"), _("Fields"), _("Controller")
    labels = [label for label, _text in rows(activities()[0], language)]
    measures = " ".join(each[language] for each in security())
    return spreadsheet.as_csv(
        [
            [by, first, *labels, security_label, fields],
            *(
                [
                    controller,
                    activity.title[language],
                    *(text for _label, text in rows(activity, language)),
                    measures,
                    fields_text(activity),
                ]
                for activity in activities()
            ),
        ]
    )


def as_pdf(letterhead: Letterhead, language: str, on: date) -> bytes:
    """The register as a PDF (PDF/A-2a, PDF/UA-1) on the municipality's letterhead."""
    with translation.override(language):
        title, measures, fields = _("Register of processing activities"), _("Security measures"), _("Fields")
        number = _("Measure")
    chapters = [
        Chapter(
            activity.title[language],
            [
                *(Given(label, text) for label, text in rows(activity, language)),
                Given(fields, fields_text(activity)),
            ],
        )
        for activity in activities()
    ]
    said = [Given(f"{number} {n}", each[language]) for n, each in enumerate(security(), start=1)]
    metadata = CopyMetadata("", letterhead.municipality, "", on, note="")
    return render_case_copy(title, [*chapters, Chapter(measures, said)], metadata, letterhead, language)
