"""A party asks for access to their case in the portal (forvaltningsloven § 18), and may complain of the answer (§ 21).

What they write is a message of the case, registered as others are; by when it should be answered stands in a row of its
own, which the work list finds. `giving_access` answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from allmenning.basics import dates
from allmenning.basics.text import clean_text
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.errors import AskedAlready, NoAccessToComplainOf
from allmenning.municipal.cases.models import AccessRequest, Case
from allmenning.municipal.post.models import Message

from . import sender
from .access_grounds import answer_due, complaint_due
from .dialogue import incoming, note_incoming, required
from .offered import day_of

Outcome = AccessRequest.Outcome


@dataclass(frozen=True)
class Standing:
    """How it stands with access to a case. `waiting`: what is not answered yet; `answered`: oldest first."""

    waiting: AccessRequest | None
    answered: Sequence[AccessRequest]

    @property
    def kept_back(self) -> AccessRequest | None:
        """The last answer, when something was kept back in it: of this one may complain."""
        last = self.answered[-1] if self.answered else None
        return last if last and last.outcome in (Outcome.IN_PART, Outcome.REFUSED) else None

    @property
    def complain_until(self) -> date | None:
        """The last day to complain in time; a later complaint is received too, and marked."""
        last = self.kept_back
        return complaint_due(day_of(last.answered_at)) if last and last.answered_at else None


def standing(case_id: UUID) -> Standing:
    """How it stands with access to one case."""
    rows = list(case_queries.access_requests_in(case_id))
    waiting = [each for each in rows if each.answered_at is None]
    return Standing(waiting[0] if waiting else None, [each for each in rows if each.answered_at])


def ask(case_id: UUID, text: str = "") -> AccessRequest:
    """Ask for a copy of the case. Raises AskedAlready, NotForSender, UnsafeText."""
    with transaction.atomic():
        case = cases.locked(case_id)
        text = clean_text(text).strip() or _ASK[case.language]
        return _ask(case, text, "access-asked", "ask-access", "Krav om innsyn")


def complain(case_id: UUID, text: str) -> AccessRequest:
    """Complain of what was kept back. Too late is received all the same, and marked so.

    Raises NoAccessToComplainOf, AskedAlready, NotForSender, TextMissing, UnsafeText.
    """
    text = required(text)
    with transaction.atomic():
        case = cases.locked(case_id)
        held = standing(case.id)
        if held.kept_back is None or held.complain_until is None:
            raise NoAccessToComplainOf()
        late = dates.today() > held.complain_until
        said = ("access-complained", "complain-of-access", "Klage på innsyn")
        return _ask(case, text, *said, complains_of=held.kept_back, late=late)


def _ask(case: Case, text: str, event: str, action: str, what: str, **about: Any) -> AccessRequest:
    sender.require_party(case, may=sender.of(case).may_ask_for_access)
    if case_queries.open_access_request(case.id):
        raise AskedAlready()
    cases.change(case, state=case.state)  # whoever is about to give access looks again
    message = incoming(case, Message.Kind.ACCESS_REQUEST, text)
    asked = cases.ask_for_access(
        case, message_id=message.id, at=message.sent_at, due_on=answer_due(day_of(message.sent_at)), **about
    )
    note_incoming(case, message, text, [], event, action, what, due=asked.due_on.isoformat())
    return asked


_ASK = {
    "nb": "Jeg ber om innsyn i saken.",
    "nn": "Eg ber om innsyn i saka.",
    "en": "I ask for access to the case.",
}
