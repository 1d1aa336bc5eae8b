"""Reading a POST of a page: typed data, and as raw text what can't be typed. Nothing typed is ever lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from allmenning.rules.forms import declared, limits
from allmenning.rules.forms.declared import Spec
from allmenning.rules.forms.errors import FieldError, errors
from allmenning.rules.forms.layout import CONTROL, Element
from allmenning.rules.forms.pages import Page, settle
from allmenning.rules.forms.pointers import (
    MISSING,
    Path,
    concrete,
    copied,
    drop,
    get,
    parse,
    pointer,
    put,
    template_of,
    without_item,
)
from allmenning.rules.forms.values import Unreadable, kept, read, same

_PRESENT = "_present"
_ACTIONS = ("_add", "_remove", "_remove-file", "_upload", "_refresh")


@dataclass(frozen=True)
class Action:
    """A button of the form itself: add, remove, remove-file, upload or refresh. `value`: the attachment's id."""

    kind: str
    pointer: str = ""
    value: str = ""

    @property
    def anchor(self) -> str:
        """Where on the page the person should come back to."""
        return "f" + self.pointer.replace("/", "-") if self.pointer else ""


@dataclass
class Changes:
    """The whole data after the POST, with what belongs beside it in a draft: raw texts and sources, by pointer."""

    data: dict[str, Any]
    errors: list[FieldError] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, Any] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    action: Action | None = None


class Posted:
    """A POST: `QueryDict`, or a mapping of names to a text or texts. Only its first parameters are read."""

    def __init__(self, post: Any) -> None:
        self.values: dict[str, list[str]] = {}
        for name in list(post)[: limits.PARAMETERS]:
            found = post.getlist(name) if hasattr(post, "getlist") else post[name]
            texts = [found] if isinstance(found, str) else found if isinstance(found, list | tuple) else []
            self.values[str(name)] = [text for text in texts if isinstance(text, str)]
        self.present = set(self.values.get(_PRESENT, ()))

    def item_numbers(self, group: Path) -> set[int]:
        """The items of a group that something was posted for."""
        start = pointer(group) + "/"
        names = (name[len(start) :].partition("/")[0] for name in self._names if name.startswith(start))
        return {int(number) for number in names if re.fullmatch(r"[0-9]{1,3}", number, re.ASCII)}

    @property
    def _names(self) -> Iterable[str]:
        return (*self.values, *self.present)

    def date_parts(self, name: str) -> str | None:
        """Three inputs as one text, `31.12.2026`; a missing part leaves its dot, so that it can be shown again."""
        parts = [self.values.get(f"{name}.{part}") for part in ("day", "month", "year")]
        if all(part is None for part in parts):
            return None
        typed = [part[-1].strip() if part else "" for part in parts]
        return ".".join(typed) if any(typed) else ""

    def action(self) -> Action | None:
        for name, values in self.values.items():
            kind, _, target = name.partition(":")
            if kind in _ACTIONS:
                where, _, value = target.partition(":")
                return Action(kind[1:], where, value or (values[-1] if kind == "_remove-file" and values else ""))
        return None


