"""Whether the memory of the web server's workers stays what it is: read every so often over many thousand requests."""

from __future__ import annotations

import json
from itertools import islice

from rich.console import Console

from . import kinds, processes
from .measuring import Load, measure
from .people import people

READINGS = 20
CLIENTS = 4
SUBMITTED = 20  # one request in so many is a whole submission


def memory_over_time(bench: kinds.Bench, requests: int, *, as_json: bool) -> int:
    """Send so many requests of every kind, and show the RSS of each worker on the way."""
    pages = kinds.every_page(bench)
    each = max(requests // READINGS // CLIENTS, 1)
    submissions, sender = max(each * CLIENTS // SUBMITTED, 1), bench.system.client("averoy")
    crowd, content = people(), kinds.attachment()
    readings: list[tuple[int, list[float]]] = [(0, _workers(bench))]
    with bench.screen.step("Requests") as report:
        sent = 0
        while sent < requests:
            loads = [Load("visits", {"addresses": pages[n:] + pages[:n]}, warm=0) for n in range(CLIENTS)]
            sender.wire.close()  # it has rested for minutes, and the server may have closed its end
            told = kinds.submissions(sender, content, list(islice(crowd, submissions)))
            measure(bench.system, [Load("submissions", told, warm=0)], seconds=3600, count=submissions)
            measure(bench.system, loads, seconds=3600, count=each)
            sent += each * CLIENTS + submissions
            readings.append((sent, _workers(bench)))
            report(min(sent, requests), requests, " ".join(f"{mb:.0f} MB" for mb in readings[-1][1]))
    if as_json:
        print(
            json.dumps({"memory": [{"requests": n, "rss_mb": [round(mb, 1) for mb in held]} for n, held in readings]})
        )
        return 0
    console = Console(highlight=False)
    console.print(f"{'requests':>10}  RSS of each worker in MB")
    for number, held in readings:
        console.print(f"{number:>10}  " + "  ".join(f"{mb:6.1f}" for mb in held))
    return 0


def _workers(bench: kinds.Bench) -> list[float]:
    """RSS of each worker: not of what looks after them, nor of the small ones that they look at files in."""
    return sorted(each.rss_mb for each in processes.memory(processes.children(bench.system.processes["web"])))[
        -bench.system.workers :
    ]
