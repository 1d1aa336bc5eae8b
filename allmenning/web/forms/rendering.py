"""A page of a form, and a summary of its answers, as HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from allmenning.rules.forms import Difference, FieldError, Form, Page, Section
from allmenning.rules.forms.declared import in_language
from allmenning.rules.forms.words import say
from allmenning.web.forms.view_model import Context, summary_links, view
from allmenning.web.phones import with_calls


@lru_cache(maxsize=1)
def _templates() -> Environment:
    """An engine of its own: a form's language is the resident's, which need not be the page's."""
    built = Environment(
        loader=PackageLoader("allmenning.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    built.filters["calls"] = with_calls
    return built


def _render(template: str, **values: Any) -> Markup:
    # Safe: the template engine escapes every value.
    return Markup(_templates().get_template(template).render(**values))  # noqa: S704 (the engine escapes every value)  # nosec B704


def render_page(
    page: Page,
    data: Mapping[str, Any] | None = None,
    raw: Mapping[str, Any] | None = None,
    errors: Sequence[FieldError] = (),
    language: str = "nb",
    sources: Mapping[str, Any] | None = None,
    attachments: Mapping[str, Any] | None = None,
    urls: Mapping[str, Any] | None = None,
    *,
    level: int = 2,
    heading: bool = True,
) -> Markup:
    """A page of a form: error summary, heading, fields and their own buttons; the form element is the caller's.

    `data`: typed data (the page's own if None). `raw`: what could not be read, by pointer. `errors`: those of the page
    that should be said now. `sources`: marks of prefilled values. `attachments`: by id, with `name` and `size`.
    `urls`: `check` (where to ask what is wrong with a field that was left), `attachment` (a function of the id, or a
    text with `{id}`), `picture` (a function of the id: where its preview is, or nothing). `level`: of the page's heading.
    """
    urls = urls or {}
    at = Context(
        page=page,
        data=page.data if data is None else data,
        raw=raw or {},
        messages={error.pointer: error.message for error in reversed(list(errors))},
        language=language,
        sources=page.sources if sources is None else sources,
        attachments=attachments or {},
        attachment_url=_attachment_url(urls.get("attachment")),
        picture_url=urls.get("picture"),
    )
    nodes = [view(node, at) for node in page.nodes]
    return _render(
        "web/forms/page.html",
        page_id=page.id,
        title=in_language(page.title, language) if heading else "",
        intro=in_language(page.intro, language),
        level=level,
        nodes=nodes,
        links=summary_links(page, list(errors), nodes),
        conditional=page.conditional,
        check_url=urls.get("check", ""),
        language=language,
        say=lambda key, **values: say(key, language, **values),
    )


def _attachment_url(made: Any) -> Callable[[str], str] | None:
    if isinstance(made, str):
        return lambda identifier: made.replace("{id}", identifier)
    return made if callable(made) else None


def check_page(
    form: Form,
    page: Page,
    post: Any,
    language: str,
    raw: Mapping[str, Any] | None = None,
    attachments: Mapping[str, Any] | None = None,
    urls: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The answer to `forms.js`, to send as JSON: what is wrong, by pointer, and the page as the answers make it look.

    Nothing is saved. `page` is made from the draft, as for a POST.
    """
    changes = form.read_post(page, post, language, raw)
    again = form.page(page.id, changes.data, changes.sources)
    if again is None:
        return {"errors": {}, "html": ""}
    found = form.errors(changes.data, language, again, changes.raw, changes.sources)
    html = render_page(again, changes.data, changes.raw, (), language, changes.sources, attachments, urls)
    return {"errors": {error.pointer: error.message for error in found}, "html": str(html)}


def render_summary(
    sections: Sequence[Section],
    language: str,
    *,
    level: int = 2,
    change_url: Callable[[str], str] | None = None,
    differences: Sequence[Difference] = (),
    errors: Sequence[FieldError] = (),
) -> Markup:
    """The answers, section by section: for the review page (`change_url(page_id)` leads back) and for the desk.

    `differences` marks the answers that a register contradicts; `errors` those that must be corrected.
    """
    return _render(
        "web/forms/summary.html",
        sections=sections,
        level=level,
        change_url=change_url,
        differences={difference.pointer: difference for difference in differences},
        errors={error.pointer: error.message for error in errors},
        say=lambda key, **values: say(key, language, **values),
    )
