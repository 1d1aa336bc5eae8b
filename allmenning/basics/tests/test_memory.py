import threading
from concurrent.futures import ThreadPoolExecutor

from allmenning.basics import memory


def test_answers_are_remembered_until_forgotten_or_old(monkeypatch):
    asked = []

    @memory.remembered(seconds=60)
    def double(number):
        asked.append(number)
        return number * 2

    assert [double(2), double(2), double(3)] == [4, 4, 6]
    assert asked == [2, 3]
    memory.forget_everything()
    double(2)
    now = memory.time.monotonic()
    monkeypatch.setattr(memory.time, "monotonic", lambda: now + 61)
    double(2)
    assert asked == [2, 3, 2, 2]


def test_whoever_asks_for_something_else_does_not_wait():
    begun, may_answer = threading.Event(), threading.Event()

    @memory.remembered(seconds=60)
    def slow(name):
        if name == "slow":
            begun.set()
            may_answer.wait(10)
        return name

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(slow, "slow")
        begun.wait(10)
        assert slow("quick") == "quick"
        assert not waiting.done()
        may_answer.set()


def test_what_was_asked_before_a_change_is_not_remembered_after_it():
    value = ["before"]

    @memory.remembered(seconds=60)
    def read():
        found = value[0]
        if found == "before":
            value[0] = "after"
            read.forget()  # the change comes while it is being read
        return found

    assert [read(), read()] == ["before", "after"]
