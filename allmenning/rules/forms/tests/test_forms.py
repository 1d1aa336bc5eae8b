"""What a form asks, reads, hides, checks and says."""

import copy
import json
from typing import Any

import pytest

from allmenning.basics.testing import calls_of
from allmenning.rules.forms import Form, InvalidForm
from allmenning.rules.forms.tests.sample import SCHEMA, UI, control, show, three

FORM = Form(SCHEMA, UI)
RIGHT = {
    "name": "Kari Nordmann",
    "has_children": True,
    "children": [{"name": "Ola", "kindergarten": False}],
    "home": {"kind": "rented", "rent": 1_250_050},
    "consent": True,
}


def form_of(properties: dict[str, Any], *elements: dict[str, Any], **schema: Any) -> Form:
    ui = {"type": "VerticalLayout", "elements": list(elements) or [control(name) for name in properties]}
    return Form({"type": "object", "properties": properties, **schema}, ui)


def pointers(data: dict[str, Any], page: str = "about-you") -> list[str]:
    found = FORM.page(page, data)
    return [field.pointer for field in found.fields] if found else []


def post(page_id: str, values: dict[str, Any], data: dict[str, Any] | None = None, **kept: Any):
    page = FORM.page(page_id, data or {}, kept.pop("sources", None))
    return FORM.read_post(page, values, **kept)


def said(data: dict[str, Any], language: str = "nb", **more: Any) -> dict[str, str]:
    return {error.pointer: error.message for error in FORM.errors(data, language, **more)}


def test_a_complete_form_has_no_errors():
    assert said(RIGHT) == {}


def test_pages_have_stable_ids_and_titles_in_three_languages():
    assert [(page.id, page.title["nn"], page.number) for page in FORM.pages({})] == [
        ("about-you", "Om deg", 1),
        ("the-home", "Bustaden", 2),
        ("help", "Hjelp", 3),
    ]


def test_a_question_is_shown_when_its_rule_holds():
    assert "/children" not in pointers({})
    assert "/children" not in pointers({"has_children": False})
    assert "/children/0/name" in pointers({"has_children": True, "children": [{}]})


def test_a_rule_in_a_repeating_group_asks_about_its_own_item():
    data = {"has_children": True, "children": [{"kindergarten": True}, {"kindergarten": False}]}
    assert "/children/0/hours" in pointers(data)
    assert "/children/1/hours" not in pointers(data)


def test_a_page_can_be_hidden():
    ui = copy.deepcopy(UI)
    ui["elements"][1]["rule"] = show("has_children", {"const": True})
    form = Form(SCHEMA, ui)
    assert [page.id for page in form.pages({})] == ["about-you", "help"]
    assert "home" not in form.visible({"home": {"kind": "rented"}})
    assert not [error for error in form.errors({}, "nb") if error.pointer.startswith("/home")]


def test_hiding_an_answer_hides_what_depended_on_it():
    yes = {"type": "boolean", "x-title": three("Ja")}
    form = form_of(
        {"a": yes, "b": yes, "c": yes},
        control("a"),
        control("b", rule=show("a", {"const": True})),
        control("c", rule=show("b", {"const": True})),
    )
    assert form.visible({"a": False, "b": True, "c": True}) == {"a": False}


@pytest.mark.parametrize(("kind", "both", "one"), [("AND", True, False), ("OR", True, True)])
def test_conditions_can_be_joined(kind, both, one):
    yes = {"type": "boolean", "x-title": three("Ja")}
    conditions = [{"scope": f"#/properties/{name}", "schema": {"const": True}} for name in "ab"]
    rule = {"effect": "SHOW", "condition": {"type": kind, "conditions": conditions}}
    form = form_of({"a": yes, "b": yes, "c": yes}, control("a"), control("b"), control("c", rule=rule))
    for data, expected in (({"a": True, "b": True}, both), ({"a": True}, one)):
        assert any(f.pointer == "/c" for f in form.pages(data)[0].fields) is expected


