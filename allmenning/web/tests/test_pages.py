"""The template engine and what pages say in it."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template import engines
from django.utils import translation
from jinja2 import UndefinedError

from allmenning.web import i18n, jinja

TEMPLATES = sorted((i18n.ROOT / "allmenning").rglob("templates/**/*.html"))


def render(source: str, **context) -> str:
    return engines["jinja"].from_string(source).render(context)


def test_text_is_escaped_and_a_missing_name_is_an_error():
    assert render("{{ text }}", text="<b>") == "&lt;b&gt;"
    with pytest.raises(UndefinedError):
        render("{{ nothing }}")


def test_numbers_and_dates_follow_the_language():
    source = "{{ 1234567|number }} {{ 2500000|filesize }} {{ at|date }}"
    at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    with translation.override("nb"):
        assert render(source, at=at) == "1\u00a0234\u00a0567 2,5\u00a0MB 3. mars 2026"
    with translation.override("en"):
        assert render(source, at=at) == "1,234,567 2.5\u00a0MB 3 March 2026"


def test_plain_text_becomes_paragraphs_and_stays_text():
    assert jinja.paragraphs("a\nb\n\n<c>") == '<p class="ds-paragraph">a<br>b</p><p class="ds-paragraph">&lt;c&gt;</p>'


def test_a_query_keeps_the_rest(rf):
    assert jinja.query(rf.get("/?q=a&sort=b"), sort="c", page=None) == "?q=a&sort=c"


@pytest.mark.parametrize(
    ("path", "links"),
    [
        ("/", ["/", "/nn/", "/en/"]),
        ("/nn/", ["/", "/nn/", "/en/"]),
        ("/en/a?b=1", ["/a?b=1", "/nn/a?b=1", "/en/a?b=1"]),
        ("/nnn/a", ["/nnn/a", "/nn/nnn/a", "/en/nnn/a"]),
        ("/nn//evil.example/", ["/evil.example/", "/nn/evil.example/", "/en/evil.example/"]),
        ("//evil.example/", ["/evil.example/", "/nn/evil.example/", "/en/evil.example/"]),
        ("/en/\\\\evil.example/", ["/evil.example/", "/nn/evil.example/", "/en/evil.example/"]),
    ],
)
def test_the_same_page_in_each_language(path, links):
    assert [link.href for link in i18n.language_links(path)] == links


@pytest.mark.parametrize(
    "path", ["//evil.example/", "/nn//evil.example/", "/en/%2Fevil.example/x/", "/\\\\evil.example"]
)
def test_no_link_of_a_page_that_is_not_there_leads_to_another_site(client, path):
    page = client.generic("GET", "/", PATH_INFO=path)
    assert page.status_code == 404
    assert not re.search(r"(?:href|src|action)=\"(?://|/\\\\|https?:)", page.text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_what_the_security_policy_refuses(template: Path):
    source = template.read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)|javascript:|\|\s*safe\b", source)


def test_the_theme_is_made_of_the_projects_own_colours():
    web = Path(jinja.__file__).parent
    colours = re.findall(r"#\w{6}", (web / "theme" / "designsystemet.config.json").read_text())
    theme = (web / "static" / "web" / "theme.css").read_text().lower()
    assert colours
    assert all(colour.lower() in theme for colour in colours)
