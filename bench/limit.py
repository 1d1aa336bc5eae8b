"""What PostgreSQL itself can do with the very same SQL: recorded from the app, replayed by pgbench.

The server's own log (see `recording`) tells each statement with its parameters, of every connection, however the app sent them. pgbench
sends the same texts, prepared, as the same logins, in the same transactions. Values that must be new each time (ids, keys,
numbers: what differs between two recorded operations) are made from a counter; all others are the recorded ones, so the
rows are as large and the indexes as deep. Two connections of one operation are replayed one after the other, and share
the time: 1 / (1/a + 1/b).
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from allmenning.basics.errors import AllmenningError
from allmenning.project import postgres

from .recording import Session, Statement
from .stand import System

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_KEY = r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"
_NEW = re.compile(f"{_UUID}|{_KEY}")
MOST = 4  # connections: they keep two cores busy, and a login has room for them beside the web server's own
FROM_NUMBER = 500_000_000  # what is counted for numbers begins here: above every number in use


class NoLimit(AllmenningError):
    """pgbench could not repeat what was recorded: {said}"""


@dataclass(frozen=True)
class Limit:
    """per_s: whole operations. sessions: the rate of each connection's part by itself."""

    per_s: float
    sessions: dict[str, float]


def limit(
    system: System,
    recorded: Sequence[Session],
    again: Sequence[Session],
    logins: Mapping[str, Mapping[str, str]],
    *,
    clients: int,
    seconds: float,
) -> Limit:
    """The rate at which PostgreSQL does what was recorded.

    Args:
        again: the same operation, recorded a second time: what differs must be new each time.
        logins: user → its password.

    Raises NoLimit.
    """
    rates: dict[str, float] = {}
    for n, session in enumerate(recorded):
        made = script(session, fresh_values(recorded, again))
        rates[f"{n} {session.user}"] = _pgbench(
            system, session, made, logins[session.user]["password"], clients, seconds
        )
    return Limit(1 / sum(1 / rate for rate in rates.values()), rates)


def forget(system: System, municipality: str) -> None:
    """Take away the rows that pgbench wrote, which nobody can open: their ids begin with a row of zeros."""
    with system.connect(municipality) as connection:
        connection.execute("SET session_replication_role = replica")
        tables = connection.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'id' AND data_type = 'uuid'"
        ).fetchall()
        for (table,) in tables:
            connection.execute(
                sql.SQL("DELETE FROM {} WHERE id < '00000001-0000-0000-0000-000000000000'").format(
                    sql.Identifier(table)
                )
            )


def fresh_values(recorded: Sequence[Session], again: Sequence[Session]) -> dict[str, int]:
    """What was new in the first recording: ids and keys as text, each with a number of its own."""
    here, there = _values(recorded), _values(again)
    return {value: n for n, value in enumerate(v for v in here if v not in there)}


def _values(recorded: Sequence[Session]) -> dict[str, None]:
    """In the order in which they came."""
    return {
        value: None
        for session in recorded
        for statement in session.statements
        for given in statement.parameters.values()
        if given is not None
        for value in _values_in(given)
    }


def _values_in(given: str) -> list[str]:
    return [given] if given.isdecimal() and len(given) < 10 else _NEW.findall(given)


def script(session: Session, fresh: Mapping[str, int]) -> str:
    """A script for pgbench that sends a session's statements again, with values that are new each time."""
    lines = ["\\set i :i + 1", "\\set base :run * 1000000000000 + :client_id * 10000000000 + :i * 1000"]
    lines += [f"\\set number {FROM_NUMBER} + :run * 20000000 + :client_id * 2000000 + :i"]
    lines += [f"\\set v{n} :base + {n}" for n in fresh.values()]
    for statement in session.statements:
        if statement.refused:  # pgbench would end at it
            continue
        text = re.sub(r"\$(\d+)", lambda m, s=statement: _given(m, s, fresh), _masked(statement))  # type: ignore[misc]
        lines.append(text.replace("\n", " ") + ";")
    return "\n".join(lines) + "\n"