def test_an_unanswered_question_can_be_said_to_fail_a_condition():
    number = {"type": "integer", "x-title": three("Tall")}
    rule = show("a", {"minimum": 3})
    open_form = form_of({"a": number, "b": number}, control("a"), control("b", rule=rule))
    rule["condition"]["failWhenUndefined"] = True
    assert len(open_form.pages({})[0].fields) == 2
    assert len(form_of({"a": number, "b": number}, control("a"), control("b", rule=rule)).pages({})[0].fields) == 1


def test_a_disabled_field_keeps_what_it_had():
    text = {"type": "string", "x-title": three("Tekst")}
    form = form_of({"a": text, "b": text}, control("a"), control("b", rule=show("a", {"const": "x"}, "DISABLE")))
    changes = form.read_post(form.pages({"a": "x", "b": "old"})[0], {"/a": "x", "/b": "new"})
    assert changes.data["b"] == "old"


# ---- Reading ----


@pytest.mark.parametrize(
    ("page", "name", "typed", "value"),
    [
        ("about-you", "/born", "17.5.1990", "1990-05-17"),
        ("about-you", "/born", "17051990", "1990-05-17"),
        ("about-you", "/born", "1990-05-17", "1990-05-17"),
        ("about-you", "/since", "5.2020", "2020-05"),
        ("about-you", "/number", "028132 99952", "02813299952"),
        ("about-you", "/phone", "+47 12 34 56 78", "+4712345678"),
        ("the-home", "/home/rent", "kr 12 500,50", 1_250_050),
        ("the-home", "/home/area", "56,5", 56.5),
        ("the-home", "/home/kind", "owned", "owned"),
        ("the-home", "/municipality", "smola", "smola"),
        ("about-you", "/has_children", "false", False),
        ("help", "/needs", ["work", "money"], ["money", "work"]),
        ("help", "/consent", "true", True),
        ("help", "/story", "  En\r\nto  ", "En\nto"),
    ],
)
def test_what_is_typed_becomes_typed_data(page, name, typed, value):
    changes = post(page, {name: typed})
    at = changes.data
    for step in name[1:].split("/"):
        at = at[step]
    assert at == value
    assert type(at) is type(value)
    assert changes.errors == []


def test_a_date_can_be_typed_in_three_fields():
    parts = {"/moved.day": "3", "/moved.month": "2", "/moved.year": "2020"}
    assert post("about-you", parts).data == {"moved": "2020-02-03"}
    assert post("about-you", dict.fromkeys(parts, "")).data == {}
    assert post("about-you", parts | {"/moved.month": ""}).raw == {"/moved": "3..2020"}


@pytest.mark.parametrize(
    ("page", "name", "typed", "code"),
    [
        ("about-you", "/born", "31.02.2020", "no-such-date"),
        ("about-you", "/born", "i fjor", "date"),
        ("about-you", "/number", "02813299953", "national-identity-number"),
        ("about-you", "/email", "kari@", "email"),
        ("about-you", "/name", "Kari\x00", "unsafe"),
        ("about-you", "/name", "Kari\u202egro", "unsafe"),
        ("about-you", "/name", "x" * 200_000, "maxLength"),
        ("about-you", "/has_children", "kanskje", "choice"),
        ("the-home", "/home/rent", "mye", "ore"),
        ("the-home", "/home/rent", "9" * 40, "ore"),
        ("the-home", "/home/area", "1e9", "number"),
        ("the-home", "/home/postal_code", "650", "postal-code"),
        ("the-home", "/home/kind", "borrowed", "choice"),
        ("help", "/needs", ["money", "love"], "choice"),
    ],
)
def test_what_cannot_be_read_is_kept_beside_an_error(page, name, typed, code):
    changes = post(page, {name: typed})
    assert [(error.pointer, error.code) for error in changes.errors] == [(name, code)]
    assert changes.raw[name]
    assert json.loads(json.dumps(changes.raw)) == changes.raw
    again = FORM.errors(changes.data, "nb", page, changes.raw)
    assert code in {error.code for error in again if error.pointer == name}


