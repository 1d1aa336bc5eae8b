"""Letters on paper, for those who are not reached digitally: opened with the address, printed, posted, noted.

The address is fetched from the register when the letter is opened, stands in the PDF that is printed, and is kept nowhere.
A protected one stands there only for who has stated a need in the case (see hiding.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from allmenning.basics.errors import AllmenningError
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Actor, Working
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import Case
from allmenning.municipal.cases.queries import theirs
from allmenning.municipal.people import ports, protection
from allmenning.municipal.people.protection import Level
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Delivery
from allmenning.tenancy import current

from . import hiding
from .casework import require
from .outside import outside
from .participants import Receiver, may_still_be_told, of_message
from .prefilling import Known
from .rendering import for_paper

MOST_SHOWN = 200
# Why a letter could not be posted, as codes: a free text here could hold what is personal.
REASONS = ("protected-address", "no-address", "recipient-dead", "returned", "consent-gone", "other")


class NoWayToReach(AllmenningError):
    """The address is protected, and nobody has noted how letters reach the person. Note it in the case, under the protection."""


class NoPostalAddress(AllmenningError):
    """The population register has no postal address for the recipient. Note that the letter could not be sent."""


class RecipientIsDead(AllmenningError):
    """The population register says that the recipient is dead. Do not post the letter; note it and tell the unit."""


class ConsentIsGone(AllmenningError):
    """It was consented to that they get this letter, and that no longer holds. Do not send it; note that it could not be sent."""


class NotWaiting(AllmenningError):
    """Somebody else has already dealt with this letter."""


class UnknownReason(AllmenningError):
    """Choose why the letter could not be sent."""


@dataclass(frozen=True)
class OnPaper:
    """A letter for paper, as the queue shows it.

    needs_address: the recipient has no number to fetch one by, such as a school, so whoever posts it writes it on the envelope.
    """

    id: UUID
    case_id: UUID
    case_number: str
    title: str
    recipient: str
    since: datetime
    state: str
    reason: str
    sent_at: datetime | None
    is_protected: bool
    needs_address: bool


def queue(working: Working, state: str = Delivery.State.WAITING) -> list[OnPaper]:
    """Letters in a state, oldest first. That names were shown is logged, with the cases' ids, before they are."""
    rows = _visible(working).filter(state=state).order_by("created_at", "id")
    found = list(rows.select_related("message")[:MOST_SHOWN])
    case_of = Case.objects.select_related("applicant").in_bulk([row.case_id for row in found])
    if found:
        access.log_list(
            working.as_actor(),
            area=working.area,
            purpose="case-handling",
            shown=list(case_of),
            field_kinds=["applicant-name", "letter-title"],
        )
    protected = protection.levels_of_owners({bytes(case.owner_key) for case in case_of.values()}) if found else {}
    return [_on_paper(row, case_of[row.case_id], protected) for row in found]


def counts(working: Working) -> dict[str, int]:
    """How many letters wait, and how many could not be sent."""
    states = list(_visible(working).values_list("state", flat=True)) if working.roles else []
    return {state: states.count(state) for state in (Delivery.State.WAITING, Delivery.State.FAILED)}


def open_letter(delivery_id: UUID, working: Working, *, staff_key: bytes) -> bytes:
    """The letter with the recipient's address, ready to print (PDF). Logged before the register is asked.

    Raises:
        NeedNotStated: the address is protected, and this person has stated no need in the case.
        NoWayToReach, NoPostalAddress, RecipientIsDead: it can't be posted in the ordinary way.
        ConsentIsGone: it was written to one who gets letters by consent, which has been taken back or has run out since.
        RegisterUnavailable, RegisterRefused: the register did not answer; try again later.
        NotYours, NotWaiting.
    """
    delivery, case = _theirs(delivery_id, working, staff_key)
    if delivery.state != Delivery.State.WAITING:
        raise NotWaiting()
    party = of_message(delivery.message.participant_id, case)
    if party is not None and not may_still_be_told(case, party.role):
        raise ConsentIsGone()
    _log(case, _actor(working, case), "print-letter", delivery)
    return for_paper(delivery.message, case, address_of(case, working, party))


def address_of(case: Case, working: Working, party: Receiver | None = None) -> list[str]:
    """The recipient's postal address in lines, from the register, now; of one whose address is protected as staff have
    noted it, else as the register gives it; no lines for a party whose number nobody knows, who has none in any register.
    party: the recipient, where that is not who sent the case. Raises as `open_letter`.
    """
    if party is None and case.applicant is None:
        raise NoPostalAddress()  # somebody at the counter without a number: the caseworker knows how to reach them
    if party is not None and not party.number:
        hiding.require_need(case, working.staff_id)
        return []
    if party is not None:
        number, owner_key = party.number, party.party_key or b""
    else:
        assert case.applicant is not None
        number, owner_key = case.applicant.opened_number(current().municipality), bytes(case.owner_key)
        if case.applicant.kind == "organisation":
            return _lines(outside().business.organisation(number).address)
    known = Known(current().municipality, "person", number)
    known.protected()  # which notes it, for the household too
    if known.unavailable:
        raise ports.RegisterUnavailable(register=min(known.unavailable))
    level, person = hiding.require_need(case, working.staff_id), known.person()
    if person is None:
        raise NoPostalAddress()
    if person.is_dead:
        raise RecipientIsDead()
    if level is Level.NONE:
        return _lines(person.address)
    noted = protection.postal_address(owner_key)
    if not noted and person.address is None:
        raise NoWayToReach()
    return list(noted) or _lines(person.address)


