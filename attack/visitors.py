"""Somebody who tries everything: follows every link from a page, and sends every form with what nobody should send."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve
from lxml import html

SCRIPT = "<script>alert(1)</script>"
SUM = "3703701"  # what a template engine would make of the next one
TEMPLATE = "{{ 1234567 * 3 }}{% debug %}${1234567*3}#{1234567*3}"

HOSTILE = {
    "nul": "a\0b",
    "bidi": "safe\u202etxt.exe",
    "control": "a\x1b[31m\x07",
    "script": f"\"'>{SCRIPT}",
    "template": TEMPLATE,
    "sql": "'; drop table cases_case; -- \\",
    "lines": "x\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "path": "../../../../etc/passwd",
    "superscript": "²",
    "other digits": "٣٤٥",
    "negative": "-1",
    "many digits": "9" * 400,
    "not a number": "NaN",
    "exponent": "1e999",
    "old date": "0000-00-00",
    "far date": "99999-12-31",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "json": '{"$ref": "#"}',
    "elsewhere": "//evil.example/",
    "elsewhere by backslash": "/\\evil.example/",
    "large": "å" * 60_000,
    "nothing": "",
}
# The most telling ones, for each field by itself.
TELLING = {name: HOSTILE[name] for name in ("nul", "script", "superscript", "far date")}
_SKIPPED = ("csrfmiddlewaretoken", "_language")
# Lead to the login service, which is tried by tests of the doors themselves.
_LOGIN = ("portal:login", "desk:login-start")
# Where a form leads away: tried by tests of their own.
_ENDS_THE_VISIT = ("logout", "delete", "withdraw")


@dataclass
class Form:
    """A form of a page, as a browser would send it."""

    address: str
    method: str
    values: dict[str, str]
    typed: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def pages_from(client: Client, *starts: str, at_most: int = 200) -> dict[str, tuple[str, Any]]:
    """One page of each view that links lead to from these addresses: view's name → (address, page)."""
    found: dict[str, tuple[str, Any]] = {}
    waiting, seen = deque(starts), set(starts)
    while waiting and len(seen) < 2000 and len(found) < at_most:
        address = waiting.popleft()
        try:
            name = resolve(urlsplit(address).path).view_name
        except Resolver404:
            continue
        if name in _LOGIN or (name in found and address not in starts):
            continue
        page = client.get(address)
        assert page.status_code < 500, address
        for link in links_of(address, page):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
        if page.status_code == 200 and "html" in page.get("Content-Type", ""):
            found.setdefault(name if address not in starts else f"{name} {address}", (address, page))
    return found


def links_of(address: str, page: Any) -> Iterator[str]:
    if page.status_code in (301, 302, 303):
        links = [page["Location"]]
    elif "html" in page.get("Content-Type", ""):
        links = [str(each) for each in _tree(page).xpath("//a/@href")]
    else:
        links = []
    for link in links:
        parts = urlsplit(urljoin(address, link))
        if not parts.netloc and not parts.path.startswith(("/nn/", "/en/", "/static/")):
            yield parts._replace(fragment="").geturl()


def _tree(page: Any) -> Any:
    return html.fromstring(page.content.decode() or "<p>")


def forms_of(address: str, page: Any) -> list[Form]:
    """Every form of a page that does not end the visit."""
    forms = []
    for each in _tree(page).forms:
        form = Form(urljoin(address, each.get("action") or ""), each.method.lower(), {})
        for control in each.xpath(".//input|.//textarea|.//select"):
            _take(form, control)
        if not any(word in form.address for word in _ENDS_THE_VISIT):
            forms.append(form)
    return forms


def _take(form: Form, control: Any) -> None:
    name, kind = control.get("name"), (control.get("type") or control.tag).lower()
    if not name or name in _SKIPPED or kind in ("submit", "button", "image"):
        return
    if kind == "file":
        form.files.append(name)
        return
    value = control.value if control.tag != "input" else control.get("value")
    form.values.setdefault(name, value if isinstance(value, str) else "")
    form.typed.append(name)


def send(client: Client, form: Form, values: dict[str, Any]) -> Any:
    """Send a form; the exception of a failing view comes out here."""
    sent = {name: value for name, value in values.items() if value is not None}
    return client.get(form.address, sent) if form.method == "get" else client.post(form.address, sent)


def assert_only_text(page: Any, address: str) -> None:
    """What was typed is shown as text, if it is shown at all."""
    if "html" in page.get("Content-Type", ""):
        text = page.content.decode()
        assert SCRIPT not in text, address
        assert SUM not in text, address
    assert "a=b" not in str(page.cookies), address


def assert_leads_nowhere_else(page: Any, address: str) -> None:
    """An answer that sends somebody on sends them to a page of ours."""
    to = page.get("Location", "/")
    assert to.startswith(("/", "?")), (address, to)
    assert not to.startswith(("//", "/\\")), (address, to)
