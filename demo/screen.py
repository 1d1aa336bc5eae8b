"""What the terminal shows: one line for each step that takes time, then where to go and whom to log in as."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
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
                task = bar.add_task(what, total=None, at="")

                def report(done: int, total: int, at: str = "") -> None:
                    bar.update(task, completed=done, total=total, at=at)

                yield report
        else:
            yield lambda *_: None
        self._done(what, time.monotonic() - begun)

    def welcome(self, addresses: Sequence[Address], logins: Sequence[Login], seconds: float, logs: str) -> None:
        """The last thing shown, and the first thing read."""
        table = Table.grid(padding=(0, 3))
        for address in addresses:
            table.add_row(Text(address.who), Text(address.url, style=f"link {address.url} bold"))
        self.console.print()
        self.console.print(Text.assemble(("Allmenning is running", "bold"), f"  ready after {seconds:.1f} s"))
        self.console.print(Padding(table, (1, 2)))
        if logins:
            self.console.print(Text("Log in as", style="bold"))
            self.console.print(Padding(_logins(logins), (1, 2)))
        self.console.print(
            Text(f"Everyone here is invented. Logs are in {logs}. Ctrl-C stops everything.", style="dim")
        )

    def say(self, text: str) -> None:
        self.console.print(Text(text))

    def fail(self, text: str) -> None:
        self.console.print(Text(text, style="bold red" if self.console.is_terminal else ""), soft_wrap=True)

    def _bar(self) -> Progress:
        return Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[at]}", style="dim"),
            console=self.console,
            transient=True,
        )

    def _done(self, what: str, seconds: float) -> None:
        if seconds >= 0.2:
            self.console.print(Text.assemble(("✓ ", "green"), f"{what} ", (f"{seconds:.1f} s", "dim")))


def _logins(logins: Sequence[Login]) -> Table:
    table = Table.grid(padding=(0, 3))
    for login in logins:
        table.add_row(login.role, Text(login.name, style="bold"), login.number, Text(login.story, style="dim"))
    return table
