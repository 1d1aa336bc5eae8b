"""The keeper's log: a line of JSON for each grant, on the disk before the answer is sent. No key is ever in it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from .. import disk


class Caller(NamedTuple):
    """Who asks, as the kernel tells it."""

    pid: int
    uid: int
    gid: int


class GrantsLog:
    """Lines are added, never changed. The file may be moved away at any time (logrotate): the next line makes a new.

    A line that a full disk cut short stays as it is, for nothing was granted by it; the next begins below it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, caller: Caller, outcome: str, **asked: object) -> None:
        """Raises OSError when the line can't be written: then nothing is granted."""
        line = {"at": datetime.now(UTC).isoformat(), "uid": caller.uid, "pid": caller.pid, "outcome": outcome, **asked}
        # ASCII and escaped: whatever a caller calls itself, a line is one line.
        written = (json.dumps(line) + "\n").encode("ascii")
        is_new = not self._path.exists()
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                written = b"\n" + written
            if os.write(descriptor, written) != len(written):
                raise OSError("the grant could not be logged")
            os.fdatasync(descriptor)  # a machine that loses its power forgets no grant
        finally:
            os.close(descriptor)
        if is_new:
            disk.sync_folder(self._path.parent)
