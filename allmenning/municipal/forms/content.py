"""What a form holds: typed data, what could not be typed, and what registers said when it was begun."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from allmenning.rules.forms.pointers import copied, drop, parse

_TUPLES = ("unavailable", "not_asked", "not_taken", "remarks")


@dataclass(frozen=True)
class Content:
    """The content of a draft or a submission. `raw` is kept so that nothing typed is ever lost.

    sources: marks of values that stand as a register gave them, by JSON pointer: {"source", "fetched_at"}.
    facts: what registers said, by JSON pointer, whatever was typed afterwards: {"source", "fetched_at", "value"}.
    unavailable: names of registers that did not answer, for the caseworker to see.
    protected: whether the applicant's address was protected when it was begun: "", "household" (it may be by somebody whom
        they live with, and is not told them) or "self".
    not_asked: names of questions that nobody asked: another system has no place for them. No answer there is no "no".
    not_taken: names of files that came and may not be kept, for the caseworker to see.
    remarks: what the sender says besides the answers, which the contract wants a caseworker to see.
    applicant: whom staff fill the form in for: {"kind", "number", "name"}; empty when the applicant does it.
    """

    data: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    unavailable: tuple[str, ...] = ()
    applicant: dict[str, str] = field(default_factory=dict)
    protected: str = ""
    not_asked: tuple[str, ...] = ()
    not_taken: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def to_json(self) -> str:
        return json.dumps(vars(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Content:
        held = json.loads(text)
        return cls(**held | {name: tuple(held.get(name, ())) for name in _TUPLES})

    def with_answers(
        self, data: Mapping[str, Any], raw: Mapping[str, Any], sources: Mapping[str, Any] | None = None
    ) -> Content:
        """The same with other answers; what registers said stays."""
        kept = self.sources if sources is None else dict(sources)
        return replace(self, data=dict(data), raw=dict(raw), sources=kept)

    def without_registers(self) -> Content:
        """The same with nothing in it that a register gave and nobody has changed."""
        data = copied(self.data)
        for each in self.sources:
            drop(data, parse(each))
        return replace(self, data=data, sources={}, facts={}, unavailable=(), protected="")

    @property
    def registered(self) -> dict[str, Any]:
        """What registers said, by JSON pointer, to hold beside what was stated."""
        return {pointer: fact["value"] for pointer, fact in self.facts.items()}
