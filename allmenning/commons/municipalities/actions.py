"""Writing the register: loading the facts, joining and leaving a cooperation, saying where a database is."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import IntegrityError, models, router, transaction

from allmenning.basics.dates import now

from . import queries
from .errors import AlreadyMember, NotMember, PlaceTaken
from .models import (
    Cooperation,
    Membership,
    Municipality,
    MunicipalityName,
    MunicipalityNumber,
    Placement,
    Population,
    Succession,
)

Progress = Callable[[int, int, str], None]  # how many are done, of how many, and which one was done last

POPULATION_SOURCE = "Statistics Norway, table 07459"
_STEPS = 6


def data_folder() -> Path:
    """The project's fact files: `data/` beside the package, or settings.DATA_DIR."""
    return Path(getattr(settings, "DATA_DIR", Path(__file__).resolve().parents[3] / "data"))


def facts_in(name: str) -> dict[str, Any]:
    """One of the project's fact files in YAML."""
    held: dict[str, Any] = yaml.safe_load((data_folder() / name).read_text(encoding="utf-8"))
    return held


def load_register(progress: Progress | None = None) -> None:
    """Make the register what `data/` says; run again it changes nothing.

    A cooperation that is here already is left alone, for its memberships have a life of their own. All or nothing.
    """
    tell = progress or (lambda done, total, what: None)
    facts = json.loads((data_folder() / "municipalities.json").read_text(encoding="utf-8"))
    with transaction.atomic(using=_commons()):
        _load_municipalities(facts["municipalities"])
        tell(1, _STEPS, "municipalities")
        _make_equal(MunicipalityNumber, _numbers(facts["municipalities"]))
        tell(2, _STEPS, "numbers")
        _make_equal(MunicipalityName, _names(facts["municipalities"]))
        tell(3, _STEPS, "names")
        _make_equal(Succession, _successions(facts["successions"]))
        tell(4, _STEPS, "successions")
        _make_equal(Population, _populations(), within=Population.objects.filter(source=POPULATION_SOURCE))
        tell(5, _STEPS, "populations")
        _load_cooperations()
        tell(6, _STEPS, "cooperations")
    _changed()


def join(cooperation: str, municipality: str, on: date, source: str = "") -> Membership:
    """Let a municipality be a member from a day.

    Raises `AlreadyMember`, `UnknownMunicipality`, `UnknownCooperation`.
    """
    queries.cooperation(cooperation)
    member = queries.municipality(municipality)
    try:
        with transaction.atomic(using=_commons()):
            row = Membership.objects.create(
                cooperation_id=cooperation, municipality_id=municipality, start=on, source=source
            )
    except IntegrityError:
        raise AlreadyMember(municipality=member.name) from None
    _changed()
    return row


def leave(cooperation: str, municipality: str, on: date) -> Membership:
    """End a membership: `on` is the first day outside. The row stays. Raises `NotMember`."""
    with transaction.atomic(using=_commons()):
        row = (
            Membership.objects.select_for_update()
            .filter(cooperation_id=cooperation, municipality_id=municipality, start__lt=on)
            .filter(models.Q(end=None) | models.Q(end__gt=on))
            .first()
        )
        if row is None:
            raise NotMember(municipality=queries.municipality(municipality).name, on=on)
        row.end = on
        row.save(update_fields=["end"])
    _changed()
    return row


def place(municipality: str, server: str, database: str) -> Placement:
    """Note where a municipality's database is; from then on it is live. Placing it again moves it.

    Raises `UnknownMunicipality`, and `PlaceTaken` if the database is another's.
    """
    queries.municipality(municipality)
    try:
        with transaction.atomic(using=_commons()):
            row, _ = Placement.objects.update_or_create(
                municipality_id=municipality, defaults={"server": server, "database": database, "since": now()}
            )
    except IntegrityError:
        raise PlaceTaken from None
    _changed()
    return row


def unplace(municipality: str) -> None:
    """Note that a municipality has no database here any more. The register and its memberships stay."""
    Placement.objects.filter(municipality_id=municipality).delete()
    _changed()


def _commons() -> str:
    return router.db_for_write(Municipality)


def _changed() -> None:
    # At once for this transaction, and after it for what another thread read meanwhile.
    queries.forget()
    transaction.on_commit(queries.forget, using=_commons())


def _load_municipalities(rows: Iterable[dict[str, Any]]) -> None:
    # Never deleted: an id that was given out may stand in a settlement.
    Municipality.objects.bulk_create(
        [Municipality(id=row["id"], qualifier=row.get("qualifier", "")) for row in rows],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["qualifier"],
    )


def _make_equal(model: type[models.Model], rows: list[tuple[Any, ...]], within: Any = None) -> None:
    """Delete what is not wanted and add what is missing, so that an unchanged register is not touched."""
    fields = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    present = within if within is not None else model._default_manager.all()
    ids = {tuple(row): id for id, *row in present.values_list("pk", *fields)}
    wanted = set(rows)
    model._default_manager.filter(pk__in=[id for row, id in ids.items() if row not in wanted]).delete()
    missing = [model(**dict(zip(fields, row, strict=True))) for row in dict.fromkeys(rows) if row not in ids]
    model._default_manager.bulk_create(missing, batch_size=2000)


def _day(row: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(row[name]) if name in row else None


def _numbers(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [
        (row["id"], each["number"], _day(each, "start"), _day(each, "end")) for row in rows for each in row["numbers"]
    ]


def _names(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [
        (row["id"], each["language"], each["name"], _day(each, "start"), _day(each, "end"))
        for row in rows
        for each in row["names"]
    ]


def _successions(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [
        (_day(row, "date"), row["kind"], row["from"], row["to"], row["from_number"], row["to_number"]) for row in rows
    ]


def _populations() -> list[tuple[Any, ...]]:
    with (data_folder() / "population.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    return [
        (row["municipality"], date(int(year), 1, 1), int(number), POPULATION_SOURCE)
        for row in table
        for year, number in row.items()
        if year.isdecimal() and number
    ]


def _load_cooperations() -> None:
    known = set(Cooperation.objects.values_list("id", flat=True))
    facts = facts_in("cooperations.yaml")
    for row in facts["cooperations"]:
        if row["id"] not in known:
            _load_cooperation(row)


def _load_cooperation(row: dict[str, Any]) -> None:
    cooperation = Cooperation.objects.create(**{name: row[name] for name in ("id", "name", "form", "form_source")})
    Membership.objects.bulk_create(
        Membership(
            cooperation=cooperation,
            municipality_id=each["municipality"],
            start=each["start"],
            end=each.get("end"),
            source=each["source"],
        )
        for each in row["memberships"]
    )
