"""Letter templates: Markdown with named fields, and nothing else.

The Markdown is parsed first; values are put into the parsed tree afterwards, as text. So a value can hold Markdown,
template or typesetting syntax, and all of it is printed as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from allmenning.letters.errors import BrokenField, MissingField, NotAllowedInLetter, UnknownField, UnsuitableValue
from allmenning.letters.paper import FieldTable
from allmenning.letters.text import Node, text_nodes
from allmenning.letters.words import listed, written

FIELD = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)\s*\}\}")
_BRACES = re.compile(r"\{\{|\}\}")
_LINK = re.compile(r"(https?://|mailto:|tel:)(?!.*%7B)[^\s{}]+\Z")
_BLOCKS = frozenset(
    "heading paragraph bullet_list ordered_list list_item table thead tbody tr th td blockquote hr".split()
)
_INLINE = frozenset("text softbreak hardbreak strong em link".split())
_CONTAINERS = frozenset({"inline", "root"})

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")
# Our own rule judges links: the parser would quietly print an unsafe one as text.
_parser.validateLink = lambda url: True  # type: ignore[method-assign]


@dataclass(frozen=True)
class Problem:
    """Something to put right in a template. `line` counts from 1 and is 0 when the whole template is meant."""

    line: int
    code: str
    message: str


@lru_cache(maxsize=512)
def parse(template: str) -> SyntaxTreeNode:
    """The template's tree. Templates are few and published versions never change, so the tree is kept."""
    return SyntaxTreeNode(_parser.parse(template))


