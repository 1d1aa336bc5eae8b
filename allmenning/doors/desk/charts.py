"""Assessments over time as a table, with a small line drawn for each item: never a sum, never an average.

The line says no more than the table does, so whoever does not see it misses nothing. It is drawn here: no script, and no
colour that carries a meaning. A score that does not count is never drawn; the line has a gap there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from allmenning.commons.catalogue.records import RecordKind, Score
from allmenning.journeys.recording import Shelf
from allmenning.municipal.cases.records import OpenedRecord
from allmenning.rules.forms.declared import in_language

WIDTH, HEIGHT, MARGIN = 160, 48, 6
MOST_DATES = 6  # columns of the table; the line goes over all


@dataclass(frozen=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """What is drawn of one item: parts of a line between counted scores that follow each other, and a dot for each."""

    parts: list[tuple[Point, Point]]
    dots: list[Point]


@dataclass(frozen=True)
class Item:
    """A row: the item, its score at each date (newest first), how it went, and its line."""

    title: str
    scores: list[Score | None]
    line: Line
    change: str  # "same", "more", "less" or empty: more help is needed, or less, than the time before


@dataclass(frozen=True)
class Chart:
    dates: list[date]
    items: list[Item]
    width: int = WIDTH
    height: int = HEIGHT


def chart_of(shelf: Shelf, language: str) -> Chart:
    """The chart of a kind, from what stands of it."""
    dated = sorted((each for each in shelf.records if each.row.starts), key=_when)
    newest = dated[::-1][:MOST_DATES]
    return Chart(
        [_when(each) for each in newest],
        [
            Item(
                in_language(shelf.form.specs[name,].title, language),
                [shelf.kind.score(each.answers.get(name)) for each in newest],
                line_of([(_when(each), shelf.kind.score(each.answers.get(name))) for each in dated], shelf.kind),
                _change([each.answers.get(name) for each in dated], shelf.kind),
            )
            for name in shelf.kind.items
        ],
    )


def _when(record: OpenedRecord) -> date:
    assert record.row.starts is not None
    return record.row.starts


def line_of(scores: Sequence[tuple[date, Score | None]], kind: RecordKind) -> Line:
    """The line of one item: time goes to the right, and the greatest score of the scale is at the top."""
    if not scores:
        return Line([], [])
    first, days = scores[0][0], max(1, (scores[-1][0] - scores[0][0]).days)
    counted = [score.score for score in kind.scale if score.counts]
    least, span = min(counted), max(1, max(counted) - min(counted))

    def point(day: date, score: Score | None) -> Point | None:
        if score is None or not score.counts:
            return None
        x = MARGIN + (WIDTH - 2 * MARGIN) * (day - first).days / days
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (score.score - least) / span
        return Point(round(x, 1), round(y, 1))

    points = [point(day, score) for day, score in scores]
    parts = [(one, next_) for one, next_ in pairwise(points) if one is not None and next_ is not None]
    return Line(parts, [each for each in points if each is not None])


def _change(values: Sequence[Any], kind: RecordKind) -> str:
    """How the last counted score is beside the one before it."""
    counted = [value for value in values if (score := kind.score(value)) is not None and score.counts]
    if len(counted) < 2:
        return ""
    before, last = counted[-2:]
    return "same" if before == last else "more" if last > before else "less"
