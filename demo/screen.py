"""What the terminal shows: one line for each step that takes time, then where to go and whom to log in as."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

Report = Callable[..., None]
"""`report(done, total, what="")`: how far a step has come, and what it is at."""


@dataclass(frozen=True)
class Address:
    who: str
    url: str


@dataclass(frozen=True)
class Login:
    """Somebody to log in as. number: their synthetic identity number; story: what there is to see as them."""

    role: str
    name: str
    number: str
    story: str


class Screen:
    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)

    @contextmanager
    def step(self, what: str) -> Iterator[Report]:
        """Show a step while it runs, with a bar as soon as it reports how much there is to do."""
        begun = time.monotonic()
        if self.console.is_terminal:
            with self._bar() as bar:
                task = bar.add_task(what, total=None, at="", count="")

                def report(done: int, total: int, at: str = "") -> None:
                    bar.update(task, completed=done, total=total, at=at, count=f"{done}/{total}")

                yield report
        else:
            yield lambda *_: None
        self._done(what, time.monotonic() - begun)

    def welcome(self, addresses: Sequence[Address], logins: Sequence[Login], seconds: float, logs: str) -> None:
        """The last thing shown, and the first thing read."""
        self._line()
        self._line(("Allmenning is running", "bold"), (f"  ready after {seconds:.1f} s", "dim"))
        self._line()
        for address in addresses:
            # Never cut or wrapped: it is there to be clicked, or copied.
            self._line(f"  {address.who:<36}", (address.url, f"link {address.url} bold"), soft_wrap=True)
        self._line()
        self._line(("Log in as", "bold"))
        self._line()
        for login in logins:
            who = f"{login.name:<18}{login.number:<13}"
            self._line(f"  {login.role:<14}", (who, "bold"), (login.story, "dim"), no_wrap=True, overflow="ellipsis")
        self._line()
        self._line((f"Everyone here is invented. Logs: {logs}. Ctrl-C stops everything.", "dim"), soft_wrap=True)

    def _line(self, *parts: str | tuple[str, str], **how: Any) -> None:
        self.console.print(Text.assemble(*parts), **how)

    def say(self, text: str) -> None:
        self.console.print(Text(text))

    def fail(self, text: str) -> None:
        self.console.print(Text(text, style="bold red" if self.console.is_terminal else ""), soft_wrap=True)

    def _bar(self) -> Progress:
        return Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[at]}", style="dim"),
            console=self.console,
            transient=True,
        )

    def _done(self, what: str, seconds: float) -> None:
        if seconds >= 0.2:
            self.console.print(Text.assemble(("✓ ", "green"), f"{what} ", (f"{seconds:.1f} s", "dim")))
