"""`bin/bench keys`, briefly: new keys while somebody sends applications in, and what it counts."""

from __future__ import annotations

import threading
from itertools import islice

from bench import keys, kinds
from bench.people import people
from bench.stand import System


def test_new_keys_and_a_new_master_key_while_applications_come_in(system: System) -> None:
    others, stop = keys.Others(), threading.Event()
    told = kinds.submissions(system.client(keys.TOWN), b"%PDF-1.7\n", list(islice(people(), 20_000)))
    told["application"].pop("attachments")
    thread = threading.Thread(target=keys._work, args=(system.url, "submissions", told, others, stop))
    thread.start()
    try:
        rotations = [keys.rotate(system), keys.rotate(system)]
        masters, _ = keys._told(system, "keys", "rotate-master", "--json")
    finally:
        stop.set()
        thread.join()
    again = keys.rotate(system)
    assert masters["wrapped"] > 10
    assert (others.failed, again.left) == (0, 0)
    assert again.wrapped >= others.statuses["201"] > 0
    assert sum(each.wrapped for each in rotations) > 0


def test_a_key_that_was_left_and_an_answer_that_was_no_are_counted(system: System) -> None:
    with (
        system.connect(keys.TOWN) as connection,
        connection.transaction(force_rollback=True),
    ):  # others work with that case
        connection.execute(
            "update cases_case set wrapped_key = overlay(wrapped_key placing '\\x00'::bytea from 2 for 1)"
            " where id = (select min(id::text)::uuid from cases_case)"
        )
        found = connection.execute("select count(distinct substr(wrapped_key, 1, 9)) from cases_case").fetchone()
    assert found == (2,)
    others = keys.Others()
    others.statuses.update({"200": 3, "201": 2, "500": 1, "lost": 1})
    assert others.failed == 2
