"""Each municipality and each step by itself: what is wrong with one keeps no other waiting."""

import pytest

from allmenning.journeys import erasing, health, jobs, proving, standing_out, stuck, sweeping
from allmenning.journeys.models import Backlog


@pytest.fixture
def fails_in_averoy(averoy, smola, monkeypatch):
    """Makes something that fails in one municipality and tells which others it was done in."""
    monkeypatch.setattr(jobs.municipalities, "live_municipalities", lambda: [averoy, smola])

    def make(done):
        def step(municipality, *_, **__):
            if municipality == averoy.id:
                raise ValueError("year 12026 is out of range")
            done.append(municipality)

        return step

    return make


def test_each_hour_one_municipality_keeps_no_other_waiting(fails_in_averoy, smola, monkeypatch):
    done = []
    monkeypatch.setattr(erasing, "erase_approved", fails_in_averoy(done))
    jobs.look(0)
    assert done == [smola.id]


def test_each_night_a_step_keeps_no_other_waiting_and_operators_see_which(fails_in_averoy, averoy, monkeypatch):
    done = []
    monkeypatch.setattr(sweeping, "sweep_files", fails_in_averoy([]))
    monkeypatch.setattr(proving, "note", lambda municipality: done.append(municipality))

    find_in = standing_out._find_in

    def fails_in_one_area(municipality, area, left):
        if area == "ordinary":
            raise ValueError("year 12026 is out of range")
        done.append((municipality, area))
        return find_in(municipality, area, left)

    monkeypatch.setattr(standing_out, "_find_in", fails_in_one_area)
    jobs.tidy(0)
    assert averoy.id in done
    assert (averoy.id, "care") in done
    [row] = Backlog.objects.filter(municipality=averoy.id)
    assert row.night_failed == ["files", "standing-out"]
    found = health._night_in(row)
    assert (found.state, "files" in found.said) == (health.WARNING, True)
    stuck.note_night(averoy.id, [])
    assert health._night_in(Backlog.objects.get(municipality=averoy.id)).state == health.OK
