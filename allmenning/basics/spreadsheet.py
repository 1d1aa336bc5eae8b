"""CSV that a spreadsheet opens as what it is: text and numbers, and never a formula.

Excel, LibreOffice and others run a cell that begins with one of `= + - @`, a tab or a carriage return, whoever wrote it
(OWASP: CSV injection). Such a text gets an apostrophe before it, which spreadsheets take as "this is text". A number is no
text, so a negative one stays a number. Every CSV that the platform writes is written here, and a guard test holds it so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

MEDIA_TYPE = "text/csv; charset=utf-8"
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full-width ones too
_NUMBER_SIGNS = "+-"


def as_csv(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV with semicolons, as Norwegian spreadsheets expect, and a byte order mark, so that they read æ, ø and å."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def cell(value: object) -> object:
    """A value that no spreadsheet runs."""
    if not isinstance(value, str) or not value.lstrip(" \u00a0").startswith(_RUNS) or _is_number(value):
        return value
    return f"'{value}"


def _is_number(text: str) -> bool:
    """A negative fraction too: digits on each side of a stroke can do nothing but be divided."""
    whole, _stroke, below = text[1:].partition("/")
    if text[:1] == "-" and below.isdecimal() and whole.isdecimal():
        return True
    return text[:1] in _NUMBER_SIGNS and text[1:].replace(",", "", 1).replace(".", "", 1).isdecimal()
