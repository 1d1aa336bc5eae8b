"""Work that does not get done: found by the sweep, shown to an operator, tried again when the cause is gone.

Nothing hangs on it: what was sent is registered in its own transaction, and each thing that remains is a row of its own,
tried until it succeeds. This says which have not succeeded, and what is not whole. No name, number or case is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet

from allmenning.basics import dates
from allmenning.basics.few import at_most
from allmenning.municipal.archive.models import RegistryEntry
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.models import Document
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.post import actions as post
from allmenning.municipal.post import queries as waiting
from allmenning.municipal.post.models import Outbox, SystemMessage
from allmenning.tenancy import AREAS, use
from allmenning.vault import files

from .models import Backlog

NOT_MADE, NOT_REGISTERED, GONE = "document-not-made", "not-registered", "file-gone"
REFUSED = "message-refused"
REFUSED_FOR = timedelta(days=14)  # how long a message of another system that could not be taken is told of
LATE = timedelta(minutes=15)
AT_ONCE = 2000


@dataclass(frozen=True)
class Stuck:
    """Things of one kind that are stuck for the same reason.

    what: the outbox kind (`render`, `notify` …) with the class of the last `error`; or what is not whole: a document that
    nobody is set to make, a submission without its entry in the journal, a file that a row names and that is not there.
    A message of another system that could not be taken, by why (`error`): it is kept, and its sender was told.
    count: at most, in fives: one thing may be about one person.
    """

    municipality: str
    area: str
    what: str
    error: str
    count: int
    tries: int
    since: datetime


def find(municipality: str) -> list[Stuck]:
    """Everything that is stuck in a municipality, but for files (see `files_gone`). Reads each area's open rows."""
    found: list[Stuck] = []
    for area in AREAS:
        with use(municipality, area):
            found += _failing(municipality, area)
            found += _not_whole(municipality, area)
            found += _refused(municipality, area)
    return found


def files_gone(municipality: str) -> list[Stuck]:
    """Files of cases that rows name and that are not in the store: a look at each, so 10 s for a million on a disk."""
    found: list[Stuck] = []
    for area in AREAS:
        with use(municipality, area):
            gone = [at for path, at in _paths() if not files.is_there(municipality, path)]
        if gone:
            found.append(Stuck(municipality, area, GONE, "", at_most(len(gone)), 0, min(gone)))
    return found


def retry(municipality: str) -> int:
    """What has failed is due now, and so are the documents that nobody was set to make. Returns how many things at most, in fives.

    The sweep of the next minute does them; nobody need be woken.
    """
    again = 0
    for area in AREAS:
        with use(municipality, area):
            again += post.try_again_now()
            for document in _never_made():
                post.put_back_in_outbox(area, document.case_id, "render", document.id)
                again += 1
    return at_most(again)


def note(municipality: str) -> None:
    """Tell the commons how much is not whole, as a number and nothing else."""
    _note(
        municipality,
        not_whole=sum(each.count for each in find(municipality) if each.what in (NOT_MADE, NOT_REGISTERED)),
    )


def note_files(municipality: str) -> None:
    """The same, of files that are gone."""
    _note(municipality, files_gone=sum(each.count for each in files_gone(municipality)))


def note_night(municipality: str, failed: list[str]) -> None:
    """Tell the commons which steps of the night's work failed, by name."""
    _note(municipality, night_failed=failed)


def _note(municipality: str, **counted: object) -> None:
    Backlog.objects.update_or_create(
        municipality=municipality,
        defaults=counted,
        create_defaults={"waiting": 0, "counted_at": dates.now(), **counted},
    )


def _failing(municipality: str, area: str) -> Iterator[Stuck]:
    grouped = waiting.failing(LATE).values("kind", "last_error")
    rows = grouped.annotate(n=Count("id"), tries=Max("attempts"), since=Min("created_at")).order_by(
        "kind", "last_error"
    )
    for row in rows:
        yield Stuck(municipality, area, row["kind"], row["last_error"], at_most(row["n"]), row["tries"], row["since"])


def _not_whole(municipality: str, area: str) -> Iterator[Stuck]:
    entries = RegistryEntry.objects.filter(case_id=OuterRef("case_id"))
    found = {
        NOT_MADE: _never_made().aggregate(n=Count("id"), since=Min("created_at")),
        NOT_REGISTERED: Submission.objects.filter(~Exists(entries)).aggregate(n=Count("id"), since=Min("submitted_at")),
    }
    for what, row in found.items():
        if row["n"]:
            yield Stuck(municipality, area, what, "", at_most(row["n"]), 0, row["since"])


def _refused(municipality: str, area: str) -> Iterator[Stuck]:
    recent = SystemMessage.objects.filter(state=SystemMessage.State.REFUSED, received_at__gt=dates.now() - REFUSED_FOR)
    grouped = recent.values("reason").annotate(n=Count("id"), since=Min("received_at")).order_by("reason")
    for row in grouped:
        yield Stuck(municipality, area, REFUSED, row["reason"], at_most(row["n"]), 0, row["since"])


def _never_made() -> QuerySet[Document]:
    """Documents that the platform should have made by now, and that no open row is about."""
    planned = Outbox.objects.filter(kind="render", object_id=OuterRef("id"), done_at__isnull=True)
    return Document.objects.filter(~Exists(planned), path="", created_at__lt=dates.now() - LATE)


def _paths() -> Iterator[tuple[str, datetime]]:
    """(path, when) of every document that has a file, some at a time."""
    erased = Case.objects.filter(wrapped_key=b"").values("id")
    rows = Document.objects.exclude(path="").exclude(case_id__in=erased).order_by("id")
    some = list(rows.values_list("id", "path", "created_at")[:AT_ONCE])
    while some:
        yield from (row[1:] for row in some)
        some = list(rows.filter(id__gt=some[-1][0]).values_list("id", "path", "created_at")[:AT_ONCE])
