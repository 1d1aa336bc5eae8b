"""Amounts of money, in whole øre, so that no share is lost in a rounding."""

from __future__ import annotations

import re

from allmenning.basics.errors import AllmenningError

Ore = int

# Beyond the national budget in øre: a longer number is a slip of the keyboard.
LARGEST = 10**16

_NUMBER = re.compile(
    r"""(?P<whole> [0-9]+ | [1-9][0-9]{0,2} (?P<gap>[ .,]) [0-9]{3} (?: (?P=gap) [0-9]{3} )* )
        (?: [.,] (?P<ore> [0-9]{1,2} | - ) )?""",
    re.VERBOSE,
)
# As machines write it: what everything above reads as well, only slower. A ledger has hundreds of thousands.
_PLAIN = re.compile(r"([0-9]{1,12}|[1-9][0-9]{0,2}(?: [0-9]{3}){1,3})(?:,([0-9]{2}))?")
_ONE_COMMA = re.compile(r"[0-9]+,[0-9]{3}")  # a thousand and more in English, three decimals in Norwegian
_DECORATION = re.compile(r"^(?:kr|nok)\.?\s*|\s*(?:kr|nok|kroner)\.?$", re.IGNORECASE)


class InvalidAmount(AllmenningError):
    """This is not an amount of money. Write it as 1234,50."""


class UnclearAmount(InvalidAmount):
    """Three digits after a comma can be read in two ways: {value}. Write 1234,00 for a thousand and more, or 1,23 for kroner and øre."""


def format_ore(ore: Ore, language: str, *, always_ore: bool = False) -> str:
    """Write an amount: `1 234,50 kr` in Norwegian, `NOK 1,234.50` in English, with spaces that do not break.

    Whole kroner are written without øre, unless `always_ore` (for tables whose columns should line up).
    """
    kroner, rest = divmod(abs(ore), 100)
    sign = "\u2212" if ore < 0 else ""
    with_ore = rest or always_ore
    if language == "en":
        return f"{sign}NOK\u00a0{kroner:,}" + (f".{rest:02}" if with_ore else "")
    return sign + f"{kroner:,}".replace(",", "\u00a0") + (f",{rest:02}" if with_ore else "") + "\u00a0kr"


def parse_kroner(text: str) -> Ore:
    """Read an amount in kroner as people type it (`1 234,50`, `1.234,50`, `kr 1234.5`, `1234,-`) and give øre.

    A separator followed by three digits groups thousands, by one or two divides øre; a lone comma followed by three is refused.
    Raises `InvalidAmount`.
    """
    if plain := _PLAIN.fullmatch(text):
        return int(plain[1].replace(" ", "")) * 100 + int(plain[2] or 0)
    cleaned = re.sub(r"[\s\u00a0\u2009\u202f']+", " ", text).strip()
    cleaned = _DECORATION.sub("", cleaned).strip()
    negative = cleaned[:1] in ("-", "\u2212")
    match = _NUMBER.fullmatch(cleaned[1:].lstrip() if negative else cleaned)
    if match is None:
        raise InvalidAmount
    if match["gap"] == "," and _ONE_COMMA.fullmatch(match[0]):
        raise UnclearAmount(value=text.strip()[:20])
    ore = int(re.sub(r"[ .,]", "", match["whole"])[:20]) * 100 + _ore_part(match["ore"])
    if ore >= LARGEST:
        raise InvalidAmount
    return -ore if negative else ore


def _ore_part(text: str | None) -> int:
    return int(text.ljust(2, "0")) if text and text != "-" else 0
