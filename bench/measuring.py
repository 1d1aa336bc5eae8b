"""Let clients work on a system, and count what it cost: time, CPU, SQL statements, memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from allmenning.basics.errors import AllmenningError

from . import processes
from .processes import Memory
from .recording import record
from .stand import ROOT, System

MANY = 10**9


class Failed(AllmenningError):
    """What was measured did not work: {said}"""


@dataclass(frozen=True)
class Load:
    """What one client does: a kind of `driving`, with what that kind must know. warm: how often before it counts."""

    kind: str
    told: dict[str, Any]
    warm: int = 20


@dataclass
class Measured:
    """What some clients saw, and what it cost the system. Times in ms, of one operation."""

    clients: int
    operations: int
    per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    app_cpu_ms: float
    postgres_cpu_ms: float
    client_cpu_ms: float
    memory: dict[str, list[Memory]]
    kept: list[Any] = field(default_factory=list)
    statements: float | None = None
    transactions: float | None = None

    @property
    def rss_mb(self) -> float:
        """Of the largest worker of the web server."""
        return max((each.rss_mb for each in self.memory.get("web", [])), default=0.0)


@dataclass(frozen=True)
class Counted:
    """SQL statements of one operation, whichever connection sent them. BEGIN and its like are counted apart."""

    statements: float
    transactions: float
    texts: list[tuple[str, float]]


def measure(system: System, loads: Sequence[Load], *, seconds: float, count: int = MANY) -> Measured:
    """One client for each load, all at once, for so many seconds or operations each. Raises Failed."""
    with _clients(system, loads, seconds, count) as clients:
        for client in clients:
            _expect(client, "ready")
        before, begun = _cpu(system), time.monotonic()
        for client in clients:
            _say(client, "go")
        seen = [json.loads(_line(client)) for client in clients]
        after, ended = _cpu(system), time.monotonic()
    _require_fine(seen)
    times = sorted(1000 * each for client in seen for each in client["seconds"])
    span = max(c["ended"] for c in seen) - min(c["begun"] for c in seen)
    assert span <= ended - begun
    per_operation = {name: 1000 * (after[name] - before[name]) / len(times) for name in before}
    return Measured(
        clients=len(loads),
        operations=len(times),
        per_s=len(times) / span,
        p50_ms=statistics.median(times),
        p95_ms=percentile(times, 95),
        p99_ms=percentile(times, 99),
        app_cpu_ms=per_operation["web"],
        postgres_cpu_ms=per_operation["postgres"],
        client_cpu_ms=1000 * sum(c["cpu"] for c in seen) / len(times),
        memory=memory(system),
        kept=[each for client in seen for each in client["kept"]],
    )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest value that so many per cent do not exceed (nearest rank)."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(int(rank) - 1, 0)]


def memory(system: System) -> dict[str, list[Memory]]:
    """Of each process of each program but PostgreSQL's many, which share nearly all that they have."""
    return {name: processes.memory(processes.tree(pid)) for name, pid in system.processes.items() if name != "postgres"}


def count_statements(system: System, load: Load, operations: int) -> Counted:
    """Repeat untimed, and count what PostgreSQL was sent by every connection to every database, refused ones too."""
    loads = [Load(load.kind, load.told, warm=max(load.warm, 40))]  # each worker has seen it
    with _clients(system, loads, 600, operations) as clients:
        _expect(clients[0], "ready")

        def work() -> None:
            _say(clients[0], "go")
            _require_fine([json.loads(_line(clients[0]))])

        sent = [statement for session in record(system, work) for statement in session.statements]
    control = sum(statement.is_control for statement in sent)
    texts = Counter(statement.text for statement in sent if not statement.is_control)
    each = [(text, number / operations) for text, number in texts.most_common()]
    return Counted((len(sent) - control) / operations, control / operations, each)


# --- the clients ---


@contextmanager
def _clients(
    system: System, loads: Sequence[Load], seconds: float, count: int
) -> Iterator[list[subprocess.Popen[str]]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    clients = []
    try:
        for load in loads:
            client = subprocess.Popen(
                [sys.executable, "-m", "bench.driving"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
            clients.append(client)
            told = {"url": system.url, "kind": load.kind, "warm": load.warm, "seconds": seconds, "count": count}
            _say(client, json.dumps({**told, **load.told}))
        yield clients
    finally:
        for client in clients:
            client.kill()
        for client in clients:
            client.communicate()


def _say(client: subprocess.Popen[str], line: str) -> None:
    _pipe(client.stdin).write(f"{line}\n")
    _pipe(client.stdin).flush()


def _line(client: subprocess.Popen[str]) -> str:
    line = _pipe(client.stdout).readline()
    if not line:
        raise Failed(said=f"a client ended with code {client.wait()}")
    return line


def _expect(client: subprocess.Popen[str], word: str) -> None:
    if (line := _line(client).strip()) != word:
        raise Failed(said=f"a client said {line[:200]}")


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def _require_fine(seen: Sequence[dict[str, Any]]) -> None:
    wrong = {s: n for client in seen for s, n in client["statuses"].items() if s not in ("200", "201")}
    if wrong:
        raise Failed(said=f"answers other than 200 and 201: {wrong}")


def _cpu(system: System) -> dict[str, float]:
    return {name: processes.cpu_seconds(pid) for name, pid in system.processes.items()}
