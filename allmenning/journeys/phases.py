"""Where a case is in the work: its phases opened and concluded by what is decided, or by somebody with a reason.

`catalogue.phases` says where a case goes; here it is kept, with the steps of each phase as tasks. A case of their own is
opened for those whom the first one is about (`own_cases`); what happens there is told to the first one's deadlines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue.checks import MUNICIPALITY
from allmenning.commons.catalogue.content import Phase, PhaseStep, ServicePackage, Text
from allmenning.commons.catalogue.deciding import duration_after
from allmenning.commons.catalogue.phases import RECEIVED, Moves, first, may_be_decided, moves, what_comes_next
from allmenning.municipal.access.actor import SYSTEM, Actor, Working
from allmenning.municipal.access.rules import Draft
from allmenning.municipal.archive import actions as archive
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.actions import PlannedStep
from allmenning.municipal.cases.errors import NotInThisPhase, PhaseNotGoingOn, StepsLeft, TextMissing
from allmenning.municipal.cases.models import Case, PhaseChange, State, Task

from .offered import day_of, of_case

Kind = PhaseChange.Kind
BY_HAND = "by-hand"


# --- when something happens ---


def begun(case: Case, package: ServicePackage, at: datetime) -> list[PhaseChange]:
    """The phases that a case is in from when it was received, not saved. Asks nothing of the database."""
    return [cases.planned_phase(case, each.id, Kind.OPENED, RECEIVED, SYSTEM, at) for each in first(package)]


def first_steps(package: ServicePackage, at: datetime) -> list[PlannedStep]:
    """The steps of those phases, with their dates."""
    return [step for phase in first(package) for step in planned(phase, at)]


def planned(phase: Phase, at: datetime) -> list[PlannedStep]:
    """The steps of a phase that is opened."""
    return [_planned(step, at) for step in phase.steps]


def _planned(step: PhaseStep, at: datetime) -> PlannedStep:
    return PlannedStep(step.id, step.role, duration_after(step.deadline, day_of(at)) if step.deadline else None)


def decided(
    case: Case,
    package: ServicePackage,
    outcome: str,
    result: str,
    closes: bool,
    actor: Actor,
    at: datetime,
    concerns: Collection[int] | None = None,
) -> None:
    """Conclude and open what follows from what was decided, here and in cases of their own. Nothing of it, where the service
    has no phases.

    Args:
        concerns: the lines of the list that get a case of their own; None: all of them.
    """
    if not package.phases:
        return
    words = _words(outcome, result)
    changes = list(case_queries.phases_in(case.id))
    moved = moves(package, case_queries.going_on(changes), words, closes=closes)
    _go(case, package, changes, moved, words, actor, at, concerns=concerns)


def _words(outcome: str, result: str) -> list[str]:
    return [f"outcome:{outcome}", *([f"result:{result}"] if result else [])]


def _that_did(named: Collection[str], words: Sequence[str]) -> str:
    """Which of the words did it: one that is named, or the first, which closed the case."""
    return next((word for word in words if word in named), words[0])


def _go(
    case: Case,
    package: ServicePackage,
    changes: Sequence[PhaseChange],
    moved: Moves,
    words: Sequence[str],
    actor: Actor,
    at: datetime,
    reasons: str = "",
    concerns: Collection[int] | None = None,
) -> None:
    """Keep where a case went because of these words, and open the cases of their own that follow."""
    from .own_cases import open_for_each

    rounds: dict[str, int] = defaultdict(int)
    for each in changes:
        rounds[each.phase] = max(rounds[each.phase], each.round)
    over = [
        cases.planned_phase(
            case, each.id, Kind.CONCLUDED, _that_did(each.concluded_by, words), actor, at, round_=rounds[each.id]
        )
        for each in moved.concluded
    ]
    if over:
        cases.keep_phases(case, over, reasons)
        cases.finish_all_tasks(case, actor, _steps_over(package, moved.concluded))
        _tell(case, over, actor)
    told = [*words, *(f"phase:{each.id}" for each in moved.concluded)]
    for phase in moved.here:
        open_in(case, phase, _that_did(phase.opened_by, told), actor, at, round_=rounds[phase.id] + 1)
    for phase in moved.in_cases_of_their_own:
        open_for_each(case, phase, _that_did(phase.opened_by, told), actor, at, concerns)


def _steps_over(package: ServicePackage, concluded: Collection[Phase]) -> set[str]:
    """The steps that stand next no more: those of what is concluded and, when it is what the case began with, those of
    the routine until its letter. What the routine does after the letter remains."""
    over = {step.id for phase in concluded for step in phase.steps}
    if not {each.id for each in first(package)} & {each.id for each in concluded}:
        return over
    until_letter = next((n for n, each in enumerate(package.steps, start=1) if each.action == "issue"), 0)
    return over | {each.id for each in package.steps[:until_letter]}


def open_in(case: Case, phase: Phase, because: str, actor: Actor, at: datetime, *, round_: int = 1) -> None:
    """Open a phase in a case, with its steps."""
    change = cases.planned_phase(case, phase.id, Kind.OPENED, because, actor, at, round_=round_)
    cases.keep_phases(case, [change])
    cases.add_tasks(case, planned(phase, at))
    _tell(case, [change], actor)


def _tell(case: Case, changes: Iterable[PhaseChange], actor: Actor) -> None:
    for each in changes:
        cases.happened(case, f"phase-{each.kind}", actor, at=each.at, visible=False, phase=each.phase)


def conclude(case_id: UUID, phase_id: str, reasons: str, working: Working, *, staff_key: bytes) -> None:
    """Conclude a phase without a decision, by somebody with the role that the service names, with reasons.

    Raises NotYours, CaseNotFound, PhaseNotGoingOn, TextMissing, StepsLeft.
    """
    from .casework import require

    reasons = clean_text(reasons).strip()
    with transaction.atomic():
        case = cases.locked(case_id)
        package = of_case(case.service, case.version).package
        phase = package.phase(phase_id)
        changes = list(case_queries.phases_in(case.id))
        going_on = case_queries.going_on(changes)
        if phase is None or phase.by_hand is None or phase.id not in going_on or not case.is_open:
            require(case, working, "handle", staff_key=staff_key)
            raise PhaseNotGoingOn()
        require(case, working, "decide", staff_key=staff_key, draft=Draft(roles_of(phase)))
        if left := steps_left(phase, going_on[phase.id], case_queries.tasks_in(case.id)):
            raise StepsLeft(steps=" ".join(each.id for each in left))
        if not reasons:
            raise TextMissing()
        actor, at = working.as_actor(case), dates.now()
        others = moves(package, set(going_on) - {phase.id}, [f"phase:{phase.id}"], closes=phase.closes)
        _go(case, package, changes, Moves((phase, *others.concluded), others.opened), [BY_HAND], actor, at, reasons)
        if phase.closes:
            close(case, actor, at)
        cases.log(case, actor, "conclude-phase", purpose="case-handling")
        count_anew(case)


def close(case: Case, actor: Actor, at: datetime) -> None:
    """Close a case whose work is done; the decisions in it stand."""
    cases.close(case, reason="concluded", actor=actor, state=State.DECIDED, at=at, decided_at=case.decided_at or at)
    cases.finish_all_tasks(case, actor)
    archive.close_case_file(case.id, at)


def count_anew(case: Case) -> None:
    """Deadlines of the case, and of the one that it was opened from, in which the same thing has happened."""
    from .deadlines import recount

    recount(case)
    if case.opened_from_id is not None:
        recount(cases.locked(case.opened_from_id))


def roles_of(phase: Phase) -> frozenset[str]:
    """Who may conclude it by hand: a leader does what a caseworker may."""
    return frozenset({phase.by_hand, "leader"}) if phase.by_hand else frozenset()


def repeated(case: Case, package: ServicePackage, step: str, at: datetime) -> None:
    """A step that repeats was done: there is a new one, as long as its phase goes on."""
    phase = next((each for each in package.phases if any(s.id == step and s.repeats for s in each.steps)), None)
    if phase is None or phase.id not in case_queries.going_on(case_queries.phases_in(case.id)):
        return
    cases.add_tasks(case, [_planned(each, at) for each in phase.steps if each.id == step])


# --- what it is waiting for ---


@dataclass(frozen=True)
class Where:
    """The phases that a case is in, and its steps."""

    going_on: Mapping[str, PhaseChange] = field(default_factory=dict)
    tasks: Sequence[Task] = ()


NOWHERE = Where()


def where_is(case: Case, package: ServicePackage) -> Where:
    """Where a case is now. Two statements; none where the service has no phases."""
    if not package.phases:
        return NOWHERE
    return Where(case_queries.going_on(case_queries.phases_in(case.id)), list(case_queries.tasks_in(case.id)))


def steps_left(phase: Phase, opened: PhaseChange, tasks: Iterable[Task]) -> list[PhaseStep]:
    """The steps that must be done before a phase is concluded, and were not since it was opened."""
    done = {each.step for each in tasks if each.done_at is not None and each.done_at >= opened.at and not each.skipped}
    return [each for each in phase.required if each.id not in done]


def keeps_from(package: ServicePackage, outcome: str, result: str, where: Where) -> list[AllmenningError]:
    """What keeps something from being decided where the case is: it belongs elsewhere, or steps are left."""
    words = _words(outcome, result)
    if not may_be_decided(package, where.going_on, words):
        return [NotInThisPhase()]
    if package.outcome(outcome).hand_over_to == MUNICIPALITY:
        return []  # what is left goes on there
    concluded = [each for each in package.phases if each.id in where.going_on and set(words) & set(each.concluded_by)]
    left = [step.id for each in concluded for step in steps_left(each, where.going_on[each.id], where.tasks)]
    return [StepsLeft(steps=" ".join(left))] if left else []


def may_choose(package: ServicePackage, outcome: str, result: str, where: Where) -> bool:
    """Whether something is one of what is decided where the case is."""
    return may_be_decided(package, where.going_on, _words(outcome, result))


# --- as people see it ---


@dataclass(frozen=True)
class Passed:
    """A phase that a case is or has been in. reasons: why it was concluded by hand.

    left: what must be done before it is concluded. next: what concludes it, with the phases that follow.
    """

    id: str
    title: Text
    opened: PhaseChange
    about: Text | None = None
    concluded: PhaseChange | None = None
    reasons: str = ""
    left: tuple[Text, ...] = ()
    next: tuple[tuple[str, tuple[Text, ...]], ...] = ()
    may_conclude: bool = False
    closes: bool = False


@dataclass(frozen=True)
class OwnCase:
    """A case that was opened from this one, for somebody in a list of the form (`line`)."""

    case: Case
    phases: tuple[Text, ...]


def passed(
    case: Case,
    changes: Sequence[PhaseChange],
    tasks: Sequence[Task],
    package: ServicePackage,
    may: Callable[[frozenset[str]], bool],
) -> list[Passed]:
    """The phases of a case in the order that they were opened.

    Args:
        may: whether who looks may conclude what somebody in one of these roles may.
    """
    over = {(each.phase, each.round): each for each in changes if each.kind == Kind.CONCLUDED}
    found = []
    for opened in (each for each in changes if each.kind == Kind.OPENED):
        phase, concluded = package.phase(opened.phase), over.get((opened.phase, opened.round))
        if phase is None:
            unknown = Text(opened.phase, opened.phase, opened.phase)
            found.append(Passed(opened.phase, unknown, opened, concluded=concluded))
            continue
        goes_on = concluded is None and case.is_open
        found.append(
            Passed(
                phase.id,
                phase.title,
                opened,
                phase.about,
                concluded,
                _reasons(case, concluded),
                tuple(step.title for step in steps_left(phase, opened, tasks)) if goes_on else (),
                _next(package, phase) if goes_on else (),
                goes_on and bool(roles_of(phase)) and may(roles_of(phase)),
                phase.closes,
            )
        )
    return found


def _reasons(case: Case, concluded: PhaseChange | None) -> str:
    if concluded is None or not concluded.reasons:
        return ""
    return case.key.open_text("cases.PhaseChange.reasons", bytes(concluded.reasons), concluded.id)


def _next(package: ServicePackage, phase: Phase) -> tuple[tuple[str, tuple[Text, ...]], ...]:
    return tuple(
        (word, tuple(each.title for each in opened)) for word, opened in what_comes_next(package, phase).items()
    )


def own_cases(rows: Sequence[Case], changes: Sequence[PhaseChange], package: ServicePackage) -> list[OwnCase]:
    """The cases that were opened from one, each with the phases that it is in."""
    by_case: dict[UUID, list[PhaseChange]] = defaultdict(list)
    for each in changes:
        by_case[each.case_id].append(each)
    return [
        OwnCase(row, tuple(p.title for p in package.phases if p.id in case_queries.going_on(by_case[row.id])))
        for row in rows
    ]


def events_in(changes: Iterable[PhaseChange], of_own_cases: Sequence[PhaseChange] = ()) -> dict[str, list[datetime]]:
    """When phases were opened and concluded, as deadlines call it. In the first case a phase of those that were opened from
    it is concluded when the last of them has concluded it.
    """
    events: dict[str, list[datetime]] = defaultdict(list)
    for each in changes:
        events[f"{'opened' if each.kind == Kind.OPENED else 'phase'}:{each.phase}"].append(each.at)
    for phase in {each.phase for each in of_own_cases}:
        opened = {
            (each.case_id, each.round) for each in of_own_cases if (each.phase, each.kind) == (phase, Kind.OPENED)
        }
        over = [each for each in of_own_cases if (each.phase, each.kind) == (phase, Kind.CONCLUDED)]
        if {(each.case_id, each.round) for each in over} == opened:
            events[f"phase:{phase}"].append(max(each.at for each in over))
    return events


def been_in(changes: Iterable[PhaseChange]) -> frozenset[str]:
    return frozenset(each.phase for each in changes)
