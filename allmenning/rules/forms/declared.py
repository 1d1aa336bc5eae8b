"""What a form asks for: its fields as the JSON Schema declares them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from allmenning.basics.errors import AllmenningError
from allmenning.rules.forms import limits
from allmenning.rules.forms.pointers import EACH

LANGUAGES = ("nb", "nn", "en")
Text = Mapping[str, str]
Schema = Mapping[str, Any]

TEXT, LONG_TEXT, INTEGER, NUMBER, ORE = "text", "long-text", "integer", "number", "ore"
DATE, YEAR_MONTH, YES_NO, CONSENT = "date", "year-month", "yes-no", "consent"
CHOICE, CHECKBOXES, FILES, REPEAT, OBJECT, UNSUPPORTED = (
    "choice",
    "checkboxes",
    "files",
    "repeat",
    "object",
    "unsupported",
)

STRING_FORMATS = {
    "national-identity-number",
    "organisation-number",
    "account-number",
    "email",
    "phone",
    "postal-code",
    "date",
    "year-month",
    "file",
}
FORMATS = STRING_FORMATS | {"ore"}
LOGINS = {"required", "none"}  # what an answer may ask by `x-login`


class InvalidForm(AllmenningError):
    """The form is not valid: {reason}."""


@dataclass(frozen=True)
class Option:
    """One of the answers that a choice offers. `key` is what the page posts."""

    key: str
    value: Any
    label: Text


@dataclass(frozen=True, eq=False)
class Spec:
    """One declared field: where it is, what kind it is, and what it is called."""

    path: tuple[str, ...]
    schema: Schema
    kind: str
    required: bool
    sometimes_required: bool
    title: Text
    help: Text
    options: tuple[Option, ...] = ()
    layout: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def format(self) -> str:
        items = self.schema.get("items")
        inner = items.get("x-format", "") if isinstance(items, Mapping) else ""
        return str(self.schema.get("x-format") or inner or self.schema.get("format") or "")

    @property
    def source(self) -> str:
        return str(self.schema.get("x-source", ""))

    @property
    def login(self) -> Mapping[str, str]:
        """What each answer asks of the login of whoever fills in: "required" or "none"; nothing for the others."""
        return self.schema.get("x-login", {})

    @property
    def most_items(self) -> int:
        return min(int(self.schema.get("maxItems", limits.ITEMS)), limits.ITEMS_EVER)

    @property
    def least_items(self) -> int:
        return min(int(self.schema.get("minItems", 0)), self.most_items)

    @property
    def longest(self) -> int:
        return min(int(self.schema.get("maxLength", limits.TEXT)), limits.TEXT)


def in_language(text: Text | None, language: str) -> str:
    """The text in a language, else in another that it has: an odd language is better than nothing at all."""
    if not text:
        return ""
    for choice in (language, *LANGUAGES):
        if text.get(choice):
            return str(text[choice])
    return ""


def texts(value: Any, otherwise: str = "") -> Text:
    """A text in three languages from an `x-` keyword, or one word for all of them."""
    if isinstance(value, Mapping):
        return {language: str(text) for language, text in value.items() if language in LANGUAGES and text}
    return dict.fromkeys(LANGUAGES, otherwise) if otherwise else {}


def resolved(schema: Any, root: Schema, depth: int = 0) -> Any:
    """The schema with each `#/$defs/…` written out, so that a path in it is a path in the data.

    Raises `InvalidForm` for references that lead elsewhere, are missing, or go in circles.
    """
    if depth > limits.DEPTH * 4:
        raise InvalidForm(reason="the schema is too deep, or refers to itself")
    if isinstance(schema, list):
        return [resolved(item, root, depth + 1) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        reference = str(schema["$ref"])
        target = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"))
        if not reference.startswith("#/$defs/") or not isinstance(target, Mapping):
            raise InvalidForm(reason=f"there is no {reference}")
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return {key: resolved(value, root, depth + 1) for key, value in schema.items() if key != "$defs"}


def kind_of(schema: Schema, options: Mapping[str, Any]) -> str:
    """Which kind of question the schema is."""
    wanted = schema.get("type")
    if wanted == "array":
        return _kind_of_array(schema)
    if wanted == "object" or "properties" in schema:
        return OBJECT
    if wanted == "boolean":
        return CONSENT if schema.get("const") is True or schema.get("enum") == [True] else YES_NO
    if choices(schema):
        return CHOICE
    if wanted == "integer":
        return ORE if schema.get("x-format") == "ore" else INTEGER
    if wanted == "number":
        return NUMBER
    return _kind_of_string(schema, options) if wanted == "string" else UNSUPPORTED


def _kind_of_array(schema: Schema) -> str:
    items = schema.get("items")
    if not isinstance(items, Mapping):
        return UNSUPPORTED
    if "file" in (schema.get("x-format"), items.get("x-format")):
        return FILES
    if items.get("type") == "object" or "properties" in items:
        return REPEAT
    return CHECKBOXES if choices(items) else UNSUPPORTED


def _kind_of_string(schema: Schema, options: Mapping[str, Any]) -> str:
    what = schema.get("x-format") or schema.get("format")
    if what in ("date", "year-month"):
        return str(what)
    if what == "file":
        return FILES
    return LONG_TEXT if options.get("multi") or options.get("format") == "textarea" else TEXT


def choices(schema: Schema) -> tuple[Option, ...]:
    """The answers that a schema offers, from `enum` with `x-enum-labels` or `oneOf` with `const`."""
    labels = schema.get("x-enum-labels", {})
    if isinstance(schema.get("enum"), list):
        values = schema["enum"]
        return tuple(Option(_key(v), v, texts(labels.get(_key(v)), otherwise=_key(v))) for v in values)
    branches = schema.get("oneOf")
    if isinstance(branches, list) and branches and all(isinstance(b, Mapping) and "const" in b for b in branches):
        return tuple(_branch(b, labels) for b in branches)
    return ()


def _branch(branch: Schema, labels: Mapping[str, Any]) -> Option:
    key = _key(branch["const"])
    named = branch.get("x-title") or labels.get(key)
    return Option(key, branch["const"], texts(named, otherwise=str(branch.get("title", key))))


def _key(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def spec_of(path: tuple[str, ...], schema: Schema, parent: Schema, sometimes: frozenset[str], control: Schema) -> Spec:
    """Put together a field from its schema and from the control that shows it."""
    options = control.get("options") or {}
    items = schema.get("items")
    offered = schema if not isinstance(items, Mapping) else {"x-enum-labels": schema.get("x-enum-labels", {}), **items}
    label = control.get("label")
    own_title = texts(schema.get("x-title"), otherwise=str(schema.get("title") or path[-1]))
    written = control.get("x-label") or schema.get("x-title")
    return Spec(
        path=path,
        schema=schema,
        kind=kind_of(schema, options),
        required=path[-1] in parent.get("required", ()),
        sometimes_required=path[-1] in sometimes,
        title=texts(written, otherwise=label if isinstance(label, str) else "") or own_title,
        help=texts(control.get("x-help") or schema.get("x-help"), otherwise=str(schema.get("description", ""))),
        options=_yes_no(schema) if schema.get("type") == "boolean" else choices(offered),
        layout=options,
    )


def _yes_no(schema: Schema) -> tuple[Option, ...]:
    labels = schema.get("x-enum-labels", {})
    yes, no = {"nb": "Ja", "nn": "Ja", "en": "Yes"}, {"nb": "Nei", "nn": "Nei", "en": "No"}
    return (
        Option("true", True, texts(labels.get("true")) or yes),
        Option("false", False, texts(labels.get("false")) or no),
    )


def find(root: Schema, path: tuple[str, ...]) -> tuple[Schema, Schema] | None:
    """The schema at a declaration's path and the object that holds it, or None if nothing is declared there."""
    parent: Schema = {}
    here: Any = root
    for step in path:
        parent = here
        here = here.get("items") if step == EACH else (here.get("properties") or {}).get(step)
        if not isinstance(here, Mapping):
            return None
    return here, parent


def conditionally_required(schema: Any, inside: bool = False) -> Iterator[str]:
    """Every name that some `if`, `allOf`, … may require: such a field is not marked as optional."""
    if isinstance(schema, list):
        for part in schema:
            yield from conditionally_required(part, inside)
    elif isinstance(schema, Mapping):
        if inside:
            yield from (name for name in schema.get("required", ()) if isinstance(name, str))
        for names in (schema.get("dependentRequired") or {}).values():
            yield from names
        for key, part in schema.items():
            if key in ("then", "else", "allOf", "anyOf", "oneOf"):
                yield from conditionally_required(part, True)
            elif key == "dependentSchemas":
                yield from conditionally_required(list(part.values()), True)
            elif key == "properties":
                yield from conditionally_required(list(part.values()), inside)
            elif key == "items":
                yield from conditionally_required(part, inside)
