"""Staff and their roles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from allmenning.basics import dates
from allmenning.journeys import administered, administering
from allmenning.journeys.administering import Administrator
from allmenning.municipal.access.models import Position, StaffMember

from . import words
from .common import administers, saved, show
from .fields import Day, Email, Form, IdentityNumber, Line, Pick


class StaffForm(Form):
    def __init__(self, *args, staff: StaffMember | None = None, **kwargs):
        super().__init__(*args, initial=vars(staff) if staff else {"start": dates.today()}, **kwargs)
        if staff is None:
            self.fields["number"] = IdentityNumber(
                _("National identity number"),
                hint=_("11 digits. Used to recognise the person at login, and kept only as a fingerprint."),
            )
        self.fields["name"] = Line(_("Name"))
        self.fields["title"] = Line(_("Title"), required=False, hint=_("For example «adviser»."))
        self.fields["email"] = Email(_("E-mail at work"))
        self.fields["start"] = Day(_("First day"))
        self.fields["end"] = Day(_("Last day"), required=False, hint=_("Leave empty as long as the employment lasts."))


class PositionForm(Form):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, initial={"start": dates.today()}, **kwargs)
        self.fields["role"] = Pick(_("Role"), words.roles())
        self.fields["unit_id"] = Pick(
            _("Unit"),
            units_to_choose(),
            required=False,
            hint=_("Left empty for the administrator alone, who is of no unit and sees no case."),
        )
        self.fields["start"] = Day(_("First day"))
        self.fields["end"] = Day(_("Last day"), required=False, hint=_("Leave empty if it has no end."))


class EndForm(Form):
    """The last day of something that holds."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, initial={"end": dates.today()}, **kwargs)
        self.fields["end"] = Day(_("Last day"), hint=_("It holds to the end of that day."))


def units_to_choose(area: str | None = None) -> list[tuple[str, str]]:
    """Open units, of one area or all of them, with their area where it is not the ordinary one."""
    return [
        (str(unit.id), unit.name if unit.area == "ordinary" else f"{unit.name} ({words.area(unit.area)})")
        for unit in administered.open_units()
        if area in (None, unit.area)
    ]


def staff_to_choose() -> list[tuple[str, str]]:
    return [
        (str(staff.id), f"{staff.name}, {staff.title}" if staff.title else staff.name)
        for staff in administered.everyone()
    ]


@administers
@require_GET
def everybody(request: HttpRequest, by: Administrator) -> HttpResponse:
    """All staff, or those who match what is searched for; 50 on a page."""
    asked, ended = request.GET.get("q", "")[:200], request.GET.get("ended") == "1"
    given = request.GET.get("page", "")
    page = int(given) if given.isascii() and given.isdigit() and len(given) < 5 else 0
    found, total = administered.staff_found(asked.replace("\0", ""), page, ended=ended)
    size = administered.STAFF_ON_A_PAGE
    context = {
        "asked": asked,
        "ended": ended,
        "found": found,
        "total": total,
        "previous": page - 1 if page else None,
        "next": page + 1 if (page + 1) * size < total else None,
        "first": page * size + 1,
    }
    return show(request, "staff", context)


@administers
@require_http_methods(["GET", "POST"])
def new_staff(request: HttpRequest, by: Administrator) -> HttpResponse:
    form = StaffForm(request.POST if request.method == "POST" else None)
    made: list[StaffMember] = []

    def add(**values: Any) -> None:
        made.append(administering.add_staff(by, **values))

    if request.method == "POST" and saved(form, add):
        messages.success(request, _("%(name)s is registered. Give a role next.") % form.cleaned_data)
        return redirect("desk:administration-new-position", staff_id=made[0].id)
    return show(request, "new_staff", {"form": form})


@administers
@require_http_methods(["GET", "POST"])
def member(request: HttpRequest, by: Administrator, staff_id: UUID) -> HttpResponse:
    """One person: what they are here, and which roles, mandates and absences they have."""
    held = StaffMember.objects.get(id=staff_id)
    form = StaffForm(request.POST if request.method == "POST" else None, staff=held)
    if request.method == "POST" and saved(form, lambda **values: administering.change_staff(by, staff_id, **values)):
        messages.success(request, _("The changes are saved."))
        return redirect("desk:administration-member", staff_id=staff_id)
    context = {
        "form": form,
        "member": StaffMember.objects.get(id=staff_id),
        "positions": administered.positions_of(staff_id),
        "mandates": administered.mandates(staff_id),
        "absences": administered.absences(staff_id),
    }
    return show(request, "member", context)


@administers
@require_http_methods(["GET", "POST"])
def new_position(request: HttpRequest, by: Administrator, staff_id: UUID) -> HttpResponse:
    held = StaffMember.objects.get(id=staff_id)
    form = PositionForm(request.POST if request.method == "POST" else None)

    def add(unit_id: str | None, **values: Any) -> None:
        administering.add_position(by, staff_id, UUID(unit_id) if unit_id else None, **values)

    if request.method == "POST" and saved(form, add):
        messages.success(request, _("The role is given."))
        return redirect("desk:administration-member", staff_id=staff_id)
    return show(request, "new_position", {"form": form, "member": held})


@administers
@require_http_methods(["GET", "POST"])
def end_position(request: HttpRequest, by: Administrator, position_id: UUID) -> HttpResponse:
    position = Position.objects.select_related("staff", "unit").get(id=position_id)
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and saved(form, lambda end: administering.end_position(by, position_id, end)):
        messages.success(request, _("The role has got its last day."))
        return redirect("desk:administration-member", staff_id=position.staff_id)
    return show(request, "end_position", {"form": form, "position": position})
