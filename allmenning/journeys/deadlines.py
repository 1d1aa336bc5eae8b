"""By when a case should be done: its deadlines counted anew from what has happened, as the service's folder says.

A deadline of the answer runs from the day that the case was received, or opened again by an appeal or a follow-up. While
the resident is asked, only a deadline that the service lets pause stands still; no general rule says that it does.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import TextField

from allmenning.basics import dates
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue import package as catalogue
from allmenning.commons.catalogue.content import Deadline, ServicePackage, Text
from allmenning.commons.catalogue.deadlines import (
    Counted,
    Dated,
    Happened,
    count,
    dates_named,
    deadline_context,
)
from allmenning.commons.catalogue.phases import first
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.rules import Draft
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases import records as case_records
from allmenning.municipal.cases.actions import Due
from allmenning.municipal.cases.errors import DeadlineCannotBeExtended, DeadlineNotMissed, KindMissing, TextMissing
from allmenning.municipal.cases.models import Case, CaseDeadline, DeadlineReason, Decision, Result, Task, Transfer
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.post.models import Message, Outbox
from allmenning.municipal.post.queries import messages_in
from allmenning.tenancy.read_together import Asked, Together

from . import phases
from .dated_records import told_by
from .offered import Offered, adopted_in, among, day_of, of_case
from .outbox import handles
from .proposing import apply_tables

PRELIMINARY_REPLY = "preliminary-reply"  # the id by which services name the deadline of forvaltningsloven § 11 a

_OPENS = (Message.Kind.APPEAL, Message.Kind.FOLLOW_UP)


@handles("deadline")
def recount_after(row: Outbox) -> None:
    """Outbox: a resident did something that moves the deadlines. Residents themselves can't write them."""
    assert row.case_id is not None
    recount(cases.locked(row.case_id))


def at_registration(offered: Offered, data: Mapping[str, Any], at: datetime) -> list[Due]:
    """The deadlines that begin when a case is received. Asks nothing of the database."""
    package, on = offered.package, day_of(at)

    def context() -> Mapping[str, Any]:
        found = catalogue.decide(package, data, on=on, adjusted=offered.values)
        return deadline_context(found, on, offered.values, None)

    begun = [f"opened:{each.id}" for each in first(package)]
    happened = Happened(at, events={word: [at] for word in begun}, phases=[each.id for each in first(package)])
    return _due(package, count(package, happened, context, offered.values))


def recount(case: Case) -> None:
    """Count the case's deadlines anew. Again is harmless. The case is locked. One statement, and more where one moved."""
    rows = _ROWS.read(case=case.id, service=case.service)
    offered = among(rows["adopted"], case.service, case.version)
    decided = [each for each in rows["decisions"] if each.status == Decision.Status.ISSUED]
    results = _results(offered.package, decided, rows["results"])
    context = lambda: _context(case, offered, results, decided)  # noqa: E731
    counted = count(offered.package, _happened(case, offered.package, rows, decided, results), context, offered.values)
    cases.keep_deadlines(case, rows["deadlines"], _due(offered.package, counted))


_ROWS = Together(
    lambda: {
        "messages": messages_in(Asked("case")).defer("title", "body"),
        "decisions": case_queries.decisions_in(Asked("case")),
        "tasks": Task.objects.filter(case=Asked("case"), done_at__isnull=False, skipped=False),
        "results": case_queries.results_in(Asked("case")).filter(issued_at__isnull=False),
        "records": case_records.history(Asked("case")),
        "deadlines": CaseDeadline.objects.filter(case=Asked("case")),
        "came": Transfer.objects.filter(case=Asked("case"), direction=Transfer.Direction.IN),
        "phases": case_queries.phases_in(Asked("case")),
        "phases_of_own_cases": case_queries.phases_of_own_cases(Asked("case")),
        "adopted": adopted_in(Asked("service", TextField())),
    }
)


def meets_any(offered: Offered, step: str) -> bool:
    """Whether a step of the routine meets a deadline of the service."""
    return any(f"step:{step}" in each.met_by for each in offered.package.deadlines)


