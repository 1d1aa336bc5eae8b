"""What the first request would wait for, done when a worker of the web server starts."""

from __future__ import annotations

import logging

from django.db import DatabaseError, connections

from allmenning.journeys import offered
from allmenning.web import jinja

log = logging.getLogger(__name__)


def warm() -> None:
    """Load templates, services and forms. A database that is away keeps no worker from starting."""
    jinja.warm()
    try:
        offered.warm()
    except DatabaseError:
        log.warning("the services could not be read at the start; the first requests will", exc_info=True)
    finally:
        connections.close_all()
