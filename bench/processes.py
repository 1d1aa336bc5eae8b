"""What processes cost, as the kernel tells: CPU time and memory of whole trees of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")  # of CPU time, per second
PROC = Path("/proc")


@dataclass(frozen=True)
class Memory:
    """MB of a process. pss: its own pages, and its share of those that it has in common with others."""

    pid: int
    rss_mb: float
    pss_mb: float


def tree(pid: int) -> list[int]:
    """A process and all that descend from it and are alive, the first one first."""
    children: dict[int, list[int]] = {}
    for path in PROC.glob("[0-9]*"):
        fields = _stat(int(path.name))
        if fields is not None and fields[0] != "Z":
            children.setdefault(int(fields[1]), []).append(int(path.name))
    found = [pid] if is_alive(pid) else []
    for each in found:
        found.extend(children.get(each, []))
    return found


def children(pid: int) -> list[int]:
    """Those that a process started itself and that are alive, without what they started."""
    return [each for each in tree(pid)[1:] if (fields := _stat(each)) is not None and int(fields[1]) == pid]


def is_alive(pid: int) -> bool:
    """A zombie is not."""
    fields = _stat(pid)
    return fields is not None and fields[0] != "Z"


def cpu_seconds(pid: int) -> float:
    """CPU time, user's and system's, of a tree until now: of those that live, and of those that have been waited for."""
    ticks = 0
    for each in tree(pid):
        fields = _stat(each)
        if fields is not None:
            ticks += sum(int(fields[n]) for n in (11, 12, 13, 14))  # utime, stime, cutime, cstime
    return ticks / TICKS


def memory(pids: Iterable[int]) -> list[Memory]:
    """Of each of these that lives and that we may ask about."""
    return [found for pid in pids if (found := _memory(pid)) is not None]


def _memory(pid: int) -> Memory | None:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:] if line.endswith("kB")}
    return Memory(pid, kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024)


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from `state` on: a program's name before it may hold anything."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
