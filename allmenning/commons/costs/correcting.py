"""What was wrong in issued settlements, or came too late for them: shared as it was then, as lines of the next one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from allmenning.basics.errors import AllmenningError
from allmenning.commons.municipalities import queries as register

from . import agreement as agreements
from . import entered, errors, settlements
from .frozen import Content, Corrected
from .models import Correction, PublishedAgreement
from .registry import Registry
from .settlements import Known
from .settling import Pot, correct, settle_late

Wrong = tuple[int, str]  # the id of an issued settlement, and the project whose pot in it was wrong


def waiting(agreement: str, registry: Registry) -> list[Corrected]:
    """What waits to be corrected, together for each pot that was wrong. Raises what sharing raises."""
    found = []
    together = _together(settlements.waiting_corrections(agreement))
    before = settlements.settled_before([id for id, _project in together])
    for (id, project), rows in together.items():
        then = settlements.settlement(id)
        pot = _more(then, project, before.get((id, project), 0), sum(row.ore for row in rows), registry)
        reasons = tuple(dict.fromkeys(row.reason for row in rows))
        found.append(Corrected(id, then.row.start, tuple(row.id for row in rows), reasons, pot))
    return found


def refused(rows: Iterable[Correction]) -> dict[Wrong, AllmenningError]:
    """Why pots that these corrections are of can't be shared as they were then, with all that waits of each."""
    found: dict[Wrong, AllmenningError] = {}
    touched = {of(row): row.agreement for row in rows}
    there = _together(each for agreement in {*touched.values()} for each in settlements.waiting_corrections(agreement))
    before = settlements.settled_before([id for id, _project in touched])
    for id, project in touched.keys() & there.keys():
        ore = sum(row.ore for row in there[id, project])
        try:
            _more(settlements.settlement(id), project, before.get((id, project), 0), ore, register)
        except AllmenningError as error:
            found[id, project] = error
    return found


def of(row: Correction) -> Wrong:
    """What a correction is of."""
    return row.settlement_id, row.project


def pot_of(content: Content, project: str) -> Pot | None:
    """What was shared of a project when the period was settled; None where it had no costs then."""
    return next((pot for pot in content.pots if pot.project == project), None)


def _together(rows: Iterable[Correction]) -> dict[Wrong, list[Correction]]:
    found: dict[Wrong, list[Correction]] = {}
    for each in rows:
        found.setdefault(of(each), []).append(each)
    return found


def _more(then: Known, project: str, before: int, ore: int, registry: Registry) -> Pot:
    """What each pays more, where a pot was wrong by `ore` besides what earlier corrections of it were.

    All corrections are shared together, less what was shared before: so each pays what they would have, had it been known.
    """
    right = _shared_again(then, project, before + ore, registry)
    if not before:
        return right
    paid = {share.party.id: share for share in _shared_again(then, project, before, registry).shares}
    shares = tuple(
        replace(share, exact=share.exact - paid[share.party.id].exact, ore=share.ore - paid[share.party.id].ore)
        for share in right.shares
    )
    return replace(right, costs_ore=ore, shares=shares)


def _shared_again(then: Known, project: str, ore: int, registry: Registry) -> Pot:
    """A correction as it would have been shared then; of a project that had no costs then, by the agreement and use of then."""
    pot = pot_of(then.content, project)
    if pot is not None:
        return correct(pot, ore)
    row = then.row
    text = PublishedAgreement.objects.get(agreement=row.agreement, version=row.version).text
    agreed = agreements.read(text, row.agreement)
    if project not in {"", *(each.id for each in agreed.projects)}:
        raise errors.NoSuchProjectThen(project=project, start=row.start)
    return settle_late(agreed, row.start, project, ore, registry, use=entered.use(row.agreement, row.start))
