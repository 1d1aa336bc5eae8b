from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmenning.basics.money import InvalidAmount, UnclearAmount, format_ore, parse_kroner


@pytest.mark.parametrize(
    ("text", "ore"),
    [
        ("1234,50", 123450),
        ("1 234,50", 123450),
        ("1.234,50", 123450),
        ("1,234.50", 123450),
        ("1.234", 123400),
        ("1 234,00", 123400),
        ("1.234,00", 123400),
        ("1,234,567", 123456700),
        ("kr 1234.5", 123450),
        ("1 000 000 kr", 100000000),
        ("250,-", 25000),
        ("NOK 0,05", 5),
        ("−12", -1200),
    ],
)
def test_amounts_are_read_as_people_type_them(text, ore):
    assert parse_kroner(text) == ore


@pytest.mark.parametrize("text", ["", "kr", "1,2,3", "12 34", "1.23.456", "1e5", "NaN", "٣", "9" * 30, "1,234,5678"])
def test_what_is_not_an_amount_is_refused(text):
    with pytest.raises(InvalidAmount):
        parse_kroner(text)


@pytest.mark.parametrize("text", ["1,234", "12,345", "-1,234", "kr 1,234"])
def test_three_digits_after_a_comma_are_asked_about(text):
    with pytest.raises(UnclearAmount):
        parse_kroner(text)


@given(st.from_regex(r"[0-9]{1,14}(,[0-9]{1,3})?|[0-9]{1,4}( [0-9]{3}){1,4}(,[0-9]{2})?", fullmatch=True))
def test_what_machines_write_is_read_as_what_people_write(text):
    """The short way for plain amounts reads nothing otherwise than the long one, which takes «kr»."""
    assert _read(text) == _read(f"kr {text}")


def _read(text):
    try:
        return parse_kroner(text)
    except InvalidAmount:
        return None


def test_amounts_are_written_for_each_language():
    assert format_ore(123450, "nb") == format_ore(123450, "nn") == "1\u00a0234,50\u00a0kr"
    assert format_ore(120000, "nb") == "1\u00a0200\u00a0kr"
    assert format_ore(120000, "nb", always_ore=True) == "1\u00a0200,00\u00a0kr"
    assert format_ore(-123450, "en") == "−NOK\u00a01,234.50"


@given(st.integers(-(10**15), 10**15), st.sampled_from(["nb", "nn"]), st.booleans())
def test_what_is_written_can_be_read_again(ore, language, always_ore):
    assert parse_kroner(format_ore(ore, language, always_ore=always_ore)) == ore


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with suppress(InvalidAmount):
        assert isinstance(parse_kroner(text), int)
