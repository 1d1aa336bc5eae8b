"""`bin/attack`: try everything at length, and say what came of it. Exit code 1 when something leaked or told."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import django

from allmenning.project import postgres

HOME = Path(__file__).resolve().parent.parent / ".test" / "attack"


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmenning.project.settings.test")
    if "ALLMENNING_TEST_HOME" in os.environ:
        return attack(arguments)
    os.environ["ALLMENNING_TEST_HOME"] = str(HOME)
    server = postgres.ensure(HOME / "postgres", throwaway=True)  # the tests' own is left in peace
    try:
        return attack(arguments)
    finally:
        server.stop()


def attack(arguments: list[str]) -> int:
    django.setup()
    from allmenning.journeys.testing import connected_registers, publish_services

    from . import protected, stolen, taken_out, tampering
    from .run import KINDS, databases, run
    from .scene import set_up
    from .tally import Tally

    parser = argparse.ArgumentParser(prog="bin/attack", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object at the end, on standard output")
    parser.add_argument("--brief", action="store_true", help="as bin/test does it")
    parser.add_argument(
        "--only",
        choices=[*KINDS, stolen.KIND, tampering.KIND],
        action="append",
        help="this kind alone; may be given again",
    )
    parser.add_argument("--taken-out", action="store_true", help="take out each guard in turn, and see a test turn red")
    chosen = parser.parse_args(arguments)
    if chosen.taken_out:
        return taken_out.main()
    screen = sys.stderr if chosen.json else sys.stdout

    def say(text: str) -> None:
        print(text, file=screen, flush=True)

    kinds = chosen.only or [*KINDS, *[stolen.KIND, tampering.KIND] * (not chosen.brief)]
    tally = Tally()
    if stolen.KIND in kinds:
        found = stolen.main(say)
        tally.tried(stolen.KIND, found.forms * found.pieces.total())
        for place, where, what in found.leaks:
            tally.leaked(stolen.KIND, f"{what} in {place}: {where}")
    if tampering.KIND in kinds:
        count, unfound = tampering.main(say)
        tally.tried(tampering.KIND, count)
        for each in unfound:
            tally.leaked(tampering.KIND, each)
    others = [kind for kind in KINDS if kind in kinds and kind != protected.KIND]
    # A family needs all services; what is tried before stops some. So it gets a municipality of its own.
    for inside in (others, [protected.KIND] * (protected.KIND in kinds)):
        if inside:
            with databases():
                publish_services()
                with connected_registers() as registers, set_up(registers) as scene:
                    run(scene, inside, chosen.brief, say, tally)
    for line in [*tally.said[:200], *(f"KNOWN {each}" for each in tally.known)]:
        print(line, file=screen)
    totals = (
        f"{tally.attempts.total():,} attempts, {tally.rows_leaked.total()} rows leaked, {tally.hints.total()} hints"
    )
    print(json.dumps(tally.as_json(), ensure_ascii=False) if chosen.json else totals)
    return 0 if tally.is_clean else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except postgres.PostgresError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
