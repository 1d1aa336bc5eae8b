"""`bin/bench`: how fast everything is on this machine, beside what the database itself can do."""

from __future__ import annotations

import argparse
import importlib
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from allmenning.basics.errors import AllmenningError
from allmenning.project import postgres
from allmenning.project.supervisor import StopAsked, stopping_on_signals
from demo.run import ROOT
from demo.screen import Screen

from . import kinds, report
from .flat import memory_over_time
from .stand import stand

# Commands of their own, each a module beside this one with `main(arguments) -> exit code`.
OTHERS = ("kill", "flood", "keys", "log", "share")
WHERE = ROOT / ".bench"


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given and given[0] in OTHERS:
        return int(importlib.import_module(f"bench.{given[0]}").main(given[1:]))
    options = parse(given)
    screen = Screen()
    try:
        with stopping_on_signals():
            return run(options, screen)
    except StopAsked:
        screen.say("Stopped.")
        return 130
    except AllmenningError as error:
        screen.fail(str(error))
        return 1


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/bench",
        description="Measure a whole system on this machine: web server, PostgreSQL (fsync on), 200,000 cases.",
        epilog=f"bin/bench {' | '.join(OTHERS)}: a command of its own; see its --help.",
    )
    names = list(kinds.KINDS)
    parser.add_argument("kinds", nargs="*", metavar="kind", help=f"{', '.join(names)}; all of them if none is named")
    parser.add_argument("--json", action="store_true", help="one object, for machines")
    parser.add_argument("--statements", action="store_true", help="show each SQL statement, and how often it is sent")
    parser.add_argument(
        "--requests", type=int, metavar="N", help="instead: memory of each worker over N requests of all kinds"
    )
    parser.add_argument("--seconds", type=float, default=5, help="how long each thing is measured (%(default)s)")
    parser.add_argument("--cases", type=int, default=kinds.CASES, help="in the municipality (%(default)s)")
    parser.add_argument("--workers", type=int, default=None, help="of the web server; one for each core if left out")
    parser.add_argument("--port", type=int, default=None, help="of the web server; a free one if left out")
    parser.add_argument("--data", type=Path, default=WHERE, metavar="DIR", help="where its data is kept (.bench)")
    parser.add_argument("--reset", action="store_true", help="remove that data first, and make it anew")
    options = parser.parse_args(arguments)
    if unknown := [each for each in options.kinds if each not in names]:
        parser.error(f"no such kind: {unknown[0]} (choose from {', '.join([*names, *OTHERS])})")
    options.kinds = options.kinds or names
    return options


def run(options: argparse.Namespace, screen: Screen) -> int:
    if options.reset and (options.data / "postgres").exists():
        postgres.forget(options.data / "postgres")
        shutil.rmtree(options.data)
    about = report.machine()
    with stand(
        options.data,
        kinds.TOWNS,
        workers=options.workers or about["cores"],
        lived=True,
        cases=options.cases,
        port=options.port,
        start=("sandbox", "web"),
    ) as system:
        bench = kinds.Bench(system, screen, options.seconds)
        if options.requests:
            return memory_over_time(bench, options.requests, as_json=options.json)
        rows = [row for kind in options.kinds for row in kinds.KINDS[kind](bench)]
    if options.json:
        print(json.dumps(report.as_object(rows, about), ensure_ascii=False))
        return 0
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    report.show(rows, about, console)
    if options.statements:
        report.show_statements(rows, console)
    return 0


if __name__ == "__main__":
    sys.exit(main())
