"""Consents in a case, for staff and for the form: what the answers consent to, what a caseworker registers and notes as taken
back, and what is not done without one.

What a consent is about, who may give it and what needs it is the service's (`consents:` in routine.yaml). A consent that is taken
back stops what comes after; what was done before it stays done.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue import consents as rules
from allmenning.commons.catalogue.content import APPLICANT, ConsentKind, ServicePackage
from allmenning.commons.identity import actions as identity
from allmenning.municipal.access.actor import SYSTEM, Actor, Working
from allmenning.municipal.access.queries import named_key
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import consents as rows
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.actions import PlannedStep
from allmenning.municipal.cases.consents import Consented
from allmenning.municipal.cases.errors import (
    AlreadyWithdrawn,
    CaseNotFound,
    ConsentKindMissing,
    ConsentMissing,
    GivenInTheFuture,
    GiverMissing,
    HeardByMissing,
    LastDayWrong,
    LetMissing,
)
from allmenning.municipal.cases.models import Case, Consent, Event, Participant
from allmenning.municipal.documents.models import Document
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Outbox
from allmenning.tenancy import current

from . import sender
from .casework import require
from .concerned import learn
from .jobs import wake
from .offered import Offered, of_case
from .outbox import handles

LOOK = "look-at-consent"  # the step that begins in a case when somebody takes a consent back
HOW = (Consent.How.WRITTEN, Consent.How.ORAL)  # how staff may have it
LONGEST = 200


# --- what the form gives ---


def planned(
    case: Case, offered: Offered, data: Mapping[str, Any], on: date, named: Mapping[tuple[str, int | None], Participant]
) -> list[Consent]:
    """What the answers consent to, not saved. named: the participants whom the answers make."""
    package = offered.package
    return [_planned(case, offered, data, given, named) for given in rules.given(package, data, on)]


def _planned(
    case: Case,
    offered: Offered,
    data: Mapping[str, Any],
    given: rules.Given,
    named: Mapping[tuple[str, int | None], Participant],
) -> Consent:
    kind = given.kind
    by = named[given.by.kind.id, given.by.row] if given.by else None
    lets = named[given.lets.kind.id, given.lets.row] if given.lets else None
    files = data.get(kind.document) if kind.document else None
    return rows.new_consent(
        case.area,
        case.id,
        case.key,
        Consented(
            (offered.package.id, offered.package.version),
            kind.id,
            given.on,
            Consent.How.FORM,
            by=giver(by, case),
            by_name=given.by.name if given.by else case.opened_applicant_name,
            to=_to(lets, given.lets.name) if lets and given.lets else None,
            sees=kind.sees if lets else (),
            valid_until=rules.last_day(offered.package, kind, given.on, offered.values),
            document_id=UUID(files[0]) if files else None,
        ),
    )


def giver(participant: Participant | None, case: Case) -> tuple[UUID, bytes] | None:
    """Who gives a consent, as it is kept: nobody for who sent the case, in whichever role.

    Of one without a number, and where it would tell that there is a report (`sender.tells_others`): by a key that nobody has, so that
    who sent the case does not read it as theirs either.
    """
    if participant is None or _sent_it(participant, case):
        return None
    is_told = participant.owner_key is not None and sender.tells_others(case)
    return participant.id, bytes(participant.owner_key or b"") if is_told else secrets.token_bytes(32)


def _sent_it(participant: Participant, case: Case) -> bool:
    """A case of their own has the key of whom it is about, and nobody sent it."""
    key = participant.owner_key
    return key is not None and bytes(key) == bytes(case.owner_key) and not case.is_own_case


def _to(participant: Participant, name: str) -> tuple[UUID, bytes | None, str]:
    return participant.id, bytes(participant.owner_key) if participant.owner_key else None, name


def remaining(given: Sequence[Consent]) -> list[tuple[str, UUID]]:
    """What remains to be done of new consents: others than who sent the case must be able to find them."""
    return [("consent-given", each.id) for each in given if each.participant_id or each.to_key]


# --- what is not done without one ---


def missing(case: Case, offered: Offered, before: str) -> list[rules.Lacking]:
    """The consents that are needed before a step or an outcome, and are not there today. No statement where none is needed."""
    package, today = offered.package, dates.today()
    wanted = rules.needed(package, before)
    if not wanted:
        return []
    asks_form = any(not kind.how_many.isdecimal() for kind in wanted)
    data = open_submission(Submission.objects.get(case_id=case.id), case.key).data if asks_form else {}
    held = rows.in_force(list(rows.consents_in(case.id)), today)
    return rules.lacking(package, data, today, held, before)


def require_given(case: Case, offered: Offered, before: str) -> None:
    """Raises ConsentMissing, which names what is lacking."""
    for lack in lacks(case, offered, before):
        raise lack


def lacks(case: Case, offered: Offered, before: str) -> list[ConsentMissing]:
    lacking = missing(case, offered, before)
    return [ConsentMissing(consents=", ".join(map(_named, lacking)))] if lacking else []


def _named(lack: rules.Lacking) -> str:
    """What is lacking; of several who must give it, how many have, since theirs stands in the case."""
    title = lack.kind.title[_language()]
    if not lack.given:
        return title
    return _("%(consent)s (given by %(given)s of %(needed)s)") % {
        "consent": title,
        "given": lack.given,
        "needed": lack.needed,
    }


def _language() -> str:
    return (get_language() or "nb")[:2]


# --- what staff register ---


@dataclass(frozen=True)
class Heard:
    """A consent as a caseworker writes it down. by, to: ids of participants; None: who sent the case, and nobody."""

    scopes: Sequence[str]
    given_on: date | None
    how: str
    by: UUID | None = None
    to: UUID | None = None
    document_id: UUID | None = None
    heard_by: str = ""
    valid_until: date | None = None


def last_day(text: str) -> date | None:
    """The last day of a consent as it was typed; None for an empty field, which is until it is taken back. Raises LastDayWrong."""
    day = dates.read_date(text)
    if text.strip() and (day is None or day < dates.today()):
        raise LastDayWrong()
    return day


def register(case_id: UUID, heard: Heard, working: Working, *, staff_key: bytes) -> list[Consent]:
    """Write down what somebody has consented to, outside the form and the portal: a row for each thing.

    Raises NotYours, CaseNotFound, ConsentKindMissing, GiverMissing, LetMissing, GivenInTheFuture, HeardByMissing, UnsafeText.
    """
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        offered, actor = of_case(case.service, case.version), working.as_actor(case)
        given = [_registered(case, offered, kind, heard, actor) for kind in _kinds(offered.package, heard.scopes)]
        Consent.objects.bulk_create(given)
        for row in given:
            _tell(case, actor, "consent-given", row)
        if todo := remaining(given):
            post.put_in_outbox(case.area, case.id, *todo)
        wake(case.area)
        return given


def _kinds(package: ServicePackage, scopes: Sequence[str]) -> list[ConsentKind]:
    kinds = [kind for kind in package.consents if kind.id in scopes]
    if not kinds or len({kind.lets for kind in kinds}) > 1:
        raise ConsentKindMissing()
    return kinds


def _registered(case: Case, offered: Offered, kind: ConsentKind, heard: Heard, actor: Actor) -> Consent:
    there = {row.id: row for row in case_queries.participants_in(case.id).filter(case_queries.still_in(dates.today()))}
    by, lets = there.get(heard.by) if heard.by else None, there.get(heard.to) if heard.to else None
    if (heard.by and by is None) or not roles_of(by, case, there.values()) & set(kind.given_by):
        raise GiverMissing()
    if kind.lets and (lets is None or lets.role != kind.lets):
        raise LetMissing()
    if heard.given_on is None or heard.given_on > dates.today():
        raise GivenInTheFuture()
    how = Consent.How(heard.how) if heard.how in HOW else Consent.How.ORAL
    heard_by = clean_text(heard.heard_by).strip()[:LONGEST]
    if how is Consent.How.ORAL and not heard_by:
        raise HeardByMissing()
    return rows.new_consent(
        case.area,
        case.id,
        case.key,
        Consented(
            (offered.package.id, offered.package.version),
            kind.id,
            heard.given_on,
            how,
            by=giver(by, case),
            by_name=_name(by, case) if by else case.opened_applicant_name,
            to=_to(lets, _name(lets, case)) if kind.lets and lets else None,
            sees=kind.sees if kind.lets else (),
            valid_until=earliest(
                rules.last_day(offered.package, kind, heard.given_on, offered.values),
                heard.valid_until,
                by.ends if by else None,
                lets.ends if kind.lets and lets else None,
            ),
            document_id=_document(case, heard.document_id) if how is Consent.How.WRITTEN else None,
            heard_by=heard_by if how is Consent.How.ORAL else "",
        ),
        actor,
    )


def roles_of(by: Participant | None, case: Case, there: Any) -> set[str]:
    """As what somebody may give a consent: who sent it, also as what they are themselves in the case."""
    if by is not None and giver(by, case) is not None:
        return {by.role}
    own = {row.role for row in there if _sent_it(row, case)}
    return {APPLICANT, *own}


def _name(row: Participant, case: Case) -> str:
    return case_queries.open_participant(row, case.key).name


def earliest(*days: date | None) -> date | None:
    """The last day of a consent that several things set an end to, those in the case among them."""
    return min((day for day in days if day), default=None)


def _document(case: Case, document_id: UUID | None) -> UUID | None:
    return document_id if document_id and Document.objects.filter(id=document_id, case_id=case.id).exists() else None


def note_withdrawn(case_id: UUID, consent_id: UUID, how: str, working: Working, *, staff_key: bytes) -> Consent:
    """Note that somebody has taken a consent back, in writing or by word of mouth. Raises NotYours, CaseNotFound, AlreadyWithdrawn."""
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        given, actor = _consent_in(case, consent_id), working.as_actor(case)
        row = rows.withdraw(given, case.key, Consent.How(how) if how in HOW else Consent.How.ORAL, dates.today(), actor)
        _tell(case, actor, "consent-withdrawn", row)
        return row


def _consent_in(case: Case, consent_id: UUID) -> Consent:
    row = Consent.objects.filter(id=consent_id, case=case, withdraws__isnull=True).first()
    if row is None:
        raise CaseNotFound()
    return row


def end_for(case: Case, participant: Participant, actor: Actor) -> None:
    """Somebody has nothing more to do with the case: what they were let see of it, they see no more, nor does whom they let."""
    _end(case, rows.in_force_to(case.id, participant.id), actor)
    end_by(case, participant, actor)


def end_by(case: Case, participant: Participant, actor: Actor) -> None:
    """Somebody is no party any more: whom they let see something sees it no more."""
    _end(case, rows.in_force_by(case.id, participant.id), actor)


def _end(case: Case, held: Iterable[Consent], actor: Actor) -> None:
    for given in held:
        with suppress(AlreadyWithdrawn):  # by who gave it, meanwhile
            back = rows.withdraw(given, case.key, Consent.How.ENDED, dates.today(), actor)
            _tell(case, actor, "consent-withdrawn", back)


def _tell(case: Case, actor: Actor, event: str, row: Consent) -> None:
    cases.happened(case, event, actor, visible=False, consent=str(row.id), scope=row.scope)
    cases.log(case, actor, event, purpose="case-handling", object_kind="consent", object_id=row.id)


# --- what remains after one was given or taken back in the portal ---


@handles("consent-given", opens=("participants",), purpose="case-handling")
def take_given(row: Outbox) -> None:
    """Outbox: whom a consent names finds it on their page; who is near to whom it lets in sees the case no more."""
    given = Consent.objects.get(id=row.object_id)
    case = cases.locked(given.case_id)
    _happened_in_portal(case, given, "consent-given")
    for participant in Participant.objects.filter(
        case=case, id__in=[each for each in (given.participant_id, given.to_id) if each]
    ):
        number = case_queries.open_participant(participant, case.key).number
        if number:
            if participant.owner_key in (given.party_key, given.to_key):  # those who can see it
                identity.mark_presence(vault.person_key(f"person:{number}"), current().municipality)
            if learn(case, named=[named_key(case.area, bytes(participant.owner_key or b""))]):
                post.put_back_in_outbox(case.area, case.id, "protect", case.id)


@handles("consent-withdrawn")
def take_withdrawn(row: Outbox) -> None:
    """Outbox: that somebody took a consent back is told in the case, and somebody is to look at what follows."""
    back = Consent.objects.get(id=row.object_id)
    case = cases.locked(back.case_id)
    if _happened_in_portal(case, back, "consent-withdrawn"):
        cases.add_tasks(case, [PlannedStep(LOOK, "caseworker", dates.today())])


def _happened_in_portal(case: Case, row: Consent, kind: str) -> bool:
    """Told once, and of what was done in the portal alone: the form is what was sent, and staff were told when they wrote it."""
    told = Event.objects.filter(case=case, kind=kind, facts__consent=str(row.id))
    if row.how != Consent.How.PORTAL or told.exists():
        return False
    cases.happened(case, kind, SYSTEM, at=row.at, visible=False, consent=str(row.id), scope=row.scope)
    return True
