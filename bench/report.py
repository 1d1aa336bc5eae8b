"""What was measured, for people as a table with the aim beside each figure, and for machines as one object."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .kinds import Aim, Row

MEMORY_MB = 150  # at most, of a worker of the web server
COLUMNS = "what|clients|per s|limit|ratio|SQL|p50 ms|p95 ms|p99 ms|app CPU|PG CPU|worker MB|aim"


def machine() -> dict[str, Any]:
    """What it was measured on. load: of the machine when the measuring began, over one minute."""
    return {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def as_object(rows: Iterable[Row], about: dict[str, Any]) -> dict[str, Any]:
    """`{"submit": {"1": {…}, "8": {…}}, "desk": {"work list": {"1": {…}, …}}}`: by kind, thing, and number of clients."""
    made: dict[str, Any] = {"machine": about}
    for row in rows:
        place = made.setdefault(row.kind, {})
        if row.what:
            place = place.setdefault(row.what, {})
        place[str(row.measured.clients)] = _figures(row)
    return made


def _figures(row: Row) -> dict[str, Any]:
    measured = row.measured
    return {
        "per_s": round(measured.per_s, 1),
        "limit_per_s": _rounded(row.limit_per_s, 1),
        "ratio": _rounded(row.ratio, 3),
        "statements": _rounded(measured.statements, 2),
        "transactions": _rounded(measured.transactions, 2),
        "p50_ms": round(measured.p50_ms, 2),
        "p95_ms": round(measured.p95_ms, 2),
        "p99_ms": round(measured.p99_ms, 2),
        "app_cpu_ms": round(measured.app_cpu_ms, 2),
        "postgres_cpu_ms": round(measured.postgres_cpu_ms, 2),
        "client_cpu_ms": round(measured.client_cpu_ms, 2),
        "rss_mb": round(measured.rss_mb, 1),
        "memory_mb": {
            name: [{"rss": round(each.rss_mb, 1), "pss": round(each.pss_mb, 1)} for each in held]
            for name, held in measured.memory.items()
        },
        "operations": measured.operations,
        **({"no_limit": row.why_no_limit} if row.why_no_limit else {}),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def show(rows: Sequence[Row], about: dict[str, Any], console: Console) -> None:
    """The table. What has reached its aim is green, what has not is red."""
    table = Table(title=title(about), title_justify="left", box=None, pad_edge=False)
    for name in COLUMNS.split("|"):
        table.add_column(name, justify="left" if name in ("what", "aim") else "right", no_wrap=name != "aim")
    for row in rows:
        table.add_row(*_cells(row))
    console.print(table)
    for row in rows:
        if row.why_no_limit:
            console.print(Text(f"{_name(row)}: {row.why_no_limit}", style="yellow"), soft_wrap=True)


def title(about: dict[str, Any]) -> str:
    return (
        f"{about['date']}, {about['cores']} cores ({about['processor']}), load {about['load']} when it began; "
        "CPU in ms of one operation"
    )


def _cells(row: Row) -> list[str | Text]:
    measured = row.measured
    return [
        _name(row),
        str(measured.clients),
        f"{measured.per_s:.1f}",
        "–" if row.limit_per_s is None else f"{row.limit_per_s:.0f}",
        "–" if row.ratio is None else f"{row.ratio:.2f}",
        "–" if measured.statements is None else f"{measured.statements:.1f}",
        f"{measured.p50_ms:.1f}",
        f"{measured.p95_ms:.1f}",
        f"{measured.p99_ms:.1f}",
        f"{measured.app_cpu_ms:.2f}",
        f"{measured.postgres_cpu_ms:.2f}",
        f"{measured.rss_mb:.0f}",
        aims(row),
    ]


def _name(row: Row) -> str:
    return f"{row.kind}: {row.what}" if row.what else row.kind


def aims(row: Row) -> Text:
    """Each aim of a row with whether it is reached. Those about time are for one client, those about rates for many."""
    said = Text()
    for what, is_reached in _judged(row.aim, row):
        if said:
            said.append(", ")
        said.append(f"{'✓' if is_reached else '✗'} {what}", style="green" if is_reached else "red")
    return said


def _judged(aim: Aim, row: Row) -> Iterable[tuple[str, bool]]:
    measured = row.measured
    if aim.per_s is not None and measured.clients > 1:
        yield f"≥ {aim.per_s:.0f}/s", measured.per_s >= aim.per_s
    if aim.ratio is not None and measured.clients > 1 and row.ratio is not None:
        yield f"≥ {aim.ratio:.2f} of the limit", row.ratio >= aim.ratio
    if aim.statements is not None and measured.statements is not None:
        yield f"≤ {aim.statements} SQL", measured.statements <= aim.statements
    if aim.p95_ms is not None and measured.clients == 1:
        yield f"p95 < {aim.p95_ms:.0f} ms", measured.p95_ms < aim.p95_ms
    if measured.memory and row.kind != "letters":
        yield f"< {MEMORY_MB} MB", measured.rss_mb < MEMORY_MB


def show_statements(rows: Iterable[Row], console: Console) -> None:
    """Every SQL statement of each thing, with how often one operation sends it."""
    for row in rows:
        if row.measured.clients == 1 and row.texts:
            console.print(Text(f"\n{_name(row)}", style="bold"))
            for text, number in row.texts:
                console.print(Text(f"{number:6.2f}  {' '.join(text.split())}"), soft_wrap=True)
