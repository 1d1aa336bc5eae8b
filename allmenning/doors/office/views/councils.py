"""Matters before the councils at the office: each role sees what is its own, and does its own part."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from allmenning.basics import dates
from allmenning.commons.governance.council_actions import Basis, Decided
from allmenning.commons.governance.council_queries import Which
from allmenning.commons.governance.errors import NoPlan, NoSuchMatter
from allmenning.commons.governance.models import AgendaAnswer, CouncilDecision
from allmenning.commons.governance.words import LANGUAGES
from allmenning.commons.identity.offices import OfficeActing
from allmenning.commons.municipalities.errors import UnknownCooperation
from allmenning.journeys import councils, offices, planned, worth
from allmenning.journeys.councils import ROLES, Before
from allmenning.journeys.planned import ShownPlan
from allmenning.journeys.planning import Where
from allmenning.web.access import office_only

from .. import benefit_words, plan_words
from ..forms import Form, whole
from .common import acting, by_field, show

_PARTS = ("title", "proposal", "background", "alternatives", "budget", "employees")


@office_only(*ROLES)
@require_http_methods(["GET", "POST"])
def matters(request: HttpRequest) -> HttpResponse:
    """What is decided where and what waits; the planner begins a matter here."""
    by, form = acting(request), Form(request)
    if form.is_sent and _begin(by, form):
        messages.success(request, _("The matter is begun."))
        return redirect("office:matter", **form.made._asdict())
    found = councils.matters_for(by)
    context = {
        "found": found,
        "waiting": [each for each in found if each.waits],
        "items": _items(request),
        "worth": worth.worth_for(by) if by.role == "elected" else [],
        "told": benefit_words,
        "here": "office:matters",
    }
    return _shown(request, "office/matters.html", context, form)


@office_only(*ROLES)
@require_http_methods(["GET", "POST"])
def matter(request: HttpRequest, scope: str, year: int, number: int) -> HttpResponse:
    """A matter with all that is said and decided of it, and what one's role does with it."""
    form, which = Form(request), Which(scope, year, number)
    acts = {"rewrite": _rewrite, "hearing": _hearing, "submit": _submit, "state": _state, "decide": _decide} | {
        "join": _join
    }
    before = _matter(request, which)
    if told := form.choose(acts, request, form, before):
        messages.success(request, told)
        return redirect("office:matter", **which._asdict())
    if form.is_sent:
        before = _matter(request, which)
    shown = _plan(which)
    node = shown.planned.node_of(before.known.matter.item_id)
    joined = node.joined.get(before.party, ())
    form.proposed = _as_it_is(before, shown) | {"joins_on": joined[-1].start.isoformat() if joined else ""}
    context = {
        "before": before,
        "shown": shown,
        "node": node,
        "joined": joined,
        "figures": councils.figures_for(before),
        "outcomes": [(each, plan_words.stands(each)) for each in CouncilDecision.Outcome.values],
        "languages": [(each, plan_words.language(each)) for each in LANGUAGES],
        "here": "office:matters",
    }
    return _shown(request, "office/matter.html", context, form)


@office_only("elected", "planner", "board")
@require_http_methods(["GET", "POST"])
def agenda(request: HttpRequest) -> HttpResponse:
    """What elected members ask for, and what came of it."""
    by, form = acting(request), Form(request, language=get_language() or "nb")
    if told := form.choose({"ask": _ask, "answer": _answer}, request, form):
        messages.success(request, told)
        return redirect("office:agenda")
    context = {
        "found": councils.agenda(by),
        "scopes": [(each, plan_words.scope(each)) for each in offices.scopes_of(by)],
        "matters": [(str(each.known.matter.pk), each.known.text.title) for each in councils.matters_for(by)],
        "outcomes": [(each, plan_words.answered(each)) for each in AgendaAnswer.Outcome.values],
        "languages": [(each, plan_words.language(each)) for each in LANGUAGES],
        "here": "office:agenda",
    }
    return _shown(request, "office/agenda.html", context, form)


def _shown(request: HttpRequest, template: str, context: dict[str, object], form: Form) -> HttpResponse:
    return show(request, template, {"plans": plan_words, **context}, form)


def _items(request: HttpRequest) -> list[tuple[str, str]]:
    """What the planner may put before the councils."""
    by = acting(request)
    found = councils.items_for(by) if by.role == "planner" else []
    years = len({where.year for where, _title in found}) > 1
    return [
        (f"{where.year}/{where.code}", f"{where.year}: " * years + plan_words.plain(title)) for where, title in found
    ]


