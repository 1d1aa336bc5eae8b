"""From a proposal by the tables to a decision in the resident's mailbox.

A decision is drafted, approved by a second person where the service or the municipality's delegation asks for it, and
issued: letter, journal, closure, log and what remains to be sent, in one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from django.db import transaction

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import uuid7
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue.checks import MUNICIPALITY
from allmenning.commons.catalogue.consents import LETTERS
from allmenning.commons.catalogue.content import APPLICANT, OutcomeKind
from allmenning.municipal.access import queries as staff
from allmenning.municipal.access.actor import SYSTEM, Actor, Working
from allmenning.municipal.access.errors import MayNotDecide, NotYours
from allmenning.municipal.access.models import Delegation
from allmenning.municipal.access.rules import Draft, Verdict
from allmenning.municipal.archive import actions as archive
from allmenning.municipal.archive import queries as records
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.errors import (
    AlreadyDecided,
    OutcomeNotInRoutine,
    ReasonsMissing,
    SamePersonTwice,
    SecondPersonNeeded,
    SomebodyWasFirst,
)
from allmenning.municipal.cases.models import Case, Decision, Handover, Participant, Result, State
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.post import actions as post
from allmenning.municipal.post import queries as post_queries
from allmenning.municipal.post.models import Message

from . import consents, phases, transferring
from .appealing import appeal_deadline
from .casework import require, verdict
from .decision_letters import (
    Drafted,
    clean_values,
    journal_title,
    lacks,
    letter_title,
    outcome_of,
    records_for,
)
from .jobs import wake
from .noting import write_note
from .offered import Offered, day_of, of_case
from .participants import Receiver, to_whom
from .posting import plan_letter
from .posting import send as send_letter
from .proposing import apply_tables, tells_sender


def save_draft(case_id: UUID, drafted: Drafted, working: Working, *, revision: int, staff_key: bytes) -> Decision:
    """Save a draft of the decision; who saves last is the drafter. Raises SomebodyWasFirst, OutcomeNotInRoutine."""
    with transaction.atomic():
        case = cases.locked(case_id)
        _require_undecided(case)
        require(case, working, "handle", staff_key=staff_key)
        actor = working.as_actor(case)
        cases.change(case, revision=revision, state=State.IN_PROGRESS)
        decision = _write(case, drafted, actor, of_case(case.service, case.version))
        _log(case, actor, "draft-decision", decision.id)
    return decision


def _write(case: Case, drafted: Drafted, actor: Actor, offered: Offered, *, automatic: bool = False) -> Decision:
    outcome = outcome_of(offered, drafted.outcome)
    current_round = _round(case)
    decision = _drafted_in(case, current_round) or Decision(area=case.area, case=case, round=current_round)
    reasons = [clean_text(reason).strip() for reason in drafted.reasons if reason.strip()]
    decision.status = Decision.Status.DRAFT
    decision.outcome, decision.is_individual_decision = outcome.id, outcome.is_individual_decision
    receivers = _receivers(case, offered, outcome, _participants(case, outcome))
    decision.is_for_sender = any(each.participant is None for each in receivers)
    decision.automatic = automatic
    decision.reasons = case.key.seal("cases.Decision.reasons", _json(reasons), decision.id)
    decision.values = case.key.seal("cases.Decision.values", _json(clean_values(drafted.values)), decision.id)
    decision.trace = case.key.seal("cases.Decision.trace", _json(list(drafted.trace)), decision.id)
    decision.legal_basis = offered.package.citations(outcome.id, case.language)
    decision.drafted_by, decision.drafted_name, decision.drafted_at = actor.staff_id, actor.name, dates.now()
    decision.approved_by, decision.approved_name = None, ""
    decision.revision += 1
    decision.save()
    _draft_result(case, decision, drafted, offered)
    return decision


def cite_in_language(case: Case) -> None:
    """What is being decided cites the law in the case's language, which was changed."""
    decision = _drafted_in(case, _round(case))
    if decision is not None and decision.status != Decision.Status.ISSUED:
        package = of_case(case.service, case.version).package
        decision.legal_basis = package.citations(decision.outcome, case.language)
        decision.save(update_fields=["legal_basis"])


