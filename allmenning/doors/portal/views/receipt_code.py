"""Opening a case by its receipt code, for one who sent without logging in."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from allmenning.journeys import registering
from allmenning.journeys.errors import WrongReceiptCode
from allmenning.municipal.cases import queries as cases
from allmenning.tenancy import use
from allmenning.web.access import anyone, checks_its_own_text
from allmenning.web.said import said

from ..showing import chosen, live, live_by_name, show
from .my_case import keep_opened

TRIES, WINDOW = 10, 600  # wrong codes from one address, in seconds; for each process
ADDRESSES_KEPT = 10_000


class Limit:
    """Counts wrong codes by address in this process. The code has 80 bits: this is only against noise."""

    def __init__(self) -> None:
        self._missed: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> int:
        """Seconds until this address may try again; 0 for now."""
        with self._lock:
            missed = self._missed.get(address)
            if not missed or len(missed) < TRIES:
                return 0
            return max(0, round(WINDOW - (time.monotonic() - missed[0])))

    def missed(self, address: str) -> None:
        with self._lock:
            held = self._missed.setdefault(address, deque(maxlen=TRIES))
            held.append(time.monotonic())
            self._missed.move_to_end(address)
            while len(self._missed) > ADDRESSES_KEPT:
                self._missed.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._missed.clear()


limit = Limit()


@anyone
@checks_its_own_text
@require_http_methods(["GET", "HEAD", "POST"])
def receipt_code(request: HttpRequest) -> HttpResponse:
    """Type the code. A wrong one is only wrong: nothing tells whether it nearly fits, or fits elsewhere."""
    typed, place = request.POST.get("code", "")[:100], _place(request)
    if request.method != "POST":
        return _form(request, typed, place, "")
    address = request.META.get("REMOTE_ADDR", "")
    wait = limit.wait(address)
    if wait:
        response = _form(request, typed, place, _("Too many wrong codes. Wait a few minutes and try again."), 429)
        response["Retry-After"] = str(wait)
        return response
    if place not in live():
        return _form(request, typed, place, _("Choose the municipality that you wrote to."), 422)
    found = _open(request, place, typed)
    if found is None:
        limit.missed(address)
        return _form(request, typed, place, said(WrongReceiptCode()), 422)
    return found


def _place(request: HttpRequest) -> str:
    return request.POST.get("municipality") or request.GET.get("municipality") or chosen(request) or ""


def _open(request: HttpRequest, municipality: str, code: str) -> HttpResponse | None:
    try:
        keys = (registering.code_key(municipality, code),)
    except WrongReceiptCode:
        return None
    with use(municipality, "resident", keys=keys):
        mine = cases.cases_of_owner(keys)
    if not mine:
        return None
    keep_opened(request, municipality, mine[0].id, code)
    return redirect("portal:code-case", municipality=municipality, case_id=mine[0].id)


def _form(request: HttpRequest, typed: str, place: str, error: str, status: int = 200) -> HttpResponse:
    context = {
        "typed": typed,
        "place_chosen": place,
        "error": error,
        "about_place": bool(error) and place not in live(),
        "municipalities": live_by_name(),
    }
    return show(request, "portal/receipt_code.html", context, status=status)
