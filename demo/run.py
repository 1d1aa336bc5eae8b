"""`bin/demo`: prepare what is missing, start everything, say where it is, and stop it all at the end."""

from __future__ import annotations

import argparse
import errno
import fcntl
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from allmenning.basics.errors import AllmenningError
from allmenning.project import postgres
from allmenning.project.supervisor import Program, StopAsked, Supervisor, stopping_on_signals

from . import prepare, witnesses
from .screen import Address, Screen

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8000
MARK = ".allmenning-demo"  # only a folder with this file in it is ever removed


class CannotRun(AllmenningError):
    """{what}"""


@dataclass(frozen=True)
class Place:
    """Where this demo has its things, and the ports it answers at."""

    data: Path
    port: int

    @property
    def sandbox_port(self) -> int:
        return self.port + 1

    @property
    def mail_port(self) -> int:
        return self.port + 2

    @property
    def keeper(self) -> Path:
        """What the keeper has for itself, and its socket."""
        return self.data / "keeper"

    @property
    def witnesses(self) -> list[tuple[str, int]]:
        """Name and port of those who witness the municipalities' logs."""
        return [("first", self.port + 3), ("second", self.port + 4)]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def environment(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "allmenning.project.settings.demo",
            "ALLMENNING_HOME": str(self.data),
            "ALLMENNING_URL": self.url,
            "ALLMENNING_SANDBOX": f"http://localhost:{self.sandbox_port}",
            "ALLMENNING_SANDBOX_MAIL_PORT": str(self.mail_port),
            "PYTHONUNBUFFERED": "1",
        }


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    screen = Screen()
    try:
        with stopping_on_signals():
            run(Place(options.data.absolute(), options.port), options.reset, screen)
    except StopAsked:
        screen.say("Stopped.")
        return 0
    except AllmenningError as error:
        screen.fail(str(error))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        screen.fail(f"The disk is full: make room for {options.data} and start again. Nothing is lost.")
    return 1


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/demo",
        description="Run the whole of Allmenning on this machine, with 24 municipalities and invented people.",
        epilog="DATABASE_URL set to a PostgreSQL 18 server of yours: that one is used, and none is started.",
    )
    parser.add_argument(
        "--port",
        type=port,
        default=DEFAULT_PORT,
        help="web server (%(default)s); the sandbox and the witnesses have the four above",
    )
    parser.add_argument("--data", type=Path, default=ROOT / ".demo", metavar="DIR", help="where all data goes (.demo)")
    parser.add_argument("--reset", action="store_true", help="remove that data first, and start over; asks nothing")
    return parser.parse_args(arguments)


def port(text: str) -> int:
    number = int(text)
    if not 1 <= number < 65532:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65531")
    return number


def run(place: Place, reset: bool, screen: Screen) -> None:
    """Does not return: ends with StopAsked, ProgramEnded or another error."""
    begun = time.monotonic()
    if reset:
        start_over(place)
    with only_one(place):
        for number in (place.port, place.sandbox_port, place.mail_port, *(port for _, port in place.witnesses)):
            check_free(number, place)
        with database(place, screen):
            os.environ.update(place.environment())
            with Supervisor(place.data / "logs") as supervisor:
                start(supervisor, programs(place, preparing=True)[:1], screen, "Keeper of the keys")
                prepare.everything(place.data, screen)
                prepare.set_up_django()
                witnesses.prepare(place.data, place.witnesses)
                supervisor.end("keeper")  # nobody may export or withdraw keys from here on
                keeper, *others = programs(place)
                start(supervisor, [keeper], screen, "Keeper of the keys, as in production")
                start(supervisor, others, screen, "Starting")
                with screen.step("Keys for what other systems send"):
                    publish_keys(place)
                screen.welcome(addresses(place), prepare.logins(), time.monotonic() - begun, shown(place.data / "logs"))
                supervisor.watch()


def publish_keys(place: Place) -> None:
    from django.db import connections  # which is not to be read before the settings are chosen

    from . import people, receiving

    # Where somebody works with what is kept apart: asking every database takes seconds.
    at_work = sorted({each.municipality for each in people.world().staff if each.area != "ordinary"})
    with httpx.Client(base_url=f"http://localhost:{place.sandbox_port}") as sandbox:
        for municipality in at_work:
            receiving.publish_keys(sandbox, municipality)
            connections.close_all()  # back to the pool, as at the end of a request


def start(supervisor: Supervisor, some: Sequence[Program], screen: Screen, what: str) -> None:
    with screen.step(what):
        for program in some:
            supervisor.start(program)
        supervisor.wait_until_healthy()


