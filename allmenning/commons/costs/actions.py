"""Publishing agreements: checked whole, versioned, and never changed."""

from __future__ import annotations

from datetime import timedelta

from allmenning.basics.dates import now
from allmenning.commons.municipalities import queries as municipalities

from . import agreement as agreements
from . import errors, queries
from .agreement import Agreement
from .errors import FileWrong, Problem
from .locks import costs_of, writing
from .models import PublishedAgreement, Settlement
from .sharing import check_names


def publish(text: str, *, file: str, by: str) -> PublishedAgreement:
    """Publish an agreement; as the next version, or, where nothing is changed, the one that is there.

    by: whom it was published by, as a role. Raises FileWrong with everything that is wrong, each with its line.
    """
    agreed = agreements.read(text, file)
    check_names(agreed, municipalities)
    with writing(costs_of(agreed.id)):
        latest = PublishedAgreement.objects.filter(agreement=agreed.id).order_by("-version").first()
        if latest is not None and latest.text == text:
            return latest
        _leave_what_is_settled(agreed)
        row = PublishedAgreement.objects.create(
            agreement=agreed.id,
            version=latest.version + 1 if latest else 1,
            cooperation=agreed.cooperation,
            text=text,
            published_at=now(),
            published_by=by,
        )
    queries.forget()
    return row


def _leave_what_is_settled(agreed: Agreement) -> None:
    """That what is settled is periods of this version too: else a day could be billed twice. Raises FileWrong."""
    settled = Settlement.objects.filter(agreement=agreed.id, issue__isnull=False).order_by("start")
    for start, end in settled.values_list("start", "end"):
        if agreed.period_of(start) != (start, end):
            wrong = errors.PeriodsSettled(start=start, last=end - timedelta(1))
            raise FileWrong([Problem(agreed.lines["period"], wrong)], agreed.file)
