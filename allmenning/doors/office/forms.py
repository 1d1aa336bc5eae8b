"""What somebody typed into a form of the office: read field by field, said field by field, and kept as it was typed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date

from django.http import QueryDict

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.money import InvalidAmount, parse_kroner
from allmenning.basics.text import UnsafeText, clean_text
from allmenning.commons.governance.errors import TooLong
from allmenning.commons.governance.words import LANGUAGES, Words

LONGEST = 5000
FORM = "form"  # the field of what is wrong with all of it


class IsMissing(AllmenningError):
    """Fill in this."""


class NoSuchDay(AllmenningError):
    """There is no such day. Write it as 31.12.2013."""


class NoNumber(AllmenningError):
    """Write a whole number, such as 25."""


class NotOffered(AllmenningError):
    """Choose one of those that are offered."""


class Typed:
    """The values of a form, as they were typed, and what is wrong with them by field.

    Each reading answers something of its kind also where it is wrong, and notes the error: nothing is done with it before `do`.
    """

    def __init__(self, posted: QueryDict | None = None, **filled: str) -> None:
        held = posted.dict() if posted else {}
        self.values: dict[str, str] = filled | {name: str(value) for name, value in held.items()}
        self.errors: dict[str, AllmenningError] = {}

    def __getitem__(self, name: str) -> str:
        """A value as it was typed."""
        return self.values.get(name, "")

    def text(self, name: str, *, longest: int = LONGEST, optional: bool = False) -> str:
        said = self._clean(name)
        if len(said) > longest:
            self.errors[name] = TooLong(most=longest)
        if not said and not optional:
            self.errors.setdefault(name, IsMissing())
        return said

    def _clean(self, name: str) -> str:
        try:
            return clean_text(self[name]).strip()
        except UnsafeText as error:
            self.errors[name] = error
            return ""

    def ore(self, name: str, *, optional: bool = False) -> int:
        """An amount in kroner as people type it, in øre. Nothing where it may be left out is 0."""
        if optional and not self[name].strip():
            return 0
        try:
            return parse_kroner(self[name])
        except InvalidAmount as error:
            self.errors[name] = error if self[name].strip() else IsMissing()
            return 0

    def day(self, name: str) -> date:
        found = dates.read_date(self[name])
        if found is None:
            self.errors[name] = NoSuchDay() if self[name].strip() else IsMissing()
        return found or dates.today()

    def number(self, name: str, *, optional: bool = False) -> int:
        """A whole number that is not negative; nothing where it may be left out is 0."""
        said = self[name].replace(" ", "").replace("\u00a0", "")
        if optional and not said:
            return 0
        if not (said.isascii() and said.isdecimal() and len(said) < 10):
            self.errors[name] = NoNumber() if said else IsMissing()
            return 0
        return int(said)

    def words(self, name: str, *, optional: bool = False) -> Words:
        """A text by language, from the fields `name_nb`, `name_nn` and `name_en`; bokmål is needed."""
        said = Words(*(self._clean(f"{name}_{each}") for each in LANGUAGES))
        if not said.nb and (not optional or said.nn or said.en):
            self.errors.setdefault(f"{name}_nb", IsMissing())
        return said

    def choice(self, name: str, offered: Collection[str]) -> str:
        if self[name] not in offered:
            self.errors[name] = NotOffered() if self[name] else IsMissing()
        return self[name]

    def do(self, act: Callable[[], object], at: str = FORM) -> bool:
        """Do it if everything is right; what is expected to go wrong then is said at a field, or of all of it."""
        if self.errors:
            return False
        try:
            act()
        except AllmenningError as error:
            known = (error.detail, f"{error.detail}_nb")  # some failures say which field they are about
            self.errors[next((name for name in known if name in self.values), at)] = error
        return not self.errors
