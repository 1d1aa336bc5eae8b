"""The sandbox as a WSGI application, on Django's requests, responses and URL patterns, without settings or database.

It does not use Django's own handler, so that tests can run it in a process where the platform's settings are in use.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import resolve

from .state import Fault, State

log = logging.getLogger("sandbox")


class Refusal(Exception):
    """A stand-in answers no: the response is in `response`."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response
        super().__init__(response.status_code)


class Request(WSGIRequest):
    """A request that knows the sandbox it came to."""

    state: State


class Sandbox:
    """Call it as a WSGI application; `state` is what it remembers."""

    def __init__(self, folder: Path, base_url: str, origins: tuple[str, ...] = ()) -> None:
        if not settings.configured:
            settings.configure(USE_TZ=True, ALLOWED_HOSTS=["*"])
        self.state = State(folder, base_url, origins)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        request.state = self.state
        response = self._answer(request)
        response.setdefault("Cache-Control", "no-store")
        response.setdefault("X-Content-Type-Options", "nosniff")
        if request.method == "HEAD":
            response.content = b""
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]

    def _answer(self, request: Request) -> HttpResponse:
        try:
            match = resolve(request.path_info, urlconf="sandbox.urls")
            fault = self.state.fault(match.namespace, *GENERAL_FAULTS) if match.namespace else None
            if fault and (answer := _misbehave(fault)) is not None:
                return answer
            return match.func(request, *match.args, **match.kwargs)
        except Refusal as refusal:
            return refusal.response
        except Http404:
            return HttpResponse("Not found\n", status=404, content_type="text/plain; charset=utf-8")
        except (RequestDataTooBig, UnicodeDecodeError):
            return HttpResponse("Bad request\n", status=400, content_type="text/plain; charset=utf-8")
        except Exception:
            log.exception("%s %s", request.method, request.path_info)
            return HttpResponse(
                "The sandbox failed: see its log\n", status=500, content_type="text/plain; charset=utf-8"
            )


GENERAL_FAULTS = ("down", "slow", "rate_limited", "garbage", "huge", "redirect")


def _misbehave(fault: Fault) -> HttpResponse | None:
    if fault.mode == "slow":
        time.sleep(fault.seconds)
        return None
    if fault.mode == "garbage":
        return HttpResponse("<html>not what you asked for", content_type="application/json")
    if fault.mode == "huge":
        return HttpResponse(b'{"filler": "' + b"x" * 30_000_000 + b'"}', content_type="application/json")
    if fault.mode == "redirect":
        return HttpResponse(status=302, headers={"Location": "http://192.0.2.1/"})
    status = 503 if fault.mode == "down" else 429
    headers = {"Retry-After": str(int(fault.seconds))} if fault.mode == "rate_limited" else {}
    return JsonResponse({"error": "sandbox", "message": f"told to be {fault.mode}"}, status=status, headers=headers)
