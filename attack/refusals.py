"""What a refusal tells: foreign keys, unique constraints and the texts of errors, for rows that hang on another's.

A row that names another's must be refused just as one that names nothing, and no error may hold a value of another's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError, connections, models, transaction

from allmenning.basics.identifiers import uuid7
from allmenning.tenancy import AREAS, use, walls

from .canaries import Scope
from .rows import models_of
from .scene import Marked, Scene
from .tally import Tally

KIND = "refusals"
_IDS = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|\\x[0-9a-f]+|Failing row contains.*")

_WITH_THE_ID = (
    "Who has SQL of their own and already knows the random id of another area's row can tell by a unique constraint that"
    " it is there."
)


def attack(scene: Scene, tally: Tally, brief: bool = False) -> None:
    """Every model × every column that points at something × who writes × whose it is."""
    walled = models_of("area", "own")
    for municipality in list(scene.places)[: 1 if brief else 2]:
        for model in walled[:: 5 if brief else 1]:
            for mine, victim in _pairs(scene, municipality, brief):
                _point_at(scene, tally, model, mine, victim)
                _claim(scene, tally, model, mine, victim)
    connections.close_all()


def _pairs(scene: Scene, municipality: str, brief: bool) -> Iterator[tuple[Marked, Marked]]:
    """Who writes, and who is written to: another's in the same area, in another area, in another municipality."""
    other = next(each for each in scene.places if each != municipality)
    for area in AREAS[:1] if brief else AREAS:
        mine = scene.owners[Scope(municipality, area, "someone")]
        for victim in (
            Scope(municipality, area, "another"),
            Scope(municipality, next(each for each in AREAS if each != area), "another"),
            Scope(other, area, "another"),
        ):
            yield mine, scene.owners[victim]


def _point_at(scene: Scene, tally: Tally, model: type[models.Model], mine: Marked, victim: Marked) -> None:
    for column in model._meta.local_concrete_fields:
        target = column.related_model if isinstance(column, models.ForeignKey) else None
        if column.column == "case_id":
            target = next(each for each in victim.rows if each._meta.label == "cases.Case")
        if target is None or target is model or target not in victim.rows:
            continue
        for login, keys in _writers(mine):
            # In the area's own login another resident's case of the same area may be named: it is theirs to handle.
            if login != "resident" and victim.scope[:2] == mine.scope[:2]:
                continue
            told = []
            for named in (victim.rows[target].pk, uuid7()):
                row = mine.addable(model)
                setattr(row, column.attname, named)
                told.append(_refusal(scene, tally, row, mine, login, keys))
            what = f"{model._meta.label}.{column.name} as {login} at {victim.scope}"
            if told[0] and "unique constraint" in told[0][1]:
                tally.knows(_WITH_THE_ID)
            elif told[0] is None and column.column != "case_id":
                tally.leaked(KIND, f"{what}: the row was taken")
            elif told[0] != told[1]:
                tally.hinted(KIND, f"{what}: {told[0]!r} for what is there, {told[1]!r} for what is not")


def _claim(scene: Scene, tally: Tally, model: type[models.Model], mine: Marked, victim: Marked) -> None:
    """The values that another's row has, in a row of one's own: only what nobody can guess may collide."""
    for constraint in model._meta.constraints:
        if not isinstance(constraint, models.UniqueConstraint) or victim.scope[:2] == mine.scope[:2]:
            continue
        row = mine.unsaved(model)
        for name in set(constraint.fields) - {"area", "owner_key"}:
            column = model._meta.get_field(name)
            if not isinstance(column, models.ForeignKey) and name != "case_id":
                setattr(row, name, getattr(victim.rows[model], name))
        for login, keys in _writers(mine):
            told = _refusal(scene, tally, row, mine, login, keys)
            if told and "unique" in told[1] and constraint.name in told[1]:
                if any(walls.is_unguessable(f) for f in model._meta.local_fields if f.name in constraint.fields):
                    tally.knows(_WITH_THE_ID)
                else:
                    tally.hinted(KIND, f"{constraint.name} tells {login} what {victim.scope} has")


def _writers(mine: Marked) -> Iterator[tuple[str, tuple[bytes, ...]]]:
    yield mine.area, (mine.key,)
    yield "resident", (mine.key,)


def _refusal(
    scene: Scene, tally: Tally, row: models.Model, mine: Marked, login: str, keys: tuple[bytes, ...]
) -> tuple[str, str] | None:
    """What is said when a row is added, without ids; None when it is taken. Nothing stays."""
    tally.tried(KIND)
    said: Any = None
    row.pk = uuid7()
    with use(mine.municipality, login, keys=keys) as acting:
        try:
            with transaction.atomic(using=acting.alias):
                row.save(force_insert=True)
                transaction.set_rollback(True, using=acting.alias)
        except DatabaseError as error:
            diag = getattr(error.__cause__, "diag", None)
            said = type(error).__name__, f"{error} {diag and diag.message_detail} {diag and diag.message_hint}"
    if said is None:
        return None
    own = repr([getattr(row, f.attname) for f in row._meta.local_concrete_fields])
    for scope, what in scene.canaries.found_in(said[1], [own]):
        if scope != mine.scope:
            tally.leaked(KIND, f"{what} of {scope} in the error {said[1]}")
    return said[0], _IDS.sub("…", said[1])
