"""What every text of the plan is held to: said in bokmål, not too long, and about nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from allmenning.basics.identifiers import names_a_person
from allmenning.basics.typed import TooLong
from allmenning.commons.municipalities import queries as municipalities

from . import errors
from .models import Plan
from .words import LANGUAGES, Words

LONGEST = 20_000


def checked(words: Words, *, most: int = LONGEST, required: bool = True, name: str = "") -> Words:
    """A text in each language, as it is kept. Raises NotSaid, TooLong, NamesAPerson."""
    if not words.nb and (required or words.nn or words.en):
        raise errors.NotSaid(name)
    return Words(*(plain(getattr(words, each), most=most, required=False, name=name) for each in LANGUAGES))


def plain(text: str, *, most: int = LONGEST, required: bool = True, name: str = "") -> str:
    """A text in one language, as it is kept. Raises NotSaid, TooLong, NamesAPerson."""
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if required and not text:
        raise errors.NotSaid(name)
    if len(text) > most:
        raise TooLong(name, most=most)
    if names_a_person(text):
        raise errors.NamesAPerson(name)
    return text


def one_of(value: str, options: Sequence[str]) -> str:
    """Raises NotOneOfThese."""
    if value not in options:
        raise errors.NotOneOfThese(options=", ".join(options))
    return value


def called(party: str) -> str:
    """A party's name, for what is said of it."""
    known = municipalities.register().municipalities.get(party)
    return known.label if known else party


def within_plan(plan: Plan, day: date, name: str = "due") -> date:
    """A day that something of a plan may be due: in its years, or the year before or after them. Raises YearTooFar."""
    first, last = plan.first_year - 1, plan.last_year + 1
    if not first <= day.year <= last:
        raise errors.YearTooFar(name, first=first, last=last)
    return day
