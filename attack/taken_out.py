"""Take out each guard in turn, and see a test turn red: `bin/attack --taken-out`.

First every test that is named runs with all guards in place, and has to be green.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from .guards import GUARDS, Guard

_FAILED, _GREEN = 1, 0


@dataclass(frozen=True)
class Outcome:
    """What the tests said with one guard taken out. `said` is pytest's last line."""

    guard: Guard
    is_red: bool
    said: str


def main() -> int:
    """Print each guard with what its test said. 1 when a guard was taken out and nothing turned red."""
    everything = sorted({test for guard in GUARDS for test in guard.tests})
    code, said = _run(everything)
    print(f"{'✓' if code == _GREEN else '✗'} with every guard in place: {said}", flush=True)
    outcomes = []
    for guard in GUARDS:
        outcomes.append(without(guard))
        last = outcomes[-1]
        print(f"{'✓ red' if last.is_red else '✗ NOT RED'}  {guard.name}: {last.said}", flush=True)
    missed = [each.guard.name for each in outcomes if not each.is_red]
    print(f"{len(outcomes) - len(missed)} of {len(outcomes)} guards, taken out, turned a test red.")
    return 1 if missed or code != _GREEN else 0


def without(guard: Guard) -> Outcome:
    """Run a guard's tests in a process that lacks it."""
    code, said = _run(guard.tests, guard.name)
    return Outcome(guard, code == _FAILED and "failed" in said, said)


def _run(tests: Iterable[str], name: str = "") -> tuple[int, str]:
    plugin = ("-p", "attack.without") if name else ()
    command = [sys.executable, "-m", "pytest", "-x", "--tb=no", *plugin, *tests]
    environment = {**os.environ, "ATTACK_WITHOUT": name}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 (our own command, no shell)
    lines = [line for line in done.stdout.splitlines() if re.search(r"\d+ (passed|failed|error)", line)]
    return done.returncode, (lines or [(done.stderr or done.stdout).strip()[-200:]])[-1].strip("= ")
