"""Everything that is tried, in order, on databases of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from . import (
    addresses,
    caches,
    files,
    folders,
    logs,
    managers,
    markup,
    protected,
    refusals,
    searching,
    sql,
    sweep,
    timings,
    wall,
)
from .scene import Scene
from .tally import Tally

Attack = Callable[[Scene, Tally, bool], object]
KINDS: dict[str, Attack] = {
    "markup": markup.attack,  # the first: while nobody has stopped a service yet
    "addresses": addresses.attack,
    "managers": managers.attack,
    "sql": sql.attack,
    "wall": wall.attack,
    "refusals": refusals.attack,
    "files": files.attack,
    "search": searching.attack,
    "caches": caches.attack,
    "timings": timings.attack,
    "folders": folders.attack,
    "protected": protected.attack,
    "sweep": sweep.attack,  # the last: nothing of what was tried may have left a trace elsewhere
}


def run(
    scene: Scene,
    kinds: list[str],
    brief: bool = False,
    say: Callable[[str], None] = lambda text: None,
    tally: Tally | None = None,
) -> Tally:
    """Try these kinds on a scene. `say` is told how it goes."""
    tally = Tally() if tally is None else tally
    with logs.watched(scene.canaries, tally):
        for kind in kinds:
            begun = time.monotonic()
            KINDS[kind](scene, tally, brief)
            say(f"{line_of(kind, tally)}{time.monotonic() - begun:>8.1f} s")
            if kind in tally.told:
                say(f"{'':<12}{tally.told[kind]}")
    say(line_of(logs.KIND, tally))
    return tally


def line_of(kind: str, tally: Tally) -> str:
    """What came of a kind, for the screen."""
    counts = f"{tally.attempts[kind]:>9,} attempts  {tally.rows_leaked[kind]:>3} rows  {tally.hints[kind]:>3} hints"
    return f"{kind:<12}{counts}"


@contextmanager
def databases() -> Iterator[None]:
    """Two empty municipalities and their commons, as the tests have them, for a command of its own."""
    from allmenning.tenancy.testing import A, B, TestDatabases

    held = TestDatabases()
    held.take()
    names = ("commons", A, B)
    try:
        for name in names:
            held.clean(name)
        yield
    finally:
        for name in names:
            held.clean(name)
        held.leave()