def programs(place: Place, workers: int | None = None, *, preparing: bool = False) -> list[Program]:
    """The same commands as in production, but for the sandbox, which stands in for the rest of Norway.

    The keeper is the first: nothing can be prepared before it answers.

    workers: processes of the web server; None: one for each core. preparing: see `keeper`.
    """
    allmenning = [sys.executable, "-m", "allmenning.doors.cli"]
    sandbox = [
        sys.executable,
        "-m",
        "sandbox",
        "--port",
        str(place.sandbox_port),
        "--data",
        str(place.data / "sandbox"),
    ]
    serve = [*allmenning, "serve", "--port", str(place.port)]
    if workers is not None:
        serve += ["--workers", str(workers)]
    return [
        Program("keeper", [*allmenning, *keeper(place, preparing=preparing)], health=place.keeper / "socket"),
        Program("sandbox", sandbox, health=(place.sandbox_port, "/")),
        *(
            Program(f"{name} witness", [*allmenning, *witness(place, name, port)], health=(port, "/"))
            for name, port in place.witnesses
        ),
        Program("web server", serve, health=(place.port, "/readyz")),
        Program("worker", [*allmenning, "work"]),
    ]


def witness(place: Place, name: str, port: int) -> list[str]:
    """In production a witness is another municipality's, on another machine."""
    folder, logs = witnesses.folder_of(place.data, name), witnesses.logs_of(place.data)
    return ["witness", "run", str(folder), "--logs", str(logs), "--port", str(port)]


def keeper(place: Place, *, preparing: bool) -> list[str]:
    """In production the keeper has a user of its own. Here one user is everybody, and the kernel can't tell the web server
    from the worker: both are a worker to it.

    preparing: lets that user make keys too, and ask as much in a minute as a month of work does. It is stopped before
    anything answers residents: the one that runs then has the rates of production, and knows no operator.
    """
    me = str(os.getuid())
    before = place.data / "vault" / "master.key"
    if before.exists():  # a demo from before there was a keeper
        place.keeper.mkdir(mode=0o700, exist_ok=True)
        before.replace(place.keeper / "master.key")
    asked = ["--home", str(place.keeper), "--socket", str(place.keeper / "socket"), "--worker", me]
    if preparing:
        asked += ["--operator", me, "--rate", "60000", "--municipality-rate", "60000", "--protection-rate", "6000"]
    return ["keeper", *asked]


def addresses(place: Place) -> list[Address]:
    return [
        Address("Residents and businesses", f"{place.url}/"),
        Address("Caseworkers and administrators", f"{place.url}/desk/"),
        Address("The cooperation's office", f"{place.url}/cooperation/{prepare.COOPERATION}/"),
        Address("Sandbox: state services and people", f"http://localhost:{place.sandbox_port}/"),
    ]


# --- the folder, the ports, the database ----------------------------------------------------------------------


@contextmanager
def only_one(place: Place) -> Iterator[None]:
    """Hold the folder for this demo alone. The kernel lets go of it, however we end."""
    try:
        if place.data.exists() and not (place.data / MARK).exists() and any(place.data.iterdir()):
            raise CannotRun(what=f"{place.data} holds something else: give --data a new or empty folder.")
        place.data.mkdir(parents=True, exist_ok=True)
        lock = (place.data / MARK).open("a+", encoding="utf-8")
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise CannotRun(what=f"No right to write in {place.data}: give another folder with --data.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotRun(what=f"The demo of {place.data} is running already: {url_in(lock)}") from error
        lock.truncate(0)
        lock.write(place.url)
        lock.flush()
        yield


def url_in(lock: object) -> str:
    lock.seek(0)  # type: ignore[attr-defined]
    return str(lock.read())  # type: ignore[attr-defined]


def start_over(place: Place) -> None:
    """Remove the data folder of a demo that is not running, and nothing else."""
    if os.environ.get("DATABASE_URL"):
        raise CannotRun(
            what="--reset does not empty a server of yours: unset DATABASE_URL, or drop its databases yourself."
        )
    with only_one(place):
        postgres.forget(place.data / "postgres")
        shutil.rmtree(place.data)


def check_free(number: int, place: Place) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except PermissionError as error:
            raise CannotRun(what=f"Port {number} is for root alone: try bin/demo --port {DEFAULT_PORT}") from error
        except OSError as error:
            raise CannotRun(what=f"Port {number} is in use: try bin/demo --port {place.port + 10}") from error


@contextmanager
def database(place: Place, screen: Screen) -> Iterator[postgres.Server]:
    with screen.step("PostgreSQL"):
        server = postgres.ensure(place.data / "postgres")
    try:
        yield server
    finally:
        server.stop()


def shown(path: Path) -> str:
    """As short as the reader can use it from where they stand."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


if __name__ == "__main__":
    sys.exit(main())
