"""`python -m bench.driving`: one client, in a process of its own so that what it costs is counted apart.

Reads a line of JSON that says what to do (see `measuring.Load`), does some of it to warm up, writes `ready`, waits for `go`,
and writes what it saw as a line of JSON. One request at a time, each over a connection of
its own as a proxy does: the next begins when the one before is answered.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from .wire import Answer, ConnectionLost, Wire

Do = Callable[[], Answer]
CREATED = (200, 201)


def main() -> int:
    told = json.loads(sys.stdin.readline())
    with Wire(told["url"], kept=False) as wire:
        do, kept = KINDS[told["kind"]](wire, told)
        for _ in range(told["warm"]):
            do()
        print("ready", flush=True)
        if sys.stdin.readline().strip() != "go":
            return 1
        print(json.dumps({**run(do, told["seconds"], told["count"]), "kept": kept}), flush=True)
    return 0


def run(do: Do, seconds: float, count: int) -> dict[str, Any]:
    """Repeat for so many seconds, or so many times, whichever ends first."""
    times: list[float] = []
    statuses: Counter[str] = Counter()
    cpu, begun = time.process_time(), time.monotonic()
    until, now = begun + seconds, begun
    while now < until and len(times) < count:
        try:
            statuses[str(do().status)] += 1
        except ConnectionLost:
            statuses["lost"] += 1
        then, now = now, time.monotonic()
        times.append(now - then)
    return {
        "begun": begun,
        "ended": now,
        "seconds": times,
        "statuses": statuses,
        "cpu": time.process_time() - cpu,
    }


def visits(wire: Wire, told: dict[str, Any]) -> tuple[Do, list[Any]]:
    """Read one address after the other, round and round."""
    addresses: Iterator[list[Any]] = itertools.cycle(told["addresses"])
    visitors = everybody(os.getpid())

    def do() -> Answer:
        path, headers = next(addresses)
        return wire.request("GET", path, headers={**headers, "X-Forwarded-For": next(visitors)})

    return do, []


def everybody(seed: int) -> Iterator[str]:
    """Addresses that visitors come from, as the proxy before the server says: rates by address are on here too."""
    chosen = random.Random(seed)  # noqa: S311
    while True:
        yield f"10.{chosen.randrange(256)}.{chosen.randrange(256)}.{chosen.randrange(1, 255)}"


def submissions(wire: Wire, told: dict[str, Any]) -> tuple[Do, list[Any]]:
    """Send applications in, each for the next of many people. Keeps key, case and number of what was acknowledged."""
    people = iter(told["people"])
    headers = {"Authorization": f"Bearer {told['token']}", "Content-Type": "application/json"}
    before, after = (part.encode() for part in json.dumps(told["application"]).split('"APPLICANT"'))
    acknowledged: list[Any] = []

    def do() -> Answer:
        number, name = next(people)
        applicant = json.dumps({"kind": "person", "number": number, "name": name}).encode()
        key = f"bench-{told['name']}-{number}"
        answer = wire.request(
            "POST", "/api/v1/applications", before + applicant + after, {**headers, "Idempotency-Key": key}
        )
        if answer.status in CREATED:
            acknowledged.append([key, number, answer.json()["case_id"]])
        return answer

    return do, acknowledged


KINDS: dict[str, Callable[[Wire, dict[str, Any]], tuple[Do, list[Any]]]] = {
    "visits": visits,
    "submissions": submissions,
}


if __name__ == "__main__":
    sys.exit(main())
