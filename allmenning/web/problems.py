"""What went wrong, told to another system: problem details (RFC 9457) in the language that it asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

CONTENT_TYPE = "application/problem+json"
API = "/api/"
_TYPE = "urn:allmenning:problem:"


def _(text: str) -> str:
    """Marks a text to be translated when it is said."""
    return text


# What each status is called when nothing more is known: (type, title, detail).
STATUSES = {
    400: ("malformed-request", _("The request can't be read"), _("It is not written as HTTP or JSON must be.")),
    401: (
        "not-logged-in",
        _("Log in first"),
        _("Send a token that has not run out: Authorization: Bearer, from POST /api/v1/token."),
    ),
    403: ("not-allowed", _("Not allowed"), _("This client may not do this.")),
    404: ("not-found", _("Not found"), _("There is nothing here, or it is not for this client.")),
    405: ("method-not-allowed", _("No such method here"), _("The header Allow names the methods that there are.")),
    406: ("not-acceptable", _("No such format"), _("The answer can't be given in a format that the request accepts.")),
    413: ("too-large", _("Too much at once"), _("The request is larger than is taken here.")),
    415: ("wrong-content-type", _("Wrong content type"), _("The documentation names the content type to send.")),
    422: ("not-valid", _("Something is missing or wrong"), _("Each thing to correct is listed in errors.")),
    429: ("too-many-requests", _("Too many requests"), _("Wait, and try again.")),
    500: ("failed", _("Something went wrong on our side"), _("Try again in a little while, with the same key.")),
    503: ("unavailable", _("Not available just now"), _("Try again in a little while, with the same key.")),
}


def is_api(request: HttpRequest) -> bool:
    """Whether another system asks: then it is answered by problem details, whatever went wrong."""
    return request.path_info.startswith(API)


def problem(
    status: int,
    *,
    type: str = "",
    title: str = "",
    detail: str = "",
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    """A response with problem details; what is not given is what the status means.

    Args:
        errors: what to correct: `pointer`, `detail` and `code` each.
        more: further members, such as `error` of OAuth.
    """
    known = STATUSES.get(status, STATUSES[500])
    told: dict[str, Any] = {
        "type": _TYPE + (type or known[0]),
        "title": title or gettext(known[1]),
        "status": status,
        "detail": detail or gettext(known[2]),
        **({"errors": list(errors)} if errors else {}),
        **more,
    }
    content = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    response = HttpResponse(content, status=status, content_type=CONTENT_TYPE, headers=dict(headers or {}))
    response.headers["Cache-Control"] = "no-store"
    return response