def flatten(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`{"decision": {"reasons": []}}` as `{"decision.reasons": []}`; names that are flat already stay so."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, Mapping):
            flat.update({f"{name}.{inner}": deep for inner, deep in flatten(value).items()})
        else:
            flat[name] = value
    return flat


def fields_used(template: str) -> set[str]:
    """The names of the fields that a template uses."""
    return {name for node in parse(template).walk() if node.type == "text" for name in FIELD.findall(node.content)}


def problems(template: str, allowed_fields: set[str] | frozenset[str]) -> Iterator[Problem]:
    """Everything that would stop the template from becoming a letter, or make it a poor one."""
    tree = parse(template)
    level = 0
    for node in tree.walk():
        where = _line(node)
        what = not_allowed(node)
        if what:
            yield Problem(where, "NotAllowedInLetter", str(NotAllowedInLetter(what=what)))
        if node.type == "text":
            yield from _field_problems(node.content, allowed_fields, where)
        if node.type == "heading":
            this = int(node.tag[1])
            if this == 1 and level:
                yield Problem(where, "SecondTitle", "Only the first line can be the title (#); use ## for headings.")
            elif this > level + 1 and (level or this > 2):
                yield Problem(where, "HeadingSkipsLevel", "The heading skips a level, which confuses screen readers.")
            level = this
    if not tree.children or tree.children[0].type != "heading" or tree.children[0].tag != "h1":
        yield Problem(1, "NoTitle", "The letter has no title: begin the template with one, after #.")


def not_allowed(node: SyntaxTreeNode) -> str:
    """What a letter can't hold, in words; empty if the node is fine."""
    if node.type not in _BLOCKS | _INLINE | _CONTAINERS:
        return node.type.replace("_", " ")
    if node.type == "link" and not _LINK.match(str(node.attrs.get("href", ""))):
        return f"a link to {node.attrs.get('href')}"
    return ""


def _field_problems(text: str, allowed: set[str] | frozenset[str], where: int) -> Iterator[Problem]:
    for name in FIELD.findall(text):
        if name not in allowed:
            yield Problem(where, "UnknownField", str(UnknownField(field=name)))
    if _BRACES.search(FIELD.sub("", text)):
        yield Problem(where, "BrokenField", str(BrokenField(text=text.strip()[:80])))
    if "](" in text:
        yield Problem(where, "NotAllowedInLetter", str(NotAllowedInLetter(what="a link that can't be read")))
    if re.search(r"</?[A-Za-z][^>]*>", text):
        yield Problem(where, "NotAllowedInLetter", str(NotAllowedInLetter(what="HTML, which is printed as text")))


def _line(node: SyntaxTreeNode | None) -> int:
    while node is not None and not node.is_root:
        if node.map:
            return node.map[0] + 1
        node = node.parent
    return 0


class Filler:
    """Turns a template's tree and a letter's values into nodes for the typesetter."""

    def __init__(self, fields: Mapping[str, Any], language: str) -> None:
        self.fields = flatten(fields)
        self.language = language

    def document(self, template: str) -> list[Node]:
        """The blocks of the whole letter. Raises `LetterError`s, and `UnsafeText` for what can't be shown."""
        return self._blocks(parse(template).children)

    def title(self, template: str) -> list[Node]:
        """A title's text (not a template): fields are filled in."""
        return self._text(template)

    def _blocks(self, nodes: Sequence[SyntaxTreeNode]) -> list[Node]:
        return [block for node in nodes for block in self._block(node)]

    def _block(self, node: SyntaxTreeNode) -> list[Node]:
        what = not_allowed(node)
        if what:
            raise NotAllowedInLetter(what=what)
        return getattr(self, f"_{node.type}")(node)

    def _heading(self, node: SyntaxTreeNode) -> list[Node]:
        return [{"k": "h", "level": int(node.tag[1]), "c": self._inlines(node.children)}]

    def _paragraph(self, node: SyntaxTreeNode) -> list[Node]:
        value = self._value_alone(node)
        if isinstance(value, FieldTable):
            return [self._field_table(value)]
        if isinstance(value, list):
            return [{"k": "ul", "items": [self._plain(item) for item in value]}]
        return [{"k": "p", "c": self._inlines(node.children)}]

    def _bullet_list(self, node: SyntaxTreeNode) -> list[Node]:
        return [{"k": "ul", "items": self._items(node)}]

    def _ordered_list(self, node: SyntaxTreeNode) -> list[Node]:
        return [{"k": "ol", "start": int(node.attrs.get("start", 1)), "items": self._items(node)}]

    def _items(self, node: SyntaxTreeNode) -> list[list[Node]]:
        """A list's items; an item that is only a field with several values becomes as many items."""
        items: list[list[Node]] = []
        for item in node.children:
            value = self._value_alone(item.children[0]) if len(item.children) == 1 else None
            if isinstance(value, list):
                items.extend(self._plain(one) for one in value)
            else:
                items.append(self._blocks(item.children))
        return items

    def _plain(self, text: str) -> list[Node]:
        return [{"k": "p", "c": text_nodes(text)}]

    def _blockquote(self, node: SyntaxTreeNode) -> list[Node]:
        return [{"k": "quote", "c": self._blocks(node.children)}]

    def _hr(self, node: SyntaxTreeNode) -> list[Node]:
        return [{"k": "hr"}]

    def _table(self, node: SyntaxTreeNode) -> list[Node]:
        rows = [row for part in node.children for row in part.children]
        head, *body = [[self._inlines(cell.children) for cell in row.children] for row in rows]
        align = [str(cell.attrs.get("style", "")).removeprefix("text-align:") or "left" for cell in rows[0].children]
        return [{"k": "table", "align": align, "head": head, "rows": body}]

    def _field_table(self, value: FieldTable) -> Node:
        rows = [[text_nodes(cell) for cell in row] for row in value.rows]
        align = list(value.align) or ["left"] + ["right"] * (len(value.header) - 1)
        return {"k": "table", "align": align, "head": [text_nodes(cell) for cell in value.header], "rows": rows}

    def _value_alone(self, node: SyntaxTreeNode) -> Any:
        """The value of the field that is all there is in a paragraph, if so."""
        if node.type != "paragraph":
            return None
        texts = node.children[0].children
        match = FIELD.fullmatch(texts[0].content.strip()) if len(texts) == 1 and texts[0].type == "text" else None
        return self._value(match[1]) if match else None

    def _inlines(self, nodes: Sequence[SyntaxTreeNode]) -> list[Node]:
        return [inline for node in nodes for inline in self._inline(node)]

    def _inline(self, node: SyntaxTreeNode) -> list[Node]:
        what = not_allowed(node)
        if what:
            raise NotAllowedInLetter(what=what)
        match node.type:
            case "text":
                return self._text(node.content)
            case "softbreak":
                return [{"k": "s", "v": " "}]
            case "hardbreak":
                return [{"k": "br"}]
            case "inline":
                return self._inlines(node.children)
            case "link":
                return [{"k": "link", "to": str(node.attrs["href"]), "c": self._inlines(node.children)}]
        return [{"k": node.type, "c": self._inlines(node.children)}]

    def _text(self, text: str) -> list[Node]:
        nodes: list[Node] = []
        for index, part in enumerate(FIELD.split(text)):
            if index % 2:
                nodes += text_nodes(self._in_a_sentence(part))
            elif _BRACES.search(part):
                raise BrokenField(text=part.strip()[:80])
            else:
                nodes += text_nodes(part)
        return nodes

    def _in_a_sentence(self, name: str) -> str:
        value = self._value(name)
        if isinstance(value, FieldTable):
            raise UnsuitableValue(field=name, kind="table within a sentence")
        return listed(value, self.language) if isinstance(value, list) else value

    def _value(self, name: str) -> str | list[str] | FieldTable:
        if name not in self.fields:
            raise UnknownField(field=name)
        value = self.fields[name]
        if isinstance(value, FieldTable):
            columns = len(value.header)
            if not columns or {columns} != {len(row) for row in (value.align or value.header, *value.rows)}:
                raise UnsuitableValue(field=name, kind="table whose rows do not fit its header")
            return value
        if isinstance(value, list | tuple):
            texts = [self._one(name, item) for item in value]
            if not texts:
                raise MissingField(field=name)
            return texts
        return self._one(name, value)

    def _one(self, name: str, value: Any) -> str:
        if value is None or (isinstance(value, str) and not value.strip()):
            raise MissingField(field=name)
        # Amounts and decimals have a unit and a way of writing that only the caller knows: it passes them as text.
        if isinstance(value, bool) or not isinstance(value, str | int | date):
            raise UnsuitableValue(field=name, kind=type(value).__name__)
        return written(value, self.language)
