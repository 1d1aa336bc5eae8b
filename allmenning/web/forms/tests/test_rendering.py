"""A form on a page: labels, errors, groups and buttons, as a browser and a screen reader find them."""

import copy
import re

import pytest
from bs4 import BeautifulSoup, Tag

from allmenning.rules.forms import Form
from allmenning.rules.forms.tests.sample import SCHEMA, UI, control, show
from allmenning.web.forms import check_page, render_page, render_summary

FORM = Form(SCHEMA, UI)
DATA = {
    "name": "Kari Nordmann",
    "born": "1990-05-17",
    "has_children": True,
    "children": [{"name": "Ola", "kindergarten": True, "hours": 99}, {}],
    "home": {"kind": "rented", "rent": 1_250_050},
    "needs": ["home"],
    "story": "\nFørst en tom linje",
    "papers": ["a1"],
    "municipality": "heim",
}
SOURCES = {
    "/name": {"source": "folkeregister:navn", "fetched_at": "2026-11-21T10:00:00+01:00"},
    "/born": {"source": "folkeregister:foedsel", "fetched_at": "2026-11-21"},
}
ATTACHMENTS = {"a1": {"name": "lønn.pdf", "size": 234_567}}
RAW = {"/email": "kari@", "/moved": "31.2.2020"}


def drawn(page_id: str, language: str = "nb", data=DATA, errors: bool = True, **more) -> BeautifulSoup:
    page = FORM.page(page_id, data, SOURCES)
    found = FORM.errors(data, language, page, RAW, SOURCES) if errors else []
    urls = {"check": "/check", "attachment": "/files/{id}"}
    return BeautifulSoup(
        str(render_page(page, data, RAW, found, language, SOURCES, ATTACHMENTS, urls, **more)), "html.parser"
    )


def everything() -> list[BeautifulSoup]:
    pages = ("about-you", "the-home", "help")
    return [drawn(page, language, data) for page in pages for language in ("nb", "nn", "en") for data in (DATA, {})]


def named(soup: BeautifulSoup, name: str) -> Tag:
    found = soup.find(attrs={"name": name})
    assert isinstance(found, Tag), name
    return found


def test_every_control_has_a_label():
    for soup in everything():
        labels = {label["for"] for label in soup.find_all("label")}
        for part in soup.select("input:not([type=hidden]), select, textarea"):
            assert part["id"] in labels
        for legend in soup.find_all("fieldset"):
            assert legend.find("legend", recursive=False).get_text(strip=True)
        for button in soup.select("button:not([aria-hidden])"):
            assert button.get_text(strip=True)


def test_every_id_is_there_once_and_every_reference_leads_somewhere():
    for soup in everything():
        ids = [part["id"] for part in soup.select("[id]")]
        assert len(ids) == len(set(ids))
        for part in soup.select("[aria-describedby]"):
            assert set(part["aria-describedby"].split()) <= set(ids)
        for link in soup.select('a[href^="#"]'):
            assert link["href"][1:] in ids


def test_nothing_needs_a_content_security_policy_to_be_weakened():
    for soup in everything():
        assert not soup.select("[style], style, script, [onclick], [onchange]")


def test_an_error_is_beside_its_field_and_in_the_summary():
    soup = drawn("about-you")
    email = named(soup, "/email")
    assert email["aria-invalid"] == "true"
    assert email["value"] == "kari@"
    message = soup.find(id=email["aria-describedby"].split()[-1])
    assert message.get_text() == "Feil: E-post må være en e-postadresse, for eksempel navn@eksempel.no"
    summary = soup.select_one("[data-error-summary]")
    assert summary["tabindex"] == "-1"
    texts = {link["href"]: link.get_text() for link in summary.find_all("a")}
    assert texts["#f-email"] == message.get_text().removeprefix("Feil: ")
    assert texts["#f-moved-day"] == "Innflyttet er ikke en dato som finnes"
    assert texts["#f-children-1-kindergarten-0"] == "Svar på «Går barnet i barnehage?» (Barn 2)"


def test_without_errors_there_is_no_summary_and_nothing_is_invalid():
    soup = drawn("about-you", errors=False)
    assert not soup.select("[data-error-summary], [aria-invalid]")


def test_a_register_value_says_where_it_is_from():
    soup = drawn("about-you", "en")
    assert soup.find(id="f-born-source").get_text() == "From the population register, 21.11.2026"
    assert "f-born-source" in named(soup, "/born")["aria-describedby"]
    assert soup.find(attrs={"name": "/name"}) is None  # locked: shown, not asked
    assert "Kari Nordmann" in soup.find(id="f-name").get_text()


def test_optional_fields_are_marked_and_required_ones_are_not():
    soup = drawn("about-you", "nn")
    assert "(valfritt)" in soup.find("label", attrs={"for": "f-email"}).get_text()
    assert "(valfritt)" not in soup.find(id="f-has_children").legend.get_text()
    assert "(valfritt)" not in soup.find(id="f-children").legend.get_text()


def test_fields_say_what_they_are_for_to_the_browser():
    soup = drawn("about-you")
    assert (named(soup, "/email")["type"], named(soup, "/email")["autocomplete"]) == ("email", "email")
    assert named(soup, "/phone")["autocomplete"] == "tel"
    assert named(soup, "/number")["inputmode"] == "numeric"
    assert named(drawn("the-home"), "/home/rent")["inputmode"] == "decimal"


