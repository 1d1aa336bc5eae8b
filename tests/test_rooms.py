"""What import-linter can't see: a room may reach another through a relation, a signal or a dotted path as well."""

import ast
import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.apps import apps

from allmenning.tenancy.routing import is_municipal

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "allmenning"


def rows():
    """The rows of the house from the bottom up, as .importlinter has them."""
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    layers = contracts["importlinter:contract:rooms"]["layers"].split("\n")
    return [[room.strip() for room in row.split("|")] for row in reversed(layers) if row.strip()]


OUTSIDE = "allmenning.project"  # settings and wiring: knows every room, and any room may name it
HEIGHT = {room: height for height, row in enumerate(rows()) for room in row if room != OUTSIDE}
DOTTED = re.compile(r"allmenning(\.[a-z_]+)+(\.[A-Za-z_]+)?")
SOURCES = [path for path in PACKAGE.rglob("*.py") if not {"tests", "migrations", "project"} & set(path.parts)]


def named(path):
    return str(path.relative_to(PACKAGE))


def room_of(module):
    """The room that a module or dotted path is in; None for what stands outside."""
    return next((room for room in HEIGHT if module == room or module.startswith(f"{room}.")), None)


def may_reach(room, other):
    return room is None or other is None or room == other or HEIGHT[other] < HEIGHT[room]


def dotted_paths(path):
    """String literals in a source file that name something in a room; docstrings and messages are prose."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and DOTTED.fullmatch(node.value):
            yield node.value


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or '.'}.{each.name}" for each in node.names)


RELATIONS = [
    pytest.param(model, field, id=f"{model._meta.label}.{field.name}")
    for model in apps.get_models()
    for field in model._meta.get_fields()
    if field.is_relation and not field.auto_created and field.related_model
]


@pytest.mark.parametrize(("model", "field"), RELATIONS)
def test_relations_point_into_the_same_room_or_downwards(model, field):
    assert may_reach(room_of(model.__module__), room_of(field.related_model.__module__))


@pytest.mark.parametrize(("model", "field"), RELATIONS)
def test_no_relation_crosses_from_one_database_to_another(model, field):
    assert is_municipal(model.__module__) == is_municipal(field.related_model.__module__)


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_room_listens_to_models(path):
    heard = [name for name in imported(path) if name.startswith(("django.db.models.signals", "django.dispatch"))]
    assert not heard, "say it with a call in an action or a journey: a signal hides who does what"


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_dotted_paths_point_downwards(path):
    room = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
    upwards = [found for found in dotted_paths(path) if not may_reach(room, room_of(found))]
    assert not upwards, f"{room} reaches {upwards} by name: let project/ wire it"


def test_every_room_has_its_row():
    """A new room is first given its place in .importlinter."""
    folders = [path.parent for path in PACKAGE.glob("*/__init__.py")]
    rooms = [path for path in folders if path.name not in ("commons", "municipal", "doors")]
    rooms += [path.parent for row in ("commons", "municipal", "doors") for path in PACKAGE.glob(f"{row}/*/__init__.py")]
    assert {".".join(path.relative_to(ROOT).parts) for path in rooms} == {*HEIGHT, OUTSIDE}


@pytest.mark.parametrize("room", sorted(set(HEIGHT) - {"allmenning.doors.office", "allmenning.doors.portal"}))
def test_every_room_says_its_purpose_and_words(room):
    assert (ROOT / room.replace(".", "/") / "README.md").exists()
