"""`python -m bench.whole averoy`: is every application that has a receipt there, once, and whole?

Reads JSON from standard input: `acknowledged` (what clients sent and the receipts they got) and `mail` (what the mailbox
holds). Runs with the system's settings, so it opens every sealed value and every file as the platform itself would.
Writes counts as JSON, and in words what was wrong with the first few.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from allmenning.municipal.cases.models import Case
    from allmenning.municipal.documents.models import Document

AREA = "ordinary"
AT_ONCE = 500
SAID = 20
_KEY = re.compile(r"kill-\d+-\d+-\d{7}")
FEE = "reduced-kindergarten-fee"


@dataclass
class Found:
    """What was counted; `said` holds the first few in words."""

    acknowledged: int = 0
    lost: int = 0
    duplicated: int = 0
    incomplete: int = 0
    letters: int = 0
    letters_twice: int = 0
    letters_never: int = 0
    numbers_missing: int = 0
    handed_over_again: int = 0
    said: list[str] = field(default_factory=list)

    def count(self, what: str, key: str, why: str) -> None:
        setattr(self, what, getattr(self, what) + 1)
        if len(self.said) < SAID:
            self.said.append(f"{what}: {key}: {why}")


def main() -> int:
    import django

    django.setup()
    told = json.load(sys.stdin)
    print(json.dumps(vars(examine(sys.argv[1], told["acknowledged"], told["mail"])), ensure_ascii=False))
    return 0


def examine(municipality: str, acknowledged: Sequence[dict[str, Any]], mail: Sequence[dict[str, Any]]) -> Found:
    """Look at every application. All of them must be in the area `ordinary`, and the outbox must have drained."""
    from allmenning.tenancy import use

    found = Found(acknowledged=len(acknowledged))
    with use(municipality, AREA):
        times = _times_registered()
        mailbox = Counter({each["id"]: each["handed_over"] for each in mail})
        for some in _in_parts(acknowledged):
            rows = Rows([UUID(each["case_id"]) for each in some])
            for sent in some:
                _look_at(sent, rows, times[sent["key"]], found)
            _look_at_letters(rows, mailbox, found)
        found.numbers_missing = _gaps()
        if found.numbers_missing:
            found.said.append(f"numbers_missing: {found.numbers_missing} in the series of cases or of the journal")
        found.incomplete += _without_presence(municipality, acknowledged, found)
    return found


def _look_at(sent: dict[str, Any], rows: Rows, times: int, found: Found) -> None:
    case = rows.cases.get(UUID(sent["case_id"]))
    if case is None or not times:
        found.count("lost", sent["key"], "no case" if case is None else "no submission")
        return
    if times > 1:
        found.count("duplicated", sent["key"], f"{times} submissions")
    missing = list(_missing(case, sent, rows))
    if missing:
        found.count("incomplete", sent["key"], ", ".join(missing))


# --- one application -------------------------------------------------------------------------------------------


class Rows:
    """Everything about some cases, each kind of row fetched at once."""

    def __init__(self, ids: Sequence[UUID]) -> None:
        from allmenning.municipal.access.models import LogEntry
        from allmenning.municipal.archive.models import CaseFile, DocumentDescription, RegistryEntry
        from allmenning.municipal.cases.models import Case, Decision, Event, Task
        from allmenning.municipal.documents.models import Document
        from allmenning.municipal.forms.models import Submission
        from allmenning.municipal.post.models import Delivery, Message, Outbox

        self.cases = Case.objects.select_related("applicant").in_bulk(ids)
        kinds = (
            Submission, CaseFile, RegistryEntry, DocumentDescription, Document, LogEntry, Event, Task, Decision, Message,
            Delivery, Outbox,
        )  # fmt: skip
        self._of: dict[str, dict[UUID, list[Any]]] = {}
        for model in kinds:
            held = self._of[model.__name__] = defaultdict(list)
            for row in model.objects.filter(case_id__in=ids):
                case_id: Any = row.case_id
                held[case_id].append(row)

    def of(self, kind: str, case: Case) -> list[Any]:
        return self._of[kind][case.id]

    def all(self, kind: str) -> Iterator[Any]:
        return (row for rows in self._of[kind].values() for row in rows)


def _missing(case: Case, sent: dict[str, Any], rows: Rows) -> Iterator[str]:
    """In words, each thing that this case lacks or has too many of."""
    if case.number != sent["case_number"]:
        yield f"the receipt says {sent['case_number']}, the case {case.number}"
    if case.applicant is None or case.applicant.opened_number(_municipality()) != sent["number"]:
        yield "it is another's"
    yield from _counted(case, rows, "Submission", 1)
    yield from _record(case, rows)
    yield from _documents(case, sent, rows)
    if [row.action for row in rows.of("LogEntry", case)].count("submit") != 1:
        yield "the log does not say once that it was sent"
    if [row.kind for row in rows.of("Event", case)].count("received") != 1:
        yield "the timeline does not say once that it was received"
    if not rows.of("Task", case):
        yield "no task of its routine"
    yield from _outbox(case, rows)
    if sent["service"] == FEE:
        yield from _decided(case, rows)


def _counted(case: Case, rows: Rows, kind: str, expected: int) -> Iterator[str]:
    count = len(rows.of(kind, case))
    if count != expected:
        yield f"{count} of {kind}, not {expected}"


def _record(case: Case, rows: Rows) -> Iterator[str]:
    """One case file with the case's number; one entry for what came in, which describes every document that came."""
    yield from _counted(case, rows, "CaseFile", 1)
    for file in rows.of("CaseFile", case):
        if (file.year, file.sequence) != (case.year, case.sequence):
            yield "the case file has another number"
    incoming = [row for row in rows.of("RegistryEntry", case) if row.kind == "Inngående dokument"]
    if len(incoming) != 1:
        yield f"{len(incoming)} entries in the journal for what came in, not 1"
    described = Counter(row.document_id for row in rows.of("DocumentDescription", case))
    documents = {row.id for row in rows.of("Document", case)}
    if set(described) != documents or set(described.values()) - {1}:
        yield "the journal does not describe each document once"


