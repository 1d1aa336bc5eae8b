"""Waking a worker. Jobs carry a municipality and an area, nothing else: the rows in the municipality are the queue."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial

import psycopg
from asgiref.sync import sync_to_async
from django.db import DatabaseError, connections, transaction
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.commons.municipalities import queries as municipalities
from allmenning.tenancy import current, placement

from . import (
    asking_anew,
    erasing,
    figures,
    health,
    offering,
    outbox,
    proving,
    sealing,
    standing_out,
    stuck,
    sweeping,
    using,
    witnessing,
)

log = logging.getLogger(__name__)

QUEUES = ["drain", "sweep"]
EXPORTS = ["export"]  # have a slot of their own: one takes long, and letters never wait for it
WAKES_AFTER_MS = 500
LOOKS_BACK = timedelta(hours=1)
SECONDS_BETWEEN_TRIES = 2.0  # to reach the commons again


@app.task(name="drain", queue="drain")
def drain(municipality: str, area: str) -> int:
    """Do what waits in one area of one municipality, and look again soon if there was something."""
    with _giving_back_connections():
        done = outbox.drain(municipality, area)
        if done:
            _awake_until.pop((municipality, area), None)
            _wake_soon(municipality, area)
        return done


@app.periodic(cron="* * * * *")
@app.task(name="sweep", queue="sweep", queueing_lock="sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Each minute: wake whatever is due and was not woken, in every municipality."""
    with _giving_back_connections():
        sweeping.sweep_stalled_jobs()
    for municipality in municipalities.live_municipalities():
        try:
            with _giving_back_connections():
                outbox.sweep(municipality.id)
                health.note_backlog(municipality.id)
                sealing.seal(municipality.id, dates.now() - LOOKS_BACK)  # a row that was long in being committed
                witnessing.note(municipality.id)
        except (DatabaseError, AllmenningError):
            # One municipality that can't be reached must not keep the others waiting.
            log.warning("municipality %s could not be swept", municipality.id, exc_info=True)


@app.periodic(cron="* * * * *")
@app.task(name="receive", queue="sweep", lock="receive", queueing_lock="receive", pass_context=False)
def receive(timestamp: int) -> None:
    """Each minute, in every municipality: take in what other systems have sent, and tell them what has changed.

    Apart from the sweep, which must not wait for a system that is slow.
    """
    from . import receiving_from_systems, telling_outside  # which know how cases are registered, which knows this

    for municipality in municipalities.live_municipalities():
        for step in (receiving_from_systems.receive_waiting, telling_outside.note_changed):
            try:
                with _giving_back_connections():
                    step(municipality.id)
            except (DatabaseError, AllmenningError) as error:
                log.warning("messages of systems of %s wait: %s", municipality.id, type(error).__name__)


@app.periodic(cron="* * * * *")
@app.task(name="export", queue="export", lock="export", queueing_lock="export", pass_context=False)
def export(timestamp: int) -> None:
    """Each minute: make the large exports that residents have asked for, in every municipality.

    One job at a time, among all workers: what is being made, however long it takes, is not begun again.
    """
    from . import making_exports  # which knows how cases are registered, which knows this

    for municipality in municipalities.live_municipalities():
        try:
            with _giving_back_connections():
                making_exports.make_waiting(municipality.id)
        except Exception:
            log.warning("exports of %s could not be made", municipality.id, exc_info=True)


@app.periodic(cron="7 * * * *")
@app.task(name="figures", queue="sweep", queueing_lock="figures", pass_context=False)
def publish_figures(timestamp: int) -> None:
    """Each hour: every municipality publishes to the commons its figures, and which services it offers."""
    for municipality in municipalities.live_municipalities():
        try:
            with _giving_back_connections():
                offering.publish_offered(municipality.id)
                figures.publish_figures(municipality.id)
        except (DatabaseError, AllmenningError):
            log.warning("figures of %s could not be published", municipality.id, exc_info=True)


@app.periodic(cron="37 * * * *")
@app.task(name="look", queue="sweep", queueing_lock="look", pass_context=False)
def look(timestamp: int) -> None:
    """Each hour, in every municipality: count what is not whole, for operators; erase what two persons have approved."""
    for municipality in municipalities.live_municipalities():
        try:
            with _giving_back_connections():
                stuck.note(municipality.id)
                erasing.erase_approved(municipality.id)
        except Exception:  # whatever is wrong with one municipality, the next is looked through
            log.warning("%s could not be looked through", municipality.id, exc_info=True)


