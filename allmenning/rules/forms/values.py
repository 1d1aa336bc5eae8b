"""Reading what a person types, writing it back into the field, and writing it for a reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from allmenning.basics.dates import format_date, format_month
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import AccountNumber, InvalidIdentifier, NationalIdentityNumber, OrganisationNumber
from allmenning.basics.money import InvalidAmount, format_ore, parse_kroner
from allmenning.basics.text import UnsafeText, clean_text
from allmenning.rules.forms import declared, limits
from allmenning.rules.forms.declared import Spec, in_language
from allmenning.rules.forms.pointers import MISSING
from allmenning.rules.forms.words import say

_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\.]+(\.[^\s@<>()\[\],;:\"\\.]+)+")
_PHONE = re.compile(r"(\+|00)?[0-9]{5,15}")
_GAPS = re.compile(r"[\s\u00a0\u2009\u202f]+")
_DATES = (
    re.compile(r"(?P<d>[0-9]{1,2})[. /-]+(?P<m>[0-9]{1,2})[. /-]+(?P<y>[0-9]{4})\.?"),
    re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})"),
    re.compile(r"(?P<d>[0-9]{2})(?P<m>[0-9]{2})(?P<y>[0-9]{4})"),
)
_MONTHS = (
    re.compile(r"(?P<m>[0-9]{1,2})[. /-]+(?P<y>[0-9]{4})"),
    re.compile(r"(?P<y>[0-9]{4})[.-](?P<m>[0-9]{1,2})"),
)


class Unreadable(AllmenningError):
    """What was typed can't be read. `reason` is a key of `words.ERRORS`."""

    reason: str


def kept(text: str) -> str:
    """What was typed, as it can be stored and shown again: characters that hide or break show up as �."""
    return _HIDDEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))[: limits.KEPT]


def read(spec: Spec, typed: Sequence[str]) -> Any:
    """The typed value for what was typed, `MISSING` for nothing. Raises `Unreadable`."""
    if spec.kind == declared.CHECKBOXES:
        return _read_choices(spec, typed)
    text = _clean(typed[-1] if typed else "", spec)
    if not text:
        return MISSING
    return _READERS[spec.kind](spec, text)


def _clean(text: str, spec: Spec) -> str:
    if len(text) > max(spec.longest, 200) * 2 + 1000:
        raise Unreadable(reason="maxLength", limit=spec.longest)
    try:
        text = clean_text(text)
    except UnsafeText as error:
        raise Unreadable(reason="unsafe") from error
    if "\ufffd" in text:
        raise Unreadable(reason="unsafe")
    return text.strip() if spec.kind == declared.LONG_TEXT else " ".join(text.split())


def _read_text(spec: Spec, text: str) -> str:
    if len(text) > spec.longest:
        raise Unreadable(reason="maxLength", limit=spec.longest)
    check = _CHECKS.get(spec.format)
    return check(text) if check else text


def _read_integer(spec: Spec, text: str) -> int:
    digits = _GAPS.sub("", text).replace("\u2212", "-")
    if not re.fullmatch(r"[+-]?[0-9]+", digits, re.ASCII):
        raise Unreadable(reason="integer")
    if len(digits) > 17 or abs(int(digits)) > limits.INTEGER:
        raise Unreadable(reason="too-large")
    return int(digits)


def _read_number(spec: Spec, text: str) -> float | int:
    digits = _GAPS.sub("", text).replace("\u2212", "-").replace(",", ".")
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", digits, re.ASCII):
        raise Unreadable(reason="number")
    if len(digits) > 17:
        raise Unreadable(reason="too-large")
    value = float(digits)
    return int(value) if value.is_integer() else value


def _read_ore(spec: Spec, text: str) -> int:
    try:
        ore = parse_kroner(text)
    except InvalidAmount as error:
        raise Unreadable(reason="ore") from error
    if abs(ore) > limits.INTEGER:
        raise Unreadable(reason="too-large")
    return ore


def _read_date(spec: Spec, text: str) -> str:
    for form in _DATES:
        if match := form.fullmatch(text):
            try:
                day = date(int(match["y"]), int(match["m"]), int(match["d"]))
            except ValueError as error:
                raise Unreadable(reason="no-such-date") from error
            if not 1800 <= day.year <= 2200:
                raise Unreadable(reason="no-such-date")
            return day.isoformat()
    raise Unreadable(reason="date")


def _read_month(spec: Spec, text: str) -> str:
    for form in _MONTHS:
        match = form.fullmatch(text)
        if match and 1 <= int(match["m"]) <= 12 and 1800 <= int(match["y"]) <= 2200:
            return f"{match['y']}-{int(match['m']):02}"
    raise Unreadable(reason="year-month")


def _read_choice(spec: Spec, text: str) -> Any:
    for option in spec.options:
        if option.key == text:
            return option.value
    raise Unreadable(reason="choice")


def _read_consent(spec: Spec, text: str) -> bool:
    if text != "true":
        raise Unreadable(reason="choice")
    return True


def _read_choices(spec: Spec, typed: Sequence[str]) -> Any:
    if len(typed) > limits.CHOICES:
        raise Unreadable(reason="choice")
    keys = set(typed) - {""}
    if keys - {option.key for option in spec.options}:
        raise Unreadable(reason="choice")
    return [option.value for option in spec.options if option.key in keys] or MISSING


def _identity_number(text: str) -> str:
    try:
        return NationalIdentityNumber.parse(_GAPS.sub("", text)).value
    except InvalidIdentifier as error:
        raise Unreadable(reason="national-identity-number") from error


def _organisation_number(text: str) -> str:
    try:
        return OrganisationNumber.parse(_GAPS.sub("", text)).value
    except InvalidIdentifier as error:
        raise Unreadable(reason="organisation-number") from error


