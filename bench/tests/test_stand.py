"""A system to measure or to hurt: what is killed is gone, what is started again goes on, and nothing is left behind."""

from __future__ import annotations

import pytest

from bench import processes
from bench.stand import System
from bench.wire import ConnectionLost, Wire


def test_its_data_is_safe_on_disk_and_its_municipality_at_work(system: System) -> None:
    with system.connect("averoy") as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
        assert connection.execute("SELECT count(*) > 0 FROM access_unit").fetchone() == (True,)


def test_a_killed_server_is_gone_with_all_its_processes_and_answers_when_started_again(system: System) -> None:
    running = processes.tree(system.processes["web"])
    assert len(running) > 1
    system.kill("web")
    with pytest.raises(ConnectionLost):
        Wire(system.url).request("GET", "/readyz")
    assert not [pid for pid in running if processes.is_alive(pid)]
    assert "web" not in system.processes
    system.start("web")
    assert Wire(system.url).request("GET", "/readyz").status == 200


def test_a_killed_postgresql_recovers_at_the_same_place(system: System) -> None:
    before = system.postgres.dsn
    system.postgres.kill()
    assert system.postgres.pid is None
    system.postgres.start()
    assert system.postgres.dsn == before
    assert Wire(system.url).request("GET", "/averoy/").status == 200
