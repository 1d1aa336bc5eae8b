"""How often one person, and one address, may log in, send, upload and search. Counted without any SQL.

    @resident_only
    @limited("upload")
    def send_more(request, ...)

The rates are settings.RATE_LIMITS: strict for a person, roomy for an address, since a library's computers, or a whole
town hall, may share one. Who has done too much is told when to try again, and nothing that was typed is lost.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from allmenning import vault
from allmenning.commons.identity import sessions
from allmenning.web import errors, problems
from allmenning.web.counting import Cells, Rate

View = Callable[..., HttpResponse]
_BY_STAFF = " by staff"
_DONE: Mapping[str, Callable[[HttpRequest], bool]] = {
    "acting for another": lambda request: request.method == "POST",
    "login": lambda request: True,
    "preview": lambda request: True,
    "search": lambda request: True,
    "submission": lambda request: request.method == "POST",
    "upload": lambda request: request.method == "POST" and bool(request.FILES),
}


def limited(kind: str) -> Callable[[View], View]:
    """Let a view be used as often as settings.RATE_LIMITS says for `kind`, by one person and from one address.

    Stands under the view's policy, so that it is known who asks. Kinds: login, search, preview, submission (each POST),
    acting for another (each POST) and upload (each POST with files). What staff do is held to the rates of `<kind> by staff`.
    """
    is_done = _DONE[kind.removesuffix(_BY_STAFF)]

    def decorated(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            by_staff = hasattr(request, "staff") and not kind.endswith(_BY_STAFF)
            held_to = kind + _BY_STAFF * by_staff
            wait = take(request, held_to, person_of(request)) if is_done(request) else 0
            return too_many(request, wait) if wait else view(request, *args, **kwargs)

        return wrapped

    return decorated


def take(request: HttpRequest, kind: str, person: str | None = None) -> int:
    """Count one more of a kind. Returns 0, or how many whole seconds to wait: then it must not be done, nor is counted."""
    rates = _rates(request, kind, person)
    # All of them first: a person who has done too much must not use up what others have from the same address.
    wait = _longest(cells().wait(key, rate) for key, rate in rates)
    return wait or _longest([cells().take(key, rate) for key, rate in rates])


def wait_for(request: HttpRequest, kind: str, person: str | None = None) -> int:
    """How many seconds to wait until `take` would succeed; nothing is counted."""
    return _longest(cells().wait(key, rate) for key, rate in _rates(request, kind, person))


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """429: when to try again. What was posted from our own page is held there, to be sent once more."""
    if problems.is_api(request):
        return problems.problem(429, detail=said(wait), headers={"Retry-After": str(wait)})
    if request.method == "POST":
        response = errors.ask_to_send_again(request, "web/errors/too_many.html", 429, wait=said(wait))
    else:
        response = errors.page(request, 429, wait=said(wait))
    response.headers["Retry-After"] = str(wait)
    return response


def said(wait: int) -> str:
    """When to try again, for a person."""
    if wait <= 90:
        return ngettext("Try again in %(n)d second.", "Try again in %(n)d seconds.", wait) % {"n": wait}
    minutes = math.ceil(wait / 60)
    return ngettext("Try again in %(n)d minute.", "Try again in %(n)d minutes.", minutes) % {"n": minutes}


def person_of(request: HttpRequest) -> str | None:
    """Who asks, as a key to count by; None where nobody is logged in. Never shown and never stored as it is."""
    staff = getattr(request, "staff", None)
    if staff is not None:
        return f"staff {staff.number}"
    resident = getattr(request, "resident", None) or sessions.resident(request)
    return f"resident {resident.number}" if resident else None


def address_of(request: HttpRequest) -> str:
    """The visitor's address. X-Forwarded-For is believed from settings.PROXIES alone, and no further than they go.

    Of IPv6, the network of 64 bits, which is one household's or one company's.
    """
    hops = [*request.headers.get("X-Forwarded-For", "").split(","), request.META.get("REMOTE_ADDR", "")]
    found = _parsed(hops.pop())
    while hops and found is not None and _is_proxy(found):
        found = _parsed(hops.pop()) or found
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found or "")


def cells() -> Cells:
    """What this process counts in: the file that `allmenning serve` made for all of its processes, or its own memory."""
    return _cells(str(settings.RATE_LIMITS_FILE))


@cache
def _cells(path: str) -> Cells:
    return Cells(Path(path) if path else None, vault.secret(vault.COMMONS, "application", "rate limits"))


def _rates(request: HttpRequest, kind: str, person: str | None) -> list[tuple[str, Rate]]:
    """(key, rate) for the person and the address, as far as the kind has a rate for them."""
    rates = settings.RATE_LIMITS.get(kind, {})
    found = []
    if person is not None and "person" in rates:
        found.append((f"{kind} {person}", Rate(*rates["person"])))
    if "address" in rates and (address := address_of(request)):
        found.append((f"{kind} from {address}", Rate(*rates["address"])))
    return found


def _longest(waits: Iterable[float]) -> int:
    return math.ceil(max(waits, default=0))


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_proxy(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address in network for network in _networks(tuple(settings.PROXIES)))


@cache
def _networks(listed: tuple[str, ...]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(each) for each in listed]
