"""The template engine: Jinja2, which escapes everything and refuses a name that is not there."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.template import engines
from django.template.backends.jinja2 import Jinja2, Template
from django.template.backends.utils import csrf_input
from django.templatetags.static import static
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext, ngettext, npgettext, pgettext
from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from allmenning.basics import dates, money
from allmenning.commons.municipalities import queries as municipalities
from allmenning.web.i18n import LanguageLink, language_links, language_of_path
from allmenning.web.phones import with_calls

PACKAGE = Path(__file__).resolve().parents[1]
_KINDS = {"success": "success", "warning": "warning", "error": "danger"}
_UNITS = ("B", "kB", "MB", "GB")


class Page(Template):
    """A template, as the engine gives it out. Every form of a page carries the same masked token, made once."""

    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> str:
        if request is not None:
            token = SimpleLazyObject(lambda: csrf_input(request))
            # By these names, which Django's own `render` would bind anew; `request` is a page's like any other value.
            context = {**(context or {}), "request": request, "csrf_input": token}
        spoken = _spoken.set(get_language())
        try:
            return super().render(context)
        finally:
            _spoken.reset(spoken)


class Templates(Jinja2):
    """Django's Jinja2 backend, with templates in each room's `templates/` folder."""

    app_dirname = "templates"

    def get_template(self, template_name: str) -> Page:
        return Page(super().get_template(template_name).template, self)


def environment(**options: Any) -> Environment:
    """The environment that every page is rendered in."""
    options |= {
        "undefined": StrictUndefined,
        "extensions": ["jinja2.ext.i18n", "jinja2.ext.do"],
        "trim_blocks": True,
        "lstrip_blocks": True,
        "bytecode_cache": FileSystemBytecodeCache(getattr(settings, "JINJA_BYTECODE_DIR", None)),
    }
    built = Environment(**options)  # noqa: S701 (autoescape is among Django's options)  # nosec B701
    built.policies["ext.i18n.trimmed"] = True
    built.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext)  # type: ignore[attr-defined]
    built.globals |= {
        "gettext": text,
        "_": text,
        "static": lru_cache(maxsize=2048)(static) if settings.STATIC_ROOT else static,  # files have hashed names
        "url": url,
        "url_if_any": url_if_any,
        "language": language,
        "language_links": links_to_languages,
        "municipality_name": municipality_name,
        "query": query,
        "messages": messages_of,
        "product_name": "Allmenning",
        "now": dates.now,
        "today": dates.today,
    }
    built.filters |= {
        "date": format_date,
        "datetime": format_datetime,
        "iso": lambda value: value.isoformat(),
        "kroner": format_kroner,
        "number": format_number,
        "filesize": format_filesize,
        "paragraphs": paragraphs,
        "flowing": flowing,
        "calls": with_calls,
    }
    return built


def warm() -> None:
    """Load every template of ours, so that no visitor waits for it. (Packages bring some in another language.)"""
    ours = [str(path).rpartition("/templates/")[2] for path in PACKAGE.rglob("templates/**/*.html")]
    for engine in engines.all():
        if isinstance(engine, Templates):
            for name in ours:
                engine.env.get_template(name)


def url(name: str, /, *args: Any, **kwargs: Any) -> str:
    """The address of a view in the page's language."""
    if args or kwargs:
        return reverse(name, args=args or None, kwargs=kwargs or None)
    return _fixed_url(name, language(), get_urlconf() or settings.ROOT_URLCONF)


@lru_cache(maxsize=2048)
def _fixed_url(name: str, _language: str, _urlconf: str) -> str:
    """The addresses of each page's header and menu are the same on every page: they are worked out once."""
    return reverse(name)


def url_if_any(name: str, /, *args: Any, **kwargs: Any) -> str | None:
    """The address of a view, or None where this installation has no such door."""
    try:
        return url(name, *args, **kwargs)
    except NoReverseMatch:
        return None


def language() -> str:
    """The page's language: nb, nn or en."""
    return _spoken.get() or get_language() or settings.LANGUAGE_CODE


# Of the page that is being made, which has hundreds of texts: Django takes some µs to tell which language is spoken.
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


def text(message: str, /, **values: Any) -> Markup:
    """A text in the page's language; `%(name)s` becomes the value of that name, escaped."""
    spoken = language()
    return _translated(spoken, message) % values if values else _as_it_is(spoken, message)


@lru_cache(maxsize=8192)
def _translated(spoken: str, message: str) -> Markup:
    with translation.override(spoken):
        return Markup(gettext(message))  # noqa: S704 (our own texts)  # nosec B704


@lru_cache(maxsize=8192)
def _as_it_is(spoken: str, message: str) -> Markup:
    return _translated(spoken, message) % {}


def municipality_name(municipality: str) -> str:
    """A municipality's name, in the page's language where it has several."""
    return municipalities.name_of(municipality, language())


@pass_context
def links_to_languages(context: Context) -> list[LanguageLink]:
    """Links to this page in each language. The address says which one is current; without a request, there are none."""
    request: HttpRequest | None = context.get("request")
    return language_links(request.get_full_path()) if request else []


def query(request: HttpRequest, /, **changes: Any) -> str:
    """This page's query with some values changed (None removes one): `?q=…&sort=…`, for sorting, filters and paging."""
    values = request.GET.copy()
    for name, value in changes.items():
        values.pop(name, None)
        if value is not None:
            values[name] = str(value)
    return "?" + values.urlencode()


@pass_context
def messages_of(context: Context) -> list[tuple[str, str]]:
    """What was just done, as (kind of alert, text); asked for once, then gone."""
    request: HttpRequest | None = context.get("request")
    if request is None or not hasattr(request, "_messages"):
        return []
    return [(_KINDS.get(message.level_tag, "info"), str(message)) for message in get_messages(request)]


def format_date(value: date | datetime | None) -> str:
    return dates.format_date(value, language()) if value else ""


def format_datetime(value: datetime | None) -> str:
    return dates.format_datetime(value, language()) if value else ""


def format_kroner(ore: int) -> str:
    return money.format_ore(ore, language())


def format_number(value: float, decimals: int = 0) -> str:
    """A number with the language's signs: `12 345,6` in Norwegian, `12,345.6` in English. Spaces do not break."""
    text = f"{value:,.{decimals}f}"
    return text if language() == "en" else text.translate(str.maketrans(",.", "\u00a0,"))


def format_filesize(size: int) -> str:
    value, unit = float(size), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{format_number(value, 1 if unit > 1 and value < 10 else 0)}\u00a0{_UNITS[unit]}"


def paragraphs(text: str) -> Markup:
    """Plain text as escaped paragraphs; a single line break stays one."""
    parts = [part for part in text.replace("\r\n", "\n").strip().split("\n\n") if part.strip()]
    lines = (Markup("<br>").join(escape(line) for line in part.strip().split("\n")) for part in parts)
    return Markup("").join(Markup('<p class="ds-paragraph">{}</p>').format(line) for line in lines)


def flowing(text: str) -> Markup:
    """Paragraphs of a text that is wrapped in its file: its line breaks are the file's, not the reader's."""
    return paragraphs("\n\n".join(" ".join(part.split()) for part in text.split("\n\n")))


def in_language_of(request: HttpRequest) -> translation.override:
    """Speak the language of the address, whatever was spoken last on this thread."""
    return translation.override(language_of_path(request.path_info))


def with_query(path: str, **values: str) -> str:
    return f"{path}?{urlencode(values)}"
