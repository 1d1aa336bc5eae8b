"""Forms of the administration: fields that take what people type, and say beside themselves what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import NationalIdentityNumber, OrganisationNumber
from allmenning.basics.text import UnsafeText, clean_text
from allmenning.letters import LetterError, UnusableLogo
from allmenning.municipal.access import errors as access
from allmenning.web.said import said

Choices = Iterable[tuple[str, str]]

# Which field an expected failure stands beside, where the form has it.
_BESIDE: tuple[tuple[type[AllmenningError], str], ...] = (
    (access.AlreadyStaff, "number"),
    (access.AlreadyHolds, "start"),
    (access.AlreadyThere, "name"),
    (access.OverlappingDates, "end"),
    (access.LastAdministrator, "end"),
    (access.SourceMissing, "source"),
    (access.UnitMissing, "unit_id"),
    (access.UnitInUse, "active"),
    (access.OwnSubstitute, "substitute_id"),
    (access.NotOwnMunicipality, "home_municipality"),
    (access.UnusableKey, "key"),
    (LetterError, "logo"),
)


def _no_logo() -> str:
    """What may be a logo: why this one may not is for a programmer."""
    return _("This file can't be used as a logo. Choose a PNG or JPEG, or an SVG with shapes alone, of at most 2 MB.")


class Form(forms.Form):
    """A form of the administration. Whatever is refused, everything typed is still in it."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "%s", **kwargs})

    @property
    def is_refused(self) -> bool:
        return self.is_bound and bool(self.errors)

    def refuse(self, error: AllmenningError) -> None:
        """Put an expected failure beside its field, or at the top of the form when it is about no one field."""
        if isinstance(error, access.NotValid):
            for name, messages in error.params["fields"].items():
                self.add_error(name if name in self.fields else None, messages)
            return
        beside = next((name for kind, name in _BESIDE if isinstance(error, kind) and name in self.fields), None)
        self.add_error(beside, _no_logo() if isinstance(error, UnusableLogo) else said(error))

    @property
    def summary(self) -> list[tuple[str | None, str]]:
        """All that is wrong, for the top of the page, in the order of the fields."""
        shown: list[tuple[str | None, str]] = [(None, str(text)) for text in self.non_field_errors()]
        for name in self.fields:
            shown += [(name, f"{self[name].label}: {text}") for text in self.errors.get(name, [])]
        return shown


class Line(forms.CharField):
    """One line of text."""

    kind = "line"

    def __init__(
        self,
        label: str,
        max_length: int = 120,
        *,
        required: bool = True,
        hint: str = "",
        width: int | None = None,
        autocomplete: str = "off",
        inputmode: str = "",
    ) -> None:
        # Without Django's own check for NUL: ours says it in words.
        super().__init__(label=label, required=required, help_text=hint)
        self.validators = []
        self.max_length, self.width, self.autocomplete, self.inputmode = max_length, width, autocomplete, inputmode

    def to_python(self, value: Any) -> str:
        try:
            text = " ".join(clean_text(super().to_python(value) or "").split())
        except UnsafeText as error:
            raise ValidationError(said(error)) from None
        if self.max_length and len(text) > self.max_length:
            raise ValidationError(_("This is too long. Write at most %(most)s characters.") % {"most": self.max_length})
        return text

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(_("Fill this in."))


class Email(Line):
    def __init__(self, label: str, *, required: bool = False, hint: str = "") -> None:
        super().__init__(label, 254, required=required, hint=hint, inputmode="email")

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        try:
            if text:
                validate_email(text)
        except ValidationError:
            raise ValidationError(_("Write an e-mail address like name@example.no.")) from None
        return text


class Phone(Line):
    def __init__(self, label: str, *, hint: str = "") -> None:
        super().__init__(label, 30, required=False, hint=hint, width=16, inputmode="tel")

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if text and not re.fullmatch(r"\+?[0-9 ]{3,20}", text):
            raise ValidationError(_("Write a telephone number with digits, such as 71 51 44 00."))
        return text


