"""Tables that somebody sends as a file: CSV as spreadsheets write it, read with the line of each row.

UTF-8 or what Windows called ANSI (latin-1's heir, cp1252); semicolons, commas or tabs. Nothing is guessed of what the cells
say: a row that is not as the columns are is told by its line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from allmenning.basics.norwegian import fold

from .errors import (
    ColumnMissing,
    ColumnTwice,
    FileWrong,
    LooksLikeATotal,
    NotATable,
    Problem,
    QuotesNotClosed,
    WrongNumberOfCells,
)

LARGEST_FILE = 60_000_000
_TOTAL = re.compile(r"^(?:i alt|ialt|sum|sum totalt|total|totalt|totalsum|til saman|til sammen)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: its number in the file, and its cells by the name of the column; empty for a column that is left out."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def is_total(self, required: Collection[str]) -> bool:
        """Whether it looks like a line of totals, as spreadsheets have at the end: the word stands first, or something else that
        every row has is left out. (A supplier may be called Total AS.)"""
        said = [cell[:1] in "iIsStT" and _TOTAL.match(cell) for cell in self.cells.values() if cell]
        return any(said) and bool(said[0] or not all(self[name] for name in required))


def read_table(
    raw: bytes, columns: Mapping[str, Sequence[str]], *, file: str, optional: Sequence[str] = ()
) -> Iterator[Row | Problem]:
    """The rows of a table with such columns, and what is wrong with single lines, as they stand. Empty lines are passed over.

    columns: by our name for it, the names that it may have in the first line; in any order, whatever the case and accents.
    Raises FileWrong where it is no table, or where a column is missing that is not optional.
    """
    text = _text(raw, file)
    first = text.readline()
    text.seek(0)
    delimiter = max(";\t,", key=first.count)
    if not first.count(delimiter):
        raise FileWrong([Problem(1, NotATable())], file)
    # Strict: a quotation mark that is not closed would otherwise take the rest of the file into its cell, unseen.
    lines = _lines(csv.reader(text, delimiter=delimiter, strict=True), file)
    _line, head = next(lines)
    names = _columns(head, columns, optional, file)
    yield from _rows(lines, names, columns, [name for name in columns if name not in optional])


def _lines(reader: Any, file: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row, with the line that it begins on. Raises FileWrong with the line of the row that can't be read."""
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        said = NotATable() if "larger than" in str(error) else QuotesNotClosed()
        raise FileWrong([Problem(line, said)], file) from None


def _text(raw: bytes, file: str) -> io.TextIOWrapper:
    """Decoded while it is read: a large file takes several times its size as text."""
    if len(raw) > LARGEST_FILE or b"\0" in raw:
        raise FileWrong([Problem(0, NotATable())], file)
    try:
        raw.decode("utf-8-sig")
        encoding = "utf-8-sig"
    except UnicodeDecodeError:
        encoding = "cp1252"
    return io.TextIOWrapper(io.BytesIO(raw), encoding, errors="replace", newline="")


def called(name: str, columns: Mapping[str, Sequence[str]]) -> str:
    """A column as its first line may name it, in the language of who reads: our own names are the English ones."""
    return columns[name][0] if columns[name] and (get_language() or "en") != "en" else name


def _columns(
    head: Sequence[str], columns: Mapping[str, Sequence[str]], optional: Sequence[str], file: str
) -> list[str]:
    """Our name of each column of the first line; nothing for one that we have no use for."""
    ours = {fold(each): name for name, spellings in columns.items() for each in (name, *spellings)}
    names = [ours.get(fold(cell.strip()), "") for cell in head]
    missing = [name for name in columns if name not in names and name not in optional]
    if missing:
        wanted = ", ".join(called(name, columns) for name in columns if name not in optional)
        raise FileWrong([Problem(1, ColumnMissing(column=called(missing[0], columns), wanted=wanted))], file)
    twice = [name for name in columns if names.count(name) > 1]
    if twice:
        raise FileWrong([Problem(1, ColumnTwice(column=called(each, columns))) for each in twice], file)
    return names


def _rows(
    lines: Iterable[tuple[int, list[str]]], names: Sequence[str], columns: Iterable[str], required: Sequence[str]
) -> Iterator[Row | Problem]:
    empty = dict.fromkeys(columns, "")
    for line, raw in lines:
        cells = [cell.strip() for cell in raw]
        if not any(cells):
            continue
        row = Row(line, empty | {name: cell for name, cell in zip(names, cells, strict=False) if name})
        if row.is_total(required):
            yield Problem(line, LooksLikeATotal())
        elif len(cells) != len(names):
            yield Problem(line, WrongNumberOfCells(found=len(cells), wanted=len(names)))
        else:
            yield row
