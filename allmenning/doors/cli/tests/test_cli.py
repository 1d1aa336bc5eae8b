"""The operator's command: what it says, and its exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from allmenning.doors.cli import commands, output
from allmenning.doors.cli.__main__ import main, parser
from allmenning.journeys.health import Finding

ROOT = Path(__file__).resolve().parents[4]
SERVICES = sorted(path.parent for path in ROOT.glob("services/*/service.yaml"))


def run(*arguments):
    """In a process of its own, as an operator does."""
    return subprocess.run(
        [sys.executable, "-m", "allmenning.doors.cli", *map(str, arguments)],
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip


def test_a_command_that_is_not_there_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as refused:
        main(["dance"])
    assert refused.value.code == 2
    assert "dance" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        "serve",
        "work",
        "migrate",
        "municipality add",
        "staff add-administrator",
        "stuck retry",
        "register-of-processing",
        "check",
    ],
)
def test_every_command_explains_itself(words, capsys):
    with pytest.raises(SystemExit) as done:
        parser().parse_args([*words.split(), "--help"])
    assert done.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: allmenning {words}")


def test_missing_settings_are_one_line(monkeypatch):
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    said = run("municipality", "list")

    assert said.returncode == 1
    assert said.stderr.strip() == "ALLMENNING_SECRET_KEY must be set in production"


def test_lists_the_municipalities_as_json(commons_db, capsys):
    assert main(["municipality", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_municipality_that_is_not_in_the_register_is_one_line(commons_db, capsys):
    assert main(["municipality", "add", "atlantis"]) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize("folder", SERVICES, ids=lambda folder: folder.name)
def test_services_of_the_project_can_be_published(folder, capsys):
    assert main(["service", "check", "--json", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out)[0]["can_be_published"]


def test_a_folder_that_is_no_service_can_not(tmp_path, capsys):
    assert main(["service", "check", str(tmp_path)]) == 1
    assert "can not be published" in capsys.readouterr().out


def test_check_says_how_everything_is(commons_db, capsys):
    assert main(["check", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["healthy"]
    assert {"database", "keys", "migrations", "jobs", "disk"} <= {each["what"] for each in told["findings"]}


def test_many_municipalities_fit_on_one_screen():
    fine = [Finding("database", f"town-{n}", "ok", f"{n} ms") for n in range(357)]
    broken = [Finding("database", "averoy", "failed", "no route to host")]

    lines = list(commands._on_one_screen([*fine, *broken]))

    assert [(state, name) for state, name, _ in lines] == [("ok", "database of 357"), ("failed", "database averoy")]


def test_a_bar_is_only_for_those_who_watch(capsys):
    with output.progress("Migrating") as report:
        report(1, 2, "averoy")
    assert capsys.readouterr().err == ""