class Website(Line):
    def __init__(self, label: str, *, hint: str = "") -> None:
        super().__init__(label, 200, required=False, hint=hint, inputmode="url")

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if text and not re.fullmatch(r"https?://[^\s/]+\.[^\s/]+(/\S*)?", text):
            raise ValidationError(_("Write the whole address, such as https://www.example.no."))
        return text


class PostalCode(Line):
    def __init__(self, label: str) -> None:
        super().__init__(label, 4, required=False, width=6, inputmode="numeric")

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if text and not (text.isascii() and text.isdigit() and len(text) == 4):
            raise ValidationError(_("A postal code has four digits."))
        return text


class IdentityNumber(Line):
    def __init__(self, label: str, *, hint: str = "") -> None:
        super().__init__(label, 20, hint=hint, width=14, inputmode="numeric")

    def to_python(self, value: Any) -> str:
        return _parsed(NationalIdentityNumber, super().to_python(value))


class OrganisationNo(Line):
    def __init__(self, label: str, *, hint: str = "") -> None:
        super().__init__(label, 20, required=False, hint=hint, width=14, inputmode="numeric")

    def to_python(self, value: Any) -> str:
        return _parsed(OrganisationNumber, super().to_python(value))


def _parsed(kind: Any, text: str) -> str:
    try:
        return str(kind.parse(text).value) if text else ""
    except AllmenningError as error:
        raise ValidationError(said(error)) from None


class Day(Line):
    """A date as people write it: 1.8.2026, 01.08.26 or 2026-08-01."""

    def __init__(self, label: str, *, required: bool = True, hint: str | None = None) -> None:
        example = _("For example %(example)s") % {"example": "1.8.2026"}
        super().__init__(label, 40, required=required, hint=example if hint is None else hint, width=14)

    def prepare_value(self, value: Any) -> Any:
        return f"{value.day}.{value.month}.{value.year}" if isinstance(value, date) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return _day(text) if text else None


def _day(text: str) -> date:
    iso = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text)
    norwegian = re.fullmatch(r"([0-9]{1,2})[. /]+([0-9]{1,2})[. /]+([0-9]{4}|[0-9]{2})", text)
    year, month, day = iso.groups() if iso else reversed(norwegian.groups()) if norwegian else ("", "", "")
    try:
        found = date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        raise ValidationError(_("Write a date that exists, such as 1.8.2026.")) from None
    if not 1900 <= found.year <= 2200:
        raise ValidationError(_("The year must be from 1900 to 2200."))
    return found


class Pick(forms.ChoiceField):
    """One of some alternatives, in a list. `empty` is what the list says when none is chosen."""

    kind = "pick"

    def __init__(self, label: str, choices: Choices, *, required: bool = True, hint: str = "", empty: str = "") -> None:
        super().__init__(label=label, choices=list(choices), required=required, help_text=hint)
        self.empty = empty or _("Choose …")
        self.says_none = bool(empty)  # the list itself says what nothing chosen means

    def to_python(self, value: Any) -> str | None:
        return super().to_python(value) or None

    def validate(self, value: Any) -> None:
        if value and not self.valid_value(value):
            raise ValidationError(_("Choose one from the list."))
        if self.required and not value:
            raise ValidationError(_("Choose one from the list."))


class Radio(Pick):
    """The same, with all alternatives in sight."""

    kind = "radio"


class Tick(forms.BooleanField):
    kind = "tick"

    def __init__(self, label: str, *, hint: str = "") -> None:
        super().__init__(label=label, required=False, help_text=hint)


class File(forms.FileField):
    kind = "file"

    def __init__(self, label: str, *, hint: str = "", accept: str = "") -> None:
        super().__init__(label=label, required=False, help_text=hint, allow_empty_file=True)
        self.accept = accept
