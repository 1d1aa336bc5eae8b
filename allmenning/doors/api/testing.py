"""Another system in tests: with a key pair made on the spot, a token, and calls that are held against the contract."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from uuid import uuid4

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.urls import Resolver404
from joserfc import jwk, jwt

from allmenning.doors.api import contract
from allmenning.journeys import administering, clients
from allmenning.municipal.access.clients import SCOPES, algorithm_of
from allmenning.tenancy import use

TOKEN = "/api/v1/token"  # noqa: S105 (an address)
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass
class System:
    """Another system with its key."""

    id: str
    key: Any
    http: Client = field(default_factory=lambda: Client(raise_request_exception=True))
    token: str = ""

    def assertion(self, *, key: Any = None, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        """A signed JWT as it should be, but for the claims given; a claim that is None is left out."""
        signing = key or self.key
        algorithm = algorithm_of(signing.as_dict(private=False)) or "ES256"
        now = int(time.time())
        right = {"iss": self.id, "sub": self.id, "aud": clients.token_address(), "exp": now + 60, "jti": uuid4().hex}
        said = {name: value for name, value in {**right, **claims}.items() if value is not None}
        return jwt.encode({"alg": algorithm, **(header or {})}, said, signing, algorithms=[algorithm])

    def ask_for_token(self, assertion: str | None = None, **more: str) -> Any:
        sent = {"grant_type": GRANT, "assertion": assertion or self.assertion(), **more}
        body = "&".join(f"{name}={value}" for name, value in sent.items())
        return held(self.http.post(TOKEN, body, content_type="application/x-www-form-urlencoded"))

    def log_in(self) -> System:
        self.token = self.ask_for_token().json()["access_token"]
        return self

    def get(self, path: str, **headers: str) -> Any:
        return held(self.http.get(f"/api/v1{path}", headers=self._headers(headers)))

    def post(self, path: str, body: Any, **headers: str) -> Any:
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        return held(self.http.post(f"/api/v1{path}", content, "application/json", headers=self._headers(headers)))

    def _headers(self, given: Mapping[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in given.items()}
        return {"Authorization": f"Bearer {self.token}"} | named


def held(answer: Any) -> Any:
    """The answer, which is as the contract says: its status, its content type and its schema."""
    try:
        route = answer.resolver_match.route
    except Resolver404:
        return answer
    path = "/" + route.replace("<str:", "{").replace(">", "}")
    responses = contract.document()["paths"][path][answer.request["REQUEST_METHOD"].lower()]["responses"]
    said = contract.written_out(responses.get(str(answer.status_code)) or responses["default"])
    schema = (said["content"].get(answer["Content-Type"]) or said["content"]["*/*"])["schema"]
    if "json" in answer["Content-Type"]:
        contract.validator_of(schema).validate(answer.json())
    return answer


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served() -> Iterator[str]:
    """The address of a server in this process, with its databases."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.set_app(get_wsgi_application())
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def system(municipality: str, *, scopes: Iterable[str] = SCOPES, key: Any = None, **more: Any) -> System:
    """A system that the municipality has let in and that has logged in."""
    held = key or jwk.ECKey.generate_key("P-256")
    with use(municipality, "administration"):
        client = clients.add(
            administering.OPERATOR,
            name=more.pop("name", f"System {uuid4().hex[:6]}"),
            key=held.as_dict(private=False),
            scopes=list(scopes),
            **more,
        )
        return System(clients.id_of(client), held).log_in()
