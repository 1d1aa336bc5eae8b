"""Where nobody clicks: what was sent out, what operators are told, what lies on disks and in tables, what is logged."""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path

from django.conf import settings

from allmenning.doors.cli.__main__ import main
from allmenning.journeys import health
from allmenning.tenancy import placement

from ..sweep import tables
from .family import Family

# What an operator may ask of everything that is there. None of it opens a case.
COMMANDS = (
    ("check",),
    ("check", "--json"),
    ("municipality", "list", "--json"),
    ("client", "list", "{here}", "--json"),
    ("stuck", "list", "--files", "--json"),
    ("stuck", "list", "{here}"),
    ("register-of-processing", "{here}"),
    ("log", "keys"),
    ("log", "export", "{here}", "{folder}/log"),
    ("log", "verify", "{here}", "--offline"),
)


def out_of_the_house(family: Family) -> Iterator[tuple[str, str]]:
    """E-mails and SMS without whom they are to, which is told in the asking; and packages to other authorities."""
    for number, sent in enumerate(family.registers.sent):
        yield f"message {number}", f"{sent['subject']}\n{sent['text']}"
    for key, package in family.registers.handed_over.items():
        yield f"package {key}", repr(package)


def told_to_operators(family: Family) -> Iterator[tuple[str, str]]:
    """What each command says, on both its outputs and in files that it writes; and the findings of health."""
    with tempfile.TemporaryDirectory() as folder:
        for words in COMMANDS:
            arguments = [each.format(here=family.place.id, folder=folder) for each in words]
            raw = io.BytesIO()
            said = io.TextIOWrapper(raw, "utf-8", write_through=True)
            with redirect_stdout(said), redirect_stderr(said), suppress(SystemExit):
                main(arguments)
            yield " ".join(("allmenning", *words)), raw.getvalue().decode()
        for path in Path(folder).rglob("*"):
            if path.is_file():
                yield path.name, path.read_bytes().decode("latin-1")
    yield "findings", repr(health.examined_lately())


def at_rest(family: Family) -> Iterator[tuple[str, str]]:
    """Every table of the municipality and of the commons as the server's operator reads it, every file with its name."""
    placed = placement.placement_of(family.place.id)
    for server, database in ((placed.server, placed.database), settings.COMMONS_PLACEMENT):
        for table, text in tables(server, database):
            yield f"table {table}", text
    for path in Path(settings.FILES_DIR).rglob("*"):
        if path.is_file():
            yield "a file", f"{path} {path.read_bytes().decode('latin-1')}"


@contextmanager
def listened() -> Iterator[list[str]]:
    """Every line that is logged meanwhile, with its traceback."""
    lines: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    listener, root = Listener(logging.DEBUG), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.removeHandler(listener)
        root.setLevel(level)
