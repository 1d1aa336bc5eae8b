"""How everything is: said once, for people and machines."""

from datetime import timedelta

import pytest

from allmenning.basics import dates
from allmenning.journeys import health
from allmenning.journeys.models import Backlog


@pytest.mark.parametrize(
    ("waiting_for", "counted_ago", "state"),
    [
        (timedelta(minutes=1), timedelta(minutes=1), health.OK),
        (timedelta(hours=1), timedelta(minutes=1), health.WARNING),
        (timedelta(minutes=1), timedelta(hours=1), health.FAILED),
    ],
)
def test_what_waits_too_long_is_noticed_and_a_silent_worker_more(waiting_for, counted_ago, state):
    now = dates.now()
    row = Backlog(municipality="averoy", waiting=3, oldest_at=now - waiting_for, counted_at=now - counted_ago)

    found = health._backlog("averoy", row)

    assert found.state == state
    assert found.measures["outbox_waiting"] == 3


def test_the_sweep_counts_what_waits(municipality_a):
    health.note_backlog(municipality_a)

    assert Backlog.objects.get().waiting == 0


def test_a_municipality_that_can_not_be_reached_is_named_and_the_others_are_told_of(municipality_a):
    assert health._municipality(municipality_a).state == health.OK
    assert health._municipality("nowhere").state == health.FAILED


def test_a_full_disk_is_noticed_before_it_stops_anybody(tmp_path, monkeypatch):
    monkeypatch.setattr(health, "NO_SPACE", 10**18)

    assert health._looked_at_disk("files", tmp_path / "not" / "yet").state == health.FAILED
