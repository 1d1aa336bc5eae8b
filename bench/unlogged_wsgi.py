"""The platform's application with its log taken out, in the memory of this process: rows, commitments, and the wakes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# The first: it sets up Django.
from allmenning.project.wsgi import application  # isort: split

from allmenning.journeys import registering
from allmenning.municipal.access import actions
from allmenning.municipal.access.models import LogEntry
from allmenning.tenancy.together import Part

__all__ = ["application"]


def _no_row(*_: Any, **__: Any) -> LogEntry:
    return LogEntry()


_insert_together = registering.insert_together


def _insert_the_others(parts: Iterable[Part]) -> dict[str, int]:
    return _insert_together([part for part in parts if not isinstance(part, LogEntry)])


for name in ("log_case", "log_list", "entry_about_case"):
    setattr(actions, name, _no_row)
registering.insert_together = _insert_the_others
