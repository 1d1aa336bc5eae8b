"""Turns: who has a queue does not stand before others, gets everything when alone, and is told when to come back."""

import threading
import time

import pytest

from allmenning.web.turns import REST, Here, TooManyWait, Turns


def in_threads(turns, name, count, done, seconds=0.0):
    """So many requests of a municipality, each in a thread; each says when it is done, or that it was turned away."""

    def ask():
        try:
            with turns.turn(name):
                time.sleep(seconds)
                done.append(name)
        except TooManyWait:
            done.append(f"{name} turned away")

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for each in threads:
        each.start()
    return threads


def wait_until(happened):
    until = time.monotonic() + 5
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.001)


def test_only_so_many_are_worked_on_at_once():
    turns, done = Turns(at_once=2), []
    with turns.turn("averoy"), turns.turn("averoy"):
        threads = in_threads(turns, "averoy", 3, done)
        wait_until(lambda: turns.waiting("averoy") == 3)
        assert done == []
    for each in threads:
        each.join()
    assert done == ["averoy"] * 3


def test_queues_take_turns():
    turns, done = Turns(at_once=1), []
    with turns.turn("hitra"):
        many = in_threads(turns, "smola", 4, done)
        wait_until(lambda: turns.waiting("smola") == 4)
        few = in_threads(turns, "averoy", 1, done)
        wait_until(lambda: turns.waiting("averoy") == 1)
    for each in many + few:
        each.join()
    assert done.index("averoy") <= 1, "one of the four at most was before"


def test_one_who_has_a_queue_leaves_a_place_to_others():
    turns, done = Turns(at_once=2), []
    with turns.turn("averoy"):
        pass
    threads = in_threads(turns, "smola", 8, done, seconds=0.05)
    wait_until(lambda: turns.waiting("smola") >= 6)
    wait_until(lambda: len(done) >= 2)  # those that came before there was a queue
    with turns.turn("averoy"):
        assert len(done) < 8, "those who stand in the queue are still there"
    for each in threads:
        each.join()
    assert done == ["smola"] * 8


def test_with_others_here_a_queue_rests_and_alone_it_does_not():
    def seconds_for(others):
        turns, done = Turns(at_once=2), []
        if others:
            with turns.turn("averoy"):
                pass
        begun = time.monotonic()
        for each in in_threads(turns, "smola", 6, done, seconds=0.01):
            each.join()
        assert done == ["smola"] * 6
        return time.monotonic() - begun

    assert seconds_for(others=True) > max(REST * 0.01, seconds_for(others=False))


def test_too_many_are_turned_away():
    turns, done = Turns(at_once=1, most_waiting=3), []
    with turns.turn("smola"):
        threads = in_threads(turns, "smola", 5, done)
        wait_until(lambda: turns.waiting("smola") == 3 and len(done) == 2)
    for each in threads:
        each.join()
    assert sorted(done) == ["smola"] * 3 + ["smola turned away"] * 2


def test_nobody_waits_for_ever():
    turns = Turns(at_once=1, patience=0.05)
    with turns.turn("smola"):
        with pytest.raises(TooManyWait), turns.turn("averoy"):
            pass
        assert turns.waiting("averoy") == 0
    with turns.turn("averoy"):
        pass


def test_a_request_that_fails_leaves_its_place():
    turns = Turns(at_once=1)
    with pytest.raises(ZeroDivisionError), turns.turn("smola"):
        raise ZeroDivisionError
    with turns.turn("smola"):
        pass


def test_under_a_crowd_everybody_has_a_turn_and_no_more_than_may_at_once():
    turns, done, working, most = Turns(at_once=3, most_waiting=500), [], [], []

    def ask(name):
        with turns.turn(name):
            working.append(name)
            most.append(len(working))
            time.sleep(0.0005)
            working.remove(name)
            done.append(name)

    names = [f"town-{n % 7}" for n in range(350)]
    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert sorted(done) == sorted(names)
    assert max(most) <= 3


def test_processes_know_of_each_others_visitors(tmp_path):
    one, another = Here(tmp_path / "here"), Here(tmp_path / "here")
    one.note("averoy", 7.0)
    assert another.others_than("smola") == 7.0
    another.note("smola", 8.0)
    assert (one.others_than("averoy"), one.others_than("smola")) == (8.0, 7.0)
