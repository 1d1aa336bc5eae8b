"""Who has to do with a case besides who sent it: as the answers name them, and as staff do.

The service says which answers make which participants, and who of them is a party. Each identity number is one more whom staff may
be near to (`concerned`), and whose protected address holds for the case.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from allmenning.basics import dates
from allmenning.basics.identifiers import NationalIdentityNumber
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue import parties
from allmenning.commons.catalogue.consents import needed
from allmenning.commons.catalogue.content import APPLICANT, OutcomeKind, ServicePackage
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.errors import OverlappingDates
from allmenning.municipal.access.queries import named_key
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.actions import Named
from allmenning.municipal.cases.errors import RoleMissing
from allmenning.municipal.cases.models import Case, Participant
from allmenning.municipal.cases.queries import OpenedParticipant
from allmenning.municipal.documents.models import Document
from allmenning.municipal.post import actions as post

from .casework import require
from .concerned import learn
from .consents import end_by, end_for, missing
from .errors import NameMissing
from .jobs import wake
from .offered import at_version, of_case
from .sender import of as of_sender
from .sender import shows_parties


def planned(
    case: Case, package: ServicePackage, data: Mapping[str, Any], on: date, applicant: tuple[str, str]
) -> dict[tuple[str, int | None], Participant]:
    """Whom the answers name, as participants of a case; not saved. By their role and the row that names them, which is None
    for who sent it. applicant: name and number of a person who sends it.
    """
    if not package.parties:
        return {}
    around, (name, number) = parties.context(package, data, on), applicant
    found: dict[tuple[str, int | None], Named] = {}
    for kind in package.parties:
        if number and parties.holds(kind.applicant_when, around):
            found[kind.id, None] = Named(kind.id, name, number, parties.holds(kind.is_party, around))
        found |= {(kind.id, each.row): _as_named(each) for each in parties.named_as(kind, around)}
    return {at: cases.new_participant(case, named, Participant.Known.FORM, on) for at, named in found.items()}


def _as_named(each: parties.ByForm) -> Named:
    return Named(each.kind.id, each.name, each.number, each.is_party)


def carry_over(case: Case, own: Case, package: ServicePackage, each: str, data: Mapping[str, Any], on: date) -> None:
    """A case that is opened for one whom another is about has the same others; and of the list itself that one alone, in the role
    that the folder gives them, since the rest get a case each.

    They are named anew, under the new case's key. data: what the new case holds of the form: their line.
    """
    of_the_list = {kind.id for kind in package.parties if kind.each == each}
    around = parties.context(package, data, on, own_case=True)
    lines = [each for kind in package.parties if kind.id in of_the_list for each in parties.named_as(kind, around)]
    themselves = [_as_named(each) for each in lines]
    held = case_queries.participants_in(case.id).filter(case_queries.still_in(on)).exclude(role__in=of_the_list)
    named = [(row, case_queries.open_participant(row, case.key)) for row in held]
    Participant.objects.bulk_create(
        [
            *(cases.new_participant(own, each, Participant.Known.FORM, on) for each in themselves),
            *(
                cases.new_participant(
                    own,
                    Named(row.role, opened.name, opened.number, row.is_party, row.authority, ends=row.ends),
                    Participant.Known(row.known_from),
                    row.starts,
                )
                for row, opened in named
            ),
        ]
    )


def add(case_id: UUID, named: Named, working: Working, *, staff_key: bytes) -> Participant:
    """Name somebody who has to do with the case. Who is near to them sees the case no more, whoever added them among them.

    Raises NameMissing, RoleMissing, OverlappingDates, InvalidIdentifier, UnsafeText, NotYours, CaseNotFound.
    """
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        row = cases.new_participant(
            case, _cleaned(named, case), Participant.Known.HAND, dates.today(), working.as_actor(case)
        )
        row.save(force_insert=True)
        _tell(case, working, "participant-added", row)
        _let_find(case, row)
        if row.owner_key:
            learn(case, named=[named_key(case.area, bytes(row.owner_key))])
            post.put_back_in_outbox(case.area, case.id, "protect", case.id)
            wake(case.area)
        return row


def change(case_id: UUID, participant_id: UUID, is_party: bool, working: Working, *, staff_key: bytes) -> None:
    """Say whether somebody is a party. Raises NotYours, CaseNotFound."""
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        row = cases.participant_in(case, participant_id)
        row.is_party = is_party
        row.save(update_fields=["is_party"])
        if not is_party:
            end_by(case, row, working.as_actor(case))
        _tell(case, working, "participant-changed", row)
        _let_find(case, row)


def end(case_id: UUID, participant_id: UUID, working: Working, *, staff_key: bytes) -> None:
    """Somebody has nothing more to do with the case: they get no more letters. The row stays. Raises NotYours, CaseNotFound."""
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        row = cases.participant_in(case, participant_id)
        row.ends = dates.today() - timedelta(days=1)  # the last day that they had
        row.save(update_fields=["ends"])
        end_for(case, row, working.as_actor(case))
        _tell(case, working, "participant-ended", row)


def _let_find(case: Case, row: Participant) -> None:
    """Who becomes a party of a case that was sent for them finds what is kept there on their page."""
    if row.is_party and row.owner_key and shows_parties(case):
        post.put_in_outbox(case.area, case.id, ("parties-find", row.id))
        wake(case.area)


def _tell(case: Case, working: Working, event: str, row: Participant) -> None:
    actor = working.as_actor(case)
    cases.happened(case, event, actor, visible=False, role=row.role)
    cases.log(case, actor, event, purpose="case-handling", object_kind="participant", object_id=row.id)


def _cleaned(named: Named, case: Case) -> Named:
    name = clean_text(named.name).strip()
    if not name:
        raise NameMissing()
    if at_version(case.service, case.version).package.party(named.role) is None:
        raise RoleMissing()
    if named.authority and named.authority not in Participant.Authority.values:
        raise RoleMissing()
    if named.ends and named.ends < (named.starts or dates.today()):
        raise OverlappingDates()
    number = NationalIdentityNumber.parse(named.number).value if named.number.strip() else ""
    document = named.document_id
    if document and not Document.objects.filter(id=document, case_id=case.id).exists():
        document = None
    return replace(named, name=name, number=number, document_id=document)


@dataclass(frozen=True)
class Receiver:
    """Whom a letter is for: who sent the case (no participant), or a party of it."""

    role: str
    name: str
    number: str = ""
    participant: Participant | None = None

    @property
    def party_key(self) -> bytes | None:
        """The key by which a party reads what is written to them. Of one without a number: a key that nobody has, or who sent the
        case would read it as theirs.
        """
        if self.participant is None:
            return None
        return bytes(self.participant.owner_key) if self.participant.owner_key else secrets.token_bytes(32)


def to_whom(case: Case, outcome: OutcomeKind, rows: Sequence[Participant]) -> list[Receiver]:
    """Whom the letter of an outcome goes to: each its own. Where nobody whom it names is a party here, who sent the case; in a case
    of their own nobody sent it, so nobody then. Those who are told by consent get theirs while it holds, and are no parties.

    rows: who has to do with the case.
    """
    sender = Receiver(APPLICANT, case.opened_applicant_name)
    if outcome.to == (APPLICANT,):
        return [sender]
    today = dates.today()
    by_consent = _told_by_consent(case, outcome)
    held = [row for row in rows if row.holds_on(today)]
    there = [_receiver(row, case) for row in held if row.is_party and row.role not in by_consent]
    told = [_receiver(row, case) for row in held if by_consent.get(row.role)]
    if case.is_own_case:
        about = [sender] if APPLICANT in outcome.to else []
        others = [*about, *(each for role in outcome.to for each in there if each.role == role)]
        return [*others, *told] if others else []
    others = [each for role in outcome.to for each in there if each.role == role and not _is_sender(each, case)]
    is_sender_too = APPLICANT in outcome.to or any(_is_sender(each, case) for each in there if each.role in outcome.to)
    is_instead = not others and of_sender(case).shows_all  # one who is no party gets what is for another never
    return [
        *([sender] if is_sender_too or is_instead else []),
        *others,
        *(each for each in told if not _is_sender(each, case)),
    ]


def role_of_sender(case: Case, outcome: OutcomeKind) -> str:
    """In which role who sent the case gets the letter of an outcome: of one who sent it for another and was found to act for them,
    as that. A statement only of such cases.
    """
    if of_sender(case).shows_all:
        return APPLICANT
    mine = Participant.objects.filter(case_queries.still_in(dates.today()), case=case, owner_key=case.owner_key)
    return next((each.role for each in mine if each.is_party and each.role in outcome.to), APPLICANT)


def _told_by_consent(case: Case, outcome: OutcomeKind) -> dict[str, bool]:
    """The kinds of parties whose letter needs a consent (`letter:<party>`), and whether it holds today."""
    offered = of_case(case.service, case.version)
    words = {role: f"letter:{role}" for role in outcome.to}
    return {role: not missing(case, offered, word) for role, word in words.items() if needed(offered.package, word)}


def may_still_be_told(case: Case, role: str) -> bool:
    """Whether a letter to one in this role may go today: of those who are told by consent, while it holds."""
    offered, word = of_case(case.service, case.version), f"letter:{role}"
    return not needed(offered.package, word) or not missing(case, offered, word)


def _is_sender(receiver: Receiver, case: Case) -> bool:
    return receiver.party_key == bytes(case.owner_key)


def _receiver(row: Participant, case: Case) -> Receiver:
    opened = case_queries.open_participant(row, case.key)
    return Receiver(row.role, opened.name, opened.number, row)


def of_message(participant_id: UUID | None, case: Case) -> Receiver | None:
    """The party whom a message is to or from; None where that is who sent the case."""
    if participant_id is None:
        return None
    return _receiver(Participant.objects.get(id=participant_id, case=case), case)


def opened(rows: Sequence[Participant], case: Case) -> list[OpenedParticipant]:
    return [case_queries.open_participant(row, case.key) for row in rows]


def numbers_in(case: Case) -> frozenset[str]:
    """Identity numbers of those who have to do with a case, as staff gave them."""
    rows = Participant.objects.filter(case=case, number__isnull=False)
    return frozenset(case_queries.open_participant(row, case.key).number for row in rows)
