"""Pools: the public account, what its treasurer enters, and what members apply for and adopt."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from allmenning.basics import dates
from allmenning.commons.pools.errors import NoSuchApplication, NoSuchPool
from allmenning.commons.pools.queries import Applied
from allmenning.journeys import pooling
from allmenning.journeys.pooling import Pooled
from allmenning.web.access import anyone, office_only

from .. import pool_words, words
from ..files import as_csv
from ..forms import Form
from .common import acting, show

KEEPERS = ("treasurer", "member-treasurer")


@anyone
@require_GET
def pool(request: HttpRequest, agreement: str) -> HttpResponse:
    """How a pool stands, who is a member, what was granted and adopted: for anybody."""
    return render(request, "office/pool.html", {"words": words, "pools": pool_words, "pool": _pool(agreement)})


@anyone
@require_GET
def statement(request: HttpRequest, agreement: str) -> HttpResponse:
    """Every line of the account as CSV."""
    head: list[object] = [_("Day"), _("What"), _("Party"), _("Debit"), _("Credit"), _("Kroner"), _("Text")]
    rows = [head]
    for each in _pool(agreement).entries:
        accounts = pool_words.account(each.debit), pool_words.account(each.credit)
        what = pool_words.kind(each.kind), pool_words.party(each.party)
        rows.append([each.day.isoformat(), *what, *accounts, words.kroner(each.ore), each.text])
    return as_csv(rows, f"{agreement}-{_('account')}.csv")


@office_only(*KEEPERS)
@require_GET
def pools(request: HttpRequest) -> HttpResponse:
    context = {"found": pooling.pools_of(acting(request)), "pools": pool_words, "here": "office:pools"}
    return show(request, "office/pools.html", context)


@office_only(*KEEPERS)
@require_http_methods(["GET", "POST"])
def keep(request: HttpRequest, agreement: str) -> HttpResponse:
    """The treasurer lets parties join and enters what is paid in; a member applies."""
    by, found = acting(request), _pool(agreement)
    form = Form(request, joins_on=pooling.counted_last(found).isoformat(), day=dates.today().isoformat())
    acts = {"join": _join, "pay-in": _pay_in, "state": _state, "apply": _apply}
    if told := form.choose(acts, request, form, agreement):
        messages.success(request, told)
        return redirect("office:pool-keep", agreement=agreement)
    context = {"pool": found, "keeps": pooling.may_keep(by, found.published)}
    return _shown(request, "office/pool_keep.html", context, form)


@office_only(*KEEPERS)
@require_http_methods(["GET", "POST"])
def application(request: HttpRequest, agreement: str, application: UUID) -> HttpResponse:
    """One application: decided on, paid, given up, taken into use."""
    by, found, one = acting(request), _pool(agreement), _application(agreement, application)
    form = Form(request, day=dates.today().isoformat())
    acts = {"decide": _decide, "pay-out": _pay_out, "give-up": _give_up, "adopt": _adopt}
    if told := form.choose(acts, request, form, agreement, application):
        messages.success(request, told)
        return redirect("office:pool-application", agreement=agreement, application=application)
    keeps = pooling.may_keep(by, found.published)
    context = {"pool": found, "one": one, "keeps": keeps, "adopts": pooling.may_adopt(by, found, one)}
    return _shown(request, "office/pool_application.html", context, form)


def _shown(request: HttpRequest, template: str, context: dict[str, object], form: Form) -> HttpResponse:
    return show(request, template, {"pools": pool_words, "here": "office:pools", **context}, form)


def _join(request: HttpRequest, form: Form, pool: str) -> str:
    party, on = form.text("party"), form.day("joins_on")
    done = form.do(lambda: pooling.let_join(acting(request), pool, party, on))
    return _("%(party)s is a member.") % {"party": pool_words.party(party)} if done else ""


def _pay_in(request: HttpRequest, form: Form, pool: str) -> str:
    party, ore, on = form.text("party"), form.ore("amount"), form.day("day")
    text = form.text("text", longest=200, optional=True)
    done = form.do(lambda: pooling.pay_in(acting(request), pool, party, ore, on, text))
    return _("The payment is entered.") if done else ""


def _state(request: HttpRequest, form: Form, pool: str) -> str:
    ore, on, text = form.ore("amount"), form.day("day"), form.text("text", longest=200)
    done = form.do(lambda: pooling.promise_from_state(acting(request), pool, ore, on, text))
    return _("The state's promise is entered.") if done else ""


def _apply(request: HttpRequest, form: Form, pool: str) -> str:
    title, about = form.text("title", longest=120), form.text("about")
    asked, own = form.ore("asked"), form.ore("own", optional=True)
    done = form.do(lambda: pooling.apply(acting(request), pool, title=title, about=about, asked_ore=asked, own_ore=own))
    return _("The application is sent.") if done else ""


def _decide(request: HttpRequest, form: Form, pool: str, id: UUID) -> str:
    granted = form.ore("granted") if form.choice("outcome", ("grant", "refuse")) == "grant" else 0
    fixed, each = form.ore("fixed", optional=True), form.ore("inhabitant", optional=True)
    reason = form.text("reason")
    prices = {"fixed_ore": fixed, "inhabitant_ore": each}
    done = form.do(lambda: pooling.decide(acting(request), pool, id, granted_ore=granted, **prices, reason=reason))
    return _("The application is decided on.") if done else ""


def _pay_out(request: HttpRequest, form: Form, pool: str, id: UUID) -> str:
    ore, on = form.ore("amount"), form.day("day")
    return _("The payment is entered.") if form.do(lambda: pooling.pay_out(acting(request), pool, id, ore, on)) else ""


def _give_up(request: HttpRequest, form: Form, pool: str, id: UUID) -> str:
    ore, on = form.ore("amount"), form.day("day")
    done = form.do(lambda: pooling.give_up(acting(request), pool, id, ore, on))
    return _("The money is free again.") if done else ""


def _adopt(request: HttpRequest, form: Form, pool: str, id: UUID) -> str:
    done = form.do(lambda: pooling.adopt(acting(request), pool, id))
    return _("It is noted that you take this into use.") if done else ""


def _pool(id: str) -> Pooled:
    try:
        return pooling.pool(id)
    except NoSuchPool as error:
        raise Http404("no such pool") from error


def _application(pool: str, id: UUID) -> Applied:
    try:
        return pooling.application(pool, id)
    except NoSuchApplication as error:
        raise Http404("no such application") from error
