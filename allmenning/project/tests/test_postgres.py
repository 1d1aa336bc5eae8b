"""The server from the wheel: it starts, keeps what it was given, survives a crash, and says why when it can't."""

import os
import pwd
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from allmenning.project import postgres


@pytest.fixture(autouse=True)
def _no_server_given(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("et navn med æ og 'mellomrom'")
    yield place
    postgres.forget(place)


@pytest.fixture
def server(folder):
    return postgres.ensure(folder, throwaway=True)


def ask(server, question, *, database=None):
    with psycopg.connect(server.superuser_dsn(database), autocommit=True) as connection:
        return connection.execute(question).fetchone()[0]


def test_sorts_by_bytes_and_folds_letters_beyond_ascii_without_the_machines_locale(server):
    assert ask(server, "show server_version_num").startswith("18")
    assert ask(server, "select lower('ÆØÅ')") == "æøå"


def test_password_and_data_are_closed_to_others(server):
    assert (server.folder / "superuser-password").stat().st_mode & 0o777 == 0o600
    assert (server.folder / "data").stat().st_mode & 0o777 == 0o700
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(server.dsn.replace("@", "wrong@"))


def test_listens_on_this_machine_only(server):
    assert ask(server, "show listen_addresses") == "127.0.0.1"


def test_a_second_call_finds_the_first_ones_server(server, folder):
    again = postgres.ensure(folder)

    assert again.dsn == server.dsn
    assert not again.started_here


def test_keeps_data_and_port_over_a_restart(server, folder):
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("create table kept as select 42 as answer")
    server.stop()

    restarted = postgres.ensure(folder, throwaway=True)

    assert restarted.dsn == server.dsn
    assert ask(restarted, "select answer from kept") == 42


def test_recovers_after_the_server_was_killed(server, folder):
    pid = int((server.folder / "data/postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)

    assert ask(postgres.ensure(folder, throwaway=True), "select 1") == 1


def test_a_pid_file_that_names_somebody_elses_process_is_no_running_server(server, folder):
    pid_file = server.folder / "data/postmaster.pid"
    stale = pid_file.read_text().replace(pid_file.read_text().split()[0], str(os.getpid()), 1)
    server.stop()
    pid_file.write_text(stale)

    assert ask(postgres.ensure(folder, throwaway=True), "select 1") == 1


def test_two_who_start_at_once_share_one_server(tmp_path):
    with ThreadPoolExecutor() as together:
        servers = list(together.map(lambda _: postgres.ensure(tmp_path, throwaway=True), range(2)))
    try:
        assert servers[0].dsn == servers[1].dsn
        assert [server.started_here for server in servers].count(True) == 1
    finally:
        postgres.forget(tmp_path)
    assert not tmp_path.exists()


def test_only_tests_may_run_without_fsync(tmp_path):
    try:
        assert ask(postgres.ensure(tmp_path), "show fsync") == "on"
        postgres.ensure(tmp_path).stop()
        assert ask(postgres.ensure(tmp_path, throwaway=True), "show fsync") == "off"
    finally:
        postgres.forget(tmp_path)


def test_a_given_server_is_used_untouched(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@db.example/mine?sslmode=verify-full")

    given = postgres.ensure(tmp_path / "unused")
    given.stop()

    assert given.superuser_dsn() == "postgresql://me@db.example/mine?sslmode=verify-full"
    assert given.superuser_dsn("m_1") == "postgresql://me@db.example/m_1?sslmode=verify-full"
    assert not (tmp_path / "unused").exists()


def test_a_taken_port_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(postgres.PortInUse, match=str(taken.getsockname()[1])):
            postgres.ensure(tmp_path, port=taken.getsockname()[1])
    postgres.forget(tmp_path)


def test_what_is_no_database_is_left_alone(tmp_path):
    server = postgres.ensure(tmp_path, throwaway=True)
    server.stop()
    (server.folder / "data/PG_VERSION").unlink()
    with pytest.raises(postgres.NoDatabase):
        postgres.ensure(tmp_path)
    postgres.forget(tmp_path)
    assert not server.folder.exists()


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "DISK_NEEDED", 10**18)
    with pytest.raises(postgres.NoSpaceLeft, match="disk is full"):
        postgres.ensure(tmp_path)
    postgres.forget(tmp_path)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("FATAL: could not write lock file: No space left on device", postgres.NoSpaceLeft),
        ("could not bind IPv4 address: Address already in use", postgres.PortInUse),
        ("FATAL: something else", postgres.DidNotStart),
    ],
)
def test_what_the_server_says_becomes_one_line(said, error):
    explained = postgres._explained(said, Path("/data"), Path("/log"), 5432)

    assert type(explained) is error
    assert "\n" not in str(explained)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root meets folders that the server's account can't enter")
def test_root_below_a_closed_folder_gets_a_place_that_the_server_can_reach(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = postgres.ensure(closed / "data", throwaway=True)
    try:
        assert server.folder.parent == postgres.FOLDERS_OF_ROOT
        assert pwd.getpwuid((server.folder / "data").stat().st_uid).pw_name in ("postgres", "nobody")
        assert ask(server, "select 1") == 1
    finally:
        postgres.forget(closed / "data")
    assert not server.folder.exists()