class _Reading:
    def __init__(self, page: Page, posted: Posted, raw: Mapping[str, Any]) -> None:
        self.page, self.posted = page, posted
        self.form = page.form
        self.changes = Changes(copied(page.data), raw=dict(raw), sources=dict(page.sources))
        self.room = limits.FIELDS

    def elements(self, elements: Iterable[Element], at: Path) -> None:
        for element in elements:
            if element.type == CONTROL and element.spec:
                path = concrete(element.spec.path, at)
                if path is not None and not self._locked(element.spec, path):
                    self._control(element, element.spec, path)
            else:
                self.elements(element.children, at)

    def _locked(self, spec: Spec, path: Path) -> bool:
        fixed = spec.schema.get("readOnly") or spec.layout.get("readonly")
        return bool(fixed) and any(pointer(path[:end]) in self.page.sources for end in range(1, len(path) + 1))

    def _control(self, element: Element, spec: Spec, path: Path) -> None:
        self.room -= 1
        if self.room < 0 or spec.kind == declared.FILES:
            return
        if spec.kind == declared.REPEAT:
            self._items(element, spec, path)
            return
        typed = self._typed(spec, pointer(path))
        if typed is not None:
            self._take(spec, path, typed)

    def _items(self, element: Element, spec: Spec, path: Path) -> None:
        given = get(self.changes.data, path)
        count = len(given) if isinstance(given, list) else 0
        numbers = sorted(number for number in self.posted.item_numbers(path) if number >= count)
        for number in range(count):
            self.elements(element.children, (*path, number))
        for number in numbers[: max(0, spec.most_items - count)]:
            if number != count:
                return  # a page posts its items without gaps, and a stray number must not make empty ones
            put(self.changes.data, (*path, number), {})
            self.elements(element.children, (*path, number))
            count += 1

    def _typed(self, spec: Spec, name: str) -> Sequence[str] | None:
        """What was typed, or None if the field was not on the page that was sent."""
        typed: Sequence[str] | None = self.posted.values.get(name)
        if typed is None and spec.kind == declared.DATE:
            parts = self.posted.date_parts(name)
            return None if parts is None else [parts]
        if typed is None and name in self.posted.present:
            return []
        return typed

    def _take(self, spec: Spec, path: Path, typed: Sequence[str]) -> None:
        changes, name = self.changes, pointer(path)
        before = get(changes.data, path)
        changes.raw.pop(name, None)
        try:
            value = read(spec, typed)
        except Unreadable:
            several = spec.kind == declared.CHECKBOXES
            texts = [kept(text) for text in typed[: limits.CHOICES]]
            changes.raw[name] = texts if several else texts[-1] if texts else ""
            value = MISSING
        if value is MISSING:
            drop(changes.data, path)
        else:
            put(changes.data, path, value)
        if not _alike(before, value):
            changes.changed.add(name)
            self._forget_source(path)

    def _forget_source(self, path: Path) -> None:
        for end in range(1, len(path) + 1):
            self.changes.sources.pop(pointer(path[:end]), None)

    def act(self, action: Action | None) -> None:
        """Do what the pressed button says to the data; a button that fits nothing does nothing."""
        if action is None:
            return
        try:
            path = parse(action.pointer)
        except ValueError:
            return
        handler = {"add": self._add, "remove": self._remove, "remove-file": self._remove_file}.get(action.kind)
        self.changes.action = handler(path, action) if handler else action

    def _on_page(self, path: Path, *kinds: str) -> Spec | None:
        for element in self.form.element(self.page.id).walk():
            spec = element.spec
            if spec and spec.kind in kinds and spec.path == template_of(path) and concrete(spec.path, path) == path:
                return None if self._locked(spec, path) else spec
        return None

    def _add(self, path: Path, action: Action) -> Action | None:
        spec = self._on_page(path, declared.REPEAT)
        if not spec and path[:1] == ("properties",):
            path = path[1:]
            spec = self._on_page(path, declared.REPEAT)
        if not spec:
            return None
        given = get(self.changes.data, path)
        count = max(len(given) if isinstance(given, list) else 0, spec.least_items if spec.required else 0)
        if count < spec.most_items:
            put(self.changes.data, (*path, count), {})
            self._forget_source(path)
        return Action("add", pointer((*path, min(count, spec.most_items - 1))))

    def _remove(self, path: Path, action: Action) -> Action | None:
        if len(path) < 2 or not isinstance(path[-1], int) or not self._on_page(path[:-1], declared.REPEAT):
            return None
        drop(self.changes.data, path)
        self._forget_source(path[:-1])
        self.changes.raw = without_item(self.changes.raw, path)
        self.changes.sources = without_item(self.changes.sources, path)
        self.changes.changed.add(pointer(path[:-1]))
        return Action("remove", pointer(path[:-1]), str(path[-1]))

    def _remove_file(self, path: Path, action: Action) -> Action | None:
        if not self._on_page(path, declared.FILES):
            return None
        given = get(self.changes.data, path)
        if isinstance(given, list):
            given[:] = [one for one in given if str(one) != action.value]
        if given == [] or given == action.value:
            drop(self.changes.data, path)
        return action

    def keep_disabled(self) -> None:
        """A field that the answers disable keeps the value it had."""
        walk, _ = settle(self.form, self.changes.data, self.page.sources)
        for path, (page, shown) in walk.shown.items():
            if page == self.page.id and not shown.enabled and pointer(path) in self.changes.changed:
                before = get(self.page.data, path)
                drop(self.changes.data, path) if before is MISSING else put(self.changes.data, path, before)


def _alike(one: Any, other: Any) -> bool:
    return one is other or (one is not MISSING and other is not MISSING and same(one, other))


def read_post(page: Page, post: Any, language: str = "nb", raw: Mapping[str, Any] | None = None) -> Changes:
    """Read a POST of a page into the data that the page was made from.

    `raw`: the raw texts of the draft so far. Never raises, whatever was posted. Fields that were not on the page that
    was sent stay as they are. Uploaded files are the caller's: `form.attach` puts their ids into the data.
    """
    posted = Posted(post)
    reading = _Reading(page, posted, raw or {})
    reading.elements(page.form.element(page.id).children, ())
    reading.keep_disabled()
    reading.act(posted.action())
    changes = reading.changes
    found = errors(page.form, changes.data, language, page.id, changes.raw, changes.sources)
    changes.errors = [error for error in found if error.pointer in changes.raw]
    return changes
