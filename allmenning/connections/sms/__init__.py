"""SMS through a gateway. Each supplier has its own API: this speaks the small one of the sandbox, to be adapted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from allmenning.connections.http import Http, Tokens, Unreachable, bearer, unreachable_as
from allmenning.municipal.post.ports import Accepted, MessageRefused, SendingUnavailable

SCOPE = "sandbox:sms"


class Sms:
    """Implements SmsSender. Config: `base_url`, `timeout`."""

    channel = "sms"

    def __init__(
        self, config: Mapping[str, Any], tokens: Tokens, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = Http(config["base_url"], transport=transport, timeout=config.get("timeout"))
        self._tokens = tokens

    def send(self, *, to: str, text: str, idempotency_key: str) -> Accepted:
        with unreachable_as(self._unavailable):
            answer = self._http.post(
                "/v1/messages",
                json={"to": to, "text": text},
                headers=bearer(self._tokens.token(SCOPE)) | {"Idempotency-Key": idempotency_key},
            )
            body = answer.json()
            if answer.status != 202:
                code = body.get("code") if isinstance(body, dict) else None
                raise MessageRefused(channel=self.channel, reason=str(code or answer.status))
            try:
                return Accepted(body["id"], datetime.fromisoformat(body["accepted"]))
            except (KeyError, TypeError, ValueError) as failure:
                raise Unreachable(f"another shape: {type(failure).__name__}") from None

    def _unavailable(self, failure: Unreachable) -> SendingUnavailable:
        return SendingUnavailable(str(failure), channel=self.channel, retry_after=failure.retry_after)
