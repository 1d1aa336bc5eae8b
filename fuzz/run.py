"""Schemathesis against the contract: everything that it says, and then whole applications to each service."""

from __future__ import annotations

import copy
import json
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

DOCUMENT = "/api/v1/openapi.json"
SUBMIT = "/api/v1/applications"
# What the contract's schemas can't say: the form's own rules, whether a cursor or a signed JWT is one of ours.
MAY_STILL_BE_REFUSED = {
    "submitApplication": 422,
    "validateApplication": 422,
    "listChanges": 422,
    "requestToken": 400,
}
FINE = ["2xx", "401", "403", "404"]
REFUSED = ["400", "401", "403", "404", "405", "415", "422"]
# A text in each of the forms' own formats, which JSON Schema does not know.
WRITTEN = {
    "email": "rita@example.test",
    "phone": "41234567",
    "postal-code": "6530",
    "year-month": "2026-08",
    "national-identity-number": "17858510457",
    "organisation-number": "974760673",
    "account-number": "12345678903",
}
APPLICANT = {"kind": "person", "number": "17858510457", "name": "Rita Rogn"}

Token = Callable[[], str]


@dataclass
class Tally:
    """What was tried, and what came of it. `failures`: name → how to see it again."""

    operations: set[str] = field(default_factory=set)
    cases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "operations": len(self.operations),
            "cases": self.cases.total(),
            "failures": len(self.failures),
            "seconds": round(self.seconds, 1),
            "by_kind": dict(self.cases),
            "by_status": {str(status): count for status, count in sorted(self.statuses.items())},
            "failed": list(self.failures),
        }

    def lines(self) -> Iterator[str]:
        """For the screen."""
        for name, said in self.failures.items():
            yield f"✗ {name}\n{said[:2000]}\n"
        yield (
            f"{len(self.operations)} operations, {self.cases.total():,} cases tried, "
            f"{len(self.failures)} failures, {self.seconds:.0f} s"
        )


def run(url: str, token: Token, *, examples: int, minutes: float | None = None, seed: int | None = None) -> Tally:
    """Try every operation of a running system. With `minutes`: again and again with other data, until they are over.

    Args:
        token: asked for anew as tokens run out.
        examples: random cases for each operation, and rows of calls.
        seed: the same data again.
    """
    begun, tally, turn = time.monotonic(), Tally(), 0
    until = begun + minutes * 60 if minutes is not None else None
    while turn == 0 or (until is not None and time.monotonic() < until):
        kinds = {"contract": _contract, **{f"form of {each}": _form(each) for each in _services(url, token())}}
        for kind, document in kinds.items():
            config = _config(url, examples, seed=None if seed is None else seed + turn, positive=kind != "contract")
            schema = schemathesis.openapi.from_dict(document(url, token()), config=config)
            schema.auth(refresh_interval=240)(_auth(token))
            for event in engine.from_schema(schema).execute():
                _count(kind, event, tally)
                if until is not None and time.monotonic() > until:
                    break
        turn += 1
    tally.seconds = time.monotonic() - begun
    return tally


def _auth(token: Token) -> type:
    class Auth:
        def get(self, case: Any, context: Any) -> str:
            return token()

        def set(self, case: Any, data: str, context: Any) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    return Auth


def _config(url: str, examples: int, *, seed: int | None, positive: bool) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            **({"seed": seed} if seed is not None else {}),
            "base-url": url,
            "generation": {
                "max-examples": examples,
                "database": "none",
                **({"mode": "positive"} if positive else {}),
            },
            "continue-on-failure": True,
            # What is longer than the contract allows may be so long that it isn't read to its end.
            "checks": {"negative_data_rejection": {"expected-statuses": [*REFUSED, "413"]}},
            "operations": [
                {
                    "include-operation-id": operation,
                    "checks": {"positive_data_acceptance": {"expected-statuses": [*FINE, str(status)]}},
                }
                for operation, status in MAY_STILL_BE_REFUSED.items()
            ],
        }
    )


def _contract(url: str, token: str) -> dict[str, Any]:
    return _asked(url + DOCUMENT, token)


def _services(url: str, token: str) -> list[str]:
    return [each["id"] for each in _asked(f"{url}/api/v1/services", token)["services"] if each["offered"]]


def _form(service: str) -> Callable[[str, str], dict[str, Any]]:
    """The contract, with one service's own schema for the answers: so that whole applications get in."""

    def document(url: str, token: str) -> dict[str, Any]:
        narrowed, form = copy.deepcopy(_contract(url, token)), _asked(f"{url}/api/v1/services/{service}", token)
        narrowed["paths"] = {
            path: item for path, item in narrowed["paths"].items() if path == SUBMIT or path.startswith("/api/v1/cases")
        }
        body = narrowed["paths"][SUBMIT]["post"]["requestBody"]["content"]["application/json"]
        body.pop("example", None)
        application = narrowed["components"]["schemas"]["Application"]
        application["required"] = ["service", "applicant", "answers"]
        application["properties"]["service"] = {"const": service}
        application["properties"]["applicant"] = {"const": APPLICANT}
        application["properties"]["answers"] = _answerable(form["answers"])
        application["properties"].pop("version")
        application["properties"].pop("attachments")
        return narrowed

    return document


def _answerable(schema: Any) -> Any:
    """A form's schema with what is only in words written out, so that much of what is made up from it is accepted."""
    if isinstance(schema, list):
        return [_answerable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-format") in WRITTEN:
        return {"const": WRITTEN[schema["x-format"]]}
    if schema.get("type") == "string" and not {"enum", "pattern", "format", "x-format"} & set(schema):
        return {**schema, "pattern": "^[A-Za-zæøåÆØÅ0-9][A-Za-zæøåÆØÅ0-9 ,.!?-]*$"}
    return {name: _answerable(part) for name, part in schema.items()}


def _asked(address: str, token: str) -> dict[str, Any]:
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 (our own system)
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return dict(json.load(answer))


def _count(kind: str, event: events.EngineEvent, tally: Tally) -> None:
    if isinstance(event, events.NonFatalError):
        tally.failures[f"{event.label}: {event.info.title}"] = str(event.value)
    if not isinstance(event, events.ScenarioFinished):
        return
    for case_id, checks in event.recorder.checks.items():
        case = event.recorder.cases[case_id].value
        tally.cases[kind] += 1
        tally.operations.add(case.operation.label)
        interaction = event.recorder.interactions.get(case_id)
        if interaction is not None and interaction.response is not None:
            tally.statuses[interaction.response.status_code] += 1
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                name = f"{kind}: {case.operation.label}: {failure.title}"
                tally.failures.setdefault(name, f"{failure.message}\n{check.failure_info.code_sample}")
