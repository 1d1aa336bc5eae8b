"""Mandates of another municipality's staff; absence and substitutes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from allmenning.basics import dates
from allmenning.commons.municipalities import queries as municipalities
from allmenning.journeys import administered, administering
from allmenning.journeys.administering import Administrator
from allmenning.municipal.access.models import Absence, Mandate

from . import words
from .common import administers, saved, show
from .fields import Day, Email, Form, IdentityNumber, Line, Pick
from .staff import EndForm, staff_to_choose, units_to_choose


class MandateForm(Form):
    def __init__(self, *args, own: str, **kwargs):
        super().__init__(*args, initial={"start": dates.today()}, **kwargs)
        self.fields["number"] = IdentityNumber(
            _("National identity number"), hint=_("11 digits. The person logs in as staff with it.")
        )
        self.fields["name"] = Line(_("Name"))
        self.fields["title"] = Line(_("Title"), required=False)
        self.fields["email"] = Email(_("E-mail at work"))
        self.fields["home_municipality"] = Pick(_("Employed in"), _others(own))
        self.fields["source"] = Line(
            _("Written source"), 200, hint=_("The agreement or decision that gives the mandate, with its date.")
        )
        self.fields["role"] = Pick(_("Role here"), words.roles(in_a_unit=True))
        self.fields["unit_id"] = Pick(_("Unit here"), units_to_choose())
        self.fields["start"] = Day(_("First day"))
        self.fields["end"] = Day(_("Last day"), required=False, hint=_("Leave empty if the agreement has no end."))


def _others(own: str) -> list[tuple[str, str]]:
    return [(each.id, each.label) for each in municipalities.all_municipalities() if each.id != own]


class AbsenceForm(Form):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        everyone = staff_to_choose()
        self.fields["staff_id"] = Pick(_("Who is away"), everyone)
        self.fields["substitute_id"] = Pick(
            _("Substitute"),
            everyone,
            required=False,
            empty=_("Nobody"),
            hint=_("Sees and does what the one who is away would have, in the areas where they work themselves."),
        )
        self.fields["start"] = Day(_("First day away"))
        self.fields["end"] = Day(_("Last day away"))


@administers
@require_GET
def mandates(request: HttpRequest, by: Administrator) -> HttpResponse:
    return show(request, "mandates", {"mandates": administered.mandates()})


@administers
@require_http_methods(["GET", "POST"])
def new_mandate(request: HttpRequest, by: Administrator) -> HttpResponse:
    own = request.staff.municipality  # type: ignore[attr-defined]
    form = MandateForm(request.POST if request.method == "POST" else None, own=own)

    def give(unit_id: str, **values: Any) -> None:
        administering.lend(by, unit_id=UUID(unit_id), **values)

    if request.method == "POST" and saved(form, give):
        messages.success(request, _("%(name)s has a mandate.") % form.cleaned_data)
        return redirect("desk:administration-mandates")
    return show(request, "new_mandate", {"form": form})


@administers
@require_http_methods(["GET", "POST"])
def end_mandate(request: HttpRequest, by: Administrator, mandate_id: UUID) -> HttpResponse:
    mandate = Mandate.objects.select_related("staff").get(id=mandate_id)
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and saved(form, lambda end: administering.end_mandate(by, mandate_id, end)):
        messages.success(request, _("The mandate has got its last day. It is kept in the list."))
        return redirect("desk:administration-mandates")
    return show(request, "end_mandate", {"form": form, "mandate": mandate})


@administers
@require_GET
def absences(request: HttpRequest, by: Administrator) -> HttpResponse:
    return show(request, "absences", {"absences": administered.absences()})


@administers
@require_http_methods(["GET", "POST"])
def new_absence(request: HttpRequest, by: Administrator) -> HttpResponse:
    form = AbsenceForm(request.POST if request.method == "POST" else None)

    def add(staff_id: str, substitute_id: str | None, **values: Any) -> None:
        substitute = UUID(substitute_id) if substitute_id else None
        administering.add_absence(by, UUID(staff_id), substitute, **values)

    if request.method == "POST" and saved(form, add):
        messages.success(request, _("The absence is registered."))
        return redirect("desk:administration-absences")
    return show(request, "new_absence", {"form": form})


@administers
@require_http_methods(["GET", "POST"])
def remove_absence(request: HttpRequest, by: Administrator, absence_id: UUID) -> HttpResponse:
    """Asked for once more before it is gone."""
    absence = Absence.objects.select_related("staff", "substitute").get(id=absence_id)
    if request.method == "POST":
        administering.remove_absence(by, absence_id)
        messages.success(request, _("The absence is removed."))
        return redirect("desk:administration-absences")
    return show(request, "remove_absence", {"absence": absence})
