"""Ask pip-audit's database (pypi.org, or osv.dev with `--service osv`) about every package that is pinned.

Exit code 0: every pinned package was looked up, and none has a known vulnerability. 1: something was found, or was not
looked up: a run that skipped anything is not clean.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETS = ("production", "demo", "test")
_PINNED = re.compile(r"(?m)^([A-Za-z0-9][\w.\-]*)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\\n]+))?")
# The file is complete and pinned: nothing is to be resolved or installed for it.
_ALONE = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json")
Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True)
class Judgement:
    """What came of one set of packages: how many were looked up, and everything that keeps it from being clean."""

    looked_up: int
    problems: list[str]


def main(arguments: Sequence[str], run: Run | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bin/audit", description=__doc__)
    parser.add_argument("sets", nargs="*", choices=[[], *SETS], help="which requirements; all if none is named")
    parser.add_argument("--service", choices=("pypi", "osv"), default="pypi", help="the database to ask")
    chosen = parser.parse_args(arguments)
    is_clean = True
    for name in chosen.sets or SETS:
        path = ROOT / "requirements" / f"{name}.txt"
        judged = audit(path, chosen.service, run or _run)
        is_clean &= not judged.problems
        print(f"{'✗' if judged.problems else '✓'} {name}: {judged.looked_up} packages looked up")
        for problem in judged.problems:
            print(f"  {problem}")
    print("No known vulnerability." if is_clean else "NOT CLEAN: see above.")
    return 0 if is_clean else 1


def audit(path: Path, service: str, run: Run) -> Judgement:
    """Look up what a requirements file pins."""
    asked = ("--requirement", str(path), "--vulnerability-service", service)
    done = run((sys.executable, "-m", "pip_audit", *asked, *_ALONE))
    return judge(done, pinned_in(path.read_text(encoding="utf-8")))


def pinned_in(text: str) -> dict[str, str]:
    """Names, in one spelling, and versions of what a requirements file pins for this system."""
    from packaging.markers import Marker

    return {
        _spelt(name): version
        for name, version, marker in _PINNED.findall(text)
        if not marker.strip() or Marker(marker.strip()).evaluate()
    }


def judge(done: subprocess.CompletedProcess[str], pinned: dict[str, str]) -> Judgement:
    """What the tool's answer means. No answer, half an answer and a skipped package are problems too."""
    try:
        told = {_spelt(each["name"]): each for each in json.loads(done.stdout)["dependencies"]}
    except (ValueError, KeyError, TypeError):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return Judgement(0, [f"pip-audit gave no answer (exit code {done.returncode}): {last[:300]}"])
    problems = [
        f"{name} {each.get('version', '')} was skipped: {each['skip_reason']}"
        for name, each in told.items()
        if "skip_reason" in each
    ]
    for name, each in told.items():
        for found in each.get("vulns", ()):
            mended = ", ".join(found.get("fix_versions") or ()) or "nothing yet"
            problems.append(f"{name} {each['version']}: {found['id']}, mended in {mended}")
    problems += [f"{name} {version} was not looked up" for name, version in pinned.items() if name not in told]
    problems += [
        f"{name}: {told[name]['version']} was looked up, and {version} is pinned"
        for name, version in pinned.items()
        if told.get(name, {}).get("version", version) != version
    ]
    if not pinned:
        problems.append("nothing is pinned: the wrong file?")
    if done.returncode and not problems:
        problems.append(f"pip-audit ended with {done.returncode} and did not say why")
    return Judgement(sum("skip_reason" not in each for each in told.values()), problems)


def _spelt(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own command, no shell)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
