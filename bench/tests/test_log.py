"""What the log costs is told of the log: one side writes a row for each thing that is done, the other none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench import log
from bench.log import Bench, Compared, Moment, Side, Submissions
from bench.measuring import Failed
from bench.stand import System


@pytest.fixture(scope="module")
def bench(system: System) -> Iterator[Bench]:
    yield Bench(system, log.started_without(system, workers=1), seconds=0.3, rounds=1)
    for name in (log.UNLOGGED, log.SEALING):
        system.stop(name)


def test_one_side_writes_rows_and_the_other_none_and_they_are_sealed(bench: Bench) -> None:
    since = Moment.now(bench.system)
    submissions = Submissions(bench.system, bench.seconds)
    compared = bench.compare("submission", lambda: submissions()[:1])
    assert compared.with_log.rows >= compared.with_log.operations > 0
    assert (compared.without.rows, compared.without.operations > 0) == (0, True)
    sealed = bench.sealed_since(since, "submissions", [log.TOWN])
    assert sealed.rows >= compared.with_log.rows
    assert 0 < sealed.median_s <= sealed.p95_s <= sealed.most_s


def side(**figures: float) -> Side:
    return Side(**{"p50_ms": 5, "p95_ms": 8, "per_s": 100, "cpu_ms": 4, "operations": 10, "rows": 10, **figures})


@pytest.mark.parametrize(
    "pair", [(side(), side(rows=1)), (side(rows=9), side(rows=0))], ids=["both logged", "one did not log all"]
)
def test_what_does_not_differ_by_its_log_is_not_compared(pair: tuple[Side, Side]) -> None:
    with pytest.raises(Failed):
        log._require_the_difference("reading", [pair])


def test_the_limits_stand_beside_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    reading = Compared("open a case", 1, side(), side(rows=0), added_p95_ms=2.5, slower=0.04, more_cpu=0.06)
    writing = Compared("submission", 8, side(), side(rows=0), added_p95_ms=4, slower=0.05, more_cpu=0.07)
    log.show([reading, writing], [log.Sealed("rows", 20, 200, 1600, 0.2, 0.4, 0.6, 0.05)])
    _, _, *lines = capsys.readouterr().out.splitlines()
    said = [line.split() for line in lines]
    assert said[1][said[1].index("+2.50") :][:4] == ["+2.50", "ms", "5", "ms"]
    assert said[2][-3:] == ["5.0%", "7.0%", "15%"]
    assert said[-1][-6:] == ["1", "s", "5.0%", "of", "a", "core"]


def test_what_is_over_its_limit_is_said() -> None:
    def compared(what: str, clients: int, added_p95_ms: float, more_cpu: float) -> Compared:
        return Compared(what, clients, side(), side(rows=0), added_p95_ms, slower=0, more_cpu=more_cpu)

    reading, writing = compared("open", 1, 4.9, 0.9), compared("send", 8, 20, 0.15)
    slow, dear = compared("slow", 1, 5.1, 0), compared("dear", 8, 0, 0.16)
    soon, late = (log.Sealed(what, 1, 20, 100, 0.2, 0.4, most, 0.05) for what, most in (("soon", 1.0), ("late", 1.1)))
    assert log.over([reading, writing, slow, dear], [soon, late]) == ["slow", "dear", "late"]
