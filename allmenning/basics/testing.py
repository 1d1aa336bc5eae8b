"""For tests: how much work something is, counted. The same on every machine; seconds are measured by `bin/bench`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def calls_of(work: Callable[..., Any], *arguments: Any) -> int:
    """Functions that were called, those written in C among them, while `work(*arguments)` was done."""
    count = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work(*arguments)
    finally:
        sys.setprofile(before)
    return count
