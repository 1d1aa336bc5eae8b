"""What an event on a case's timeline is called, for its caseworker and in copies of the case."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_TITLES = {
    "received": gettext_noop("Received"),
    "assigned": gettext_noop("Assigned"),
    "moved": gettext_noop("Handed over to another unit"),
    "returned-to-queue": gettext_noop("Put back in the queue"),
    "asked": gettext_noop("The applicant was asked for more"),
    "preliminary-reply": gettext_noop("Preliminary reply"),
    "glass-broken": gettext_noop("Opened in an emergency"),
    "declared-partial": gettext_noop("Declared to be partial"),
    "keep-from-log": gettext_noop("Something is kept from the applicant's log"),
    "show-in-log": gettext_noop("What was kept from the applicant's log is shown again"),
    "answered": gettext_noop("The applicant answered"),
    "more-documents": gettext_noop("The applicant sent more"),
    "follow-up": gettext_noop("The applicant followed up"),
    "withdrawn": gettext_noop("The applicant withdrew"),
    "appealed": gettext_noop("The decision was appealed"),
    "decided": gettext_noop("Decided"),
    "result": gettext_noop("It was decided what comes of it"),
    "for-a-person": gettext_noop("Passed to a person"),
    "not-decided-by-itself": gettext_noop("Could not be decided automatically"),
    "sent-for-approval": gettext_noop("Sent for approval"),
    "returned-to-drafter": gettext_noop("Returned without approval"),
    "task-done": gettext_noop("A step was done"),
    "phase-opened": gettext_noop("A phase was opened"),
    "phase-concluded": gettext_noop("A phase was concluded"),
    "own-case-opened": gettext_noop("A case of their own was opened"),
    "opened-from": gettext_noop("Opened from another case"),
    "deadline-extended": gettext_noop("A deadline was extended"),
    "contact-held": gettext_noop("Nothing is sent before it is cleared how the sender can be reached"),
    "contact-cleared": gettext_noop("It was cleared that letters and notices are sent"),
    "missed-explained": gettext_noop("It was told why a deadline was missed"),
    "record-written": gettext_noop("Something new is kept in the case"),
    "record-changed": gettext_noop("Something that is kept in the case was changed"),
    "record-ended": gettext_noop("Something that is kept in the case was ended"),
    "payment-handed-over": gettext_noop("A payment was handed over to the accounts"),
    "letter-language": gettext_noop("Another language was chosen for the letters"),
    "participant-added": gettext_noop("Somebody was added to the case"),
    "participant-changed": gettext_noop("It was changed who is a party"),
    "participant-ended": gettext_noop("Somebody has no more to do with the case"),
    "consent-given": gettext_noop("A consent was given"),
    "consent-withdrawn": gettext_noop("A consent was withdrawn"),
    "party-appealed": gettext_noop("A party appealed the decision"),
    "sent-to-print": gettext_noop("Sent to print"),
    "sent-on-paper": gettext_noop("Sent on paper"),
    "not-sent-on-paper": gettext_noop("Could not be sent on paper"),
    "handed-over": gettext_noop("Handed over to another authority"),
    "handover-refused": gettext_noop("The hand-over was refused"),
    "transferred": gettext_noop("Received by another municipality"),
    "to-be-sent-by-hand": gettext_noop("To be sent to the other municipality by you: it takes no cases here"),
    "came-from": gettext_noop("Came from another municipality"),
    "protection-set": gettext_noop("The protection of the address was set"),
    "access-asked": gettext_noop("The applicant asked for access to the case"),
    "access-complained": gettext_noop("The applicant complained of the access"),
    "access-refused": gettext_noop("Access to the case was refused"),
    "access-given-to-another": gettext_noop("Another party was given access to the case"),
    "access-given": gettext_noop("The applicant was given access to the case"),
}


def title_of(kind: str) -> str:
    """The title of an event, in the language that is active."""
    return _(_TITLES[kind]) if kind in _TITLES else kind
