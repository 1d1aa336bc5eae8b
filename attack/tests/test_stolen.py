"""The search of a stolen system finds what was put there on purpose: in each place, and in each form."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from allmenning.project.supervisor import Program
from attack import stolen
from bench.stand import System, stand


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder: Path = tmp_path_factory.mktemp("stolen")
    with stand(folder, [stolen.TOWN], workers=1, start=("first-witness", "sandbox", "web")) as system:
        stolen.write_pages_as_they_are(system)
        yield system


def in_a_table(system: System, text: str) -> None:
    with system.connect(stolen.TOWN) as connection:
        connection.execute("create table if not exists planted (text text)")
        connection.execute("insert into planted values (%s)", [text])


def in_a_row_that_was_removed(system: System, text: str) -> None:
    in_a_table(system, text)
    with system.connect(stolen.TOWN) as connection:
        connection.execute("drop table planted")


def in_the_write_ahead_log_alone(system: System, text: str) -> None:
    with system.connect(stolen.TOWN) as connection:
        connection.execute("select pg_logical_emit_message(false, 'planted', %s)", [text])


def in_a_file(name: str) -> Callable[[System, str], None]:
    def plant(system: System, text: str) -> None:
        path = system.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" + base64.b64encode(b"y" + text.encode()))

    return plant


def in_a_files_name(system: System, text: str) -> None:
    (system.folder / "files").mkdir(exist_ok=True)
    (system.folder / "files" / f"{text}.pdf").write_bytes(b"")


def in_a_line_of(name: str) -> Callable[[System, str], None]:
    def plant(system: System, text: str) -> None:
        with (system.folder / name).open("a") as log:
            log.write(f'{{"asked": "{text}"}}\n')

    return plant


def in_an_environment(system: System, text: str) -> None:
    sleeping = [sys.executable, "-c", "import time; time.sleep(600)"]
    system.supervisor.start(Program("told by environment", sleeping, {"NAME": text}))


def in_a_command_line(system: System, text: str) -> None:
    sleeping = [sys.executable, "-c", f"import time; time.sleep(600)  # {text}"]
    system.supervisor.start(Program("told by command", sleeping))


PLANTED = [
    ("dumps of databases", in_a_table),
    ("the database's files", in_a_row_that_was_removed),
    ("the database's files", in_the_write_ahead_log_alone),
    ("folder files", in_a_files_name),
    ("folder vault", in_a_file("vault/averoy/planted")),
    ("folder witnesses", in_a_file("witnesses/first/heads/planted")),
    ("folder keeper", in_a_line_of("keeper/grants.jsonl")),
    ("what programs said", in_a_line_of("logs/web.log")),
    ("processes", in_an_environment),
    ("processes", in_a_command_line),
]


@pytest.mark.parametrize(("place", "plant"), PLANTED, ids=[f"{n} {place}" for n, (place, _) in enumerate(PLANTED)])
def test_what_is_planted_in_a_place_is_found_there(
    system: System, place: str, plant: Callable[[System, str], None]
) -> None:
    secret = {"name": f"Kvern{PLANTED.index((place, plant))}husbekk Vigdis"}

    def found() -> bool:
        return bool(stolen.search({place: stolen.places(system).get(place, ())}, secret).leaks)

    assert not found()
    plant(system, secret["name"])
    assert found()


def test_what_stands_in_a_backup_is_found(tmp_path: Path) -> None:
    (tmp_path / "dump").write_bytes("Vigdis".encode("utf-16-le"))
    assert stolen.search({"a back-up": stolen.below(tmp_path)}, {"name": "Vigdis"}).leaks == [
        ("a back-up", "dump", "name")
    ]


@pytest.mark.parametrize("text", stolen.planted().values())
def test_every_form_is_recognised(text: str) -> None:
    for form in set(stolen.forms(text)):
        assert stolen.hits(b"before" + form + b"after", {"it": text})
    for shift in range(3):
        assert stolen.hits(base64.b64encode(b"x" * shift + text.encode() + b"y"), {"it": text})
    assert not stolen.hits(b"something else", {"it": text})
