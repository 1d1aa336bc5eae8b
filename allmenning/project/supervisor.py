"""Run several programs as one: started together, healthy together, stopped together.

For the demo and for tests. In production the operating system's own service manager does this.
"""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from allmenning.basics.errors import AllmenningError

GRACE = 10.0  # seconds between asking a program to stop and ending it
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class StopAsked(KeyboardInterrupt):
    """Somebody pressed Ctrl-C, closed the terminal or ended us. No `except Exception` on the way may swallow it."""


class ProgramEnded(AllmenningError):
    """The {name} ended by itself ({how}): {said} (more in {log})."""


class NotHealthy(AllmenningError):
    """The {name} does not answer after {seconds:.0f} seconds: {said} (more in {log})."""


@dataclass(frozen=True)
class Program:
    """name is said to people.

    health: port and path that answer 200 when all is well, or a Unix socket that takes connections; None: running is
    enough.
    """

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    health: tuple[int, str] | Path | None = None


class Supervisor:
    """Starts programs with their output in `logs`, and leaves none behind.

    Use from the main thread: the kernel ends the programs when the thread that started them is gone.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[tuple[Program, subprocess.Popen[bytes]]] = []
        self._logged: set[str] = set()

    def __enter__(self) -> Supervisor:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, program: Program) -> None:
        with self._open_log(program) as log:
            process = subprocess.Popen(  # noqa: S603 (our own commands, no shell)
                program.command,
                env={**os.environ, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal reaches us alone, and we say who stops when.
                start_new_session=True,
                preexec_fn=_end_with_parent,  # one system call, no locks
            )
        self._running.append((program, process))

    @property
    def pids(self) -> dict[str, int]:
        """Name → pid of what was started and not ended by us. Each leads a process group of its own."""
        return {program.name: process.pid for program, process in self._running}

    def end(self, name: str, *, kill: bool = False) -> None:
        """Stop one program, and with it all that it started; `kill` does not ask first. It may be started again."""
        for program, process in [each for each in self._running if each[0].name == name]:
            self._running.remove((program, process))
            if not kill:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(GRACE)
            _end_group(process)

    def wait_until_healthy(self, seconds: float = 60) -> None:
        """Raises ProgramEnded or NotHealthy."""
        deadline = time.monotonic() + seconds
        for program, _ in self._running:
            while not _answers(program):
                self.check()
                if time.monotonic() > deadline:
                    log = self._log(program)
                    raise NotHealthy(name=program.name, seconds=seconds, said=last_line(log), log=log)
                time.sleep(0.05)
        self.check()

    def watch(self) -> None:
        """Return never; raises ProgramEnded when one of them has ended."""
        while True:
            self.check()
            time.sleep(0.5)

    def ended(self) -> list[str]:
        """Names of those that have ended by themselves."""
        return [program.name for program, process in self._running if process.poll() is not None]

    def check(self) -> None:
        """Raises ProgramEnded if one of them has."""
        for program, process in self._running:
            if (code := process.poll()) is not None:
                log = self._log(program)
                raise ProgramEnded(name=program.name, how=_how(code), said=last_line(log), log=log)

    def stop(self) -> None:
        """Ask all to stop, the last one started first, and end whatever has not after the grace."""
        running = [process for _, process in reversed(self._running)]
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + GRACE
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(deadline - time.monotonic(), 0.01))
            _end_group(process)  # and whatever it started itself and left
        self._running.clear()

    def _log(self, program: Program) -> Path:
        return self._logs / f"{program.name.replace(' ', '-')}.log"

    def _open_log(self, program: Program) -> IO[bytes]:
        """Empty at first; a program that is started again goes on where it was."""
        mode = "ab" if program.name in self._logged else "wb"
        self._logged.add(program.name)
        return self._log(program).open(mode)


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal raise StopAsked inside; a second one does not disturb the stopping."""

    def stop(number: int, _frame: object) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise StopAsked(signal.Signals(number).name)

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {each: signal.signal(each, stop) for each in signals}
    try:
        yield
    finally:
        for each in signals:
            signal.signal(each, before[each])


def last_line(log: Path) -> str:
    """The last line that a program wrote; of a traceback that is the error."""
    with contextlib.suppress(OSError):
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        if lines:
            return lines[-1].strip()[:300]
    return "it said nothing"


def answers(port: int, path: str, seconds: float = 5) -> bool:
    """Whether an address on this machine answers 200 (proxies of the environment are not for this machine)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def takes_connections(path: Path) -> bool:
    """Whether somebody listens at a Unix socket, however long its path (the kernel takes 108 bytes)."""
    if not path.parent.exists():
        return False
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(f"/proc/self/fd/{folder}/{path.name}") == 0
    finally:
        os.close(folder)


def _answers(program: Program) -> bool:
    if isinstance(program.health, Path):
        return takes_connections(program.health)
    return program.health is None or answers(*program.health)


def _how(code: int) -> str:
    return f"code {code}" if code >= 0 else f"signal {-code}"


def _end_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)
