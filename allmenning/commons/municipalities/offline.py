"""The register as the project's fact files say it, for whoever has no database: anybody who checks a bill."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from allmenning.basics.dates import day_in
from allmenning.basics.norwegian import sort_key
from allmenning.basics.plain_yaml import read_yaml

from .errors import UnknownCooperation, UnknownMunicipality
from .facts import Dated, Inhabitants, KnownMembership, KnownMunicipality, KnownSuccession

POPULATION_SOURCE = "Statistics Norway, table 07459"


@dataclass(frozen=True)
class Offline:
    """Answers as `queries` does, from a folder such as `data/`. Read when it is first asked."""

    folder: Path

    def municipality(self, id: str) -> KnownMunicipality:
        """Raises `UnknownMunicipality`."""
        try:
            return self._municipalities[id]
        except KeyError:
            raise UnknownMunicipality(asked=id) from None

    def all_municipalities(self, on: date) -> list[KnownMunicipality]:
        """Those that exist on a day, in Norwegian order."""
        there = (each for each in self._municipalities.values() if each.exists(on))
        return sorted(there, key=lambda each: (sort_key(each.name), each.id))

    def memberships(self, cooperation_id: str) -> tuple[KnownMembership, ...]:
        """All memberships through time, oldest first. Raises `UnknownCooperation`."""
        facts = read_yaml((self.folder / "cooperations.yaml").read_text("utf-8"))["cooperations"]
        rows = next((each["memberships"] for each in facts if each["id"] == cooperation_id), None)
        if rows is None:
            raise UnknownCooperation(asked=cooperation_id)
        found = (
            KnownMembership(
                cooperation_id,
                row["municipality"],
                date.fromisoformat(row["start"]),
                day_in(row.get("end") or ""),
                row["source"],
            )
            for row in rows
        )
        return tuple(sorted(found, key=lambda each: (each.start, each.municipality)))

    def populations(self, ids: Collection[str], on: date) -> dict[str, Inhabitants]:
        """Inhabitants of several municipalities on exactly that day. One without a figure is left out."""
        figures = self._population.get(on, {})
        return {id: Inhabitants(figures[id], on, POPULATION_SOURCE) for id in ids if id in figures}

    def successions(self) -> tuple[KnownSuccession, ...]:
        """What became of what, and when."""
        return self._successions

    @cached_property
    def _facts(self) -> dict[str, list[dict[str, Any]]]:
        return dict(json.loads((self.folder / "municipalities.json").read_text("utf-8")))

    @cached_property
    def _successions(self) -> tuple[KnownSuccession, ...]:
        return tuple(
            KnownSuccession(date.fromisoformat(row["date"]), row["kind"], row["from"], row["to"])
            for row in self._facts["successions"]
        )

    @cached_property
    def _municipalities(self) -> dict[str, KnownMunicipality]:
        return {
            row["id"]: KnownMunicipality(
                row["id"], row.get("qualifier", ""), _dated(row["names"], "name"), _dated(row["numbers"], "number")
            )
            for row in self._facts["municipalities"]
        }

    @cached_property
    def _population(self) -> dict[date, dict[str, int]]:
        with (self.folder / "population.csv").open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
        years = [name for name in (table[0] if table else {}) if name.isdecimal()]
        return {
            date(int(year), 1, 1): {row["municipality"]: int(row[year]) for row in table if row[year]} for year in years
        }


def _dated(rows: Iterable[dict[str, Any]], value: str) -> tuple[Dated, ...]:
    found = (
        Dated(row[value], day_in(row.get("start", "")), day_in(row.get("end", "")), row.get("language", ""))
        for row in rows
    )
    return tuple(sorted(found, key=lambda each: each.start or date.min))
