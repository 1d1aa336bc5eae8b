"""Where a case stands, for the top of its page: the phase it is in, what is due first, what is next and who does it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allmenning.commons.catalogue.content import PhaseStep, ServicePackage, Step, Text
from allmenning.journeys.casework import CaseView
from allmenning.journeys.deadlines import Standing
from allmenning.municipal.cases.models import Task


@dataclass(frozen=True)
class NextStep:
    """The first step that somebody has to do."""

    task: Task
    step: Step | PhaseStep


@dataclass(frozen=True)
class Stand:
    """phases: those that go on. due: the deadline that runs out first. steps_left: steps that somebody still has to do.

    decided: what the last decision said, or what was decided apart from it; None before there is one.
    """

    phases: list[Text]
    due: Standing | None
    next: NextStep | None
    steps_left: int
    decided: Text | None


def stand_of(view: CaseView) -> Stand:
    package = view.offered.package
    left = _left(view.tasks, package)
    return Stand(
        phases=[each.title for each in view.phases if each.concluded is None],
        due=next((each for each in view.deadlines if each.row.met_at is None and each.row.due_on), None),
        next=left[0] if left else None,
        steps_left=len(left),
        decided=_decided(view),
    )


def _left(tasks: Iterable[Task], package: ServicePackage) -> list[NextStep]:
    steps = package.all_steps
    return [
        NextStep(each, steps[each.step])
        for each in tasks
        if each.done_at is None and each.who != "auto" and each.step in steps
    ]


def _decided(view: CaseView) -> Text | None:
    package = view.offered.package
    last = next((each for each in reversed(view.decisions) if each.status == "issued"), None)
    apart = package.result(view.results[last.id].row.result) if last and last.id in view.results else None
    if apart:
        return apart.title
    return next((each.title for each in package.outcomes if last and each.id == last.outcome), None)
