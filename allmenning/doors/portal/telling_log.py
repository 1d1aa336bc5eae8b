"""How the log is told to the one it is about: who or which unit, when, what and why, in plain words, day by day.

What one did for the same reason in the same case on a day is one occasion: a caseworker who opens a case and its nine
attachments is told of once, with how many times. What the platform does each night is one, however many nights: else it would
hide what people did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from allmenning.basics import dates
from allmenning.commons.municipalities import queries as municipalities
from allmenning.journeys import readings
from allmenning.journeys.my_log import Line
from allmenning.journeys.offered import day_of
from allmenning.municipal.access import purposes
from allmenning.municipal.access.models import LET_SEE, LogEntry
from allmenning.municipal.access.resident_log import Reader

from .showing import language
from .telling import AUTHORITIES


@dataclass
class Occasion:
    """What somebody did with a case on one day, for one reason. `line`: a row of it, for what names the case."""

    day: date
    who: str
    where: str
    why: str
    line: Line | None = None
    done: Counter[str] = field(default_factory=Counter)
    times: list[datetime] = field(default_factory=list)

    @property
    def what(self) -> str:
        """Everything that was done, the first first, each with how many times."""
        first, *rest = (_times(text, count) for text, count in reversed(self.done.items()))
        return ", ".join([first, *(text[:1].lower() + text[1:] for text in rest)])

    @property
    def when(self) -> str:
        """The time of the day, or from the first to the last; of what was done on several days, since when."""
        if day_of(min(self.times)) != self.day:
            return _("since %(day)s") % {"day": dates.format_date(day_of(min(self.times)), language())}
        first, last = (dates.format_time(at, language()) for at in (min(self.times), max(self.times)))
        return first if first == last else f"{first}–{last}"

    @property
    def last_at(self) -> datetime:
        return max(self.times)


def _times(text: str, count: int) -> str:
    times = ngettext("%(num)d time", "%(num)d times", count) % {"num": count}
    return text if count == 1 else f"{text} ({times})"


def occasions(entries: Iterable[LogEntry], by_names: Mapping[UUID, str], reader: Reader) -> list[Occasion]:
    """The log of one case, newest first."""
    return list(_gathered((entry, by_names, reader, None) for entry in entries))


def days(lines: Iterable[Line]) -> list[tuple[date, list[Occasion]]]:
    """The log of several cases, day by day, newest first."""
    told = _gathered((line.entry, _names(line), line.reader, line) for line in lines)
    return [(day, list(of_day)) for day, of_day in groupby(told, key=lambda each: each.day)]


NIGHTLY = frozenset({"see-protection"})  # purposes for which the platform asks each night (`journeys.asking_anew`)

_Told = tuple[LogEntry, Mapping[UUID, str], Reader, Line | None]


def _gathered(rows: Iterable[_Told]) -> Iterator[Occasion]:
    found: dict[tuple[object, ...], Occasion] = {}
    for entry, names, reader, line in rows:
        day, who, where, why = day_of(entry.at), _who(entry, names, reader), _where(entry), _why(entry, reader)
        municipality = line.municipality if line else ""
        key = (None if entry.purpose in NIGHTLY else day, municipality, entry.case_id, who, where, why)
        occasion = found.setdefault(key, Occasion(day, who, where, why, line))
        occasion.done[_what(entry)] += 1
        occasion.times.append(entry.at)
    return iter(found.values())


def _names(line: Line) -> Mapping[UUID, str]:
    entry = line.entry
    named = entry.object_id if entry.purpose == LET_SEE else entry.representation_id
    return {named: line.by_name} if named and line.by_name else {}


def _who(entry: LogEntry, by_names: Mapping[UUID, str], reader: Reader) -> str:
    if entry.purpose == LET_SEE:
        return by_names.get(entry.object_id or entry.id) or _("Somebody whom you let see it")
    if entry.actor_kind == "resident" and entry.representation_id != reader.representation:
        if entry.representation_id is None:
            return _("The person that it is about")
        name = by_names.get(entry.representation_id) or _("Somebody who acts for you")
        return f"{name}, {AUTHORITIES.get(entry.relation, '')}"
    if entry.actor_kind == "resident":
        return _("You")
    if entry.actor_kind == "client":
        return _("The system %(name)s") % {"name": entry.staff_name}
    if entry.actor_kind != "staff":
        return _("The platform itself")
    return {
        "caseworker": _("Caseworker"),
        "leader": _("Leader of the unit"),
        "approver": _("The one who approves decisions"),
        "archivist": _("Archivist"),
        "administrator": _("Administrator"),
    }.get(entry.role, _("Employee"))


def _where(entry: LogEntry) -> str:
    if entry.actor_kind != "staff":
        return ""
    home = municipalities.name_of(entry.home_municipality, language()) if entry.home_municipality else ""
    return ", ".join(each for each in (entry.unit_name, home) if each)


ACTIONS = {
    "read": gettext_lazy("Opened the case"),
    "list": gettext_lazy("Saw it in a list"),
    "submit": gettext_lazy("Sent it"),
    "ask": gettext_lazy("Asked a question"),
    "preliminary-reply": gettext_lazy("Sent a preliminary reply"),
    "answer": gettext_lazy("Answered"),
    "send-more": gettext_lazy("Sent something more"),
    "withdraw": gettext_lazy("Withdrew it"),
    "appeal": gettext_lazy("Sent an appeal"),
    "note": gettext_lazy("Wrote an internal note"),
    "correct-note": gettext_lazy("Corrected an internal note"),
    "letter-language": gettext_lazy("Chose the language of the letters"),
    "participant-added": gettext_lazy("Changed who takes part in the case"),
    "participant-changed": gettext_lazy("Changed who takes part in the case"),
    "participant-ended": gettext_lazy("Changed who takes part in the case"),
    "consent-given": gettext_lazy("Gave a consent, or wrote one down"),
    "consent-withdrawn": gettext_lazy("Withdrew a consent, or noted that one was"),
    "receive": gettext_lazy("Received the case from another municipality"),
    "write-record": gettext_lazy("Wrote in what is kept in the case"),
    "end-record": gettext_lazy("Ended something that is kept in the case"),
    "hand-to-accounts": gettext_lazy("Handed a payment over to the accounts"),
    "assign": gettext_lazy("Gave the case to somebody"),
    "task": gettext_lazy("Ticked off a step"),
    "open-own-case": gettext_lazy("Opened a case of its own"),
    "conclude-phase": gettext_lazy("Concluded a phase of the work"),
    "extend-deadline": gettext_lazy("Extended a deadline"),
    "explain-missed": gettext_lazy("Noted why a deadline was missed"),
    "clear-contact": gettext_lazy("Cleared that letters and notices are sent to you"),
    "draft-decision": gettext_lazy("Drafted the decision"),
    "send-for-approval": gettext_lazy("Sent the decision for approval"),
    "issue-decision": gettext_lazy("Issued the decision"),
    "tell-outside": gettext_lazy("Showed you how the case stands, at nav.no or where you sent it from"),
    "give-access": gettext_lazy("Gave you access to the case"),
    "give-access-to-another": gettext_lazy("Gave another party access to the case"),
    "refuse-access": gettext_lazy("Refused access to the case"),
    "ask-access": gettext_lazy("Asked for access to the case"),
    "complain-of-access": gettext_lazy("Complained of the access"),
    "report": gettext_lazy("Read it for a report to the state"),
    "break-glass": gettext_lazy("Opened it in an emergency"),
    "declare-partial": gettext_lazy("Said that they are partial"),
    "end-partial": gettext_lazy("Said that they are partial no longer"),
    "refused": gettext_lazy("Tried to open the case, and was refused"),
    "not-given": gettext_lazy("Tried to give the case to somebody who can't have it, and was refused"),
    "look-up": gettext_lazy("Looked somebody up"),
    "overview": gettext_lazy("Saw your cases here together"),
    "review": gettext_lazy("Looked into who has opened it"),
    "set-protection": gettext_lazy("Protected the address"),
    "lower-protection": gettext_lazy("Lowered the protection of the address"),
    "open-protected": gettext_lazy("Saw what could tell where you live"),
    "print-letter": gettext_lazy("Printed a letter"),
    "mark-printed": gettext_lazy("Posted a letter"),
    "mark-print-failed": gettext_lazy("Could not post a letter"),
    "print-again": gettext_lazy("Printed a letter again"),
    "export": gettext_lazy("Made a copy of all of it"),
    "propose-disposal": gettext_lazy("Proposed that the case be erased"),
    "approve-disposal": gettext_lazy("Approved that the case be erased"),
    "preserve-case": gettext_lazy("Decided that the case is kept for good"),
    "erase": gettext_lazy("Erased the case"),
}


def _what(entry: LogEntry) -> str:
    if entry.purpose == LET_SEE:
        return _("Opened a letter") if readings.DOCUMENTS in entry.field_kinds else _("Saw what you let them see")
    if entry.action == "read" and entry.object_kind == "document":
        return _("Opened a document")
    if entry.action == "read" and entry.object_kind == "receipt":
        return _("Got the receipt again")
    if entry.action == "look-up" and entry.object_kind == "person":
        return _("Looked you up by your number")
    if entry.action == "read" and entry.object_kind == "log":
        return _("Opened the log")
    return str(ACTIONS.get(entry.action) or _("Worked with the case"))


def _why(entry: LogEntry, reader: Reader) -> str:
    if entry.representation_id is None:
        return purposes.words(entry.purpose)
    return _("For the one you act for") if entry.representation_id == reader.representation else _("On your behalf")
