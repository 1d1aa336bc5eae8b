"""A party's access to the case: the caseworker judges each part, looks at the copy, and sends it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from allmenning.basics.errors import AllmenningError
from allmenning.journeys import casework, giving_access
from allmenning.journeys.access_grounds import GROUNDS, UnknownGround
from allmenning.journeys.giving_access import GIVE, CaseForParty, NotJudged
from allmenning.journeys.previews import SMALL
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.cases.errors import CaseNotFound, SomebodyWasFirst
from allmenning.municipal.cases.models import Case
from allmenning.web.access import checks_its_own_text
from allmenning.web.filling import as_download, language
from allmenning.web.limits import limited
from allmenning.web.said import said

from .common import AtWork, Problems, at_work, revision_of, show
from .deciding import PDF_POLICY
from .purposes import purpose_and_case

_FIELD = "part-"


def for_party(view: Callable[..., HttpResponse]) -> Callable[..., Any]:
    """The view works on a case, open or closed, that somebody may handle; it is opened and logged with its purpose."""

    @wraps(view)
    def wrapped(request: HttpRequest, at: AtWork, case_id: UUID, **kwargs: Any) -> HttpResponse:
        purpose, found = purpose_and_case(request, at, case_id)
        if purpose is None:
            return redirect("desk:purpose", case_id=case_id)
        opened = casework.open_case(case_id, at.working, purpose, staff_key=at.key, found=found)
        if not opened.may["handle"].allowed:
            raise NotYours(reason=opened.may["handle"].reason)
        return view(request, at, CaseForParty(opened), **kwargs)

    return checks_its_own_text(at_work(wrapped))


@for_party
@require_http_methods(["GET", "POST"])
def access(request: HttpRequest, at: AtWork, party: CaseForParty) -> HttpResponse:
    """Judge each part (GET); give access as judged (POST)."""
    number = (request.POST if request.method == "POST" else request.GET).get("to", "")[:20]
    proposed = {part.id: part.proposed for part in party.parts}
    try:
        to = giving_access.asked_by_another(number, party, at.working, staff_key=at.key) if number else None
    except AllmenningError as error:
        return _page(request, at, party, proposed, error=said(error), status=422)
    if request.method == "GET":
        return _page(request, at, party, {} if to else proposed, to=to)  # for another party each part is judged apart
    choice, words = _choice(request), request.POST.get("words", "").replace("\r\n", "\n")
    try:
        giving_access.give(party, choice, words, at.working, revision=revision_of(request), staff_key=at.key, to=to)
    except (CaseNotFound, NotYours):
        raise
    except AllmenningError as error:
        status = 409 if isinstance(error, SomebodyWasFirst | NotJudged) else 422
        return _page(request, at, party, choice, words, said(error), status, to)
    done = _("The copy is registered, and on its way to the other party with a letter, in their case.")
    on_its_way = _("The copy is registered, and on its way to the applicant with a letter.")
    messages.success(request, done if to else on_its_way)
    return redirect(reverse("desk:case", args=[party.case.id]) + "#letters")


@for_party
@require_http_methods(["GET", "POST"])
def refuse(request: HttpRequest, at: AtWork, party: CaseForParty) -> HttpResponse:
    """Refuse what the party asked for, with the ground, why, and how to complain."""
    if party.view.access_asked is None:
        messages.warning(request, _("Nobody waits for access to this case."))
        return redirect("desk:case", case_id=party.case.id)
    typed = {name: request.POST.get(name, "").replace("\r\n", "\n") for name in ("ground", "words")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            asked = giving_access.refuse(
                party.case.id,
                typed["ground"],
                typed["words"],
                at.working,
                revision=revision_of(request),
                staff_key=at.key,
            )
        except (CaseNotFound, NotYours):
            raise
        except AllmenningError as error:
            field = {UnknownGround: "ground", SomebodyWasFirst: ""}.get(type(error), "words")
            errors[field] = said(error)
        else:
            done = _("The complaint is answered. Send it on to the county governor (statsforvalteren).")
            messages.success(request, done if asked.complains_of_id else _("The refusal is registered and on its way."))
            return redirect(reverse("desk:case", args=[party.case.id]) + "#letters")
    context = {
        "at": at,
        "case": party.case,
        "asked": party.view.access_asked,
        "message": _asked_in(party),
        "grounds": [(each.id, _name(each)) for each in GROUNDS.values()],
        "typed": typed,
        "problem": errors.pop("", ""),
        "errors": Problems(errors),
    }
    status = 422 if errors else 409 if context["problem"] else 200
    return show(request, "desk/access_refuse.html", context, status=status)


def _asked_in(party: CaseForParty) -> str:
    """What the party wrote."""
    asked = party.view.access_asked
    return next((each.body for each in party.view.messages if asked and each.id == asked.message_id), "")


@for_party
@require_POST
def copy(request: HttpRequest, at: AtWork, party: CaseForParty) -> HttpResponse:
    """The copy as it would be now, in a tab of its own. Nothing is kept."""
    try:
        content = party.copy(_choice(request), handler=at.working.name)
    except AllmenningError as error:
        context = {"at": at, "case": party.case, "problems": [said(error)]}
        return show(request, "desk/letter_problem.html", context, status=422)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{_("preview")}.pdf"'
    response["Content-Security-Policy"] = PDF_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response


@for_party
@limited("preview")
@require_GET
def pages(
    request: HttpRequest, at: AtWork, party: CaseForParty, document_id: UUID, first: int, last: int
) -> HttpResponse:
    """Pages of an attached PDF as they would be given: copied into a file of their own."""
    content = party.pages(document_id, range(first, last + 1))
    return as_download(content, f"{first}-{last}.pdf", "application/pdf")


def _page(
    request: HttpRequest,
    at: AtWork,
    party: CaseForParty,
    choice: dict[str, str],
    words: str = "",
    error: str = "",
    status: int = 200,
    to: Case | None = None,
) -> HttpResponse:
    context = {
        "to": to,
        "receiver": to.opened_applicant_name if to else party.view.applicant_name,
        "at": at,
        "case": party.case,
        "party": party,
        "choice": choice,
        "field": _FIELD,
        "grounds": [(GIVE, _("Give access to this")), *((each.id, _name(each)) for each in GROUNDS.values())],
        "size": SMALL,
        "added": words,
        "asked": None if to else party.view.access_asked,
        "message": _asked_in(party),
        "problem": error,
        "errors": Problems(),
    }
    return show(request, "desk/access.html", context, status=status)


def _name(ground: Any) -> str:
    return f"{ground.section[language()].partition(' ')[2]}: {ground.about[language()]}"


def _choice(request: HttpRequest) -> dict[str, str]:
    return {name.removeprefix(_FIELD): str(request.POST[name]) for name in request.POST if name.startswith(_FIELD)}
