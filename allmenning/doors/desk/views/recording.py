"""The records of a case: one kind at a time, written, changed and ended; each as its kind is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.journeys import recorded, recording, weeks
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.cases.errors import (
    CaseNotFound,
    EndNotExplained,
    RecordEndsNot,
    RecordNotFound,
    SomebodyWasFirst,
    TextMissing,
)
from allmenning.municipal.cases.records import WEEK, OpenedRecord
from allmenning.rules.forms import Changes, FieldError, Form, Page
from allmenning.web.access import checks_its_own_text
from allmenning.web.filling import language
from allmenning.web.forms import check_page, render_page
from allmenning.web.said import said

from ..charts import chart_of
from .common import AtWork, Problems, at_work, revision_of, show
from .purposes import purpose_of

View = Callable[..., HttpResponse]


def of_a_case(view: View) -> Callable[..., HttpResponseBase]:
    """The view reads records of a case, for a purpose that was stated; what is not there is a page that is not there."""

    @checks_its_own_text
    @at_work
    @wraps(view)
    def wrapped(request: HttpRequest, at: AtWork, case_id: UUID, kind_id: str, **kwargs: Any) -> HttpResponse:
        purpose = purpose_of(request, at, case_id)
        if purpose is None:
            return redirect("desk:purpose", case_id=case_id)
        try:
            found = recording.readable(case_id, kind_id, at.working, purpose, staff_key=at.key)
            return view(request, at, found, **kwargs)
        except RecordNotFound:
            raise Http404("no such record") from None

    return wrapped


@of_a_case
@require_GET
def kind(request: HttpRequest, at: AtWork, found: recording.Readable) -> HttpResponse:
    """The records of one kind: as a week, a chart, payments, or a list."""
    if found.kind.shows == WEEK:
        return _week(request, at, found)
    view = recording.open_kind(found)
    context = {**_common(at, view), "inner": view.inner}
    if view.kind.shows == "chart":
        context["chart"] = chart_of(view.shelf, language())
    if view.kind.shows == "payments":
        context["sums"] = _sums(view)
    return show(request, "desk/records.html", context)


def _common(at: AtWork, view: recording.KindView | weeks.WeekView) -> dict[str, Any]:
    return {
        "at": at,
        "case": view.case,
        "package": view.offered.package,
        "kind": view.kind,
        "shelf": view.plan if isinstance(view, weeks.WeekView) else view.shelf,
        "recorded": recorded,
        "view": view,
    }


def _sums(view: recording.KindView) -> list[tuple[str, int]]:
    """What is to be paid and what was, in øre: a sum for each state that there is anything in."""
    sums: dict[str, int] = {}
    for each in view.shelf.records:
        sums[each.row.status] = sums.get(each.row.status, 0) + int(each.answers["amount_ore"])
    return [(state.title[language()], sums[state.id]) for state in view.kind.states if state.id in sums]


def _week(request: HttpRequest, at: AtWork, found: recording.Readable) -> HttpResponse:
    """A week of what was granted against what was given; this one, or the one that the address asks for."""
    day = dates.day_in(request.GET.get("week", "")) or dates.today()
    view = weeks.open_week(found, day)
    context = {**_common(at, view), "week": view.week, "visits": view.visits, "this": weeks.monday_of(dates.today())}
    return show(request, "desk/week.html", context)


@of_a_case
@require_GET
def record(request: HttpRequest, at: AtWork, found: recording.Readable, series: UUID) -> HttpResponse:
    """One record with its versions: who wrote each, when, why, and what it changed."""
    view, versions = recording.open_versions(found, series)
    form = view.shelf.form
    told = [
        (each, recorded.changes(form, before, each) if before else [])
        for before, each in zip([None, *versions], versions, strict=False)
    ]
    context = {
        **_common(at, view),
        "record": versions[-1],
        "versions": told[::-1],
        "paid": view.handed_over.get(series),
        "is_given": recording.is_given(view.kind, view.offered.package),
    }
    return show(request, "desk/record.html", context)


@dataclass(frozen=True)
class Writing:
    """What somebody writes just now: a new record, or the version after `stands`."""

    case_id: UUID
    view: recording.KindView
    stands: OpenedRecord | None = None
    of_series: UUID | None = None
    typed: dict[str, str] = field(default_factory=dict)  # beside the form: state, why

    @property
    def form(self) -> Form:
        return self.view.shelf.form

    def page(self, answers: Any) -> Page:
        return self.form.pages(answers)[0]

    @property
    def back(self) -> str:
        """Where one comes from: the kind's page, or that of what it belongs to."""
        outer = self.view.kind.of or self.view.kind.id
        return reverse("desk:records", args=[self.case_id, outer])


