"""Reading agreements. They are remembered for a minute in each process: none of it is personal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allmenning.basics.memory import remembered
from allmenning.basics.norwegian import sort_key

from . import agreement as agreements
from .agreement import Agreement
from .errors import UnknownAgreement
from .models import PublishedAgreement

REMEMBERED_SECONDS = 60


@dataclass(frozen=True)
class Published:
    """An agreement as it holds now, and which version of it that is."""

    agreement: Agreement
    version: int


@remembered(REMEMBERED_SECONDS)
def _latest() -> dict[str, Published]:
    rows = PublishedAgreement.objects.order_by("agreement", "-version").distinct("agreement")
    found = (Published(agreements.read(row.text, row.agreement), row.version) for row in rows)
    return {each.agreement.id: each for each in sorted(found, key=lambda each: sort_key(each.agreement.title.nb))}


def forget() -> None:
    """Read the agreements again next time."""
    _latest.forget()


def all_agreements() -> list[Published]:
    """The newest version of each, by title."""
    return list(_latest().values())


def agreements_of(cooperation: str) -> list[Published]:
    """Those of a cooperation, by title."""
    return [each for each in all_agreements() if each.agreement.cooperation == cooperation]


def agreements_at(cooperation: str, moment: datetime) -> list[Published]:
    """Those of a cooperation as they held at a moment, by title; what was published later, as it was first. One statement."""
    held: dict[str, PublishedAgreement] = {}
    for row in PublishedAgreement.objects.filter(cooperation=cooperation).order_by("agreement", "version"):
        if row.agreement not in held or row.published_at <= moment:
            held[row.agreement] = row
    found = [_as_published(row) for row in held.values()]
    return sorted(found, key=lambda each: sort_key(each.agreement.title.nb))


def _as_published(row: PublishedAgreement) -> Published:
    """A version as it is read; the newest one is remembered."""
    newest = _latest().get(row.agreement)
    if newest and newest.version == row.version:
        return newest
    return Published(agreements.read(row.text, row.agreement), row.version)


def agreement(id: str) -> Published:
    """Raises UnknownAgreement."""
    try:
        return _latest()[id]
    except KeyError:
        raise UnknownAgreement(asked=id) from None
