"""Every check, in the order in which a mistake is cheapest to hear of. Called by bin/test in the virtual environment.

With arguments: pytest alone, with those arguments. With CI set, nothing may be skipped.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from allmenning.project import postgres
from tests.browser.harness import chromium_path

ROOT = Path(__file__).resolve().parent.parent
IN_CI = bool(os.environ.get("CI"))
PACKAGES = ["allmenning", "sandbox", "demo", "bench", "attack", "fuzz"]
WORKERS = "2"
HOW_TO_GET_CHROMIUM = "They need Chromium: apt install chromium, or set CHROMIUM to its path."


@dataclass(frozen=True)
class Check:
    name: str
    command: Sequence[str]


@dataclass(frozen=True)
class Result:
    name: str
    passed: bool
    seconds: float
    said: str = ""


def tool(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


PREPARATIONS = (
    Check("front-end assets", tool("allmenning.web.assets", "--test")),
    Check("translations compiled", ["sh", "bin/messages", "compile"]),
)
STATIC = (
    # The slowest first, so that the others run beside it.
    Check("mypy", tool("mypy", *PACKAGES)),
    Check("migrations in step", tool("allmenning.project", "makemigrations", "--check", "--dry-run")),
    Check("ruff check", tool("ruff", "check", ".")),
    Check("ruff format", tool("ruff", "format", "--check", ".")),
    Check("import contracts", [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]),
    Check("bandit", tool("bandit", "-q", "-c", "pyproject.toml", "-r", "allmenning")),
    Check("translations complete", ["sh", "bin/messages", "check"]),
)


def main(arguments: list[str]) -> int:
    begun = time.monotonic()
    try:
        server = postgres.ensure(ROOT / ".test" / "postgres", throwaway=True)
    except postgres.PostgresError as error:
        print(error, file=sys.stderr)
        return 1
    os.environ["PYTHON"] = sys.executable
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmenning.project.settings.test")
    try:
        if arguments:
            return subprocess.run(tool("pytest", *arguments), check=False).returncode  # noqa: S603
        return everything(begun)
    finally:
        server.stop()


def everything(begun: float) -> int:
    results = in_parallel(PREPARATIONS)
    if all(result.passed for result in results):
        results += in_parallel(STATIC)
        results.append(pytest("tests", "-n", WORKERS, "-m", "not browser"))
        if chromium_path():
            results.append(pytest("browser tests", "-n", WORKERS, "-m", "browser"))
        elif IN_CI:
            results.append(Result("browser tests", False, 0, HOW_TO_GET_CHROMIUM))
    summary(results, time.monotonic() - begun)
    return 0 if all(result.passed for result in results) else 1


def in_parallel(checks: Sequence[Check]) -> list[Result]:
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return list(pool.map(run, checks))


def run(check: Check) -> Result:
    """Run quietly; what it said is shown only when it failed."""
    begun = time.monotonic()
    done = subprocess.run(  # noqa: S603 (our own commands, no shell)
        check.command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", check=False,
    )  # fmt: skip
    result = Result(check.name, done.returncode == 0, time.monotonic() - begun, done.stdout)
    show(result)
    return result


def pytest(name: str, *arguments: str) -> Result:
    """Run with its own progress on the screen; exit code 5 (no such test yet) is a failure too."""
    begun, said = time.monotonic(), []
    command = tool("pytest", *arguments, "--durations=5", "--durations-min=2")
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            said.append(line)
    result = Result(name, process.returncode == 0, time.monotonic() - begun, said[-1] if said else "")
    print(line_of(result), flush=True)
    return result


def show(result: Result) -> None:
    print(line_of(result), flush=True)
    if not result.passed:
        print(result.said.rstrip(), flush=True)


def line_of(result: Result) -> str:
    return f"{'✓' if result.passed else '✗'} {result.name:<24}{result.seconds:7.1f} s"


def summary(results: list[Result], seconds: float) -> None:
    failed = [result.name for result in results if not result.passed]
    print(f"\n{'─' * 36}")
    for result in results:
        print(line_of(result))
    print(f"  {'in all':<24}{seconds:7.1f} s\n")
    if failed:
        print(f"Failed: {', '.join(failed)}")
    else:
        print("Every check passed.")
    if not chromium_path():
        print(f"The browser tests did not run. {HOW_TO_GET_CHROMIUM}")
    print(tally(results))


def tally(results: list[Result]) -> str:
    """The tests of all runs added up, in the plain form that tools look for."""
    said = "\n".join(result.said for result in results if "tests" in result.name)
    count = {
        word: sum(map(int, re.findall(rf"(\d+) {word}", said))) for word in ("passed", "failed", "error", "skipped")
    }
    line = f"{count['passed']} passed, {count['failed'] + count['error']} failed"
    return line + (f", {count['skipped']} skipped" if count["skipped"] else "")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
