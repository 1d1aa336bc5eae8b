"""The letterhead: how the municipality presents itself on letters and pages."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from allmenning.journeys import administered, administering
from allmenning.journeys.administering import Administrator

from .common import administers, saved, show
from .fields import Email, File, Form, Line, OrganisationNo, Phone, PostalCode, Tick, Website


class LetterheadForm(Form):
    def __init__(self, *args, **kwargs):
        held = administered.letterhead()
        super().__init__(*args, initial={**vars(held), "logo": None}, **kwargs)
        self.fields["name"] = Line(_("Name"), hint=_("As it stands on letters, for example «Averøy kommune»."))
        self.fields["organisation_number"] = OrganisationNo(_("Organisation number"), hint=_("Nine digits."))
        self.fields["address_line"] = Line(_("Postal address"), required=False)
        self.fields["postal_code"] = PostalCode(_("Postal code"))
        self.fields["postal_place"] = Line(_("Place"), 60, required=False)
        self.fields["phone"] = Phone(_("Telephone"))
        self.fields["email"] = Email(_("E-mail"))
        self.fields["website"] = Website(_("Website"), hint=_("The whole address, such as https://www.example.no."))
        self.fields["logo"] = File(
            _("New logo"),
            hint=_("PNG, JPEG or SVG, at most 2 MB. It is drawn anew; an SVG may hold shapes alone, not text."),
            accept=".png,.jpg,.jpeg,.svg",
        )
        if held.logo:
            self.fields["remove_logo"] = Tick(_("Remove the logo that is there"))


@administers
@require_http_methods(["GET", "POST"])
def letterhead(request: HttpRequest, by: Administrator) -> HttpResponse:
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = LetterheadForm(*posted)
    if request.method == "POST" and saved(form, lambda **values: _save(by, **values)):
        messages.success(request, _("The letterhead is saved. Letters from now on have it."))
        return redirect("desk:administration-letterhead")
    return show(request, "letterhead", {"form": form, "held": administered.letterhead()})


def _save(by: Administrator, logo: UploadedFile | None = None, remove_logo: bool = False, **values: Any) -> None:
    """All or nothing: a logo that can't be used leaves the rest as it was."""
    with transaction.atomic():
        administering.set_letterhead(by, **values)
        if logo:
            administering.set_logo(by, logo.read())
        elif remove_logo:
            administering.remove_logo(by)


@administers
@require_GET
def logo(request: HttpRequest, by: Administrator) -> HttpResponse:
    held = administered.letterhead()
    if not held.logo:
        raise Http404("no logo")
    return HttpResponse(bytes(held.logo), content_type="image/png")


@administers
@require_GET
def sample(request: HttpRequest, by: Administrator) -> HttpResponse:
    """A sample letter as PDF, with the letterhead as it is now."""
    text = _(
        "This is a sample. It shows how letters from the municipality look: the logo and name at the top, and address,"
        " telephone, e-mail and website at the foot of each page. The recipient's name and address stand where the"
        " window of the envelope is."
    )
    recipient = [_("Name of the recipient"), _("Street 1"), _("1234 Place")]
    pdf = administered.sample_letter(
        get_language() or "nb", text, _("A sample letter"), recipient, _("Name of the unit")
    )
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="sample-letter.pdf"'
    return response
