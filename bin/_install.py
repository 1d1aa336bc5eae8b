"""Make .venv, or bring it up to date, from requirements/<set>.txt. Before anything is installed: standard library only.

usage: python3 bin/_install.py demo|test|production

Every package is held against its hash. Where packages come from is the business of the user's pip configuration.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SPACE_NEEDED = 900 * 1024 * 1024  # bytes, for the largest set with what pip unpacks beside it


class CannotInstall(Exception):
    """Says in one line what the person at the keyboard can do."""


def main(which: str) -> None:
    wanted = ROOT / "requirements" / f"{which}.txt"
    # A file beside .venv, since .venv itself may be thrown away below.
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = VENV / f"installed-{which}.txt"
        if stamp.exists() and stamp.read_bytes() == wanted.read_bytes():
            return  # another command was faster
        check_space()
        pip = working_pip() or make_venv()
        install(pip, wanted)
        shutil.copyfile(wanted, stamp)


def check_space() -> None:
    free = shutil.disk_usage(ROOT).free
    if not VENV.exists() and free < SPACE_NEEDED:
        raise CannotInstall(f"The disk is full: {ROOT} has {free >> 20} MB free, and needs {SPACE_NEEDED >> 20} MB.")


def working_pip() -> "list[str] | None":
    """How to run pip for .venv as it stands; None when none works (it was interrupted, or its Python is gone)."""
    if not PYTHON.exists():
        return None
    if succeeds([str(PYTHON), "-c", "import sys; assert sys.version_info >= (3, 11); import pip"]):
        return [str(PYTHON), "-m", "pip"]
    return pip_from_outside()


def make_venv() -> "list[str]":
    say("Making the virtual environment …")
    try:
        import ensurepip  # noqa: F401 (Debian ships it apart)
    except ImportError:
        return make_venv_without_pip()
    build(with_pip=True)
    return [str(PYTHON), "-m", "pip"]


def make_venv_without_pip() -> "list[str]":
    build(with_pip=False)
    pip = pip_from_outside()
    if pip is None:
        shutil.rmtree(VENV)
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise CannotInstall(
            f"This Python {version} can't make virtual environments. On Debian or Ubuntu: apt install python3-venv"
        )
    return pip


def build(with_pip: bool) -> None:
    try:
        venv.EnvBuilder(clear=True, symlinks=True, with_pip=with_pip).create(VENV)
    except subprocess.CalledProcessError as error:
        said = (error.output or b"").decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise CannotInstall(f"The virtual environment could not be made: {said[-1]}") from error


def pip_from_outside() -> "list[str] | None":
    """The pip of the Python that runs this, working on .venv."""
    pip = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    return pip if succeeds([*pip, "--version"]) else None


def install(pip: "list[str]", wanted: Path) -> None:
    # Complete and pinned, so there is nothing to resolve: without --no-deps pip would work it out once more.
    command = [*pip, "install", "--require-hashes", "--no-deps", "--no-input", "-r", str(wanted)]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0", "PIP_PROGRESS_BAR": "off"}
    environment |= {"PIP_NO_COLOR": "1", "PYTHONUNBUFFERED": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    process = subprocess.Popen(  # noqa: S603 (our own command, no shell)
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=ROOT,
    )
    assert process.stdout is not None
    total = len(re.findall(r"(?m)^[A-Za-z0-9][\w.\-\[\]]*==", wanted.read_text()))
    said = follow(process.stdout, total)
    if process.wait() != 0:
        raise CannotInstall(explained(said))


def follow(lines: "object", total: int) -> "list[str]":
    """Show how far pip has come, by the packages it names; keep what it said for the case that it fails."""
    said, done = [], 0
    for line in lines:  # type: ignore[attr-defined]
        said.append(line.rstrip())
        word, _, rest = line.strip().partition(" ")
        if word == "Ignoring":  # a package for other systems
            total -= 1
        elif word in ("Collecting", "Requirement"):
            done += 1
            show(done, total, rest.removeprefix("already satisfied: ").split("==")[0])
        elif word == "Installing":
            show(total, total, "unpacking")
    end_of_show(total)
    return said


def explained(said: "list[str]") -> str:
    whole = "\n".join(said)
    if "No space left on device" in whole or "Disk quota exceeded" in whole:
        return f"The disk is full: make about {SPACE_NEEDED >> 20} MB free for {ROOT} and run the command again."
    errors = [line for line in said if line.startswith("ERROR:")] or said[-1:] or ["pip said nothing"]
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in whole:
        return "A package is not the one that was checked (its hash differs): nothing of it was installed."
    if "connection" in whole.lower() or "No matching distribution" in whole:
        return f"Packages could not be fetched; is the network up, and pip's configuration right? {errors[-1]}"
    return f"The packages could not be installed: {errors[-1]}"


# --- on the screen --------------------------------------------------------------------------------------------


def show(done: int, total: int, name: str) -> None:
    if sys.stderr.isatty():
        width = 30
        filled = width * done // max(total, 1)
        bar = "━" * filled + "╌" * (width - filled)
        sys.stderr.write(f"\r\033[KInstalling packages {bar} {done}/{total} {name[:30]}")
        sys.stderr.flush()
    elif done % 20 == 0 or done == 1:
        say(f"Installing packages {done}/{total}")


def end_of_show(total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    say(f"Installed packages: {total}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def succeeds(command: "list[str]") -> bool:
    done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 (our own commands, no shell)
    return done.returncode == 0


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except CannotInstall as error:
        sys.exit(f"\r{error}")
    except OSError as error:
        if error.errno == 28:  # ENOSPC
            sys.exit(f"The disk is full: make about {SPACE_NEEDED >> 20} MB free for {ROOT} and run the command again.")
        sys.exit(f"{error.strerror}: {error.filename}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run the command again to go on where it was.")
