"""Keeping the joint plan at the office: the planner writes, the board reads. Each form says what it does in `do`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.commons.figures.benefits import PER_CENT, Gain
from allmenning.commons.governance.actions import GAINS, Said
from allmenning.commons.governance.errors import NoSuchItem, OfNoCooperation
from allmenning.commons.governance.models import Cost, Preparation, StatusReport
from allmenning.commons.governance.queries import Node
from allmenning.commons.governance.rolling_out import First
from allmenning.commons.identity.offices import OfficeActing
from allmenning.journeys import planning
from allmenning.journeys.planned import ShownPlan
from allmenning.journeys.planning import Expectation, Where
from allmenning.web.access import office_only
from allmenning.web.said import said

from .. import plan_words, words
from ..forms import Form, whole
from .common import acting, by_field, show


class NotAFigure(AllmenningError):
    """This is no number: {value}. Write it as 12,5."""


Act = Callable[[HttpRequest, Form, Where], str]


@office_only("planner", "board")
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Everything in the plan, to open; and to add to it, or to begin the plan of other years."""
    by, form, asked = acting(request), Form(request), _year(request)
    if to := form.choose({"begin": _begin, "add": _add}, request, form, asked):
        return redirect(to)
    shown = planning.plan_for(by, asked)
    year = shown.plans[0].last_year + 1 if shown else dates.today().year
    form.proposed = {"first_year": str(year), "last_year": str(year + 3)}
    context = {"shown": shown, "keeps": by.role == "planner", "why_none": _why_none(by), "here": "office:plan-keep"}
    return _shown(request, "office/plan_keep.html", context, form)


@office_only("planner")
@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, year: int, item: str) -> HttpResponse:
    """One goal, measure or project: how it goes, what it costs, what is expected, who takes part, and what it says."""
    by, form, where = acting(request), Form(request), Where(year, item)
    shown, node = _found(request, where)
    if told := form.choose(_ACTS, request, form, where):
        messages.success(request, told)
        return redirect("office:plan-item", year=year, item=item)
    if form.is_sent:
        shown, node = _found(request, where)
    form.proposed = _as_it_is(node)
    offered = {
        "states": [(each, plan_words.state(each)) for each in StatusReport.State.values],
        "cost_kinds": [(each, plan_words.cost_kind(each)) for each in Cost.Kind.values],
        "gains": [(each, plan_words.gain(each)) for each in GAINS],
        "units": [(each, plan_words.unit(each)) for each in _UNITS],
        "services": [(id, words.service(id)) for id, _title in planning.services()],
    }
    context = {"shown": shown, "node": node, "acting": by, "offered": offered, "here": "office:plan-keep"}
    return _shown(request, "office/plan_item.html", context, form)


@office_only("planner", "board")
@require_http_methods(["GET", "POST"])
def roll_out(request: HttpRequest) -> HttpResponse:
    """Who takes what into use when; the planner adds, moves, and says what is done."""
    by, form, asked = acting(request), Form(request, on=dates.today().isoformat()), _year(request)
    acts = {"add": _roll_out, "done": _done, "in-use": _in_use, "move": _move}
    if told := form.choose(acts, request, form, Where(asked, "")):
        messages.success(request, told)
        return redirect(request.get_full_path())
    context = {
        "shown": planning.plan_for(by, asked),
        "keeps": by.role == "planner",
        "why_none": _why_none(by),
        "services": [(id, words.service(id)) for id, _title in planning.services()],
        "kinds": [(each, plan_words.preparation(each)) for each in Preparation.Kind.values],
        "here": "office:roll-out-keep",
    }
    return _shown(request, "office/roll_out_keep.html", context, form)


_UNITS = (*dict.fromkeys(each.unit for each in Gain), PER_CENT)


def _shown(request: HttpRequest, template: str, context: Mapping[str, object], form: Form) -> HttpResponse:
    return show(request, template, {"plans": plan_words, **context}, form)


def _found(request: HttpRequest, where: Where) -> tuple[ShownPlan, Node]:
    shown = planning.plan_for(acting(request), where.year)
    if shown is None or shown.plan.first_year != where.year:
        raise Http404("no plan")
    try:
        return shown, shown.planned.node(where.code)
    except NoSuchItem as error:
        raise Http404("no such item") from error


