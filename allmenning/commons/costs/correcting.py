"""What was wrong in issued settlements, or came too late for them: shared as it was then, as lines of the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from allmenning.basics.errors import AllmenningError
from allmenning.basics.sharing.dividing import Share
from allmenning.commons.municipalities import queries as register

from . import agreement as agreements
from . import entered, errors, settlements
from .frozen import Content, Corrected
from .models import Correction, PublishedAgreement
from .registry import Registry
from .settlements import Known
from .settling import Pot, correct, settle_late


class Wrong(NamedTuple):
    """What is corrected together: a project's pot in an issued settlement, for all who shared it or for one party."""

    settlement: int
    project: str
    party: str


def waiting(agreement: str, registry: Registry) -> list[Corrected]:
    """What waits to be corrected, together for each pot that was wrong. Raises what sharing raises."""
    together = _together(settlements.waiting_corrections(agreement))
    before = settlements.settled_before([wrong.settlement for wrong in together])
    return [_corrected(wrong, rows, before, registry) for wrong, rows in together.items()]


def refused(rows: Iterable[Correction]) -> dict[Wrong, AllmenningError]:
    """Why pots that these corrections are of can't be shared as they were then, with all that waits of each."""
    found: dict[Wrong, AllmenningError] = {}
    touched = {of(row): row.agreement for row in rows}
    there = _together(each for agreement in {*touched.values()} for each in settlements.waiting_corrections(agreement))
    before = settlements.settled_before([wrong.settlement for wrong in touched])
    for wrong in touched.keys() & there.keys():
        try:
            _corrected(wrong, there[wrong], before, register)
        except AllmenningError as error:
            found[wrong] = error
    return found


def of(row: Correction) -> Wrong:
    """What a correction is of."""
    return Wrong(row.settlement_id, row.project, row.party)


def shared_ore(then: Known, project: str) -> int:
    """Øre that a project came to in an issued settlement, less grants, with all that is corrected and waits to be."""
    pot = pot_of(then.content, project)
    wrong = Wrong(then.row.id, project, "")
    later = sum(row.ore for row in settlements.corrections(then.row.agreement) if of(row) == wrong)
    return later + (pot.costs_ore - pot.grants_ore if pot else 0)


def pot_of(content: Content, project: str) -> Pot | None:
    """What was shared of a project when the period was settled; None where it had no costs then."""
    return next((pot for pot in content.pots if pot.project == project), None)


def _together(rows: Iterable[Correction]) -> dict[Wrong, list[Correction]]:
    found: dict[Wrong, list[Correction]] = {}
    for each in rows:
        found.setdefault(of(each), []).append(each)
    return found


def _corrected(
    wrong: Wrong, rows: Sequence[Correction], before: Mapping[tuple[int, str], int], registry: Registry
) -> Corrected:
    then, ore = settlements.settlement(wrong.settlement), sum(row.ore for row in rows)
    if wrong.party:
        pot = _of_one(then, wrong.project, wrong.party, ore)
    else:
        pot = _more(then, wrong.project, before.get((wrong.settlement, wrong.project), 0), ore, registry)
    reasons = tuple(dict.fromkeys(row.reason for row in rows))
    return Corrected(then.row.id, then.row.start, tuple(row.id for row in rows), reasons, pot, wrong.party)


def _of_one(then: Known, project: str, party: str, ore: int) -> Pot:
    """What one party pays more, or gets back, that no other shares: by prices, or where its own figure was wrong."""
    pot = pot_of(then.content, project)
    share = next((each for each in pot.shares if each.party.id == party), None) if pot else None
    if pot is None or share is None:
        raise errors.NotInThisSettlement(party=party)
    return Pot(project, ore, 0, pot.rule, (Share(share.party, (), Fraction(ore), ore),))


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