def _documents(case: Case, sent: dict[str, Any], rows: Rows) -> Iterator[str]:
    """The PDF of the application, and the file that was sent with it: rendered, there, opening, unchanged."""
    documents = rows.of("Document", case)
    origins = Counter(row.origin for row in documents)
    if (origins["submission"], origins["uploaded"]) != (1, 1 if sent["sha256"] else 0):
        yield f"other documents than were sent: {dict(origins)}"
    for document in documents:
        yield from _content(case, document, sent["sha256"])


def _content(case: Case, document: Document, uploaded: str) -> Iterator[str]:
    from allmenning.municipal.documents.actions import read_content

    if not document.is_rendered:
        yield f"the document ({document.origin}) was never made"
        return
    try:
        content = read_content(document, case.key)
        stated = case.key.open_text("documents.Document.sha256", bytes(document.sha256 or b""), document.id)
    except Exception as error:  # whatever keeps it from being read: gone, half, changed, another's
        yield f"the document ({document.origin}) does not open: {type(error).__name__}"
        return
    if hashlib.sha256(content).hexdigest() != stated or len(content) != document.size:
        yield f"the document ({document.origin}) is not what its row says"
    if document.origin == "uploaded" and stated != uploaded:
        yield "the file is not the one that was sent"
    if document.origin != "uploaded" and not content.startswith(b"%PDF"):
        yield f"the document ({document.origin}) is no PDF"


def _outbox(case: Case, rows: Rows) -> Iterator[str]:
    outbox = rows.of("Outbox", case)
    if waiting := [row.kind for row in outbox if row.done_at is None]:
        yield f"still to be done: {', '.join(waiting)}"
    if not {"render", "presence"} <= {row.kind for row in outbox}:
        yield "what remained to be done was never noted"


