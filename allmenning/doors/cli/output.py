"""What commands write: results to standard output, progress and errors to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

Report = Callable[[int, int, str], None]
"""`report(done, total, what)`: how far a command has come, and what it did last."""

STYLES = {"ok": "green", "warning": "yellow", "failed": "bold red"}
MARKS = {"ok": "✓", "warning": "!", "failed": "✗"}


def say(text: str) -> None:
    Console(highlight=False).print(Text(text), soft_wrap=True)


def complain(text: str) -> None:
    Console(stderr=True, highlight=False).print(Text(text), soft_wrap=True)


def write_json(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def write_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table as wide as it needs to be; nothing is cut off when it goes to a file."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console = Console(highlight=False)
    console.print(table, width=None if console.is_terminal else 200)


def write_findings(rows: Iterable[tuple[str, str, str]]) -> None:
    """State, what was looked at, and what was found; a screen of them."""
    table = Table.grid(padding=(0, 2))
    for state, name, said in rows:
        table.add_row(Text(MARKS[state], style=STYLES[state]), name, Text(said))
    Console(highlight=False).print(table)


@contextmanager
def progress(what: str, *, quiet: bool = False) -> Iterator[Report]:
    """A bar while something goes on; nothing where nobody watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda done, total, name: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[at]}", style="dim"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None, at="", count="")

        def report(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total or None, at=name, count=f"{done}/{total or '…'}")

        yield report
