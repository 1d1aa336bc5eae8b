"""A form: a JSON Schema for its data and a JSON Forms layout for its pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from allmenning.rules.forms import declared
from allmenning.rules.forms import errors as _errors
from allmenning.rules.forms import summary as _summary
from allmenning.rules.forms.conditions import compiled
from allmenning.rules.forms.layout import Element, Reader
from allmenning.rules.forms.pages import Page, settle
from allmenning.rules.forms.pointers import MISSING, copied, get, parse, put, template_of

if TYPE_CHECKING:
    from allmenning.rules.forms.lint import Problem
    from allmenning.rules.forms.reading import Changes


def _conditional(page: Element) -> bool:
    asked = {path for part in page.walk() if part.rule for path in part.rule.condition.paths()}
    return any(part.spec.path in asked for part in page.walk() if part.spec)


@dataclass(frozen=True)
class Source:
    """Where a field can be filled in from: `folkeregister:navn`. Items of a list are `*` in the pointer."""

    pointer: str
    register: str
    field: str


class Form:
    """A form as declared. Read it once for each version of a service and keep it: it never changes.

    Raises `InvalidForm` if the schema or the layout can't be used; `lint` says everything else that is wrong with them.
    """

    def __init__(self, schema: Mapping[str, Any], ui: Mapping[str, Any]) -> None:
        self.source_schema, self.ui = schema, ui
        reader = Reader(schema, ui)
        self.schema = reader.schema
        self.elements: tuple[Element, ...] = reader.pages
        self.specs = reader.specs
        self.controllers = frozenset(reader.controllers)
        self.asks = {page.id: any(part.spec for part in page.walk()) for page in self.elements}
        self.conditional = {page.id: _conditional(page) for page in self.elements}
        self.validator  # noqa: B018  (a schema that can't be used is said now, not when somebody submits)

    @cached_property
    def validator(self) -> jsonschema_rs.Draft202012Validator:
        """The data's validator, compiled once."""
        return compiled(self.schema)

    def element(self, page_id: str) -> Element:
        """The declaration of a page. Raises `KeyError`."""
        for element in self.elements:
            if element.id == page_id:
                return element
        raise KeyError(page_id)

    def pages(self, data: Mapping[str, Any], sources: Mapping[str, Any] | None = None) -> list[Page]:
        """The pages that these answers show. `sources`: `{pointer: {"source", "fetched_at"}}` of prefilled values."""
        walk, _ = settle(self, data, sources)
        return [replace(page, data=data, sources=sources or {}, number=n) for n, page in enumerate(walk.pages, 1)]

    def page(self, page_id: str, data: Mapping[str, Any], sources: Mapping[str, Any] | None = None) -> Page | None:
        """One page, or None if there is none or these answers hide it."""
        return next((page for page in self.pages(data, sources) if page.id == page_id), None)

    def login(self, data: Mapping[str, Any]) -> str:
        """What the answers ask of the login: "required", "none" (nobody may be logged in), or "": either will do."""
        asking = self._asks_for_login
        return asking[0].login.get(str(data.get(asking[0].name, "")), "") if asking else ""

    @property
    def page_about_login(self) -> str:
        """The id of the page whose answer may ask for a login; empty when none does."""
        return self._asks_for_login[1] if self._asks_for_login else ""

    @cached_property
    def _asks_for_login(self) -> tuple[declared.Spec, str] | None:
        asking = ((part.spec, page.id) for page in self.elements for part in page.walk() if part.spec)
        return next(((spec, page_id) for spec, page_id in asking if spec.login), None)

    def read_post(self, page: Page, post: Any, language: str = "nb", raw: Mapping[str, Any] | None = None) -> Changes:
        """Read a POST of a page; see `reading.read_post`."""
        from allmenning.rules.forms.reading import read_post

        return read_post(page, post, language, raw)

    def visible(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What is submitted: the data without the answers to hidden questions."""
        return settle(self, data)[1]

    def errors(
        self,
        data: Mapping[str, Any],
        language: str,
        page: Page | str | None = None,
        raw: Mapping[str, Any] | None = None,
        sources: Mapping[str, Any] | None = None,
    ) -> list[_errors.FieldError]:
        """What must be corrected before the form can be sent, or on one page of it before going on."""
        page_id = page.id if isinstance(page, Page) else page
        return _errors.errors(self, data, language, page_id, raw, sources)

    def examined(self, data: Mapping[str, Any], language: str) -> tuple[list[_errors.FieldError], dict[str, Any]]:
        """What must be corrected before the form can be sent, and what is submitted (see `visible`), in one pass."""
        return _errors.examined(self, data, language)

    def summary(
        self,
        data: Mapping[str, Any],
        language: str,
        attachments: Mapping[str, Any] | None = None,
        raw: Mapping[str, Any] | None = None,
        not_asked: Collection[str] = (),
        is_part: bool = False,
    ) -> list[_summary.Section]:
        """The answers for a reader. `attachments`: by id, something with a `name`; `not_asked`: names of questions."""
        return _summary.summary(self, data, language, attachments, raw, not_asked, is_part)

    def differences(
        self, data: Mapping[str, Any], register_values: Mapping[str, Any], language: str = "nb"
    ) -> list[_summary.Difference]:
        """Where the answers differ from what registers say now: `register_values` by pointer."""
        return _summary.differences(self, data, register_values, language)

    def sources(self) -> list[Source]:
        """Every field that can be filled in from a register."""
        found = []
        for path, spec in self._sourced():
            register, _, name = str(spec["x-source"]).partition(":")
            found.append(Source("".join(f"/{step}" for step in path), register, name))
        return found

    def _sourced(self) -> list[tuple[tuple[str, ...], Mapping[str, Any]]]:
        found: list[tuple[tuple[str, ...], Mapping[str, Any]]] = []
        waiting: list[tuple[tuple[str, ...], Any]] = [((), self.schema)]
        while waiting:
            path, schema = waiting.pop(0)
            if "x-source" in schema:
                found.append((path, schema))
            waiting += [((*path, name), part) for name, part in (schema.get("properties") or {}).items()]
            if isinstance(schema.get("items"), Mapping):
                waiting.append(((*path, "*"), schema["items"]))
        return found

    def attach(self, data: Mapping[str, Any], pointer: str, attachment_id: str) -> dict[str, Any]:
        """A copy of the data with an uploaded file in it. Raises `KeyError` if there is no file field there."""
        path = parse(pointer)
        spec = self.specs.get(template_of(path))
        if spec is None or spec.kind != declared.FILES:
            raise KeyError(pointer)
        changed = copied(data)
        before = get(changed, path)
        if spec.schema.get("type") == "array":
            put(changed, path, [*(before if before is not MISSING else []), attachment_id])
        else:
            put(changed, path, attachment_id)
        return changed

    def lint(self) -> list[Problem]:
        """What is wrong or missing in the form; see `lint.lint`."""
        from allmenning.rules.forms.lint import lint

        return lint(self.source_schema, self.ui)
