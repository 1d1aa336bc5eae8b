"""Safe contact: how the sender can be reached without harm, and that nothing leaves for them before somebody has cleared it.

A child who reports that they are not safe at home must not be told so by a letter in their parents' post box. Where the service's
folder says so (`contact:`), e-mail, SMS and paper wait until a caseworker has seen how the sender wants to be reached. What is
written to them lies in the portal meanwhile, for who logs in. It is events of the case that say whether it is held or cleared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from allmenning.basics.errors import AllmenningError
from allmenning.commons.catalogue import package as catalogue
from allmenning.municipal.access.actor import Actor, Working
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries
from allmenning.municipal.cases.models import Case, Event
from allmenning.municipal.forms.content import Content
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Message

from .jobs import wake
from .offered import Offered, at_version, day_of

HELD, CLEARED = "contact-held", "contact-cleared"


class AlreadyCleared(AllmenningError):
    """Nothing is held back in this case: it was cleared, or it never was."""


@dataclass(frozen=True)
class Standing:
    """How the sender said that they can be reached safely (empty: they did not say), and who cleared it, if anybody has."""

    way: str
    cleared: Event | None

    @property
    def is_held(self) -> bool:
        return self.cleared is None


def held_at_registration(case: Case, offered: Offered, content: Content, actor: Actor) -> list[Event]:
    """The event that holds back what would leave for the sender of a new case, not saved; none where nothing is."""
    if not would_hold(case, offered, content):
        return []
    return [cases.happening(case, HELD, actor, at=case.received_at, visible=False)]


def would_hold(case: Case, offered: Offered, content: Content) -> bool:
    """Whether the folder holds back what would leave for who sent this, by the rules of the day it came."""
    if offered.package.contact is None:
        return False
    on = day_of(case.received_at)
    return catalogue.decide(offered.package, content.data, on=on, adjusted=offered.values).holds_notices()


def is_held(case: Case) -> bool:
    """Whether nothing may leave in this case now. Asks only where the folder holds anything back. What is held in a case is
    held in those that were opened from it, of a child who may be the one who reported.
    """
    if at_version(case.service, case.version).package.contact is None:
        return False
    told = queries.timeline_of(case.opened_from_id or case.id)
    return _is_held(told) and _cleared(told) is None


def standing(case: Case, offered: Offered, content: Content, told: Iterable[Event]) -> Standing | None:
    """For the case's page: from what was read of it already, but where it was opened from another. None where nothing was
    ever held back.
    """
    contact = offered.package.contact
    if contact is None:
        return None
    told = queries.timeline_of(case.opened_from_id) if case.opened_from_id else list(told)
    if not _is_held(told):
        return None
    return Standing(str(content.data.get(contact.field) or "").strip(), _cleared(told))


def _is_held(told: Iterable[Event]) -> bool:
    return any(each.kind == HELD for each in told)


def _cleared(told: Iterable[Event]) -> Event | None:
    return next((each for each in told if each.kind == CLEARED and each.actor == "staff"), None)


def clear(case_id: UUID, working: Working, *, staff_key: bytes) -> None:
    """Let what is written to the sender be told them and sent as to others; what was held back goes now.

    Raises NotYours, CaseNotFound, AlreadyCleared.
    """
    from .casework import require

    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        if case.opened_from_id is not None or not is_held(case):
            raise AlreadyCleared()
        actor = working.as_actor(case)
        cases.happened(case, CLEARED, actor, visible=False)
        cases.log(case, actor, "clear-contact", purpose="case-handling")
        opened = Case.objects.filter(opened_from=case).values_list("id", flat=True)
        unsent = Message.objects.filter(case_id__in=[case.id, *opened], direction="out", deliveries__isnull=True)
        for each in unsent.order_by("sent_at"):
            post.put_in_outbox(each.area, each.case_id, ("deliver-held", each.id))
        wake(case.area)
