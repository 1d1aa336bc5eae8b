"""`python -m bench.preparing averoy smola`: what a system to be measured needs and does not have yet.

Runs in a process of its own, told by the environment where (see `stand`). The same steps as the demo's, up to the first
municipality; then the given ones, with units, staff and services. Progress goes to standard error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from allmenning.basics.errors import AllmenningError
from demo import prepare
from demo.prepare import Step
from demo.screen import Report, Screen


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.preparing", description=__doc__.splitlines()[0])
    parser.add_argument("municipalities", nargs="+")
    options = parser.parse_args(arguments)
    prepare.set_up_django()
    from django.conf import settings

    screen = Screen()
    try:
        prepare.everything(settings.HOME, screen, steps(options.municipalities))
    except AllmenningError as error:
        screen.fail(str(error))
        return 1
    return 0


def steps(municipalities: Sequence[str]) -> list[Step]:
    """What the demo does before its first municipality, then one step for each of these."""
    return [*prepare.GROUND, *(_municipality(each) for each in municipalities)]


def _municipality(municipality: str) -> Step:
    def make(_: Path, __: Report) -> None:
        join(municipality)

    return Step(f"At work: {municipality}", make, ("demo/people.py",))


def join(municipality: str) -> None:
    """Keys, a database, a letterhead, units, staff and every service: a municipality that may begin tomorrow."""
    from allmenning.journeys import joining
    from allmenning.municipal.access.models import Unit
    from allmenning.tenancy import use
    from demo.people import PLACES
    from demo.seed import Town

    joining.join(municipality)
    with use(municipality, "administration"):
        is_at_work = Unit.objects.exists()
    if not is_at_work:
        Town(PLACES[municipality]).set_up()


if __name__ == "__main__":
    sys.exit(main())
