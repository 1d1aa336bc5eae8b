"""How a case is told to the one it is about: its state, what comes next and by when, and what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from allmenning.basics import dates
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.content import NoSuchOutcome, OutcomeKind, ServicePackage
from allmenning.commons.municipalities import queries as municipalities
from allmenning.journeys import offered
from allmenning.journeys.my_page import MyCase, MyCaseView
from allmenning.municipal.cases.consents import OpenedConsent
from allmenning.municipal.cases.models import Event, State

from .showing import language

INFO, WARNING, NEUTRAL = "info", "warning", "neutral"
OPEN = (State.RECEIVED, State.IN_PROGRESS, State.WAITING, State.FOR_APPROVAL, State.APPEALED)


def consent_in_words(consent: OpenedConsent) -> tuple[str, str]:
    """What a consent is called, and what it means, as the service says it; its id, where the service has it no more."""
    kind = package_of(consent.row.service, consent.row.version).consent(consent.row.scope)
    return (kind.title[language()], kind.about[language()]) if kind else (consent.row.scope, "")


@dataclass(frozen=True)
class Told:
    """A case in a list, in words. `kind` is the colour that helps."""

    case: MyCase
    title: str
    state: str
    kind: str
    next: str
    is_open: bool


def told(case: MyCase) -> Told:
    """A case of the list on my page."""
    package = package_of(case.service, case.version)
    state, kind = state_of(case.state, case.outcome, package, waits=case.waits_for_me)
    return Told(
        case=case,
        title=titled(package, case.subject),
        state=state,
        kind=kind,
        next=next_of(
            case.state,
            case.due_on,
            case.unit,
            case.waits_for_me,
            case.waits_for_me_until,
            is_answered=bool(case.outcome) and case.state == State.IN_PROGRESS,
            says=case.says[language()] if case.says else "",
        ),
        is_open=case.state in OPEN,
    )


def titled(package: ServicePackage, subject: str) -> str:
    """A case's name in the reader's language: the service's, and what the resident called it."""
    name = package.title[language()]
    return f"{name}: {subject}" if subject else name


def package_of(service: str, version: str) -> ServicePackage:
    return offered.at_version(service, version).package


def state_of(state: str, outcome: str, package: ServicePackage, *, waits: bool = False) -> tuple[str, str]:
    """A state in plain words, and its colour."""
    if waits or state == State.WAITING:
        return _("Waiting for you"), WARNING
    if state == State.DECIDED:
        if not outcome:  # who sent it is no party
            return _("You are answered"), NEUTRAL
        found = outcome_of(package, outcome)
        return (found.told_title[language()] if found else _("Decided")), NEUTRAL
    words = {
        State.RECEIVED: (_("Received"), INFO),
        State.IN_PROGRESS: (_("Being handled"), INFO),
        State.FOR_APPROVAL: (_("Being handled"), INFO),
        State.APPEALED: (_("Appeal being handled"), INFO),
        State.WITHDRAWN: (_("Withdrawn"), NEUTRAL),
    }
    return words.get(state, (_("Being handled"), INFO))  # type: ignore[call-overload]


def outcome_of(package: ServicePackage, outcome: str) -> OutcomeKind | None:
    try:
        return package.outcome(outcome)
    except NoSuchOutcome:
        return None


def next_of(
    state: str,
    due: date | None,
    unit: str,
    waits: bool,
    until: date | None,
    *,
    is_answered: bool = False,
    says: str = "",
) -> str:
    """What is expected next, of whom and by when. Empty when nothing is.

    Args:
        is_answered: they have an answer, and the case goes on.
        says: what the service tells of the answer, where no day is promised.
    """
    if waits and until is None:
        return _("Answer us, so that we can go on.")
    if waits and until < dates.today():  # type: ignore[operator]
        return _("The deadline was %(date)s. Answer us as soon as you can.") % {"date": day(until)}  # type: ignore[arg-type]
    if waits:
        return _("Answer us by %(date)s.") % {"date": day(until)}  # type: ignore[arg-type]
    if state not in OPEN:
        return ""
    if state == State.APPEALED:
        return _("We look at the case again, and then you get an answer.")
    if due is None and is_answered:
        return _("You have your answer. We go on with the case, and tell you here of anything new.")
    if due is None:
        return says or _("You get an answer as soon as we can.")
    if due < dates.today():
        return _("We are late: you were to get an answer by %(date)s.") % {"date": day(due)}
    if unit:
        return _("%(unit)s answers by %(date)s.") % {"unit": unit, "date": day(due)}
    return _("You get an answer by %(date)s.") % {"date": day(due)}


