"""What every cost, grant and payment is held to, however it came: about nobody, no slip of the keyboard, and entered once."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from allmenning.basics import dates
from allmenning.basics.identifiers import names_a_person
from allmenning.basics.typed import whole_text

from . import errors

LARGEST = 10**12  # øre: a cooperation of municipalities bills less than ten thousand million kroner
ROUNDING = 5  # øre that VAT may be more than the highest rate comes to
HIGHEST_RATE = 25  # per cent


def said(text: str, longest: int, name: str, *, optional: bool = False) -> str:
    """A text as it is kept. name: of its field. Raises IsMissing, TooLong, UnsafeText, NamesAPerson."""
    return about_nobody(whole_text(text, longest, name, optional=optional), name)


def about_nobody(text: str, name: str) -> str:
    """Raises NamesAPerson."""
    if names_a_person(text):
        raise errors.NamesAPerson(name)
    return text


def amount(ore: int, name: str = "ore") -> int:
    """An amount that is no slip of the keyboard. Raises TooMuch."""
    if abs(ore) > LARGEST:
        raise errors.TooMuch(name, most_ore=LARGEST)
    return ore


def vat(net_ore: int, vat_ore: int) -> None:
    """That VAT goes the way that the net amount goes, and is no more than the highest rate of it. Raises VatCannotBe."""
    most = abs(net_ore) * HIGHEST_RATE + ROUNDING * 100
    if vat_ore and (net_ore * vat_ore <= 0 or abs(vat_ore) * 100 > most):
        raise errors.VatCannotBe("vat", net_ore=net_ore, vat_ore=vat_ore, rate=HIGHEST_RATE)


def not_far_ahead(day: date) -> date:
    """A day that has come, or comes before the end of next year. Raises TooFarAhead."""
    if day.year > dates.today().year + 1:
        raise errors.TooFarAhead("day", day=day)
    return day


def alike(text: str) -> str:
    """A text, the same whatever its letters' case and its spacing; itself where it is so already."""
    found = "".join(text.split()).casefold()
    return text if found == text else found


_supplier = lru_cache(maxsize=2000)(alike)  # few of them stand in many lines


def of_invoice(supplier: str, invoice: str) -> tuple[str, str]:
    """What tells one invoice from others, however supplier and number are written."""
    return _supplier(supplier), alike(invoice)
