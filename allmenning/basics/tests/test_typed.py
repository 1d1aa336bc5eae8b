"""What people type is read, or said at its field, and never cut."""

from datetime import date

import pytest

from allmenning.basics.money import InvalidAmount
from allmenning.basics.text import UnsafeText
from allmenning.basics.typed import FieldsWrong, IsMissing, NoNumber, NotADay, NotOffered, TooLong, Typed, whole_text


@pytest.mark.parametrize(
    ("value", "error"), [("a\u202eb", UnsafeText), ("å" * 11, TooLong), ("  ", IsMissing), ("å" * 10, None)]
)
def test_a_text_is_said_at_its_field_or_kept_whole(value, error):
    typed = Typed({"title": value})
    said = typed.text("title", longest=10)
    assert type(typed.errors.get("title")) is (error or type(None))
    assert typed["title"] == value
    assert error or said == value


@pytest.mark.parametrize(
    ("read", "value", "is_read"),
    [
        (Typed.day, " 31.12.2013 ", date(2013, 12, 31)),
        (Typed.day, "31.11.2013", NotADay),
        (Typed.day, " ", IsMissing),
        (Typed.ore, "1 234,50", 123450),
        (Typed.ore, "much", InvalidAmount),
        (Typed.number, "1 234", 1234),
        (Typed.number, "-1", NoNumber),
        (Typed.number, "²", NoNumber),
        (Typed.number, "9" * 10, NoNumber),
        (Typed.number, "", IsMissing),
    ],
)
def test_a_day_an_amount_and_a_number_are_read_or_said_at_their_field(read, value, is_read):
    typed = Typed({"it": value})
    found = read(typed, "it")
    assert type(typed.errors["it"]) is is_read if isinstance(is_read, type) else found == is_read


def test_what_may_be_left_out_is_nothing():
    typed = Typed({"ore": " "})
    assert (typed.ore("ore", optional=True), typed.number("number", optional=True)) == (0, 0)
    assert typed.text("text", optional=True) == ""
    typed.done()


def test_only_what_is_offered_is_chosen():
    typed = Typed({"one": "a", "other": "c"})
    assert [typed.choice(name, ("a", "b")) for name in ("one", "other", "none")] == ["a", "c", ""]
    assert {name: type(error) for name, error in typed.errors.items()} == {"other": NotOffered, "none": IsMissing}


def test_all_that_is_wrong_is_said_at_once():
    typed = Typed({"day": "x"})
    typed.day("day"), typed.ore("ore")
    with pytest.raises(FieldsWrong) as told:
        typed.done()
    assert set(told.value.wrong) == {"day", "ore"}


def test_a_text_that_is_refused_names_its_field():
    with pytest.raises(TooLong) as told:
        whole_text("ab", 1, "reason")
    assert (told.value.detail, told.value.params) == ("reason", {"most": 1})