def _due(package: ServicePackage, counted: Iterable[Counted]) -> list[Due]:
    is_any_told = package.sender.due or package.sender.when is not None  # of whom that is not said, it is as ever
    told = {each.id for each in package.deadlines if each.shown_to_sender and is_any_told}
    return [Due(each, each.key.deadline in told) for each in counted]


def _results(
    package: ServicePackage, decided: Sequence[Decision], results: Sequence[Result]
) -> list[tuple[datetime, str]]:
    """What was decided, and when; where the service does not keep it apart, the outcome is its own result."""
    if package.results:
        return [(each.issued_at, each.result) for each in results if each.issued_at]
    return [(each.issued_at, each.outcome) for each in decided if each.issued_at]


def _context(
    case: Case, offered: Offered, results: Sequence[tuple[datetime, str]], decided: Sequence[Decision]
) -> Mapping[str, Any]:
    content = open_submission(Submission.objects.get(case_id=case.id), case.key)
    found = apply_tables(case, content, offered)
    result, outcome = results[-1][1] if results else None, decided[-1].outcome if decided else None
    return deadline_context(found, day_of(case.received_at), offered.values, result, outcome)


def _happened(
    case: Case,
    package: ServicePackage,
    rows: Mapping[str, list[Any]],
    decided: Sequence[Decision],
    results: Sequence[tuple[datetime, str]],
) -> Happened:
    events: dict[str, list[datetime]] = defaultdict(list)
    days: dict[str, list[Dated]] = defaultdict(list)
    for each in decided:
        assert each.issued_at is not None
        outcome = package.outcome(each.outcome)
        if outcome.closes or outcome.is_individual_decision:
            events["decided"].append(each.issued_at)
        for name, day in _dates_in(case, package, each):
            days[name].append(Dated(each.issued_at, day))
    for at, result in results:
        events["result"].append(at)
        events[f"result:{result}"].append(at)
    for message in rows["messages"]:
        if message.direction == Message.Direction.OUT:
            events[f"message:{message.kind}"].append(message.sent_at)
    for task in rows["tasks"]:
        events[f"step:{task.step}"].append(task.done_at)
    for word, moved in phases.events_in(rows["phases"], rows["phases_of_own_cases"]).items():
        events[word].extend(moved)
    written, dated = told_by(rows["records"], package)
    events.update(written)
    days.update(dated)
    return Happened(
        received=case.received_at,
        reopened=[each.sent_at for each in rows["messages"] if each.kind in _OPENS],
        transferred=next((each.received_at for each in rows["came"]), None),
        withdrawn=[each.sent_at for each in rows["messages"] if each.kind == Message.Kind.WITHDRAWAL],
        waits=_waits(rows["messages"]),
        events=events,
        dates=days,
        extended=[each.key for each in rows["deadlines"] if each.extended_to],
        begun=[(each.deadline, each.round) for each in rows["deadlines"]],
        phases=phases.been_in(rows["phases"]),
    )


def _waits(messages: Sequence[Message]) -> list[tuple[datetime, datetime | None]]:
    answered = {each.answers_id: each.sent_at for each in messages if each.answers_id}
    return [(each.sent_at, answered.get(each.id)) for each in messages if each.kind == Message.Kind.QUESTION]


def _dates_in(case: Case, package: ServicePackage, decision: Decision) -> Iterable[tuple[str, date]]:
    """The dates in a decision that deadlines need. It is opened only where there are any."""
    if not (names := dates_named(package)):
        return
    values = json.loads(case.key.open_text("cases.Decision.values", bytes(decision.values), decision.id))
    for name in sorted(names):
        day = dates.read_date(str(values.get(name) or ""))
        if day is not None:
            yield f"value.{name}", day


# --- as people see them ---


@dataclass(frozen=True)
class Reason:
    """Why a deadline was extended or missed, opened."""

    row: DeadlineReason
    text: str


@dataclass(frozen=True)
class Standing:
    """A deadline of a case as its page shows it.

    extends_to: until when this person may extend it; None: they may not, or nobody may any more.
    """

    row: CaseDeadline
    title: Text
    is_missed: bool
    extended: Reason | None = None
    missed: Reason | None = None
    extends_to: date | None = None