@of_a_case
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, at: AtWork, found: recording.Readable) -> HttpResponse:
    """Write a new record."""
    case_id, kind_id = found.case.id, found.kind.id
    view = recording.open_kind(found)
    if not view.shelf.may_write:
        raise NotYours(reason="role-may-not", case_id=case_id)
    asked = request.POST if request.method == "POST" else request.GET
    writing = Writing(case_id, view, of_series=_belongs_to(view, asked.get("of", "")), typed=_typed(request))
    if request.method == "GET":
        return _form(request, at, writing, Changes(_proposed(writing, request)))
    changes = writing.form.read_post(writing.page({}), request.POST, language())
    if changes.action:
        return _form(request, at, writing, changes)

    def keep(draft: recording.Draft) -> None:
        recording.begin(case_id, kind_id, draft, at.working, staff_key=at.key, of_series=writing.of_series)

    return _kept(request, at, writing, changes, keep)


def _belongs_to(view: recording.KindView, text: str) -> UUID | None:
    """The record that a new one belongs to. Raises RecordNotFound where it must belong to one, and does not."""
    if view.kind.of is None:
        return None
    series = next((each.series for each in view.outer if str(each.series) == text), None)
    if series is None:
        raise RecordNotFound()
    return series


def _proposed(writing: Writing, request: HttpRequest) -> dict[str, Any]:
    """What the address proposes for fields that take it: the day and the time of a visit, as the week has them."""
    named = {
        name: request.GET[name] for name in ("day", "time") if (name,) in writing.form.specs and name in request.GET
    }
    return {name: value[:20] for name, value in named.items() if name != "day" or dates.day_in(value)}


@of_a_case
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, at: AtWork, found: recording.Readable, series: UUID) -> HttpResponse:
    """Write the next version: what stands is in the form, and stays as it is."""
    case_id, kind_id = found.case.id, found.kind.id
    view, versions = recording.open_versions(found, series)
    if not view.shelf.may_write:
        raise NotYours(reason="role-may-not", case_id=case_id)
    writing = Writing(case_id, view, stands=versions[-1], typed=_typed(request))
    if request.method == "GET":
        return _form(request, at, writing, Changes(dict(versions[-1].answers)))
    changes = writing.form.read_post(writing.page({}), request.POST, language())
    if changes.action:
        return _form(request, at, writing, changes, version=revision_of(request, "version"))

    def keep(draft: recording.Draft) -> None:
        recording.revise(
            case_id, kind_id, series, draft, at.working, version=revision_of(request, "version"), staff_key=at.key
        )

    return _kept(request, at, writing, changes, keep)


def _kept(
    request: HttpRequest, at: AtWork, writing: Writing, changes: Changes, keep: Callable[[recording.Draft], None]
) -> HttpResponse:
    """Keep it, or show the page again with everything that was typed, and why it could not be kept."""
    page = writing.page(changes.data)
    wrong = writing.form.errors(changes.data, language(), page, changes.raw, changes.sources)
    if wrong:
        return _form(request, at, writing, changes, wrong, version=revision_of(request, "version"), status=422)
    try:
        keep(recording.Draft(changes.data, writing.typed["status"], writing.typed["why"]))
    except (CaseNotFound, NotYours, RecordNotFound):
        raise
    except SomebodyWasFirst as error:  # what was typed stays, beside what somebody else wrote meanwhile
        return _form(request, at, writing, changes, refused=said(error), is_late=True, status=409)
    except AllmenningError as error:
        return _form(
            request, at, writing, changes, refused=said(error), version=revision_of(request, "version"), status=422
        )
    messages.success(request, _("It is written."))
    return redirect(_after(writing, changes))


