"""Words for what the municipal rooms keep as codes, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from allmenning.basics import dates
from allmenning.basics.periods import Period
from allmenning.commons.catalogue import queries as catalogue
from allmenning.commons.catalogue.content import ServicePackage
from allmenning.journeys import leading
from allmenning.journeys.disposing import Decided
from allmenning.journeys.offered import all_kept
from allmenning.municipal.access import purposes
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.rules import confirms_retention, disposes, oversees, reviews_anything
from allmenning.municipal.archive.models import Disposal, RetentionRule
from allmenning.municipal.cases.models import Case
from allmenning.municipal.cases.records import PAYMENTS, WAITING
from allmenning.web.filling import language
from allmenning.web.jinja import format_number


def area(code: str | None) -> str:
    """A service area's name."""
    return {
        "ordinary": _("Ordinary services"),
        "child-welfare": _("Child welfare"),
        "social-services": _("Social services"),
        "care": _("Health and care"),
        "educational-psychology": _("Educational psychology service"),
    }.get(code or "", _("Administration"))


def state(code: str) -> str:
    return {
        "received": _("Received"),
        "in-progress": _("In progress"),
        "waiting-for-resident": _("Waiting for the resident"),
        "for-approval": _("For approval"),
        "decided": _("Decided"),
        "appealed": _("Appealed"),
        "withdrawn": _("Withdrawn"),
    }.get(code, code)


def state_colour(code: str) -> str:
    return {
        "received": "fjord",
        "in-progress": "info",
        "waiting-for-resident": "warning",
        "for-approval": "accent",
        "decided": "success",
        "appealed": "danger",
    }.get(code, "neutral")


def channel(code: str) -> str:
    return {
        "portal": _("Digital"),
        "phone": _("Telephone"),
        "email": _("E-mail"),
        "paper": _("Letter on paper"),
        "counter": _("At the counter"),
        "api": _("From another system"),
    }.get(code, code)


def role(code: str) -> str:
    return {
        "caseworker": _("Caseworker"),
        "leader": _("Leader"),
        "approver": _("Approver"),
        "archivist": _("Archivist"),
        "administrator": _("Administrator"),
        "resident": _("The applicant"),
        "auto": _("The platform"),
    }.get(code, code)


def authority(code: str) -> str:
    """On what somebody acts for another."""
    return {
        "parental-responsibility": _("Parental responsibility"),
        "guardianship": _("Guardianship"),
        "power-of-attorney": _("Power of attorney"),
        "custody": _("Custody of the child"),
        "other": _("Something else"),
    }.get(code, code)


def view(code: str) -> str:
    """A view of the work list."""
    return {
        "mine": _("Mine"),
        "unit": _("My units"),
        "unassigned": _("Not assigned"),
        "overdue": _("Overdue"),
        "waiting": _("Waiting for the resident"),
        "approval": _("For approval"),
        "access": _("Asks for access"),
        "closed": _("Closed"),
    }[code]


def left(day: date | None) -> str:
    """How far off a deadline is: only said when it is near or gone."""
    if day is None:
        return ""
    days = (day - dates.today()).days
    if days < 0:
        return ngettext("%(num)d day overdue", "%(num)d days overdue", -days) % {"num": -days}
    if days == 0:
        return _("Today")
    if days <= 7:
        return ngettext("In %(num)d day", "In %(num)d days", days) % {"num": days}
    return ""


def span(code: str) -> str:
    """A part of the list of what is due."""
    return {
        "overdue": _("Overdue"),
        "today": _("Today"),
        "this-week": _("This week"),
        "later": _("Later"),
    }[code]


def met_by(code: str, titles: Mapping[str, str]) -> str:
    """What met a deadline, or how it ended otherwise. titles: of the routine's steps and outcomes, and `record:<kind>`."""
    if code in titles:
        return titles[code]
    kind, _mark, name = code.partition(":")
    if kind == "message":
        return message(name)
    if name in titles:
        return titles[name]
    return {
        "decided": _("Decided"),
        "result": _("Decided"),
        "withdrawn": _("The applicant withdrew"),
        "replaced": _("Begun anew"),
        "changed": _("The date was changed"),
        "ended": _("Ended"),
        "phase": _("Concluded"),
        "record": _("Written"),
        "step": _("A step was done"),
    }.get(kind, code)