@app.periodic(cron="17 3 * * *")
@app.task(name="tidy", queue="sweep", queueing_lock="tidy", pass_context=False)
def tidy(timestamp: int) -> None:
    """Each night: what was left behind goes, in every municipality; and leaders get what stands out to look into.

    A step that fails stops no other, here or elsewhere; operators see which did (`health`).
    """
    with _giving_back_connections():
        sweeping.sweep_sessions()
        sweeping.sweep_old_jobs()
    for municipality in municipalities.live_municipalities():
        failed = [name for name, step in _nightly() if not _went_well(municipality.id, name, step)]
        _went_well(municipality.id, "note-night", partial(stuck.note_night, failed=failed))


def _nightly() -> Iterator[tuple[str, Callable[[str], object]]]:
    """What is done with each municipality at night, by name, in this order."""
    from . import making_exports  # as above

    yield "protections", asking_anew.ask_anew
    yield "drafts", sweeping.sweep_drafts
    yield "exports", making_exports.remove_old
    yield "messages", sweeping.sweep_messages
    yield "people", sweeping.sweep_people
    yield "files", sweeping.sweep_files
    yield "near-ones", sweeping.sweep_near_ones
    yield "standing-out", standing_out.find
    yield "files-gone", stuck.note_files
    yield "log-heads", sweeping.sweep_log_heads
    yield "log", proving.note
    yield "use", using.publish_use


def _went_well(municipality: str, name: str, step: Callable[[str], object]) -> bool:
    try:
        with _giving_back_connections():
            step(municipality)
    except Exception:
        log.exception("%s could not be tidied: %s", municipality, name)
        return False
    return True


@contextmanager
def _giving_back_connections() -> Iterator[None]:
    """A request gives its connections back to the pool when it ends; a job must do so itself, or the pool runs dry."""
    try:
        yield
    finally:
        connections.close_all()


def wake(area: str) -> None:
    """After the commit, wake a worker for this municipality and area. A failure here loses nothing: the sweep comes.

    It wakes shortly afterwards, and what this process commits meanwhile is done by the same job: one for each would
    cost every submission another commit, in the commons.
    """
    municipality = current().municipality
    transaction.on_commit(lambda: _wake_soon(municipality, area))


_awake_until: dict[tuple[str, str], float] = {}  # as this process knows, by municipality and area


def _wake_soon(municipality: str, area: str) -> None:
    now = time.monotonic()
    if now < _awake_until.get((municipality, area), 0):
        return
    try:
        soon = drain.configure(queueing_lock=f"{municipality}:{area}", schedule_in={"milliseconds": WAKES_AFTER_MS})
        soon.defer(municipality=municipality, area=area)
    except AlreadyEnqueued:
        pass
    except Exception:
        log.warning("no worker could be woken for %s", municipality, exc_info=True)
        return
    # A job that has not begun sees all that is committed by now. It may begin at once, but as it then finds something, it
    # looks again after WAKES_AFTER_MS: so whatever is committed in half of that time is found without another job.
    _awake_until[municipality, area] = now + WAKES_AFTER_MS / 2000


def run_worker(concurrency: int = 2) -> None:
    """Work until told to stop (SIGTERM, SIGINT). A database that goes away is waited for."""
    with sealing.Sealer():
        asyncio.run(_work(concurrency))


async def _work(concurrency: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    while not stop.is_set():
        try:
            await _work_while_connected(concurrency, stop)
        except (ProcrastinateException, psycopg.Error, DatabaseError, OSError) as error:
            log.warning("the worker lost its database and tries again: %s", type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SECONDS_BETWEEN_TRIES)


async def _work_while_connected(concurrency: int, stop: asyncio.Event) -> None:
    """Until `stop`, or until the jobs can't be read any more: Procrastinate's worker then ends, or raises."""
    # Procrastinate would ask Django's settings, where only the tenancy room knows the way to a database.
    parameters = placement.connection_parameters("commons", placement.target("commons"))
    # Periodic jobs are deferred through Django, in a thread of asgiref's that nobody else gives connections back for.
    await sync_to_async(connections.close_all)()
    async with app.with_connector(PsycopgConnector(kwargs=parameters)).open_async() as worker_app:
        with suppress(AlreadyEnqueued):
            # What a worker that was killed had begun is found now, not when a minute has passed.
            await worker_app.tasks["sweep"].configure().defer_async(timestamp=int(time.time()))
        working = {
            asyncio.create_task(
                worker_app.run_worker_async(
                    queues=queues,
                    concurrency=slots,
                    fetch_job_polling_interval=WAKES_AFTER_MS / 1000,  # nobody notifies of a job that is due later
                    install_signal_handlers=False,
                    # A job that is done is of no use to anybody, and one comes with each submission.
                    delete_jobs="successful",
                )
            )
            for queues, slots in ((QUEUES, concurrency), (EXPORTS, 1))
        }
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({*working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        for each in working:  # both, also when one of them has lost the database: they begin anew together
            each.cancel()  # it finishes what it is at
        for each in working:
            with suppress(asyncio.CancelledError):
                await each
