"""Until when a decision can be appealed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from allmenning.basics import dates
from allmenning.commons.catalogue.content import OutcomeKind
from allmenning.municipal.cases.models import Case, Decision
from allmenning.municipal.post.models import Delivery

from .offered import at_version, day_of

# Working days from when a letter is posted until it is counted as having arrived. No law sets the number (arrival is
# what counts); this one is longer than the post promises, so that a mistake favours the resident.
POST_TAKES = 5


def appeal_deadline(outcome: OutcomeKind, arrived: date) -> date | None:
    """The last day to appeal what arrived that day; None for what can't be appealed.

    Weeks from arrival (forvaltningsloven § 29); a last day that is a Saturday or a holiday moves to the next working
    day (domstolloven § 149, by forvaltningsloven § 30).
    """
    if not outcome.appeal.allowed or not outcome.appeal.weeks:
        return None
    return dates.next_working_day(dates.add_weeks(arrived, outcome.appeal.weeks))


def last_day_to_appeal(case: Case, decision: Decision) -> date | None:
    """The last day, counted from when the letter in truth reached the resident; never before the day the letter says."""
    if decision.appeal_due is None:
        return None
    return last_day_of_letter(case, decision, decision.message_id)


def last_day_of_letter(case: Case, decision: Decision, message_id: UUID | None) -> date | None:
    """The same for whoever got this letter of the decision: each party's own days."""
    if decision.appeal_due is None:
        return None
    outcome = at_version(case.service, case.version).package.outcome(decision.outcome)
    counted = [appeal_deadline(outcome, _arrival(delivery)) for delivery in _deliveries(message_id)]
    return max([decision.appeal_due, *filter(None, counted)])


def _deliveries(message_id: UUID | None) -> list[Delivery]:
    if message_id is None:
        return []
    carriers = (Delivery.Channel.PORTAL, Delivery.Channel.PRINT)
    return list(Delivery.objects.filter(message_id=message_id, channel__in=carriers))


def _arrival(delivery: Delivery) -> date:
    """What has not been sent yet can arrive today at the earliest."""
    sent = day_of(delivery.sent_at) if delivery.sent_at else dates.today()
    return dates.add_working_days(sent, POST_TAKES) if delivery.channel == Delivery.Channel.PRINT else sent