def because(code: str, package: ServicePackage, spoken: str) -> str:
    """What opened or concluded a phase, in words."""
    kind, _mark, name = code.partition(":")
    if kind == "received":
        return _("The case was received")
    if kind == "by-hand":
        return _("Without a decision")
    titles = {
        "phase": {each.id: each.title for each in package.phases},
        "result": {each.id: each.title for each in package.results},
        "outcome": {each.id: each.title for each in package.outcomes},
    }
    known = titles.get(kind, {}).get(name)
    title = known[spoken] if known else code
    return _("%(phase)s was concluded") % {"phase": title} if kind == "phase" else title


def missed_because(code: str) -> str:
    """What was most of the reason why a deadline was missed."""
    return {
        "waited-for-others": _("We waited for others"),
        "too-few-people": _("We were too few"),
        "more-work-than-usual": _("The case took more work than usual"),
        "came-to-us-late": _("The case came to us late"),
        "overlooked": _("It was overlooked"),
        "other": _("Something else"),
    }.get(code, code)


def period(of: Period) -> str:
    """A period in words: `oktober 2026`, `første halvår 2026`, `2026`."""
    if of.kind == "month":
        return dates.format_month(of.first, language())
    if of.kind == "half":
        halves = {1: _("first half of %(year)s"), 2: _("second half of %(year)s")}
        return halves[of.number] % {"year": of.first.year}
    return str(of.first.year)


def told(figure: int | None) -> str:
    """A figure as it is shown: in whole fives, or that it is about too few to tell."""
    return _("fewer than 5") if figure is None else format_number(figure)


def age(code: str) -> str:
    """How long a case has been open."""
    return {
        "week": _("Less than a week ago"),
        "month": _("1 week to 1 month ago"),
        "quarter": _("1 to 3 months ago"),
        "half-year": _("3 to 6 months ago"),
        "older": _("More than 6 months ago"),
    }[code]


def is_late(case: Case) -> bool:
    return bool(case.due_on and case.is_open and case.due_on < dates.today())


def purpose(code: str) -> str:
    """Why somebody opened a case."""
    return purposes.words(code)


def protection(level: str) -> str:
    """How an address is protected."""
    return {
        "": _("Not protected"),
        "fortrolig": _("Confidential address (code 7)"),
        "strengt-fortrolig": _("Strictly confidential address (code 6)"),
    }[level]


def protected_because(code: str) -> str:
    """Why a protection was set."""
    return {
        "self": _("The population register says it of the person"),
        "household": _("The population register says it of somebody in the household"),
        "named": _("The population register says it of somebody whom they name in a form"),
        "asked-for": _("The person asks for it"),
        "threat": _("There is a threat"),
        "register-late": _("The population register will say it, but does not yet"),
        "moved-in-with": _("Lives with somebody who is protected"),
        "over": _("The protection is over"),
        "postal-address": _("Only the postal address is changed"),
    }.get(code, code)


leads = leading.leads
reviews = reviews_anything
keeps_records = disposes
confirms = confirms_retention


def sees_waiting(working: Working) -> bool:
    """Whether this person leads a unit in an area where some service keeps a list of who waits."""
    return oversees(working) and bool(all_kept(working.area, WAITING))


def pays(working: Working) -> bool:
    """Whether some service of the area pays."""
    return bool(all_kept(working.area, PAYMENTS))


def service_title(case: Case) -> str:
    """What a case is of, where its own title may be what somebody wrote."""
    return catalogue.service_version(case.service, case.version).title[(get_language() or "nb")[:2]]


def titles_of(case: Case, *, hide: bool = False) -> tuple[str, str]:
    """(the service's name, what the case itself is called): the list says the service once, not in each title.

    hide: the applicant's address is protected, and a subject that they wrote could tell it.
    """
    package = catalogue.service_version(case.service, case.version)
    name = package.title[language()]
    if case.is_own_case:
        own = next((each.for_each.title for each in package.phases if each.for_each), None)
        return name, own[language()] if own else name
    return name, name if hide else case.opened_subject or name


def title_of(case: Case) -> str:
    """Both in one line, in the reader's language: the case's own title is kept as it was when it came."""
    return ": ".join(dict.fromkeys(titles_of(case)))


def disposal(decided: Decided) -> str:
    """What two persons decided, and whether it is done, or counts no more."""
    row = decided.row
    if decided.has_fallen:
        return _("Fallen away: opened again, or the rule was changed")
    if row.outcome == Disposal.Outcome.PRESERVED:
        return _("Preserved for good")
    return _("Erased") if row.erased_at else _("Approved, to be erased within the hour")


def retention(rule: RetentionRule | None) -> str:
    """What becomes of records, in a sentence, by a rule that an archivist has confirmed."""
    if rule is None:
        return _("Nobody has confirmed a rule: everything is kept")
    if rule.years is None:
        return _("Preserved for good")
    return ngettext(
        "May be erased %(years)s year after the one in which the case was closed",
        "May be erased %(years)s years after the one in which the case was closed",
        rule.years,
    ) % {"years": rule.years}


