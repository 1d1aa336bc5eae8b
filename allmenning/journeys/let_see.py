"""What somebody is let see of another's case by a consent: the records and letters of its scopes, and nothing else; read only.

The database shows them those rows while the consent holds (`resident_let`), by the same rule as `access.rules.lets_see`. Each
reading is a row of the case's log, which whoever lets them sees, and no other resident in the case. While the address of anybody
in the case is protected, nothing is shown: a plan of visits tells where somebody lives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from allmenning import vault
from allmenning.basics import dates
from allmenning.commons.catalogue.consents import LETTERS
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Actor
from allmenning.municipal.access.models import LET_SEE, PARTY
from allmenning.municipal.cases import consents, records
from allmenning.municipal.cases.consents import OpenedConsent
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.cases.models import Case, Consent, Participant
from allmenning.municipal.documents.models import Document, Origin
from allmenning.municipal.documents.queries import OpenedDocument, open_document
from allmenning.municipal.people import protection
from allmenning.municipal.people.protection import Level
from allmenning.tenancy import current, use

from . import readings
from .offered import Offered, at_version
from .recording import Shelf, shelves


@dataclass(frozen=True)
class Seen:
    """What somebody is let see: by which consents, in the words of the service; and what there is of it.

    is_closed: an address is protected, so nothing is shown.
    """

    offered: Offered
    by: Sequence[OpenedConsent]
    shelves: Sequence[Shelf] = ()
    letters: Sequence[OpenedDocument] = field(default_factory=tuple)
    is_closed: bool = False


def open_seen(part: Participant, held: Sequence[Consent], key: vault.CaseKey) -> Seen | None:
    """What whoever is connected is let see, after the reading is logged; None where nobody lets them see anything today.

    held: the consents in the case that the database shows them.
    """
    if part.is_over_on(dates.today()):
        return None
    lets = consents.letting_among(held, _keys(part), dates.today())
    if not lets:
        return None
    offered = at_version(lets[0].service, lets[0].version)
    if is_closed(part):
        return Seen(offered, consents.opened(lets, key), is_closed=True)
    scopes = {scope for each in lets for scope in each.sees}
    kept = records.seen_by(part.case_id, scopes)
    letters = _letters(part, lets) if LETTERS in scopes else []
    kinds = [*([readings.RECORDS] if kept else []), *(["letter"] if letters else [])]
    _log(part, lets, kinds, [row.id for row in (*kept, *letters)])
    return Seen(
        offered,
        consents.opened(lets, key),
        shelves(offered, kept, key),
        [open_document(each, key) for each in letters],
    )


def log_letter(part: Participant, document: Document) -> None:
    """Log that a letter to another is read, before it is. Raises CaseNotFound for what they are not let see today."""
    lets = consents.letting(part.case_id, _keys(part), dates.today())
    whose = [each for each in lets if LETTERS in each.sees and _key(each) == _key(document)]
    is_over = part.is_over_on(dates.today())
    if is_over or document.id not in {each.id for each in _letters(part, whose)} or is_closed(part):
        raise CaseNotFound()
    _log(part, whose, [readings.DOCUMENTS], [document.id])


def _keys(part: Participant) -> list[bytes]:
    return [bytes(part.owner_key)] if part.owner_key else []


def _letters(part: Participant, lets: Sequence[Consent]) -> list[Document]:
    """The letters of decisions to those who let them see letters: the newest first."""
    givers = {_key(each) for each in lets if LETTERS in each.sees}
    rows = Document.objects.filter(case_id=part.case_id, origin=Origin.LETTER, seen_by__contains=[LETTERS])
    made = rows.exclude(path="").order_by("-created_at", "-id")
    return [each for each in made if _key(each) in givers]


def _key(row: Consent | Document) -> bytes | None:
    """Who gave a consent, or whom a letter is to: none is who sent the case."""
    return bytes(row.party_key) if row.party_key else None


def is_closed(part: Participant) -> bool:
    """Whether the address of anybody else in the case is protected. Asked as the area, since no resident sees what is said of
    another's.

    Whom somebody lets see something is not asked about, nor what the owner is protected for since they named somebody: whoever
    knows a number could let it see something, and learn by this page whether it is protected.
    """
    with use(current().municipality, part.area):
        case, let = Case.objects.get(id=part.case_id), Consent.objects.filter(case=part.case_id, to_id__isnull=False)
        others = Participant.objects.filter(case=case, owner_key__isnull=False).exclude(owner_key=part.owner_key)
        said = protection.said_of_any(others.exclude(id__in=let.values("to_id")).values("owner_key"), b"")
        levels = [protection.standing(list(said))]
        if bytes(case.owner_key) not in _keys(part):
            levels.append(protection.standing_but_named(bytes(case.owner_key)))
        return any(level is not Level.NONE for level in levels)


def _log(part: Participant, lets: Sequence[Consent], kinds: Sequence[str], shown: Sequence[UUID]) -> None:
    """A row that names by which consents: each who gave one sees it, and who sent the case where one is theirs."""
    relation = LET_SEE if any(each.party_key is None for each in lets) else PARTY
    access.log_case(
        Actor("resident", relation=relation),
        area=part.area,
        case_id=part.case_id,
        action="read",
        purpose=LET_SEE,
        object_kind="participant",
        object_id=part.id,
        field_kinds=kinds,
        shown=[*(each.id for each in lets), *shown],
    )
