"""A form of the office: what is proposed in it or was sent, what was refused of that, and where: the one way to read a form here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest

from allmenning.basics.errors import AllmenningError
from allmenning.basics.typed import FieldsWrong, IsMissing, NotOffered, Typed
from allmenning.commons.costs.errors import (
    FileWrong,
    NoSuchBill,
    NoSuchCost,
    NoSuchSettlement,
    Problem,
    UnknownAgreement,
)
from allmenning.commons.costs.table_files import LARGEST_FILE
from allmenning.commons.governance import checks
from allmenning.commons.governance.errors import NoPlan, NoSuchRollOut
from allmenning.commons.governance.words import LANGUAGES, Words
from allmenning.journeys.offices import NotInYourRole
from allmenning.journeys.receiving import Upload

NOT_HERE = (UnknownAgreement, NoSuchCost, NoSuchSettlement, NoSuchBill, NoPlan, NoSuchRollOut, NotInYourRole)
ALL = "form"  # the field of what is wrong with all of it
SHOWN = 50  # problems of a file


class Form(Typed):
    """A form as it was sent, with what is wrong by field, by line of a file, or with all of it (`ALL`).

    proposed: what stands in a form that was not sent; a list where several may be ticked. at: which of a page's forms was sent, by
    how the ids of its fields begin: what it does (`do`) and a dash, or what it says itself where several do the same.
    """

    def __init__(self, request: HttpRequest, **proposed: Any) -> None:
        super().__init__({name: str(value) for name, value in request.POST.items()})
        self.is_sent = request.method == "POST"
        self.at = self["at"] or (f"{self['do']}-" if self["do"] else "")
        self.proposed: dict[str, Any] = proposed
        self.problems: tuple[Problem, ...] = ()
        self.labels: dict[str, str] = {}  # what the fields of the form that was sent are called on the page
        self.made: Any = None  # what was answered when it was done
        self._posted = request.POST

    # --- what a page shows ---

    @property
    def is_refused(self) -> bool:
        return bool(self.errors or self.problems)

    @property
    def status(self) -> int:
        return 400 if self.is_refused else 200

    @property
    def shown_problems(self) -> tuple[Problem, ...]:
        return self.problems[:SHOWN]

    def is_at(self, at: str) -> bool:
        """Whether it is the one of a page's forms that was sent."""
        return self.is_sent and self.at == at

    def shown(self, name: str, at: str = "") -> str:
        """What stands in a field of one of a page's forms."""
        return self[name] if self.is_at(at) else self.proposed.get(name, "")

    def ticked(self, name: str, at: str = "") -> list[str]:
        """What is ticked where several may be."""
        return self.several(name) if self.is_at(at) else self.proposed.get(name, [])

    def call(self, name: str, label: str, at: str = "") -> None:
        """A field tells what it is called, so that the summary can say what it leads to."""
        if self.is_at(at):
            self.labels[name] = label

    def wrong(self, name: str, at: str = "") -> AllmenningError | None:
        return self.errors.get(name) if self.is_at(at) else None

    # --- what a view reads and does ---

    def several(self, name: str) -> list[str]:
        return self._posted.getlist(name)

    def words(self, name: str, *, optional: bool = False) -> Words:
        """A text by language, from the fields `name_nb`, `name_nn` and `name_en`; bokmål is needed."""
        said = Words(*(self.text(f"{name}_{each}", longest=checks.LONGEST, optional=True) for each in LANGUAGES))
        if not said.nb and (not optional or said.nn or said.en):
            self.errors.setdefault(f"{name}_nb", IsMissing())
        return said

    def do(self, act: Callable[[], object], at: str = ALL) -> bool:
        """Do it, if it was sent and nothing is wrong so far; what is refused then is said at a field, by line, or of all of it.

        Raises Http404 for what is another's, or is not there.
        """
        if not self.is_sent or self.errors:
            return False
        try:
            self.made = act()
        except NOT_HERE as error:
            raise Http404("not here") from error
        except FieldsWrong as error:
            self.errors |= error.wrong
        except FileWrong as error:
            self.problems = error.problems
        except AllmenningError as error:
            known = (error.detail, f"{error.detail}_nb")  # some failures say which field they are about
            self.errors[next((name for name in known if name in self.values), at)] = error
        return not self.is_refused

    def choose(self, acts: Mapping[str, Callable[..., str]], *given: object) -> str:
        """Do what the form says that it does, if it was sent. Answers what to say of it; nothing where it is refused."""
        if not self.is_sent:
            return ""
        if self["do"] in acts:
            return acts[self["do"]](*given)
        self.errors[ALL] = NotOffered()
        return ""


def found(look: Callable[[], Any]) -> Any:
    """What is looked for; what is another's, or is not there, is not found."""
    try:
        return look()
    except NOT_HERE as error:
        raise Http404("not here") from error


def file_of(request: HttpRequest, name: str = "file") -> tuple[bytes, str]:
    """The bytes and name of a file that was sent; nothing where none was. No more than a table may be is read."""
    sent = request.FILES.get(name)
    if not isinstance(sent, UploadedFile):
        return b"", ""
    return sent.read(LARGEST_FILE + 1), sent.name or ""


def upload_of(request: HttpRequest, name: str = "file") -> Upload | None:
    """A file that was sent, not yet looked at."""
    sent = request.FILES.get(name)
    if not isinstance(sent, UploadedFile):
        return None
    return Upload(sent.name or "", sent.content_type or "", sent.read())


def whole(text: str, default: int) -> int:
    """A number in an address."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else default
