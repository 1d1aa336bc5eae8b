"""`python -m bench.preparing averoy smola`: what a system to be measured needs and does not have yet.

Runs in a process of its own, told by the environment where (see `stand`). The same steps as the demo's, up to the first
municipality; then the given ones, with units, staff and services. Progress goes to standard error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg
from django.db import connections

from allmenning.basics.errors import AllmenningError
from demo import prepare
from demo.prepare import Step
from demo.screen import Report, Screen


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.preparing", description=__doc__.splitlines()[0])
    parser.add_argument("municipalities", nargs="*")
    parser.add_argument("--lived", action="store_true", help="with half a year of cases in each, as in the demo")
    parser.add_argument("--cases", type=int, default=0, help="how many the first one has, made in bulk; with --lived")
    options = parser.parse_args(arguments)
    prepare.set_up_django()
    from django.conf import settings

    screen = Screen()
    try:
        prepare.everything(settings.HOME, screen, steps(options.municipalities, options.lived, options.cases))
    except AllmenningError as error:
        screen.fail(str(error))
        return 1
    return 0


def steps(municipalities: Sequence[str], lived: bool, cases: int) -> list[Step]:
    """What the demo does before its first municipality, then these municipalities, then their cases."""
    made = [*prepare.GROUND, *(_municipality(each, lived) for each in municipalities)]
    return [*made, _cases(municipalities[0], cases)] if cases else made


def _municipality(municipality: str, lived: bool) -> Step:
    def make(_: Path, report: Report) -> None:
        join(municipality, lived, report)

    return Step(f"{'Half a year' if lived else 'At work'} in {municipality}", make, ("demo/people.py", "demo/seed.py"))


def join(municipality: str, lived: bool, report: Report) -> None:
    """Keys, a database, a letterhead, units, staff and every service: a municipality that may begin tomorrow.

    lived: with the cases of half a year besides, each made by the journeys themselves.
    """
    from allmenning.journeys import joining, outside
    from allmenning.municipal.access.models import Unit
    from allmenning.tenancy import use
    from demo import registers
    from demo.people import PLACES
    from demo.seed import BUSY, QUIET, Town

    joining.join(municipality)
    with use(municipality, "administration"):
        if Unit.objects.exists():
            return
    town = Town(PLACES[municipality])
    if not lived:
        town.set_up()
        return
    outside.connect(registers.outside())
    for done, _ in enumerate(town.live(), start=1):
        connections.close_all()
        report(done, BUSY.get(municipality, QUIET))


def _cases(municipality: str, count: int) -> Step:
    def make(_: Path, report: Report) -> None:
        from allmenning.tenancy.placement import admin_dsn, placement_of

        from .cases import multiply, seal_without_rows

        placed = placement_of(municipality)
        with psycopg.connect(admin_dsn(placed.server, placed.database), autocommit=True) as connection:
            seal_without_rows(municipality, connection, "ordinary")
            multiply(connection, "ordinary", count, report)

    return Step(f"{count:,} cases in {municipality}", make, ("bench/cases.py",))


if __name__ == "__main__":
    sys.exit(main())
