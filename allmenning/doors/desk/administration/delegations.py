"""Who may decide what: the municipality's own rules, beside what each service's folder proposes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from allmenning.basics import dates
from allmenning.journeys import administered, administering
from allmenning.journeys.administering import Administrator
from allmenning.municipal.access.models import Delegation

from . import words
from .common import administers, saved, show
from .fields import Day, Form, Line, Pick, Tick
from .staff import EndForm


class DelegationForm(Form):
    def __init__(self, *args, decided: list[administered.WhoDecides], **kwargs):
        super().__init__(*args, initial={"start": dates.today()}, **kwargs)
        language = get_language() or "nb"
        outcomes = [(each.outcome.id, each.outcome.title[language]) for each in decided]
        self.fields["outcome"] = Pick(_("Outcome"), outcomes, required=False, empty=_("All outcomes"))
        self.fields["role"] = Pick(_("Who may decide"), words.roles(in_a_unit=True))
        self.fields["second_person"] = Tick(
            _("A second person must approve"), hint=_("Another person than the one who wrote the decision.")
        )
        self.fields["source"] = Line(
            _("Written source"), 200, hint=_("The delegation rules or the decision, with date and section.")
        )
        self.fields["start"] = Day(_("First day"))
        self.fields["end"] = Day(_("Last day"), required=False, hint=_("Leave empty if it has no end."))


@administers
@require_GET
def delegations(request: HttpRequest, by: Administrator) -> HttpResponse:
    offered = [each for each in administered.services() if each.is_offered]
    decided = administered.deciding_in([each.package for each in offered])
    return show(request, "delegations", {"rules": [(each, decided[each.id]) for each in offered]})


@administers
@require_http_methods(["GET", "POST"])
def new_delegation(request: HttpRequest, by: Administrator, service: str) -> HttpResponse:
    offered = administered.service(service)
    decided = administered.who_decides(offered.package)
    form = DelegationForm(request.POST if request.method == "POST" else None, decided=decided)

    def give(outcome: str | None, **values: Any) -> None:
        administering.delegate(by, service=service, outcome=outcome or "", **values)

    if request.method == "POST" and saved(form, give):
        messages.success(request, _("The delegation is saved."))
        return redirect("desk:administration-delegations")
    return show(request, "new_delegation", {"form": form, "service": offered, "decided": decided})


@administers
@require_http_methods(["GET", "POST"])
def end_delegation(request: HttpRequest, by: Administrator, delegation_id: UUID) -> HttpResponse:
    row = Delegation.objects.get(id=delegation_id)
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and saved(form, lambda end: administering.end_delegation(by, delegation_id, end)):
        messages.success(request, _("The delegation has got its last day."))
        return redirect("desk:administration-delegations")
    return show(request, "end_delegation", {"form": form, "row": row})