def test_an_unanswered_question_is_neither_yes_nor_no():
    assert not drawn("about-you", data={}).select('[name="/has_children"][checked]')
    checked = drawn("about-you", data={"has_children": False}).select('[name="/has_children"][checked]')
    assert [box["value"] for box in checked] == ["false"]


def test_many_answers_become_a_list_and_few_become_buttons():
    soup = drawn("the-home")
    assert named(soup, "/municipality").name == "select"
    assert named(soup, "/municipality").find("option", selected=True)["value"] == "heim"
    assert named(soup, "/home/kind")["type"] == "radio"


def test_groups_have_buttons_that_need_no_javascript():
    soup = drawn("about-you")
    names = {button.get("name") for button in soup.find_all("button")}
    assert {"_add:/children", "_remove:/children/0", "_remove:/children/1", "_refresh"} <= names
    assert soup.find("button", attrs={"name": "_remove:/children/1"}).get_text(strip=True) == "Fjern barn 2"
    assert "_refresh" not in {button.get("name") for button in drawn("help").find_all("button")}


def test_enter_presses_a_button_that_goes_on():
    first = drawn("about-you").find("button")
    assert first.get("name") is None
    assert first["tabindex"] == "-1"


def test_uploaded_files_are_listed_and_can_be_removed():
    soup = drawn("help")
    assert soup.find("a", href="/files/a1").get_text() == "lønn.pdf"
    assert "235\xa0kB" in soup.get_text()
    assert named(soup, "_remove-file:/papers:a1").get_text() == "Fjern lønn.pdf"
    assert named(soup, "/papers")["type"] == "file"


def test_a_first_empty_line_survives():
    """A browser drops the line feed right after the tag; the template's own is the one to be dropped."""
    assert str(named(drawn("help"), "/story")).split(">", 1)[1].startswith("\n\nFørst")


@pytest.mark.parametrize(
    "evil", ["<script>alert(1)</script>", '" onfocus="x', "{{ 7*7 }}", "{% raw %}", "</textarea><b>"]
)
def test_markup_and_template_syntax_are_only_text(evil):
    data = DATA | {"name": evil, "story": evil, "children": [{"name": evil}]}
    page = FORM.page("about-you", data)
    soup = BeautifulSoup(str(render_page(page, data, {"/email": evil})), "html.parser")
    assert [named(soup, name)["value"] for name in ("/name", "/email", "/children/0/name")] == [evil] * 3
    assert not soup.select("script, [onfocus]")
    help_page = BeautifulSoup(str(render_page(FORM.page("help", data), data)), "html.parser")
    assert named(help_page, "/story").get_text().strip() == evil
    assert not BeautifulSoup(str(render_summary(FORM.summary(data, "nb"), "nb")), "html.parser").select("script, b")


def test_a_disabled_field_is_shown_and_not_sent():
    ui = copy.deepcopy(UI)
    ui["elements"][2]["elements"] = [
        control("needs", rule=show("story", {"const": "x"}, "DISABLE")),
        control("story"),
    ]
    form = Form(SCHEMA, ui)
    soup = BeautifulSoup(str(render_page(form.page("help", {"story": "x"}))), "html.parser")
    assert all(box.has_attr("disabled") for box in soup.select('[name="/needs"], [name="_present"]'))


def test_what_the_page_shows_is_what_reading_it_gives():
    for page_id in ("about-you", "the-home", "help"):
        sent: dict[str, list[str]] = {}
        for part in drawn(page_id, errors=False).select("input, select, textarea"):
            if part.get("type") in ("radio", "checkbox") and not part.has_attr("checked"):
                continue
            if part.name == "select":
                value = part.find("option", selected=True)["value"]
            else:
                value = part.get_text().removeprefix("\n") if part.name == "textarea" else part.get("value", "")
            sent.setdefault(part["name"], []).append(value)
        changes = FORM.read_post(FORM.page(page_id, DATA, SOURCES), sent, raw=RAW)
        assert changes.data | {"story": DATA["story"]} == DATA
        assert changes.raw == RAW


def test_the_check_answers_with_errors_and_the_page_as_it_becomes():
    page = FORM.page("about-you", {})
    answer = check_page(FORM, page, {"/has_children": "true", "/email": "kari@", "/name": "Kari"}, "nn")
    assert answer["errors"]["/email"].startswith("E-post må vere ei e-postadresse")
    assert "/name" not in answer["errors"]
    assert re.search("_add:/children", answer["html"])
    assert "ds-validation-message" not in answer["html"]


def test_a_summary_marks_differences_and_errors_and_leads_back():
    sections = FORM.summary(DATA, "en", ATTACHMENTS)
    soup = BeautifulSoup(
        str(
            render_summary(
                sections,
                "en",
                change_url=lambda page: f"/draft/{page}",
                differences=FORM.differences(DATA, {"/born": "1990-05-18"}, "en"),
                errors=FORM.errors(DATA, "en"),
            )
        ),
        "html.parser",
    )
    assert soup.find("a", href="/draft/about-you").get_text() == "Change About you"
    assert "In the register: 18 May 1990" in soup.get_text()
    assert "Hours a week can’t be more than 45" in soup.get_text()
    assert [heading.name for heading in soup.select("h2, h3")][:3] == ["h2", "h3", "h3"]
