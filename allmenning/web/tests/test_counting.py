"""Counting together: as many as the rate says and no more, in however many processes; nobody is named in the file."""

import multiprocessing

import pytest

from allmenning.web.counting import Cells, Rate, make_file

SECRET = b"a secret of the process group"
TEN_A_MINUTE = Rate(10, 60)


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    make_file(tmp_path / "cells")
    return tmp_path / "cells"


@pytest.fixture
def cells(path, clock):
    return Cells(path, SECRET, now=clock)


def test_so_many_at_once_then_one_at_a_time(cells, clock):
    assert [cells.take("rita", TEN_A_MINUTE) for _ in range(10)] == [0] * 10
    assert cells.take("rita", TEN_A_MINUTE) == pytest.approx(6)
    clock.now += 6
    assert cells.take("rita", TEN_A_MINUTE) == 0
    assert cells.take("rita", TEN_A_MINUTE) > 0
    clock.now += 60
    assert [cells.take("rita", TEN_A_MINUTE) for _ in range(10)] == [0] * 10


def test_what_is_refused_is_not_counted(cells, clock):
    for _ in range(100):
        cells.take("rita", TEN_A_MINUTE)
    clock.now += 6
    assert cells.take("rita", TEN_A_MINUTE) == 0


def test_one_does_not_wait_for_another(cells):
    for _ in range(11):
        cells.take("rita", TEN_A_MINUTE)
    assert cells.wait("rita", TEN_A_MINUTE) > 0
    assert cells.wait("omar", TEN_A_MINUTE) == 0


def test_looking_counts_nothing(cells):
    for _ in range(20):
        assert cells.wait("rita", TEN_A_MINUTE) == 0
    assert cells.take("rita", TEN_A_MINUTE) == 0


def _take_many(path, admitted):
    cells = Cells(path, SECRET)
    admitted.put(sum(cells.take("rita", Rate(100, 3600)) == 0 for _ in range(100)))


def test_processes_count_together_and_lose_nothing(path):
    fork = multiprocessing.get_context("spawn")
    admitted = fork.Queue()
    together = [fork.Process(target=_take_many, args=(path, admitted)) for _ in range(3)]
    for each in together:
        each.start()
    for each in together:
        each.join()
    assert sum(admitted.get() for _ in together) == 100


def test_the_file_names_nobody_and_does_not_grow(path, clock):
    cells = Cells(path, SECRET, cells=4096, now=clock)
    size = path.stat().st_size
    for number in range(20_000):
        assert cells.take(f"resident {number}", TEN_A_MINUTE) == 0
    assert path.stat().st_size == size
    assert b"resident" not in path.read_bytes()


def test_another_secret_finds_nothing(path, clock, cells):
    for _ in range(11):
        cells.take("rita", TEN_A_MINUTE)
    assert Cells(path, b"another", now=clock).wait("rita", TEN_A_MINUTE) == 0


def test_times_from_before_the_machine_was_started_hold_nobody_back(cells, clock):
    for _ in range(11):
        cells.take("rita", TEN_A_MINUTE)
    clock.now = 5.0
    assert cells.take("rita", TEN_A_MINUTE) == 0
