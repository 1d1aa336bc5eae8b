"""Bringing what was written to the resident: portal, paper, and word that something has come. From outbox rows."""

from __future__ import annotations

import json

from django.conf import settings

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.catalogue.package import RECEIVERS
from allmenning.commons.identity import actions as identity
from allmenning.commons.municipalities import queries as municipalities
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import Case, Handover, ReceiptCode
from allmenning.municipal.documents.models import Document, Origin
from allmenning.municipal.people.ports import ContactDetails, RegisterRefused, RegisterUnavailable
from allmenning.municipal.people.protection import Level
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Delivery, Message, Outbox
from allmenning.municipal.post.ports import MessageRefused
from allmenning.tenancy import current

from . import hiding, safe_contact
from .concerned import share_home
from .deciding import decide_by_itself, is_untouched
from .outbox import handles
from .outside import outside
from .participants import of_message
from .ports import HandOverRefused, HousingAllowancePackage
from .proposing import confirm_with_registers
from .rendering import content_of
from .returning import back_to_a_person

Channel = Delivery.Channel
PATIENCE = 3  # times that an automatic decision waits for a register before a person takes over


@handles("presence")
def note_presence(row: Outbox) -> None:
    """Outbox: tell the commons that this person or organisation has something here, and nothing more. And where the
    applicant lives, if that is known of one of their cases, is held against staff in all of them in the area.
    """
    case = Case.objects.select_related("applicant").get(id=row.object_id)
    if case.applicant is not None:
        municipality = current().municipality
        number = case.applicant.opened_number(municipality)
        identity.mark_presence(vault.person_key(f"{case.applicant.kind}:{number}"), municipality)
        share_home(case)


@handles("decide", opens=("submission", "register-checks"), purpose="case-handling")
def decide(row: Outbox) -> None:
    """Outbox: a service that may decide by itself tries to.

    Raises RegisterUnavailable: it waits for a register that does not answer, some times; then a person takes over.
    """
    if not is_untouched(row.object_id):
        return
    unavailable = confirm_with_registers(row.object_id)
    if unavailable and row.attempts < PATIENCE:
        raise RegisterUnavailable(unavailable[0])
    decide_by_itself(row.object_id, unavailable)


@handles("deliver")
def deliver(row: Outbox) -> None:
    """Outbox: a message is in the portal already; now choose paper or not, and plan the word that something has come.

    Where the sender must be reached in a way that is safe for them, nothing leaves before it is cleared.

    Raises RegisterUnavailable: the row waits and is tried again.
    """
    message = Message.objects.get(id=row.object_id)
    if message.deliveries.exists():
        return
    case = Case.objects.select_related("applicant").get(id=message.case_id)
    if safe_contact.is_held(case):
        return
    if message.participant_id is not None:
        _to_party(case, message)
    elif case.is_own_case:
        _on_paper(case, message, "not-in-the-portal")
    elif case.applicant is None:
        _to_one_without_login(case, message)
    elif case.applicant.kind == "organisation":
        _in_portal(message)
    else:
        _to_person(case, message)


@handles("deliver-held")
def deliver_held(row: Outbox) -> None:
    """Outbox: what was held back for the sender's safety, now that it is cleared. Raises RegisterUnavailable."""
    deliver(row)


def _to_one_without_login(case: Case, message: Message) -> None:
    """Who holds a receipt code can open the portal; who holds none (somebody at the counter) gets paper."""
    held = ReceiptCode.objects.filter(case=case).first()
    if held is None:
        _on_paper(case, message, "no-login")
        return
    _in_portal(message)
    if held.email:
        _plan_notice(message, Channel.EMAIL)


def _to_party(case: Case, message: Message) -> None:
    """Each party has a mailbox of their own, which they find by where they have something; without a number, paper."""
    if not _number(case, message):
        _on_paper(case, message, "no-login")
        return
    identity.mark_presence(vault.person_key(f"person:{_number(case, message)}"), current().municipality)
    _to_person(case, message)


def _to_person(case: Case, message: Message) -> None:
    contact = _contact(case, message)
    if contact is None or contact.gets_paper or not (contact.email or contact.mobile):
        _on_paper(case, message, "reserved" if contact and contact.is_reserved else "cannot-be-notified")
        return
    _in_portal(message)
    _plan_notice(message, Channel.EMAIL if contact.email else Channel.SMS)


def _number(case: Case, message: Message) -> str:
    """Of whom a message is to: a party, or who sent the case."""
    party = of_message(message.participant_id, case)
    if party is not None:
        return party.number
    return case.applicant.opened_number(current().municipality) if case.applicant else ""


def _contact(case: Case, message: Message) -> ContactDetails | None:
    number = _number(case, message)
    if not number:
        return None
    try:
        return outside().contact.contact_details([number]).get(number)
    except RegisterRefused:
        return None  # paper is what reaches everybody


