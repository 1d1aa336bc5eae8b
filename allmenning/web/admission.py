"""Lets requests in by turns (see turns.py), and tells those who can't be let in to come back. Before Django, for each process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from allmenning.commons.identity import client_tokens, sessions
from allmenning.tenancy.routing import forget_in_this_thread
from allmenning.web import access, problems
from allmenning.web.i18n import PREFIXED
from allmenning.web.turns import Here, TooManyWait, Turns

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

RETRY_AFTER = 5  # seconds
# Answered at once, whoever else waits: machines that ask how it is, and files that come with a page.
AT_ONCE = ("/healthz", "/static/")
_MACHINES = ("readyz", "metrics")
_MUNICIPALITY_SECOND = ("my", "receipt-code")

_BUSY = (
    "<!doctype html><html lang=nb><meta charset=utf-8><title>Mange vil inn – Allmenning</title>"
    "<h1>Mange vil inn akkurat nå</h1><p>Prøv igjen om noen sekunder. Det du hadde lagret, er der fortsatt.</p>"
    "<p lang=nn>Mange vil inn akkurat no. Prøv igjen om nokre sekund. Det du hadde lagra, er der framleis.</p>"
    "<p lang=en>Many want in just now. Try again in some seconds. What you had saved is still there.</p>"
).encode()


class ByTurns:
    """A WSGI application whose requests are let in by turns, each municipality's beside the others'."""

    def __init__(self, application: Application, turns: Turns | None = None) -> None:
        self._application, self._turns = application, turns or Turns(here=_here())

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(AT_ONCE):
            return self._application(environ, start_response)
        try:
            with self._turns.turn(municipality_of(environ)):
                forget_in_this_thread()
                return self._application(environ, start_response)
        except TooManyWait:
            close_old_connections()
            return busy(environ, start_response)


def municipality_of(environ: Environ) -> str:
    """The municipality that a request is about: by its address, or by who asks; empty for what all have together.

    Only one that has a database here: names that somebody makes up would be a turn each.
    """
    first, *rest = [*filter(None, environ.get("PATH_INFO", "").split("/")), ""]
    if first in PREFIXED and rest:
        first, *rest = rest
    if first in _MACHINES:
        return "machines"  # no municipality's id: these are asked for by their own, and get a turn of theirs
    if first in ("desk", "cooperation"):
        return _of_staff(environ)
    if first == "api":
        return _of_client(environ)
    if first in _MUNICIPALITY_SECOND and rest:
        first = rest[0]
    elif first == "search":
        first = parse_qs(environ.get("QUERY_STRING", "")[:2000]).get("in", [""])[0]
    return first if first in _live() else ""


def busy(environ: Environ, start_response: StartResponse) -> list[bytes]:
    """503: too many wait. Nothing was read of the request, and nothing done."""
    kind, body = "text/html; charset=utf-8", _BUSY
    if environ.get("PATH_INFO", "").startswith(problems.API):
        kind, title, detail = problems.CONTENT_TYPE, *problems.STATUSES[503][1:]
        body = json.dumps(
            {"type": "urn:allmenning:problem:busy", "title": title, "status": 503, "detail": detail}
        ).encode()
    headers = {
        "Content-Type": kind,
        "Content-Length": str(len(body)),
        "Retry-After": str(RETRY_AFTER),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    }
    start_response("503 Service Unavailable", list(headers.items()))
    return [body]


def _here() -> Here:
    """Beside the file in which the processes of one server count."""
    return Here(Path(settings.RATE_LIMITS_FILE).with_name("here") if settings.RATE_LIMITS_FILE else None)


def _of_staff(environ: Environ) -> str:
    name = f"{settings.SESSION_COOKIE_NAME}="
    for cookie in environ.get("HTTP_COOKIE", "").split(";"):
        if cookie.strip().startswith(name):
            return _of_cookie(cookie.strip().removeprefix(name))
    return ""


@lru_cache(maxsize=4096)  # whether it is still good, the view asks
def _of_cookie(cookie: str) -> str:
    return sessions.municipality_of(cookie)


def _of_client(environ: Environ) -> str:
    kind, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return _of_token(token.strip()) if kind.lower() == "bearer" else ""


@lru_cache(maxsize=4096)
def _of_token(token: str) -> str:
    client = client_tokens.open_token(token)
    return client.municipality if client else ""


def _live() -> frozenset[str]:
    try:
        return access.live()
    except DatabaseError:
        return frozenset()  # the page says so