def _year(request: HttpRequest) -> int:
    """Which plan the address asks for, by its first year; 0 where it asks for none."""
    return whole(request.GET.get("plan", ""), 0)


def _why_none(by: OfficeActing) -> str:
    """Why a role has no plan to keep, and can have none; empty where it can."""
    return "" if planning.may_have(by) else said(OfNoCooperation())


def _as_it_is(node: Node) -> dict[str, object]:
    """What it says now, to be changed; and which version that is."""
    said_now = by_field(node.text, ("title", "description", "owner"))
    ticked = {"services": node.text.services, "gains": node.text.gains}
    return {**said_now, **ticked, "made_from": str(node.text.version), "day": dates.today().isoformat()}


def _begin(request: HttpRequest, form: Form, _year: int) -> str:
    """The address of the plan that is begun."""
    title, first, last = form.words("title"), form.number("first_year"), form.number("last_year")
    done = form.do(lambda: planning.begin(acting(request), title=title, first_year=first, last_year=last))
    return f"{reverse('office:plan-keep')}?plan={first}" if done else ""


def _add(request: HttpRequest, form: Form, year: int) -> str:
    """The address of what is added."""
    told = Said(form.words("title"), form.words("description", optional=True), form.words("owner", optional=True))
    if not form.do(lambda: planning.add(acting(request), year, under=form["under"], said=told)):
        return ""
    messages.success(request, _("It is in the plan."))
    return reverse("office:plan-item", args=(form.made.plan.first_year, form.made.code))


def _status(request: HttpRequest, form: Form, where: Where) -> str:
    state, text = form.choice("state", StatusReport.State.values), form.words("status")
    return (
        _("The status is registered.")
        if form.do(lambda: planning.report_status(acting(request), where, state, text))
        else ""
    )


def _cost(request: HttpRequest, form: Form, where: Where) -> str:
    year, kind, ore = form.number("year"), form.choice("kind", Cost.Kind.values), form.ore("amount")
    done = form.do(lambda: planning.plan_cost(acting(request), where, year=year, kind=kind, amount_ore=ore))
    return _("The cost is planned.") if done else ""


def _milestone(request: HttpRequest, form: Form, where: Where) -> str:
    title, due = form.words("milestone"), form.day("due")
    done = form.do(lambda: planning.set_milestone(acting(request), where, title, due))
    return _("The milestone is set.") if done else ""


def _reached(request: HttpRequest, form: Form, where: Where) -> str:
    number, version, on = form.number("number"), form.number("version"), form.day("day")
    change = {"made_from": version, "due": None, "reached": on, "why": ""}
    done = form.do(lambda: planning.change_milestone(acting(request), where, number, **change))  # type: ignore[arg-type]
    return _("The milestone is reached.") if done else ""


def _moved(request: HttpRequest, form: Form, where: Where) -> str:
    number, version, due = form.number("number"), form.number("version"), form.day("due")
    change = {"made_from": version, "due": due, "reached": None, "why": form.text("why", longest=500)}
    done = form.do(lambda: planning.change_milestone(acting(request), where, number, **change))  # type: ignore[arg-type]
    return _("The milestone is moved.") if done else ""


def _risk(request: HttpRequest, form: Form, where: Where) -> str:
    text, response = form.words("risk"), form.words("response", optional=True)
    who, weights = form.words("who", optional=True), (form.number("likelihood"), form.number("consequence"))
    told = {"text": text, "response": response, "who": who}
    done = form.do(
        lambda: planning.assess_risk(acting(request), where, likelihood=weights[0], consequence=weights[1], **told)
    )
    return _("The risk is written down.") if done else ""


def _risk_anew(request: HttpRequest, form: Form, where: Where) -> str:
    number, likelihood, consequence = form.number("number"), form.number("likelihood"), form.number("consequence")
    weights = {"likelihood": likelihood, "consequence": consequence}
    done = form.do(
        lambda: planning.assess_anew(acting(request), where, number, **weights, is_over=form["is_over"] == "yes")
    )
    return _("The risk is assessed anew.") if done else ""


