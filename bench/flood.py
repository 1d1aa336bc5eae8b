"""`bin/bench flood`: what a flood on one municipality does to those who visit another.

Many connections ask for one municipality's pages as fast as they are answered, each time from another address, so that no rate by
address helps. One visitor reads another municipality's pages meanwhile, as before it began. The flood's process is niced,
since it shares the machine with what it floods; a connection that is turned away waits a moment, as a proxy's would.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote, urlsplit

from rich.console import Console

from allmenning.basics.errors import AllmenningError
from allmenning.project.supervisor import StopAsked, stopping_on_signals
from demo.run import ROOT
from demo.screen import Screen

from . import kinds, report
from .driving import everybody
from .measuring import Load, Measured, measure
from .stand import System, stand

FLOODED, VISITED = "smola", "averoy"
CONNECTIONS = 64
TURNED_AWAY_SECONDS = 0.2
AIM = 1.2  # p95 with the flood, as a share of p95 without


@dataclass(frozen=True)
class Flood:
    """What the flood got: answers and refusals (429, 503) a second."""

    served_per_s: float
    refused_per_s: float
    statuses: dict[str, int]


@dataclass(frozen=True)
class Result:
    """Times in ms of the visitor's pages without and with the flood, by kind of page."""

    page: str
    p50_ms: float
    p95_ms: float
    flooded_p50_ms: float
    flooded_p95_ms: float
    flood: Flood

    @property
    def ratio(self) -> float:
        return self.flooded_p95_ms / self.p95_ms


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(sys.argv[1:] if arguments is None else arguments)
    screen = Screen()
    try:
        with stopping_on_signals():
            results = run(options, screen)
    except StopAsked:
        screen.say("Stopped.")
        return 130
    except AllmenningError as error:
        screen.fail(str(error))
        return 1
    if options.json:
        told = [{**asdict(each), "ratio": round(each.ratio, 3)} for each in results]
        print(json.dumps({"aim": AIM, "machine": report.machine(), "pages": told}))
    else:
        show(results)
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/bench flood", description=f"A flood on {FLOODED}; how long pages of {VISITED} take meanwhile."
    )
    parser.add_argument("--json", action="store_true", help="one object, for machines")
    parser.add_argument("--seconds", type=float, default=3, help="how long each is measured at a time (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="how many times (%(default)s)")
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="of the flood (%(default)s)")
    parser.add_argument("--cases", type=int, default=2000, help="in the municipality that is visited (%(default)s)")
    parser.add_argument("--port", type=int, default=None, help="of the web server; a free one if left out")
    parser.add_argument(
        "--data", type=Path, default=ROOT / ".bench-flood", metavar="DIR", help="where its data is kept"
    )
    return parser.parse_args(arguments)


def run(options: argparse.Namespace, screen: Screen) -> list[Result]:
    """Measure each kind of page without the flood and with it, by turns, since a machine is not equally fast all the time."""
    workers = os.cpu_count() or 1
    with stand(
        options.data, (VISITED, FLOODED), workers=workers, lived=True, cases=options.cases, port=options.port,
        start=("sandbox", "web"),
    ) as system:  # fmt: skip
        results = []
        for page, loads in pages(kinds.Bench(system, screen, options.seconds)).items():
            with screen.step(page):
                rounds = [
                    (measure(system, loads, seconds=options.seconds), *flooded(system, loads, options))
                    for _ in range(options.rounds)
                ]
            results.append(result(page, rounds))
        return results


def result(page: str, rounds: Sequence[tuple[Measured, Measured, Flood]]) -> Result:
    """The medians of all rounds."""
    calm, with_flood, floods = (
        [one for one, _, _ in rounds],
        [one for _, one, _ in rounds],
        [one for _, _, one in rounds],
    )
    statuses = sum((Counter(each.statuses) for each in floods), Counter[str]())
    return Result(
        page,
        p50_ms=median(each.p50_ms for each in calm),
        p95_ms=median(each.p95_ms for each in calm),
        flooded_p50_ms=median(each.p50_ms for each in with_flood),
        flooded_p95_ms=median(each.p95_ms for each in with_flood),
        flood=Flood(
            median(each.served_per_s for each in floods), median(each.refused_per_s for each in floods), dict(statuses)
        ),
    )


def pages(bench: kinds.Bench) -> dict[str, list[Load]]:
    """One visitor for each kind of page, all of the municipality that is not flooded."""
    desk = kinds.desk_pages(bench)
    searches = [f"/search/?in={VISITED}&q={quote(words)}" for words in kinds.SEARCHES]
    return {
        "front page": [visitor([f"/{VISITED}/"])],
        "a service": [visitor([f"/{VISITED}/services/{service}/" for service in kinds.FORMS])],
        "search": [visitor(searches)],
        "work list": desk["work list"][:1],
        "open a case": desk[kinds.OPEN_A_CASE][:1],
    }


