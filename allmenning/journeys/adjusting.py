"""The values of a service that a municipality may set itself: as a page shows them, and as people type them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from allmenning.basics.errors import AllmenningError
from allmenning.basics.money import format_ore, parse_kroner
from allmenning.commons.catalogue.content import Adjustable, DatedRow, ServicePackage
from allmenning.commons.catalogue.package import values_on

YES, NO = "true", "false"


class NotAWholeNumber(AllmenningError):
    """Write a whole number."""


class NotAChoice(AllmenningError):
    """Choose one of the alternatives."""


class OutOfBounds(AllmenningError):
    """The value must be from {least} to {most}."""


class TooLow(AllmenningError):
    """The value must be at least {least}."""


class TooHigh(AllmenningError):
    """The value must be at most {most}."""


@dataclass(frozen=True)
class Setting:
    """An adjustable value in one language. `default` is what holds when the municipality sets nothing.

    `typed` is what the municipality has set, as one would type it; empty when it has set nothing.
    """

    id: str
    title: str
    help: str
    kind: str  # ore, integer, boolean or choice
    default: str
    default_source: str
    default_confirmed: bool
    least: str
    most: str
    choices: tuple[tuple[str, str], ...]
    typed: str
    bounds: tuple[Any, Any]


def settings_of(package: ServicePackage, values: Mapping[str, Any], language: str, on: date) -> list[Setting]:
    """Every adjustable value of a version, with today's bounds and default and where they were read."""
    national, _unconfirmed, _outdated = values_on(package, on, {})
    return [_setting(package, each, values.get(each.id), national, language, on) for each in package.adjustable]


def _setting(
    package: ServicePackage, each: Adjustable, value: Any, national: Mapping[str, Any], language: str, on: date
) -> Setting:
    least, most = _known(each.least, national), _known(each.most, national)
    choices = tuple((key, label[language]) for key, label in each.choices.items())
    default, national_row = _known(each.default, national), _row(package, each.default, on)
    return Setting(
        id=each.id,
        title=each.title[language],
        help=each.help[language] if each.help else "",
        kind=each.type,
        default=_shown(each, default, language),
        default_source=national_row.source[language] if national_row else "",
        default_confirmed=national_row.confirmed if national_row else True,
        least=_shown(each, least, language),
        most=_shown(each, most, language),
        choices=choices,
        typed=_typed(each, value),
        bounds=(least, most),
    )


def read(setting: Setting, text: str) -> Any:
    """What was typed, as the value that is kept; None for nothing, which means the default.

    Raises NotAWholeNumber, InvalidAmount, NotAChoice, OutOfBounds, TooLow, TooHigh.
    """
    text = text.strip()
    if not text:
        return None
    if setting.kind == "boolean":
        if text not in (YES, NO):
            raise NotAChoice()
        return text == YES
    if setting.kind == "choice":
        if text not in dict(setting.choices):
            raise NotAChoice()
        return text
    return _within(setting, parse_kroner(text) if setting.kind == "ore" else _whole(text))


def _whole(text: str) -> int:
    plain = text.replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    if not (plain.isascii() and plain.removeprefix("-").isdigit() and len(plain) < 12):
        raise NotAWholeNumber()
    return int(plain)


def _within(setting: Setting, value: int) -> int:
    least, most = setting.bounds
    too_low, too_high = least is not None and value < least, most is not None and value > most
    if (too_low or too_high) and None not in (least, most):
        raise OutOfBounds(least=setting.least, most=setting.most)
    if too_low:
        raise TooLow(least=setting.least)
    if too_high:
        raise TooHigh(most=setting.most)
    return value


def _known(bound: Any, national: Mapping[str, Any]) -> Any:
    if isinstance(bound, str) and bound.startswith("dated:"):
        return national.get(bound.removeprefix("dated:"))
    return bound


def _row(package: ServicePackage, default: Any, on: date) -> DatedRow | None:
    """The national value that a default is; None for one that the service's folder sets itself."""
    if not (isinstance(default, str) and default.startswith("dated:")):
        return None
    return package.dated_value(default.removeprefix("dated:"), on)


def _shown(each: Adjustable, value: Any, language: str) -> str:
    """A value in words; a boolean as its code, since the page has its own words for yes and no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if each.type == "ore":
        return format_ore(int(value), language)
    if each.type == "choice" and value in each.choices:
        return each.choices[value][language]
    return str(value)


def _typed(each: Adjustable, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if each.type == "ore":
        kroner, rest = divmod(int(value), 100)
        return f"{kroner},{rest:02}" if rest else str(kroner)
    return str(value)