def _after(writing: Writing, changes: Changes) -> str:
    """Back to where it is seen: a visit, in its week."""
    day = changes.data.get("day", "")
    return f"{writing.back}?week={day}" if day and "time" in changes.data else writing.back


def _form(
    request: HttpRequest,
    at: AtWork,
    writing: Writing,
    changes: Changes,
    wrong: list[FieldError] | None = None,
    *,
    version: int | None = None,
    refused: str = "",
    is_late: bool = False,
    status: int = 200,
) -> HttpResponse:
    page, stands = writing.page(changes.data), writing.stands
    check = reverse("desk:check-record", args=[writing.case_id, writing.view.kind.id])
    markup = render_page(
        page,
        changes.data,
        changes.raw,
        wrong or [],
        language(),
        urls={"check": check},
        heading=False,
    )
    context = {
        **_common(at, writing.view),
        "writing": writing,
        "markup": markup,
        "has_errors": bool(wrong or refused),
        "refused": refused,
        "version": version if version is not None else stands.row.version if stands else 0,
        "is_late": is_late,
        "typed": writing.typed,
        "go_to": changes.action.anchor if changes.action else "",
        "status_now": writing.typed["status"] or (stands.row.status if stands else writing.view.kind.begins_as),
    }
    return show(request, "desk/record_write.html", context, status=status)


@of_a_case
@require_POST
def check(request: HttpRequest, at: AtWork, found: recording.Readable) -> HttpResponse:
    """What is wrong with the fields that were left, and the page as the answers make it look. Nothing is saved."""
    form = recording.form_of(found.case.service, found.case.version, found.kind.id)
    return JsonResponse(check_page(form, form.pages({})[0], request.POST, language(), urls={"check": request.path}))


@of_a_case
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, at: AtWork, found: recording.Readable, series: UUID) -> HttpResponse:
    """End a record: how, on which day, and why."""
    case_id, kind_id = found.case.id, found.kind.id
    view, versions = recording.open_versions(found, series)
    if not view.shelf.may_write:
        raise NotYours(reason="role-may-not", case_id=case_id)
    if not view.kind.over:
        raise RecordNotFound()
    typed = {**_typed(request), "day": request.POST.get("day", dates.today().isoformat())[:10]}
    asked = recording.asked_at_end(view.shelf.form, view.kind)
    answers = {
        state: request.POST.get(f"asked-{state}", str(versions[-1].answers.get(spec.name, "")))[:80]
        for state, spec in asked.items()
    }
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            recording.end(
                case_id,
                kind_id,
                series,
                at.working,
                status=typed["status"],
                day=dates.day_in(typed["day"]),
                why=typed["why"],
                answer=answers.get(typed["status"], ""),
                version=revision_of(request, "version"),
                staff_key=at.key,
            )
        except (CaseNotFound, NotYours, RecordNotFound):
            raise
        except AllmenningError as error:
            errors = {_place_of(error, typed, view): said(error)}
        else:
            messages.success(request, _("It is ended."))
            return redirect(reverse("desk:records", args=[case_id, view.kind.of or kind_id]))
    context = {
        **_common(at, view),
        "record": versions[-1],
        "typed": typed,
        "asked": asked,
        "answered": answers,
        "errors": Problems(errors),
        "paid": view.handed_over.get(series),
    }
    return show(request, "desk/record_end.html", context, status=422 if errors else 200)


def _place_of(error: AllmenningError, typed: dict[str, str], view: recording.KindView) -> str:
    if isinstance(error, RecordEndsNot):
        chosen = typed["status"] in {state.id for state in view.kind.over}
        return "day" if chosen else f"status-{view.kind.over[0].id}"
    if isinstance(error, EndNotExplained):
        return f"asked-{typed['status']}"
    return "why" if isinstance(error, TextMissing) else ""


def _typed(request: HttpRequest) -> dict[str, str]:
    return {"status": request.POST.get("status", "")[:50], "why": request.POST.get("why", "")[: recording.LONGEST_WHY]}
