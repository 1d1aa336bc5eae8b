"""`bin/bench log`: what the log costs who reads and who writes, and how soon a row is sealed.

Two web servers stand beside each other on the same data: the platform's own, and one whose log was taken out in its memory
(`unlogged`). They are asked by turns, a few seconds each, so that whatever else the machine does falls on both. What is told is
the median of all pairs. That the one writes a row for each operation and the other none is counted in the database.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import median
from uuid import UUID

from rich.console import Console

from allmenning.basics.errors import AllmenningError
from allmenning.project import postgres
from allmenning.project.supervisor import Program, StopAsked, stopping_on_signals
from demo.people import PLACES
from demo.run import ROOT
from demo.screen import Screen

from . import kinds, processes, report
from .measuring import Failed, Load, measure, percentile
from .people import people
from .stand import System, stand

TOWN = kinds.TOWNS[0]
READING_MS, WRITING, SEALED_SECONDS = 5.0, 0.15, 1.0  # the limits
UNLOGGED, SEALING = "unlogged", "sealing"
WRITERS = 8
RATES = (1, 20, 200)  # rows a second, in all municipalities together
SEALED_WITHIN = 30.0  # seconds after which a row that is not sealed is a failure
STANDS = ("sandbox", "first-witness", "second-witness", "web")


@dataclass(frozen=True)
class Side:
    """What an operation cost, with or without the log. CPU in ms: of the web server, PostgreSQL and the sealer."""

    p50_ms: float
    p95_ms: float
    per_s: float
    cpu_ms: float
    operations: int
    rows: int


@dataclass(frozen=True)
class Compared:
    """One thing that was done with the log and without. Medians over all pairs."""

    what: str
    clients: int
    with_log: Side
    without: Side
    added_p95_ms: float
    slower: float  # share of the operations a second that is lost
    more_cpu: float

    @property
    def is_writing(self) -> bool:
        return self.clients > 1

    @property
    def is_within(self) -> bool:
        return self.more_cpu <= WRITING if self.is_writing else self.added_p95_ms <= READING_MS


@dataclass(frozen=True)
class Sealed:
    """Seconds from a row to the head that has it. per_s: rows that were written a second, in so many municipalities."""

    what: str
    municipalities: int
    per_s: float
    rows: int
    median_s: float
    p95_s: float
    most_s: float
    sealer_cpu: float  # share of one core

    @property
    def is_within(self) -> bool:
        return self.most_s <= SEALED_SECONDS


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all figures are within their limits; 1 when one is not, or it could not be measured. A short run judges none."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    screen = Screen()
    try:
        with stopping_on_signals():
            compared, sealed = run(options, screen)
    except StopAsked:
        screen.say("Stopped.")
        return 130
    except AllmenningError as error:
        screen.fail(str(error))
        return 1
    if options.json:
        told = {"machine": report.machine(), "compared": compared, "sealed": sealed}
        print(json.dumps(told, default=asdict))
    else:
        show(compared, sealed)
    if options.short:
        return 0
    for what in over(compared, sealed):
        screen.fail(f"Over its limit: {what}.")
    return 1 if over(compared, sealed) else 0


def over(compared: Sequence[Compared], sealed: Sequence[Sealed]) -> list[str]:
    """What is above its limit."""
    return [each.what for each in compared if not each.is_within] + [one.what for one in sealed if not one.is_within]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/bench log", description=(__doc__ or "").partition(": ")[2].split("\n")[0]
    )
    parser.add_argument("--json", action="store_true", help="one object, for machines")
    parser.add_argument("--short", action="store_true", help="in less than a minute, to try it: too short to judge by")
    parser.add_argument("--seconds", type=float, help="how long each side is measured at a time (4)")
    parser.add_argument("--rounds", type=int, help="how many times (8)")
    parser.add_argument("--cases", type=int, default=20_000, help="in the municipality (%(default)s)")
    parser.add_argument("--municipalities", type=int, help="whose logs are sealed side by side (20)")
    parser.add_argument("--port", type=int, default=None, help="of the web server; a free one if left out")
    parser.add_argument("--data", type=Path, default=ROOT / ".bench-log", metavar="DIR", help="where its data is kept")
    options = parser.parse_args(arguments)
    for name, short, long in (("seconds", 1.5, 4.0), ("rounds", 2, 8), ("municipalities", 3, 20)):
        if getattr(options, name) is None:
            setattr(options, name, short if options.short else long)
    return options


def run(options: argparse.Namespace, screen: Screen) -> tuple[list[Compared], list[Sealed]]:
    """Raises Failed, CannotStand."""
    workers = os.cpu_count() or 1
    towns = list(PLACES)[: options.municipalities]
    with stand(
        options.data, [TOWN], workers=workers, lived=True, cases=options.cases, port=options.port, start=STANDS
    ) as system:
        system.prepare([TOWN, *(each for each in towns if each != TOWN)], lived=False, cases=0)
        without = started_without(system, workers)
        bench = Bench(system, without, options.seconds, options.rounds)
        with screen.step("until what was there is sealed"):
            bench.wait_until_sealed(towns, within=600)
        compared, sealed = [], []
        loads = kinds.desk_pages(kinds.Bench(system, screen, options.seconds))
        for what, some in loads.items():
            with screen.step(what):
                compared.append(bench.compare(what, lambda some=some: some[:1]))  # type: ignore[misc]
        with screen.step("submissions"):
            since = Moment.now(system)
            compared.append(bench.compare("submission", Submissions(system, options.seconds)))
            sealed.append(bench.sealed_since(since, "applications, eight at once", [TOWN]))
        for per_s in RATES:
            for where in ([TOWN], towns):
                with screen.step(f"{per_s} rows a second in {len(where)} municipalities"):
                    sealed.append(bench.seal("rows of readings", where, per_s))
    return compared, sealed


def started_without(system: System, workers: int) -> System:
    """The same system as seen by the clients of the server without a log. The worker rests; its sealing goes on."""
    port = next(number for number in range(system.place.port + 5, 65_000) if postgres.is_free(number))
    environment = {**system.environment, "ALLMENNING_URL": f"http://localhost:{port}"}
    serve = [sys.executable, "-m", "bench.unlogged", "serve", "--port", str(port), "--workers", str(workers)]
    system.supervisor.start(Program(UNLOGGED, serve, environment, health=(port, "/readyz")))
    system.supervisor.start(Program(SEALING, [sys.executable, "-m", "bench.sealing"], system.environment))
    system.supervisor.wait_until_healthy()
    return replace(system, place=replace(system.place, port=port))


class Submissions:
    """Applications to send, each from somebody who has not sent one: so many clients, anew at each call."""

    def __init__(self, system: System, seconds: float) -> None:
        self._crowd, self._sender, self._content = people(), system.client(TOWN), kinds.attachment()
        self._count = round(seconds * 500) + 100

    def __call__(self) -> list[Load]:
        return [
            Load("submissions", kinds.submissions(self._sender, self._content, list(islice(self._crowd, self._count))))
            for _ in range(WRITERS)
        ]


@dataclass
class Bench:
    """The system with the log, and as those see it who are served without."""

    system: System
    without: System
    seconds: float
    rounds: int

    def compare(self, what: str, loads: Callable[[], list[Load]]) -> Compared:
        """Do it on both sides by turns. Raises Failed when one side logs what it should not, or the other does not."""
        pairs = []
        for number in range(self.rounds):
            order = (True, False) if number % 2 == 0 else (False, True)
            seen = {logs: self._measured(loads(), logs=logs) for logs in order}
            pairs.append((seen[True], seen[False]))
        _require_the_difference(what, pairs)
        one, other = (_side([pair[n] for pair in pairs]) for n in (0, 1))
        return Compared(
            what,
            len(loads()),
            one,
            other,
            added_p95_ms=median(a.p95_ms - b.p95_ms for a, b in pairs),
            slower=1 - median(a.per_s / b.per_s for a, b in pairs),
            more_cpu=median(a.cpu_ms / b.cpu_ms for a, b in pairs) - 1,
        )

    def _measured(self, loads: list[Load], *, logs: bool) -> Side:
        """CPU is that of all operations, those that warmed up among them, until the rows are sealed."""
        rows, operations = self.count_rows(), sum(load.warm for load in loads)
        before = self._cpu()
        seen = measure(self.system if logs else self.without, loads, seconds=self.seconds)
        operations += seen.operations
        if logs:
            self.wait_until_sealed([TOWN])
        cpu_ms = 1000 * (self._cpu() - before) / operations
        return Side(seen.p50_ms, seen.p95_ms, seen.per_s, cpu_ms, operations, self.count_rows() - rows)

    def seal(self, what: str, towns: Sequence[str], per_s: float) -> Sealed:
        """Write rows for a while, and see how soon each is sealed."""
        since = Moment.now(self.system)
        self.system.run("bench.inside", "rows", str(per_s), str(self.seconds * 2), *towns)
        return self.sealed_since(since, what, towns)

    def sealed_since(self, since: Moment, what: str, towns: Sequence[str]) -> Sealed:
        """Of the rows that were written since a moment."""
        cpu = processes.cpu_seconds(self.system.processes[SEALING]) - since.sealer_cpu
        seconds = time.monotonic() - since.at
        self.wait_until_sealed(towns)
        rows = sorted(row for town in towns for row in self._rows(town, since))
        if not rows:
            raise Failed(said=f"no row was written: {what}")
        span, times = rows[-1][0] - rows[0][0], sorted(took for _, took in rows)
        per_s = (len(rows) - 1) / span if span else float(len(rows))
        return Sealed(
            what, len(towns), per_s, len(rows), median(times), percentile(times, 95), times[-1], cpu / seconds
        )

    def _rows(self, town: str, since: Moment) -> list[tuple[float, float]]:
        """When each was written, and the seconds until it was sealed."""
        with self.system.connect(town) as connection:
            return [(float(at), float(took)) for at, took in connection.execute(_ROWS, [since.id, since.clock])]

    def wait_until_sealed(self, towns: Sequence[str], within: float = SEALED_WITHIN) -> None:
        """Raises Failed when it takes longer."""
        # All that there is, at first; later a look at the newest is enough, and costs who is measured nothing.
        since, until = first_id(0 if within > SEALED_WITHIN else time.time() - 60), time.monotonic() + within
        for town in towns:
            with self.system.connect(town) as connection:
                while connection.execute(_UNSEALED, [since]).fetchone() != (False,):
                    if time.monotonic() > until:
                        raise Failed(said=f"rows of {town} are not sealed after {within:.0f} seconds")
                    time.sleep(0.05)

    def count_rows(self) -> int:
        """Rows of the municipality's log."""
        with self.system.connect(TOWN) as connection:
            found = connection.execute("select count(*) from access_logentry").fetchone()
        return int(found[0]) if found else 0

    def _cpu(self) -> float:
        counted = ("web", UNLOGGED, SEALING, "postgres")
        return sum(processes.cpu_seconds(self.system.processes[name]) for name in counted)