def _draft_result(case: Case, decision: Decision, drafted: Drafted, offered: Offered) -> None:
    """What is decided, where the service keeps it apart from the answer. Raises OutcomeNotInRoutine: it has no such answer."""
    if not offered.package.results:
        return
    result = offered.package.result(drafted.result)
    if drafted.result and (result is None or drafted.outcome not in result.answers.values()):
        raise OutcomeNotInRoutine()
    reasons = clean_text(drafted.result_reasons).strip()
    cases.draft_result(decision, case, drafted.result, reasons, drafted.concerns)


def _drafted_in(case: Case, round_: int) -> Decision | None:
    return Decision.objects.filter(case=case, round=round_).exclude(status=Decision.Status.DISCARDED).first()


def _round(case: Case) -> int:
    """A round ends with a decision: whatever goes on after it (an outcome that does not close, an appeal) begins another."""
    return 1 + Decision.objects.filter(case=case, status=Decision.Status.ISSUED).count()


def needs_second_person(offered: Offered, outcome: str, rules: Iterable[Delegation] | None = None) -> bool:
    """Whether the service, or the municipality's own delegation, asks for a second person. rules: where they were read."""
    own = _delegations(offered, outcome, rules)
    return outcome_of(offered, outcome).requires_second_person or any(d.second_person for d in own)


def _delegated_to(offered: Offered, outcome: str, rules: Iterable[Delegation] | None) -> frozenset[str]:
    """The roles that may decide this outcome: by the municipality's delegation, else the folder's proposal."""
    own = _delegations(offered, outcome, rules)
    if own:
        return frozenset(each.role for each in own)
    return frozenset(each.role for each in offered.package.access.decide if each.who == "staff" and each.role)


def may_issue(
    case: Case,
    offered: Offered,
    outcome: str,
    working: Working,
    *,
    staff_key: bytes,
    decision: Decision | None = None,
    rules: Iterable[Delegation] | None = None,
) -> Verdict:
    """Whether this person may issue this outcome, by the table of rules: alone, or as the second person where one is
    asked for.

    Args:
        decision: as it is drafted; without one, as if this person had just drafted it.
        rules: the service's delegations, where they were read.
    """
    draft = Draft(
        delegated_to=_delegated_to(offered, outcome, rules),
        is_sent=decision is not None and decision.status == Decision.Status.FOR_APPROVAL,
        is_own=decision is None or decision.drafted_by == working.staff_id,
    )
    action = "approve" if needs_second_person(offered, outcome, rules) else "decide"
    return verdict(case, working, action, staff_key=staff_key, draft=draft)


def _delegations(offered: Offered, outcome: str, rules: Iterable[Delegation] | None = None) -> list[Delegation]:
    """The municipality's own rules about an outcome: those that name it go before those about the whole service."""
    own = list(staff.delegations_for(offered.package.id) if rules is None else rules)
    return [d for d in own if d.outcome == outcome] or [d for d in own if not d.outcome]


def send_for_approval(case_id: UUID, working: Working, *, revision: int, staff_key: bytes) -> None:
    """Ask a second person to approve the draft. Raises ReasonsMissing and its like when it could not be issued."""
    with transaction.atomic():
        case = cases.locked(case_id)
        _require_undecided(case)
        require(case, working, "handle", staff_key=staff_key)
        decision = _draft_of(case)
        _require_whole(case, decision, of_case(case.service, case.version))
        actor = working.as_actor(case)
        cases.change(case, revision=revision, state=State.FOR_APPROVAL)
        Decision.objects.filter(id=decision.id).update(status=Decision.Status.FOR_APPROVAL)
        cases.happened(case, "sent-for-approval", actor, visible=False)
        _log(case, actor, "send-for-approval", decision.id)


