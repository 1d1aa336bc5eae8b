"""Clients really work on a real system: what they send is there afterwards, and what it takes is counted."""

from __future__ import annotations

from itertools import islice

import pytest

from bench import kinds
from bench.measuring import Failed, Load, count_statements, measure
from bench.people import people
from bench.stand import System


def test_every_acknowledged_submission_is_found_again_and_a_missing_one_is_missed(system: System) -> None:
    content = kinds.attachment()
    told = kinds.submissions(system.client("averoy"), content, list(islice(people(), 30)))
    measured = measure(system, [Load("submissions", told, warm=2)], seconds=60, count=5)
    assert len(measured.kept) == 7  # also what warmed it up
    assert (measured.operations, measured.clients) == (5, 1)
    assert measured.rss_mb > 30
    kinds.require_whole(system, "averoy", measured.kept, content)
    with pytest.raises(Failed, match="lost"):
        kinds.require_whole(system, "averoy", [["k", "1", "0192f3a4-0000-7000-8000-000000000000"]], content)
    with pytest.raises(Failed, match="another file"):
        kinds.require_whole(system, "averoy", measured.kept, b"something else")


def test_statements_are_counted_of_every_connection(system: System) -> None:
    counted = count_statements(system, Load("visits", {"addresses": [["/averoy/", {}]]}), 10)
    assert counted.statements > 0
    assert any("profile_" in text for text, _ in counted.texts)


def test_an_answer_that_is_no_page_is_no_measurement(system: System) -> None:
    with pytest.raises(Failed, match="404"):
        measure(system, [Load("visits", {"addresses": [["/nowhere-at-all/x/", {}]]}, warm=0)], seconds=1, count=2)
