"""What the log of a program may hold: nothing that somebody typed, in an address or a header."""

from __future__ import annotations

import logging


class NothingTyped(logging.Filter):
    """Django writes down the address that was asked for, which may hold a name or a number: here is its pattern instead."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security"):
            record.msg, record.args = "refused: %s", (record.name.rpartition(".")[2],)
            record.exc_info = record.exc_text = None  # the refusal quotes the header
        elif record.name == "django.request" and hasattr(record, "request"):
            match = getattr(record.request, "resolver_match", None)
            route = match.route if match else "an address that is not there"
            record.msg, record.args = "%s: %s", (getattr(record, "status_code", ""), route)
        return True
