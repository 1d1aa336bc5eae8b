"""Services: which the municipality offers, in which version, with which values of its own, and who receives the cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.content import ServicePackage
from allmenning.journeys import adjusting, administered, administering
from allmenning.journeys.administering import Administrator
from allmenning.web.said import said

from .common import administers, saved, show
from .fields import Form, Line, Pick, Radio
from .staff import units_to_choose

_VALUE = "value-"


class Amount(Line):
    """What was typed for an adjustable value, read by its kind and within its bounds; empty means the default."""

    def __init__(self, setting: adjusting.Setting) -> None:
        hints = [setting.help, _bounds(setting), _default(setting)]
        self.source = _source(setting)
        mode = "numeric" if setting.kind == "integer" else "decimal"
        super().__init__(
            setting.title, 30, required=False, hint=" ".join(filter(None, hints)), width=12, inputmode=mode
        )
        self.setting = setting
        self.suffix = _("kr") if setting.kind == "ore" else ""

    def to_python(self, value: Any) -> Any:
        return _read(self.setting, super().to_python(value))

    def validate(self, value: Any) -> None:
        """Nothing typed is an answer too."""


class Alternative(Radio):
    """One of the alternatives of an adjustable value, or the default."""

    def __init__(self, setting: adjusting.Setting) -> None:
        alternatives = setting.choices or ((adjusting.YES, _("Yes")), (adjusting.NO, _("No")))
        names = dict(alternatives)
        default = _("As the service proposes: %(default)s") % {"default": names.get(setting.default, setting.default)}
        super().__init__(setting.title, [("", default), *alternatives], required=False, hint=setting.help)
        self.setting = setting

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, str) else ""

    def validate(self, value: Any) -> None:
        _read(self.setting, value)

    def clean(self, value: Any) -> Any:
        return _read(self.setting, self.to_python(value))


def _read(setting: adjusting.Setting, text: str) -> Any:
    try:
        return adjusting.read(setting, text)
    except AllmenningError as error:
        raise ValidationError(said(error)) from None


def _bounds(setting: adjusting.Setting) -> str:
    if setting.least and setting.least == setting.most:
        return _("Must be %(value)s today.") % {"value": setting.least}
    if setting.least and setting.most:
        return _("From %(least)s to %(most)s.") % {"least": setting.least, "most": setting.most}
    if setting.least:
        return _("At least %(least)s.") % {"least": setting.least}
    return _("At most %(most)s.") % {"most": setting.most} if setting.most else ""


def _default(setting: adjusting.Setting) -> str:
    return _("If left empty: %(default)s.") % {"default": setting.default} if setting.default else ""


def _source(setting: adjusting.Setting) -> str:
    """Where the national value was read, and whether somebody has confirmed it."""
    if not setting.default_source:
        return ""
    text = _("Source: %(source)s.") % {"source": setting.default_source.rstrip(".")}
    if setting.default_confirmed:
        return text
    # Not inside an f-string: texts there are not extracted.
    return " ".join((text, _("Not confirmed: check the number before you rely on it.")))


class ValuesForm(Form):
    """The version, and a field for each value that the municipality may set in it."""

    def __init__(self, *args, package: ServicePackage, values: Mapping[str, Any], **kwargs):
        settings = adjusting.settings_of(package, values, get_language() or "nb", dates.today())
        super().__init__(*args, initial={_VALUE + each.id: each.typed for each in settings}, **kwargs)
        for each in settings:
            field = Alternative(each) if each.kind in ("boolean", "choice") else Amount(each)
            self.fields[_VALUE + each.id] = field


class RoutingForm(Form):
    """Who receives new cases: a unit for the service, and others for some of its topics."""

    def __init__(self, *args, routes: list[administered.Route], area: str, **kwargs):
        held = {_topic(each): str(each.unit.id) for each in routes if each.unit}
        super().__init__(*args, initial=held, **kwargs)
        units = units_to_choose(area)
        for each in routes:
            label = each.label or _("All cases of the service")
            empty = _("Choose …") if not each.topic else _("As all other cases")
            self.fields[_topic(each)] = Pick(label, units, required=not each.topic, empty=empty)


def _topic(route: administered.Route) -> str:
    return f"topic-{route.topic or 'all'}"


@administers
@require_GET
def services(request: HttpRequest, by: Administrator) -> HttpResponse:
    return show(request, "services", {"services": administered.services()})


@administers
@require_http_methods(["GET", "POST"])
def service(request: HttpRequest, by: Administrator, service: str) -> HttpResponse:
    """Adopt a version with the municipality's own values, or change them."""
    offer = administered.service(service)
    known = administered.versions(service)
    asked = (request.POST if request.method == "POST" else request.GET).get("version", "")
    held = offer.adopted.version if offer.adopted and offer.is_offered else offer.newest
    version = asked if asked in known else held
    package = catalogue.service_version(service, version)
    values = offer.adopted.values if offer.adopted else {}
    form = ValuesForm(request.POST if request.method == "POST" else None, package=package, values=values)

    def adopt(**typed: Any) -> None:
        given = {name.removeprefix(_VALUE): value for name, value in typed.items() if value is not None}
        administering.adopt(by, service, version, given)

    if request.method == "POST" and saved(form, adopt):
        messages.success(request, _("%(service)s is offered, in version %(version)s.") % _named(package, version))
        return redirect("desk:administration-service", service=service)
    context = {
        "form": form,
        "offer": offer,
        "package": package,
        "version": version,
        "versions": known,
        "routes": administered.routes(package, get_language() or "nb"),
    }
    return show(request, "service", context)


def _named(package: ServicePackage, version: str) -> dict[str, str]:
    return {"service": package.title[get_language() or "nb"], "version": version}


@administers
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, by: Administrator, service: str) -> HttpResponse:
    """Asked for once more: from then on nobody can apply."""
    offer = administered.service(service)
    if request.method == "POST":
        if offer.is_offered:
            administering.stop_offering(by, service)
        messages.success(request, _("The service is no longer offered. Running cases go on."))
        return redirect("desk:administration-services")
    return show(request, "stop_service", {"offer": offer})


@administers
@require_http_methods(["GET", "POST"])
def routing(request: HttpRequest, by: Administrator, service: str) -> HttpResponse:
    offer = administered.service(service)
    routes = administered.routes(offer.package, get_language() or "nb")
    form = RoutingForm(request.POST if request.method == "POST" else None, routes=routes, area=offer.package.area)

    def send(**chosen: str | None) -> None:
        with transaction.atomic():
            for route in routes:
                unit = chosen[_topic(route)]
                if unit:
                    administering.route(by, service, route.topic, UUID(unit))
                else:
                    administering.stop_routing(by, service, route.topic)

    if request.method == "POST" and saved(form, send):
        messages.success(request, _("New cases go where you chose."))
        return redirect("desk:administration-service", service=service)
    return show(request, "routing", {"form": form, "offer": offer})
