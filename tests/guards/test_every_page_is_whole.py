"""Every template is a page on a layout, or a part that another uses; and every page is tried in a real browser."""

import re

from django.urls import get_resolver

from allmenning.web.i18n import ROOT
from tests.browser.pages import NO_PAGE, NOT_TRIED_YET, visited
from tests.guards.test_every_address_has_a_policy import addresses

PACKAGE = ROOT / "allmenning"
BASE = "web/base.html"
# Drawn by code (web/forms/rendering.py) into whatever page asks.
# The last is a page of its own in a ZIP, where there is no site around it.
DRAWN_INTO_A_PAGE = {"web/forms/page.html", "web/forms/summary.html", "portal/export.html"}
_EXTENDS = re.compile(r"{%-?\s*extends\s+\"([^\"]+)\"")
_USES = re.compile(r"{%-?\s*(?:import|from|include)\s+\"([^\"]+)\"")


def templates():
    """Name → text of every template of the rooms."""
    paths = [path for path in PACKAGE.rglob("templates/**/*.html") if path.is_file()]
    return {str(path).split("/templates/", 1)[1]: path.read_text("utf-8") for path in paths}


TEMPLATES = templates()


def root_of(name):
    """The template at the top of what this one extends."""
    found = _EXTENDS.search(TEMPLATES[name])
    return root_of(found[1]) if found else name


def test_every_template_stands_on_the_layout_or_is_used_by_another():
    used = {part for text in TEMPLATES.values() for part in _USES.findall(text)}
    used |= DRAWN_INTO_A_PAGE
    assert {name for name in TEMPLATES if root_of(name) != BASE and name not in used} == set()


def test_no_template_has_anything_inline():
    """The content security policy refuses it; said here before somebody wonders why nothing happens."""
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|<script(?![^>]*\bsrc=)(?![^>]*json)", re.I)
    assert {name: inline.findall(text) for name, text in TEMPLATES.items() if inline.search(text)} == {}


def test_nothing_is_marked_safe_by_hand():
    """Autoescape stands between what residents write and other people's browsers."""
    trusted = re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\(")
    assert {name for name, text in TEMPLATES.items() if trusted.search(text)} == set()


def page_names():
    for _, pattern in addresses(get_resolver().url_patterns):
        module = pattern.callback.__module__
        if pattern.name and not module.startswith("allmenning.doors.api"):
            room = re.match(r"allmenning\.(?:doors\.)?(\w+)", module)
            yield f"{room[1]}:{pattern.name}"


def test_every_page_is_tried_by_a_browser():
    waiting = {name for name in page_names() if name.startswith(NOT_TRIED_YET)}
    tried = set(visited()) | set(NO_PAGE) | waiting
    assert set(page_names()) - tried == set(), "put @visits(name) on its browser test (tests/browser/pages.py)"


def test_what_browsers_try_is_there():
    assert (set(visited()) | set(NO_PAGE)) - set(page_names()) == set()
    assert all(NO_PAGE.values()), "say what it answers with instead of a page"
