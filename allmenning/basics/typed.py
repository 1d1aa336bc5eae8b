"""What somebody typed in a form: read field by field, and what is wrong with it said field by field. Nothing is ever cut."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from . import dates
from .errors import AllmenningError
from .money import InvalidAmount, parse_kroner
from .text import UnsafeText, clean_text

LONGEST = 5000


class IsMissing(AllmenningError):
    """Fill in this."""


class TooLong(AllmenningError):
    """This is too long: at most {most} characters."""


class NotADay(AllmenningError):
    """There is no such day: {value}. Write it as 2013-01-01."""


class NoNumber(AllmenningError):
    """This is no whole number: {value}."""


class NotOffered(AllmenningError):
    """Choose one of those that are offered."""


class FieldsWrong(AllmenningError):
    """Something is wrong with what is written. See beside each field."""

    def __init__(self, wrong: Mapping[str, AllmenningError]) -> None:
        super().__init__("; ".join(f"{field}: {error.message}" for field, error in wrong.items()))
        self.wrong = dict(wrong)

    def __reduce__(self) -> tuple[Any, ...]:
        return FieldsWrong, (self.wrong,)


def whole_text(text: str, longest: int = LONGEST, name: str = "", *, optional: bool = False) -> str:
    """A text as it is kept: whole, without space around it. name: of its field.

    Raises IsMissing, TooLong, UnsafeText.
    """
    try:
        said = clean_text(text).strip()
    except UnsafeText as error:
        raise UnsafeText(name, **error.params) from error
    if not said and not optional:
        raise IsMissing(name)
    if len(said) > longest:
        raise TooLong(name, most=longest)
    return said


class Typed:
    """The values of a form as they were typed, and what is wrong with them by field.

    Each reading answers something of its kind also where it is wrong, and notes the error: look at `errors`, or call `done`, before
    anything is done with it.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.errors: dict[str, AllmenningError] = {}

    def __getitem__(self, name: str) -> str:
        """A value as it was typed."""
        return self.values.get(name, "")

    def done(self) -> None:
        """Raises FieldsWrong, if something is."""
        if self.errors:
            raise FieldsWrong(self.errors)

    def text(self, name: str, *, longest: int = LONGEST, optional: bool = False) -> str:
        try:
            return whole_text(self[name], longest, optional=optional)
        except AllmenningError as error:
            self.errors[name] = error
            return ""

    def ore(self, name: str, *, optional: bool = False) -> int:
        """An amount in kroner as people type it, in øre. Nothing where it may be left out is 0."""
        if self._is_left_out(name, optional):
            return 0
        try:
            return parse_kroner(self[name])
        except InvalidAmount as error:
            self.errors[name] = error
            return 0

    def day(self, name: str) -> date:
        if self._is_left_out(name):
            return dates.today()
        found = dates.read_date(self[name])
        if found is None:
            self.errors[name] = NotADay(value=self[name].strip()[:20])
        return found or dates.today()

    def number(self, name: str, *, optional: bool = False, digits: int = 9) -> int:
        """A whole number that is not negative; nothing where it may be left out is 0."""
        if self._is_left_out(name, optional):
            return 0
        said = self[name].replace(" ", "").replace("\u00a0", "")
        if not (said.isascii() and said.isdecimal() and len(said) <= digits):
            self.errors[name] = NoNumber(value=self[name][:20])
            return 0
        return int(said)

    def choice(self, name: str, offered: Collection[str]) -> str:
        if not self._is_left_out(name) and self[name] not in offered:
            self.errors[name] = NotOffered()
        return self[name]

    def _is_left_out(self, name: str, optional: bool = False) -> bool:
        if self[name].strip():
            return False
        if not optional:
            self.errors[name] = IsMissing()
        return True
