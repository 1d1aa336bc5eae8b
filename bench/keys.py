"""`bin/bench keys`: new keys for 100,000 cases, and a new master key, while others read and write; what fails, how fast.

First a rotation by itself, beside what PostgreSQL needs to write the same rows; then a rotation and a new master key while
one opens cases that are being wrapped again, and one sends applications in. Any answer but a yes is a failure.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

from allmenning.basics.errors import AllmenningError
from allmenning.project.supervisor import StopAsked, stopping_on_signals
from demo.run import ROOT
from demo.screen import Screen

from . import driving, kinds
from .measuring import percentile
from .people import people
from .stand import CannotStand, System, stand
from .wire import ConnectionLost, Wire

WHERE = ROOT / ".bench-keys"
TOWN, AREA = "averoy", "ordinary"
SENT_AT_MOST = 50_000
AT_ONCE = 2000  # as journeys/rotating.py


@dataclass
class Rotation:
    """wrapped: how many keys. left: cases that are still wrapped by another key than most: 0 when all went well."""

    wrapped: int
    seconds: float
    left: int
    memory_mb: float

    @property
    def per_s(self) -> float:
        return self.wrapped / self.seconds


@dataclass
class Others:
    """What those who worked meanwhile were answered."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return sum(number for status, number in self.statuses.items() if status not in ("200", "201"))


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
            measured = measure(system, screen)
    except StopAsked:
        return 130
    except AllmenningError as error:
        screen.fail(str(error))
        return 1
    if options.json:
        print(json.dumps(measured))
    else:
        _tell(screen, measured)
    return 0 if not measured["left"] and not measured["failed"] and measured["masters"] == 1 else 1


def measure(system: System, screen: Screen) -> dict[str, Any]:
    """Everything, as one object. `share`: of the speed at which PostgreSQL writes those rows when told nothing else."""
    alone = rotate(system)
    limit = limit_of(system, alone.wrapped)
    others = Others()
    with at_work(system, screen, others):
        meanwhile = rotate(system)
        begun = time.perf_counter()
        masters, _ = _told(system, "keys", "rotate-master", "--json")
        master_seconds = time.perf_counter() - begun
    times = sorted(others.seconds)
    return {
        "alone": asdict(alone) | {"per_s": alone.per_s},
        "postgresql_per_s": limit,
        "share": alone.per_s / limit,
        "meanwhile": asdict(meanwhile) | {"per_s": meanwhile.per_s},
        "master": {"wrapped": masters["wrapped"], "seconds": master_seconds},
        "masters": len({file.read_bytes()[:8] for file in system.folder.glob("vault/*/*.key")}),
        "left": alone.left + meanwhile.left,
        "requests": others.statuses.total(),
        "failed": others.failed,
        "statuses": dict(others.statuses),
        "p95_ms": percentile([1000 * each for each in times], 95),
    }


def rotate(system: System) -> Rotation:
    """Give the area a new key, by the command."""
    _end_what_was_begun(system)
    begun = time.perf_counter()
    said, memory_mb = _told(system, "keys", "rotate", TOWN, "--area", AREA, "--json")
    seconds = time.perf_counter() - begun
    with system.connect(TOWN) as connection:
        found = connection.execute(
            "select count(*) from cases_case where area = %s group by substr(wrapped_key, 1, 9) order by 1 desc", [AREA]
        ).fetchall()
    return Rotation(sum(each["wrapped"] for each in said), seconds, sum(n for (n,) in found[1:]), memory_mb)


def _end_what_was_begun(system: System) -> None:
    """A key that was replaced is kept for an hour: let the hour have passed, and the next run destroys it."""
    replaced = list((system.folder / "vault" / TOWN).glob(f"{AREA}.*.key"))
    if len(replaced) > 1:
        for file in replaced:
            os.utime(file, (time.time() - 7200, time.time() - 7200))
        _told(system, "keys", "rotate", TOWN, "--area", AREA, "--json")


def limit_of(system: System, count: int) -> float:
    """How many rows a second PostgreSQL reads and writes, in the same batches, with nothing else to do."""
    done, after = 0, None
    begun = time.perf_counter()
    with system.connect(TOWN) as connection:
        while done < count:
            rows = connection.execute(
                "select id, wrapped_key from cases_case where area = %s and (%s::uuid is null or id > %s)"
                " order by id limit %s",
                [AREA, after, after, AT_ONCE],
            ).fetchall()
            if not rows:
                break
            _write(connection, rows)
            done, after = done + len(rows), rows[-1][0]
    return done / (time.perf_counter() - begun)


def _write(connection: psycopg.Connection, rows: Sequence[Any]) -> None:
    connection.execute(
        "update cases_case kept set wrapped_key = new.again from unnest(%s::uuid[], %s::bytea[]) new (id, again)"
        " where kept.id = new.id",
        [[id for id, _ in rows], [wrapped for _, wrapped in rows]],
    )


@contextmanager
def at_work(system: System, screen: Screen, others: Others) -> Iterator[None]:
    """One who opens cases at the desk, and one who sends applications in, until the end."""
    stop = threading.Event()
    bench = kinds.Bench(system, screen)
    sender = system.client(TOWN)
    applications = kinds.submissions(sender, kinds.attachment(), list(islice(people(), SENT_AT_MOST)))
    reading = kinds.desk_pages(bench)[kinds.OPEN_A_CASE][0].told
    threads = [
        threading.Thread(target=_work, args=(system.url, what, told, others, stop))
        for what, told in (("visits", reading), ("submissions", applications))
    ]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in threads:
            each.join()


def _work(url: str, what: str, told: dict[str, Any], others: Others, stop: threading.Event) -> None:
    with Wire(url, kept=False) as wire:
        do, _ = driving.KINDS[what](wire, told)
        while not stop.is_set():
            begun = time.perf_counter()
            try:
                status = str(do().status)
            except ConnectionLost:
                status = "lost"
            others.statuses[status] += 1
            others.seconds.append(time.perf_counter() - begun)


def _told(system: System, *words: str) -> tuple[Any, float]:
    """What one of our commands said as JSON, and the most memory that it took, in MB."""
    command = [sys.executable, "-m", "allmenning.doors.cli", *words]
    environment = {**os.environ, **system.environment}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:  # noqa: S603 (ours, no shell)
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CannotStand(said=f"{' '.join(words)} ended with code {process.returncode}")
    return json.loads(said), used.ru_maxrss / 1024


def _tell(screen: Screen, measured: dict[str, Any]) -> None:
    alone, meanwhile, master = measured["alone"], measured["meanwhile"], measured["master"]
    for what, each in (("by itself", alone), ("while others worked", meanwhile)):
        screen.say(
            f"{each['wrapped']:,} keys of cases wrapped again {what} in {each['seconds']:.1f} s, the command's start"
            f" included: {each['per_s']:,.0f} a second, {each['memory_mb']:.0f} MB; {each['left']} left over."
        )
    screen.say(
        f"PostgreSQL alone writes {measured['postgresql_per_s']:,.0f} of those rows a second: {measured['share']:.0%} of it."
    )
    screen.say(f"A new master key for {master['wrapped']} keys in {master['seconds']:.1f} s, while others worked.")
    screen.say(
        f"Meanwhile {measured['requests']:,} cases opened and applications sent: {measured['failed']} failed;"
        f" p95 {measured['p95_ms']:.0f} ms."
    )


if __name__ == "__main__":
    sys.exit(main())
