"""Hundreds of municipalities are sealed within a second, and few questions are asked where nothing happens."""

import random
import threading
import time
from collections import Counter

import pytest

from allmenning.basics import dates
from allmenning.journeys import attention, sealing
from allmenning.journeys.attention import AFTER_FAILURE, AWAKE, BETWEEN_LOOKS, BETWEEN_RESTS, Attention
from allmenning.journeys.tests.test_sealing import write
from allmenning.municipal.access.models import LogHead
from allmenning.tenancy import use, waking

MANY = [f"municipality-{n}" for n in range(357)]
STEP = 0.05


class Country:
    """All municipalities of a country for some time, without a database: what is written, and when it is found."""

    def __init__(self, *, hears=True):
        self.attention, self.now = Attention(), 0.0
        self.attention.know(MANY, self.now)
        self.attention.hear(hears, self.now)
        self.hears, self.unsealed, self.questions, self.waited = hears, Counter(), Counter(), []

    def write(self, municipality):
        self.unsealed.setdefault(municipality, self.now)
        if self.hears:
            self.attention.wake([municipality], self.now)

    def go_on(self, seconds, write=lambda country: None):
        until = self.now + seconds
        while self.now < until:
            write(self)
            for each, *_ in self.attention.take(self.now):
                self.questions[each] += 1
                since = self.unsealed.pop(each, None)
                self.waited += [] if since is None else [self.now - since]
                self.attention.looked(each, 0 if since is None else 1, self.now)
            self.now += STEP


def named(looks):
    return {each.municipality for each in looks}


def test_witnesses_are_told_of_what_another_process_has_sealed(municipality_a, monkeypatch):
    """As a command does that makes a statement: the worker finds no row, and the head is new all the same."""
    told = []
    sealer = sealing.Sealer()
    sealer._askers = [type("Asker", (), {"tell": staticmethod(told.append)})]
    write(municipality_a, 1)
    sealing.seal(municipality_a)
    sealer._look(attention.Look(municipality_a, is_new=False, is_woken=False))
    assert told == []
    sealer._look(attention.Look(municipality_a, is_new=False, is_woken=True))
    assert told == [municipality_a]


def test_where_nothing_is_written_nobody_is_asked_more_than_twice_a_minute():
    country = Country()
    country.go_on(2)  # all are looked at when the sealer starts
    country.questions.clear()
    country.go_on(60)
    assert sum(country.questions.values()) <= len(MANY) * 60 / BETWEEN_RESTS * 1.1


def test_with_twenty_at_work_all_is_sealed_within_a_second_and_others_rest():
    chance, busy = random.Random(4), MANY[:20]
    country = Country()
    country.go_on(2)
    country.questions.clear()
    country.go_on(60, lambda country: country.write(chance.choice(busy)))
    assert len(country.waited) > 500
    assert max(country.waited) <= 1
    asked_of_busy = sum(country.questions[each] for each in busy)
    assert asked_of_busy <= len(busy) * 60 / BETWEEN_LOOKS * 1.5
    assert sum(country.questions.values()) - asked_of_busy <= len(MANY) * 60 / BETWEEN_RESTS * 1.1


def test_while_nobody_can_be_heard_nobody_rests():
    country = Country(hears=False)
    country.go_on(2)
    country.go_on(20, lambda country: country.write(random.Random(4).choice(MANY)))
    assert max(country.waited) <= 1


def test_what_was_told_of_before_it_was_committed_is_found():
    country = Country()
    country.go_on(2)
    country.attention.wake([MANY[0]], country.now)
    country.go_on(AWAKE - 1)  # a slow transaction
    country.unsealed[MANY[0]] = country.now
    country.go_on(1)
    assert country.waited
    assert max(country.waited) <= 1


def test_one_that_fails_is_left_alone_for_a_while_and_keeps_nobody_waiting():
    country = Country()
    country.go_on(2)
    broken, fine = MANY[0], MANY[1]
    country.attention.wake([broken, fine], country.now)
    assert named(country.attention.take(country.now)) == {broken, fine}
    country.attention.looked(broken, None, country.now)
    country.attention.looked(fine, 1, country.now)
    later = country.now + 1
    country.attention.wake([broken, fine], later)
    assert named(country.attention.take(later)) == {fine}
    assert broken in named(country.attention.take(country.now + AFTER_FAILURE))


def test_nobody_is_looked_at_by_two_threads_at_once():
    country = Country()
    country.go_on(2)
    country.attention.wake([MANY[0]], country.now)
    assert country.attention.take(country.now)
    country.attention.wake([MANY[0]], country.now)
    assert MANY[0] not in named(country.attention.take(country.now + 1))


@pytest.fixture
def sealer(municipality_a, municipality_b, monkeypatch):
    """The sealer as it runs in a worker, when everybody has come to rest."""
    monkeypatch.setattr(attention, "BETWEEN_RESTS", 3600.0)
    monkeypatch.setattr(
        sealing.municipalities, "live_municipalities", lambda: [type("One", (), {"id": m}) for m in MUNICIPALITIES]
    )
    with sealing.Sealer() as running:
        assert within(10, lambda: rests(running))
        yield running


MUNICIPALITIES = ("averoy", "smola")


def within(seconds, is_so):
    until = time.monotonic() + seconds
    while not is_so() and time.monotonic() < until:
        time.sleep(0.02)
    return is_so()


def rests(sealer):
    later = time.monotonic() + 60
    known = sealer._attention._all
    return len(known) == 2 and all(one.next_look > later for one in known.values())


def newest(municipality):
    with use(municipality, "sealer"):
        return LogHead.objects.order_by("-size").first()


def test_a_row_is_sealed_within_a_second_where_nothing_was_written_before(sealer, municipality_a, monkeypatch):
    """With PostgreSQL between: whoever writes tells, the sealer hears, and looks there alone."""
    monkeypatch.setattr(waking, "_telling", telling := waking.Telling())
    telling.start()
    try:
        begun = dates.now()
        write(municipality_a, 1)
        assert within(5, lambda: newest(municipality_a) is not None)
    finally:
        telling.stop()
    assert (newest(municipality_a).at - begun).total_seconds() < 1
    assert sealer._attention._all["smola"].next_look > time.monotonic() + 60
    assert threading.active_count() < 30
