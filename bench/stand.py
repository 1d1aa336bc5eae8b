"""A whole system to measure or to hurt: PostgreSQL, sandbox, web server and worker, in a folder and at ports of its own.

    with stand(folder, municipalities=["averoy"], workers=2) as system:
        system.client("averoy").submit({...}, "key-1")
        system.kill("web"); system.start("web")

The programs run as in production but for the sandbox, with data safe on disk (fsync on). What was made in the folder is
found again the next time. Everything that was started is ended at the end, each by its own pid. Nothing of Django is set
up in this process, so tests with settings of their own can use it.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
from joserfc.jwk import ECKey

from allmenning.basics.errors import AllmenningError
from allmenning.project import postgres
from allmenning.project.supervisor import Program, Supervisor
from demo.run import ROOT, Place, programs

from . import processes
from .client import Client

# What a client forwards as its visitor's address is believed: this machine stands in for the proxy.
_PROXY = {"ALLMENNING_PROXIES": "127.0.0.1"}
NAMES = {"keeper": "keeper", "sandbox": "sandbox", "web server": "web", "worker": "worker"} | {
    "first witness": "first-witness",
    "second witness": "second-witness",
}
SCOPES = ("catalogue", "submit", "cases", "documents", "figures", "changes")


class CannotStand(AllmenningError):
    """The system could not be set up: {said}"""


@contextlib.contextmanager
def stand(
    folder: Path,
    municipalities: Sequence[str] = ("averoy",),
    *,
    workers: int = 2,
    lived: bool = False,
    cases: int = 0,
    port: int | None = None,
    start: Sequence[str] = ("sandbox", "first-witness", "second-witness", "web", "worker"),
) -> Iterator[System]:
    """Prepare what is missing, start everything, and end it all. From the main thread alone (see Supervisor).

    Args:
        folder: where all its data goes; kept afterwards.
        municipalities: ids of demo.people.PLACES: each gets its database, units, staff and services.
        workers: processes of the web server.
        lived: with half a year of cases in each municipality, as in the demo (takes some seconds each).
        cases: how many cases the first municipality has then, copied in bulk (see bench/cases.py); asks for `lived`.
        port: of the web server, the four above for the sandbox and the witnesses; None: free ones.
        start: which programs run from the beginning besides the keeper; `system.start` starts the others.

    Raises:
        CannotStand; what PostgreSQL and Supervisor raise.
    """
    folder = folder.absolute()
    place = Place(folder, port or _free_ports())
    database = Postgres(folder / "postgres")
    database.start()
    try:
        system = System(place, database, workers)
        with Supervisor(folder / "logs") as supervisor:
            system.supervise(supervisor)
            system.start("keeper")
            system.prepare(municipalities, lived, cases)
            for name in start:
                system.start(name, wait=False)
            supervisor.wait_until_healthy()
            yield system
    finally:
        database.stop()


@dataclass
class Postgres:
    """The system's own PostgreSQL."""

    folder: Path
    server: postgres.Server | None = None

    def start(self) -> None:
        """Start it, if it does not run; after a crash it first recovers. Its port stays the same."""
        self.server = postgres.start(self.folder)

    def stop(self) -> None:
        """Stop it as for maintenance: what runs is rolled back, all is written out."""
        if self.server is not None:
            self.server.stop()

    def kill(self) -> None:
        """SIGKILL, as in a crash. Its helpers end by themselves; `start` waits for that."""
        pid = self.pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            while self.pid == pid:
                time.sleep(0.005)

    @property
    def pid(self) -> int | None:
        """Of the first process, the postmaster; None when it does not run."""
        return self.server.pid if self.server is not None else None

    @property
    def dsn(self) -> str:
        """URL as its operator, who sees everything."""
        assert self.server is not None
        return self.server.dsn

    def connect(self, database: str | None = None) -> psycopg.Connection:
        """A connection as its operator, each statement a transaction of its own."""
        assert self.server is not None
        return psycopg.connect(self.server.superuser_dsn(database), autocommit=True)


