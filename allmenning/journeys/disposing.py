"""Proposing, and deciding, that a case is erased: what may be erased, by which rule, and the two persons who say so.

An archivist proposes, another archivist or a leader approves, or decides that the case is preserved for good; a worker erases
within the hour (`erasing`). The conditions are asked three times, the last time when the case is locked: it is closed and nothing
waits in it, and a rule that an archivist has confirmed says that its years have passed. What is refused is refused with the law.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language

from allmenning.basics import dates
from allmenning.basics.dates import OSLO
from allmenning.commons.catalogue import queries as catalogue
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.rules import disposes
from allmenning.municipal.archive.models import Disposal, RetentionRule
from allmenning.municipal.cases import queries as cases
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.cases.models import OPEN_STATES, Case
from allmenning.municipal.post.models import Outbox

from . import retaining
from .errors import (
    CaseNotClosed,
    DisposalNotConfirmed,
    MustBePreserved,
    NoCaseChosen,
    NotProposed,
    SecondPersonNeeded,
    StillAtWork,
    TooEarlyToErase,
)

PURPOSE = retaining.PURPOSE
MOST_SHOWN = 100


@dataclass(frozen=True)
class Due:
    """A case that may be erased, and the rule that says so."""

    case: Case
    rule: RetentionRule


@dataclass(frozen=True)
class Proposed:
    """A case that somebody has proposed to erase. may_decide: this person did not propose it."""

    row: Disposal
    case: Case
    may_decide: bool


# --- at the desk: each list is a row of the log, with the ids of its cases, before it is shown ---


def due(working: Working) -> list[Due]:
    """The cases that this person may propose, those that came in first, at most MOST_SHOWN. Raises NotYours."""
    require_part(working)
    mine = cases.theirs(working, "propose-disposal", PURPOSE)
    found: list[Due] = []
    for line in retaining.plan(working):
        rule = line.rule
        if rule is not None and rule.years is not None:
            rows = Case.objects.filter(mine, _may_go(rule)).exclude(id__in=Disposal.objects.values("case_id"))
            found += [Due(case, rule) for case in rows.order_by("received_at", "id")[: MOST_SHOWN - len(found)]]
    _log_list([each.case for each in found], working)
    return found


def proposed(working: Working) -> list[Proposed]:
    """What waits for a second person, oldest first. Raises NotYours."""
    require_part(working)
    rows = list(Disposal.objects.filter(outcome="").select_related("rule").order_by("proposed_at", "id")[:MOST_SHOWN])
    case_of = _found(cases.theirs(working, "approve-disposal", PURPOSE), [row.case_id for row in rows])
    _log_list(case_of.values(), working)
    return [Proposed(row, case_of[row.case_id], _is_another(row, working)) for row in rows if row.case_id in case_of]


def decided(working: Working) -> list[tuple[Disposal, Case]]:
    """What was decided last, newest first. Raises NotYours."""
    require_part(working)
    rows = list(Disposal.objects.exclude(outcome="").order_by("-decided_at", "-id")[:MOST_SHOWN])
    case_of = _found(cases.theirs(working, "approve-disposal", PURPOSE), [row.case_id for row in rows])
    _log_list(case_of.values(), working)
    return [(row, case_of[row.case_id]) for row in rows if row.case_id in case_of]


def propose(case_ids: Collection[UUID], working: Working) -> int:
    """Propose that these cases are erased; those that are proposed already are left. Returns how many are new.

    Raises NoCaseChosen, CaseNotFound (one that is not theirs to propose), and what `require_disposable` does.
    """
    if not case_ids:
        raise NoCaseChosen()
    found = _found(cases.theirs(working, "propose-disposal", PURPOSE), case_ids)
    if len(found) < len(set(case_ids)):
        raise CaseNotFound()
    with transaction.atomic():
        before = Disposal.objects.filter(case_id__in=found).count()
        for case in found.values():
            rule = require_disposable(case)
            row = Disposal(
                area=case.area,
                case_id=case.id,
                rule=rule,
                proposed_by=working.staff_id,
                proposed_name=working.name,
            )
            if Disposal.objects.bulk_create([row], ignore_conflicts=True):
                _log(case, working, "propose-disposal")
        return Disposal.objects.filter(case_id__in=found).count() - before


def decide(disposal_ids: Collection[UUID], outcome: str, working: Working) -> int:
    """A second person approves, or decides that the cases are preserved for good. Returns how many.

    Raises NoCaseChosen, NotProposed, SecondPersonNeeded, and what `require_disposable` does when approving.
    """
    if not disposal_ids:
        raise NoCaseChosen()
    with transaction.atomic():
        rows = list(Disposal.objects.select_for_update().filter(id__in=disposal_ids, outcome="").order_by("id"))
        found = _found(cases.theirs(working, "approve-disposal", PURPOSE), [row.case_id for row in rows])
        if len(rows) < len(set(disposal_ids)) or len(found) < len(rows) or outcome not in Disposal.Outcome.values[1:]:
            raise NotProposed()
        for row in rows:
            if not _is_another(row, working):
                raise SecondPersonNeeded()
            _decide(row, found[row.case_id], outcome, working)
    return len(rows)


def _is_another(row: Disposal, working: Working) -> bool:
    """Whether this is not the person who proposed it. The database asks it too."""
    return row.proposed_by != working.staff_id


def _decide(row: Disposal, case: Case, outcome: str, working: Working) -> None:
    if outcome == Disposal.Outcome.APPROVED:
        require_disposable(case)
    row.outcome, row.decided_at = outcome, dates.now()
    row.decided_by, row.decided_name = working.staff_id, working.name
    row.save(update_fields=["outcome", "decided_at", "decided_by", "decided_name"])
    _log(case, working, "approve-disposal" if outcome == Disposal.Outcome.APPROVED else "preserve-case")


def _found(mine: Q, case_ids: Collection[UUID]) -> dict[UUID, Case]:
    """Those of these cases that a condition lets one have, by their id."""
    return {case.id: case for case in Case.objects.filter(mine, id__in=list(case_ids))}


def require_part(working: Working) -> None:
    """Raises NotYours for one who has nothing to do with erasing."""
    if not disposes(working):
        raise NotYours(reason="role-may-not")


def _log(case: Case, working: Working, action: str) -> None:
    access.log_case(
        working.as_actor(case),
        area=case.area,
        case_id=case.id,
        key=case.key,
        action=action,
        purpose=PURPOSE,
    )


def _log_list(shown: Iterable[Case], working: Working) -> None:
    ids = [case.id for case in shown]
    if ids:
        access.log_list(working.as_actor(), area=working.area, purpose=PURPOSE, shown=ids, field_kinds=["case-number"])


# --- the conditions ---


def require_disposable(case: Case) -> RetentionRule:
    """The rule by which a case may be erased today.

    Raises:
        CaseNotFound: it is erased.
        CaseNotClosed, StillAtWork, TooEarlyToErase: not yet.
        MustBePreserved: not at all. DisposalNotConfirmed: not until an archivist has confirmed the rule.
    """
    if case.is_erased:
        raise CaseNotFound()
    if case.closed_at is None or case.state in OPEN_STATES:
        raise CaseNotClosed()
    if Outbox.objects.filter(case_id=case.id, done_at__isnull=True).exists():
        raise StillAtWork()
    rule = retaining.standing(case.area, case.service)
    if rule is None:
        proposal = catalogue.service_version(case.service, case.version).retention
        raise DisposalNotConfirmed(source=proposal.source[_language()])
    if rule.years is None or Disposal.objects.filter(case_id=case.id, outcome=Disposal.Outcome.PRESERVED).exists():
        raise MustBePreserved(source=rule.source)
    day = retaining.first_day(case.closed_at, rule.years)
    if dates.today() < day:
        raise TooEarlyToErase(day=dates.format_date(day, _language()), source=rule.source)
    return rule


def _language() -> str:
    return (get_language() or "nb")[:2]


def _may_go(rule: RetentionRule) -> Q:
    """The same as far as a list needs it, as SQL: closed, and the years have passed. Asked of Case."""
    assert rule.years is not None
    before = datetime(dates.today().year - rule.years, 1, 1, tzinfo=OSLO)
    closed = Q(closed_at__lt=before) & ~Q(state__in=OPEN_STATES) & ~Q(wrapped_key=b"")
    return Q(area=rule.area, service=rule.service) & closed


def back_ups_kept() -> int:
    """How many back-ups, one each night, still have what was erased."""
    return int(settings.BACKUP_GENERATIONS)
