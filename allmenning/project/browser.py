"""Which Chromium the browser tests use."""

from __future__ import annotations

import os
import shutil

HOW_TO_GET_CHROMIUM = "They need Chromium: apt install chromium, or set CHROMIUM to its path."
# Without these Chromium asks the network for things of its own at each start.
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


def chromium() -> str | None:
    """Path of the browser, or None."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if name and (found := shutil.which(name))), None)
