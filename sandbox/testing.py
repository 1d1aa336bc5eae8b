"""The sandbox inside a test: no port, no process, and every connection set up against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from allmenning.connections.maskinporten import Maskinporten

from .app import Sandbox
from .configuration import configuration

BASE = "http://sandbox.test"
REDIRECT = "http://localhost:8000/login/back"


@dataclass
class Norway:
    """A sandbox with its transport; `config(name)` is what a connection would get from the settings."""

    sandbox: Sandbox

    @property
    def transport(self) -> httpx.WSGITransport:
        return httpx.WSGITransport(self.sandbox)

    @property
    def client(self) -> httpx.Client:
        return httpx.Client(transport=self.transport, base_url=BASE)

    @property
    def tokens(self) -> Maskinporten:
        return Maskinporten(self.config("maskinporten"), transport=self.transport)

    def config(self, name: str) -> dict[str, Any]:
        return configuration(BASE, self.sandbox.state.folder)[name]

    def misbehave(self, target: str, mode: str, **facts: Any) -> None:
        self.client.post("/_control", json={"target": target, "mode": mode, **facts}).raise_for_status()

    def log_in(self, url: str, number: str, organisation: str = "") -> dict[str, str]:
        """Choose a person on the login page; the query that the browser would come back with."""
        answer = self.client.post(url, data={"person": number, "organisation": organisation})
        assert answer.status_code == 302, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
