"""Reading what another system sends, and saying what is wrong with it before anything else is done."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs
from django.http import HttpRequest
from django.utils.translation import gettext as _

from allmenning.basics.text import UnsafeText, clean_text
from allmenning.web.said import said

from .contract import Body, Operation, Parameter
from .problems import Problem

DEEPEST = 20  # objects and lists within each other
LARGEST_NUMBER = 2**53 - 1  # the largest integer that JSON readers everywhere agree about (RFC 7493)
LONGEST_INTEGER = 40  # digits that are read; a longer one is too large anyway
MOST_ERRORS = 100
LONGEST_TEXT = 100_000  # characters of a text that a person reads; what is longer is a file


class _Unreadable(ValueError):
    """Not JSON as the API takes it."""


def parameters(request: HttpRequest, operation: Operation, path: Mapping[str, str]) -> dict[str, Any]:
    """The values of the path, the query and the headers. Raises Problem: 404 for a path that can't be, else 422."""
    values: dict[str, Any] = {}
    for each in operation.of("path"):
        if not each.validator.is_valid(path[each.name]):
            raise Problem(404)
        values[each.name] = path[each.name]
    errors = [*_query(request, operation, values), *_headers(request, operation, values)]
    if errors:
        raise Problem(422, errors=errors)
    return values


def _query(request: HttpRequest, operation: Operation, values: dict[str, Any]) -> Iterator[dict[str, str]]:
    known = {each.name: each for each in operation.of("query")}
    given: dict[str, str] = {}
    try:
        asked = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise Problem(400) from None
    for name, value in asked:
        if name not in known or name in given:
            text = _("There is no such parameter.") if name not in known else _("It is given more than once.")
            yield {"parameter": name[:60], "detail": text, "code": "unknown" if name not in known else "repeated"}
        given[name] = value
    for name, parameter in known.items():
        yield from _parameter(parameter, given.get(name), values)


def _headers(request: HttpRequest, operation: Operation, values: dict[str, Any]) -> Iterator[dict[str, str]]:
    for each in operation.of("header"):
        yield from _parameter(each, request.headers.get(each.name), values)


def _parameter(parameter: Parameter, text: str | None, values: dict[str, Any]) -> Iterator[dict[str, str]]:
    where = {"header" if parameter.where == "header" else "parameter": parameter.name}
    if text is None:
        if parameter.is_required:
            yield {**where, "detail": _("It is missing."), "code": "required"}
        elif "default" in parameter.schema:
            values[parameter.name] = parameter.schema["default"]
        return
    value: Any = text
    if parameter.schema.get("type") == "integer" and text.isascii() and text.isdecimal() and len(text) < 10:
        value = int(text)
    found = next(parameter.validator.iter_errors(value), None)
    if found is None:
        values[parameter.name] = value
    else:
        yield {**where, "detail": _in_words(found), "code": _keyword(found)}


def body(request: HttpRequest, expected: Body) -> Any:
    """What was sent, read and held against the contract. Raises Problem: 400, 413, 415, 422."""
    if request.content_type != expected.content_type:
        raise Problem(415, detail=_("Send {content_type}.").format(content_type=expected.content_type))
    raw = _bytes(request, expected.largest)
    sent = _form(raw) if expected.content_type == "application/x-www-form-urlencoded" else _json(raw)
    errors = _errors(expected.validator, sent)
    if errors:
        raise Problem(422, errors=errors)
    return sent


def _bytes(request: HttpRequest, largest: int) -> bytes:
    # Not `request.body`, which stops at what a browser's form may be.
    raw = request.read(largest + 1)
    if len(raw) > largest:
        raise Problem(413, detail=_("At most {size} bytes are taken here.").format(size=largest))
    return raw


def _form(raw: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=50, errors="strict")
    except ValueError:
        raise Problem(400) from None
    held = dict(pairs)
    if len(held) != len(pairs):
        raise Problem(400, detail=_("A name is given more than once."))
    return held


