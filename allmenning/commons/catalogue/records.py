"""The records that a service keeps in a case beside what was sent: `records.yaml`, with a small form for each kind.

A plan, a measure and its evaluations, an assessment on a scale, a week of visits, payments, a place on a list. The folder
says what is asked, who writes, and how it is shown; the platform keeps versions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from allmenning.rules import expressions

from .texts import Text

FILE = "records.yaml"
PARTY = "party"  # in `seen_by`: whom the case is of
NOBODY = "nobody"
PERIOD = "period"  # a column of a letter's table: the dates that the kind holds from and until
LONG = 200  # a text that may be longer gets several lines, where the folder has no layout


@dataclass(frozen=True, slots=True)
class RecordState:
    """A state that a record can be in. `ends`: nothing more is written in it. `asks`: a choice of the form that whoever ends it so
    must answer, such as why a measure ended. `counts`: whether what is in it is enough for an outcome that needs one written.
    """

    id: str
    title: Text
    ends: bool
    asks: str | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class RecordDates:
    """The fields of the form that say when it holds, or happened (`starts`, `ends`), and when it is to be looked at."""

    starts: str | None = None
    ends: str | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A step of a scale. One that does not count is never drawn: «not relevant» is no help needed."""

    score: int
    text: Text
    counts: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table that a letter shows of a kind: a field of its form, or `PERIOD`: from when until when."""

    field: str
    title: Text | None


@dataclass(frozen=True)
class RecordKind:
    """A kind of record. `of`: the kind that one of this belongs to, as an evaluation to its measure.

    shows: versions, list, chart, week, payments or waiting. writes: the roles that may. is_of_own_case: it is kept in the cases that
    are opened for each of those whom a case is about, and not in that one. required_before: outcomes that are
    not decided without one, where the expression `required_when` over the answers (`form`) holds. applies_when: another such, of whether
    there is anything of the kind to keep at all. counts_when: an expression over what was written (`record`): of whether that is enough
    for `required_before`. ended_before: outcomes that are not decided while one goes on. seen_by: `party`, and scopes of what
    other participants may see; empty: nobody but staff.
    items, scale: of a chart, with where they were read, and whether they were read there. in_letters: the table that letters
    show of what goes on; none_in_letters: what they say when there is nothing (without it, a letter that shows the kind
    needs one). schema, ui: its form, as the service's own.
    """

    id: str
    title: Text
    about: Text
    many: bool
    shows: str
    writes: tuple[str, ...]
    of: str | None
    states: tuple[RecordState, ...]
    dates: RecordDates
    is_of_own_case: bool
    required_before: tuple[str, ...]
    required_when: str | None
    applies_when: str | None
    counts_when: str | None
    ended_before: tuple[str, ...]
    seen_by: tuple[str, ...]
    legal_basis: tuple[str, ...]
    items: tuple[str, ...]
    scale: tuple[Score, ...]
    source: Text | None
    is_confirmed: bool
    in_letters: tuple[Column, ...]
    none_in_letters: Text | None
    schema: Mapping[str, Any] = field(repr=False)
    ui: Mapping[str, Any] = field(repr=False)

    @property
    def is_seen_by_party(self) -> bool:
        return PARTY in self.seen_by

    @property
    def seen_by_others(self) -> tuple[str, ...]:
        """The scopes of what others are let see by a consent."""
        return tuple(scope for scope in self.seen_by if scope != PARTY)

    @property
    def begins_as(self) -> str:
        """The state that a new one is in; empty where the kind has none."""
        return self.states[0].id if self.states else ""

    @property
    def going_on(self) -> tuple[RecordState, ...]:
        return tuple(state for state in self.states if not state.ends)

    @property
    def over(self) -> tuple[RecordState, ...]:
        return tuple(state for state in self.states if state.ends)

    def state(self, id: str) -> RecordState | None:
        return next((state for state in self.states if state.id == id), None)

    def score(self, value: Any) -> Score | None:
        return next((score for score in self.scale if score.score == value), None)


def schema_file(kind: str) -> str:
    return f"records/{kind}.schema.json"


def ui_file(kind: str) -> str:
    return f"records/{kind}.ui.json"


Parsed = Callable[[Mapping[str, str], str], Any]


def read_kinds(files: Mapping[str, str], parsed: Parsed) -> tuple[RecordKind, ...]:
    """The kinds that a folder declares, if it does. `parsed` reads one of its files, and raises `UnreadablePackage`."""
    return tuple(_kind(each, files, parsed) for each in parsed(files, FILE)["kinds"]) if FILE in files else ()


def layout_of(kind: str, files: Mapping[str, str], parsed: Parsed) -> Any:
    """The layout of a kind's form: its own, or one page."""
    own = ui_file(kind)
    return parsed(files, own) if own in files else one_page(parsed(files, schema_file(kind)))


