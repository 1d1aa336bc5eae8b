"""Doing what remains to be done: every outbox row has a handler here, and every handler may run twice without harm."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from django.db import transaction

from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.post import actions, queries
from allmenning.municipal.post.models import Outbox
from allmenning.tenancy import AREAS, use

log = logging.getLogger(__name__)

Handler = Callable[[Outbox], None]
_handlers: dict[str, Handler] = {}
_alone: set[str] = set()
_opening: dict[str, tuple[str, Sequence[str]]] = {}  # purpose and kinds of fields, by kind of row


def handles(
    kind: str, *, opens: Sequence[str] = (), purpose: str = "", alone: bool = False
) -> Callable[[Handler], Handler]:
    """Mark a function as the one that does outbox rows of this kind. It runs as the row's area, in a transaction.

    Args:
        opens: what it opens of the case that is the row's object, or asks registers for, by itself: kinds of fields. That
            is logged as the platform's, for this purpose, before it runs.
        alone: it runs in no transaction, since it works in another municipality too, and two workers may be at it at once.
    """

    def register(handler: Handler) -> Handler:
        if kind in _handlers and _handlers[kind] is not handler:
            raise RuntimeError(f"two handlers for {kind}")
        _handlers[kind] = handler
        if alone:
            _alone.add(kind)
        if opens:
            _opening[kind] = purpose, opens
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
            done += do(rows)
            last = rows[-1]
    return done


def do(rows: Sequence[Outbox]) -> int:
    """Do some rows of one area. Returns how many were done: one that somebody else holds, or that failed, waits."""
    _log_openings(rows)
    return sum(_do(row) for row in rows)


def _log_openings(rows: Sequence[Outbox]) -> None:
    """What the platform is about to open by itself: a row of the log for each purpose, committed before anything is."""
    shown: dict[tuple[str, Sequence[str]], list[Outbox]] = {}
    for row in rows:
        if row.kind in _opening:
            shown.setdefault(_opening[row.kind], []).append(row)
    for (purpose, kinds), some in shown.items():
        ids = [row.object_id for row in some]
        access.log_list(SYSTEM, area=some[0].area, purpose=purpose, shown=ids, field_kinds=kinds)


def _do(row: Outbox) -> bool:
    try:
        if row.kind in _alone:
            _handlers[row.kind](row)
        with transaction.atomic():
            held = queries.held(row.id)
            if held is None:
                return False
            if held.kind not in _alone:
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
