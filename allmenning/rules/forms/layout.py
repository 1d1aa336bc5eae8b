"""The layout of a form: JSON Forms' UI schema, read once into elements that know their fields and rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from allmenning.rules.forms import limits
from allmenning.rules.forms.conditions import Rule, rule_of, scope_path
from allmenning.rules.forms.declared import (
    OBJECT,
    REPEAT,
    InvalidForm,
    Schema,
    Spec,
    Text,
    conditionally_required,
    find,
    in_language,
    resolved,
    spec_of,
    texts,
)
from allmenning.rules.forms.pointers import EACH

PAGE, GROUP, ROW, COLUMN, LABEL, CONTROL = "page", "group", "row", "column", "label", "control"
_TYPES = {"Group": GROUP, "HorizontalLayout": ROW, "VerticalLayout": COLUMN, "Label": LABEL, "Control": CONTROL}


@dataclass(frozen=True, eq=False)
class Element:
    """A part of a page as declared. `base` is the repeating item that it stands in, `()` outside of one."""

    id: str
    type: str
    base: tuple[str, ...]
    title: Text = field(default_factory=dict)
    help: Text = field(default_factory=dict)
    children: tuple[Element, ...] = ()
    spec: Spec | None = None
    rule: Rule | None = None

    def walk(self) -> Iterator[Element]:
        """This element and everything in it."""
        yield self
        for child in self.children:
            yield from child.walk()


class Reader:
    """Reads a UI schema. `specs` holds every field it met, by path; `controllers` every path that a rule asks about."""

    def __init__(self, schema: Schema, ui: Mapping[str, Any]) -> None:
        self.schema = resolved(schema, schema)
        self.specs: dict[tuple[str, ...], Spec] = {}
        self.controllers: set[tuple[str, ...]] = set()
        self._sometimes = frozenset(conditionally_required(self.schema))
        self._number = 0
        self._page_ids: set[str] = set()
        self.pages = tuple(self._page(declared) for declared in _categories(ui))

    def _page(self, declared: Mapping[str, Any]) -> Element:
        title = _label(declared)
        return Element(
            id=self._page_id(declared, in_language(title, "en")),
            type=PAGE,
            base=(),
            title=title,
            help=texts(declared.get("x-intro") or declared.get("x-help")),
            children=self._children(declared, (), 0),
            rule=self._rule(declared, ()),
        )

    def _page_id(self, declared: Mapping[str, Any], title: str) -> str:
        wanted = str(declared.get("id") or (declared.get("options") or {}).get("id") or title)
        slug = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:60] or "page"
        while slug in self._page_ids:
            slug += "-2"
        self._page_ids.add(slug)
        return slug

    def _children(self, declared: Mapping[str, Any], base: tuple[str, ...], depth: int) -> tuple[Element, ...]:
        parts = declared.get("elements") or ()
        if depth > limits.DEPTH or not isinstance(parts, list | tuple):
            raise InvalidForm(reason="the layout is too deep, or its elements are not a list")
        return tuple(self._element(part, base, depth + 1) for part in parts)

    def _element(self, declared: Any, base: tuple[str, ...], depth: int) -> Element:
        if not isinstance(declared, Mapping) or declared.get("type") not in _TYPES:
            raise InvalidForm(reason=f"the layout has no {getattr(declared, 'get', str)('type')!r}")
        kind = _TYPES[declared["type"]]
        if kind == CONTROL:
            return self._control(declared, base, depth)
        text = texts(declared.get("x-text"), otherwise=str(declared.get("text", ""))) if kind == LABEL else {}
        return Element(
            id=self._id(),
            type=kind,
            base=base,
            title=text or _label(declared),
            help=texts(declared.get("x-intro") or declared.get("x-help")),
            children=self._children(declared, base, depth),
            rule=self._rule(declared, base),
        )

    def _control(self, declared: Mapping[str, Any], base: tuple[str, ...], depth: int) -> Element:
        path = self._locate(base, scope_path(declared.get("scope")), anywhere=False)
        found = find(self.schema, path) if path else None
        if not path or not found:
            raise InvalidForm(reason=f"there is no {declared.get('scope')} to show")
        spec = self._spec(path, *found, declared)
        rule = self._rule(declared, base)
        if spec.kind == OBJECT:
            inside = self._detail(spec, path, base, depth)
            return Element(self._id(), GROUP, base, spec.title, spec.help, inside, rule=rule)
        inside = self._detail(spec, (*path, EACH), (*path, EACH), depth) if spec.kind == REPEAT else ()
        return Element(self._id(), CONTROL, base, spec.title, spec.help, inside, spec, rule)

    def _detail(self, spec: Spec, path: tuple[str, ...], base: tuple[str, ...], depth: int) -> tuple[Element, ...]:
        """What an object or an item shows: `options.detail`, else its properties in order."""
        detail = spec.layout.get("detail")
        if isinstance(detail, Mapping):
            if detail.get("type") == "Control":
                detail = {"elements": [detail]}
            return self._children(detail, path if spec.kind == REPEAT else base, depth)
        schema = spec.schema["items"] if spec.kind == REPEAT else spec.schema
        return tuple(self._plain_control((*path, name), base, depth) for name in schema.get("properties", {}))

    def _plain_control(self, path: tuple[str, ...], base: tuple[str, ...], depth: int) -> Element:
        inner = path[len(base) :]
        scope = "#" + "".join("/items" if step == EACH else f"/properties/{step}" for step in inner)
        return self._element({"type": "Control", "scope": scope}, base, depth + 1)

    def _spec(self, path: tuple[str, ...], schema: Schema, parent: Schema, control: Schema) -> Spec:
        spec = spec_of(path, schema, parent, self._sometimes, control)
        self.specs.setdefault(path, spec)
        if len(self.specs) > limits.CONTROLS:
            raise InvalidForm(reason=f"the form has more than {limits.CONTROLS} fields")
        return spec

    def _rule(self, declared: Mapping[str, Any], base: tuple[str, ...]) -> Rule | None:
        rule = rule_of(declared.get("rule"), lambda path: self._locate(base, path))
        if rule:
            self.controllers.update(rule.condition.paths())
        return rule

    def _locate(self, base: tuple[str, ...], path: tuple[str, ...], anywhere: bool = True) -> tuple[str, ...] | None:
        """Where a scope leads: within the item that the element stands in, else (for rules) in what is around it."""
        around = [base[:end] for end in range(len(base), 0, -1) if base[end - 1] == EACH] if anywhere else []
        for start in dict.fromkeys((base, *around, *([()] if anywhere else []))):
            if find(self.schema, (*start, *path)) or (not start and not path):
                return (*start, *path)
        return None

    def _id(self) -> str:
        self._number += 1
        return f"e{self._number}"


def _categories(ui: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The pages: every Category, however nested; a layout without categories is one page."""
    if not isinstance(ui, Mapping):
        raise InvalidForm(reason="the layout is not an object")
    if ui.get("type") not in ("Categorization", "Category"):
        return [{"elements": [ui], "x-label": ui.get("x-label", {}), "id": "form"}]
    if ui["type"] == "Category":
        return [ui]
    parts = [part for part in ui.get("elements") or () if isinstance(part, Mapping)]
    pages = [page for part in parts for page in _categories(part)]
    if not pages:
        raise InvalidForm(reason="the layout has no pages")
    return pages


def _label(declared: Mapping[str, Any]) -> Text:
    label = declared.get("label")
    return texts(declared.get("x-label"), otherwise=label if isinstance(label, str) else "")
