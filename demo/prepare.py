"""Make what the demo needs and does not have yet. Each step is remembered by a fingerprint of what it was made from."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any

from allmenning.basics.errors import AllmenningError

from .screen import Login, Report, Screen

ROOT = Path(__file__).resolve().parent.parent
COOPERATION = "ikt-orkide"
BUSIEST = ("averoy", "smola", "kristiansund", "molde", "kristiansand")  # those that have most to tell
MOST_AT_ONCE = 4  # municipalities that are made side by side


class CannotPrepare(AllmenningError):
    """{said}"""


@dataclass(frozen=True)
class Step:
    """made_from: patterns of the files that the result depends on. in_clone: the result is in the clone."""

    what: str
    make: Callable[[Path, Report], None]
    made_from: Sequence[str]
    in_clone: bool = False

    def stamp(self, data: Path) -> Path:
        folder = ROOT / ".venv" / "made" if self.in_clone else data / "made"
        return folder / self.what.lower().replace(" ", "-")

    def fingerprint(self) -> str:
        """Names, sizes and times of the files: a second start should not read them all."""
        seen = hashlib.sha256()
        for pattern in self.made_from:
            for path in sorted(ROOT.glob(pattern)):
                if "__pycache__" not in path.parts:
                    found = path.stat()
                    seen.update(
                        f"{path.relative_to(ROOT)}|{found.st_size}|{found.st_mtime_ns}\n".encode(
                            "utf-8", "surrogateescape"
                        )
                    )
        return seen.hexdigest()


def everything(data: Path, screen: Screen, steps: Sequence[Step] | None = None) -> None:
    """Do every step that is not done, in order. Interrupted ones are done again: each is safe to repeat."""
    for step in STEPS if steps is None else steps:
        stamp, fingerprint = step.stamp(data), step.fingerprint()
        if stamp.exists() and stamp.read_text() == fingerprint:
            continue
        with screen.step(step.what) as report:
            step.make(data, report)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(fingerprint)


def logins() -> list[Login]:
    """A resident, a caseworker and an administrator worth trying first."""
    found = _find("demo.logins", "logins")
    return found() if found else []


# --- the steps ------------------------------------------------------------------------------------------------


def make_assets(_: Path, __: Report) -> None:
    run_quietly([sys.executable, "-m", "allmenning.web.assets"])


def compile_messages(_: Path, __: Report) -> None:
    run_quietly(["sh", str(ROOT / "bin" / "messages"), "compile"])


def collect_static(_: Path, __: Report) -> None:
    """Under hashed names, which a browser may keep for good."""
    set_up_django()
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0, clear=True)


def make_databases(_: Path, report: Report) -> None:
    """The keys first: every database password is derived from them."""
    set_up_django()
    from allmenning import vault
    from allmenning.tenancy.migrate import migrate_all

    if not vault.has_keys("commons"):
        vault.create_keys("commons")
    migrate_all(report)


def load_facts(_: Path, report: Report) -> None:
    """The register of municipalities, Los and the services."""
    set_up_django()
    from allmenning.commons.municipalities import actions

    actions.load_register(report)
    call("demo.seed", "load_services", report)


def settle_municipalities(_: Path, report: Report) -> None:
    """Keys and a database for each live municipality of the demo, people, their cases and the staff who handle them.

    As many at a time as there are cores: each municipality has a database of its own.
    """
    from .people import PLACES

    at_once = min(os.cpu_count() or 1, MOST_AT_ONCE)
    with ProcessPoolExecutor(at_once, get_context("spawn"), initializer=_begin_worker) as workers:
        waiting = {workers.submit(_settle, place): place for place in sorted(PLACES, key=_takes_longest)}
        try:
            for done, each in enumerate(as_completed(waiting), start=1):
                each.result()
                report(done, len(waiting), PLACES[waiting[each]].name)
        except BaseException:  # Ctrl-C, too: nobody waits for what has begun
            for process in active_children():
                process.terminate()
            raise


def _takes_longest(municipality: str) -> int:
    """To sort by: those with most to tell are begun first."""
    return (*BUSIEST, municipality).index(municipality)


def _begin_worker() -> None:
    """A process that settles municipalities ends when the one that began it says so, and not by Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_up_django()


def _settle(municipality: str) -> None:
    from allmenning.commons.municipalities.queries import live_ids
    from allmenning.journeys import joining

    from .seed import seed

    if municipality not in live_ids():
        joining.join(municipality)
    seed(municipality)


# Walls are built from what the models declare.
SCHEMA = ("allmenning/**/migrations/*.py", "allmenning/municipal/**/models.py", "allmenning/tenancy/**/*.*")
# What any installation needs before its first municipality.
GROUND = (
    Step("Front-end assets", make_assets, ("package-lock.json", "allmenning/web/assets.py"), in_clone=True),
    Step("Translations", compile_messages, ("allmenning/**/*.po", "sandbox/**/*.po"), in_clone=True),
    Step("Static files", collect_static, ("package-lock.json", "allmenning/**/static/**/*")),
    Step(
        "Databases",
        make_databases,
        ("allmenning/**/migrations/*.py", "allmenning/tenancy/**/*", "allmenning/municipal/**/models.py"),
    ),
    Step("Register, topics and services", load_facts, ("data/**/*", "services/**/*")),
)
STEPS = (
    *GROUND,
    Step("Municipalities, people and their cases", settle_municipalities, ("demo/*.py", "demo/*.yaml")),
)


# --- helpers --------------------------------------------------------------------------------------------------


def run_quietly(command: list[str]) -> None:
    """Run, and show what it said only if it failed."""
    environment = {**os.environ, "PYTHON": sys.executable}
    done = subprocess.run(  # noqa: S603 (our own commands, no shell)
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise CannotPrepare(said=said[-1])


def set_up_django() -> None:
    import django

    django.setup()


def call(module: str, name: str, report: Report) -> None:
    set_up_django()
    found = _find(module, name)
    if found is not None:
        found(report)


def _find(module: str, name: str) -> Callable[..., Any] | None:
    """A function that may not be written yet."""
    try:
        return getattr(import_module(module), name, None)
    except ModuleNotFoundError as error:
        if error.name and module.startswith(error.name):
            return None
        raise
