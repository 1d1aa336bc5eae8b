"""Units: in which area, how they are reached, and what they handle."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from allmenning.journeys import administered, administering
from allmenning.journeys.administering import Administrator
from allmenning.municipal.access.models import Unit, UnitService

from . import words
from .common import administers, saved, show
from .fields import Email, Form, Line, Phone, Pick, Tick


class UnitForm(Form):
    def __init__(self, *args, unit: Unit | None = None, **kwargs):
        held = vars(unit) if unit else {"area": "ordinary"}
        super().__init__(*args, initial=held, **kwargs)
        self.fields["name"] = Line(_("Name"), hint=_("As residents read it, for example «Servicetorget»."))
        if unit is None:
            self.fields["area"] = Pick(
                _("Service area"),
                words.areas(),
                hint=_("Decides who may see its cases. It can't be changed later: cases stay behind their wall."),
            )
        self.fields["kind"] = Pick(
            _("Kind of unit"),
            words.unit_kinds().items(),
            required=False,
            empty=_("None of these"),
            hint=_("Receives what is for this kind where nobody is chosen. Without one, the service desk does."),
        )
        self.fields["phone"] = Phone(_("Telephone"))
        self.fields["email"] = Email(_("E-mail"), hint=_("The unit's own, not a person's."))
        self.fields["opening_hours"] = Line(
            _("Opening hours"), 200, required=False, hint=_("For example: weekdays 9–15, Thursdays 9–17.")
        )
        if unit is not None:
            self.fields["active"] = Tick(_("The unit is in use"), hint=_("A unit out of use gets no new cases."))

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or ""


@administers
@require_GET
def units(request: HttpRequest, by: Administrator) -> HttpResponse:
    return show(request, "units", {"units": administered.units()})


@administers
@require_http_methods(["GET", "POST"])
def new_unit(request: HttpRequest, by: Administrator) -> HttpResponse:
    form = UnitForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and saved(form, lambda **values: administering.add_unit(by, **values)):
        messages.success(request, _("%(name)s is added.") % form.cleaned_data)
        return redirect("desk:administration-units")
    return show(request, "unit", {"form": form, "unit": None, "handled": []})


@administers
@require_http_methods(["GET", "POST"])
def unit(request: HttpRequest, by: Administrator, unit_id: UUID) -> HttpResponse:
    held = Unit.objects.get(id=unit_id)
    form = UnitForm(request.POST if request.method == "POST" else None, unit=held)
    if request.method == "POST" and saved(form, lambda **values: administering.change_unit(by, unit_id, **values)):
        messages.success(request, _("The unit is saved."))
        return redirect("desk:administration-units")
    handled = UnitService.objects.filter(unit=unit_id).order_by("service", "topic")
    return show(request, "unit", {"form": form, "unit": Unit.objects.get(id=unit_id), "handled": handled})