def return_draft(case_id: UUID, working: Working, why: str, *, revision: int, staff_key: bytes) -> None:
    """The second person does not approve: the draft goes back with a note that says why."""
    with transaction.atomic():
        case = cases.locked(case_id)
        _require_undecided(case)
        require(case, working, "handle", staff_key=staff_key)
        decision = _draft_of(case)
        actor = working.as_actor(case)
        write_note(case_id, why, working, staff_key=staff_key)
        cases.change(case, revision=revision, state=State.IN_PROGRESS)
        Decision.objects.filter(id=decision.id).update(status=Decision.Status.DRAFT)
        cases.happened(case, "returned-to-drafter", actor, visible=False)


def issue(case_id: UUID, working: Working, *, revision: int, staff_key: bytes) -> Decision:
    """Issue the decision: by the drafter where one person is enough, else by a second person, never the same.

    Raises:
        SomebodyWasFirst, AlreadyDecided: somebody else issued it, or changed the case, meanwhile.
        ReasonsMissing, LegalBasisMissing, AppealNoticeMissing: it may not be sent without.
        SecondPersonNeeded, SamePersonTwice, MayNotDecide, NotYours.
    """
    with transaction.atomic():
        case = cases.locked(case_id)
        _require_undecided(case)
        if case.revision != revision:
            raise SomebodyWasFirst()
        require(case, working, "decide", staff_key=staff_key)
        offered = of_case(case.service, case.version)
        decision = _draft_of(case)
        judged = may_issue(case, offered, decision.outcome, working, staff_key=staff_key, decision=decision)
        if not judged.allowed:
            raise _REFUSED[judged.reason]() if judged.reason in _REFUSED else NotYours(reason=judged.reason)
        if needs_second_person(offered, decision.outcome):
            decision.approved_by, decision.approved_name = working.staff_id, working.name
        return _issue(case, decision, offered, working.as_actor(case))


_REFUSED: dict[str, type[AllmenningError]] = {
    "not-delegated": MayNotDecide,
    "not-sent-for-approval": SecondPersonNeeded,
    "same-person": SamePersonTwice,
}


def _require_undecided(case: Case) -> None:
    if case.state == State.DECIDED:
        raise AlreadyDecided()
    cases.require_open(case)


def is_untouched(case_id: UUID) -> bool:
    """Whether nobody has done anything to a case since it was sent: only then may it decide itself."""
    return _is_untouched(case_queries.case_for(case_id))


def _is_untouched(case: Case) -> bool:
    if case.state != State.RECEIVED or case.assigned_to is not None:
        return False
    return not Message.objects.filter(case_id=case.id).exists()


def decide_by_itself(case_id: UUID, unavailable: Sequence[str] = ()) -> bool:
    """Decide a simple case automatically. False when it is for a person; the timeline then says why, in codes.

    Runs once for each case, from its outbox row; never for a case that a person has taken or that more has come in.

    Args:
        unavailable: registers that did not answer, so that what they know could not be confirmed.
    """
    with transaction.atomic():
        case = cases.locked(case_id)
        if not _is_untouched(case):
            return False
        offered = of_case(case.service, case.version)
        content = open_submission(Submission.objects.get(case_id=case.id), case.key)
        found = apply_tables(case, content, offered)
        if not found.automatic or not found.outcome or needs_second_person(offered, found.outcome):
            _leave_to_a_person(case, found.uncertain, unavailable)
            return False
        trace = [asdict(row) for row in found.trace]
        drafted = Drafted(found.outcome, found.reason_texts(case.language), found.values(case.language), trace)
        try:
            with transaction.atomic():
                _issue(case, _write(case, drafted, SYSTEM, offered, automatic=True), offered, SYSTEM)
        except AllmenningError as error:
            # It may not be sent as it is (a value is missing, a letter can't be made): a person sees to it.
            _leave_to_a_person(case, [type(error).__name__], unavailable)
            return False
        return True


