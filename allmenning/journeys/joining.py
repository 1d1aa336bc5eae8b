"""A municipality joins this installation: its keys, its database, its place in the register."""

from __future__ import annotations

from dataclasses import dataclass

from allmenning import vault
from allmenning.commons.municipalities import actions, queries
from allmenning.tenancy import create, placement


@dataclass(frozen=True)
class Joined:
    """A municipality that has a database here, and where."""

    id: str
    number: str
    name: str
    server: str
    database: str


def join(municipality: str) -> placement.Placement:
    """Make a municipality's keys and database, and note where it is. Safe to repeat after an interruption.

    Raises UnknownMunicipality for an id that is not in the register.
    """
    queries.municipality(municipality)
    if not vault.has_keys(municipality):
        vault.create_keys(municipality)
    placed = create.create_database(municipality)
    # Last: from here on it is live, and everything that a request needs is there.
    actions.place(municipality, placed.server, placed.database)
    placement.forget(municipality)
    return placed


def joined() -> list[Joined]:
    """Everyone who has joined, in Norwegian order."""
    return [_joined(each.id) for each in queries.live_municipalities()]


def _joined(municipality: str) -> Joined:
    known, placed = queries.municipality(municipality), placement.placement_of(municipality)
    return Joined(known.id, known.number() or "", known.name, placed.server, placed.database)
