"""Addresses for this room's own tests: one view for each kind of access, and a form."""

from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.middleware.csrf import get_token
from django.urls import include, path
from django.utils.translation import get_language

from allmenning import tenancy
from allmenning.project.urls import handler400, handler403, handler404, handler500
from allmenning.tenancy import NoMunicipalityChosen
from allmenning.web import access

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def who(request: HttpRequest, **_: str) -> JsonResponse:
    """Whom the database would be asked as."""
    try:
        acting = tenancy.current()
    except NoMunicipalityChosen:
        return JsonResponse({"municipality": None})
    return JsonResponse({"municipality": acting.municipality, "login": acting.login, "keys": len(acting.keys)})


def form(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return HttpResponse("Received: " + " ".join(request.POST.getlist("text")), content_type="text/plain")
    token = get_token(request)
    return HttpResponse(
        "<!doctype html><html lang=en><title>Form</title><form method=post>"
        f'<input type=hidden name=csrfmiddlewaretoken value="{token}">'
        "<textarea name=text></textarea><button>Send</button></form>"
    )


def language(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_language())


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken")


_portal = (
    [path("login", access.anyone(language), name="login"), path("", access.anyone(language), name="front")],
    "portal",
)
_desk = (
    [path("login", access.anyone(language), name="login"), path("choose", access.anyone(language), name="choose")],
    "desk",
)

urlpatterns = i18n_patterns(
    path("language", access.anyone(language)),
    path("broken", access.anyone(broken)),
    path("form", access.anyone(form)),
    path("checked-form", access.checks_its_own_text(access.anyone(form))),
    path("read-only", access.anyone(lambda request: HttpResponseNotAllowed(["GET"]))),
    path("open", access.anyone(who)),
    path("<slug:municipality>/open", access.anyone(who)),
    path("<slug:municipality>/mine", access.resident_only(who)),
    path("mine", access.resident_only(who)),
    path("work", access.staff_only(who)),
    path("decide", access.staff_only(role="decider")(who)),
    path("settings", access.administrator_only(who)),
    path("metrics", access.machine_only(who)),
    path("desk/", include(_desk)),
    path("", include(_portal)),
    prefix_default_language=False,
)
