"""Words that stand nowhere but in one owner's rows: wherever else they turn up, something leaked."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

_CANARY = re.compile(rb"kanari[0-9a-f]{10}", re.I)
PUBLISHED, ADMINISTRATION = "published", "administration"


class Scope(NamedTuple):
    """Whose a canary is. `area` may be PUBLISHED or ADMINISTRATION; `whose` is then empty."""

    municipality: str
    area: str
    whose: str = ""


@dataclass
class Canaries:
    """Every canary that was planted, by its word. `numbers` are identity numbers of people with cases."""

    planted: dict[str, tuple[Scope, str]] = field(default_factory=dict)
    numbers: dict[str, Scope] = field(default_factory=dict)

    def of(self, scope: Scope, what: str) -> str:
        """A new word for a scope; `what` says where it is put."""
        word = f"kanari{secrets.token_hex(5)}"
        self.planted[word] = (scope, what)
        return word

    def found_in(self, content: bytes | str, without: Iterable[bytes | str] = ()) -> list[tuple[Scope, str]]:
        """Every canary in a content, but those that whoever asked wrote themselves (`without`)."""
        raw, typed = _raw(content), b" ".join(_raw(each) for each in without)
        found = [self.planted[word] for word in _words(raw) - _words(typed) if word in self.planted]
        numbers = ((number.encode(), scope) for number, scope in self.numbers.items())
        return found + [(scope, "a number") for number, scope in numbers if number in raw and number not in typed]


def _raw(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _words(raw: bytes) -> set[str]:
    return {word.decode().lower() for word in _CANARY.findall(raw)}