def _in_portal(message: Message) -> None:
    [delivery] = post.plan_deliveries(message, [Channel.PORTAL])
    post.mark_sent(delivery, delivered=True)


def _on_paper(case: Case, message: Message, reason: str) -> None:
    """Into the print queue. Nobody is told of it twice."""
    if not message.deliveries.filter(channel=Channel.PRINT).exists():
        post.plan_deliveries(message, [Channel.PRINT], reason)
        cases.happened(case, "sent-to-print", SYSTEM, visible=False, reason=reason)


def _plan_notice(message: Message, channel: Delivery.Channel) -> None:
    """Sent from a row of its own: what can't be sent now neither hides nor repeats what is in the portal already."""
    [delivery] = post.plan_deliveries(message, [channel])
    post.put_in_outbox(message.area, message.case_id, ("notify", delivery.id))


@handles("notify")
def notify(row: Outbox) -> None:
    """Outbox: say by e-mail or SMS that something has come. The key follows from the message and the channel, so that a
    second try after a time-out that in truth succeeded sends nothing twice. An address that refuses leads to paper.

    Raises SendingUnavailable, RegisterUnavailable: the row waits and is tried again.
    """
    delivery = Delivery.objects.select_related("message").get(id=row.object_id)
    if delivery.state != Delivery.State.WAITING:
        return
    case = Case.objects.select_related("applicant").get(id=delivery.case_id)
    address = _address(case, delivery)
    try:
        if not address:
            raise MessageRefused(channel=delivery.channel, reason="no-address")
        _send(delivery.channel, address, case.language, f"{delivery.message_id}:{delivery.channel}")
    except MessageRefused as refused:
        post.mark_failed(delivery, refused.reason)
        _another_way(case, delivery)
    else:
        post.mark_sent(delivery)


def _address(case: Case, delivery: Delivery) -> str:
    if case.applicant is None and delivery.message.participant_id is None:
        held = ReceiptCode.objects.filter(case=case).first()
        return case.key.open_text("cases.ReceiptCode.email", bytes(held.email)) if held and held.email else ""
    contact = _contact(case, delivery.message)
    if contact is None:
        return ""
    return (contact.email if delivery.channel == Channel.EMAIL else contact.mobile) or ""


def _another_way(case: Case, failed: Delivery) -> None:
    """Who can't be told by e-mail is told by SMS, and who can't be told at all gets paper. A code's holder can look."""
    if case.applicant is None and failed.message.participant_id is None:
        return
    contact = _contact(case, failed.message)
    if failed.channel == Channel.EMAIL and contact and contact.mobile:
        _plan_notice(failed.message, Channel.SMS)
    else:
        _on_paper(case, failed.message, "cannot-be-notified")


def _send(channel: str, address: str, language: str, key: str) -> None:
    words, url = _NOTICE[language], settings.PORTAL_URL
    if channel == Channel.SMS:
        outside().sms.send(to=address, text=words["sms"].format(url=url), idempotency_key=key)
    else:
        text = words["text"].format(url=url)
        outside().email.send(to=address, subject=words["subject"], text=text, idempotency_key=key)


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
    """Outbox: an assisted application goes to its receiver as one package, once.

    Before sending again after a failure, the receiver is asked whether it arrived.
    """
    handover = Handover.objects.select_related("case").get(id=row.object_id)
    if handover.handed_over_at is not None:
        return
    case, key = handover.case, str(handover.id)
    if hiding.level_in(case) is not Level.NONE:
        # The package holds every answer: a person sends it in a way that both authorities know to be safe.
        back_to_a_person(case, "protected-address")
        return
    receiver = outside().receiver(handover.receiver)
    try:
        receipt = (receiver.receipt(key) if row.attempts else None) or receiver.hand_over(
            _package(handover, case), idempotency_key=key
        )
    except HandOverRefused as refused:
        back_to_a_person(case, refused.reason)
        return
    Handover.objects.filter(id=handover.id).update(handed_over_at=dates.now(), receipt=receipt.receipt_id[:80])
    cases.happened(case, "handed-over", SYSTEM, receiver=RECEIVERS[handover.receiver], receipt=receipt.receipt_id[:80])


def _package(handover: Handover, case: Case) -> HousingAllowancePackage:
    municipality = current().municipality
    pdf = Document.objects.get(case_id=case.id, origin=Origin.SUBMISSION)
    return HousingAllowancePackage(
        municipality=municipality,
        municipality_number=municipalities.municipality(municipality).number() or "",
        case_number=case.number,
        data=json.loads(case.key.open_text("cases.Handover.package", bytes(handover.package), handover.id)),
        pdf=content_of(pdf, case),
    )