def _decided(case: Case, rows: Rows) -> Iterator[str]:
    """Decided by itself, once, with a letter that is in the portal and was told of."""
    issued = [row for row in rows.of("Decision", case) if row.status == "issued"]
    if len(issued) != 1 or not case.automatic:
        yield f"{len(issued)} decisions by itself, not 1"
    yield from _counted(case, rows, "Message", 1)
    channels = Counter((row.channel, row.state) for row in rows.of("Delivery", case))
    if channels != {("portal", "delivered"): 1, ("email", "sent"): 1}:
        yield f"delivered otherwise than once: {dict(channels)}"


# --- all of them -----------------------------------------------------------------------------------------------


def _times_registered() -> Counter[str]:
    """How many submissions there are of each key: every one of the area is opened, and says in its text which it is."""
    from allmenning.municipal.cases.models import Case
    from allmenning.municipal.forms.actions import open_submission
    from allmenning.municipal.forms.models import Submission

    times: Counter[str] = Counter()
    rows = Submission.objects.filter(channel="api").order_by("id")
    some = list(rows[:AT_ONCE])
    while some:
        cases = Case.objects.in_bulk({row.case_id for row in some})
        for row in some:
            if row.case_id in cases:
                text = json.dumps(open_submission(row, cases[row.case_id].key).data, ensure_ascii=False)
                times.update(set(_KEY.findall(text)))
        some = list(rows.filter(id__gt=some[-1].id)[:AT_ONCE])
    return times


def _look_at_letters(rows: Rows, mailbox: Counter[str], found: Found) -> None:
    """Each e-mail that was to be sent is in the mailbox, once: its Message-ID follows from the message and the channel."""
    messages: dict[UUID, list[str]] = defaultdict(list)
    for delivery in rows.all("Delivery"):
        if delivery.channel == "email":
            messages[delivery.message_id].append(_message_id(f"{delivery.message_id}:{delivery.channel}"))
    for message in rows.all("Message"):
        found.letters += 1
        ids = messages[message.id]
        there = [each for each in ids if mailbox[each]]
        if not there:
            found.count("letters_never", str(message.id), "nothing in the mailbox")
        elif len(there) > 1:
            found.count("letters_twice", str(message.id), f"{len(there)} in the mailbox")
        found.handed_over_again += sum(mailbox[each] - 1 for each in there)


def _message_id(key: str) -> str:
    """As `allmenning.connections.email` makes it, and as the sandbox keeps it."""
    from allmenning.project.wiring import configuration

    domain = configuration()["email"]["sender"].partition("@")[2]
    return f"email:<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def _gaps() -> int:
    """How many numbers are missing between the first and the last, in the series of cases and of the journal."""
    from django.db.models import Count, Max

    from allmenning.municipal.archive.models import RegistryEntry
    from allmenning.municipal.cases.models import Case

    gaps = 0
    for model in (Case, RegistryEntry):
        series = model.objects.filter(area=AREA, sequence__isnull=False).values("year")
        for row in series.annotate(last=Max("sequence"), count=Count("id")):
            gaps += row["last"] - row["count"]
    return gaps + Case.objects.filter(area=AREA, sequence__isnull=True).count()


def _without_presence(municipality: str, acknowledged: Sequence[dict[str, Any]], found: Found) -> int:
    """Applicants of whom the commons do not know that they have something here: my page would not show it to them."""
    from allmenning import vault
    from allmenning.commons.identity.models import Presence

    missing = 0
    for some in _in_parts(sorted({each["number"] for each in acknowledged})):
        keys = {vault.person_key(f"person:{number}"): number for number in some}
        rows = Presence.objects.filter(municipality=municipality, person_key__in=list(keys))
        known = {bytes(key) for key in rows.values_list("person_key", flat=True)}
        missing += len(keys.keys() - known)
    if missing:
        found.said.append(f"incomplete: {missing} applicants would not find it on my page")
    return missing


def _in_parts(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE))


def _municipality() -> str:
    from allmenning.tenancy import current

    return current().municipality


if __name__ == "__main__":
    sys.exit(main())
