"""Calling out: what every connection shares, so that none forgets it.

One configured base address, a time limit, a limit on the size of an answer, no redirects, no proxies or passwords from
the environment, a Retry-After that is respected by not calling again before its time, and a pause for one who is silent.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import httpx

from allmenning.basics.dates import now

from .pause import Pause

TIMEOUT = httpx.Timeout(5.0, connect=2.0)  # seconds for each step; see also TOTAL_SECONDS
TOTAL_SECONDS = 20.0  # for an answer that trickles in
MOST_BYTES = 5_000_000

__all__ = ["Answer", "Http", "Tokens", "TooLarge", "Unreachable", "bearer", "now", "segment", "unreachable_as"]


class Tokens(Protocol):
    """Who gives access tokens for a scope; Maskinporten does."""

    def token(self, scope: str, *, municipality: str | None = None) -> str:
        """Raises Unreachable, so that no token and no answer look the same to those who call."""
        ...


class Unreachable(Exception):
    """No usable answer. Each connection turns it into the error of its own port."""

    def __init__(self, why: str, retry_after: int | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(why)


class TooLarge(Unreachable):
    """There is an answer, and it is larger than anybody should send."""


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes
    retry_after: int | None = None

    def json(self) -> Any:
        """The answer as JSON. Raises Unreachable: an answer that can't be read is no answer."""
        try:
            return json.loads(self.content)
        except ValueError:
            raise Unreachable("the answer is not JSON") from None


class Http:
    """Calls one host, whose address is configured. Safe to share between threads."""

    def __init__(
        self,
        base_url: str,
        *,
        hosts: Collection[str] = (),
        transport: httpx.BaseTransport | None = None,
        timeout: float | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """`hosts` are hosts besides the base address's own that may be called; `transport` is for tests."""
        self.base_url = base_url.rstrip("/")
        self._hosts = {_host(base_url), *hosts}
        self._most_bytes = most_bytes
        self._client = httpx.Client(
            transport=transport or httpx.HTTPTransport(retries=1),
            timeout=httpx.Timeout(timeout, connect=min(timeout, 2.0)) if timeout else TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "Allmenning", "Accept": "application/json"},
        )
        self._pause = Pause()

    def get(self, path: str, **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Answer:
        return self.request("POST", path, **options)

    def request(self, method: str, path: str, **options: Any) -> Answer:
        """Call a path under the base address, or a whole address on an allowed host; options are httpx's.

        Any status but 3xx, 429 and 5xx is returned for the caller to judge. Raises Unreachable.
        """
        url = path if path.startswith(("http://", "https://")) else self.base_url + path
        if _host(url) not in self._hosts:
            raise Unreachable(f"{_host(url)} is not a host that this connection may call")
        if left := self._pause.seconds_left:
            raise Unreachable("left alone for a while", left)
        try:
            answer = self._read(method, url, options)
        except Unreachable:
            self._pause.failed()
            raise
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            self._pause.failed()
            raise Unreachable(type(failure).__name__) from failure
        self._pause.answered()
        if answer.retry_after is not None and answer.status in (429, 503):
            self._pause.asked_to_wait(answer.retry_after)
        if 300 <= answer.status < 400 or answer.status == 429 or answer.status >= 500:
            raise Unreachable(f"status {answer.status}", answer.retry_after)
        return answer

    def _read(self, method: str, url: str, options: dict[str, Any]) -> Answer:
        deadline = time.monotonic() + TOTAL_SECONDS
        content = bytearray()
        with self._client.stream(method, url, **options) as response:
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > self._most_bytes:
                    raise TooLarge("the answer is too large")
                if time.monotonic() > deadline:
                    raise Unreachable("the answer takes too long")
            return Answer(response.status_code, bytes(content), _retry_after(response.headers.get("Retry-After")))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def segment(text: str) -> str:
    """One path segment, so that nothing in it can change which address is called."""
    return quote(text, safe="")


@contextmanager
def unreachable_as(turn_into: Callable[[Unreachable], Exception]) -> Iterator[None]:
    """Turn Unreachable into the error of the connection's port."""
    try:
        yield
    except Unreachable as failure:
        raise turn_into(failure) from failure


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _retry_after(text: str | None) -> int | None:
    """Seconds from now: the header holds seconds or a date (RFC 9110)."""
    if not text:
        return None
    if text.isdecimal():
        return int(text)
    try:
        return max(0, math.ceil((parsedate_to_datetime(text) - now()).total_seconds()))
    except (TypeError, ValueError):
        return None
