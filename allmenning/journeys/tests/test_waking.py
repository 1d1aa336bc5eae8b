"""Waking a worker: few jobs, and nothing that waits for one."""

import asyncio

import pytest
from django.db import connections, transaction
from procrastinate.worker import Worker

from allmenning.journeys import jobs
from allmenning.journeys.testing import rita
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_main_job import as_resident, send_inquiry
from allmenning.municipal.post.models import Outbox
from allmenning.tenancy import use


@pytest.fixture(autouse=True)
def nobody_is_awake(monkeypatch, commons_db):
    monkeypatch.setattr(jobs, "_awake_until", {})


def planned():
    """Municipality of each waiting job, and whether it was due later than when it was planned."""
    with connections["commons"].cursor() as cursor:
        cursor.execute("""
            select args->>'municipality', scheduled_at > event.at from procrastinate_jobs job
            join procrastinate_events event on event.job_id = job.id and event.type = 'deferred'
            where task_name = 'drain' and status = 'todo'""")
        return cursor.fetchall()


def begun():
    """A worker has begun on all jobs."""
    with connections["commons"].cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'doing' where task_name = 'drain'")


def wake(municipality):
    with use(municipality, "ordinary"):
        jobs.wake("ordinary")


def test_one_job_does_what_is_sent_within_a_short_time(averoy):
    with as_resident(averoy, rita()):
        for _ in range(5):
            send_inquiry(averoy, rita())
    assert planned() == [("averoy", True)]


def test_each_municipality_wakes_its_own(averoy, smola):
    for municipality in ("averoy", "smola", "averoy"):
        wake(municipality)
    assert sorted(planned()) == [("averoy", True), ("smola", True)]


def test_who_was_woken_lately_costs_nothing(averoy):
    wake("averoy")
    with statements() as sent:
        wake("averoy")
    assert not sent


def test_a_job_that_waits_already_is_enough_for_another_process(averoy, monkeypatch):
    wake("averoy")
    monkeypatch.setattr(jobs, "_awake_until", {})
    wake("averoy")
    assert len(planned()) == 1


def test_a_worker_that_found_something_looks_again(averoy):
    """What was committed while it worked, by a process that thinks somebody is awake, is found then."""
    with as_resident(averoy, rita()):
        send_inquiry(averoy, rita())
    begun()
    assert jobs.drain("averoy", "ordinary") > 0
    assert planned() == [("averoy", True)]
    begun()
    assert jobs.drain("averoy", "ordinary") == 0
    assert planned() == []


def test_nobody_is_woken_for_what_is_rolled_back(averoy):
    with use("averoy", "ordinary"), transaction.atomic():
        jobs.wake("ordinary")
        transaction.set_rollback(True)
    assert planned() == []


def test_a_worker_that_can_not_be_woken_loses_nothing(averoy, monkeypatch):
    monkeypatch.setattr(jobs.drain, "configure", lambda **_: 1 / 0)
    with as_resident(averoy, rita()):
        receipt = send_inquiry(averoy, rita())
    with use("averoy", "ordinary"):
        assert Outbox.objects.filter(case_id=receipt.case_id, done_at=None).exists()
    assert jobs._awake_until == {}


@pytest.mark.parametrize("concurrency", [1, 2])
def test_exports_have_one_slot_and_never_one_of_the_letters(concurrency, monkeypatch):
    slots, real = {}, Worker.__init__

    def noted(self, *args, **kwargs):
        slots[tuple(kwargs["queues"])] = kwargs["concurrency"]
        real(self, *args, **kwargs)

    monkeypatch.setattr(Worker, "__init__", noted)

    async def for_a_moment():
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(1, stop.set)
        await jobs._work_while_connected(concurrency, stop)

    asyncio.run(for_a_moment())
    assert slots == {("drain", "sweep"): concurrency, ("export",): 1}
