"""Reading agreements. They are remembered for a minute in each process: none of it is personal."""

from __future__ import annotations

from dataclasses import dataclass

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


def agreement(id: str) -> Published:
    """Raises UnknownAgreement."""
    try:
        return _latest()[id]
    except KeyError:
        raise UnknownAgreement(asked=id) from None
