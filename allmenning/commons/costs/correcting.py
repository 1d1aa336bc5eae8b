"""What was wrong in issued settlements, or came too late for them: shared as it was then, as lines of the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from allmenning.basics.errors import AllmenningError
from allmenning.basics.sharing.dividing import Share
from allmenning.basics.sharing.rule import Price
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
    """Why pots that these corrections are of can't be shared as they were then, with all that waits of each.

    rows: what was entered now, or taken out.
    """
    found: dict[Wrong, AllmenningError] = {}
    touched = _together(rows)
    asked = {row.agreement for changed in touched.values() for row in changed}
    there = _together(each for agreement in asked for each in settlements.waiting_corrections(agreement))
    before = settlements.settled_before([wrong.settlement for wrong in touched])
    for wrong, changed in touched.items():
        waits = there.get(wrong, [])
        try:
            if _is_less(changed, waits):
                _check_grants(wrong)
            if waits:
                _corrected(wrong, waits, before, register)
        except AllmenningError as error:
            found[wrong] = error
    return found


def of(row: Correction) -> Wrong:
    """What a correction is of."""
    return Wrong(row.settlement_id, row.project, row.party)


def _is_less(changed: Iterable[Correction], waits: Iterable[Correction]) -> bool:
    """Whether there is less to share than before: of what changed, that which doesn't wait was taken out."""
    entered_now = {row.id for row in waits}
    return sum(row.ore if row.id in entered_now else -row.ore for row in changed) < 0


def _check_grants(wrong: Wrong) -> None:
    """That grants which came late are no more than what they reduce, with all that is corrected and waits to be.

    They reduce what was divided, and not what the prices came to. Raises GrantsExceed.
    """
    then = settlements.settlement(wrong.settlement)
    rows = [] if wrong.party else [row for row in settlements.corrections(then.row.agreement) if of(row) == wrong]
    grants = -sum(row.ore for row in rows if row.grant_id)
    pot = pot_of(then.content, wrong.project)
    there = pot.costs_ore - pot.grants_ore - _prices_ore(pot) if pot else 0
    costs = there + sum(row.ore for row in rows if not row.grant_id)
    if grants and grants > costs:
        raise errors.GrantsExceed(
            project=wrong.project or then.row.agreement, grants_ore=grants, costs_ore=max(0, costs)
        )


def _prices_ore(pot: Pot) -> int:
    """What the prices of a pot came to, in whole øre."""
    pieces = (piece for share in pot.shares for piece in share.pieces)
    return ceil(sum(piece.exact for piece in pieces if isinstance(piece.of, Price)))


def pot_of(content: Content, project: str) -> Pot | None:
    """What was shared of a project when the period was settled; None where it had no costs then."""
    return next((pot for pot in content.pots if pot.project == project), None)


def left_ore(found: Known, pot: Pot, party: str) -> int:
    """Øre that were settled of a pot, or of one party's share of it, with all that it has been corrected by."""
    then = sum(share.ore for share in pot.shares if party in ("", share.party.id))
    rows = (row for row in settlements.corrections(found.row.agreement) if row.settlement_id == found.row.id)
    return then + sum(row.ore for row in rows if row.project == pot.project and party in ("", row.party))


def require_left(wrong: Wrong) -> None:
    """That what corrections take back is there, when one that added to it is taken out. Raises TakenBackByAnother."""
    then = settlements.settlement(wrong.settlement)
    pot = pot_of(then.content, wrong.project)
    if pot and left_ore(then, pot, wrong.party) < 0:
        raise errors.TakenBackByAnother()


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
