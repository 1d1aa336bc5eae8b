"""Error pages: what happened, what to do about it, in the language of the address. No database, no session."""

from __future__ import annotations

import errno
import logging
import re
import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token

from allmenning.vault import FilesUnavailable, KeeperAway
from allmenning.web import problems
from allmenning.web.jinja import in_language_of

log = logging.getLogger(__name__)

STATUSES = (400, 403, 404, 405, 413, 429, 500, 503)
_TYPED = ("/", "text", "words")  # names of fields that people write in: a form's begin with a pointer's slash
_CHOICE = re.compile(r"[a-z][a-z0-9-]*")  # what a form's choices are called
RETRY_AFTER = 30  # seconds: a database is back, or another has taken over, in about that time

# Only when not even the error page can be rendered.
_LAST_RESORT = (
    "<!doctype html><html lang=nb><meta charset=utf-8><title>Noe gikk galt – Allmenning</title>"
    "<h1>Noe gikk galt hos oss</h1><p>Prøv igjen om litt.</p>"
    "<p lang=nn>Noko gjekk gale hos oss. Prøv igjen om litt.</p>"
    "<p lang=en>Something went wrong on our side. Try again in a little while.</p>"
)


def page(request: HttpRequest | None, status: int, **context: Any) -> HttpResponse:
    """The error page of a status, as a response; for another system, problem details. Never raises."""
    if request is not None and problems.is_api(request):
        return problems.problem(status)
    shown = status if status in STATUSES else 500
    # Messages are in the session, which may be what failed.
    context = {"messages": list, "wait": "", **context}
    try:
        if request is None:
            return HttpResponse(render_to_string(f"web/errors/{shown}.html", context), status=status)
        with in_language_of(request):
            return HttpResponse(render_to_string(f"web/errors/{shown}.html", context, request), status=status)
    except Exception:
        log.exception("The error page for %s could not be rendered", status)
        return HttpResponse(_LAST_RESORT, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our fault; or something that is away for a while (the database, room on the disk), and what was typed is held."""
    failure = sys.exc_info()[1]
    if not is_for_a_while(failure):
        return page(request, 500)
    response = _hold_what_was_typed(request) or page(request, 503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    # One line for each: Django's traceback, from every visitor for as long as it lasts, would fill the disk with it.
    log.error("not available: %s", (str(failure).splitlines() or [""])[0] or type(failure).__name__)
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def is_for_a_while(failure: BaseException | None) -> bool:
    """Whether the same request may well succeed in a minute: nothing about it was wrong."""
    if isinstance(failure, OSError):
        return failure.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(failure, OperationalError | InterfaceError | FilesUnavailable | KeeperAway)


def _hold_what_was_typed(request: HttpRequest) -> HttpResponse | None:
    if request.method != "POST" or problems.is_api(request):
        return None
    try:
        return ask_to_send_again(request, "web/errors/away.html", 503)
    except Exception:
        log.exception("What was typed could not be held")
        return None


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or the login changed meanwhile. Nothing typed is lost."""
    log.info("CSRF: %s", reason)
    return ask_to_send_again(request, "web/errors/csrf.html")


def ask_to_send_again(request: HttpRequest, template: str, status: int = 403, **context: Any) -> HttpResponse:
    """A page that holds what was typed, to be sent again by the visitor's own hand.

    Only for what the browser itself says came from our own page (`Sec-Fetch-Site`, which no other site can forge): else
    another site could fill in a form and have it sent here. Files cannot be held, and the page says so.
    """
    is_ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    held = [
        (name, value)
        for name, values in (request.POST.lists() if is_ours else ())
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
    typed = [value.strip() for name, value in held if name.startswith(_TYPED) and not _CHOICE.fullmatch(value.strip())]
    values = {
        "held": held,
        "typed": "\n\n".join(each for each in typed if each),
        "has_files": bool(request.FILES) if is_ours else False,
        "again": request.get_full_path(),
    }
    with in_language_of(request):
        # Messages are in the session, which may be what failed.
        return HttpResponse(render_to_string(template, {"messages": list, **values, **context}, request), status=status)