def _kind(raw: Mapping[str, Any], files: Mapping[str, str], parsed: Parsed) -> RecordKind:
    seen_by, chart, letters = raw["seen_by"], raw.get("chart", {}), raw.get("in_letters", {})
    return RecordKind(
        id=raw["id"],
        title=Text.of(raw["title"]),
        about=Text.of(raw["about"]),
        many=raw["many"],
        shows=raw["shows"],
        writes=tuple(raw["writes"]),
        of=raw.get("of"),
        states=tuple(_state(each) for each in raw.get("states", ())),
        dates=RecordDates(**raw.get("dates", {})),
        is_of_own_case=raw.get("own_case", False),
        required_before=tuple(raw.get("required_before", ())),
        required_when=raw.get("required_when"),
        applies_when=raw.get("applies_when"),
        counts_when=raw.get("counts_when"),
        ended_before=tuple(raw.get("ended_before", ())),
        seen_by=() if seen_by == NOBODY else (PARTY,) if seen_by == PARTY else tuple(seen_by),
        legal_basis=tuple(raw.get("legal_basis", ())),
        items=tuple(chart.get("items", ())),
        scale=tuple(
            Score(each["score"], Text.of(each["text"]), each.get("counts", True)) for each in chart.get("scale", ())
        ),
        source=Text.of(chart["source"]) if chart else None,
        is_confirmed=chart.get("confirmed", True),
        in_letters=tuple(
            Column(each["field"], Text.of(each["title"]) if "title" in each else None)
            for each in letters.get("columns", ())
        ),
        none_in_letters=Text.of(letters["none"]) if "none" in letters else None,
        schema=parsed(files, schema_file(raw["id"])),
        ui=layout_of(raw["id"], files, parsed),
    )


def applies(kind: RecordKind, form: Mapping[str, Any]) -> bool:
    """Whether the answers make the kind something to keep, also where they can't tell."""
    return _holds(kind.applies_when, {"form": form}, else_=True)


def is_needed(kind: RecordKind, form: Mapping[str, Any]) -> bool:
    """Whether the answers make it needed before what the kind names, also where they can't tell."""
    return applies(kind, form) and _holds(kind.required_when, {"form": form}, else_=True)


def counts(kind: RecordKind, record: Mapping[str, Any], state: str = "") -> bool:
    """Whether what was written is enough, in the state that it is in; not where that can't be told."""
    if any(each.id == state and not each.counts for each in kind.states):
        return False
    return _holds(kind.counts_when, {"record": record}, else_=False)


def _holds(condition: str | None, context: Mapping[str, Any], *, else_: bool) -> bool:
    if condition is None:
        return True
    try:
        return expressions.evaluate(condition, context) is True
    except expressions.ExpressionFailed:
        return else_


def one_page(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Every field on one page, in the schema's order."""
    elements = [_control(name, each) for name, each in schema.get("properties", {}).items()]
    return {"type": "Categorization", "elements": [{"type": "Category", "id": "record", "elements": elements}]}


def _control(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    control: dict[str, Any] = {"type": "Control", "scope": f"#/properties/{name}"}
    is_text = schema.get("type") == "string" and not {"enum", "oneOf", "x-format", "format"} & set(schema)
    if is_text and schema.get("maxLength", 0) > LONG:
        control["options"] = {"multi": True}
    return control


def _state(raw: Mapping[str, Any]) -> RecordState:
    return RecordState(raw["id"], Text.of(raw["title"]), raw["ends"], raw.get("asks"), raw.get("counts", True))
