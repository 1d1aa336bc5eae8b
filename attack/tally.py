"""What was tried, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """Attempts, rows that leaked and hints, by kind; `said` tells what each leak and hint was, `known` what is known,
    `told` what a kind counted besides."""

    attempts: Counter[str] = field(default_factory=Counter)
    rows_leaked: Counter[str] = field(default_factory=Counter)
    hints: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)

    def tried(self, kind: str, times: int = 1) -> None:
        """Note attempts of a kind, whatever they brought."""
        self.attempts[kind] += times

    def leaked(self, kind: str, what: str, rows: int = 1) -> None:
        """Something came out, or was changed, that belongs to another."""
        self.rows_leaked[kind] += rows
        self.said.append(f"LEAK  {kind}: {what}")

    def hinted(self, kind: str, what: str) -> None:
        """Something told whether another has something, or failed where it should have refused."""
        self.hints[kind] += 1
        self.said.append(f"HINT  {kind}: {what}")

    def tells(self, kind: str, what: str) -> None:
        """What else there is to say of a kind, for the screen."""
        self.told[kind] = what

    def knows(self, what: str) -> None:
        """A limit of PostgreSQL or of measuring that is accepted and written down, not found anew each time."""
        if what not in self.known:
            self.known.append(what)

    @property
    def is_clean(self) -> bool:
        return not self.rows_leaked.total() and not self.hints.total()

    def as_json(self) -> dict[str, Any]:
        """One object: totals, and the same by kind."""
        return {
            "attempts": self.attempts.total(),
            "rows_leaked": self.rows_leaked.total(),
            "hints": self.hints.total(),
            "kinds": {
                kind: {"attempts": tried, "rows_leaked": self.rows_leaked[kind], "hints": self.hints[kind]}
                for kind, tried in sorted(self.attempts.items())
            },
            "known": self.known,
            "told": self.told,
            "said": self.said,
        }
