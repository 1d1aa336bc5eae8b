"""From a proposal to a decision that is sent: draft, look through, have approved, issue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial, wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from allmenning.basics.errors import AllmenningError
from allmenning.basics.text import UnsafeText, clean_text
from allmenning.commons.catalogue.content import OutcomeKind, ResultKind, Text, Value
from allmenning.commons.catalogue.deadlines import dates_named
from allmenning.commons.catalogue.phases import opens_for
from allmenning.journeys import casework, confirming, consents, deciding, decision_letters, phases, proposing
from allmenning.journeys.hiding import NeedNotStated
from allmenning.journeys.own_cases import whom_it_is_about
from allmenning.journeys.participants import to_whom
from allmenning.journeys.transferring import receivers
from allmenning.letters import LetterError
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.rules import Verdict
from allmenning.municipal.cases.errors import (
    AlreadyDecided,
    AmountUnreadable,
    CaseNotFound,
    DateUnreadable,
    NobodyConcerned,
    ReasonsMissing,
    ResultReasonsMissing,
    SomebodyWasFirst,
    StepsLeft,
    ValueMissing,
)
from allmenning.municipal.cases.models import Participant
from allmenning.municipal.cases.queries import OpenedDecision
from allmenning.web.access import checks_its_own_text
from allmenning.web.filling import language
from allmenning.web.said import said

from .common import AtWork, Problems, at_work, revision_of, show
from .phases import steps_first
from .purposes import purpose_and_case

# A letter of our own making, shown in a tab of its own: nothing in it may run, fetch or be framed.
PDF_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


@dataclass(frozen=True)
class Field:
    """A value of a letter as its caseworker writes it. Rows of a list are lines of text."""

    name: str
    value: Value
    text: str
    is_list: bool
    is_long: bool
    from_tables: bool
    suggestions: Sequence[str] = ()


@dataclass(frozen=True)
class Option:
    """What staff may choose: an outcome, or what is decided, whose answer to the sender is the outcome."""

    id: str
    title: Text
    outcome: OutcomeKind
    result: ResultKind | None = None


@dataclass(frozen=True)
class Concerned:
    """One whom the answers name, who gets a case of their own with what is decided, if it is about them."""

    line: int
    name: str
    is_chosen: bool


@dataclass(frozen=True)
class Choice:
    """What staff may choose, with the values that its letter shows, and whom it may concern where they are several."""

    option: Option
    fields: list[Field]
    needs_second: bool
    may_issue: bool
    people: list[Concerned]
    gives_reasons: bool  # in its letter

    @property
    def people_field(self) -> str:
        return _people_field(self.option)


@dataclass(frozen=True)
class Desk:
    """A case on its way to a decision."""

    view: casework.CaseView
    proposed: proposing.Proposed
    draft: OpenedDecision | None

    @property
    def choosable(self) -> list[OutcomeKind]:
        return [each for each in self.view.offered.package.outcomes if "staff" in each.chosen_by]

    @property
    def options(self) -> list[Option]:
        """What is decided, each with its answer to this sender; and the outcomes that are no answer to anything decided. Of
        a service with phases, those that belong where the case is.
        """
        package, staff = self.view.offered.package, {each.id: each for each in self.choosable}
        of_results = [
            Option(f"result-{result.id}-{answer}", result.title, staff[answer], result)
            for result in package.results
            for answer in result.answers_to(self.proposed.told_as)
        ]
        others = [Option(each.id, each.title, each) for each in staff.values() if each.id not in package.answers]
        return [each for each in (*of_results, *others) if self._is_decided_here(each)]

    def _is_decided_here(self, option: Option) -> bool:
        """Whether it is one of what is decided in the phases that the case is in."""
        result = option.result.id if option.result else ""
        return phases.may_choose(self.view.offered.package, option.outcome.id, result, self.view.where)

    def tells(self, outcome: str) -> bool:
        """Whether this sender is told of an outcome."""
        return outcome not in self.proposed.untold

    def option_of(self, drafted: decision_letters.Drafted) -> Option | None:
        """What a draft has chosen."""
        found = (each for each in self.options if (each.result.id if each.result else "") == drafted.result)
        return next((each for each in found if each.outcome.id == drafted.outcome), None)

    @property
    def drafted(self) -> decision_letters.Drafted:
        """What is saved, else what the tables propose."""
        if self.draft:
            drafted = decision_letters.Drafted(
                self.draft.outcome, self.draft.reasons, self.draft.values, self.draft.trace
            )
            result = self.view.results.get(self.draft.id)
            if not result:
                return drafted
            row = result.row
            return replace(drafted, result=row.result, result_reasons=result.reasons, concerns=row.concerns)
        first = self.choosable[0].id if len(self.choosable) == 1 else ""
        outcome = self.proposed.outcome or first
        return decision_letters.Drafted(outcome, self.proposed.reasons, self.proposed.values, self.proposed.trace)


def on_the_desk(view: Callable[..., HttpResponse]) -> Callable[..., Any]:
    """The view works on an open case that somebody may handle, opened and logged with its purpose."""

    @wraps(view)
    def wrapped(request: HttpRequest, at: AtWork, case_id: UUID) -> HttpResponse:
        purpose, found = purpose_and_case(request, at, case_id)
        if purpose is None:
            return redirect("desk:purpose", case_id=case_id)
        opened = casework.open_case(case_id, at.working, purpose, staff_key=at.key, found=found)
        if not opened.may["handle"].allowed:
            raise NotYours(reason=opened.may["handle"].reason)
        if opened.is_hidden:
            raise NeedNotStated()
        if not opened.case.is_open:
            messages.info(request, _("The case is closed."))
            return redirect("desk:case", case_id=case_id)
        draft = next((d for d in reversed(opened.decisions) if d.status != "issued"), None)
        proposed = proposing.propose(opened.case, opened.content, opened.offered, reader=language())
        return view(request, at, Desk(opened, proposed, draft))

    return checks_its_own_text(at_work(wrapped))


@on_the_desk
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, at: AtWork, desk: Desk) -> HttpResponse:
    """Write the decision; or, when a draft is for approval or to be looked through, see it as it will be sent."""
    if request.method == "POST":
        return _save(request, at, desk)
    wants_to_write = "edit" in request.GET or desk.draft is None
    if desk.draft and (desk.draft.status == "for-approval" or "look" in request.GET) and not wants_to_write:
        return _look(request, at, desk)
    return _write(request, at, desk, desk.drafted)


def _save(request: HttpRequest, at: AtWork, desk: Desk) -> HttpResponse:
    drafted = _drafted(request, desk)
    case = desk.view.case
    if desk.option_of(drafted) is None:
        return _write(request, at, desk, drafted, {"outcome": _("Choose an outcome.")}, 422)
    try:
        deciding.save_draft(case.id, drafted, at.working, revision=revision_of(request), staff_key=at.key)
    except (CaseNotFound, NotYours):
        raise
    except SomebodyWasFirst as error:
        return _write(request, at, desk, drafted, {"": said(error)}, 409)
    except AllmenningError as error:
        return _write(request, at, desk, drafted, {_field_refused(drafted, desk): said(error)}, 422)
    if "_later" in request.POST:
        messages.success(request, _("The draft is saved."))
        return redirect("desk:case", case_id=case.id)
    problems, elsewhere = _problems(
        decision_letters.lacks(
            case,
            drafted,
            desk.view.offered,
            caseworker=at.working.name,
            kept=desk.view.records,
            answers=desk.view.content.data,
            where=desk.view.where,
            participants=_rows(desk),
            consents=consents.lacks(case, desk.view.offered, f"outcome:{drafted.outcome}"),
            is_told=desk.tells(drafted.outcome),
        ),
        drafted,
        desk,
    )
    if problems or elsewhere:
        return _write(request, at, _reopened(desk, at), drafted, problems, 422, elsewhere)
    return _looked_through(case.id)


def _field_refused(drafted: decision_letters.Drafted, desk: Desk) -> str:
    """The field with a character that can't be stored; the reasons, if none of the others has one."""
    typed = {_field_name(drafted, desk, name): value for name, value in drafted.values.items()}
    for field, value in {**typed, "result-reasons": drafted.result_reasons}.items():
        try:
            clean_text("\n".join(value) if isinstance(value, list) else str(value))
        except UnsafeText:
            return field
    return "reasons"


