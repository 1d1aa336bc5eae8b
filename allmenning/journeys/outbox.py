"""Doing what remains to be done: every outbox row has a handler here, and every handler may run twice without harm."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import transaction

from allmenning.municipal.post import actions, queries
from allmenning.municipal.post.models import Outbox
from allmenning.tenancy import AREAS, use

log = logging.getLogger(__name__)

Handler = Callable[[Outbox], None]
_handlers: dict[str, Handler] = {}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Mark a function as the one that does outbox rows of this kind. It runs as the row's area, in a transaction."""

    def register(handler: Handler) -> Handler:
        if kind in _handlers and _handlers[kind] is not handler:
            raise RuntimeError(f"two handlers for {kind}")
        _handlers[kind] = handler
        return handler

    return register


def kinds() -> frozenset[str]:
    return frozenset(_handlers)


def drain(municipality: str, area: str) -> int:
    """Do everything that is due in one area of a municipality. Returns how many rows were done.

    A row that fails waits longer each time and never stops the others. Each row is its own transaction.
    """
    done, last = 0, None
    with use(municipality, area):
        # Each row is tried once: one that another worker holds is still due, and must not make us turn in circles.
        while rows := queries.due_outbox(after=last):
            done += sum(do(row) for row in rows)
            last = rows[-1]
    return done


def do(row: Outbox) -> bool:
    """Do one row. False when somebody else holds it, or it failed and waits."""
    try:
        with transaction.atomic():
            held = queries.held(row.id)
            if held is None:
                return False
            _handlers[held.kind](held)
            actions.mark_done(held)
        return True
    except Exception as error:
        # Whatever went wrong, the row stays and is tried again; the class tells an operator where to look.
        log.warning("outbox %s of kind %s failed: %s", row.id, row.kind, type(error).__name__, exc_info=True)
        actions.try_again_later(row, type(error).__name__)
        return False


def sweep(municipality: str) -> int:
    """Do what is due in every area of a municipality, whoever forgot to wake us."""
    return sum(drain(municipality, area) for area in AREAS)
