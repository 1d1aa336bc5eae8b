"""Figures for machines have the promised names; figures for people say whether the aim is reached."""

from __future__ import annotations

import pytest

from bench import __main__ as command
from bench import report
from bench.kinds import KINDS, Aim, Row
from bench.measuring import Measured, percentile
from bench.processes import Memory

PROMISED = "per_s limit_per_s ratio statements p50_ms p95_ms p99_ms app_cpu_ms postgres_cpu_ms rss_mb".split()


def row(clients: int = 1, kind: str = "submit", what: str = "", aim: Aim | None = None, **changed: float) -> Row:
    figures = {"per_s": 100.0, "p50_ms": 5.0, "p95_ms": 9.0, "p99_ms": 12.0, "app_cpu_ms": 3.0, "postgres_cpu_ms": 1.0}
    workers = {"web": [Memory(1, 90.0, 60.0), Memory(2, 120.0, 80.0)]}
    made = Measured(clients, 500, client_cpu_ms=0.2, memory=workers, statements=7.0, **{**figures, **changed})
    return Row(kind, what, made, aim or Aim(), limit_per_s=400.0)


def test_one_object_by_kind_thing_and_number_of_clients() -> None:
    made = report.as_object([row(1), row(8), row(1, "desk", "work list")], {"load": 0.1})
    assert set(made["submit"]) == {"1", "8"}
    assert set(PROMISED) <= set(made["submit"]["8"])
    assert (made["submit"]["8"]["ratio"], made["submit"]["8"]["rss_mb"]) == (0.25, 120.0)
    assert made["desk"]["work list"]["1"]["per_s"] == 100.0


@pytest.mark.parametrize(
    ("clients", "aim", "said"),
    [
        (8, Aim(per_s=99), "✓ ≥ 99/s"),
        (8, Aim(per_s=101), "✗ ≥ 101/s"),
        (8, Aim(ratio=0.3), "✗ ≥ 0.30 of the limit"),
        (1, Aim(statements=6), "✗ ≤ 6 SQL"),
        (1, Aim(p95_ms=30), "✓ p95 < 30 ms"),
        (8, Aim(p95_ms=1), "✓ < 150 MB"),  # times are asked of one client alone
    ],
)
def test_an_aim_is_said_with_whether_it_is_reached(clients: int, aim: Aim, said: str) -> None:
    assert said in report.aims(row(clients, aim=aim)).plain


def test_percentiles_are_values_that_were_measured() -> None:
    times = [float(n) for n in range(1, 101)]
    assert (percentile(times, 50), percentile(times, 95), percentile(times, 99)) == (50, 95, 99)
    assert percentile([7.0], 99) == 7.0


def test_all_kinds_unless_some_are_named_and_no_others() -> None:
    assert command.parse([]).kinds == list(KINDS)
    assert command.parse(["desk", "search"]).kinds == ["desk", "search"]
    with pytest.raises(SystemExit):
        command.parse(["coffee"])