_UNSEALED = """
    select exists (
        select from access_logentry e where e.id >= %s and not exists (select from access_logleaf l where l.id = e.id))"""
_ROWS = """
    select extract(epoch from e.at), extract(epoch from h.at - e.at)
    from access_logentry e join access_logleaf l on l.id = e.id
    cross join lateral (select at from access_loghead where size > l.number order by size limit 1) h
    where e.id >= %s and e.at >= to_timestamp(%s)"""


@dataclass(frozen=True)
class Moment:
    """When something began: by the clock, as the smallest id of a row, and what the sealer had cost until then."""

    at: float
    clock: float
    id: UUID
    sealer_cpu: float

    @classmethod
    def now(cls, system: System) -> Moment:
        clock = time.time()
        return cls(time.monotonic(), clock, first_id(clock), processes.cpu_seconds(system.processes[SEALING]))


def first_id(clock: float) -> UUID:
    """The smallest id that a row of a time can have (UUIDv7)."""
    return UUID(int=int(clock * 1000) << 80)


def _side(seen: Sequence[Side]) -> Side:
    figures = {name: median(getattr(each, name) for each in seen) for name in ("p50_ms", "p95_ms", "per_s", "cpu_ms")}
    return Side(**figures, operations=sum(s.operations for s in seen), rows=sum(s.rows for s in seen))


