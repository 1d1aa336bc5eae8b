"""Hands assisted applications for housing allowance over to Husbanken.

Husbanken publishes no API for this. The shape is ours, agreed with nobody: until there is one, the sandbox is the only
receiver, and a municipality without a receiver configured uses the printed package.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from allmenning.connections.http import Http, Tokens, Unreachable, bearer, segment, unreachable_as
from allmenning.journeys.ports import HandOverReceipt, HandOverRefused, HandOverUnavailable, HousingAllowancePackage

SCOPE = "sandbox:husbanken"


class Husbanken:
    """Implements HousingAllowanceHandOver. Config: `base_url`, `timeout`."""

    name = "husbanken"

    def __init__(
        self, config: Mapping[str, Any], tokens: Tokens, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = Http(config["base_url"], transport=transport, timeout=config.get("timeout"))
        self._tokens = tokens

    def hand_over(self, package: HousingAllowancePackage, *, idempotency_key: str) -> HandOverReceipt:
        described = {
            "municipality": package.municipality,
            "municipality_number": package.municipality_number,
            "case_number": package.case_number,
            "application": package.data,
        }
        # Sorted, so that sending again is byte for byte the same.
        form = {"package": json.dumps(described, ensure_ascii=False, sort_keys=True)}
        files = {"document": ("application.pdf", package.pdf, "application/pdf")}
        with unreachable_as(self._unavailable):
            headers = self._headers(package.municipality) | {"Idempotency-Key": idempotency_key}
            answer = self._http.request("PUT", _path(idempotency_key), data=form, files=files, headers=headers)
            if answer.status not in (200, 201):
                raise HandOverRefused(receiver=self.name, reason=_code(answer.json(), answer.status))
            return _receipt(answer.json(), was_known=answer.status == 200)

    def receipt(self, idempotency_key: str) -> HandOverReceipt | None:
        with unreachable_as(self._unavailable):
            answer = self._http.get(_path(idempotency_key), headers=self._headers(None))
            if answer.status == 404:
                return None
            if answer.status != 200:
                raise HandOverRefused(receiver=self.name, reason=_code(answer.json(), answer.status))
            return _receipt(answer.json(), was_known=True)

    def _headers(self, municipality: str | None) -> dict[str, str]:
        return bearer(self._tokens.token(SCOPE, municipality=municipality))

    def _unavailable(self, failure: Unreachable) -> HandOverUnavailable:
        return HandOverUnavailable(str(failure), receiver=self.name, retry_after=failure.retry_after)


def _path(key: str) -> str:
    return f"/bostotte/v1/packages/{segment(key)}"


def _code(body: Any, status: int) -> str:
    return str(body.get("code", status)) if isinstance(body, dict) else str(status)


def _receipt(body: Any, *, was_known: bool) -> HandOverReceipt:
    try:
        return HandOverReceipt(body["receipt"], datetime.fromisoformat(body["received"]), was_known)
    except (KeyError, TypeError, ValueError) as failure:
        raise Unreachable(f"another shape: {type(failure).__name__}") from None
