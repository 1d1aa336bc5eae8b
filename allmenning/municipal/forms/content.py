"""What a form holds: typed data, what could not be typed, and where filled-in values came from."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Content:
    """The content of a draft or a submission. `raw` is kept so that nothing typed is ever lost.

    sources: by JSON pointer: {"source": register, "fetched_at": ISO time, "value": what it said}.
    unavailable: names of registers that did not answer, for the caseworker to see.
    """

    data: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    unavailable: tuple[str, ...] = ()

    def to_json(self) -> str:
        return json.dumps(vars(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Content:
        held = json.loads(text)
        return cls(held["data"], held["raw"], held["sources"], tuple(held["unavailable"]))

    def with_data(self, data: dict[str, Any], raw: dict[str, Any]) -> Content:
        return replace(self, data=data, raw=raw)
