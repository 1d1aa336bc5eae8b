"""Every component and every error page in a real browser: accessible, fitting 320 px, refused nothing by its policy."""

import pytest
from playwright.sync_api import Page

from allmenning.web.styleguide import ERRORS
from tests.browser.harness import assert_good_at_every_width
from tests.browser.pages import visits


@visits("web:components", "web:components-desk")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/_components/", "/_components/desk/"])
def test_components_are_accessible(page: Page, site: str, path: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(site + path)
    assert_good_at_every_width(page, f"{path.strip('/_').replace('/', '-')}-{scheme}")


@visits("web:components-error")
@pytest.mark.parametrize("name", ERRORS)
def test_error_pages_are_accessible(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/_components/errors/{name}/")
    assert_good_at_every_width(page, f"error-{name}")


def test_an_opened_menu_is_accessible(page: Page, site: str) -> None:
    page.goto(site + "/nn/_components/desk/")
    page.locator(".account summary").click()
    assert_good_at_every_width(page, "desk-menu")


@pytest.mark.parametrize("path", ["/_components/", "/_components/desk/"])
def test_components_work_without_javascript(browser, site: str, path: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + path)
    assert page.locator("h1").is_visible()
    context.close()


def test_the_keyboard_reaches_the_content_first(page: Page, site: str) -> None:
    page.goto(site + "/en/_components/desk/")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_what_was_typed_survives_a_stale_form(page: Page, site: str, settings) -> None:
    settings.ROOT_URLCONF = "allmenning.web.tests.urls"
    page.goto(site + "/en/form")
    page.fill("textarea", "A long letter\nin two lines")
    page.context.clear_cookies()
    page.click("button")
    assert "had been open too long" in page.locator("h1").inner_text()
    page.get_by_role("button", name="Send again").click()
    assert "Received: A long letter" in page.content()


def test_a_form_is_sent_once_however_often_one_presses(page: Page, site: str) -> None:
    posts = []
    page.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
    page.goto(site + "/_components/")
    with page.expect_navigation():
        page.evaluate(
            """() => {
                const form = document.querySelector("form.stack");
                const button = form.querySelector("button");
                for (let press = 0; press < 3; press++) form.requestSubmit(button);
            }"""
        )
    assert len(posts) == 1
