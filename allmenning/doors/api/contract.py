"""The API's contract, `openapi.yaml`: what is sent is held against it, and what is answered is too, by the tests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
BEARER = "token"
_FILE = Path(__file__).with_name("openapi.yaml")


@dataclass(frozen=True)
class Parameter:
    """Something that an operation takes in its path, its query or a header."""

    name: str
    where: str
    is_required: bool
    schema: Mapping[str, Any]
    validator: jsonschema_rs.Draft202012Validator = field(repr=False, compare=False)


@dataclass(frozen=True)
class Body:
    """What is sent to an operation: its content type, its schema, and how large it may be in bytes."""

    content_type: str
    schema: Mapping[str, Any]
    largest: int
    validator: jsonschema_rs.Draft202012Validator = field(repr=False, compare=False)


@dataclass(frozen=True)
class Operation:
    """One method of one address. `scope` is empty for what needs no token, None where it needs any."""

    id: str
    method: str
    path: str
    scope: str | None
    parameters: tuple[Parameter, ...]
    body: Body | None

    def of(self, where: str) -> Iterator[Parameter]:
        return (each for each in self.parameters if each.where == where)


@cache
def document() -> dict[str, Any]:
    """The contract as it is written."""
    return dict(yaml.load(_FILE.read_text("utf-8"), Loader=yaml.CSafeLoader))


@cache
def as_json() -> bytes:
    """The contract as it is served."""
    return json.dumps(document(), ensure_ascii=False, separators=(",", ":")).encode()


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation of the contract."""
    return tuple(
        _operation(path, method, described, item)
        for path, item in document()["paths"].items()
        for method, described in item.items()
        if method in METHODS
    )


def _operation(path: str, method: str, described: Mapping[str, Any], item: Mapping[str, Any]) -> Operation:
    security = described.get("security", document()["security"])
    scopes = security[0][BEARER] if security else [""]
    return Operation(
        id=described["operationId"],
        method=method.upper(),
        path=path,
        scope=scopes[0] if scopes else None,
        parameters=tuple(_parameter(each) for each in (*item.get("parameters", ()), *described.get("parameters", ()))),
        body=_body(described["requestBody"]) if "requestBody" in described else None,
    )


def _parameter(described: Mapping[str, Any]) -> Parameter:
    written = written_out(described)
    schema = written["schema"]
    return Parameter(written["name"], written["in"], written.get("required", False), schema, validator_of(schema))


def _body(described: Mapping[str, Any]) -> Body:
    ((content_type, media),) = written_out(described)["content"].items()
    return Body(content_type, media["schema"], described["x-largest"], validator_of(media["schema"]))


def validator_of(schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """A validator of a schema that is written out, formats included."""
    return jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)


def written_out(part: Any) -> Any:
    """A part of the contract with everything that it refers to in its place."""
    if isinstance(part, list):
        return [written_out(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    if "$ref" in part:
        found: Any = document()
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return written_out({**found, **{name: each for name, each in part.items() if name != "$ref"}})
    return {name: written_out(each) for name, each in part.items()}
