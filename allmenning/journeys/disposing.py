"""Proposing, and deciding, that a case is erased: what may be erased, by which rule, and the two persons who say so.

An archivist proposes, another archivist or a leader approves, or decides that the case is preserved for good; a worker erases
within the hour (`erasing`). The conditions are asked three times, the last time when the case is locked: it is closed and nothing
waits in it, and a rule that an archivist has confirmed says that its years have passed. What is refused is refused with the law.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import get_language

from allmenning.basics import dates
from allmenning.basics.dates import OSLO
from allmenning.commons.catalogue import queries as catalogue
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.access.rules import Asked, Facts, disposes
from allmenning.municipal.archive.models import Disposal, RetentionRule
from allmenning.municipal.cases import queries as cases
from allmenning.municipal.cases import records
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.cases.models import OPEN_STATES, AccessRequest, Case, Record
from allmenning.municipal.post.models import Outbox

from . import retaining
from .errors import (
    CaseNotClosed,
    DisposalNotConfirmed,
    MustBePreserved,
    NoCaseChosen,
    NotProposed,
    ProposedByThemselves,
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
    """A case that somebody has proposed to erase. rule: what stands now. may_decide: this person did not propose it."""

    row: Disposal
    case: Case
    rule: RetentionRule
    may_decide: bool


@dataclass(frozen=True)
class Decided:
    """What two persons decided of a case. has_fallen: it was approved, and counts no more."""

    row: Disposal
    case: Case
    has_fallen: bool


# --- at the desk: each list is a row of the log, with the ids of its cases, before it is shown ---


def due(working: Working) -> list[Due]:
    """The cases that this person may propose, those that came in first, at most MOST_SHOWN. Raises NotYours."""
    require_part(working)
    mine = cases.theirs(working, "propose-disposal", PURPOSE)
    found: list[Due] = []
    for line in retaining.plan(working):
        rule = line.rule
        if rule is not None and rule.years is not None:
            rows = Case.objects.filter(mine, _may_go(rule)).exclude(id__in=_standing_disposals().values("case_id"))
            found += [Due(case, rule) for case in rows.order_by("received_at", "id")[: MOST_SHOWN - len(found)]]
    _log_list([each.case for each in found], working)
    return found


def proposed(working: Working) -> list[Proposed]:
    """What waits for a second person, oldest first. Raises NotYours."""
    require_part(working)
    rows = list(Disposal.objects.filter(outcome="").select_related("rule").order_by("proposed_at", "id")[:MOST_SHOWN])
    case_of = _found(cases.theirs(working, "approve-disposal", PURPOSE), [row.case_id for row in rows])
    _log_list(case_of.values(), working)
    rules = retaining.standing(working.area, (case.service for case in case_of.values()))
    return [
        Proposed(row, case, rules.get(case.service, row.rule), _is_another(row, working))
        for row in rows
        if (case := case_of.get(row.case_id))
    ]


def decided(working: Working) -> list[Decided]:
    """What was decided last, newest first. Raises NotYours."""
    require_part(working)
    rows = list(Disposal.objects.exclude(outcome="").order_by("-decided_at", "-id")[:MOST_SHOWN])
    case_of = _found(cases.theirs(working, "approve-disposal", PURPOSE), [row.case_id for row in rows])
    _log_list(case_of.values(), working)
    rules = retaining.standing(working.area, (case.service for case in case_of.values()))
    return [
        Decided(row, case, has_fallen(row, case, rules.get(case.service)))
        for row in rows
        if (case := case_of.get(row.case_id))
    ]


def propose(case_ids: Collection[UUID], working: Working) -> int:
    """Propose that these cases are erased; those that are proposed already are left. Returns how many are new.

    Raises NoCaseChosen, CaseNotFound (one that is not theirs to propose), and what `require_disposable` does.
    """
    if not case_ids:
        raise NoCaseChosen()
    found = _found(cases.theirs(working, "propose-disposal", PURPOSE), case_ids)
    if len(found) < len(set(case_ids)):
        raise CaseNotFound()
    rule_of = require_disposable(working.area, found.values())
    rows = [
        Disposal(
            area=case.area,
            case_id=case.id,
            rule=rule_of[case.id],
            proposed_by=working.staff_id,
            proposed_name=working.name,
        )
        for case in found.values()
    ]
    with transaction.atomic():
        Disposal.objects.bulk_create(rows, ignore_conflicts=True)
        made = set(Disposal.objects.filter(id__in=[row.id for row in rows]).values_list("case_id", flat=True))
        _log([found[case_id] for case_id in made], working, "propose-disposal")
    return len(made)


def decide(disposal_ids: Collection[UUID], outcome: str, working: Working) -> int:
    """A second person approves, or decides that the cases are preserved for good. Returns how many.

    Raises NoCaseChosen, NotProposed, ProposedByThemselves, and what `require_disposable` does when approving.
    """
    if not disposal_ids:
        raise NoCaseChosen()
    with transaction.atomic():
        rows = list(Disposal.objects.select_for_update().filter(id__in=disposal_ids, outcome="").order_by("id"))
        found = _found(cases.theirs(working, "approve-disposal", PURPOSE), [row.case_id for row in rows])
        if len(rows) < len(set(disposal_ids)) or len(found) < len(rows) or outcome not in Disposal.Outcome.values[1:]:
            raise NotProposed()
        if not all(_is_another(row, working) for row in rows):
            raise ProposedByThemselves()
        is_approval = outcome == Disposal.Outcome.APPROVED
        rule_of = require_disposable(working.area, found.values()) if is_approval else {}
        for row in rows:
            row.outcome, row.decided_at = outcome, dates.now()
            row.decided_by, row.decided_name = working.staff_id, working.name
            if is_approval:
                row.rule = rule_of[row.case_id]
        Disposal.objects.bulk_update(rows, ["outcome", "rule", "decided_at", "decided_by", "decided_name"])
        _log(found.values(), working, "approve-disposal" if is_approval else "preserve-case")
    return len(rows)


def has_fallen(row: Disposal, case: Case, rule: RetentionRule | None) -> bool:
    """Whether an approval counts no more: the case was opened again since, or `rule`, which stands now, is another.

    What is erased is erased.
    """
    if row.outcome == Disposal.Outcome.FALLEN:
        return True
    if row.outcome != Disposal.Outcome.APPROVED or case.is_erased:
        return False
    was_closed = case.closed_at is not None and row.decided_at is not None and case.closed_at < row.decided_at
    return not was_closed or rule is None or rule.id != row.rule_id


def _standing_disposals() -> QuerySet[Disposal]:
    return Disposal.objects.exclude(outcome=Disposal.Outcome.FALLEN)


def _is_another(row: Disposal, working: Working) -> bool:
    """Whether this is not the person who proposed it. The database asks it too."""
    return row.proposed_by != working.staff_id


def _found(mine: Q, case_ids: Collection[UUID]) -> dict[UUID, Case]:
    """Those of these cases that a condition lets one have, by their id."""
    return {case.id: case for case in Case.objects.filter(mine, id__in=list(case_ids))}


def require_part(working: Working) -> None:
    """Raises NotYours for one who has nothing to do with erasing."""
    if not disposes(working):
        raise NotYours(reason="role-may-not")


def _log(some: Iterable[Case], working: Working, action: str) -> None:
    """A row for each case. Two statements, however many they are."""
    some = list(some)
    cases.read_protection(some)
    rows = []
    for case in some:
        relation = Facts(Asked("approve-disposal", working, PURPOSE), case).relation
        actor = replace(working.as_actor(case), relation=relation)
        rows.append(access.entry_about_case(actor, area=case.area, case_id=case.id, action=action, purpose=PURPOSE))
    LogEntry.objects.bulk_create(rows)


def _log_list(shown: Iterable[Case], working: Working) -> None:
    ids = [case.id for case in shown]
    if ids:
        access.log_list(working.as_actor(), area=working.area, purpose=PURPOSE, shown=ids, field_kinds=["case-number"])


# --- the conditions ---


def require_disposable(area: str, found: Collection[Case]) -> dict[UUID, RetentionRule]:
    """The rule by which each of an area's cases may be erased today. Five statements, however many they are.

    The years are counted from when it was closed, or from when something was last written in its records: help that is given
    goes on for years after the case was decided.

    Raises:
        CaseNotFound: it is erased.
        CaseNotClosed, StillAtWork, TooEarlyToErase: not yet.
        MustBePreserved: not at all. DisposalNotConfirmed: not until an archivist has confirmed the rule.
    """
    ids = [case.id for case in found]
    to_do = Outbox.objects.filter(case_id__in=ids, done_at__isnull=True)
    at_work = cases.waiting_for_access(ids).union(to_do.values_list("case_id", flat=True))
    preserved = Disposal.objects.filter(case_id__in=ids, outcome=Disposal.Outcome.PRESERVED)
    rules = retaining.standing(area, (case.service for case in found))
    facts = _Facts(at_work, set(preserved.values_list("case_id", flat=True)), records.last_written(ids), rules)
    return {case.id: _rule_for(case, facts) for case in found}


@dataclass(frozen=True)
class _Facts:
    """What is known of some cases together: in which something waits, which are preserved for good, when something was last
    written in their records, and the rules.
    """

    at_work: Collection[UUID | None]
    preserved: Collection[UUID]
    last_written: Mapping[UUID, datetime]
    rules: Mapping[str, RetentionRule]  # by service


def _rule_for(case: Case, facts: _Facts) -> RetentionRule:
    if case.is_erased:
        raise CaseNotFound()
    if case.closed_at is None or case.state in OPEN_STATES:
        raise CaseNotClosed()
    if case.id in facts.at_work:
        raise StillAtWork()
    rule = facts.rules.get(case.service)
    if rule is None:
        proposal = catalogue.service_version(case.service, case.version).retention
        raise DisposalNotConfirmed(source=proposal.source[_language()])
    if rule.years is None or case.id in facts.preserved:
        raise MustBePreserved(source=rule.source)
    day = retaining.first_day(max(case.closed_at, facts.last_written.get(case.id, case.closed_at)), rule.years)
    if dates.today() < day:
        raise TooEarlyToErase(day=dates.format_date(day, _language()), source=rule.source)
    return rule


def _language() -> str:
    return (get_language() or "nb")[:2]


def _may_go(rule: RetentionRule) -> Q:
    """The same as SQL, for a list: closed and not written in, the years have passed, and nothing waits. Asked of Case."""
    assert rule.years is not None
    before = datetime(dates.today().year - rule.years, 1, 1, tzinfo=OSLO)
    closed = Q(closed_at__lt=before) & ~Q(state__in=OPEN_STATES) & ~Q(wrapped_key=b"")
    waits = Exists(Outbox.objects.filter(case_id=OuterRef("id"), done_at__isnull=True)) | Exists(
        AccessRequest.objects.filter(case=OuterRef("id"), answered_at__isnull=True)
    )
    written = Exists(Record.objects.filter(case=OuterRef("id"), at__gte=before))
    return Q(area=rule.area, service=rule.service) & closed & ~Q(waits) & ~Q(written)


def back_ups_kept() -> int:
    """How many back-ups, one each night, still have what was erased."""
    return int(settings.BACKUP_GENERATIONS)
