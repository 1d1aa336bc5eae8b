"""A form in a real browser: what forms.js adds, and that nothing is lost without it."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from allmenning.rules.forms import Form
from allmenning.rules.forms.tests.sample import SCHEMA, UI
from allmenning.web.assets import ROOT
from allmenning.web.forms import check_page, render_page
from tests.browser.harness import NARROW, WIDE, assert_accessible, assert_fits

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'"
STATIC = ROOT / "allmenning" / "web" / "static"
STYLES = ("web/theme.css", "vendor/designsystemet/index.css", "web/site.css", "web/components.css", "web/forms.css")
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class Site:
    """One draft of the sample form at http://form.test/<page>, answered from this process."""

    def __init__(self) -> None:
        self.form = Form(SCHEMA, UI)
        self.data: dict = {}
        self.raw: dict = {}
        self.errors: list = []
        self.checks = 0
        self.script = True

    def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix])
        elif path.endswith("/check"):
            self.checks += 1
            page = self.form.page(path.split("/")[1], self.data)
            posted = _multipart(route.request)
            route.fulfill(
                body=json.dumps(check_page(self.form, page, posted, "nb", self.raw)), content_type="application/json"
            )
        else:
            if route.request.method == "POST":
                self._save(path.strip("/"), parse_qs(route.request.post_data or "", keep_blank_values=True))
            route.fulfill(
                body=self._page(path.strip("/")), content_type="text/html", headers={"Content-Security-Policy": POLICY}
            )

    def _save(self, page_id: str, posted: dict[str, list[str]]) -> None:
        changes = self.form.read_post(self.form.page(page_id, self.data), posted, "nb", self.raw)
        self.data, self.raw = changes.data, changes.raw
        self.errors = [] if changes.action else self.form.errors(self.data, "nb", page_id, self.raw)

    def _page(self, page_id: str) -> str:
        page = self.form.page(page_id, self.data)
        body = render_page(page, self.data, self.raw, self.errors, "nb", urls={"check": f"/{page_id}/check"})
        links = "".join(f'<link rel="stylesheet" href="/static/{style}">' for style in STYLES)
        script = '<script src="/static/web/forms.js" defer></script>' if self.script else ""
        return (
            f'<!doctype html><html lang="nb" data-color-scheme="light"><head><meta charset="utf-8"><title>Form</title>'
            f'<meta name="viewport" content="width=device-width"><link rel="icon" href="/static/web/icon.svg">{links}{script}'
            f'</head><body class="portal"><main class="site-body"><h1 class="ds-heading">Form</h1><form method="post" '
            f'novalidate>{body}<button class="ds-button">Neste</button></form></main></body></html>'
        )


def _multipart(request) -> dict[str, list[str]]:
    from email.parser import BytesParser

    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    found: dict[str, list[str]] = {}
    for part in BytesParser().parsebytes(head + request.post_data_buffer).get_payload():
        name = part.get_param("name", header="content-disposition")
        found.setdefault(name, []).append(part.get_payload(decode=True).decode())
    return found


@pytest.fixture
def form(page: Page) -> Site:
    site = Site()
    page.route("http://form.test/**", site.answer)
    return site


def next_page(page: Page, **press) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Neste").click() if not press else page.keyboard.press(press["key"])


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("page_id", ["about-you", "the-home", "help"])
def test_every_field_is_accessible_with_and_without_errors(page: Page, form: Site, page_id: str, size: dict):
    page.set_viewport_size(size)
    form.data = {"has_children": True, "children": [{"kindergarten": True}, {}]}
    for _ in range(2):
        page.goto(f"http://form.test/{page_id}")
        assert_accessible(page)
        assert_fits(page)
        next_page(page)


def test_an_error_comes_on_leaving_a_field_and_goes_when_it_is_right(page: Page, form: Site):
    page.goto("http://form.test/about-you")
    email = page.get_by_label("E-post")
    email.fill("kari@")
    page.keyboard.press("Tab")
    expect(page.locator("#f-email-error")).to_contain_text("må være en e-postadresse")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_attribute("aria-describedby", "f-email-error")
    expect(page.locator(".ds-validation-message")).to_have_count(1)  # not for what has not been visited
    email.fill("kari@eksempel.no")
    page.keyboard.press("Tab")
    expect(page.locator("#f-email-error")).to_have_count(0)
    assert email.get_attribute("aria-invalid") is None


def test_an_answer_opens_its_questions_and_keeps_focus_and_typing(page: Page, form: Site):
    form.data = {"has_children": True, "children": [{}]}
    page.goto("http://form.test/about-you")
    expect(page.get_by_role("button", name="Oppdater skjemaet")).to_be_hidden()
    child = page.get_by_role("group", name="Barn 1")
    child.get_by_label("Navn på barnet").fill("Ola")
    child.get_by_label("Ja").check()
    child.get_by_label("Timer i uka").fill("7")
    child.get_by_label("Nei").check()
    expect(child.get_by_label("Timer i uka")).to_have_count(0)
    assert page.evaluate("document.activeElement.value") == "false"
    child.get_by_label("Ja").check()
    expect(child.get_by_label("Timer i uka")).to_have_value("7")
    expect(child.get_by_label("Navn på barnet")).to_have_value("Ola")


def test_a_click_is_not_lost_when_an_error_moves_the_page(page: Page, form: Site):
    page.goto("http://form.test/about-you")
    page.get_by_label("E-post").fill("kari@")
    next_page(page)
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert form.raw == {"/email": "kari@"}


def test_enter_goes_on_and_removes_nothing(page: Page, form: Site):
    form.data = {"has_children": True, "children": [{"name": "Ola"}]}
    page.goto("http://form.test/about-you")
    page.get_by_label("Navn på barnet").fill("Kari")
    next_page(page, key="Enter")
    assert form.data["children"] == [{"name": "Kari"}]


def test_everything_can_be_done_without_javascript(page: Page, form: Site):
    form.script = False
    page.goto("http://form.test/about-you")
    page.get_by_label("Navn", exact=True).fill("Kari")
    page.get_by_role("group", name="Har du barn?").get_by_label("Ja").check()
    for button in ("Oppdater skjemaet", "Legg til barn"):
        with page.expect_navigation():
            page.get_by_role("button", name=button).click()
    page.get_by_label("Navn på barnet").fill("Ola")
    with page.expect_navigation():
        page.get_by_role("button", name="Legg til barn").click()
    assert form.data == {"name": "Kari", "has_children": True, "children": [{"name": "Ola"}, {}]}
    with page.expect_navigation():
        page.get_by_role("button", name="Fjern barn 2").click()
    assert form.data["children"] == [{"name": "Ola"}]
    assert form.checks == 0
