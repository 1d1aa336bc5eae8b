"""Everything that PostgreSQL was sent, by whichever connection, as its own log tells it: texts, parameters, refusals."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from allmenning.project import postgres

from .stand import System

_PREFIX = "%m|%p|%d|%u|"
_RECORD = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \w+\|(\d+)\|(\S*)\|(\S*)\|(\w+):  (.*)$", re.DOTALL)
_STATEMENT = re.compile(r"^(?:execute [^:]*|statement): (.*)$", re.DOTALL)
_PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
_LOGGING = {"log_statement": "all", "log_error_verbosity": "default", "log_line_prefix": _PREFIX}


@dataclass
class Statement:
    """One statement as it was sent. refused: PostgreSQL answered with an error, as when a job waits already."""

    text: str
    parameters: dict[int, str | None] = field(default_factory=dict)
    refused: bool = False

    @property
    def is_control(self) -> bool:
        """Begins or ends a transaction, and does nothing else."""
        return self.text.upper().startswith(
            ("BEGIN", "COMMIT", "ROLLBACK", "START TRANSACTION", "SAVEPOINT", "RELEASE")
        )


@dataclass
class Session:
    """What one connection was sent: as whom, where, and in which order."""

    database: str
    user: str
    statements: list[Statement] = field(default_factory=list)


def record(system: System, do: Callable[[], Any]) -> list[Session]:
    """Everything that PostgreSQL is sent while `do` runs, by connection."""
    log = _log(system)
    with system.postgres.connect() as server:
        _configure(server, _LOGGING)
        try:
            begun = log.stat().st_size
            do()
            time.sleep(0.2)
        finally:
            _configure(server, dict.fromkeys(_LOGGING))
    with log.open(encoding="utf-8", errors="replace") as lines:
        lines.seek(begun)
        return sessions(lines.read())


def record_warm(system: System, do: Callable[[], Any]) -> tuple[list[Session], list[Session]]:
    """Two recordings of an operation when everything is warm, whichever worker answers: the two shortest of five."""
    recorded = sorted((record(system, do) for _ in range(5)), key=lambda found: sum(len(s.statements) for s in found))
    return recorded[0], recorded[1]


def _configure(server: psycopg.Connection, settings: Mapping[str, str | None]) -> None:
    for name, value in settings.items():
        server.execute(f"ALTER SYSTEM RESET {name}" if value is None else f"ALTER SYSTEM SET {name} = '{value}'")
    server.execute("SELECT pg_reload_conf()")
    time.sleep(0.3)


def _log(system: System) -> Path:
    """Of the server: as root it may lie in a folder of the system's."""
    server = system.postgres.server
    assert server is not None
    assert server.folder is not None
    return server.folder / "server.log"


def sessions(text: str) -> list[Session]:
    """What a piece of the server's log tells, without what its operator (we) sent."""
    found: dict[str, Session] = {}
    for entry in re.split(r"\n(?!\t)", text):
        match = _RECORD.match(entry.replace("\n\t", "\n"))
        if match is None or match[3] in ("", postgres.SUPERUSER):
            continue
        process, database, user, level, said = match.groups()
        session = found.setdefault(process, Session(database, user))
        if level == "LOG" and (statement := _STATEMENT.match(said)):
            session.statements.append(Statement(statement[1].strip().rstrip(";")))
        elif level == "ERROR" and session.statements:
            session.statements[-1].refused = True
        elif level == "DETAIL" and session.statements and said.startswith("Parameters:"):
            given = {int(n): _unquoted(value) for n, value in _PARAMETER.findall(said)}
            session.statements[-1].parameters = given
    return [session for session in found.values() if session.statements]


def _unquoted(value: str) -> str | None:
    return None if value == "NULL" else value[1:-1].replace("''", "'")
