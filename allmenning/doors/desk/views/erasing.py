"""Keeping and erasing at the desk: the plan for each service, what may be erased, and the two who decide it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from allmenning.basics.errors import AllmenningError
from allmenning.basics.text import UnsafeText
from allmenning.journeys import disposing, retaining
from allmenning.journeys.errors import RuleIncomplete, SourceMissing, SourceTooLong
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.forms.errors import ServiceNotOffered
from allmenning.web.access import checks_its_own_text
from allmenning.web.said import said

from .common import AtWork, Problems, at_work, show


@at_work
@require_GET
def erasing(request: HttpRequest, at: AtWork) -> HttpResponse:
    """What waits for a second person, what may be erased, and what was decided."""
    return _page(request, at)


@at_work
@require_POST
def propose(request: HttpRequest, at: AtWork) -> HttpResponse:
    """Propose the cases that are ticked."""
    return _done(
        request,
        at,
        "case",
        lambda ids: disposing.propose(ids, at.working),
        lambda count: ngettext(
            "%(count)s case is proposed. Another archivist or a leader decides.",
            "%(count)s cases are proposed. Another archivist or a leader decides.",
            count,
        ),
    )


@at_work
@require_POST
def decide(request: HttpRequest, at: AtWork) -> HttpResponse:
    """Approve the proposals that are ticked, or decide that the cases are preserved."""
    outcome = request.POST.get("outcome", "")
    return _done(
        request,
        at,
        "disposal",
        lambda ids: disposing.decide(ids, outcome, at.working),
        lambda count: (
            ngettext("%(count)s case is preserved for good.", "%(count)s cases are preserved for good.", count)
            if outcome == "preserved"
            else ngettext(
                "%(count)s case is erased within the hour.", "%(count)s cases are erased within the hour.", count
            )
        ),
    )


@at_work
@require_GET
def plan(request: HttpRequest, at: AtWork) -> HttpResponse:
    """What becomes of each service's records."""
    disposing.require_part(at.working)
    return show(request, "desk/retention.html", {"here": "records", "at": at, "lines": retaining.plan(at.working)})


@checks_its_own_text
@at_work
@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, at: AtWork, service: str) -> HttpResponse:
    """One service: what was confirmed, and the form by which an archivist confirms another rule."""
    disposing.require_part(at.working)
    try:
        line = retaining.line_of(service, at.working)
    except ServiceNotOffered as error:
        raise Http404 from error
    typed = {name: request.POST.get(name, "") for name in ("rule", "years", "source")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            retaining.confirm(service, typed["rule"], typed["years"], typed["source"], at.working)
        except RuleIncomplete as error:
            errors = {"rule": said(error)}
        except (SourceMissing, SourceTooLong, UnsafeText) as error:
            errors = {"source": said(error)}
        except AllmenningError as error:
            raise NotYours(reason="role-may-not") from error
        else:
            messages.success(request, _("The rule is confirmed, and holds from now on."))
            return redirect("desk:retention")
    context = {
        "here": "records",
        "at": at,
        "line": line,
        "typed": typed,
        "errors": Problems(errors),
    }
    return show(request, "desk/retention_rule.html", context, status=422 if errors else 200)


def _done(
    request: HttpRequest,
    at: AtWork,
    field: str,
    do: Callable[[list[UUID]], int],
    tell: Callable[[int], str],
) -> HttpResponse:
    try:
        count = do(_ids(request, field))
    except NotYours:
        raise
    except AllmenningError as error:
        return _page(request, at, {field: said(error)})
    messages.success(request, tell(count) % {"count": count})
    return redirect("desk:erasing")


def _ids(request: HttpRequest, field: str) -> list[UUID]:
    """The ids that were ticked; what is none of ours counts as nothing."""
    ids = []
    for value in request.POST.getlist(field)[: disposing.MOST_SHOWN]:
        try:
            ids.append(UUID(value))
        except ValueError:
            continue
    return ids


def _page(request: HttpRequest, at: AtWork, errors: dict[str, str] | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "here": "records",
        "at": at,
        "proposed": disposing.proposed(at.working),
        "due": disposing.due(at.working),
        "decided": disposing.decided(at.working),
        "back_ups": disposing.back_ups_kept(),
        "errors": Problems(errors or {}),
    }
    return show(request, "desk/erasing.html", context, status=422 if errors else 200)