def _account_number(text: str) -> str:
    try:
        return AccountNumber.parse(_GAPS.sub("", text)).value
    except InvalidIdentifier as error:
        raise Unreadable(reason="account-number") from error


def _email(text: str) -> str:
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        raise Unreadable(reason="email")
    return text


def _phone(text: str) -> str:
    digits = re.sub(r"[ ()./-]", "", text)
    if not _PHONE.fullmatch(digits):
        raise Unreadable(reason="phone")
    return digits


def _postal_code(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}", text, re.ASCII):
        raise Unreadable(reason="postal-code")
    return text


_CHECKS: dict[str, Callable[[str], str]] = {
    "national-identity-number": _identity_number,
    "organisation-number": _organisation_number,
    "account-number": _account_number,
    "email": _email,
    "phone": _phone,
    "postal-code": _postal_code,
}
_READERS: dict[str, Callable[[Spec, str], Any]] = {
    declared.TEXT: _read_text,
    declared.LONG_TEXT: _read_text,
    declared.INTEGER: _read_integer,
    declared.NUMBER: _read_number,
    declared.ORE: _read_ore,
    declared.DATE: _read_date,
    declared.YEAR_MONTH: _read_month,
    declared.YES_NO: _read_choice,
    declared.CHOICE: _read_choice,
    declared.CONSENT: _read_consent,
}


def fault(spec: Spec, value: Any) -> Unreadable | None:
    """What is wrong with a typed value that JSON Schema does not know about (check digits, calendar), if anything."""
    reader = _CHECKS.get(spec.format) if spec.kind in (declared.TEXT, declared.LONG_TEXT) else None
    try:
        if reader and isinstance(value, str):
            reader(value)
        elif spec.kind in (declared.DATE, declared.YEAR_MONTH) and isinstance(value, str):
            _READERS[spec.kind](spec, value)
    except Unreadable as error:
        return error
    return None


def typed(spec: Spec, value: Any) -> str:
    """The value as it stands in the field: what a person would have typed. `read` gives the value back."""
    if value is MISSING or value is None or isinstance(value, dict | list):
        return ""
    if spec.kind in (declared.CHOICE, declared.YES_NO, declared.CONSENT):
        return next((option.key for option in spec.options if same(option.value, value)), "")
    if isinstance(value, str):
        return _typed_text(spec, value)
    if spec.kind == declared.ORE and isinstance(value, int):
        kroner, ore = divmod(abs(value), 100)
        return ("-" if value < 0 else "") + _grouped(str(kroner)) + (f",{ore:02}" if ore else "")
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f").replace(".", ",")
    return str(value)


def _typed_text(spec: Spec, value: str) -> str:
    if spec.kind == declared.DATE and (match := re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", value)):
        return f"{match[3]}.{match[2]}.{match[1]}"
    if spec.kind == declared.YEAR_MONTH and (match := re.fullmatch(r"([0-9]{4})-([0-9]{2})", value)):
        return f"{match[2]}.{match[1]}"
    return value


def _grouped(digits: str) -> str:
    return f"{int(digits):,}".replace(",", " ")


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def chosen(spec: Spec, value: Any) -> list[str]:
    """The keys of the checkboxes that are ticked."""
    values = value if isinstance(value, list) else []
    return [option.key for option in spec.options if any(same(option.value, one) for one in values)]


def shown(spec: Spec, value: Any, language: str, attachments: Mapping[str, Any] | None = None) -> str:
    """The value for a reader: dates and kroner in words, the labels of choices, the names of files."""
    if value is MISSING or value is None or value in ("", []):
        return say("not-answered", language)
    if spec.kind == declared.FILES:
        return ", ".join(file_name(one, attachments) for one in (value if isinstance(value, list) else [value]))
    if isinstance(value, list):
        return ", ".join(_shown_one(spec, one, language) for one in value)
    return _shown_one(spec, value, language)


def _shown_one(spec: Spec, value: Any, language: str) -> str:
    for option in spec.options:
        if same(option.value, value):
            return in_language(option.label, language)
    if spec.kind == declared.ORE and isinstance(value, int):
        return format_ore(value, language)
    if spec.kind == declared.DATE and isinstance(value, str):
        try:
            return format_date(date.fromisoformat(value), language)
        except ValueError:
            return value
    if spec.kind == declared.YEAR_MONTH and isinstance(value, str):
        try:
            return format_month(date.fromisoformat(f"{value}-01"), language)
        except ValueError:
            return value
    if isinstance(value, float):
        text = format(Decimal(repr(value)), "f")
        return text if language == "en" else text.replace(".", ",")
    return _spaced(spec.format, typed(spec, value))


def _spaced(what: str, text: str) -> str:
    if what == "national-identity-number" and len(text) == 11:
        return f"{text[:6]} {text[6:]}"
    if what == "organisation-number" and len(text) == 9:
        return f"{text[:3]} {text[3:6]} {text[6:]}"
    if what == "account-number" and len(text) == 11:
        return f"{text[:4]} {text[4:6]} {text[6:]}"
    if what == "phone" and len(text) == 8:
        return (
            f"{text[:2]} {text[2:4]} {text[4:6]} {text[6:]}"
            if text[0] not in "489"
            else f"{text[:3]} {text[3:5]} {text[5:]}"
        )
    return text


def file_name(identifier: Any, attachments: Mapping[str, Any] | None) -> str:
    """The name of an attachment: an object or mapping with `name`, else its id."""
    found = (attachments or {}).get(str(identifier))
    if isinstance(found, Mapping):
        return str(found.get("name", identifier))
    return str(getattr(found, "name", identifier))
