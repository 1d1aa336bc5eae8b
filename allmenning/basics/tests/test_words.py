import pickle
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmenning.basics.errors import AllmenningError
from allmenning.basics.norwegian import fold, language_name, sort_key
from allmenning.basics.text import UnsafeText, clean_text


class DoorClosed(AllmenningError):
    """The door closed at {hour}.

    More, for colleagues.
    """


def test_an_error_says_what_happened():
    error = DoorClosed(hour=15)
    assert (error.code, error.message, error.hour) == ("DoorClosed", "The door closed at 15.", 15)
    assert DoorClosed.template() == "The door closed at {hour}."
    assert str(DoorClosed("room 3", hour=15)) == "The door closed at 15. (room 3)"
    assert pickle.loads(pickle.dumps(error)).hour == 15


def test_norwegian_order():
    names = ["Zakariassen", "Ås", "Ærø", "Østby", "Aas", "Berg", "åsen", "Ödegård", "Ärlig"]
    assert sorted(names, key=sort_key) == [
        "Berg",
        "Zakariassen",
        "Ärlig",
        "Ærø",
        "Ödegård",
        "Østby",
        "Ås",
        "Aas",
        "åsen",
    ]


@pytest.mark.parametrize("text", ["Bostøtte", "bostotte", "BOSTOETTE", "bostøtte!", "Bosto\u0308tte"])
def test_folding_forgives_the_keyboard(text):
    assert fold(text) == "bostotte"


def test_folding_knows_sami_and_double_a():
    assert fold("Kárášjohka – Karasjok") == "karasjohka karasjok"
    assert fold("Aalesund") == fold("Ålesund")
    assert fold("Unjárga-Nesseby") == "unjarga nesseby"


@given(st.text())
def test_folding_again_changes_nothing_for_plain_words(text):
    assert set(fold(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")


def test_language_names():
    assert [language_name(code) for code in ("nb", "nn", "en", "xx")] == ["Bokmål", "Nynorsk", "English", "xx"]


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f", "\u202e", "\u2066", "\ud800", "\uffff"])
def test_unsafe_characters_are_refused(character):
    with pytest.raises(UnsafeText) as caught:
        clean_text(f"fil{character}txt")
    assert f"U+{ord(character):04X}" in caught.value.message


def test_text_is_normalised():
    assert clean_text("A\u030as\r\nline\rtwo\ttab") == "Ås\nline\ntwo\ttab"
    assert clean_text("سلام 👩‍👧 Ŋáŋŋá") == "سلام 👩‍👧 Ŋáŋŋá"


@given(st.text())
def test_clean_text_is_stable(text):
    try:
        cleaned = clean_text(text)
    except UnsafeText:
        return
    assert clean_text(cleaned) == cleaned == unicodedata.normalize("NFC", cleaned)
