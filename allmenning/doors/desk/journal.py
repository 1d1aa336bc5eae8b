"""The journal of a case as its page shows it: the newest first, of one kind or all, with what is being corrected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from allmenning.basics import dates
from allmenning.commons.catalogue.notes import kinds_of
from allmenning.journeys.casework import CaseView
from allmenning.municipal.cases.queries import KeptNote, OpenedNote, as_corrected
from allmenning.web.filling import language

FIELDS = ("note", "kind", "happened", "concerns", "whom", "about_them")


@dataclass(frozen=True)
class Filter:
    """A kind of note that the journal has, and how many. `id` is empty for all."""

    id: str
    title: str
    count: int


def shown(view: CaseView, kind: str, correcting: str) -> dict[str, Any]:
    """What the template needs. kind: the only one to show; unknown: all. correcting: the id of the note to write anew."""
    kinds = {each: title[language()] for each, title in kinds_of(view.offered.package).items()}
    kept = as_corrected(view.notes)
    counted = Counter(each.last.row.kind for each in kept)
    chosen = kind if kind in counted else ""
    notes = [each for each in kept if chosen in ("", each.last.row.kind)]
    return {
        "note_kinds": kinds,
        "notes": notes,
        "notes_of": chosen,
        "note_filters": [Filter(each, title, counted[each]) for each, title in kinds.items() if counted[each]],
        "all_notes": len(kept),
        "correcting": _one(notes, correcting),
    }


def as_typed(note: OpenedNote) -> dict[str, str | list[str]]:
    """A note as its form shows it, to be corrected."""
    return {
        "note": note.text,
        "kind": note.row.kind,
        "happened": field_of(note.row.happened_at),
        "whom": note.whom,
        "about_them": note.about_them,
        "concerns": [str(each) for each in note.row.concerns],
    }


def field_of(at: datetime) -> str:
    """A moment as a field for day and time shows it."""
    return at.astimezone(dates.OSLO).strftime("%Y-%m-%dT%H:%M")


def _one(notes: list[KeptNote], wanted: str) -> UUID | None:
    return next((each.last.row.id for each in notes if str(each.last.row.id) == wanted), None)