def _item(form: Form) -> Where:
    year, _slash, code = form.text("item").partition("/")
    return Where(whole(year, 0), code)


def _matter(request: HttpRequest, which: Which) -> Before:
    try:
        return councils.matter_for(acting(request), which)
    except NoSuchMatter as error:
        raise Http404("no such matter") from error


def _plan(which: Which) -> ShownPlan:
    try:
        return planned.plan_of(which.scope, which.year)
    except (NoPlan, UnknownCooperation) as error:  # an agreement of no cooperation has no plan
        raise Http404("no such plan") from error


def _as_it_is(before: Before, shown: ShownPlan) -> dict[str, object]:
    """What it says now, to be changed, and which version that is; and what is proposed of what comes next."""
    today = dates.today()
    return {
        **by_field(before.known.text, _PARTS),
        "parties": [each.id for each in shown.parties],
        "made_from": str(before.known.text.version),
        "deadline": dates.add_weeks(today, 4).isoformat(),
        "decide_by": dates.add_months(today, 3).isoformat(),
        "decided_on": today.isoformat(),
        "language": get_language() or "nb",
    }


def _basis(form: Form, *needed: str) -> Basis:
    return Basis(**{name: form.words(name, optional=name not in needed) for name in _PARTS})


def _begin(by: OfficeActing, form: Form) -> bool:
    basis, where = _basis(form, "title", "proposal"), _item(form)
    return form.do(lambda: councils.draft(by, where, basis))


def _rewrite(request: HttpRequest, form: Form, before: Before) -> str:
    basis, version = _basis(form, "title", "proposal"), form.number("made_from")
    done = form.do(lambda: councils.rewrite(acting(request), before.which, made_from=version, basis=basis))
    return _("The text is changed; the earlier version is kept.") if done else ""


def _hearing(request: HttpRequest, form: Form, before: Before) -> str:
    deadline = form.day("deadline")
    done = form.do(lambda: councils.open_hearing(acting(request), before.which, deadline), at="deadline")
    return _("The hearing is open.") if done else ""


def _submit(request: HttpRequest, form: Form, before: Before) -> str:
    parties, decide_by = form.several("parties"), form.day("decide_by")
    done = form.do(lambda: councils.submit(acting(request), before.which, parties=parties, decide_by=decide_by))
    return _("The matter is put before the councils.") if done else ""


def _state(request: HttpRequest, form: Form, before: Before) -> str:
    body, text = form.text("body", longest=120), form.text("text", longest=20_000)
    told = {"body": body, "text": text, "language": form.choice("language", LANGUAGES)}
    done = form.do(lambda: councils.give_statement(acting(request), before.which, **told))
    return _("The statement is given. It stands in every council's paper as you wrote it.") if done else ""


def _decide(request: HttpRequest, form: Form, before: Before) -> str:
    decided = Decided(
        outcome=form.choice("outcome", CouncilDecision.Outcome.values),
        decided_on=form.day("decided_on"),
        case_reference=form.text("case_reference", longest=60),
        votes_for=form.number("votes_for"),
        votes_against=form.number("votes_against"),
        text=form.text("text", longest=20_000),
        language=form.choice("language", LANGUAGES),
    )
    joins_on = form.day("joins_on") if form["joins_on"].strip() else None
    done = form.do(lambda: councils.register_decision(acting(request), before.which, decided, joins_on))
    return _("The decision is registered.") if done else ""


def _join(request: HttpRequest, form: Form, before: Before) -> str:
    joins_on = form.day("joins_on")
    done = form.do(lambda: councils.say_joining_day(acting(request), before.which, joins_on))
    return _("The day is kept.") if done else ""


def _ask(request: HttpRequest, form: Form) -> str:
    scope = form.text("scope")
    told = {"title": form.text("title"), "text": form.text("text"), "language": form.choice("language", LANGUAGES)}
    done = form.do(lambda: councils.put_on_agenda(acting(request), scope, **told))
    return _("It is sent to who keeps the plan. You see the answer here.") if done else ""


def _answer(request: HttpRequest, form: Form) -> str:
    proposal, outcome = form.number("proposal"), form.choice("outcome", AgendaAnswer.Outcome.values)
    matter = form.number("matter") if outcome == AgendaAnswer.Outcome.MATTER else None
    told = {"outcome": outcome, "text": form.text("text"), "language": form.choice("language", LANGUAGES)}
    done = form.do(lambda: councils.answer(acting(request), proposal, **told, matter=matter))
    return _("The answer is given.") if done else ""