def _leave_to_a_person(case: Case, uncertain: Sequence[str], unavailable: Sequence[str]) -> None:
    """The resident is told that a person looks at it; why, in the service's codes, is for the caseworker."""
    cases.happened(case, "for-a-person", SYSTEM)
    cases.happened(
        case,
        "not-decided-by-itself",
        SYSTEM,
        visible=False,
        uncertain=list(uncertain),
        unavailable=list(unavailable),
    )


def _issue(case: Case, decision: Decision, offered: Offered, actor: Actor) -> Decision:
    _require_whole(case, decision, offered)
    now, outcome = dates.now(), outcome_of(offered, decision.outcome)
    decision.status, decision.issued_at = Decision.Status.ISSUED, now
    decision.appeal_due = appeal_deadline(outcome, day_of(now))
    receivers = _receivers(case, offered, outcome, _participants(case, outcome))
    letters = [(_letter(case, decision, offered, outcome, actor, each), each) for each in receivers]
    decision.message_id = letters[0][0].id if letters else None
    decision.is_for_sender = any(each.participant is None for each in receivers)
    decision.save()
    _close_or_go_on(case, decision, outcome, actor)
    result = _result_of(decision, offered)
    if result:
        cases.issue_result(result, now)
        cases.happened(case, "result", actor, at=now, visible=False, result=result.result)
    decided, concerns = (result.result, result.concerns) if result else ("", None)
    phases.decided(case, offered.package, outcome.id, decided, outcome.closes, actor, now, concerns)
    phases.count_anew(case)
    cases.happened(
        case, "decided", actor, at=now, visible=decision.is_for_sender, outcome=outcome.id, automatic=decision.automatic
    )
    _log(case, actor, "issue-decision", decision.id)
    todo = _handed_over(case, decision, offered, outcome)
    signs_off: Sequence[RegistryEntry] = _answered_by_it(case)
    if not letters:
        archive.sign_off_as_noted(signs_off)
        post.put_in_outbox(case.area, case.id, *todo)
        wake(case.area)
    for message, receiver in letters:
        send_letter(
            case,
            message,
            journal_title(case, outcome),
            public_title=journal_title(case, outcome, public=True),
            receiver=receiver.name,
            signs_off=signs_off,
            todo=todo,
        )
        signs_off, todo = [], []  # once, with the first
    return decision


def _close_or_go_on(case: Case, decision: Decision, outcome: OutcomeKind, actor: Actor) -> None:
    now = decision.issued_at
    assert now is not None
    if not outcome.closes:
        cases.change(case, state=State.IN_PROGRESS, outcome=outcome.id)
        return
    cases.close(
        case,
        reason="decided",
        actor=actor,
        state=State.DECIDED,
        at=now,
        outcome=outcome.id,
        decided_at=now,
        automatic=decision.automatic,
    )
    cases.finish_all_tasks(case, actor)
    archive.close_case_file(case.id, now)


def _handed_over(case: Case, decision: Decision, offered: Offered, outcome: OutcomeKind) -> list[tuple[str, UUID]]:
    """What remains to be done where the outcome gives the case to others."""
    if outcome.hand_over_to is None:
        return []
    if outcome.hand_over_to == MUNICIPALITY:
        return transferring.plan(case, decision, offered.package, outcome)
    return [("handover", _hand_over(case, to=outcome.hand_over_to).id)]


def _hand_over(case: Case, *, to: str) -> Handover:
    submission = Submission.objects.get(case_id=case.id)
    content = open_submission(submission, case.key)
    handover_id = uuid7()
    return Handover.objects.create(
        id=handover_id,
        area=case.area,
        case=case,
        receiver=to,
        package=case.key.seal("cases.Handover.package", _json(content.data), handover_id),
    )