def test_raw_text_gives_way_to_a_good_answer():
    first = post("about-you", {"/born": "i fjor"}, {"born": "1990-05-17"})
    assert (first.data, first.raw) == ({}, {"/born": "i fjor"})
    second = post("about-you", {"/born": "1.1.1991"}, first.data, raw=first.raw)
    assert (second.data, second.raw) == ({"born": "1991-01-01"}, {})


def test_fields_that_were_not_on_the_page_stay():
    assert post("about-you", {"/email": ""}, RIGHT).data == RIGHT


def test_unticking_the_last_box_is_an_answer():
    assert post("help", {"_present": ["/needs", "/consent"]}, {"needs": ["money"], "consent": True}).data == {}


def test_a_post_cannot_name_somebody_elses_file():
    assert post("help", {"/papers": ["stolen-id"]}).data == {}


def test_files_are_attached_and_removed():
    data = FORM.attach(FORM.attach({}, "/papers", "a1"), "/papers", "a2")
    changes = post("help", {"_remove-file:/papers:a1": "1"}, data)
    assert changes.data == {"papers": ["a2"]}
    assert (changes.action.kind, changes.action.value) == ("remove-file", "a1")
    with pytest.raises(KeyError):
        FORM.attach({}, "/name", "a1")


@pytest.mark.parametrize("button", ["_add:/children", "_add:/properties/children"])
def test_an_item_is_added_after_what_was_typed(button):
    changes = post("about-you", {"/children/0/name": "Ola", button: "1"}, {"has_children": True, "children": [{}]})
    assert changes.data["children"] == [{"name": "Ola"}, {}]
    assert changes.action.anchor == "f-children-1"


def test_an_item_is_removed_with_its_raw_texts_and_the_next_move_up():
    data = {"has_children": True, "children": [{"name": "A"}, {"name": "B"}, {"name": "C"}]}
    typed = {"/children/1/hours": "x", "/children/2/hours": "y", "_remove:/children/1": "1"}
    typed |= {"/children/1/kindergarten": "true"}
    changes = post("about-you", typed, data)
    assert [child["name"] for child in changes.data["children"]] == ["A", "C"]
    assert changes.raw == {"/children/1/hours": "y"}


def test_a_group_does_not_grow_past_its_most_items():
    data = {"has_children": True, "children": [{}] * 4}
    assert len(post("about-you", {"_add:/children": "1"}, data).data["children"]) == 4
    assert len(post("about-you", {"/children/4/name": "x"}, data).data["children"]) == 4


def test_a_stray_item_number_makes_no_empty_items():
    assert post("about-you", {"/children/40/name": "x"}).data == {}


def test_a_value_from_a_register_is_locked_and_marked():
    sources = {"/name": {"source": "folkeregister:navn", "fetched_at": "2026-11-21"}}
    changes = post("about-you", {"/name": "Somebody else"}, {"name": "Kari"}, sources=sources)
    assert changes.data == {"name": "Kari"}
    assert changes.sources == sources


def test_when_the_register_is_down_the_field_can_be_filled_in():
    assert post("about-you", {"/name": "Kari"}).data == {"name": "Kari"}


def test_a_changed_value_is_no_longer_the_registers():
    sources = {"/born": {"source": "folkeregister:foedsel"}, "/email": {"source": "kontaktregister:e"}}
    typed = {"/born": "18.5.1990", "/email": "kari@eksempel.no"}
    changes = post("about-you", typed, {"born": "1990-05-17", "email": "kari@eksempel.no"}, sources=sources)
    assert list(changes.sources) == ["/email"]
    assert changes.changed == {"/born"}


# ---- Errors ----