@dataclass
class System:
    """What `stand` yields."""

    place: Place
    postgres: Postgres
    workers: int
    recipients: Sequence[str] = ()  # of back-ups, for the keeper when it is started
    _clients: dict[str, Client] = field(default_factory=dict)
    _supervisor: Supervisor | None = None

    @property
    def url(self) -> str:
        return self.place.url

    @property
    def folder(self) -> Path:
        return self.place.data

    @property
    def environment(self) -> dict[str, str]:
        """What a program of the system is told. The server's URL: so that nobody starts PostgreSQL but we."""
        return {**self.place.environment(), "DATABASE_URL": self.postgres.dsn, "PYTHONPATH": str(ROOT), **_PROXY}

    # --- its programs ---

    @property
    def supervisor(self) -> Supervisor:
        assert self._supervisor is not None, "the system has not been started"
        return self._supervisor

    def supervise(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    @property
    def processes(self) -> dict[str, int]:
        """Name → pid of what runs now: keeper, sandbox, web, worker, postgres. Each is the first of a tree."""
        running = dict(self.supervisor.pids)
        if self.postgres.pid is not None:
            running["postgres"] = self.postgres.pid
        return running

    def start(self, name: str, *, wait: bool = True) -> None:
        """Start the keeper, the sandbox, the web server or the worker; wait until it answers. Raises ProgramEnded, NotHealthy."""
        self.supervisor.start(self._programs()[name])
        if wait:
            self.supervisor.wait_until_healthy()

    def stop(self, name: str) -> None:
        """Ask it to stop (SIGTERM), as a service manager does, and wait until it and all that it started are gone."""
        self._end(name, kill=False)

    def kill(self, name: str) -> None:
        """SIGKILL to it and all that it started, at once."""
        self._end(name, kill=True)

    def _end(self, name: str, *, kill: bool) -> None:
        running = processes.tree(self.supervisor.pids[name])
        self.supervisor.end(name, kill=kill)
        while any(processes.is_alive(pid) for pid in running):  # the kernel takes a moment
            time.sleep(0.005)

    def restart(self, name: str, *, wait: bool = True) -> None:
        """Stop and start."""
        self.stop(name)
        self.start(name, wait=wait)

    def _programs(self) -> dict[str, Program]:
        """The keeper as while preparing: measures change keys, and clients ask for much."""
        keeper, *others = programs(self.place, self.workers, preparing=True)
        told = [word for each in self.recipients for word in ("--backup-recipient", each)]
        made = [replace(keeper, command=[*keeper.command, *told]), *others]
        return {NAMES[each.name]: replace(each, name=NAMES[each.name], environment=self.environment) for each in made}

    # --- its data ---

    def prepare(self, municipalities: Sequence[str], lived: bool, cases: int) -> None:
        """Make what is missing: assets, databases, services, municipalities at work, cases. Raises CannotStand."""
        self.run("bench.preparing", *municipalities, *["--lived"] * lived, "--cases", str(cases))
        self.run("demo.witnesses", str(self.place.data), *(str(part) for each in self.place.witnesses for part in each))

    def run(self, module: str, *arguments: str, input: bytes | None = None) -> bytes:
        """Run one of our modules with the system's settings; returns what it wrote. Raises CannotStand.

        What it says on standard error (its progress) is shown as it comes.
        """
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(  # noqa: S603 (our own commands, no shell)
            command, env={**os.environ, **self.environment}, input=input or b"", stdout=subprocess.PIPE, check=False
        )
        if done.returncode != 0:
            raise CannotStand(said=f"{module} ended with code {done.returncode}")
        return done.stdout

    def database(self, municipality: str) -> str:
        """Name of a municipality's database; `commons` for what all have together."""
        if municipality == "commons":
            return "commons"
        with self.postgres.connect("commons") as connection:
            found = connection.execute(
                "SELECT database FROM municipalities_placement WHERE municipality_id = %s", [municipality]
            ).fetchone()
        assert found is not None, f"{municipality} is not in this system"
        return str(found[0])

    def connect(self, municipality: str) -> psycopg.Connection:
        """A connection to a municipality's database (or `commons`) as the server's operator, past every wall."""
        return self.postgres.connect(self.database(municipality))

    # --- who talks to it ---

    def client(self, municipality: str) -> Client:
        """A client of the API with every scope, registered on first use. One for each municipality."""
        if municipality not in self._clients:
            self._clients[municipality] = self.new_client(municipality)
        return self._clients[municipality]

    def new_client(self, municipality: str, scopes: Sequence[str] = SCOPES) -> Client:
        """Register one more client, with a key made on the spot."""
        key = ECKey.generate_key("P-256")
        file = self.folder / f"client-{secrets.token_hex(8)}.json"
        file.write_text(json.dumps(key.as_dict(private=False)))
        name = f"bench {secrets.token_hex(4)}"
        command = ["client", "add", municipality, "--name", name, "--key-file", str(file), "--json"]
        for scope in scopes:
            command += ["--scope", scope]
        told = json.loads(self.run("allmenning.doors.cli", *command))
        file.unlink()
        return Client(self.url, told["client_id"], key, told["token_address"])


def _free_ports() -> int:
    """A port that is free with the four above it."""
    for _ in range(100):
        first = random.randrange(20_000, 32_000)  # noqa: S311
        if all(postgres.is_free(number) for number in range(first, first + 5)):
            return first
    raise CannotStand(said="no five free ports in a row")
