"""Inspection in a process of its own, with a ceiling on memory and time.

The libraries that read strangers' files have had faults and will have more. The most that a crafted file can do here is
to end a short-lived process that holds nothing: no connection, no key, no other person's file.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from allmenning.municipal.documents import errors
from allmenning.municipal.documents.errors import FileTooLarge, TooComplex, UnacceptableFile
from allmenning.municipal.documents.inspection import InspectedFile, inspect
from allmenning.municipal.documents.inspection.limits import LIMITS, MB, Limits

MEMORY = 1_500 * MB
CPU_SECONDS = 20
_SECONDS = 60
_ROOT = Path(__file__).resolve().parents[4]


def inspect_apart(name: str, declared_type: str, content: bytes, limits: Limits = LIMITS) -> InspectedFile:
    """As `inspect`, in a process of its own. A file that brings the process down is refused as `TooComplex`."""
    if len(content) > limits.file_bytes:
        raise FileTooLarge(limit=limits.file_bytes // MB)
    question = json.dumps({"name": name, "declared_type": declared_type, "limits": asdict(limits)}).encode()
    try:
        done = subprocess.run(  # noqa: S603  the same interpreter and a fixed module
            [sys.executable, "-m", __name__],
            input=question + b"\n" + content,
            capture_output=True,
            timeout=_SECONDS,
            cwd=_ROOT,
            env={"PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
            check=False,
        )
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise TooComplex() from error
    return _understood(answer)


def _understood(answer: dict[str, Any]) -> InspectedFile:
    if "refused" in answer:
        kind = getattr(errors, answer["refused"])
        raise kind(**answer["params"])
    return InspectedFile(**answer["file"])


def _answer(question: bytes, content: bytes) -> dict[str, Any]:
    asked = json.loads(question)
    try:
        found = inspect(asked["name"], asked["declared_type"], content, Limits(**asked["limits"]))
    except UnacceptableFile as refusal:
        return {"refused": refusal.code, "params": refusal.params}
    except (MemoryError, RecursionError):
        return {"refused": TooComplex.__name__, "params": {}}
    return {"file": asdict(found)}


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    question, content = sys.stdin.buffer.readline(), sys.stdin.buffer.read()
    sys.stdout.write(json.dumps(_answer(question, content)))


if __name__ == "__main__":
    _main()
