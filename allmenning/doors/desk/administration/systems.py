"""Other systems that use the API for the municipality: let in, listed with what they may, and withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from allmenning.journeys import administered, clients
from allmenning.journeys.administering import Administrator
from allmenning.municipal.access.clients import SCOPES
from allmenning.municipal.access.models import ApiClient

from . import words
from .common import administers, saved, show
from .fields import Form, Line, Pick, Tick


class SystemForm(Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "nb"
        services = [(each.id, each.package.title[language]) for each in administered.services()]
        self.fields["name"] = Line(
            _("The system's name"), 120, hint=_("Residents and staff see it in the log of a case.")
        )
        self.fields["key"] = Line(
            _("Public key"),
            4000,
            hint=_("A JWK, from the supplier of the system. The private half never leaves the system."),
        )
        self.fields["area"] = Pick(_("Service area"), words.areas())
        self.fields["service"] = Pick(_("Service"), services, required=False, empty=_("All services of the area"))
        for scope in SCOPES:
            self.fields[scope] = Tick(words.scope(scope))


@administers
@require_GET
def systems(request: HttpRequest, by: Administrator) -> HttpResponse:
    rows = [(each, clients.id_of(each)) for each in clients.all_clients()]
    return show(request, "systems", {"rows": rows})


@administers
@require_http_methods(["GET", "POST"])
def new_system(request: HttpRequest, by: Administrator) -> HttpResponse:
    """Let a system in by its public key."""
    form = SystemForm(request.POST if request.method == "POST" else None)

    def let_in(name: str, key: str, area: str, service: str | None, **scopes: bool) -> None:
        chosen = [scope for scope, is_chosen in scopes.items() if is_chosen]
        clients.add(by, name=name, key=key, scopes=chosen, areas=[area], services=[service] if service else [])

    if request.method == "POST" and saved(form, let_in):
        messages.success(request, _("The system can log in. Give its supplier the client id in the list."))
        return redirect("desk:administration-systems")
    return show(request, "new_system", {"form": form})


@administers
@require_http_methods(["GET", "POST"])
def withdraw_system(request: HttpRequest, by: Administrator, client_id: UUID) -> HttpResponse:
    """Asked for once more before it is let in no more."""
    client = ApiClient.objects.get(id=client_id, withdrawn_at=None)
    if request.method == "POST":
        clients.withdraw(by, client.id)
        messages.success(request, _("%(name)s is let in no more.") % {"name": client.name})
        return redirect("desk:administration-systems")
    return show(request, "withdraw_system", {"client": client, "client_id": clients.id_of(client)})
