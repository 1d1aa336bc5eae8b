"""What browser tests assert with: accessible, no wider than the screen, nothing refused or broken; and pictures."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, Page, Request

from allmenning.web.assets import AXE, ROOT

SCREENSHOTS = ROOT / "screenshots"
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}

# Without these Chromium asks the network for things of its own at each start.
CHROMIUM_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET_CHROMIUM = "Browser tests need Chromium: apt install chromium, or set CHROMIUM to its path."
_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium_path() -> str | None:
    """Where Chromium is: what the variable CHROMIUM says, else the first that is found; None if there is none."""
    return next(
        (found for name in (os.environ.get("CHROMIUM"), *_CHROMIUM) if name and (found := shutil.which(name))), None
    )


class Watched:
    """Collects what a page complains of: script errors, refused inline code, files that did not come."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        # A test that means to provoke one empties this, or names it in `expected`.
        self.expected: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("requestfailed", self._on_failed)
        page.watched = self  # type: ignore[attr-defined]

    def _on_console(self, message: ConsoleMessage) -> None:
        # A page that answers 4xx on purpose is logged by Chromium too; the test itself looks at the status.
        is_status = message.text.startswith("Failed to load resource") and "/static/" not in message.location.get(
            "url", ""
        )
        if message.type in ("error", "warning") and not is_status:
            self.complaints.append(f"{message.type}: {message.text}")

    def _on_failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"did not come: {request.url}: {request.failure}")

    def assert_nothing_wrong(self) -> None:
        wrong = [said for said in self.complaints if not any(word in said for word in self.expected)]
        assert not wrong, "The browser complained:\n" + "\n".join(wrong)


def assert_accessible(page: Page) -> None:
    """axe-core finds no violation of WCAG 2.0–2.2 A and AA, nor of its best practices, on the page as it is now."""
    # Evaluated by the debugger, so the page's own content security policy is left as strict as it is.
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    options = {"runOnly": {"type": "tag", "values": _STANDARDS}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options).then(result => result.violations)", options)
    assert not found, f"{page.url}:\n" + "\n".join(map(_described, found))


def _described(violation: dict[str, Any]) -> str:
    places = [
        f"    {node['html'][:200]}\n      {json.dumps(node['failureSummary'])[:300]}" for node in violation["nodes"][:5]
    ]
    return "\n".join([f"  {violation['id']} ({violation['impact']}): {violation['help']}", *places])


def assert_fits(page: Page) -> None:
    """Nothing is outside the window, so that nobody has to scroll sideways or misses something."""
    too_wide = page.evaluate(
        """() => {
            const limit = document.documentElement.clientWidth;
            const scrolls = document.documentElement.scrollWidth > limit;
            const isOutside = element => {
                const { left, right, width } = element.getBoundingClientRect();
                // What is only for screen readers is one pixel wide. To the left of the page nothing scrolls: it is simply lost.
                return width > 1 && ((left < -1 && !isScrolledPast(element)) || (scrolls && right > limit + 1));
            };
            const isScrolledPast = element =>
                element.parentElement !== null &&
                (element.parentElement.scrollLeft > 0 || isScrolledPast(element.parentElement));
            return [...document.querySelectorAll("body *")].filter(isOutside)
                .map(element => element.outerHTML.slice(0, 150)).slice(0, 5);
        }"""
    )
    assert not too_wide, f"{page.url} does not fit {page.viewport_size}:\n" + "\n".join(too_wide)


def screenshot(page: Page, name: str) -> list[Path]:
    """Pictures of the whole page, wide and at 320 px, in /screenshots (not in git)."""
    SCREENSHOTS.mkdir(exist_ok=True)
    taken = []
    for size, suffix in ((WIDE, "wide"), (NARROW, "320")):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        path = SCREENSHOTS / f"{name}-{suffix}.png"
        _take(page, path)
        taken.append(path)
    return taken


def _take(page: Page, path: Path) -> None:
    """A picture to look at. On a busy machine Chromium now and then can't take one ("Unable to capture"): tried once more."""
    try:
        page.screenshot(path=str(path), full_page=True)
    except Error as error:
        if "Unable to capture screenshot" not in error.message:
            raise
        page.wait_for_timeout(1000)
        page.screenshot(path=str(path), full_page=True)


def assert_good_at_every_width(page: Page, name: str | None = None) -> None:
    """Accessible and fitting, wide and at 320 px; with a name, pictures are taken as well, except in CI where nobody looks."""
    if name and not os.environ.get("CI"):
        screenshot(page, name)
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert_fits(page)
        page.evaluate(
            "scrollTo(0, 0)"
        )  # from the top: axe takes what a fixed head happens to cover for too small to hit
        assert_accessible(page)
