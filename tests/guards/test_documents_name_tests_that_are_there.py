"""What docs say is shown by a test: the test is there, by that name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(?:[\w/]+/)?(test_\w+?)(?:\.py)?`")


@pytest.fixture(scope="module")
def there():
    code = [path for room in ("allmenning", "attack", "bench", "tests") for path in (ROOT / room).rglob("test_*.py")]
    functions = {name for path in code for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))}
    return functions | {path.stem for path in code}


@pytest.mark.parametrize("document", ["security.md", "reliability.md", "performance.md"])
def test_every_test_that_is_named_is_there(document, there):
    named = set(NAMED.findall((ROOT / "docs" / document).read_text(encoding="utf-8")))
    assert named
    assert not named - there