def visitor(addresses: Sequence[str]) -> Load:
    return Load("visits", {"addresses": [[address, {}] for address in addresses]})


def flooded(system: System, loads: Sequence[Load], options: argparse.Namespace) -> tuple[Measured, Flood]:
    """Measure while the flood goes on."""
    command = [sys.executable, "-m", "bench.flood", "--drive", system.url, str(options.connections)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as flood:  # noqa: S603
        try:
            assert flood.stdout is not None
            flood.stdout.readline()  # it has begun
            seen = measure(system, loads, seconds=options.seconds)
        finally:
            told, _ = flood.communicate("stop\n")
    return seen, Flood(**json.loads(told))


# --- the flood itself, in a process of its own ---


def drive(url: str, connections: int) -> None:
    """Ask on many connections at once until told to stop; then say what came of it."""
    os.nice(19)
    parts, wanted = urlsplit(url), selectors.DefaultSelector()
    wanted.register(sys.stdin, selectors.EVENT_READ, None)
    paths = [f"/{FLOODED}/", f"/{FLOODED}/services/inquiry/", f"/search/?in={FLOODED}&q=barnehage"]
    visitors, statuses, waiting = everybody(1), Counter[str](), list[tuple[float, Asking]]()
    every = [Asking((str(parts.hostname), int(parts.port or 80)), parts.netloc) for _ in range(connections)]
    for number, each in enumerate(every):
        each.ask(paths[number % len(paths)], next(visitors))
        wanted.register(each.socket, selectors.EVENT_READ, each)
    begun = time.monotonic()
    while True:
        ready = wanted.select(0.02)
        for key, _ in ready:
            if key.data is None:
                return tell(statuses, time.monotonic() - begun)
            if status := key.data.answered():
                statuses[status] += 1
                if sum(statuses.values()) == connections:
                    print("begun", flush=True)
                later = TURNED_AWAY_SECONDS if status in ("429", "503") else 0
                waiting.append((time.monotonic() + later, key.data))
        now = time.monotonic()
        for _at, each in [entry for entry in waiting if entry[0] <= now]:
            each.ask(paths[sum(statuses.values()) % len(paths)], next(visitors))
        waiting = [entry for entry in waiting if entry[0] > now]


class Asking:
    """One connection of the flood, and how much of an answer it still waits for."""

    def __init__(self, address: tuple[str, int], host: str) -> None:
        self.socket = socket.create_connection(address)
        self._host, self._seen, self._left = host, b"", -1

    def ask(self, path: str, visitor: str) -> None:
        head = f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\nX-Forwarded-For: {visitor}\r\n\r\n"
        self._seen, self._left = b"", -1
        self.socket.sendall(head.encode())

    def answered(self) -> str:
        """Read what there is. The status when the answer is whole; else nothing."""
        piece = self.socket.recv(262_144)
        if not piece:
            raise ConnectionError("the server closed a connection of the flood")
        if self._left >= 0:
            self._left -= len(piece)
        else:
            self._seen += piece
            head, found, body = self._seen.partition(b"\r\n\r\n")
            if not found:
                return ""
            lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            self._left = int(lengths[0].partition(b":")[2]) - len(body)
        return self._seen[9:12].decode() if self._left == 0 else ""


def tell(statuses: Counter[str], seconds: float) -> None:
    refused = statuses["429"] + statuses["503"]
    served = statuses.total() - refused
    flood = Flood(round(served / seconds, 1), round(refused / seconds, 1), dict(statuses))
    print(json.dumps(asdict(flood)), flush=True)


def show(results: Sequence[Result]) -> None:
    lines: list[Any] = [("page", "p50", "p95", "flooded p50", "flooded p95", "ratio", "flood: served/s", "refused/s")]
    for each in results:
        times = (each.p50_ms, each.p95_ms, each.flooded_p50_ms, each.flooded_p95_ms)
        lines.append(
            (each.page, *(f"{ms:.1f} ms" for ms in times), f"{each.ratio:.2f}",
             f"{each.flood.served_per_s:.0f}", f"{each.flood.refused_per_s:.0f}")
        )  # fmt: skip
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    for line in lines:
        console.print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))
    ratios = [each.ratio for each in results]
    console.print(f"p95 with the flood: {median(ratios):.2f} times that without (median); aim {AIM}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--drive"]:
        drive(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(main())
