"""What is left behind and nobody comes back for: old drafts, files that no row names, sessions that were ended.

Once a day. Everything can be repeated, and interrupted anywhere.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from itertools import islice

from django.db import connections
from django.db.models import Exists, OuterRef, Q, QuerySet

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.identity import actions as identity
from allmenning.commons.identity import client_tokens
from allmenning.commons.identity.sessions import SessionStore
from allmenning.municipal.access import sealing
from allmenning.municipal.access.models import NearOne
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.models import Document
from allmenning.municipal.forms.actions import delete_drafts_older_than
from allmenning.municipal.forms.models import Attachment, Draft
from allmenning.municipal.people.models import Export, ExportPart, Person, Representation
from allmenning.municipal.post.models import SystemMessage
from allmenning.municipal.profile.models import AdoptedService
from allmenning.tenancy import current, use
from allmenning.vault import files

from . import ages

log = logging.getLogger(__name__)

# A file is written before the row that names it is committed; no transaction is open for a day.
UNNAMED_FOR = timedelta(days=1)
AT_ONCE = 2000
# More unnamed files than these tell of a mistake (another database, a restored backup), not of broken-off uploads.
MOST_UNNAMED, LARGEST_SHARE = 20, 0.1


def sweep_drafts(municipality: str) -> int:
    """Delete drafts that were never sent, by their age (data/erasing.yaml). Returns how many.

    Those of a service that the municipality has ended go sooner, since nobody can send them any more.
    """
    with use(municipality, "owner"):
        ended = list(AdoptedService.objects.filter(active=False).values_list("service", flat=True))
        deleted = delete_drafts_older_than(dates.now() - ages.kept("draft"))
        return deleted + delete_drafts_older_than(dates.now() - ages.kept("draft-of-ended-service"), services=ended)


def sweep_messages(municipality: str) -> int:
    """Empty the messages of other systems that could not be read, by their age (data/erasing.yaml). Returns how many."""
    with use(municipality, "owner"):
        old = SystemMessage.objects.filter(
            received_at__lt=dates.now() - ages.kept("unreadable-message"), content__isnull=False
        )
        return old.update(content=None)


def sweep_near_ones(municipality: str) -> int:
    """Forget what was known of staff's families: when the register has told anew, when it no longer counts, and of
    those who left two months ago. Returns how many rows.
    """
    told_anew = NearOne.objects.filter(
        staff=OuterRef("staff"), source=NearOne.Source.REGISTER, at__gt=OuterRef("at") + timedelta(minutes=1)
    )
    gone = Q(expires_at__lt=dates.now()) | Q(staff__end__lt=dates.today() - timedelta(days=60))
    with use(municipality, "owner"):
        register = NearOne.objects.filter(Exists(told_anew), source=NearOne.Source.REGISTER)
        return register.delete()[0] + NearOne.objects.filter(gone).delete()[0]


def sweep_log_heads(municipality: str) -> int:
    """Thin out the old heads of the log: of an hour, and later of a day, one is enough. Returns how many went."""
    with use(municipality, "owner"):
        return sealing.thin_heads()


def sweep_people(municipality: str) -> int:
    """Erase people of whom no case is left in an area, since the last one was erased. Returns how many."""
    with use(municipality, "owner"):
        return forget_people(Person.objects.filter(created_at__lt=dates.now() - UNNAMED_FOR))


def forget_people(people: QuerySet[Person]) -> int:
    """Of these, erase those of whom their area has no case any more; as the login `owner`. Returns how many.

    Where nothing of theirs is left in any area, the mark in the commons goes too (`forget_mark`).
    """
    municipality = current().municipality
    without = list(people.filter(~Exists(Case.objects.filter(applicant=OuterRef("id"))))[:AT_ONCE])
    for person in without:
        number, key = person.opened_number(municipality), bytes(person.owner_key)
        person.delete()  # the words of the name with it
        forget_mark(person.kind, number, key)
    return len(without)


def forget_mark(kind: str, number: str, owner_key: bytes) -> None:
    """Forget in the commons that somebody has anything here, unless they do; as the login `owner`.

    My page asks only the municipalities that are marked. So the mark stands while there is a case, a draft, an export, or a
    power of attorney that they gave or hold: who gave one must be able to take it back.
    """
    theirs = Q(owner_key=owner_key)
    has_something = (
        Person.objects.filter(theirs).exists()
        or Draft.objects.filter(theirs).exists()
        or Export.objects.filter(theirs).exists()
        or Representation.objects.filter(theirs | Q(representative_key=owner_key)).exists()
    )
    if not has_something:
        identity.forget_presence(vault.person_key(f"{kind}:{number}"), current().municipality)


def sweep_files(municipality: str) -> int:
    """Remove files that no row names, left by a transaction that failed. Returns how many.

    Where suspiciously many are unnamed, none is removed, and an operator is told.
    """
    old = files.written_before(municipality, dates.now() - UNNAMED_FOR)
    seen, unnamed = 0, list[str]()
    with use(municipality, "owner"):
        while some := list(islice(old, AT_ONCE)):
            seen += len(some)
            unnamed += _unnamed(some)
    if len(unnamed) > max(MOST_UNNAMED, LARGEST_SHARE * seen):
        log.error("%s: %d of %d files are named by no row; none is removed", municipality, len(unnamed), seen)
        return 0
    for path in unnamed:
        files.remove(municipality, path)
    return len(unnamed)


# A job whose worker was killed: nobody will ever finish it. (A worker that lives says so every ten seconds.)
STALLED = """j.status = 'doing' and not exists (
    select from procrastinate_workers w where w.id = j.worker_id and w.last_heartbeat > now() - interval '2 minutes'
)"""
_OLD = """j.status not in ('todo', 'doing') and not exists (
    select from procrastinate_events e where e.job_id = j.id and e.at > now() - interval '1 day'
)"""


def sweep_stalled_jobs() -> int:
    """Forget jobs whose worker is gone. They only woke it: what remains to be done is rows, which the sweep finds."""
    return _forget_jobs(STALLED)


def sweep_old_jobs() -> int:
    """Forget jobs that failed or ended more than a day ago; an operator has had time to see them."""
    return _forget_jobs(_OLD)


def _forget_jobs(which: str) -> int:
    with connections["commons"].cursor() as cursor:
        cursor.execute(f"delete from procrastinate_jobs j where {which}")  # noqa: S608 (one of the two above)  # nosec B608
        return int(cursor.rowcount)


def _unnamed(paths: list[str]) -> list[str]:
    named = {
        path
        for model in (Document, Attachment, ExportPart)
        for path in model.objects.filter(path__in=paths).values_list("path", flat=True)
    }
    return [path for path in paths if path not in named]


def sweep_sessions() -> None:
    """Forget ended sessions that would be over by now anyway, and what systems logged in with."""
    SessionStore.clear_expired()
    client_tokens.forget_used()
