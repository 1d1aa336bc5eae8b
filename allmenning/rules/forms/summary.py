"""The answers for a reader: on the review page, in the PDF and on the desk; and where they differ from a register."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from allmenning.rules.forms.declared import in_language
from allmenning.rules.forms.errors import where
from allmenning.rules.forms.layout import GROUP, LABEL
from allmenning.rules.forms.pages import Block, Field, Node, Repeat, settle
from allmenning.rules.forms.pointers import MISSING, Path, get, parse, pointer, template_of
from allmenning.rules.forms.values import same, shown
from allmenning.rules.forms.words import say

if TYPE_CHECKING:
    from allmenning.rules.forms.form import Form


@dataclass(frozen=True)
class Row:
    """A question and its answer. Unpacks as `label, text`."""

    label: str
    text: str
    pointer: str = ""
    answered: bool = True
    multiline: bool = False

    def __iter__(self) -> Iterator[str]:
        yield self.label
        yield self.text


@dataclass(frozen=True)
class Section:
    """Answers under a heading. `level` 1: a page; 2 and more: groups and items in it. `page`: the page's id."""

    title: str
    rows: tuple[Row, ...]
    page: str
    level: int = 1


@dataclass(frozen=True)
class Difference:
    """Something stated that a register says otherwise."""

    pointer: str
    label: str
    stated: str
    registered: str
    where: str = ""


def summary(
    form: Form,
    data: Mapping[str, Any],
    language: str,
    attachments: Mapping[str, Any] | None = None,
    raw: Mapping[str, Any] | None = None,
    not_asked: Collection[str] = (),
    is_part: bool = False,
) -> list[Section]:
    """What was answered, section by section; hidden questions are left out, unanswered ones are named.

    not_asked: names of questions that nobody was asked, which is another thing than not to answer. Another system asked the
    others in its own order: what it sent, and this form would not have asked for, is shown last. Where the data is a part of what
    was sent (`is_part`), what made the form ask may stand in the other part: such an answer is shown among those it belongs with.
    """
    walk, left = settle(form, data)
    writer = _Writer(language, attachments or {}, raw or {}, not_asked)
    for page in walk.pages:
        writer.section(in_language(page.title, language), page.nodes, page.id, 1)
    if is_part:
        writer.among(form, data, left)
    if not_asked or is_part:
        writer.besides("sent-more" if is_part else "sent-besides", form, data, left)
    return writer.sections


class _Writer:
    def __init__(
        self, language: str, attachments: Mapping[str, Any], raw: Mapping[str, Any], not_asked: Collection[str]
    ) -> None:
        self.language, self.attachments, self.raw = language, attachments, raw
        self.not_asked = {f"/{name}" for name in not_asked}
        self.sections: list[Section] = []

    def section(self, title: str, nodes: tuple[Node, ...], page: str, level: int) -> None:
        here = len(self.sections)
        rows: list[Row] = []
        self._nodes(nodes, rows, page, level)
        if rows or (level == 1 and len(self.sections) > here):
            self.sections.insert(here, Section(title, tuple(rows), page, level))

    def _nodes(self, nodes: tuple[Node, ...], rows: list[Row], page: str, level: int) -> None:
        for node in nodes:
            if isinstance(node, Repeat):
                self._repeat(node, rows, page, level)
            elif isinstance(node, Field):
                rows.append(self._row(node))
            elif isinstance(node, Block) and node.type == GROUP and node.title:
                self.section(in_language(node.title, self.language), node.nodes, page, level + 1)
            elif isinstance(node, Block) and node.type != LABEL:
                self._nodes(node.nodes, rows, page, level)

    def _repeat(self, repeat: Repeat, rows: list[Row], page: str, level: int) -> None:
        if not repeat.items:
            rows.append(self._row(repeat))
        for item in repeat.items:
            title = f"{in_language(item.title, self.language)} {item.number + 1}"
            self.section(title, item.nodes, page, level + 1)

    def besides(self, title: str, form: Form, data: Mapping[str, Any], left: Mapping[str, Any]) -> None:
        """What stands in the data and on no page."""
        rows = [
            Row(self._name(form, path), self._text(form, path, value), pointer(path), True)
            for path, value in _answers(data)
            if get(left, path) is MISSING and pointer(path) not in self._shown()
        ]
        if rows:
            self.sections.append(Section(say(title, self.language), tuple(rows), self.sections[-1].page))

    def among(self, form: Form, data: Mapping[str, Any], left: Mapping[str, Any]) -> None:
        """What stands in an item of a list, and was not asked: after the rest of that item, where anything of it is shown."""
        for path, value in _answers(data):
            item = f"{pointer(path[:-1])}/"
            here = [n for n, each in enumerate(self.sections) if any(row.pointer.startswith(item) for row in each.rows)]
            if get(left, path) is not MISSING or len(path) < 3 or not here:
                continue
            spec = form.specs.get(template_of(path))
            name = in_language(spec.title, self.language) if spec else self._name(form, path)
            row = Row(name, self._text(form, path, value), pointer(path), True)
            section = self.sections[here[-1]]
            self.sections[here[-1]] = replace(section, rows=(*section.rows, row))

    def _shown(self) -> set[str]:
        return {row.pointer for section in self.sections for row in section.rows}

    def _name(self, form: Form, path: Path) -> str:
        """A question by its own title, with that of the list and the item's number before."""
        said: list[str] = []
        for n, step in enumerate(path, start=1):
            spec = form.specs.get(template_of(path[:n]))
            if isinstance(step, int) and said:
                said[-1] += f" {step + 1}"
            elif spec is not None:
                said.append(in_language(spec.title, self.language))
        return ": ".join(filter(None, said)) or pointer(path)

    def _text(self, form: Form, path: Path, value: Any) -> str:
        spec = form.specs.get(template_of(path))
        return shown(spec, value, self.language, self.attachments) if spec else str(value)

    def _row(self, field: Field) -> Row:
        label = in_language(field.spec.title, self.language)
        raw = self.raw.get(field.pointer)
        if raw:
            text = ", ".join(map(str, raw)) if isinstance(raw, list) else str(raw)
        else:
            text = shown(field.spec, field.value, self.language, self.attachments)
        answered = bool(raw) or not (field.value is MISSING or field.value in ("", []))
        if not answered and field.pointer in self.not_asked:
            text = say("not-asked", self.language)
        return Row(label, text, field.pointer, answered, "\n" in text)


def _answers(value: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every answer with where it is; several choices of one question are one answer."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _answers(part, (*at, name))
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for number, part in enumerate(value):
            yield from _answers(part, (*at, number))
    elif value not in (None, "", []):
        yield at, value


def differences(
    form: Form, data: Mapping[str, Any], register_values: Mapping[str, Any], language: str = "nb"
) -> list[Difference]:
    """Where a stated value is not what the register says. Letter case and spaces in texts do not count."""
    if not register_values:
        return []
    walk, pruned = settle(form, data)
    found = []
    for key, registered in register_values.items():
        path = parse(key)
        spec = form.specs.get(template_of(path))
        stated = get(pruned, path)
        if spec and path not in walk.hidden and not _agree(stated, registered):
            title = in_language(spec.title, language)
            texts = shown(spec, stated, language), shown(spec, registered, language)
            found.append(Difference(pointer(path), title, *texts, where(form, path, language)))
    return found


def _agree(stated: Any, registered: Any) -> bool:
    if isinstance(stated, str) and isinstance(registered, str):
        return " ".join(stated.split()).casefold() == " ".join(registered.split()).casefold()
    if stated is MISSING or registered is None:
        return (stated is MISSING) == (registered is None)
    return same(stated, registered)
