"""A form as other systems read it: the JSON Schema of its answers, with the files apart, and what the form does not ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from allmenning.rules.forms import declared
from allmenning.rules.forms.pointers import Path, pointer

if TYPE_CHECKING:
    from allmenning.rules.forms.form import Form


def answers_schema(form: Form) -> dict[str, Any]:
    """The schema of the answers, without the files, which are sent beside them.

    What is required is required of whoever is asked: a question that the form's rules hide may be left out.
    """
    return _without_files(form.schema)


def file_fields(form: Form) -> dict[str, Mapping[str, Any]]:
    """The schema of each field that takes files, by pointer (`*` for each item of a list)."""
    return {pointer(path): spec.schema for path, spec in form.specs.items() if spec.kind == declared.FILES}


def strangers(form: Form, answers: Any) -> Iterator[tuple[str, str]]:
    """What should not be among the answers, by pointer: `unknown`, which the form does not ask for, or `file`."""
    return _strangers(form.schema, answers, ())


def _strangers(schema: Any, value: Any, path: Path) -> Iterator[tuple[str, str]]:
    if not isinstance(schema, Mapping):
        return
    if _is_file(schema):
        yield pointer(path), "file"
    elif isinstance(value, Mapping) and isinstance(schema.get("properties"), Mapping):
        for name, each in value.items():
            if name in schema["properties"]:
                yield from _strangers(schema["properties"][name], each, (*path, name))
            elif schema.get("additionalProperties") is False:
                yield pointer((*path, name)), "unknown"
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _strangers(schema.get("items"), each, (*path, number))


def _is_file(schema: Any) -> bool:
    return (
        isinstance(schema, Mapping) and schema.get("type") == "array" and declared.kind_of(schema, {}) == declared.FILES
    )


def _without_files(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_files(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {
        name: _without_files(part) if name not in ("properties", "required") else part for name, part in schema.items()
    }
    files = {name for name, part in (schema.get("properties") or {}).items() if _is_file(part)}
    if "properties" in kept:
        kept["properties"] = {n: _without_files(p) for n, p in kept["properties"].items() if n not in files}
    if isinstance(kept.get("required"), list):
        kept["required"] = [name for name in kept["required"] if name not in files]
    return kept