def test_what_is_missing_is_said_in_plain_words():
    assert said({"has_children": True}) == {
        "/name": "Fyll inn navn",
        "/children": "Legg til minst én under «Barn»",
        "/home/kind": "Velg type bolig",
        "/home/rent": "Fyll inn husleie i måneden",
        "/consent": "Du må krysse av for «Opplysningene er riktige»",
    }
    assert said({}, "nn")["/has_children"] == "Svar på «Har du barn?»"
    assert said({}, "en")["/name"] == "Enter name"


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"name": "K"}, "/name", "Navn må ha minst 2 tegn"),
        ({"home": {"kind": "rented", "rent": -1}}, "/home/rent", "Husleie i måneden må være minst 0\xa0kr"),
        (
            {"home": {"kind": "rented", "rent": 10**8}},
            "/home/rent",
            "Husleie i måneden kan ikke være mer enn 100\xa0000\xa0kr",
        ),
        (
            {"needs": ["money", "money"]},
            "/needs",
            "Det samme er ført opp flere ganger under «Hva trenger du hjelp til?»",
        ),
        ({"needs": ["love"]}, "/needs", "Velg et av svarene under «Hva trenger du hjelp til?»"),
        ({"municipality": "oslo"}, "/municipality", "Velg et av svarene under «Kommune»"),
        ({"born": "1990-02-31"}, "/born", "Fødselsdato er ikke en dato som finnes"),
        ({"born": 7}, "/born", "Fødselsdato har et svar av feil slag"),
        ({"papers": ["a"] * 6}, "/papers", "Under «Dokumentasjon» kan det være høyst 5"),
        ({"consent": False}, "/consent", "Du må krysse av for «Opplysningene er riktige»"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(change, pointer, message):
    assert said(RIGHT | change) == {pointer: message}


def test_an_error_in_an_item_says_which():
    errors = FORM.errors(RIGHT | {"children": [{"name": "A", "kindergarten": True, "hours": 50}, {}]}, "nb")
    assert [error.full_message for error in errors] == [
        "Timer i uka kan ikke være mer enn 45 (Barn 1)",
        "Fyll inn navn på barnet (Barn 2)",
        "Svar på «Går barnet i barnehage?» (Barn 2)",
    ]


def test_the_authors_words_come_first():
    title = three("Alder")
    own = three("Skriv alderen din", "Skriv alderen din", "Write your age")
    form = form_of({"age": {"type": "integer", "minimum": 18, "x-title": title, "x-error": own}}, required=["age"])
    assert [error.message for error in form.errors({}, "en")] == ["Write your age"]
    by_code = {"minimum": three("For ung")}
    form = form_of({"age": {"type": "integer", "minimum": 18, "x-title": title, "x-error": by_code}}, required=["age"])
    assert [error.message for error in form.errors({"age": 3}, "nb")] == ["For ung"]
    assert [error.message for error in form.errors({}, "nb")] == ["Fyll inn alder"]


def test_errors_can_be_asked_for_one_page():
    assert set(said({}, page="help")) == {"/consent"}


def test_a_required_field_that_is_hidden_does_not_count():
    assert "/home/rent" not in said(RIGHT | {"home": {"kind": "owned"}})


# ---- For readers ----


def test_the_summary_is_written_for_people():
    data = RIGHT | {"born": "1990-05-17", "papers": ["a1"], "needs": ["money", "home"], "number": "02813299952"}
    rows = dict(row for section in FORM.summary(data, "nn", {"a1": {"name": "lønn.pdf"}}) for row in section.rows)
    assert rows["Fødselsdato"] == "17. mai 1990"
    assert rows["Husleige i månaden"] == "12\xa0500,50\xa0kr"
    assert rows["Har du barn?"] == "Ja"
    assert rows["Type bustad"] == "Leigd"
    assert rows["Kva treng du hjelp til?"] == "Pengar, Bustad"
    assert rows["Dokumentasjon"] == "lønn.pdf"
    assert rows["Telefon"] == "Ikkje svara på"
    assert rows["Fødselsnummer"] == "028132 99952"


def test_the_summary_has_a_section_for_each_page_group_and_item():
    assert [(section.title, section.level) for section in FORM.summary(RIGHT, "en")] == [
        ("About you", 1),
        ("Child 1", 2),
        ("The home", 1),
        ("Where you live", 2),
        ("Help", 1),
    ]


def test_differences_from_a_register_are_found_and_small_ones_forgiven():
    found = FORM.differences(
        RIGHT, {"/name": "KARI  NORDMANN", "/home/rent": 1_000_000, "/children/0/name": "Per"}, "en"
    )
    assert [(one.label, one.stated, one.registered, one.where) for one in found] == [
        ("Rent a month", "NOK\xa012,500.50", "NOK\xa010,000", ""),
        ("Child’s name", "Ola", "Per", "Child 1"),
    ]


def test_sources_say_what_can_be_filled_in():
    assert [(source.pointer, source.register, source.field) for source in FORM.sources()] == [
        ("/name", "folkeregister", "navn")
    ]


# ---- Size ----


def test_a_reference_in_a_circle_is_refused():
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}}
    schema["$defs"] = {"a": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}}}
    with pytest.raises(InvalidForm):
        Form(schema, {"type": "Control", "scope": "#/properties/a"})


