"""What every response carries and every request must satisfy, whichever door it came through."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from allmenning.web import configuration, errors, problems
from allmenning.web.i18n import language_of_path

Handler = Callable[[HttpRequest], HttpResponseBase]

_PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "publickey-credentials-get",
        "screen-wake-lock",
        "usb",
        "xr-spatial-tracking",
    )
)


class SecurityHeaders:
    """Headers that keep the browser on our side, and personal pages out of every cache."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.headers = {
            "Content-Security-Policy": content_security_policy(),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": _PERMISSIONS,
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store" if _is_personal(request, response) else "private, no-cache"
        return response


def content_security_policy() -> str:
    """Only our own files, no inline script or style. A form's post may lead on to the login of listed issuers alone.

    An issuer that logs in at another host than its own name (ID-porten does) is added by `CSP_FORM_ACTION_ORIGINS`.
    """
    issuers = {
        urlsplit(issuer)._replace(path="", query="", fragment="").geturl() for issuer in _setting("ALLOWED_ISSUERS")
    }
    form_targets = " ".join(["'self'", *sorted(issuers | set(_setting("CSP_FORM_ACTION_ORIGINS")))])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        f"form-action {form_targets}; frame-ancestors 'none'; base-uri 'none'"
    )


def _setting(name: str) -> list[str]:
    return list(getattr(settings, name, ()))


def _is_personal(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether a cached copy could show somebody's affairs: a logged-in visitor, something posted, or a cookie set."""
    is_logged_in = settings.SESSION_COOKIE_NAME in request.COOKIES
    return is_logged_in or request.method not in ("GET", "HEAD") or bool(response.cookies)


class Language:
    """The address alone chooses the language of a page: a link says what it shows, and no cache can mix them.

    Another system, which follows no links, asks for a language by Accept-Language.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_api = problems.is_api(request)
        language = _accepted(request) if is_api else language_of_path(request.path_info)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if is_api:
            patch_vary_headers(response, ("Accept-Language",))
        return response


def _accepted(request: HttpRequest) -> str:
    """The first language that the request asks for and we have (`no` is bokmål), else bokmål."""
    for wanted, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")[:200]):
        language = {"no": "nb"}.get(wanted.split("-")[0], wanted.split("-")[0])
        if language in dict(settings.LANGUAGES):
            return language
    return str(settings.LANGUAGE_CODE)


class ErrorPages:
    """A refusal without a page (405, 413, 429, 503 …) gets one that says what to do, in the visitor's language."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code not in errors.STATUSES or not _is_blank(response):
            return response
        if not (problems.is_api(request) or request.accepts("text/html")):
            return response
        page = errors.page(request, response.status_code)
        for name in ("Allow", "Retry-After"):
            if name in response.headers:
                page.headers[name] = response.headers[name]
        return page


def _is_blank(response: HttpResponseBase) -> bool:
    return isinstance(response, HttpResponse) and not response.content


class SafeInput:
    """Refuses what no browser form sends: too much, broken UTF-8, or NUL (which PostgreSQL cannot store).

    A view that checks its own text, to say what is wrong beside the field, is marked with `access.checks_its_own_text`.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _is_too_large(request):
            return errors.page(request, 413)
        # Django has read the path already: broken UTF-8 in it stays percent-encoded, so it is no page's address.
        if "\0" in request.path_info or not _is_text(unquote_to_bytes(request.META.get("QUERY_STRING", ""))):
            return errors.page(request, 400)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, *_: object) -> HttpResponse | None:
        if request.method != "POST" or not _is_form(request):
            return None
        try:
            is_safe = _is_safe_post(request, getattr(view, "checks_its_own_text", False))
        except RequestDataTooBig:
            return errors.page(request, 413)
        except (SuspiciousOperation, UnicodeError):
            is_safe = False
        return None if is_safe else errors.page(request, 400)


def _is_too_large(request: HttpRequest) -> bool:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    # Another system sends files within JSON; how much an operation takes, it says itself.
    has_files = request.content_type == "multipart/form-data" or problems.is_api(request)
    name = "REQUEST_MAX_UPLOAD_BYTES" if has_files else "REQUEST_MAX_BYTES"
    return length > getattr(settings, name, getattr(configuration, name))


def _is_text(raw: bytes) -> bool:
    try:
        return "\0" not in codecs.decode(raw, "utf-8")
    except UnicodeDecodeError:
        return False


def _is_form(request: HttpRequest) -> bool:
    return request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data")


def _is_safe_post(request: HttpRequest, checks_its_own_text: bool) -> bool:
    if request.content_type == "application/x-www-form-urlencoded":
        raw = unquote_to_bytes(request.body)
        codecs.decode(raw, "utf-8")
    if checks_its_own_text:
        return True
    return not any("\0" in name or any("\0" in value for value in values) for name, values in request.POST.lists())
