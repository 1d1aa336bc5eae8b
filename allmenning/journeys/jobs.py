"""Waking a worker. Jobs carry a municipality and an area, nothing else: the rows in the municipality are the queue."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections, transaction
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from allmenning.basics.errors import AllmenningError
from allmenning.commons.municipalities import queries as municipalities
from allmenning.tenancy import current, placement

from . import figures, health, offering, outbox, sweeping

log = logging.getLogger(__name__)


@app.task(name="drain", queue="drain")
def drain(municipality: str, area: str) -> int:
    """Do what waits in one area of one municipality."""
    with _giving_back_connections():
        return outbox.drain(municipality, area)


@app.periodic(cron="* * * * *")
@app.task(name="sweep", queue="sweep", queueing_lock="sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Each minute: wake whatever is due and was not woken, in every municipality."""
    for municipality in municipalities.live_municipalities():
        try:
            with _giving_back_connections():
                outbox.sweep(municipality.id)
                health.note_backlog(municipality.id)
        except (DatabaseError, AllmenningError):
            # One municipality that can't be reached must not keep the others waiting.
            log.warning("municipality %s could not be swept", municipality.id, exc_info=True)


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


@app.periodic(cron="17 3 * * *")
@app.task(name="tidy", queue="sweep", queueing_lock="tidy", pass_context=False)
def tidy(timestamp: int) -> None:
    """Each night: what was left behind goes, in every municipality."""
    sweeping.sweep_sessions()
    for municipality in municipalities.live_municipalities():
        try:
            with _giving_back_connections():
                sweeping.sweep_drafts(municipality.id)
                sweeping.sweep_files(municipality.id)
        except (DatabaseError, AllmenningError, OSError):
            log.warning("%s could not be tidied", municipality.id, exc_info=True)


@contextmanager
def _giving_back_connections() -> Iterator[None]:
    """A request gives its connections back to the pool when it ends; a job must do so itself, or the pool runs dry."""
    try:
        yield
    finally:
        connections.close_all()


def wake(area: str) -> None:
    """After the commit, wake a worker for this municipality and area. A failure here loses nothing: the sweep comes."""
    municipality = current().municipality

    def defer() -> None:
        try:
            drain.configure(queueing_lock=f"{municipality}:{area}").defer(municipality=municipality, area=area)
        except AlreadyEnqueued:
            pass
        except Exception:
            log.warning("no worker could be woken for %s", municipality, exc_info=True)

    transaction.on_commit(defer)


def run_worker(concurrency: int = 2) -> None:
    """Work until told to stop."""
    # Procrastinate would ask Django's settings, where only the tenancy room knows the way to a database.
    parameters = placement.connection_parameters("commons", placement.target("commons"))
    worker_app = app.with_connector(PsycopgConnector(kwargs=parameters))
    with worker_app.open():
        worker_app.run_worker(queues=["drain", "sweep"], concurrency=concurrency, install_signal_handlers=True)