def _field_name(drafted: decision_letters.Drafted, desk: Desk, value: str) -> str:
    """What the form calls a value of what a draft has chosen."""
    option = desk.option_of(drafted)
    return f"value-{option.id if option else drafted.outcome}-{value}"


def _looked_through(case_id: UUID) -> HttpResponse:
    response = redirect("desk:decide", case_id=case_id)
    response["Location"] += "?look=1"
    return response


def _reopened(desk: Desk, at: AtWork) -> Desk:
    """The case after a draft was saved: its revision has moved on."""
    desk.view.case.refresh_from_db(fields=["revision", "state"])
    return desk


def _drafted(request: HttpRequest, desk: Desk) -> decision_letters.Drafted:
    """What was posted, as it was typed; the tables' own trace goes with it."""
    option = next((each for each in desk.options if each.id == request.POST.get("outcome", "")), None)
    text = request.POST.get("reasons", "").replace("\r\n", "\n")
    reasons = [part.strip() for part in text.split("\n\n") if part.strip()]
    if option and not decision_letters.shows_reasons(desk.view.offered, option.outcome.id, desk.view.case.language):
        reasons = []  # the field is hidden: nobody is to think that the letter says it
    values: dict[str, Any] = {}
    if option:
        for value in _shown(desk, option.outcome):
            given = request.POST.get(_name(option, value), "").replace("\r\n", "\n").strip()
            if value.id.endswith("_ore"):
                given = decision_letters.as_amount(given, desk.view.case.language)
            values[value.id] = [line for line in given.split("\n") if line] if value.source == "list" else given
    return decision_letters.Drafted(
        option.outcome.id if option else "",
        reasons,
        values,
        desk.proposed.trace,
        result=option.result.id if option and option.result else "",
        result_reasons=request.POST.get("result_reasons", "").replace("\r\n", "\n"),
        concerns=_chosen(request, desk, option) if option else None,
    )


