"""The pages of a form for the answers so far: what is shown, what is hidden, and where each field is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from allmenning.rules.forms import limits
from allmenning.rules.forms.declared import FILES, REPEAT, Spec, Text, texts
from allmenning.rules.forms.layout import CONTROL, Element
from allmenning.rules.forms.pointers import MISSING, Path, concrete, copied, drop, get, pointer, put

if TYPE_CHECKING:
    from allmenning.rules.forms.form import Form


@dataclass(frozen=True)
class Field:
    """A field in its place. `locked`: filled in from a register, and not the resident's to change."""

    key: str
    spec: Spec
    path: Path
    value: Any
    enabled: bool
    locked: bool
    controls: bool

    type = "field"

    @property
    def pointer(self) -> str:
        return pointer(self.path)

    @property
    def name(self) -> str:
        """What the page posts it as."""
        return self.pointer

    @property
    def id(self) -> str:
        return "f" + self.pointer.replace("/", "-")


@dataclass(frozen=True)
class Item:
    """One item of a repeating group, counted from 0."""

    number: int
    path: Path
    title: Text
    nodes: tuple[Node, ...]

    @property
    def pointer(self) -> str:
        return pointer(self.path)


@dataclass(frozen=True)
class Repeat(Field):
    """A repeating group in its place, with its items."""

    items: tuple[Item, ...] = ()

    type = "repeat"

    @property
    def can_add(self) -> bool:
        return self.enabled and not self.locked and len(self.items) < self.spec.most_items

    @property
    def can_remove(self) -> bool:
        return self.enabled and not self.locked and len(self.items) > self.least

    @property
    def least(self) -> int:
        return self.spec.least_items if self.spec.required else 0


@dataclass(frozen=True)
class Block:
    """A group, row, column or text of the layout. `type` says which."""

    key: str
    type: str
    title: Text
    help: Text
    nodes: tuple[Node, ...] = ()


Node = Field | Repeat | Block


@dataclass(frozen=True)
class Page:
    """A page as it looks for these answers. `conditional`: an answer on it may show or hide something else on it."""

    id: str
    number: int
    title: Text
    intro: Text
    nodes: tuple[Node, ...]
    conditional: bool
    form: Form = field(repr=False, compare=False)
    data: Mapping[str, Any] = field(repr=False, compare=False)
    sources: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)

    @property
    def fields(self) -> list[Field]:
        """Every field and repeating group that the page shows, in order."""
        return [node for node in every(self.nodes) if isinstance(node, Field)]

    @property
    def has_files(self) -> bool:
        return any(f.spec.kind == FILES for f in self.fields)


