"""Two-way tables between our answers and another's document: each line says where a value stands in both, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from allmenning.basics.text import UnsafeText, clean_text

EMPTY: tuple[Any, ...] = (None, "", {})


@dataclass(frozen=True)
class Written:
    """How a value is written: `out` as the contract has it, `back` as we do. None is no value."""

    out: Callable[[Any], Any]
    back: Callable[[Any], Any]


def choice(table: Mapping[Any, Any]) -> Written:
    """One of a closed list; what the list does not have is no value."""
    other_way = {theirs: ours for ours, theirs in table.items()}
    return Written(table.get, other_way.get)


SAME = Written(lambda value: value, lambda value: value)
KRONER = Written(lambda ore: ore // 100, lambda kroner: round(kroner * 100))  # øre that are left over are not sent


@dataclass(frozen=True)
class Line:
    """One value: `ours` is a name, `theirs` a path with dots. `beside` are constants that the contract wants around it."""

    ours: str
    theirs: str
    written: Written = SAME
    beside: Mapping[str, Any] = field(default_factory=dict)

    def send(self, data: Mapping[str, Any], document: dict[str, Any]) -> None:
        value = data.get(self.ours)
        said = None if value is None else self.written.out(value)
        if said not in EMPTY:
            *way, name = self.theirs.split(".")
            there = document
            for step in way:
                there = there.setdefault(step, {})
            there |= self.beside
            there[name] = said

    def receive(self, document: Mapping[str, Any], data: dict[str, Any]) -> None:
        found: Any = document
        for step in self.theirs.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        said = None if found is None else self.written.back(found)
        if said not in EMPTY:
            data[self.ours] = said


@dataclass(frozen=True)
class Rows:
    """A list of objects, each by its own lines."""

    ours: str
    theirs: str
    lines: Sequence[Line]

    def send(self, data: Mapping[str, Any], document: dict[str, Any]) -> None:
        if self.ours in data:
            rows = Line(self.ours, self.theirs, Written(lambda rows: [out(self.lines, row) for row in rows], list))
            rows.send(data, document)

    def receive(self, document: Mapping[str, Any], data: dict[str, Any]) -> None:
        Line(self.ours, self.theirs, Written(list, lambda rows: [back(self.lines, row) for row in rows])).receive(
            document, data
        )


Lines = Iterable[Line | Rows]


def out(lines: Lines, data: Mapping[str, Any]) -> dict[str, Any]:
    """Our answers as the contract's document."""
    document: dict[str, Any] = {}
    for each in lines:
        each.send(data, document)
    return document


def back(lines: Lines, document: Mapping[str, Any]) -> dict[str, Any]:
    """The contract's document as our answers; what it does not say is not there."""
    data: dict[str, Any] = {}
    for each in lines:
        each.receive(document, data)
    return data


@dataclass(frozen=True)
class Preface:
    """Answers that a contract has no place for, as sentences before a text of its: so that a person reads them there.

    Sentences that are written just so are read back; any other text is the sender's own.
    """

    sentences: Mapping[tuple[str, Any], str]

    def before(self, text: str, data: Mapping[str, Any]) -> str:
        said = [sentence for (name, value), sentence in self.sentences.items() if _says(data.get(name), value)]
        return "\n\n".join(each for each in ("\n".join(said), text) if each)

    def apart(self, text: str) -> tuple[dict[str, Any], str]:
        """What the sentences say, and the text after them."""
        first, _, rest = text.partition("\n\n")
        said = {sentence: answer for answer, sentence in self.sentences.items()}
        lines = first.split("\n")
        if not all(line in said for line in lines):
            return {}, text
        data: dict[str, Any] = {}
        for name, value in (said[line] for line in lines):
            if isinstance(value, tuple):  # one of several that may be chosen
                data[name] = [*data.get(name, []), *value]
            else:
                data[name] = value
        return data, rest


def _says(answer: Any, value: Any) -> bool:
    if isinstance(value, tuple):
        return isinstance(answer, list) and value[0] in answer
    return answer is value if isinstance(value, bool) else answer == value


def cleaned(value: Any) -> Any:
    """A document with every text as it may be stored: characters that hide or turn other text are taken out."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, Mapping):
        return {str(name): cleaned(part) for name, part in value.items()}
    return [cleaned(each) for each in value] if isinstance(value, list) else value


def _clean(text: str) -> str:
    try:
        return clean_text(text)
    except UnsafeText:
        return "".join(character for character in text if _is_safe(character))


def _is_safe(character: str) -> bool:
    try:
        clean_text(character)
    except UnsafeText:
        return False
    return True
