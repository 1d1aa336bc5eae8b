"""Emergency numbers can be called from the page that names them."""

import pytest

from allmenning.web.phones import NUMBERS, with_calls


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_a_text_names_can_be_called(number):
    digits = number.replace(" ", "")
    assert f'href="tel:{digits}">' in with_calls(f"Ring {number}.")
    assert f'href="tel:{digits}">' in with_calls(f"Ring {digits} nå")


@pytest.mark.parametrize("text", ["Saken har nummer 2026/112", "Ring 71 12 113", "§ 112-3", "1120 kroner"])
def test_other_digits_are_left_as_they_are(text):
    assert "tel:" not in with_calls(text)


def test_the_rest_is_escaped():
    assert with_calls("<b>112</b>") == '&lt;b&gt;<a class="ds-link" href="tel:112">112</a>&lt;/b&gt;'
