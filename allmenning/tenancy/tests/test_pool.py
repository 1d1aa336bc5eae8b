"""One pool for the process: its cap holds, and a connection goes only to who may have it."""

import threading

import pytest
from psycopg.pq import TransactionStatus

from allmenning.tenancy import pool as pools
from allmenning.tenancy.errors import TooManyConnections
from allmenning.tenancy.pool import Pool


class Connection:
    """What the pool knows of a connection."""

    class info:  # noqa: N801
        transaction_status = TransactionStatus.IDLE

    def __init__(self):
        self.closed = False

    def close(self):
        self.closed = True


@pytest.fixture(autouse=True)
def quiet_server(monkeypatch):
    monkeypatch.setattr(pools, "_has_something_to_read", lambda connection: getattr(connection, "ended", False))
    monkeypatch.setattr(pools, "WAIT_SECONDS", 0.05)


def test_a_connection_is_used_again_by_the_same_key_alone():
    pool = Pool(4)
    first = pool.take("a", Connection)
    pool.give_back("a", first)
    assert pool.take("b", Connection) is not first
    assert pool.take("a", Connection) is first


def test_who_has_rested_longest_makes_room():
    pool = Pool(2)
    a, b = pool.take("a", Connection), pool.take("b", Connection)
    pool.give_back("a", a)
    pool.give_back("b", b)
    _held = pool.take("c", Connection)
    assert (a.closed, b.closed, pool.size) == (True, False, 2)


def test_the_cap_holds():
    pool = Pool(1)
    _held = pool.take("a", Connection)
    with pytest.raises(TooManyConnections, match="All 1 "):
        pool.take("a", Connection)


def test_who_waits_gets_what_comes_back(monkeypatch):
    monkeypatch.setattr(pools, "WAIT_SECONDS", 5)
    pool = Pool(1)
    first = pool.take("a", Connection)
    threading.Timer(0.02, pool.give_back, ("a", first)).start()
    assert pool.take("a", Connection) is first


def test_what_the_server_has_ended_is_not_given_out():
    pool = Pool(2)
    old = pool.take("a", Connection)
    pool.give_back("a", old)
    old.ended = True
    new = pool.take("a", Connection)
    assert new is not old
    assert old.closed
    assert pool.size == 1


def test_what_comes_back_inside_a_transaction_is_closed():
    pool = Pool(1)
    broken = pool.take("a", Connection)
    broken.info = type("info", (), {"transaction_status": TransactionStatus.INTRANS})
    pool.give_back("a", broken)
    assert broken.closed
    assert pool.size == 0


def test_a_failed_attempt_takes_no_room():
    pool = Pool(1)

    def fail():
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        pool.take("a", fail)
    assert pool.take("a", Connection)


def test_what_rested_too_long_is_closed(monkeypatch):
    pool = Pool(2)
    old = pool.take("a", Connection)
    pool.give_back("a", old)
    monkeypatch.setattr(pools, "REST_SECONDS", -1)
    assert pool.take("a", Connection) is not old
    assert old.closed


def test_a_thread_that_ends_leaves_its_room():
    pool = Pool(1)
    pool.take("a", Connection)
    assert pool.take("b", Connection)
