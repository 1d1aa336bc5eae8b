"""What happened in a case, in words for its caseworker: the timeline, the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from allmenning.basics import dates
from allmenning.commons.catalogue.content import Sender, ServicePackage
from allmenning.commons.catalogue.deciding import OWN_UNCERTAIN
from allmenning.journeys.timeline import title_of
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.models import Case, Event
from allmenning.web.filling import language

from . import words


@dataclass(frozen=True)
class Happening:
    """A line of the timeline."""

    title: str
    at: datetime
    who: str
    text: str = ""
    is_attention: bool = False


RECORDED = ("record-written", "record-changed", "record-ended", "payment-handed-over")
_REFUSED = {
    "protected-address": gettext_noop(
        "The address is protected. Send the case in a way that you both know to be safe."
    ),
    "not-offered": gettext_noop("The other municipality takes no such cases here any more. Send the case yourself."),
}


def as_shown(event: Event, package: ServicePackage, sender: Sender) -> Happening:
    attention = event.kind in (
        "appealed",
        "access-asked",
        "access-complained",
        "handover-refused",
        "to-be-sent-by-hand",
        "consent-withdrawn",
        "not-decided-by-itself",
    )
    return Happening(title_of(event.kind), event.at, _who(event, sender), _text(event, package), attention)


def _who(event: Event, sender: Sender) -> str:
    if event.actor == "staff":
        return ", ".join(part for part in (event.staff_name, event.unit_name) if part)
    if event.actor == "client":
        return event.staff_name
    if event.actor != "resident":
        return _("The platform")
    return _("The applicant") if sender.shows_all else _("The sender")


def _text(event: Event, package: ServicePackage) -> str:
    facts: dict[str, Any] = event.facts
    if event.kind in ("phase-opened", "phase-concluded"):
        phase = package.phase(str(facts.get("phase", "")))
        return phase.title[language()] if phase else ""
    if event.kind in ("consent-given", "consent-withdrawn"):
        consent = package.consent(str(facts.get("scope", "")))
        return consent.title[language()] if consent else ""
    if event.kind in RECORDED:
        return next((kind.title[language()] for kind in package.records if kind.id == facts.get("record")), "")
    if event.kind == "received":
        return words.channel(str(facts.get("channel", "")))
    if event.kind in ("transferred", "came-from"):
        there = facts.get("receiver") or facts.get("sender", "")
        return _("%(place)s, case %(number)s") % {
            "place": there,
            "number": facts.get("receipt") or facts.get("number", ""),
        }
    if event.kind == "handover-refused":
        why = _REFUSED.get(str(facts.get("reason")), "")
        return _(why) if why else ""
    if event.kind in ("assigned", "moved", "to-be-sent-by-hand"):
        return str(facts.get("to", ""))
    if event.kind == "asked":
        return _("To be answered by %(day)s") % {"day": dates.format_date(_date(facts.get("due")), language())}
    if event.kind in ("access-asked", "access-complained"):
        return _("To be answered by %(day)s") % {"day": dates.format_date(_date(facts.get("due")), language())}
    if event.kind == "preliminary-reply":
        return _("The answer may come by %(day)s") % {
            "day": dates.format_date(_date(facts.get("expected")), language())
        }
    if event.kind == "appealed" and facts.get("late"):
        return _("After the deadline")
    if event.kind == "decided" and facts.get("automatic"):
        return _("Automatically")
    return ""


def _date(text: Any) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return dates.today()


def why_for_a_person(timeline: Sequence[Event], package: ServicePackage) -> list[str]:
    """Why a service that may decide by itself passed the case to a person: its own words, and registers that were away."""
    passed = [event.facts for event in timeline if event.kind == "not-decided-by-itself"]
    if not passed:
        return []
    texts = {**OWN_UNCERTAIN, **package.uncertain}
    uncertain = [texts[each][language()] if each in texts else each for each in passed[-1].get("uncertain", [])]
    away = [words.register(each) for each in passed[-1].get("unavailable", [])]
    return [*uncertain, *(_("%(register)s did not answer.") % {"register": each} for each in away)]


@dataclass(frozen=True)
class Entry:
    """A line of the journal."""

    number: str
    kind: str
    title: str
    correspondent: str
    at: datetime


def journal(entries: Sequence[RegistryEntry], case: Case) -> list[Entry]:
    kinds = {
        "Inngående dokument": _("Incoming"),
        "Utgående dokument": _("Outgoing"),
        "Organinternt dokument uten oppfølging": _("Internal"),
    }
    return [
        Entry(
            f"{entry.year}/{entry.sequence}",
            kinds.get(entry.kind, entry.kind),
            case.key.open_text("archive.RegistryEntry.title", bytes(entry.title), entry.id),
            case.key.open_text("archive.RegistryEntry.correspondent", bytes(entry.correspondent), entry.id),
            entry.registered_at,
        )
        for entry in entries
    ]