def _people_field(option: Option) -> str:
    return f"concerns-{option.id}"


def _people(desk: Desk, option: Option, drafted: decision_letters.Drafted | None = None) -> list[Concerned]:
    """Whom it may concern, where there are several to choose among: all of them, until somebody has chosen."""
    own = opens_for(desk.view.offered.package, option.result.id) if option.result else None
    named = list(whom_it_is_about(own, desk.view.content.data)) if own else []
    held = drafted.concerns if drafted and desk.option_of(drafted) == option else None
    people = [Concerned(each.line, each.name, held is None or each.line in held) for each in named]
    return people if len(people) > 1 else []


def _chosen(request: HttpRequest, desk: Desk, option: Option) -> list[int] | None:
    """The lines that were chosen; None where there was nothing to choose."""
    typed = set(request.POST.getlist(_people_field(option)))
    people = _people(desk, option)
    return [each.line for each in people if str(each.line) in typed] if people else None


def _name(option: Option, value: Value) -> str:
    return f"value-{option.id}-{value.id}"


def _problems(
    lacking: list[AllmenningError], drafted: decision_letters.Drafted, desk: Desk
) -> tuple[dict[str, str], list[str]]:
    """What a draft lacks: each at its field, and what is put right elsewhere in the case, such as a consent or a record."""
    titles = {value.id: value.title[language()] for value in desk.view.offered.package.values}
    found: dict[str, str] = {}
    elsewhere: list[str] = []
    for lack in lacking:
        if isinstance(lack, ValueMissing) and lack.name == decision_letters.REASONS:
            found["reasons"] = _("Fill in «%(field)s»: the letter shows it.") % {
                "field": _("Explanation in the letter")
            }
        elif isinstance(lack, ValueMissing):
            field = _field_name(drafted, desk, lack.name)
            found[field] = _("Fill in «%(field)s»: the letter shows it.") % {"field": titles.get(lack.name, lack.name)}
        elif isinstance(lack, DateUnreadable | AmountUnreadable):
            found[_field_name(drafted, desk, lack.name)] = said(lack)
        elif isinstance(lack, StepsLeft):
            found["outcome"] = steps_first(lack, desk.view.offered.package)
        elif isinstance(lack, ResultReasonsMissing):
            found["result-reasons"] = said(lack)
        elif isinstance(lack, NobodyConcerned) and (option := desk.option_of(drafted)):
            found[_people_field(option)] = said(lack)
        elif isinstance(lack, ReasonsMissing):
            found["reasons"] = said(lack)
        else:
            elsewhere.append(said(lack))
    return found, elsewhere


