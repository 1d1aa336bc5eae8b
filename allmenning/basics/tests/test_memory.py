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
