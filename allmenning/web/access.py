"""Who may open an address. Every view carries exactly one of these; a test holds all addresses to it.

`anyone`, `resident_only`, `staff_only`, `administrator_only`, `office_only`, `machine_only`: each marks the view's `policy`, refuses
everyone else before the view runs, and chooses the municipality and the database login that the view works as.

A view reads what it shows before it returns: a streaming response would run after the municipality is let go.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, overload
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string

from allmenning import tenancy
from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.memory import remembered
from allmenning.commons.identity import offices, sessions
from allmenning.journeys.errors import (
    MayNotRepresent,
    NoLongerRepresents,
    NotCoveredHere,
    RegisterMustAnswer,
    WorksThere,
)
from allmenning.journeys.representing import working_for
from allmenning.web import errors
from allmenning.web.jinja import with_query
from allmenning.web.said import said

View = Callable[..., HttpResponseBase]
Who = Literal["anyone", "resident", "staff", "administrator", "office", "machine", "client"]

# The keyword of an address that names the municipality.
MUNICIPALITY = "municipality"
# Why somebody who acts for another person gets no further.
NOT_FOR_ANOTHER = (NoLongerRepresents, NotCoveredHere, WorksThere, RegisterMustAnswer, MayNotRepresent)


@dataclass(frozen=True)
class Policy:
    """Who may open a view; `role` narrows staff, `roles` the office. `client`: another system with a token, by the scope of its
    contract."""

    who: Who
    role: str | None = None
    roles: tuple[str, ...] = ()


def anyone(view: View) -> View:
    """Open to all. With a municipality in the address it works as that municipality's resident login, without keys."""
    return _guarded(view, Policy("anyone"), _serve_anyone)


def resident_only(view: View) -> View:
    """For a resident who is logged in. With a municipality in the address it sees that resident's own rows there."""
    return _guarded(view, Policy("resident"), _serve_resident)


@overload
def staff_only(view: View) -> View: ...
@overload
def staff_only(*, role: str | None = None) -> Callable[[View], View]: ...
def staff_only(view: View | None = None, *, role: str | None = None) -> View | Callable[[View], View]:
    """For staff who have chosen municipality and area, which the view works as. `role`: for those who hold it there."""
    if view is None:
        return lambda wrapped: _guarded(wrapped, Policy("staff", role), _serve_staff)
    return _guarded(view, Policy("staff", role), _serve_staff)


def administrator_only(view: View) -> View:
    """For the municipality's own administrators; works as its administration login."""
    return _guarded(view, Policy("administrator"), _serve_administrator)


def office_only(*roles: str) -> Callable[[View], View]:
    """For who acts in one of these roles at a cooperation's office (`commons.identity.offices`): `request.office`.

    It works in no municipality. Whose agreements, bills and plans the role reaches is for the journey to say.
    """
    if unknown := {*roles} - {*offices.OF_A_COOPERATION, *offices.OF_A_PARTY} or not roles:
        raise TypeError(f"no such roles: {unknown}")
    return lambda view: _guarded(view, Policy("office", roles=roles), _serve_office)


def machine_only(view: View) -> View:
    """For the operator's machines: from a network in `MACHINE_NETWORKS` directly, or with `MACHINE_TOKEN` as bearer."""
    return _guarded(view, Policy("machine"), _serve_machine)


def checks_its_own_text(view: View) -> View:
    """The view says itself, beside the field, what is wrong with unsafe text; so it is let through to it."""
    view.checks_its_own_text = True  # type: ignore[attr-defined]
    return view


def local_path(value: str | None, default: str = "/") -> str:
    """A `next` that is a path on this site, else the default: a login must not send anyone to another site."""
    if not value or not value.isprintable() or "\\" in value or not value.startswith("/"):
        return default
    return value if url_has_allowed_host_and_scheme(value, allowed_hosts=None) else default


def _guarded(view: View, policy: Policy, serve: Callable[..., HttpResponseBase]) -> View:
    if hasattr(view, "policy"):
        raise TypeError(f"{view.__name__} has a policy already: {view.policy}")

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return serve(policy, view, request, *args, **kwargs)

    guarded.policy = policy  # type: ignore[attr-defined]
    return guarded