def _json(raw: bytes) -> Any:
    try:
        sent = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_int=_integer, parse_constant=_constant)
        errors: list[dict[str, str]] = []
        clean = _clean(sent, "", DEEPEST, errors)
    except _Unreadable as error:
        raise Problem(400, detail=str(error)) from None
    except json.JSONDecodeError as error:
        detail = _("It is not JSON: line {line}, column {column}.").format(line=error.lineno, column=error.colno)
        raise Problem(400, detail=detail) from None
    except UnicodeDecodeError:
        raise Problem(400, detail=_("It is not written in UTF-8.")) from None
    except RecursionError:
        raise Problem(400, detail=_too_deep()) from None
    if errors:
        raise Problem(422, errors=errors)
    return clean


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise _Unreadable(_("A name is given more than once in an object."))
    return held


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= LONGEST_INTEGER else math.inf


def _constant(text: str) -> Any:
    raise _Unreadable(_("JSON has no {word}.").format(word=text))


def _too_deep() -> str:
    return _("Objects and lists are nested deeper than {limit} levels.").format(limit=DEEPEST)


def _clean(value: Any, place: str, depth: int, errors: list[dict[str, str]]) -> Any:
    """The same with its texts in one written form (NFC). What can't be stored is noted among `errors`."""
    if isinstance(value, str):
        return _text(value, place, errors) if len(value) <= LONGEST_TEXT else value
    if isinstance(value, int | float) and abs(value) > LARGEST_NUMBER and not _is_plain_float(value):
        errors.append(_error(place, _("A number is larger than JSON readers agree about."), "number"))
    if not isinstance(value, dict | list):
        return value
    if not depth:
        raise _Unreadable(_too_deep())
    if isinstance(value, list):
        return [_clean(each, f"{place}/{number}", depth - 1, errors) for number, each in enumerate(value)]
    return {
        _text(name, place, errors): _clean(each, f"{place}/{_step(name)}", depth - 1, errors)
        for name, each in value.items()
    }


def _text(value: str, place: str, errors: list[dict[str, str]]) -> str:
    try:
        return clean_text(value)
    except UnsafeText as error:
        errors.append(_error(_storable(place), said(error), "unsafe"))
        return ""


def _is_plain_float(value: float) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _storable(place: str) -> str:
    """A pointer that can be written in an answer, whatever the name in it was."""
    return place.encode("utf-8", "replace").decode()


def _step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _errors(validator: jsonschema_rs.Draft202012Validator, sent: Any) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for error in validator.iter_errors(sent):
        place = "".join(f"/{_step(str(step))}" for step in error.instance_path)
        for name in _names(error):
            pointer = f"{place}/{_step(name)}" if name else place
            found.setdefault(pointer, _error(pointer, _in_words(error), _keyword(error)))
        if len(found) >= MOST_ERRORS:
            break
    return list(found.values())


def _names(error: jsonschema_rs.ValidationError) -> list[str]:
    """Of what is missing, or should not be there, the names: the error itself is about the object that holds them."""
    missing = getattr(error.kind, "property", None)
    return [missing] if isinstance(missing, str) else list(getattr(error.kind, "unexpected", None) or [""])


def _keyword(error: jsonschema_rs.ValidationError) -> str:
    steps = [step for step in error.schema_path if isinstance(step, str)]
    return steps[-1] if steps else "type"


def _in_words(error: jsonschema_rs.ValidationError) -> str:
    keyword, kind = _keyword(error), error.kind
    limit = getattr(kind, "limit", "")
    match keyword:
        case "required":
            return _("It is missing.")
        case "additionalProperties" | "unevaluatedProperties":
            return _("There is no such field.")
        case "type":
            return _("It is of the wrong type: the contract says {type}.").format(type=_types(kind))
        case "enum" | "const":
            return _("It must be one of: {values}.").format(values=_values(error))
        case "minLength" | "minItems" | "minimum" | "exclusiveMinimum":
            return _("It is too short or too small: at least {limit}.").format(limit=limit)
        case "maxLength" | "maxItems" | "maximum" | "exclusiveMaximum":
            return _("It is too long or too large: at most {limit}.").format(limit=limit)
    return _("It is not written in the right way: the contract says how.")


def _values(error: jsonschema_rs.ValidationError) -> str:
    options = getattr(error.kind, "options", None) or [getattr(error.kind, "expected_value", "")]
    return ", ".join(str(each) for each in options)


def _types(kind: Any) -> str:
    types = getattr(kind, "types", "")
    return ", ".join(types) if isinstance(types, list | tuple) else str(types)


def _error(pointer: str, detail: str, code: str) -> dict[str, str]:
    return {"pointer": pointer, "detail": detail, "code": code}