def _takes_part(request: HttpRequest, form: Form, where: Where) -> str:
    party, on, is_in = form.text("party"), form.day("day"), form.choice("is_in", ("in", "out")) == "in"
    done = form.do(lambda: planning.participate(acting(request), where, party=party, on=on, is_in=is_in))
    return _("Who takes part is registered.") if done else ""


def _estimate(request: HttpRequest, form: Form, where: Where) -> str:
    told = Expectation(
        party=form.text("party"),
        from_year=form.number("from_year"),
        builds_on=form.words("builds_on"),
        amount_ore=form.ore("amount") if form["amount"].strip() else None,
        hours=form.number("hours") if form["hours"].strip() else None,
        quality=form.words("quality", optional=True),
    )
    done = form.do(lambda: planning.estimate(acting(request), where, told))
    return _("The estimate is kept.") if done else ""


def _baseline(request: HttpRequest, form: Form, where: Where) -> str:
    told = {
        "party": form.text("party"),
        "gain": form.choice("gain", GAINS),
        "figure": _decimal(form, "figure"),
        "unit": form.choice("unit", _UNITS),
        "start": form.day("start"),
        "end": form.day("end"),
        "source": form.words("source"),
    }
    done = form.do(lambda: planning.state_baseline(acting(request), where, **told))  # type: ignore[arg-type]
    return _("How it was before is kept.") if done else ""


def _reword(request: HttpRequest, form: Form, where: Where) -> str:
    told = Said(
        form.words("title"),
        form.words("description", optional=True),
        form.words("owner", optional=True),
        form.several("services"),
        form.several("gains"),
    )
    version, why = form.number("made_from"), form.text("why", longest=500, optional=True)
    done = form.do(lambda: planning.reword(acting(request), where, made_from=version, said=told, why=why))
    return _("The text is changed; the earlier version is kept.") if done else ""


def _take_out(request: HttpRequest, form: Form, where: Where) -> str:
    reason = form.words("reason")
    done = form.do(lambda: planning.take_out(acting(request), where, reason))
    return _("It is taken out of the plan.") if done else ""


_ACTS: dict[str, Act] = {
    "status": _status,
    "cost": _cost,
    "milestone": _milestone,
    "reached": _reached,
    "moved": _moved,
    "risk": _risk,
    "risk-anew": _risk_anew,
    "takes-part": _takes_part,
    "estimate": _estimate,
    "baseline": _baseline,
    "reword": _reword,
    "take-out": _take_out,
}


def _decimal(form: Form, name: str) -> Decimal:
    said = form.text(name)
    try:
        found = Decimal(said.replace(" ", "").replace("\u00a0", "").replace(",", "."))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        form.errors.setdefault(name, NotAFigure(value=said[:20]))
        return Decimal(0)
    return found


# --- the roll-out ---


def _roll_out(request: HttpRequest, form: Form, where: Where) -> str:
    party, service, due = form.text("party"), form.text("service"), form.day("due")
    first = []
    for kind in Preparation.Kind.values:
        if any(form[f"{kind}_{language}"].strip() for language in ("nb", "nn", "en")) or form[f"{kind}_due"].strip():
            first.append(First(kind, form.words(kind), form.day(f"{kind}_due")))
    done = form.do(
        lambda: planning.roll_out(acting(request), where.year, party=party, service=service, due=due, first=first)
    )
    return _("It is in the roll-out plan.") if done else ""


def _done(request: HttpRequest, form: Form, where: Where) -> str:
    number, version, on = form.number("number"), form.number("version"), form.day("on")
    done = form.do(
        lambda: planning.prepare(acting(request), where.year, *_which(form), number, made_from=version, done=on)
    )
    return _("It is noted as done.") if done else ""


def _in_use(request: HttpRequest, form: Form, where: Where) -> str:
    on = form.day("on")
    done = form.do(lambda: planning.take_into_use(acting(request), where.year, *_which(form), on))
    return _("The service is in use.") if done else ""


def _move(request: HttpRequest, form: Form, where: Where) -> str:
    due, why = form.day("due"), form.text("why", longest=500)
    done = form.do(lambda: planning.move(acting(request), where.year, *_which(form), due, why))
    return _("The day is moved.") if done else ""


def _which(form: Form) -> tuple[str, str]:
    return form["party"], form["service"]
