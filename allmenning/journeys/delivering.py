"""Bringing what was written to the resident: portal, paper, and word that something has come. From outbox rows."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.identity import actions as identity
from allmenning.commons.municipalities import queries as municipalities
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import Case, Handover, ReceiptCode
from allmenning.municipal.documents.models import Document, Origin
from allmenning.municipal.people.ports import ContactDetails, RegisterRefused, RegisterUnavailable
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Delivery, Message, Outbox
from allmenning.municipal.post.ports import MessageRefused
from allmenning.tenancy import current

from .deciding import confirm_with_registers, decide_by_itself
from .outbox import handles
from .outside import outside
from .ports import HandOverRefused, HousingAllowancePackage
from .rendering import content_of

Channel = Delivery.Channel
PATIENCE = 3  # times that an automatic decision waits for a register before a person takes over


@handles("presence")
def note_presence(row: Outbox) -> None:
    """Outbox: tell the commons that this person or organisation has something here, and nothing more."""
    case = Case.objects.select_related("applicant").get(id=row.object_id)
    if case.applicant is not None:
        municipality = current().municipality
        number = case.applicant.opened_number(municipality)
        identity.mark_presence(vault.person_key(f"{case.applicant.kind}:{number}"), municipality)


@handles("decide")
def decide(row: Outbox) -> None:
    """Outbox: a service that may decide by itself tries to.

    Raises RegisterUnavailable: it waits for a register that does not answer, some times; then a person takes over.
    """
    missing = confirm_with_registers(row.object_id)
    if missing and row.attempts < PATIENCE:
        raise RegisterUnavailable(register=missing[0])
    decide_by_itself(row.object_id)


@handles("deliver")
def deliver(row: Outbox) -> None:
    """Outbox: a message is in the portal already; now choose paper or not, and say by e-mail that something has come.

    Raises RegisterUnavailable, SendingUnavailable: the row waits and is tried again with the same keys.
    """
    message = Message.objects.get(id=row.object_id)
    if message.deliveries.exists():
        return
    case = Case.objects.select_related("applicant").get(id=message.case_id)
    if case.applicant is None:
        _tell_by_code(case, message)
    elif case.applicant.kind == "organisation":
        _in_portal(message)
    else:
        _to_person(case, message)


def _to_person(case: Case, message: Message) -> None:
    assert case.applicant is not None
    contact = _contact(case.applicant.opened_number(current().municipality))
    if contact is None or contact.gets_paper:
        reason = "reserved" if contact and contact.is_reserved else "cannot-be-notified"
        post.plan_deliveries(message, [Channel.PRINT], reason)
        cases.happened(case, "sent-to-print", SYSTEM, visible=False, reason=reason)
        return
    _in_portal(message)
    if contact.email:
        _email(message, contact.email, case.language)
    elif contact.mobile:
        _sms(message, contact.mobile, case.language)


def _contact(number: str) -> ContactDetails | None:
    try:
        return outside().contact.contact_details([number]).get(number)
    except RegisterRefused:
        return None  # paper is what reaches everybody


def _in_portal(message: Message) -> None:
    [delivery] = post.plan_deliveries(message, [Channel.PORTAL])
    post.mark_sent(delivery, delivered=True)


def _tell_by_code(case: Case, message: Message) -> None:
    _in_portal(message)
    held = ReceiptCode.objects.filter(case=case).first()
    if held and held.email:
        _email(message, case.key.open_text("cases.ReceiptCode.email", bytes(held.email)), case.language)


def _email(message: Message, address: str, language: str) -> None:
    words = _NOTICE[language]
    _send(
        message,
        Channel.EMAIL,
        lambda key: outside().email.send(
            to=address,
            subject=words["subject"],
            text=words["text"].format(url=settings.PORTAL_URL),
            idempotency_key=key,
        ),
    )


def _sms(message: Message, number: str, language: str) -> None:
    text = _NOTICE[language]["sms"].format(url=settings.PORTAL_URL)
    _send(message, Channel.SMS, lambda key: outside().sms.send(to=number, text=text, idempotency_key=key))


def _send(message: Message, channel: Delivery.Channel, send: Any) -> None:
    """Send by one channel. The key follows from the message: a second try after a time-out sends nothing twice."""
    [delivery] = post.plan_deliveries(message, [channel])
    try:
        send(f"{message.id}:{channel}")
    except MessageRefused as refused:
        post.mark_failed(delivery, refused.reason)
    else:
        post.mark_sent(delivery)


# What an e-mail says: that something has come. Never what, from which service, or about whom.
_NOTICE = {
    "nb": {
        "subject": "Du har fått en ny melding",
        "text": "Hei!\n\nDu har fått en ny melding fra kommunen. Logg inn for å lese den:\n{url}\n\n"
        "Vi sender aldri lenker som ber om passord. Du kan også skrive inn adressen selv.\n",
        "sms": "Du har fått en ny melding fra kommunen. Logg inn på {url} for å lese den.",
    },
    "nn": {
        "subject": "Du har fått ei ny melding",
        "text": "Hei!\n\nDu har fått ei ny melding frå kommunen. Logg inn for å lese ho:\n{url}\n\n"
        "Vi sender aldri lenkjer som ber om passord. Du kan òg skrive inn adressa sjølv.\n",
        "sms": "Du har fått ei ny melding frå kommunen. Logg inn på {url} for å lese ho.",
    },
    "en": {
        "subject": "You have a new message",
        "text": "Hello,\n\nYou have a new message from your municipality. Log in to read it:\n{url}\n\n"
        "We never send links that ask for a password. You can also type the address yourself.\n",
        "sms": "You have a new message from your municipality. Log in at {url} to read it.",
    },
}


@handles("handover")
def hand_over(row: Outbox) -> None:
    """Outbox: an assisted application goes to Husbanken as one package, once.

    Before sending again after a failure, the receiver is asked whether it arrived.
    """
    handover = Handover.objects.select_related("case").get(id=row.object_id)
    if handover.handed_over_at is not None:
        return
    case, key = handover.case, str(handover.id)
    receiver = outside().housing_allowance
    try:
        receipt = (receiver.receipt(key) if row.attempts else None) or receiver.hand_over(
            _package(handover, case), idempotency_key=key
        )
    except HandOverRefused as refused:
        cases.happened(case, "handover-refused", SYSTEM, visible=False, reason=refused.reason[:80])
        return
    Handover.objects.filter(id=handover.id).update(handed_over_at=dates.now(), receipt=receipt.receipt_id[:80])
    cases.happened(case, "handed-over", SYSTEM, receiver="Husbanken", receipt=receipt.receipt_id[:80])


def _package(handover: Handover, case: Case) -> HousingAllowancePackage:
    import json

    municipality = current().municipality
    pdf = Document.objects.get(case_id=case.id, origin=Origin.SUBMISSION)
    return HousingAllowancePackage(
        municipality=municipality,
        municipality_number=municipalities.municipality(municipality).number() or "",
        case_number=case.number,
        data=json.loads(case.key.open_text("cases.Handover.package", bytes(handover.package))),
        pdf=content_of(pdf, case),
    )
