"""A form of the office: what was typed, said field by field where it is wrong, and kept as it was typed."""

from __future__ import annotations

from collections.abc import Callable

from django.http import QueryDict

from allmenning.basics import typed
from allmenning.basics.errors import AllmenningError
from allmenning.basics.typed import IsMissing
from allmenning.commons.governance import checks
from allmenning.commons.governance.words import LANGUAGES, Words

FORM = "form"  # the field of what is wrong with all of it


class Typed(typed.Typed):
    """The values of a form, as they were typed, and what is wrong with them by field."""

    values: dict[str, str]

    def __init__(self, posted: QueryDict | None = None) -> None:
        super().__init__({name: str(value) for name, value in posted.items()} if posted else {})

    def words(self, name: str, *, optional: bool = False) -> Words:
        """A text by language, from the fields `name_nb`, `name_nn` and `name_en`; bokmål is needed."""
        said = Words(*(self.text(f"{name}_{each}", longest=checks.LONGEST, optional=True) for each in LANGUAGES))
        if not said.nb and (not optional or said.nn or said.en):
            self.errors.setdefault(f"{name}_nb", IsMissing())
        return said

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