def relation(code: str) -> str:
    return {
        "assigned": _("the case is assigned to you"),
        "substitute": _("you are the substitute of the one who has it"),
        "leader": _("you lead the unit that handles it"),
        "unit": _("your unit handles it"),
        "archive": _("you keep the records of the area"),
        "break-glass": _("you have opened it in an emergency"),
        "integration": _("another system that the municipality has let in"),
    }.get(code, "")


def step(code: str) -> str:
    """A step that the platform itself adds to a case; its id, where the service has it no more."""
    return {"look-at-consent": _("Look at the consent that was withdrawn")}.get(code, code)


def consented(how: str) -> str:
    """How a consent was given, or taken back."""
    return {
        "form": _("In the form"),
        "portal": _("In the portal"),
        "written": _("In writing"),
        "oral": _("By word of mouth"),
        "ended": _("Ended, since they have no more to do with the case"),
    }.get(how, how)


def did(code: str) -> str:
    """What somebody did, as the log says it."""
    return {
        "read": _("Read"),
        "report": _("Read it for a report to the state"),
        "break-glass": _("Opened in an emergency"),
        "declare-partial": _("Declared to be partial"),
        "end-partial": _("Declared to be partial no longer"),
        "refused": _("Tried to open it, and was refused"),
        "not-given": _("Tried to give it to somebody disqualified, and was refused"),
        "list": _("Saw in a list"),
        "submit": _("Sent in"),
        "note": _("Wrote a note"),
        "correct-note": _("Corrected a note"),
        "letter-language": _("Chose the language of the letters"),
        "participant-added": _("Changed who takes part in the case"),
        "participant-changed": _("Changed who takes part in the case"),
        "participant-ended": _("Changed who takes part in the case"),
        "consent-given": _("Gave a consent, or wrote one down"),
        "consent-withdrawn": _("Withdrew a consent, or noted that one was"),
        "assign": _("Handed on"),
        "task": _("Did a step"),
        "extend-deadline": _("Extended a deadline"),
        "overview": _("Saw all cases of the person"),
        "open-own-case": _("Opened a case of its own"),
        "conclude-phase": _("Concluded a phase"),
        "explain-missed": _("Told why a deadline was missed"),
        "write-record": _("Wrote in the case's records"),
        "end-record": _("Ended something in the case's records"),
        "hand-to-accounts": _("Handed a payment over to the accounts"),
        "clear-contact": _("Cleared that letters and notices are sent"),
        "ask": _("Asked for more"),
        "preliminary-reply": _("Sent a preliminary reply"),
        "answer": _("Answered"),
        "send-more": _("Sent more"),
        "withdraw": _("Withdrew"),
        "appeal": _("Appealed"),
        "draft-decision": _("Drafted a decision"),
        "send-for-approval": _("Sent for approval"),
        "issue-decision": _("Issued a decision"),
        "tell-outside": _("Told another system how the case stands"),
        "give-access": _("Gave access to the case"),
        "open-protected": _("Opened a protected address"),
        "set-protection": _("Set the protection of the address"),
        "lower-protection": _("Lowered the protection of the address"),
        "keep-from-log": _("Kept something from the applicant's log"),
        "show-in-log": _("Ended what was kept from the applicant's log"),
        "review": _("Reviewed"),
        "confirm-retention": _("Confirmed what becomes of a service's records"),
        "propose-disposal": _("Proposed that the case is erased"),
        "approve-disposal": _("Approved that the case is erased"),
        "preserve-case": _("Decided that the case is preserved"),
        "erase": _("Erased the case"),
    }.get(code, code)


def register(source: str) -> str:
    """A state register's name, from `folkeregister:navn` or `folkeregister`."""
    return {
        "folkeregister": _("Population register"),
        "enhetsregister": _("Business register"),
        "kontaktregister": _("Contact register"),
        "skatteetaten": _("Tax Administration"),
        "husbanken": _("The State Housing Bank"),
        "nav": _("Nav"),
    }.get(source.partition(":")[0], source)


def message(kind: str) -> str:
    return {
        "letter": _("Letter"),
        "question": _("Question to the applicant"),
        "preliminary-reply": _("Preliminary reply"),
        "answer": _("Answer"),
        "more-documents": _("More documents"),
        "appeal": _("Appeal"),
        "withdrawal": _("Withdrawal"),
        "follow-up": _("Follow-up"),
        "emergency": _("Word of an emergency"),
    }.get(kind, kind)
