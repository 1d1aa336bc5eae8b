"""What went wrong, in the reader's words: days and amounts as people write them."""

from datetime import date

import pytest
from django.utils import translation

from allmenning.basics.sharing.errors import PricesExceed
from allmenning.commons.costs.errors import NotInForce
from allmenning.web.said import said


@pytest.mark.parametrize(
    ("language", "sum"),
    [("nb", "24\u00a0000,50\u00a0kr"), ("nn", "24\u00a0000,50\u00a0kr"), ("en", "NOK\u00a024,000.50")],
)
def test_an_amount_is_written_as_money(language, sum):
    error = PricesExceed(prices_ore=2_400_050, ore=100)
    with translation.override(language):
        assert sum in said(error)
    assert "NOK\u00a024,000.50" in str(error)


def test_a_day_is_written_as_people_write_it():
    with translation.override("nb"):
        assert "1. januar 2013" in said(NotInForce(day=date(2012, 1, 1), start=date(2013, 1, 1)))