def _lines(address: ports.Address | None) -> list[str]:
    if address is None or not (address.street or address.postal_code):
        raise NoPostalAddress()
    care_of = f"c/o {address.care_of}" if address.care_of else ""
    country = "" if address.country in ("", "NO") else address.country
    return [
        line for line in (care_of, address.street, f"{address.postal_code} {address.city}".strip(), country) if line
    ]


def case_of(delivery_id: UUID) -> UUID:
    """The case that a letter is about."""
    return Delivery.objects.values_list("case_id", flat=True).get(id=delivery_id)


def mark_sent(delivery_id: UUID, working: Working, *, staff_key: bytes) -> None:
    """It was printed, put in an envelope and posted. Raises NotWaiting, NotYours."""
    with transaction.atomic():
        delivery, case = _waiting(delivery_id, working, staff_key)
        post.mark_sent(delivery)
        actor = _actor(working, case)
        cases.happened(case, "sent-on-paper", actor)
        _log(case, actor, "mark-printed", delivery)


def mark_failed(delivery_id: UUID, reason: str, working: Working, *, staff_key: bytes) -> None:
    """It could not be posted, or came back; the reason is one of `REASONS`. Raises UnknownReason, NotWaiting, NotYours."""
    if reason not in REASONS:
        raise UnknownReason()
    with transaction.atomic():
        delivery, case = _waiting(delivery_id, working, staff_key)
        post.mark_failed(delivery, reason)
        actor = _actor(working, case)
        cases.happened(case, "not-sent-on-paper", actor, visible=False, reason=reason)
        _log(case, actor, "mark-print-failed", delivery)


def try_again(delivery_id: UUID, working: Working, *, staff_key: bytes) -> None:
    """Put a letter that failed back in the queue. Raises NotWaiting when it is there already, NotYours."""
    with transaction.atomic():
        delivery, case = _theirs(delivery_id, working, staff_key, locked=True)
        if delivery.state != Delivery.State.FAILED:
            raise NotWaiting()
        Delivery.objects.filter(id=delivery.id).update(state=Delivery.State.WAITING, reason="")
        actor = _actor(working, case)
        cases.happened(case, "sent-to-print", actor, visible=False)
        _log(case, actor, "print-again", delivery)


def _visible(working: Working) -> QuerySet[Delivery]:
    """Letters about cases that have to do with this person: for an archivist, those of the whole area."""
    visible = Case.objects.filter(theirs(working)).values("id")
    return Delivery.objects.filter(channel=Delivery.Channel.PRINT, case_id__in=visible)


def _waiting(delivery_id: UUID, working: Working, staff_key: bytes) -> tuple[Delivery, Case]:
    delivery, case = _theirs(delivery_id, working, staff_key, locked=True)
    if delivery.state != Delivery.State.WAITING:
        raise NotWaiting()
    return delivery, case


def _theirs(delivery_id: UUID, working: Working, staff_key: bytes, *, locked: bool = False) -> tuple[Delivery, Case]:
    rows = Delivery.objects.select_for_update(of=("self",)) if locked else Delivery.objects
    delivery = rows.select_related("message").filter(id=delivery_id, channel=Delivery.Channel.PRINT).first()
    if delivery is None:
        raise NotYours(reason="no-such-letter")
    case = Case.objects.select_related("applicant").get(id=delivery.case_id)
    require(case, working, "read", purpose="case-handling", staff_key=staff_key)
    return delivery, case


def _actor(working: Working, case: Case) -> Actor:
    return working.as_actor(case)


def _on_paper(row: Delivery, case: Case, protected: Mapping[bytes, Level]) -> OnPaper:
    party = of_message(row.message.participant_id, case)
    return OnPaper(
        id=row.id,
        case_id=case.id,
        case_number=case.number,
        title=case.key.open_text("post.Message.title", bytes(row.message.title), row.message.id),
        recipient=party.name if party else case.opened_applicant_name,
        since=row.created_at,
        state=row.state,
        reason=row.reason,
        sent_at=row.sent_at,
        is_protected=bytes(case.owner_key) in protected,
        needs_address=party is not None and not party.number,
    )


def _log(case: Case, actor: Actor, action: str, delivery: Delivery) -> None:
    cases.log(
        case,
        actor,
        action,
        purpose="case-handling",
        object_kind="delivery",
        object_id=delivery.id,
        field_kinds=["letter", "postal-address"] if action == "print-letter" else [],
    )