def _masked(statement: Statement) -> str:
    """The text as it is: where the app wrote a value into the text itself, pgbench must not take `:x` for a variable."""
    return (
        re.sub(r"(?<!:):(?=[A-Za-z_])(?<!::)", "\\\\x3a", statement.text)
        if not statement.parameters
        else statement.text
    )


def _given(place: re.Match[str], statement: Statement, fresh: Mapping[str, int]) -> str:
    number = int(place[1])
    return _expression(statement.parameters[number], fresh) if number in statement.parameters else place[0]


def _expression(given: str | None, fresh: Mapping[str, int]) -> str:
    """A parameter as SQL: as it was, but for what must be new."""
    if given is None:
        return "NULL"
    if given in fresh and given.isdecimal():
        return ":number"
    if given in fresh and re.fullmatch(_UUID, given):
        return f"lpad(:v{fresh[given]}::text, 32, '0')::uuid"
    if given.startswith("\\x") and given[2:] in fresh:
        return f"decode(lpad(:v{fresh[given[2:]]}::text, 64, '0'), 'hex')"
    if not any(value in fresh for value in _NEW.findall(given)):
        return _literal(given)
    parts, end = [], 0
    for match in _NEW.finditer(given):
        if match[0] in fresh:
            parts.append(_literal(given[end : match.start()]))
            parts.append(_as_text(f":v{fresh[match[0]]}", is_key=len(match[0]) == 64))
            end = match.end()
    parts.append(_literal(given[end:]))
    return f"({' || '.join(parts)}){_cast(given)}"


def _as_text(variable: str, *, is_key: bool) -> str:
    return f"lpad({variable}::text, {64 if is_key else 32}, '0')"


def _cast(given: str) -> str:
    if given.startswith(('{"', "[{", '["')) and '":' in given:
        return "::jsonb"
    if re.fullmatch(rf"\{{{_UUID}(,{_UUID})*\}}", given):
        return "::uuid[]"
    if re.fullmatch(r'\{("\\\\x[0-9a-f]*"|NULL)(,("\\\\x[0-9a-f]*"|NULL))*\}', given):
        return "::bytea[]"
    return ""


def _literal(text: str) -> str:
    """As a string in which pgbench finds no variable and no end."""
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3a").replace("\n", "\\n")
    return f"E'{escaped}'"


_runs = 0


def _pgbench(system: System, session: Session, made: str, password: str, clients: int, seconds: float) -> float:
    global _runs
    _runs += 1
    with TemporaryDirectory(dir=system.folder) as folder:
        file = Path(folder) / "script.sql"
        file.write_text(made, encoding="utf-8")
        server = conninfo_to_dict(system.postgres.dsn)
        # Where the app has its statements forgotten after each operation, so must we.
        mode = "extended" if any("discard all" in s.text.lower() for s in session.statements) else "prepared"
        command = [str(postgres.program("pgbench")), "-n", "-M", mode, "-c", str(min(clients, MOST)), "-j", "1"]
        command += ["-T", str(max(round(seconds), 1)), "-D", "i=0", "-D", f"run={_runs}", "-f", str(file)]
        command += ["-h", str(server["host"]), "-p", str(server["port"]), "-U", session.user, session.database]
        done = subprocess.run(  # noqa: S603 (our own command, no shell)
            command, env={**os.environ, "PGPASSWORD": password}, capture_output=True, text=True, check=False
        )
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or found is None or float(found[1]) == 0:
        raise NoLimit(said=_complaint(done.stderr))
    return float(found[1])


def _complaint(said: str) -> str:
    lines = [line for line in said.splitlines() if "ERROR" in line or "error" in line] or said.splitlines()
    return (lines or ["it said nothing"])[0][:400]
