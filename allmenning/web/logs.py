"""What the log of a program may hold: nothing that somebody typed, in an address or a header."""

from __future__ import annotations

import logging
import re

# What begins a line, or moves, on a screen or in a program that reads lines.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


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


class Line(logging.Formatter):
    """One record begins one line. What a message quotes is escaped; lines of a traceback, which may quote too, are indented."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        return _escaped(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        first, *more = super().format(record).splitlines()
        return "\n".join([first, *(f"    {_escaped(line)}" for line in more)])


def _escaped(text: str) -> str:
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
