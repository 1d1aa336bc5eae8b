"""What one process writes another is told of, once for many writes; nothing hangs on it."""

import threading
import time

from django.db import connections

from allmenning.tenancy import waking


def within(seconds, is_so):
    until = time.monotonic() + seconds
    while not is_so() and time.monotonic() < until:
        time.sleep(0.01)
    return is_so()


def test_who_listens_is_told(commons_db):
    told, stop = [], threading.Event()

    def listen():
        for each in waking.heard(stop.is_set):
            told.append(each)

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        assert within(5, lambda: told == [[]])
        waking.notify(["averoy", "smola"])
        assert within(5, lambda: ["averoy", "smola"] in told)
    finally:
        stop.set()
        thread.join()


def test_many_writes_are_one_message():
    told = []
    telling = waking.Telling(told.append)
    telling.start()
    for _ in range(1000):
        telling.add("smola")
        telling.add("averoy")
    assert within(5, lambda: told)
    assert told == [["averoy", "smola"]]
    telling.stop()


def test_the_last_is_told_when_the_process_ends():
    told = []
    telling = waking.Telling(told.append)
    telling.start()
    telling.add("averoy")
    telling.stop()
    assert told == [["averoy"]]


def test_more_than_a_message_holds_is_several(commons_db, monkeypatch):
    sent = []
    monkeypatch.setattr(waking, "AT_ONCE", 100)
    many = [f"municipality-{n}" for n in range(357)]
    with connections["commons"].execute_wrapper(
        lambda execute, statement, given, *rest: (sent.append(given[1].split()), execute(statement, given, *rest))[1]
    ):
        waking.notify(many)
    assert [each for some in sent for each in some] == many
    assert len(sent) == 4


def test_commons_that_are_away_stop_nobody_who_writes(commons_db, monkeypatch, caplog):
    def away(*_):
        raise waking.DatabaseError("away")

    monkeypatch.setattr(connections["commons"], "cursor", away)
    waking.notify(["averoy"])
    assert "nobody could be told" in caplog.text
