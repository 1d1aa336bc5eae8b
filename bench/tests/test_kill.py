"""Killed while applications are sent: nothing is lost, nothing is there twice. And the check would see it if it were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench import kill
from bench.kill import Outcome, Plan, Sending
from bench.people import people
from bench.stand import System
from demo.screen import Screen

PLAN = Plan(kills=5, acknowledged=40, clients=4, letter_every=8)


@pytest.fixture(scope="module")
def working(system: System) -> Iterator[System]:
    system.start("worker")
    yield system
    system.stop("worker")


@pytest.fixture(scope="module")
def ran(working: System) -> tuple[Sending, Outcome]:
    """A short run, of which each kind of kill is a part."""
    return kill.run(working, PLAN, Screen(), seed=1)


def test_nothing_is_lost_and_nothing_is_there_twice_when_everything_is_killed(ran: tuple[Sending, Outcome]) -> None:
    _, outcome = ran
    assert outcome.is_clean, outcome
    assert outcome.acknowledged >= PLAN.acknowledged
    assert outcome.kills == PLAN.kills
    assert set(outcome.killed) == set(kill.VICTIMS)
    assert outcome.letters > 0


TAMPERED = {
    "a case that is gone": ("lost", "DELETE FROM cases_case WHERE id = %s"),
    "a submission that is gone": ("lost", "DELETE FROM forms_submission WHERE case_id = %s"),
    "a log row that is gone": ("incomplete", "DELETE FROM access_logentry WHERE case_id = %s"),
    "an entry in the journal that is gone": ("incomplete", "DELETE FROM archive_registryentry WHERE case_id = %s"),
    "an outbox row that waits": ("incomplete", "UPDATE post_outbox SET done_at = NULL WHERE case_id = %s"),
    "a document that was never made": (
        "incomplete",
        "UPDATE documents_document SET path = '' WHERE case_id = %s AND origin = 'submission'",
    ),
    "another file than was sent": (
        "incomplete",
        "UPDATE documents_document d SET path = o.path FROM documents_document o"
        " WHERE d.case_id = %s AND o.case_id = d.case_id AND d.origin = 'uploaded' AND o.origin = 'submission'",
    ),
    "another number than the receipt says": (
        "incomplete",
        "UPDATE cases_case SET sequence = sequence + 9000 WHERE id = %s",
    ),
}


def _sent_again(working: System, sent: kill.Sent) -> kill.Sent:
    """The same application under another idempotency key. A copied row would not open: what is sealed knows its row."""
    name = next(name for number, name in people() if number == sent.number)
    application = kill.inquiry(sent.key, sent.number, name, kill.a_document()(sent.key))
    client = replace(working.client(kill.MUNICIPALITY))  # whose connection has not been killed
    assert client.submit(application, f"again-{sent.key}").status == 201
    return sent


def test_the_check_sees_what_is_lost_twice_and_not_whole(ran: tuple[Sending, Outcome], working: System) -> None:
    sending, _ = ran
    victims = [each for each in sending.acknowledged if each.service == "inquiry"]
    twice = _sent_again(working, victims[len(TAMPERED)])
    working.stop("worker")  # it would mend the outbox row that we leave waiting
    with working.connect(kill.MUNICIPALITY) as connection:
        connection.execute("SET session_replication_role = replica")  # no foreign key stops us
        for victim, (_counted, statement) in zip(victims, TAMPERED.values(), strict=False):
            connection.execute(statement, [victim.case_id] * statement.count("%s"))
        mine = [each.case_id for each in sending.acknowledged]
        unsent = connection.execute(
            "UPDATE post_delivery SET message_id = gen_random_uuid() WHERE channel = 'email'"
            " AND case_id = ANY(%s::uuid[]) RETURNING id",
            [mine],
        ).fetchall()
    found = kill.examine(working, sending.acknowledged)
    working.start("worker")
    assert any(line.startswith(f"duplicated: {twice.key}: ") for line in found["said"]), found
    for victim, (what, (counted, _statement)) in zip(victims, TAMPERED.items(), strict=False):
        assert any(line.startswith(f"{counted}: {victim.key}: ") for line in found["said"]), (what, found)
    assert found["numbers_missing"] > 0
    assert found["letters_never"] == len(unsent) > 0