def day(value: date) -> str:
    return dates.format_date(value, language())


def timeline(view: MyCaseView, municipality: str, answer_url: str) -> list[dict[str, Any]]:
    """What has happened, where the case is now, and what comes: as `ui.timeline` shows it."""
    package = view.offered.package
    happened = [told for event in view.timeline if (told := _happened(event, package))]
    return [*happened, *_now(view, municipality, answer_url), *_to_come(view)]


def _happened(event: Event, package: ServicePackage) -> dict[str, Any] | None:
    title, text = _words_of(event, package)
    return {"title": title, "text": text, "state": "done", "at": event.at} if title else None


def _by_itself(outcome: OutcomeKind | None) -> str:
    """Guidance is made, not decided: who reads that it is no decision must not read that one was made."""
    if outcome and not outcome.appeal.allowed:
        return _("Made automatically, from what you answered.")
    return _("Decided automatically, from what the registers confirm.")


def _words_of(event: Event, package: ServicePackage) -> tuple[str, str]:
    facts, files = event.facts, int(event.facts.get("files") or 0)
    with_files = ngettext("With one file", "With %(num)s files", files) % {"num": files} if files else ""
    if event.kind == "decided":
        found = outcome_of(package, str(facts.get("outcome", "")))
        return (
            found.told_title[language()] if found else _("Decided"),
            _by_itself(found) if facts.get("automatic") else "",
        )
    if event.kind == "asked" and facts.get("due"):
        return _("We asked you for more"), _("To be answered by %(date)s.") % {
            "date": day(date.fromisoformat(str(facts["due"])))
        }
    if event.kind in ("access-asked", "access-complained"):
        asked = event.kind == "access-asked"
        by = {"date": day(date.fromisoformat(str(facts["due"])))}
        return (
            _("You asked for access to the case") if asked else _("You complained of the access"),
            _("You get an answer by %(date)s.") % by,
        )
    if event.kind == "preliminary-reply" and facts.get("expected"):
        return _("We told you that it takes time"), _("You can expect an answer by %(date)s.") % {
            "date": day(date.fromisoformat(str(facts["expected"])))
        }
    if event.kind in ("record-written", "record-changed", "record-ended"):
        kept = next((kind.title[language()] for kind in package.records if kind.id == facts.get("record")), "")
        did = {"record-ended": _("Ended"), "record-changed": _("Changed")}.get(event.kind, _("Written"))
        return kept, did
    words = {
        "for-a-person": (_("A caseworker looks at it"), _("It could not be decided automatically.")),
        "received": (_("Received"), _channel(str(facts.get("channel", "")))),
        "assigned": (_("A caseworker took the case"), event.unit_name),
        "moved": (_("Moved to another unit"), ""),
        "glass-broken": (_("Opened in an emergency"), ""),
        "asked": (_("We asked you for more"), ""),
        "answered": (_("You answered"), with_files),
        "more-documents": (_("You sent more"), with_files),
        "follow-up": (_("You followed up"), with_files),
        "appealed": (_("You appealed"), _("It came after the deadline.") if facts.get("late") else ""),
        "withdrawn": (_("You withdrew it"), ""),
        "access-given": (_("You were given access to the case"), ""),
        "access-refused": (_("You were not given access"), _("The letter says why, and how to complain.")),
        "handed-over": (
            _("Handed over to %(receiver)s") % {"receiver": facts.get("receiver", "")},
            _("Their receipt: %(receipt)s") % {"receipt": facts.get("receipt", "")},
        ),
    }
    return words.get(event.kind, ("", ""))


def _channel(channel: str) -> str:
    return {
        "portal": _("Sent here on the portal"),
        "phone": _("You telephoned"),
        "email": _("You sent an e-mail"),
        "paper": _("You sent it on paper"),
        "counter": _("You came to the service desk"),
        "api": _("Sent from another system"),
    }.get(channel, "")