def standing(
    case: Case,
    rows: Sequence[CaseDeadline],
    reasons: Sequence[DeadlineReason],
    offered: Offered,
    may: Callable[..., bool],
) -> list[Standing]:
    """A case's deadlines: those that run, the first first, and then those that are met, the last first.

    Args:
        may: whether who looks may extend what somebody with a role may.
    """
    told = {
        (each.deadline_id, each.kind): Reason(
            each, case.key.open_text("cases.DeadlineReason.text", bytes(each.text), each.id)
        )
        for each in reasons
    }
    today, declared = dates.today(), {each.id: each for each in offered.package.deadlines}
    found = []
    for row in rows:
        own = declared.get(row.deadline)
        is_extendable = own is not None and own.extend is not None and row.met_at is None and row.extended_to is None
        extends = own.extend if own and own.extend and is_extendable and may(own.extend.role) else None
        found.append(
            Standing(
                row,
                own.title if own else Text(row.deadline, row.deadline, row.deadline),
                row.is_missed_on(today),
                told.get((row.id, DeadlineReason.Kind.EXTENDED)),
                told.get((row.id, DeadlineReason.Kind.MISSED)),
                catalogue.duration_after(extends.to, row.began_on) if extends else None,
            )
        )
    running = [each for each in found if each.row.met_at is None]
    met = sorted((each for each in found if each.row.met_at), key=lambda each: (each.row.met_at, each.row.id))
    return [*running, *reversed(met)]


# --- what people do with them ---


def extend(case_id: UUID, deadline_id: UUID, reasons: str, working: Working, *, staff_key: bytes) -> CaseDeadline:
    """Extend a deadline as far as the service lets it be, by somebody with the role that it names, with reasons.

    Raises NotYours, CaseNotFound, TextMissing, DeadlineCannotBeExtended.
    """
    from .casework import require

    reasons = clean_text(reasons).strip()
    with transaction.atomic():
        case = cases.locked(case_id)
        row = cases.deadline_in(case, deadline_id)
        declared = _declared(of_case(case.service, case.version).package, row.deadline)
        if declared is None or declared.extend is None or row.met_at is not None or row.extended_to is not None:
            require(case, working, "handle", staff_key=staff_key)
            raise DeadlineCannotBeExtended()
        require(case, working, "decide", staff_key=staff_key, draft=Draft(frozenset({declared.extend.role})))
        if not reasons:
            raise TextMissing()
        actor = working.as_actor(case)
        cases.extend_deadline(row, case, reasons, actor)
        recount(case)
        cases.happened(case, "deadline-extended", actor, visible=False, deadline=row.deadline)
        cases.log(case, actor, "extend-deadline", purpose="case-handling")
        row.refresh_from_db()
        return row


def explain(
    case_id: UUID, deadline_id: UUID, because: str, reason: str, working: Working, *, staff_key: bytes
) -> DeadlineReason:
    """Tell why a deadline was missed: what was most of the reason, which is counted, and in words, which are sealed.

    Raises NotYours, CaseNotFound, KindMissing, TextMissing, DeadlineNotMissed.
    """
    from .casework import require

    reason = clean_text(reason).strip()
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        row = cases.deadline_in(case, deadline_id)
        is_explained = DeadlineReason.objects.filter(deadline=row, kind=DeadlineReason.Kind.MISSED).exists()
        if is_explained or not row.is_missed_on(dates.today()):
            raise DeadlineNotMissed()
        if because not in DeadlineReason.Because.values:
            raise KindMissing()
        if not reason:
            raise TextMissing()
        actor = working.as_actor(case)
        told = cases.explain_missed(row, case, DeadlineReason.Because(because), reason, actor)
        cases.happened(case, "missed-explained", actor, visible=False, deadline=row.deadline)
        cases.log(case, actor, "explain-missed", purpose="case-handling")
        return told


def _declared(package: ServicePackage, deadline: str) -> Deadline | None:
    return next((each for each in package.deadlines if each.id == deadline), None)