def _receivers(
    case: Case, offered: Offered, outcome: OutcomeKind, participants: Sequence[Participant]
) -> list[Receiver]:
    """Who gets a letter of it: not the sender where the service says that they are told nothing of this."""
    named = to_whom(case, outcome, participants)
    others = [each for each in named if each.participant is not None]
    return named if len(others) == len(named) or tells_sender(case, offered, outcome) else others


def _participants(case: Case, outcome: OutcomeKind) -> Sequence[Participant]:
    """Who else has to do with the case; asked only where the outcome's letter is for others than who sent it."""
    return [] if outcome.to == (APPLICANT,) else list(case_queries.participants_in(case.id))


def _letter(
    case: Case, decision: Decision, offered: Offered, outcome: OutcomeKind, actor: Actor, to: Receiver
) -> Message:
    title = letter_title(case, offered, outcome, to.role)
    lets = any(LETTERS in kind.sees for kind in offered.package.consents)
    seen_by = [LETTERS] if lets else []
    pdf = plan_letter(case, title, source_id=decision.id, party_key=to.party_key, seen_by=seen_by)
    return post.write_message(
        area=case.area,
        case_id=case.id,
        key=case.key,
        kind=Message.Kind.LETTER,
        direction=Message.Direction.OUT,
        title=title,
        body="",
        at=decision.issued_at,  # type: ignore[arg-type]
        document_id=pdf.id,
        staff_name=actor.name,
        answer_due=decision.appeal_due if to.participant else None,
        participant_id=to.participant.id if to.participant else None,
        party_key=to.party_key,
    )


def _answered_by_it(case: Case) -> list[RegistryEntry]:
    """What has come in and is not answered: by the decision, but for a request for access, which has its own answer."""
    asked = case_queries.open_access_request(case.id)
    apart = records.entries_with(post_queries.document_of(asked.message_id)) if asked else []
    return [entry for entry in records.unanswered_entries(case.id) if entry not in apart]


def _draft_of(case: Case) -> Decision:
    decision = _drafted_in(case, _round(case))
    if decision is None:
        raise ReasonsMissing()
    return decision


def _require_whole(case: Case, decision: Decision, offered: Offered) -> None:
    """Raise the first thing that keeps a decision from being issued: better now than when the letter is made."""
    opened = case_queries.open_decision(decision, case.key)
    drafted = Drafted(opened.outcome, opened.reasons, opened.values)
    if result := _result_of(decision, offered):
        why = case_queries.open_result(result, case.key).reasons
        drafted = replace(drafted, result=result.result, result_reasons=why, concerns=result.concerns)
    where = phases.where_is(case, offered.package)
    kept = records_for(case, offered, decision.outcome)
    outcome = outcome_of(offered, decision.outcome)
    parties = _participants(case, outcome)
    is_told = bool(_receivers(case, offered, outcome, parties))
    for lack in lacks(
        case,
        drafted,
        offered,
        caseworker=decision.drafted_name,
        where=where,
        kept=kept,
        answers=_answers_asked(case, offered),
        participants=parties,
        consents=consents.lacks(case, offered, f"outcome:{drafted.outcome}"),
        is_told=is_told,
    ):
        raise lack


def _answers_asked(case: Case, offered: Offered) -> Mapping[str, Any]:
    """What was sent in; read only where the service asks of it whether a record is needed."""
    if all(kind.required_when is None and kind.applies_when is None for kind in offered.package.records):
        return {}
    return open_submission(Submission.objects.get(case_id=case.id), case.key).data


def _result_of(decision: Decision, offered: Offered) -> Result | None:
    """What is decided with this answer; asked only where the service keeps them apart."""
    return case_queries.result_of(decision) if offered.package.results else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _log(case: Case, actor: Actor, action: str, object_id: UUID) -> None:
    cases.log(
        case,
        actor,
        action,
        purpose="case-handling",
        object_kind="decision",
        object_id=object_id,
        personal=str(object_id),
    )
