"""Inspection in a process of its own, with a ceiling on memory and time.

The libraries that read strangers' files have had faults and will have more. The most that a crafted file can do here is
to end a short-lived process that holds nothing: no connection, no key, no other person's file.

Starting Python and its libraries takes 0.2 s, so that is done once: an inspector waits with everything loaded, and makes a
child of itself for each file (`inspector.py`), in a millisecond.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from allmenning.municipal.documents import errors
from allmenning.municipal.documents.errors import FileTooLarge, TooComplex
from allmenning.municipal.documents.inspection import InspectedFile
from allmenning.municipal.documents.inspection.limits import LIMITS, MB, Limits

SECONDS = 60
SOON = 2.0  # seconds: less than any of the limits within which a file may keep a process busy
_ROOT = Path(__file__).resolve().parents[4]
_INSPECTOR = "allmenning.municipal.documents.inspection.inspector"


def inspect_apart(name: str, declared_type: str, content: bytes, limits: Limits = LIMITS) -> InspectedFile:
    """As `inspect`, in a process of its own. A file that brings the process down is refused as `TooComplex`."""
    if len(content) > limits.file_bytes:
        raise FileTooLarge(limit=limits.file_bytes // MB)
    question = json.dumps({"name": name, "declared_type": declared_type, "limits": asdict(limits)}).encode()
    begun = time.monotonic()
    try:
        said = _ask(question + b"\n" + content)
        if not said and time.monotonic() - begun < SOON:
            # Somebody else may have ended the process; a file that does so itself does it again.
            said = _ask(question + b"\n" + content)
        return _understood(json.loads(said))
    except (OSError, ValueError) as error:
        raise TooComplex() from error


def _understood(answer: dict[str, Any]) -> InspectedFile:
    if "refused" in answer:
        kind = getattr(errors, answer["refused"])
        raise kind(**answer["params"])
    return InspectedFile(**answer["file"])


def _ask(question: bytes) -> bytes:
    """What a child of the inspector answers; nothing when it ends without an answer. Raises OSError: it takes too long."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _hand_over(theirs)
        ours.settimeout(SECONDS)
        with suppress(BrokenPipeError, ConnectionResetError):  # it has seen enough: its answer says why
            ours.sendall(question)
            ours.shutdown(socket.SHUT_WR)
        try:
            return b"".join(iter(lambda: ours.recv(65536), b""))
        except ConnectionResetError:  # ended before it had read it all
            return b""


def _hand_over(conversation: socket.socket) -> None:
    """Give the inspector one end of a conversation; a new inspector where this process has none that lives."""
    with _starting:
        try:
            socket.send_fds(_inspector(), [b"."], [conversation.fileno()])
        except OSError:
            _forget()
            socket.send_fds(_inspector(), [b"."], [conversation.fileno()])


# --- this process's inspector ---

_starting = threading.Lock()
_way_to_it: socket.socket | None = None


def _inspector() -> socket.socket:
    global _way_to_it
    if _way_to_it is None:
        ours, theirs = socket.socketpair()
        with theirs:
            subprocess.Popen(  # noqa: S603  the same interpreter and a fixed module
                [sys.executable, "-m", _INSPECTOR],
                stdin=theirs.fileno(),  # and nothing else of ours: it ends when our end closes
                stdout=subprocess.DEVNULL,
                cwd=_ROOT,
                env={"PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
                start_new_session=True,
            )
        _way_to_it = ours
    return _way_to_it


def _forget() -> None:
    global _way_to_it
    if _way_to_it is not None:
        _way_to_it.close()
    _way_to_it = None


def _start_anew() -> None:
    # A forked child has its own inspector, and does not wait for a lock that nobody there will open.
    global _starting
    _starting = threading.Lock()
    _forget()


os.register_at_fork(after_in_child=_start_anew)
