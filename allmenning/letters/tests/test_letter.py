import io
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmenning.basics.text import UnsafeText
from allmenning.letters import (
    BrokenField,
    FieldTable,
    Letterhead,
    Metadata,
    MissingField,
    NotAllowedInLetter,
    NoTitle,
    UnknownField,
    UnknownLanguage,
    UnsuitableValue,
    render_letter,
)
from allmenning.letters.fonts import printable
from allmenning.letters.letter import letter_data
from allmenning.letters.tests.conftest import Read

HOSTILE = [
    '#import "@preview/x:1.0.0": *',
    '#read("/etc/passwd")',
    "#sys.inputs",
    "{{ decision.reasons }}",
    "{% for x in y %}{{ 7*7 }}",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "$ x^2 $",
    "*strong* _em_ `code` **bold**",
    "# heading",
    "- item",
    "| a | b |",
    "[link](javascript:alert(1))",
    "\\u0041 \\ \\\\ \\n",
    '"]}{"k":"h"',
    "// comment /* comment */",
    "@label <label> ~ -- --- ... ''",
    "https://evil.example/?a=b&c=d",
    "&lt;&amp;&#39;",
]


def test_letter_is_one_file_for_the_archive_and_for_screen_readers(write):
    letter = write("# Vedtak\n\nDu får *plass*.\n\n## Grunner\n\n- a\n- b\n\n| A | B |\n|---|---|\n| 1 | 2 |\n")

    assert "<pdfaid:part>2</pdfaid:part>" in letter.xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in letter.xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in letter.xmp
    assert letter.pdf.Root.MarkInfo.Marked
    assert letter.title == "Vedtak"
    assert letter.pdf.Root.ViewerPreferences.DisplayDocTitle
    assert {"H1", "H2", "P", "L", "LI", "LBody", "Table", "TH", "TD"} <= set(letter.tags)


@pytest.mark.parametrize(
    ("language", "approved", "day"),
    [
        ("nb", "elektronisk godkjent og har derfor ikke signatur", "10. mars 2026"),
        ("nn", "elektronisk godkjent og har difor ikkje signatur", "10. mars 2026"),
        ("en", "approved electronically and therefore has no signature", "10 March 2026"),
    ],
)
def test_letter_speaks_its_recipients_language(write, language, approved, day):
    letter = write("# Svar\n\nHei {{ name }}, {{ day }}.", language, name="Kari", day=date(2026, 3, 10))

    assert letter.language.startswith(language)
    assert approved in letter.text
    assert letter.text.count(day) == 2


def test_a_fourth_language_is_refused(write):
    with pytest.raises(UnknownLanguage):
        write("# Svar", "de")


def test_everything_that_was_said_is_there(write):
    letter = write(
        "# Svar til {{ person.name }}\n\nDu bor i {{ person.home }}.", person={"name": "Kari", "home": "Averøy"}
    )

    for said in ("Svar til Kari", "Du bor i Averøy.", "Averøy kommune", "2026/1042-7", "Havnegata 12 B", "Ola Hansen"):
        assert said in letter.text
    assert letter.title == "Svar til Kari"
    assert "Side 1 av 1" in letter.text


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_printed_as_it_stands(write, value):
    letter = write(
        "# {{ v }}\n\nFør {{ v }} etter.\n\n{{ many }}\n\n| T |\n|---|\n| {{ v }} |", v=value, many=[value, "b"]
    )

    assert letter.squeezed().count("".join(value.split())) >= 4


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=60))
def test_any_text_becomes_a_letter(value):
    letterhead, metadata = Letterhead("Averøy"), Metadata(date(2026, 3, 10), "1", ("Kari",))
    with suppress(UnsafeText, MissingField):
        assert render_letter("# Svar\n\n{{ v }}", {"v": value}, letterhead, "nb", metadata).startswith(b"%PDF")


@pytest.mark.parametrize("value", ["\x00", "a\x07b", "abc\u202etxt.exe", "\u2066x", "\ud800"])
def test_characters_that_deceive_are_refused(write, value):
    with pytest.raises(UnsafeText):
        write("# Svar\n\n{{ v }}", v=value)


