"""Publishing agreements: checked whole, versioned, and never changed."""

from __future__ import annotations

from django.db import router, transaction

from allmenning.basics.dates import now
from allmenning.commons.municipalities import queries as municipalities
from allmenning.commons.municipalities.errors import UnknownCooperation, UnknownMunicipality

from . import agreement as agreements
from . import errors, queries
from .agreement import Agreement
from .errors import FileWrong, Problem
from .models import PublishedAgreement


def publish(text: str, *, file: str, by: str) -> PublishedAgreement:
    """Publish an agreement; as the next version, or, where nothing is changed, the one that is there.

    by: whom it was published by, as a role. Raises FileWrong with everything that is wrong, each with its line.
    """
    agreed = agreements.read(text, file)
    _check(agreed, file)
    with transaction.atomic(using=router.db_for_write(PublishedAgreement)):
        versions = PublishedAgreement.objects.select_for_update().filter(agreement=agreed.id).order_by("-version")
        latest = versions.first()
        if latest is not None and latest.text == text:
            return latest
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


def _check(agreed: Agreement, file: str) -> None:
    """That everybody whom it names is in the register."""
    problems = []
    for line, id in [
        (0, agreed.host),
        *((each.line, each.id) for each in agreed.parties if each.level == "municipality"),
    ]:
        try:
            municipalities.municipality(id)
        except UnknownMunicipality:
            problems.append(Problem(line, errors.NoSuchMunicipality(asked=id)))
    for id in {agreed.cooperation, agreed.members_of} - {""}:
        try:
            municipalities.cooperation(id)
        except UnknownCooperation as error:
            problems.append(Problem(0, error))
    if problems:
        raise FileWrong(sorted(problems, key=lambda each: each.line), file)