def _choices(desk: Desk, drafted: decision_letters.Drafted, at: AtWork) -> list[Choice]:
    offered, rules = desk.view.offered, desk.view.delegations
    return [
        Choice(
            option,
            [_field(option, value, desk, drafted) for value in _shown(desk, option.outcome)],
            deciding.needs_second_person(offered, option.outcome.id, rules),
            _is_delegated(
                deciding.may_issue(
                    desk.view.case, offered, option.outcome.id, at.working, staff_key=at.key, rules=rules
                )
            ),
            _people(desk, option, drafted),
            decision_letters.shows_reasons(offered, option.outcome.id, desk.view.case.language),
        )
        for option in desk.options
    ]


def _is_delegated(judged: Verdict) -> bool:
    return judged.reason != "not-delegated"


def _shown(desk: Desk, outcome: OutcomeKind) -> list[Value]:
    return decision_letters.values_shown(desk.view.offered, outcome.id, desk.view.case.language)


def _field(option: Option, value: Value, desk: Desk, drafted: decision_letters.Drafted) -> Field:
    held = drafted.values if desk.option_of(drafted) == option else desk.proposed.values
    given = held.get(value.id, desk.proposed.values.get(value.id, ""))
    text = "\n".join(map(str, given)) if isinstance(given, list) else str(given)
    is_list = value.source == "list"
    is_day = value.id in dates_named(desk.view.offered.package)
    is_long = is_list or (value.source == "caseworker" and not is_day)
    suggestions = tuple(receivers(desk.view.case.service, language()).values()) if value.is_municipality else ()
    return Field(_name(option, value), value, text, is_list, is_long, value.source != "caseworker", suggestions)


def _write(
    request: HttpRequest,
    at: AtWork,
    desk: Desk,
    drafted: decision_letters.Drafted,
    problems: dict[str, str] | None = None,
    status: int = 200,
    elsewhere: Sequence[str] = (),
) -> HttpResponse:
    choices = _choices(desk, drafted, at)
    context = {
        **_common(desk, at),
        "choices": choices,
        "drafted": drafted,
        "chosen": desk.option_of(drafted),
        "has_results": any(choice.option.result for choice in choices),
        "reasons": "\n\n".join(drafted.reasons),
        "is_decision": any(choice.option.outcome.is_individual_decision for choice in choices),
        "gives_reasons": any(choice.gives_reasons for choice in choices),
        "errors": Problems(problems or {}),
        "elsewhere": [("", each) for each in elsewhere],
    }
    return show(request, "desk/decide.html", context, status=status)


def _common(desk: Desk, at: AtWork) -> dict[str, Any]:
    view = desk.view
    facts = confirming.facts(view.case, view.checks, view.content, view.offered, language())
    issued = [d for d in view.decisions if d.status == "issued"]
    appeal = view.open_appeal
    return {
        "at": at,
        "view": view,
        "case": view.case,
        "desk": desk,
        "proposed": desk.proposed,
        "draft": desk.draft,
        "differing": [fact for fact in facts if fact.agrees is False],
        "before": issued[-1] if issued else None,
        "outcomes": {o.id: o.title for o in view.offered.package.outcomes},
        "appeal": appeal,
        "appeal_text": next((m.body for m in view.messages if appeal and m.id == appeal.message_id), ""),
    }


def _rows(desk: Desk) -> list[Participant]:
    return [each.row for each in desk.view.participants]


def _look(
    request: HttpRequest, at: AtWork, desk: Desk, error: str = "", why: str = "", status: int = 200
) -> HttpResponse:
    """The draft as it will be sent, with what this person may do with it, and in words what they may not."""
    assert desk.draft is not None
    draft, case, offered = desk.draft, desk.view.case, desk.view.offered
    drafted = desk.drafted
    outcome, option = offered.package.outcome(draft.outcome), desk.option_of(drafted)
    lacking = decision_letters.lacks(
        case,
        drafted,
        offered,
        caseworker=draft.row.drafted_name,
        kept=desk.view.records,
        answers=desk.view.content.data,
        where=desk.view.where,
        participants=_rows(desk),
        consents=consents.lacks(case, offered, f"outcome:{drafted.outcome}"),
        is_told=desk.tells(drafted.outcome),
    )
    is_mine = draft.row.drafted_by == at.staff.staff_id
    rules = desk.view.delegations
    needs_second = deciding.needs_second_person(offered, draft.outcome, rules)
    judged = deciding.may_issue(
        case, offered, draft.outcome, at.working, staff_key=at.key, decision=draft.row, rules=rules
    )
    may_issue = _is_delegated(judged)
    for_approval = draft.status == "for-approval"
    context = {
        **_common(desk, at),
        "outcome": outcome,
        "result": offered.package.result(drafted.result),
        "result_reasons": drafted.result_reasons,
        "concerned": [each.name for each in _people(desk, option, drafted) if each.is_chosen] if option else [],
        "values": [(value.title[language()], draft.values.get(value.id)) for value in _shown(desk, outcome)],
        "problems": [
            steps_first(lack, offered.package) if isinstance(lack, StepsLeft) else said(lack) for lack in lacking
        ],
        "is_mine": is_mine,
        "needs_second": needs_second,
        "may_issue": may_issue,
        "can_issue": not lacking and judged.allowed,
        "can_send": not lacking and not for_approval and (needs_second or not may_issue),
        "can_return": for_approval,
        "legal_basis": draft.row.legal_basis,
        "receivers": [each.name for each in to_whom(case, outcome, _rows(desk))],
        "error": error,
        "why": why,
    }
    return show(request, "desk/look_through.html", context, status=status)


