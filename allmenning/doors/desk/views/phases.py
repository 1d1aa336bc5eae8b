"""Where a case is in the work, on its page: the phases behind it, what comes next, and concluding one without a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from allmenning.basics.errors import AllmenningError
from allmenning.commons.catalogue.content import ServicePackage
from allmenning.journeys import casework, phases
from allmenning.journeys.own_cases import whom_it_is_about
from allmenning.journeys.phases import Passed
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.cases.errors import CaseNotFound, StepsLeft
from allmenning.municipal.cases.models import Case
from allmenning.rules.forms.summary import Section
from allmenning.web.access import checks_its_own_text
from allmenning.web.filling import language
from allmenning.web.said import said

from .. import words
from .common import AtWork, at_work


@dataclass(frozen=True)
class Next:
    """What may conclude a phase, and what follows from it, in words."""

    what: str
    then: str


@dataclass(frozen=True)
class Line:
    """A phase as the page shows it. `next`: of one that goes on."""

    phase: Passed
    because: str
    over_because: str
    next: list[Next]


@dataclass(frozen=True)
class Own:
    """A case that was opened from this one: whose it is, as this one's form says, and where it is."""

    case: Case
    name: str
    phases: str


def lines(view: casework.CaseView) -> list[Line]:
    """The phases of a case, in words."""
    package, spoken = view.offered.package, language()
    return [
        Line(
            each,
            words.because(each.opened.because, package, spoken),
            words.because(each.concluded.because, package, spoken) if each.concluded else "",
            [_next(word, [title[spoken] for title in opened], package) for word, opened in each.next],
        )
        for each in view.phases
    ]


def _next(word: str, opened: Sequence[str], package: ServicePackage) -> Next:
    if opened:
        then = ", ".join(opened)
    elif any(each.closes and word == f"outcome:{each.id}" for each in package.outcomes):
        then = _("The case is closed")
    else:
        then = _("The phase is over")
    return Next(words.because(word, package, language()), then)


def own_cases(view: casework.CaseView) -> list[Own]:
    """The cases that were opened from this one, by the names that its own form gives."""
    package, spoken = view.offered.package, language()
    own = next((each.for_each for each in package.phases if each.for_each), None)
    named = {each.line: each.name for each in whom_it_is_about(own, view.content.data)} if own else {}
    return [
        Own(
            each.case,
            named.get(each.case.opened_for or 0, ""),
            ", ".join(title[spoken] for title in each.phases)
            or (words.state(each.case.state) if not each.case.is_open else ""),
        )
        for each in view.own_cases
    ]


def answered(sections: Sequence[Section]) -> list[Section]:
    """What was answered, of a form of which a case holds a part."""
    kept = [replace(each, level=1, rows=tuple(row for row in each.rows if row.answered)) for each in sections]
    return [each for each in kept if each.rows]


def steps_first(left: StepsLeft, package: ServicePackage) -> str:
    """The steps that are left, by their titles."""
    steps = package.all_steps
    titles = [steps[each].title[language()] if each in steps else each for each in left.steps.split()]
    return _("First do and tick off: %(steps)s.") % {"steps": ", ".join(titles)}


@checks_its_own_text
@at_work
@require_POST
def conclude(request: HttpRequest, at: AtWork, case_id: UUID, phase: str) -> HttpResponse:
    """Conclude a phase without a decision, with a reason."""
    from .case import case_page

    reasons = request.POST.get("concluded", "")
    try:
        phases.conclude(case_id, phase, reasons, at.working, staff_key=at.key)
    except (CaseNotFound, NotYours):
        raise
    except AllmenningError as error:
        return case_page(request, at, case_id, {"concluded": reasons}, {f"concluded-{phase}": error}, 422)
    messages.success(request, _("The phase is concluded."))
    return redirect(reverse("desk:case", args=[case_id]) + "#phases")


def problems_said(errors: Mapping[str, str | AllmenningError], package: ServicePackage) -> dict[str, str]:
    """What is wrong, in words; of steps that are left, by their titles."""
    return {
        field: steps_first(each, package)
        if isinstance(each, StepsLeft)
        else said(each)
        if isinstance(each, AllmenningError)
        else each
        for field, each in errors.items()
    }
