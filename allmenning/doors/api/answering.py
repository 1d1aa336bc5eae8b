"""From a request to a function and back: who asks, what is sent, what comes of it. Every failure is problem details."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from allmenning.basics.errors import AllmenningError
from allmenning.commons.catalogue.errors import UnknownService
from allmenning.commons.identity.client_tokens import Client, open_token
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.documents.ports import ScannerUnavailable
from allmenning.municipal.forms.errors import ServiceNotOffered
from allmenning.web import limits
from allmenning.web.access import Policy
from allmenning.web.said import said

from . import contract, reading
from .contract import Operation
from .problems import Problem

_REALM = 'Bearer realm="allmenning"'


@dataclass(frozen=True)
class Call:
    """One call of an operation, held against the contract. `client` is None where no token is asked for."""

    parameters: Mapping[str, Any]
    body: Any
    client: Client | None

    @property
    def by(self) -> Client:
        assert self.client is not None
        return self.client


@dataclass(frozen=True)
class Answer:
    """What an operation answers with: something JSON-able, or bytes with their content type among the headers."""

    content: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Function = Callable[[Call], Answer]
_functions: dict[str, Function] = {}


def answers(operation_id: str) -> Callable[[Function], Function]:
    """Mark a function as the one that does an operation of the contract."""

    def register(function: Function) -> Function:
        _functions[operation_id] = function
        return function

    return register


def functions() -> Mapping[str, Function]:
    return _functions


def view_of(path: str) -> Callable[..., HttpResponseBase]:
    """The view of one address of the contract, for all its methods."""
    by_method = {each.method: each for each in contract.operations() if each.path == path}
    allowed = ", ".join(sorted({*by_method, *(["HEAD"] if "GET" in by_method else [])}))

    def view(request: HttpRequest, **path_parameters: str) -> HttpResponseBase:
        operation = by_method.get("GET" if request.method == "HEAD" else str(request.method))
        if operation is None:
            return Problem(405, headers={"Allow": allowed}).response()
        try:
            return _response(_answer(operation, request, path_parameters))
        except Problem as problem:
            return problem.response()
        except AllmenningError as error:
            return _problem_of(error).response()

    scopes = {each.scope for each in by_method.values()}
    view.policy = Policy("anyone") if scopes == {""} else Policy("client")  # type: ignore[attr-defined]
    view.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie opens anything here
    view.checks_its_own_text = True  # type: ignore[attr-defined]
    return view


def _answer(operation: Operation, request: HttpRequest, path: Mapping[str, str]) -> Answer:
    client = None if operation.scope == "" else _client(request, operation.scope)
    _held_to_its_rate(request, operation, client)
    parameters = reading.parameters(request, operation, path)
    body = reading.body(request, operation.body) if operation.body else None
    return _functions[operation.id](Call(parameters, body, client))


def _held_to_its_rate(request: HttpRequest, operation: Operation, client: Client | None) -> None:
    if client is not None:
        wait = limits.take(request, "api", f"client {client.id}")
    else:
        wait = limits.take(request, "api login") if operation.method == "POST" else 0
    if wait:
        raise Problem(429, detail=limits.said(wait), headers={"Retry-After": str(wait)})


def _client(request: HttpRequest, scope: str | None) -> Client:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    client = open_token(token.strip()) if kind.lower() == "bearer" else None
    if client is None:
        raise Problem(401, headers={"WWW-Authenticate": _REALM})
    if scope is not None and not client.may(scope):
        raise Problem(
            403,
            detail=_("The token lacks the scope {scope}.").format(scope=scope),
            headers={"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{scope}"'},
        )
    return client


def _response(answer: Answer) -> HttpResponse:
    if isinstance(answer.content, bytes):
        return HttpResponse(answer.content, status=answer.status, headers=dict(answer.headers))
    content = json.dumps(answer.content, ensure_ascii=False, separators=(",", ":"))
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store", **answer.headers}
    return HttpResponse(content, status=answer.status, headers=headers)


def _problem_of(error: AllmenningError) -> Problem:
    """An expected failure of a journey as a problem; what is not there and what is another's look the same."""
    if isinstance(error, CaseNotFound | ServiceNotOffered | UnknownService):
        return Problem(404)
    if isinstance(error, ScannerUnavailable):
        return Problem(503, detail=said(error), headers={"Retry-After": "60"})
    raise error  # none that a caller can mend