def test_a_line_break_in_a_value_is_a_line_break_and_not_a_new_paragraph_or_list(write):
    letter = write("# Svar\n\n{{ v }}", v="første\n\n- andre\r\n# tredje")

    assert "- andre" in letter.text
    assert "# tredje" in letter.text
    assert letter.tags.count("H1") == 1
    assert "L" not in letter.tags


@pytest.mark.parametrize("value", ["a" * 100_000, "ord " * 25_000, "m" * 31 + " " + "i" * 5000])
def test_very_long_values_fill_pages_and_lose_nothing(write, value):
    letter = write("# Svar\n\n{{ v }}", v=value)

    assert value.replace(" ", "") in "".join(_body(page) for page in letter.pages)
    assert f"Side 2 av {len(letter.pages)}" in letter.text or len(letter.pages) == 1


def _body(page: str) -> str:
    """A page's text without running header and footer, squeezed."""
    lines = [line for line in page.splitlines() if not line.startswith(("Averøy kommune", "Telefon", "2026/", "Side "))]
    return "".join("".join(lines).split())


def test_a_long_letter_carries_its_reference_on_every_page(write):
    letter = write("# Svar\n\n" + "Et avsnitt med noen ord i.\n\n" * 120)

    assert len(letter.pages) > 2
    assert all("2026/1042-7" in page for page in letter.pages)


def test_regards_and_name_stand_together_with_something_above_them(letterhead, metadata):
    metadata = replace(metadata, signers=())
    for lines in range(20, 40):
        template = "# Svar\n\n" + "En linje.\n\n" * lines + "Siste ord.\n\nVennlig hilsen\n\nKari Nordmann"
        letter = Read(render_letter(template, {}, letterhead, "nb", metadata))
        assert any("Siste ord.\nVennlig hilsen\nKari Nordmann" in page for page in letter.pages), lines


def test_characters_without_a_letterform_are_printed_by_number(write):
    letter = write("# Svar\n\n{{ v }}", v="Glad 😀 日 ﬁ مرحبا Привет č\ufe0f ŋ đ ☐")

    assert "[U+1F600] [U+65E5] fi" in letter.text
    assert "[U+2610]" in letter.text
    assert "Привет č ŋ đ" in letter.text


@pytest.mark.parametrize("value", ["7\u21b0\u08ea", "\u0618\u200c\u064e\u1dcf\u200d", "\u08f4\u00ad\u064e\u1dd9"])
def test_marks_that_no_single_font_can_draw_do_not_stop_the_letter(write, value):
    assert "[U+" in write("# Svar\n\n{{ v }}", v=value).text


def test_printable_leaves_ordinary_text_alone():
    assert printable("Æøå ÆØÅ «hei» – € § ½ • … ’") == "Æøå ÆØÅ «hei» – € § ½ • … ’"


def test_a_list_is_bullets_when_alone_and_words_within_a_sentence(write):
    letter = write("# Svar\n\n{{ r }}\n\nAltså {{ r }}.\n\n- {{ r }}\n- til slutt", r=["én", "to", "tre"])

    assert "Altså én, to og tre." in letter.text
    assert letter.tags.count("LI") == 3 + 4


def test_a_calculation_is_a_table(write):
    letter = write("# Svar\n\n{{ sum }}", sum=FieldTable(("Hva", "Beløp"), (("Inntekt", "100 kr"),)))

    assert letter.tags.count("TH") == 2
    assert "Inntekt 100 kr" in letter.text


