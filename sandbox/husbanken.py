"""A hand-over of assisted housing allowance applications to Husbanken, which publishes no API for it: this one is ours.

It takes a package (JSON and PDF) under a key, once; the same key again gives the same receipt; another content under a
known key is refused; and one can ask what became of a key.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import path

from .app import Request
from .tokens import bearer

REQUIRED = ("municipality", "municipality_number", "case_number", "application")


def packages(request: Request, key: str) -> HttpResponse:
    """PUT hands a package over; GET gives the receipt of one."""
    bearer(request, "sandbox:husbanken")
    known = request.state.packages.get(key)
    if request.method == "GET":
        return JsonResponse(known["receipt"]) if known else JsonResponse({"code": "unknown-key"}, status=404)
    if request.method != "PUT":
        return HttpResponse(status=405, headers={"Allow": "GET, PUT"})
    # Django reads forms from POST alone.
    request.method = "POST"
    data, pdf = request.POST.get("package", ""), request.FILES.get("document")
    content = pdf.read() if pdf else b""
    if problem := _problem(data, content):
        return JsonResponse({"code": problem}, status=422)
    digest = hashlib.sha256(data.encode() + b"\0" + content).hexdigest()
    with request.state.lock:
        known = request.state.packages.get(key)
        if known:
            same = known["sha256"] == digest
            return JsonResponse(
                known["receipt"] if same else {"code": "key-used-for-other-content"}, status=200 if same else 409
            )
        receipt = {"receipt": f"HB-{digest[:10].upper()}", "received": datetime.now(UTC).isoformat()}
        request.state.packages[key] = {
            "sha256": digest,
            "receipt": receipt,
            "package": json.loads(data),
            "pdf_size": len(content),
        }
        request.state.save()
    fault = request.state.fault("husbanken", "lost_answer")
    return HttpResponse(status=504) if fault else JsonResponse(receipt, status=201)


def _problem(data: str, pdf: bytes) -> str | None:
    try:
        package: Any = json.loads(data)
    except ValueError:
        return "package-is-not-json"
    if not isinstance(package, dict) or any(not package.get(name) for name in REQUIRED):
        return "package-is-incomplete"
    return None if pdf.startswith(b"%PDF-") else "document-is-not-pdf"


urlpatterns = [path("bostotte/v1/packages/<str:key>", packages)]