def _serve_anyone(policy: Policy, view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    try:
        with _municipality(kwargs.get(MUNICIPALITY), "resident"):
            return _run(view, request, *args, **kwargs)
    except NOT_FOR_ANOTHER as error:
        return _choose_again(request, error)


def _serve_resident(policy: Policy, view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    resident = sessions.resident(request)
    if resident is None:
        return _log_in_first(request, "portal:login")
    request.resident = resident  # type: ignore[attr-defined]
    municipality = kwargs.get(MUNICIPALITY)
    try:
        if municipality is None:
            return _run(view, request, *args, **kwargs)
        _require_live(municipality)
        with working_for(municipality, resident):
            return _run(view, request, *args, **kwargs)
    except NOT_FOR_ANOTHER as error:
        return _choose_again(request, error)


def _choose_again(request: HttpRequest, error: AllmenningError) -> HttpResponse:
    """To the page where one chooses whom to act for: this person can't be acted for here, or no more.

    What was posted meanwhile is held on a page: to be copied, or sent again when the register answers.
    """
    if isinstance(error, NoLongerRepresents):
        sessions.act_for(request, None)
    if request.method == "POST":
        may_send_again = isinstance(error, RegisterMustAnswer)
        there = {"why": said(error), "may_send_again": may_send_again, "act_for": reverse("portal:act-for")}
        status = 503 if may_send_again else 403
        return errors.ask_to_send_again(request, "web/errors/not_for_another.html", status, **there)
    messages.warning(request, said(error))
    return HttpResponseRedirect(reverse("portal:act-for"))


def _serve_staff(policy: Policy, view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    staff = sessions.staff(request)
    if staff is None or not staff.has_chosen:
        return _log_in_first(request, "desk:login" if staff is None else "desk:choose")
    request.staff = staff  # type: ignore[attr-defined]
    if kwargs.get(MUNICIPALITY, staff.municipality) != staff.municipality:
        raise PermissionDenied("another municipality than the one acted for")
    with _municipality(staff.municipality, str(staff.area)):
        if policy.role and not _has_role(staff, policy.role):
            raise PermissionDenied(policy.role)
        return _run(view, request, *args, **kwargs)


def _serve_administrator(
    policy: Policy, view: View, request: HttpRequest, *args: Any, **kwargs: Any
) -> HttpResponseBase:
    staff = sessions.staff(request)
    if staff is None or staff.municipality is None:
        return _log_in_first(request, "desk:login" if staff is None else "desk:choose")
    if not staff.is_administrator or kwargs.get(MUNICIPALITY, staff.municipality) != staff.municipality:
        raise PermissionDenied("not an administrator here")
    request.staff = staff  # type: ignore[attr-defined]
    with _municipality(staff.municipality, "administration"):
        return _run(view, request, *args, **kwargs)


def _serve_office(policy: Policy, view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    staff, chosen = sessions.staff(request), sessions.office(request)
    if staff is None or chosen is None:
        return _log_in_first(request, "desk:login" if staff is None else "desk:choose")
    acting = offices.role(chosen, staff.person_key, dates.today())
    if acting is None:
        return _log_in_first(request, "desk:choose")
    request.staff, request.office = staff, acting  # type: ignore[attr-defined]
    if acting.role not in policy.roles:
        raise PermissionDenied(f"not as {acting.role}")
    return _run(view, request, *args, **kwargs)


def _serve_machine(policy: Policy, view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    if not (_has_machine_token(request) or _is_near_machine(request)):
        return HttpResponse("forbidden\n", status=403, content_type="text/plain")
    return _run(view, request, *args, **kwargs)


def _run(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Call the view, and render what it left for later while the municipality is still chosen."""
    response = view(request, *args, **kwargs)
    render = getattr(response, "render", None)
    return render() if render and not getattr(response, "is_rendered", True) else response


@contextmanager
def _municipality(municipality: str | None, login: str) -> Iterator[None]:
    """Work as a login of a municipality; 404 if there is no such municipality. None: choose none."""
    if municipality is None:
        yield
        return
    _require_live(municipality)
    with tenancy.use(municipality, login):
        yield


def _require_live(municipality: str) -> None:
    if municipality not in live():
        live.forget()
        if municipality not in live():
            raise Http404("no such municipality")


@remembered(seconds=60)
def live() -> frozenset[str]:
    """Ids of the municipalities that have a database here."""
    return frozenset(str(getattr(each, "id", each)) for each in import_string(settings.MUNICIPALITIES)())


def _has_role(staff: sessions.Staff, role: str) -> bool:
    """Asks the municipality's own register of roles, through the setting `STAFF_ROLE_CHECK`; without one, no."""
    path = getattr(settings, "STAFF_ROLE_CHECK", None)
    return path is not None and bool(import_string(path)(staff, role))


def _log_in_first(request: HttpRequest, name: str) -> HttpResponse:
    """To the login and back again. What was posted is held on a page meanwhile, so that nothing typed is lost."""
    if request.method in ("GET", "HEAD"):
        return HttpResponseRedirect(with_query(reverse(name), next=request.get_full_path()))
    back = local_path(_path_of(request.headers.get("Referer")), default=request.get_full_path())
    return errors.ask_to_send_again(request, "web/errors/logged_out.html", login=with_query(reverse(name), next=back))


def _path_of(address: str | None) -> str | None:
    parts = urlsplit(address or "")
    return parts.path + (f"?{parts.query}" if parts.query else "") or None


def _has_machine_token(request: HttpRequest) -> bool:
    token = getattr(settings, "MACHINE_TOKEN", "")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(token) and secrets.compare_digest(given.encode(), token.encode())


def _is_near_machine(request: HttpRequest) -> bool:
    """A caller in a listed network. Behind a proxy all have the proxy's address, so a forwarded request is not near."""
    if {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(request.headers):
        return False
    networks = getattr(settings, "MACHINE_NETWORKS", ("127.0.0.0/8", "::1/128"))
    try:
        caller = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(caller in ipaddress.ip_network(network) for network in networks)
