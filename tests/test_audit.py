"""`bin/audit` is clean only when every pinned package was looked up and nothing was found."""

import importlib.util
import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PINNED = {"django": "5.2.1", "lxml": "6.1.3"}
DJANGO, LXML = ({"name": name, "version": version, "vulns": []} for name, version in PINNED.items())


@pytest.fixture(scope="module")
def audit():
    spec = importlib.util.spec_from_file_location("_audit", ROOT / "bin" / "_audit.py")
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["_audit"] = module
    spec.loader.exec_module(module)
    return module


def said(*dependencies, code=0, text=None, error=""):
    output = json.dumps({"dependencies": list(dependencies), "fixes": []}) if text is None else text
    return subprocess.CompletedProcess([], code, output, error)


def test_everything_looked_up_and_nothing_found_is_clean(audit):
    assert audit.judge(said({**DJANGO, "name": "Django"}, LXML), PINNED) == audit.Judgement(2, [])


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (said(DJANGO, {"name": "lxml", "skip_reason": "not found on PyPI"}), "lxml  was skipped: not found on PyPI"),
        (said(DJANGO), "lxml 6.1.3 was not looked up"),
        (said(), "was not looked up"),
        (said(DJANGO, {**LXML, "version": "6.1.2"}), "6.1.2 was looked up, and 6.1.3 is pinned"),
        (
            said(DJANGO, {**LXML, "vulns": [{"id": "PYSEC-1", "fix_versions": ["6.2"]}]}, code=1),
            "lxml 6.1.3: PYSEC-1, mended in 6.2",
        ),
        (said(DJANGO, {**LXML, "vulns": [{"id": "PYSEC-2", "fix_versions": []}]}), "PYSEC-2, mended in nothing yet"),
        (said(DJANGO, LXML, code=1), "ended with 1"),
        (said(text="", code=1, error="Traceback\nConnectionError: no route"), "ConnectionError: no route"),
        (said(text="{}"), "gave no answer"),
        (said(text="[]"), "gave no answer"),
    ],
)
def test_a_run_that_found_or_skipped_anything_is_not_clean(audit, answer, problem):
    assert any(problem in each for each in audit.judge(answer, PINNED).problems)


def test_the_exit_code_tells(audit, capsys):
    def clean(command):
        pinned = audit.pinned_in(Path(command[command.index("--requirement") + 1]).read_text())
        return said(*({"name": name, "version": version, "vulns": []} for name, version in pinned.items()))

    assert audit.main(["production"], clean) == 0
    assert "No known vulnerability." in capsys.readouterr().out
    assert audit.main([], lambda command: said(text="")) == 1
    assert "NOT CLEAN" in capsys.readouterr().out


def test_every_requirement_is_asked_about(audit):
    pinned = audit.pinned_in((ROOT / "requirements" / "production.txt").read_text())
    assert {"django", "psycopg", "lxml", "cryptography"} <= set(pinned)