def _now(view: MyCaseView, municipality: str, answer_url: str) -> list[dict[str, Any]]:
    if not view.shown.is_open:
        return []
    unit = view.unit.name if view.unit else municipalities.name_of(municipality, language())
    until = view.question.answer_due if view.question else None
    answered = _is_answered(view)
    following = next_of(
        view.shown.state,
        view.shown.due_on,
        "",
        view.question is not None,
        until,
        is_answered=answered,
        says=view.shown.says[language()] if view.shown.says else "",
    )
    if view.question:
        return [
            {
                "title": _("Waiting for you"),
                "text": following,
                "state": "attention",
                "href": answer_url,
                "action": _("Answer"),
            }
        ]
    title = {
        State.APPEALED: _("%(unit)s looks at your appeal"),
        State.FOR_APPROVAL: _("A second person in %(unit)s checks the decision"),
    }.get(State(view.shown.state), _("%(unit)s is handling it"))
    return [{"title": title % {"unit": unit}, "text": following, "state": "current"}]


def _is_answered(view: MyCaseView) -> bool:
    """Whether the case goes on after an answer, and no other has been promised."""
    return bool(view.shown.outcome) and view.shown.state == State.IN_PROGRESS and view.shown.due_on is None


def _to_come(view: MyCaseView) -> list[dict[str, Any]]:
    if view.shown.is_open and view.shown.says:
        return []  # no answer comes here
    if view.shown.is_open and not _is_answered(view):
        due = view.shown.due_on
        at = {"at": due} if due and due >= dates.today() else {}
        return [{"title": _("You get the answer here"), "state": "upcoming", **at}]
    if view.appeal_until and view.appeal_until >= dates.today():
        return [{"title": _("Last day to appeal"), "state": "upcoming", "at": view.appeal_until}]
    return []


def last_decision(view: MyCaseView) -> Any:
    """The newest issued decision, as its row; None when there is none."""
    return view.decisions[-1].row if view.decisions else None


@dataclass(frozen=True)
class AppealNotice:
    """How the last decision can be appealed: until when, to whom it is sent, and who settles it."""

    due: date
    is_late: bool
    to: str
    body: str
    automatic: bool


def appeal_notice(view: MyCaseView) -> AppealNotice | None:
    """None when there is nothing to appeal now."""
    last = last_decision(view)
    if last is None or view.appeal_until is None:
        return None
    found = outcome_of(view.offered.package, last.outcome)
    if found is None or not found.appeal.allowed or (view.shown.is_open and not _stands_meanwhile(view, found, last)):
        return None
    return AppealNotice(
        due=view.appeal_until,
        is_late=dates.today() > view.appeal_until,
        to=found.appeal.to[language()] if found.appeal.to else "",
        body=found.appeal.body[language()] if found.appeal.body else "",
        automatic=last.automatic and view.offered.package.may_ask_for_a_person,
    )


def _stands_meanwhile(view: MyCaseView, outcome: OutcomeKind, last: Any) -> bool:
    """Whether the last decision stands while the case goes on, and has not been appealed."""
    appealed = [event.at for event in view.timeline if event.kind == "appealed"]
    return not outcome.closes and not any(last.issued_at and at >= last.issued_at for at in appealed)


def why_no_appeal(view: MyCaseView) -> str:
    """Why the answer can't be appealed, in the service's words."""
    last = last_decision(view)
    found = outcome_of(view.offered.package, last.outcome) if last and not view.shown.is_open else None
    return found.appeal.why[language()] if found and not found.appeal.allowed and found.appeal.why else ""


ACCESS_OUTCOMES = {
    "given": gettext_lazy("You were given access to all of it"),
    "in-part": gettext_lazy("You were given access, but for some parts"),
    "refused": gettext_lazy("You were not given access"),
}

AREAS = {
    "ordinary": gettext_lazy("ordinary services"),
    "care": gettext_lazy("health and care"),
    "social-services": gettext_lazy("social services"),
    "educational-psychology": gettext_lazy("educational psychology"),
}


def covered(scope: str) -> str:
    """What one entry of a scope covers: a service by its title, or a whole area."""
    area, _slash, service = scope.partition("/")
    if not service:
        return str(AREAS[area])
    return catalogue.title_of(service, language())


AUTHORITIES = {
    "parent": gettext_lazy("as parent"),
    "guardian": gettext_lazy("as guardian"),
    "power-of-attorney": gettext_lazy("by power of attorney"),
}