def test_nothing_is_fetched_for_a_schema():
    with pytest.raises(InvalidForm):
        Form({"type": "object", "properties": {"a": {"$ref": "https://example.org/x"}}}, {"type": "VerticalLayout"})


def test_a_hostile_post_is_cheap():
    junk = {f"/children/{n}/name": "x" * 100 for n in range(50_000)} | {f"/x{n}": "y" for n in range(50_000)}
    changes = []
    assert calls_of(lambda: changes.append(post("about-you", junk, {"has_children": True}))) < 2 * len(junk)
    assert len(changes[0].data["children"]) == 4


def test_hostile_data_is_cheap_and_raises_nothing():
    def everything(data):
        return FORM.errors(data, "nb"), FORM.summary(data, "nb"), FORM.pages(data)

    deep: Any = {}
    for _ in range(5000):
        deep = {"has_children": True, "children": [deep]}
    for data in (
        deep,
        {"children": "x", "home": [1], "has_children": {}},
        {"has_children": True, "children": [7] * 10_000},
    ):
        assert calls_of(everything, data) < 100 * 10_000


def test_a_page_with_nothing_to_ask_is_skipped():
    text = {"type": "string", "x-title": three("Tekst")}
    first = {"type": "Category", "x-label": three("A"), "elements": [control("a")]}
    second = {"type": "Category", "x-label": three("B"), "elements": [control("b", rule=show("a", {"const": "x"}))]}
    ui = {"type": "Categorization", "elements": [first, second]}
    form = Form({"type": "object", "properties": {"a": text, "b": text}}, ui)
    assert [page.id for page in form.pages({})] == ["a"]
    assert [(page.id, page.conditional) for page in form.pages({"a": "x"})] == [("a", False), ("b", False)]


def test_an_error_about_a_question_reads_as_a_sentence():
    when = {"type": "string", "x-format": "year-month", "x-title": three("Fra når?", "Frå når?", "From when?")}
    form = form_of({"when": when}, control("when"))
    errors = [form.errors({"when": "13"}, language)[0].message for language in ("nb", "en")]
    assert errors == [
        "Svaret på «Fra når?» må være måned og år, for eksempel 12.2026",
        "The answer to “From when?” must be a month and a year, such as 12.2026",
    ]


def test_a_month_is_read_in_words():
    rows = [row for section in FORM.summary({"since": "2026-12"}, "nn") for row in section.rows]
    assert [row.text for row in rows if row.label == "Sidan"] == ["desember 2026"]
