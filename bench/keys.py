"""`bin/bench keys`: a new key for an area with 100,000 cases, while the web server runs; how many a second."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from allmenning.basics.errors import AllmenningError
from allmenning.project.supervisor import StopAsked, stopping_on_signals
from demo.run import ROOT
from demo.screen import Screen

from .stand import System, stand

WHERE = ROOT / ".bench-keys"
TOWN, AREA = "averoy", "ordinary"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench keys", description=__doc__.partition(": ")[2])
    parser.add_argument("--cases", type=int, default=100_000, help="in the municipality (%(default)s)")
    parser.add_argument("--data", type=Path, default=WHERE, metavar="DIR", help="where its data is kept (.bench-keys)")
    parser.add_argument("--json", action="store_true", help="one object, for machines")
    options = parser.parse_args(arguments)
    screen = Screen()
    try:
        with (
            stopping_on_signals(),
            stand(options.data, [TOWN], workers=1, lived=True, cases=options.cases, start=("sandbox", "web")) as system,
        ):
            measured = measure(system)
    except StopAsked:
        return 130
    except AllmenningError as error:
        screen.fail(str(error))
        return 1
    if options.json:
        print(json.dumps(measured))
    else:
        screen.say(f"{measured['wrapped']:,} keys of cases wrapped again in {measured['seconds']:.1f} s:")
        screen.say(
            f"{measured['rate']:,.0f} a second, the start of the command included; {measured['left']} left over."
        )
    return 0 if measured["left"] == 0 else 1


def measure(system: System) -> dict[str, float]:
    """Rotate once. left: cases that are still wrapped by another key than most: 0 when all went well."""
    begun = time.perf_counter()
    said = json.loads(system.run("allmenning.doors.cli", "keys", "rotate", TOWN, "--area", AREA, "--json"))
    seconds = time.perf_counter() - begun
    with system.connect(TOWN) as connection:
        found = connection.execute(
            "select count(*) from cases_case where area = %s group by substr(wrapped_key, 1, 9) order by 1 desc", [AREA]
        ).fetchall()
    wrapped = sum(each["wrapped"] for each in said)
    return {"wrapped": wrapped, "seconds": seconds, "rate": wrapped / seconds, "left": sum(n for (n,) in found[1:])}


if __name__ == "__main__":
    sys.exit(main())
