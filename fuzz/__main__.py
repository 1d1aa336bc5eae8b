"""`bin/fuzz`: Schemathesis against the API of a whole system, at length. Exit code 1 when it finds anything."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from allmenning.basics.errors import AllmenningError
from allmenning.project.supervisor import StopAsked, stopping_on_signals
from bench.stand import stand
from demo.run import ROOT

from .run import run

MUNICIPALITY = "averoy"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bin/fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long, with other data each time (%(default)s)")
    parser.add_argument("--examples", type=int, default=50, help="random cases for each operation (%(default)s)")
    parser.add_argument("--seed", type=int, help="the same data again")
    parser.add_argument("--json", action="store_true", help="one object at the end, on standard output")
    parser.add_argument("--data", type=Path, default=ROOT / ".fuzz", metavar="DIR", help="where its data is (.fuzz)")
    parser.add_argument("--port", type=int, help="of the web server; a free one if left out")
    options = parser.parse_args(arguments)
    screen = sys.stderr if options.json else sys.stdout
    try:
        with (
            stopping_on_signals(),
            stand(options.data, [MUNICIPALITY], port=options.port, start=("sandbox", "web")) as system,
        ):
            print(f"Trying the API at {system.url} for {options.minutes:g} minutes …", file=screen, flush=True)
            client = system.client(MUNICIPALITY)
            tally = run(system.url, client.token, examples=options.examples, minutes=options.minutes, seed=options.seed)
    except StopAsked:
        print("Stopped.", file=sys.stderr)
        return 130
    except AllmenningError as error:
        print(error, file=sys.stderr)
        return 1
    for line in tally.lines():
        print(line, file=screen)
    if options.json:
        print(json.dumps(tally.as_json(), ensure_ascii=False))
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