@pytest.mark.parametrize(
    ("template", "fields", "error"),
    [
        ("# A\n\n{{ unknown }}", {}, UnknownField),
        ("# A\n\n{{ a.b }}", {"a": {"c": "x"}}, UnknownField),
        ("# A\n\n{{ a }}", {"a": None}, MissingField),
        ("# A\n\n{{ a }}", {"a": "  "}, MissingField),
        ("# A\n\n{{ a }}", {"a": []}, MissingField),
        ("# A\n\n{{ a }}", {"a": ["x", ""]}, MissingField),
        ("# A\n\n{{ a|safe }}", {"a": "x"}, BrokenField),
        ("# A\n\n{{ a }", {"a": "x"}, BrokenField),
        ("# A\n\n{{ a }}", {"a": 1.5}, UnsuitableValue),
        ("# A\n\n{{ a }}", {"a": True}, UnsuitableValue),
        ("# A\n\n{{ a }}", {"a": FieldTable(("x", "y"), (("1",),))}, UnsuitableValue),
        ("# A\n\nIn {{ a }}.", {"a": FieldTable(("x",), ())}, UnsuitableValue),
        ("# A\n\n![x](http://x/y.png)", {}, NotAllowedInLetter),
        ("# A\n\n`code`", {}, NotAllowedInLetter),
        ("# A\n\n[x](javascript:alert(1))", {}, NotAllowedInLetter),
        ("# A\n\n[x](https://x/{{a}})", {"a": "b"}, NotAllowedInLetter),
        ("No title", {}, NoTitle),
        ("", {}, NoTitle),
    ],
)
def test_a_template_that_does_not_fit_its_values_makes_no_letter(write, template, fields, error):
    with pytest.raises(error):
        write(template, **fields)


def test_a_letter_of_a_title_alone_can_be_made(write):
    assert "Svar" in write("# Svar").text


def test_a_letter_without_signers_leaves_the_closing_to_its_template(letterhead):
    unsigned = Metadata(date(2026, 3, 10), "1", ())
    letter = Read(render_letter("# Svar\n\nHilsen oss", {}, letterhead, "nb", unsigned))

    assert "Med vennlig hilsen" not in letter.text
    assert "elektronisk godkjent" in letter.text


def test_a_letterhead_of_nothing_still_makes_a_letter(metadata):
    assert "Svar" in Read(render_letter("# Svar", {}, Letterhead("", colour="red"), "nb", metadata)).text


def test_headings_never_skip_a_level(write):
    tags = write("# Svar\n\n#### dyp\n\n# igjen\n\n###### dypere").tags

    assert [tag for tag in tags if tag.startswith("H")] == ["H1", "H2", "H2", "H3"]


def test_the_same_input_gives_the_same_bytes(letterhead, metadata):
    first, second = (render_letter("# Svar\n\n{{ a }}", {"a": "b"}, letterhead, "nb", metadata) for _ in range(2))

    assert first == second
    assert b"2026-03-10" in first


def test_the_window_of_the_envelope_shows_the_recipient_and_nothing_else(letterhead, metadata):
    """C5 and E65: what lies within 0–125 mm from the left and 40–97 mm from the top may show, with the sheet's play."""
    from pypdf import PdfReader

    metadata = replace(
        metadata,
        exempt="Offl. § 13",
        handler="Ola",
        your_reference="X",
        recipient=("Kari", "c/o Per", "Gata 1", "N-6530 Averøy", "NORGE"),
    )
    letterhead = replace(letterhead, unit="Barneverntjenesten")
    content = render_letter("# Vedtak om tiltak\n\nTekst", {}, letterhead, "nb", metadata)
    seen: list[str] = []

    def visit(text, cm, tm, _font, _size):
        x, y = cm[4] * 25.4 / 72, 297 - cm[5] * 25.4 / 72
        if text.strip() and x < 125 and 40 < y < 97:
            seen.append(text.strip())

    PdfReader(io.BytesIO(content)).pages[0].extract_text(visitor_text=visit)
    assert " ".join(seen).split("\n") == ["Kari c/o Per Gata 1 N-6530 Averøy NORGE"]


def test_letter_data_holds_no_markup_made_from_values(letterhead, metadata):
    data = letter_data("# A\n\n{{ v }}", {"v": "#evil[x]"}, letterhead, "nb", metadata)

    assert data["last"] == [{"k": "p", "c": [{"k": "s", "v": "#evil[x]"}]}]


def test_one_thread_does_not_disturb_another(letterhead, metadata):
    from concurrent.futures import ThreadPoolExecutor

    def make(number: int) -> str:
        return Read(render_letter("# Svar {{ n }}", {"n": number}, letterhead, "nb", metadata)).title

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(make, range(24))) == [f"Svar {number}" for number in range(24)]
