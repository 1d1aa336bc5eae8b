"""Tell a stand-in to misbehave: by a form on the front page, or by JSON from a test."""

from __future__ import annotations

import json
from dataclasses import asdict
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse

from . import login
from .app import GENERAL_FAULTS, Request
from .state import Fault

TARGETS: dict[str, tuple[str, ...]] = {
    "idporten": (*GENERAL_FAULTS, *login.FAULTS),
    "ansattporten": (*GENERAL_FAULTS, *login.FAULTS),
    "maskinporten": GENERAL_FAULTS,
    "folkeregister": GENERAL_FAULTS,
    "enhetsregisteret": GENERAL_FAULTS,
    "altinn": GENERAL_FAULTS,
    "kontaktregister": GENERAL_FAULTS,
    "addresses": GENERAL_FAULTS,
    "skatteetaten": GENERAL_FAULTS,
    "husbanken": (*GENERAL_FAULTS, "lost_answer"),
    "fiks": (*GENERAL_FAULTS, "lost_answer"),
    "sms": GENERAL_FAULTS,
    "email": ("down", "refuse", "lost_answer"),
}


# What each fault is called on the page: msgids.
MODES = {
    "down": "does not answer (503)",
    "slow": "is slow",
    "rate_limited": "asks us to wait (429)",
    "garbage": "answers nonsense",
    "huge": "answers far too much",
    "redirect": "sends us elsewhere",
    "wrong_nonce": "wrong nonce",
    "no_nonce": "no nonce",
    "low_acr": "too low security level",
    "missing_pid": "no identity number",
    "expired": "expired token",
    "wrong_audience": "token for another client",
    "wrong_issuer": "token from another issuer",
    "wrong_at_hash": "wrong at_hash",
    "wrong_signature": "wrong signature",
    "other_issuer_parameter": "answer from another issuer",
    "no_issuer_parameter": "answer without issuer",
    "wrong_state": "wrong state",
    "lost_answer": "receives, but the answer is lost",
    "refuse": "refuses the receiver",
}


def control(request: Request) -> HttpResponse:
    """GET: what is set. POST {target, mode, times?, seconds?}: set; mode "well" clears. DELETE: clear all."""
    state = request.state
    if request.method == "DELETE":
        state.faults.clear()
    elif request.method == "POST":
        by_form = request.content_type != "application/json"
        try:
            ask = request.POST.dict() if by_form else json.loads(request.body)
            target, mode = ask["target"], ask["mode"]
            times = int(ask["times"]) if ask.get("times") else None
            seconds = float(ask.get("seconds") or 1)
        except (ValueError, KeyError, TypeError):
            return JsonResponse({"error": "target and mode are needed; times and seconds are numbers"}, status=400)
        if target not in TARGETS or mode not in (*TARGETS[target], "well"):
            return JsonResponse({"error": "unknown target or mode", "targets": TARGETS}, status=400)
        if mode == "well":
            state.faults.pop(target, None)
        else:
            state.faults[target] = Fault(mode, times, min(seconds, 60))
        if by_form:
            return HttpResponseRedirect("/?" + urlencode({"lang": ask.get("lang", "nb")}) + "#" + target)
    return JsonResponse({"faults": {name: asdict(fault) for name, fault in state.faults.items()}, "targets": TARGETS})