def every(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """The nodes and everything in them, in order."""
    for node in nodes:
        yield node
        if isinstance(node, Block):
            yield from every(node.nodes)
        elif isinstance(node, Repeat):
            for item in node.items:
                yield from every(item.nodes)


class Walk:
    """One pass over a form with some data."""

    def __init__(self, form: Form, data: Mapping[str, Any], sources: Mapping[str, Any]) -> None:
        self.form, self.data, self.sources = form, data, sources
        self.shown: dict[Path, tuple[str, Field]] = {}
        self.hidden: set[Path] = set()
        self.pages: list[Page] = []
        self._page = ""
        for number, element in enumerate(form.elements):
            self._page = element.id
            nodes = self._nodes((element,), (), True, True)
            # A page whose every question is hidden is skipped; one that only says something is not.
            asks = any(page == element.id for page, _ in self.shown.values())
            if nodes and (asks or not form.asks[element.id]):
                self.pages.append(self._as_page(element, nodes[0], number))
        self.hidden -= self.shown.keys()

    def _as_page(self, element: Element, block: Node, number: int) -> Page:
        nodes = block.nodes if isinstance(block, Block) else ()
        conditional = self.form.conditional[element.id]
        return Page(
            element.id, number, element.title, element.help, nodes, conditional, self.form, self.data, self.sources
        )

    def _nodes(self, elements: tuple[Element, ...], at: Path, shown: bool, enabled: bool) -> tuple[Node, ...]:
        nodes = (self._node(element, at, shown, enabled) for element in elements)
        return tuple(node for node in nodes if node is not None)

    def _node(self, element: Element, at: Path, shown: bool, enabled: bool) -> Node | None:
        if element.rule and shown:
            shown = element.rule.shows(self.data, at)
            enabled = enabled and element.rule.enables(self.data, at)
        if element.type == CONTROL:
            return self._field(element, at, shown, enabled)
        nodes = self._nodes(element.children, at, shown, enabled)
        return Block(_key(element, at), element.type, element.title, element.help, nodes) if shown else None

    def _field(self, element: Element, at: Path, shown: bool, enabled: bool) -> Field | None:
        spec = element.spec
        path = concrete(spec.path, at) if spec else None
        if spec is None or path is None:
            return None
        if not shown or len(self.shown) >= limits.FIELDS:
            self.hidden.add(path)
            return None
        value = get(self.data, path)
        locked = bool(spec.schema.get("readOnly") or spec.layout.get("readonly")) and self._has_source(path)
        made = Repeat if spec.kind == REPEAT else Field
        found = made(_key(element, at), spec, path, value, enabled, locked, spec.path in self.form.controllers)
        self.shown[path] = self._page, found
        if isinstance(found, Repeat):
            items = self._items(element, found)
            found = Repeat(**{**found.__dict__, "items": items})
            self.shown[path] = self._page, found
        return found

    def _items(self, element: Element, repeat: Repeat) -> tuple[Item, ...]:
        spec = repeat.spec
        given = len(repeat.value) if isinstance(repeat.value, list) else 0
        title = texts(spec.schema["items"].get("x-title") or spec.layout.get("x-item-title")) or spec.title
        paths = [(*repeat.path, number) for number in range(max(given, repeat.least))[: limits.ITEMS_EVER]]
        enabled = repeat.enabled and not repeat.locked
        return tuple(
            Item(number, path, title, self._nodes(element.children, path, True, enabled))
            for number, path in enumerate(paths)
        )

    def _has_source(self, path: Path) -> bool:
        return any(pointer(path[:end]) in self.sources for end in range(1, len(path) + 1))

    def pruned(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """A copy of the data without the answers to hidden questions."""
        left = copied(data)
        for path in sorted(self.hidden, key=lambda path: (-len(path), pointer(path))):
            drop(left, path)
            _drop_if_empty(left, path[:-1])
        return left

    def completed(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with every object that has a visible field, so that its required fields count."""
        for path, (_, shown) in self.shown.items():
            for end in range(1, len(path)):
                step = path[:end]
                if not isinstance(path[end], int) and get(data, step) is MISSING:
                    put(data, step, {})
            if isinstance(shown, Repeat):
                for item in shown.items:
                    if get(data, item.path) is MISSING:
                        put(data, item.path, {})
        return data


def _drop_if_empty(data: dict[str, Any], path: Path) -> None:
    """Objects that held hidden answers alone go too; items of a list stay, as their number is their name."""
    while path and not isinstance(path[-1], int) and get(data, path) == {}:
        drop(data, path)
        path = path[:-1]


def _key(element: Element, at: Path) -> str:
    return "-".join([element.id, *(str(step) for step in at if isinstance(step, int))])


def settle(
    form: Form, data: Mapping[str, Any], sources: Mapping[str, Any] | None = None
) -> tuple[Walk, dict[str, Any]]:
    """Apply the rules until they rest: hiding one answer can hide what depended on it. Gives the pruned data too."""
    now = copied(data)
    for _ in range(limits.ROUNDS):
        walk = Walk(form, now, sources or {})
        left = walk.pruned(data)
        if left == now:
            break
        now = left
    return walk, left
