"""Inspection, and drawing, in a process of its own, with a ceiling on memory and time.

The libraries that read strangers' files have had faults and will have more. The most that a crafted file can do here is
to end, or to deceive, a short-lived process that holds nothing and can open nothing: no connection, no key, no file.

Starting Python and its libraries takes 0.2 s, so that is done once: an inspector waits with everything loaded, and makes a
child of itself (`inspector.py`) for each file at hand, which looks at a few files and ends.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from allmenning.municipal.documents import errors
from allmenning.municipal.documents.errors import FileTooLarge, TooComplex
from allmenning.municipal.documents.inspection import InspectedFile
from allmenning.municipal.documents.inspection.limits import LIMITS, MB, Limits

HEAD = struct.Struct(">II")  # how long what is said and the content after it are, in bytes: both ways
FILES_EACH = 50  # a fork for each file would cost many times as much as looking at it
MOST_RESTING = 2  # as many as a process of the web server works on at once
SECONDS = 60
SOON = 2.0  # seconds: less than any of the limits within which a file may keep a process busy
_ROOT = Path(__file__).resolve().parents[4]
_INSPECTOR = "allmenning.municipal.documents.inspection.inspector"


def inspect_apart(name: str, declared_type: str, content: bytes, limits: Limits = LIMITS) -> InspectedFile:
    """As `inspect`, in a process of its own. A file that brings the process down is refused as `TooComplex`."""
    if len(content) > limits.file_bytes:
        raise FileTooLarge(limit=limits.file_bytes // MB)
    said, _ = _asked(
        {"ask": "inspect", "name": name, "declared_type": declared_type, "limits": asdict(limits)}, content
    )
    return InspectedFile(**said["file"])


def draw_apart(content: bytes, longest_side: int, limits: Limits = LIMITS) -> bytes:
    """As `reencode_image`, in a process of its own. An image that brings the process down is refused as `TooComplex`."""
    _, drawn = _asked({"ask": "draw", "longest_side": longest_side, "limits": asdict(limits)}, content)
    return drawn


def copy_pages_apart(content: bytes, numbers: Sequence[int], limits: Limits = LIMITS) -> bytes:
    """As `pages.copy_pages`, in a process of its own. A file that brings the process down is refused as `TooComplex`."""
    _, copied = _asked({"ask": "pages", "numbers": list(numbers), "limits": asdict(limits)}, content)
    return copied


def join_apart(files: Sequence[bytes], limits: Limits = LIMITS) -> bytes:
    """As `pages.join`, in a process of its own. A file that brings the process down is refused as `TooComplex`."""
    lengths = [len(each) for each in files]
    _, joined = _asked({"ask": "join", "lengths": lengths, "limits": asdict(limits)}, b"".join(files))
    return joined


def _asked(question: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """What is said about a file, and the bytes that were made of it, if any. Raises `UnacceptableFile`s."""
    asked, begun = json.dumps(question).encode(), time.monotonic()
    try:
        said, made = _ask(_rested() or _Child(), asked, content)
        if not said and time.monotonic() - begun < SOON:
            # The process may have ended while it rested, or somebody else ended it; a file that does so itself does it again.
            said, made = _ask(_Child(), asked, content)
        answer = json.loads(said)
    except (OSError, ValueError) as error:
        raise TooComplex() from error
    if "refused" in answer:
        kind = getattr(errors, answer["refused"])
        raise kind(**answer["params"])
    return answer, made


def _ask(child: _Child, question: bytes, content: bytes) -> tuple[bytes, bytes]:
    """What a child answers; nothing when it ends without an answer. Raises OSError: it takes too long."""
    try:
        answer = child.asked(question, content)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        child.conversation.close()
        return b"", b""
    except OSError:
        child.conversation.close()
        raise
    if child.files < FILES_EACH and len(_resting) < MOST_RESTING:
        _resting.append(child)
    else:
        child.conversation.close()
    return answer


class _Child:
    """A conversation with one child of the inspector."""

    def __init__(self) -> None:
        self.files = 0
        self.conversation, theirs = socket.socketpair()
        self.conversation.settimeout(SECONDS)
        with theirs:
            _hand_over(theirs)

    def asked(self, question: bytes, content: bytes) -> tuple[bytes, bytes]:
        """What it says about one file, and what it made of it. Raises EOFError, OSError."""
        self.files += 1
        self.conversation.sendall(HEAD.pack(len(question), len(content)) + question + content)
        with self.conversation.makefile("rb") as said:
            head = said.read(HEAD.size)
            if len(head) < HEAD.size:
                raise EOFError
            lengths = HEAD.unpack(head)
            answer, made = (said.read(length) for length in lengths)
        if (len(answer), len(made)) != lengths:
            raise EOFError
        return answer, made


_resting: list[_Child] = []  # those that have looked at a file, and can look at another


def _rested() -> _Child | None:
    try:
        return _resting.pop()
    except IndexError:  # not asked before: another thread may take the last one in between
        return None


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
    global _resting, _way_to_it
    _resting = []
    if _way_to_it is not None:
        _way_to_it.close()
    _way_to_it = None


def _start_anew() -> None:
    # A forked child has its own inspector, and does not wait for a lock that nobody there will open.
    global _starting
    _starting = threading.Lock()
    _forget()


os.register_at_fork(after_in_child=_start_anew)
