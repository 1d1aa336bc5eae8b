"""Every model through every manager, with the wrong municipality, the wrong login, or none chosen at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from functools import partial
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connections, models, transaction
from django.db.models import Count, Exists, F, OuterRef

from allmenning.tenancy import AREAS, LOGINS, NoMunicipalityChosen, WrongMunicipality, use

from .canaries import ADMINISTRATION, Scope
from .rows import models_of
from .scene import Scene
from .tally import Tally

KIND = "managers"
Operation = Callable[[Any, Any], Any]
_REFUSALS = (DatabaseError, ObjectDoesNotExist, NoMunicipalityChosen, WrongMunicipality)

_BY_ID = 'select * from "%s" where id = %%s'

# What somebody might do with a row that they know the id of; each gives nothing, or raises one of the refusals.
OPERATIONS: dict[str, Operation] = {
    "get": lambda rows, pk: rows.get(pk=pk),
    "filter": lambda rows, pk: list(rows.filter(pk=pk)),
    "exists": lambda rows, pk: rows.filter(pk=pk).exists(),
    "count": lambda rows, pk: rows.filter(pk=pk).count(),
    "in_bulk": lambda rows, pk: rows.in_bulk([pk]),
    "values": lambda rows, pk: list(rows.filter(pk=pk).values()),
    "values_list": lambda rows, pk: list(rows.filter(pk__in=[pk]).values_list("id", flat=True)),
    "iterator": lambda rows, pk: list(rows.filter(pk=pk).iterator()),
    "aggregate": lambda rows, pk: rows.filter(pk=pk).aggregate(n=Count("id"))["n"],
    "annotate": lambda rows, pk: list(rows.filter(pk=pk).annotate(same=F("id"))),
    "exclude": lambda rows, pk: rows.exclude(pk=None).filter(pk=pk).first(),
    "subquery": lambda rows, pk: list(rows.filter(Exists(rows.filter(pk=OuterRef("pk"))), pk=pk)),
    "union": lambda rows, pk: list(rows.filter(pk=pk).union(rows.filter(pk=pk), all=True)),
    "select_for_update": lambda rows, pk: _locked(rows, pk),
    "raw": lambda rows, pk: list(rows.raw(_BY_ID % rows.model._meta.db_table, [pk])),
    "related": lambda rows, pk: list(rows.select_related().filter(pk=pk)),
    "prefetched": lambda rows, pk: list(rows.prefetch_related(*_many(rows.model)).filter(pk=pk)),
    "update": lambda rows, pk: rows.filter(pk=pk).update(**{_some_column(rows.model): None}),
    "delete": lambda rows, pk: rows.filter(pk=pk).delete()[0],
}


def attack(scene: Scene, tally: Tally, brief: bool = False) -> None:
    """Each model, manager, login and operation, towards an owner elsewhere and one of another area."""
    for model in models_of("area", "own", "shared")[:: 6 if brief else 1]:
        for victim in _victims(scene, model, brief):
            row = scene.owners[victim].rows.get(model)
            if row is None:
                continue
            for municipality, login, keys in _logins(scene, model, victim, brief):
                with use(municipality, login, keys=keys):
                    for name, manager in _managers(model):
                        _operate(tally, manager, row.pk, f"{model._meta.label}.{name} as {municipality}/{login}")
                    _use_the_instance(tally, row, f"{model._meta.label} of {victim} as {municipality}/{login}")
            _without_municipality(tally, model, row)
    connections.close_all()


def _victims(scene: Scene, model: type[models.Model], brief: bool) -> list[Scope]:
    if model.walls.kind == "shared":  # type: ignore[attr-defined]
        return [Scope(each, ADMINISTRATION) for each in scene.places]
    areas = AREAS[:1] if brief else AREAS[::4]
    return [Scope(each, area, "another") for each in scene.places for area in areas]


def _logins(
    scene: Scene, model: type[models.Model], victim: Scope, brief: bool
) -> Iterator[tuple[str, str, tuple[bytes, ...]]]:
    """Every login that may not see the victim's row."""
    someone = scene.owners[Scope(victim.municipality, AREAS[0], "someone")].key
    for municipality in scene.places:
        for login in LOGINS[::3] if brief else LOGINS:
            elsewhere = municipality != victim.municipality
            is_own = model.walls.kind == "own"  # type: ignore[attr-defined]
            if elsewhere or (victim.area != ADMINISTRATION and (is_own or login != victim.area)):
                yield municipality, login, (someone,) if login in ("resident", *AREAS) else ()


def _managers(model: type[models.Model]) -> Iterator[tuple[str, Any]]:
    yield "_base_manager", model._base_manager
    for manager in model._meta.managers:
        yield manager.name, manager


def _operate(tally: Tally, manager: Any, pk: Any, where: str) -> None:
    for name, operation in OPERATIONS.items():
        tally.tried(KIND)
        try:
            got = operation(manager, pk)
        except _REFUSALS:
            continue
        if got:
            tally.leaked(KIND, f"{name} by {where}")


def _use_the_instance(tally: Tally, owned: models.Model, where: str) -> None:
    """A row that was read as its owner, and is carried along to where it does not belong."""
    row = copy(owned)
    for name, act in (
        ("refresh", lambda: _done(row.refresh_from_db)),
        ("save", lambda: _done(partial(row.save, force_update=True))),
        ("relations", lambda: any(getattr(row, field).exists() for field in _many(type(row)))),
        ("delete", lambda: row.delete()[0]),
    ):
        tally.tried(KIND)
        try:
            got = act()
        except _REFUSALS:
            continue
        if got:
            tally.leaked(KIND, f"{name} of an instance of {where}")


def _without_municipality(tally: Tally, model: type[models.Model], row: models.Model) -> None:
    for name, operation in OPERATIONS.items():
        tally.tried(KIND)
        try:
            operation(model._default_manager, row.pk)
        except NoMunicipalityChosen:
            continue
        tally.hinted(KIND, f"{name} of {model._meta.label} was not refused without a municipality")


def _done(act: Callable[[], None]) -> bool:
    act()
    return True


def _locked(rows: Any, pk: Any) -> Any:
    with transaction.atomic():
        return list(rows.select_for_update().filter(pk=pk))


def _many(model: type[models.Model]) -> list[str]:
    return [str(each.get_accessor_name()) for each in model._meta.related_objects if each.one_to_many]


def _some_column(model: type[models.Model]) -> str:
    return next(f.name for f in model._meta.local_concrete_fields if f.name not in ("id", "area"))
