"""Forms of the office: what was typed goes to a journey, and what it refuses is said beside the field, or by line of a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest

from allmenning.basics.errors import AllmenningError
from allmenning.basics.typed import FieldsWrong
from allmenning.commons.costs.errors import (
    FileWrong,
    NoSuchBill,
    NoSuchCost,
    NoSuchSettlement,
    Problem,
    UnknownAgreement,
)
from allmenning.commons.costs.table_files import LARGEST_FILE
from allmenning.journeys.offices import NotInYourRole
from allmenning.journeys.receiving import Upload

NOT_HERE = (UnknownAgreement, NoSuchCost, NoSuchSettlement, NoSuchBill, NotInYourRole)
SHOWN = 50  # problems of a file


@dataclass
class Answer:
    """What somebody typed, and what was wrong with it: by field, by line of a file, or of the whole (`general`)."""

    typed: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, AllmenningError] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    general: AllmenningError | None = None
    made: Any = None

    @property
    def is_refused(self) -> bool:
        return bool(self.wrong or self.problems or self.general)

    @property
    def status(self) -> int:
        return 400 if self.is_refused else 200

    @property
    def shown_problems(self) -> tuple[Problem, ...]:
        return self.problems[:SHOWN]


def try_(request: HttpRequest, act: Callable[[dict[str, str]], Any]) -> Answer:
    """Do what was asked with what was typed. What is another's, or is not there, is not found."""
    answer = Answer({name: str(value) for name, value in request.POST.items()})
    try:
        answer.made = act(answer.typed)
    except FieldsWrong as error:
        answer.wrong = error.wrong
    except FileWrong as error:
        answer.problems = error.problems
    except NOT_HERE as error:
        raise Http404("not here") from error
    except AllmenningError as error:
        answer.general = error
    return answer


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