def _require_the_difference(what: str, pairs: Sequence[tuple[Side, Side]]) -> None:
    """Else something else was compared than the log. Raises Failed."""
    for with_log, without in pairs:
        if with_log.rows < with_log.operations or without.rows:
            raise Failed(
                said=f"{what}: {with_log.rows} rows for {with_log.operations} operations with the log,"
                f" {without.rows} for {without.operations} without"
            )


def show(compared: Sequence[Compared], sealed: Sequence[Sealed]) -> None:
    """Tables with the limit beside each figure that has one."""
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    about = report.machine()
    console.print(f"{about['date']}, {about['processor']}, {about['cores']} cores, load {about['load']}\n")
    lines: list[tuple[str, ...]] = [
        (
            "",
            "clients",
            "p95 with",
            "without",
            "added",
            "limit",
            "a second with",
            "without",
            "lost",
            "more CPU",
            "limit",
        )
    ]
    for each in compared:
        reading = ("", f"{WRITING:.0%}") if each.is_writing else (f"{READING_MS:.0f} ms", "")
        lines.append(
            (each.what, str(each.clients), f"{each.with_log.p95_ms:.1f} ms", f"{each.without.p95_ms:.1f} ms",
             f"{each.added_p95_ms:+.2f} ms", reading[0], f"{each.with_log.per_s:.1f}", f"{each.without.per_s:.1f}",
             f"{each.slower:.1%}", f"{each.more_cpu:.1%}", reading[1])
        )  # fmt: skip
    _table(console, lines)
    lines = [("", "municipalities", "rows a second", "rows", "median", "p95", "longest", "limit", "sealer's CPU")]
    for one in sealed:
        lines.append(
            (one.what, str(one.municipalities), f"{one.per_s:.1f}", str(one.rows), f"{one.median_s:.2f} s",
             f"{one.p95_s:.2f} s", f"{one.most_s:.2f} s", f"{SEALED_SECONDS:.0f} s",
             f"{one.sealer_cpu:.1%} of a core")
        )  # fmt: skip
    console.print()
    _table(console, lines)


def _table(console: Console, lines: Sequence[Sequence[str]]) -> None:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        console.print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