@on_the_desk
@require_POST
def send(request: HttpRequest, at: AtWork, desk: Desk) -> HttpResponse:
    """Ask a second person to approve."""
    sent = partial(deciding.send_for_approval, revision=revision_of(request))
    return _settle(request, at, desk, sent, _("The decision is sent for approval. A colleague must approve it."))


@on_the_desk
@require_POST
def give_back(request: HttpRequest, at: AtWork, desk: Desk) -> HttpResponse:
    """Do not approve: back to the one who wrote it, with a reason."""
    returned = partial(deciding.return_draft, why=request.POST.get("why", ""), revision=revision_of(request))
    return _settle(request, at, desk, returned, _("The draft is given back, with your reason as a note."))


@on_the_desk
@require_POST
def issue(request: HttpRequest, at: AtWork, desk: Desk) -> HttpResponse:
    """Issue: the letter goes, and what it closes is closed."""
    issued = partial(deciding.issue, revision=revision_of(request))
    is_told = desk.tells(desk.drafted.outcome)
    sent, kept = (
        _("The decision is issued, and the letter is on its way."),
        _("The decision is issued."),
    )
    return _settle(request, at, desk, issued, sent if is_told else kept)


def _settle(request: HttpRequest, at: AtWork, desk: Desk, act: Callable[..., Any], done: str) -> HttpResponse:
    try:
        act(desk.view.case.id, at.working, staff_key=at.key)
    except (CaseNotFound, NotYours):
        raise
    except AlreadyDecided as error:
        messages.warning(request, said(error))
        return redirect("desk:case", case_id=desk.view.case.id)
    except AllmenningError as error:
        if desk.draft is None:
            return _write(request, at, desk, desk.drafted, {"": said(error)}, 409)
        return _look(request, at, desk, said(error), request.POST.get("why", ""), 409)
    messages.success(request, done)
    return redirect(reverse("desk:case", args=[desk.view.case.id]) + "#decision")


@on_the_desk
@require_http_methods(["GET", "POST"])
def letter(request: HttpRequest, at: AtWork, desk: Desk) -> HttpResponse:
    """The letter as it would be now, in a tab of its own: of what is typed (POST) or of what is saved (GET)."""
    drafted = _drafted(request, desk) if request.method == "POST" else desk.drafted
    caseworker = desk.draft.row.drafted_name if desk.draft and request.method == "GET" else at.working.name
    problems: list[str] = []
    try:
        content = decision_letters.make_preview(
            desk.view.case, drafted, desk.view.offered, caseworker=caseworker, kept=desk.view.records
        )
    except LetterError:
        lacking = decision_letters.lacks(
            desk.view.case,
            drafted,
            desk.view.offered,
            caseworker=caseworker,
            kept=desk.view.records,
            answers=desk.view.content.data,
            participants=_rows(desk),
        )
        at_fields, elsewhere = _problems(lacking, drafted, desk)
        problems = [*elsewhere, *at_fields.values()]
    except AllmenningError as error:
        problems = [_("Choose an outcome.") if not drafted.outcome else said(error)]
    if problems:
        return show(request, "desk/letter_problem.html", {**_common(desk, at), "problems": problems}, status=422)
    response = HttpResponse(content, content_type="application/pdf")
    name = _("preview")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Content-Security-Policy"] = PDF_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response
