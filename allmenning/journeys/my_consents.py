"""A resident's own consents: what they have consented to in a case, taking one back, and letting somebody see something of it.

On the page of their own case, or, of somebody else's case in which they are a party, on the page of their part. Taking one back
holds from the moment it is written; a worker tells it in the case, for staff to look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import NationalIdentityNumber
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue import consents as rules
from allmenning.commons.catalogue.content import APPLICANT, ConsentKind
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import RESIDENT, Actor
from allmenning.municipal.access.resident_log import OWN_CASE
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import consents as rows
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.actions import Named
from allmenning.municipal.cases.consents import Consented, OpenedConsent
from allmenning.municipal.cases.errors import AlreadyWithdrawn, CaseNotFound, ConsentKindMissing
from allmenning.municipal.cases.models import Case, Consent, Participant
from allmenning.municipal.post import actions as post
from allmenning.tenancy import current, use

from . import my_part
from .consents import earliest
from .errors import NameMissing
from .jobs import wake
from .offered import Offered, of_case

LONGEST_NAME = 120


class ThatIsYou(AllmenningError):
    """This is your own identity number. Write the number of the one who is to see it."""


@dataclass(frozen=True)
class Mine:
    """The consents of whoever is connected in one case, and what they may let somebody see of it."""

    given: Sequence[OpenedConsent]
    may_let: Sequence[ConsentKind] = ()

    @property
    def names(self) -> dict[UUID, str]:
        """Whom they let see something, by the participant."""
        return {each.row.to_id: each.to_name for each in self.given if each.row.to_id}

    @property
    def is_any(self) -> bool:
        return bool(self.given or self.may_let)


@dataclass(frozen=True)
class _Seat:
    """From where a consent is given or taken back: one's own case, or one's part in another's."""

    area: str
    case_id: UUID
    key: vault.CaseKey
    participant_id: UUID | None
    actor: Actor


def in_my_case(case: Case, offered: Offered) -> Mine:
    """For the page of one's own case, which has been logged. No statement where the service asks for no consent."""
    if not offered.package.consents:
        return Mine([])
    return Mine(all_of_mine(case), _may_let(case, offered))


def all_of_mine(case: Case) -> list[OpenedConsent]:
    """The consents of who sent a case, which has been logged."""
    return rows.opened([each for each in rows.consents_in(case.id) if each.participant_id is None], case.key)


def _may_let(case: Case, offered: Offered) -> list[ConsentKind]:
    kinds = [kind for kind in offered.package.consents if kind.lets]
    if not kinds or current().behalf is not None:  # whom one trusts, one says oneself
        return []
    own = Participant.objects.filter(case_queries.still_in(dates.today()), case=case, owner_key=case.owner_key)
    roles = {APPLICANT, *own.values_list("role", flat=True)}
    return [kind for kind in kinds if roles & set(kind.given_by)]


def one(consent_id: UUID, *, case_id: UUID | None = None, participant_id: UUID | None = None) -> OpenedConsent:
    """One of one's own consents, before it is taken back. Raises CaseNotFound, AlreadyWithdrawn."""
    seat = _seat(case_id, participant_id)
    held = _held(seat, consent_id)
    _log(seat, "read", next(each for each in held if each.id == consent_id))
    return _opened(held, consent_id, seat.key)


def withdraw(consent_id: UUID, *, case_id: UUID | None = None, participant_id: UUID | None = None) -> None:
    """Take one consent back, in one's own case or as a party of another's. Raises CaseNotFound, AlreadyWithdrawn."""
    seat = _seat(case_id, participant_id)
    with transaction.atomic():
        found = _opened(_held(seat, consent_id), consent_id, seat.key)
        back = rows.withdraw(found.row, seat.key, Consent.How.PORTAL, dates.today())
        _log(seat, "consent-withdrawn", back)
        post.put_in_outbox(seat.area, seat.case_id, ("consent-withdrawn", back.id))
    wake(seat.area)


def _held(seat: _Seat, consent_id: UUID) -> list[Consent]:
    """Whoever it is has given, with the one that is asked for among it. Raises CaseNotFound."""
    held = [each for each in rows.consents_in(seat.case_id) if each.participant_id == seat.participant_id]
    if not any(each.id == consent_id and each.withdraws_id is None for each in held):
        raise CaseNotFound()
    return held


def _opened(held: Sequence[Consent], consent_id: UUID, key: vault.CaseKey) -> OpenedConsent:
    found = next(each for each in rows.opened(held, key) if each.row.id == consent_id)
    if found.withdrawn is not None:
        raise AlreadyWithdrawn()
    return found


def _seat(case_id: UUID | None, participant_id: UUID | None) -> _Seat:
    if participant_id is not None:
        part = my_part.part_in(participant_id)
        return _Seat(part.area, part.case_id, my_part.key_of(part), part.id, my_part.AS_PARTY)
    assert case_id is not None
    case = case_queries.case_for(case_id)
    return _Seat(case.area, case.id, case.key, None, RESIDENT)


def let_see(
    case_id: UUID, name: str, number: str, scopes: Sequence[str], by_name: str, until: date | None = None
) -> list[Consent]:
    """Let somebody see something of one's own case: they log in as themselves. A row for each thing.

    Args:
        by_name: what whoever lets them is called.

    Raises CaseNotFound, NameMissing, InvalidIdentifier, ThatIsYou, ConsentKindMissing, UnsafeText.
    """
    case = case_queries.case_for(case_id)
    offered, today = of_case(case.service, case.version), dates.today()
    kinds = [kind for kind in _may_let(case, offered) if kind.id in scopes]
    named = _named(case, name, number, kinds)
    if not kinds:
        raise ConsentKindMissing()
    key = vault.resident_key(current().municipality, "person", named.number)
    before = _there_before(case, key)
    with transaction.atomic():
        kinds = [kind for kind in kinds if kind.id not in _sees_already(case, key)]
        to = before or cases.new_participant(case, named, Participant.Known.FORM, today)
        if kinds and before is None:
            to.save(force_insert=True)
        given = [
            rows.new_consent(
                case.area,
                case.id,
                case.key,
                Consented(
                    (case.service, case.version),
                    kind.id,
                    today,
                    Consent.How.PORTAL,
                    by_name=by_name,
                    to=(to.id, key, named.name),
                    sees=kind.sees,
                    valid_until=earliest(rules.last_day(offered.package, kind, today, offered.values), until, to.ends),
                ),
            )
            for kind in kinds
        ]
        seat = _Seat(case.area, case.id, case.key, None, RESIDENT)
        for row in given:
            row.save(force_insert=True)
            _log(seat, "consent-given", row)
        if given:
            post.put_in_outbox(case.area, case.id, *(("consent-given", row.id) for row in given))
    wake(case.area)
    return given


def _named(case: Case, name: str, number: str, kinds: Sequence[ConsentKind]) -> Named:
    name = clean_text(name).strip()[:LONGEST_NAME]
    if not name:
        raise NameMissing()
    parsed = NationalIdentityNumber.parse(number).value
    if vault.resident_key(current().municipality, "person", parsed) == bytes(case.owner_key):
        raise ThatIsYou()
    return Named(str(kinds[0].lets) if kinds else "", name, parsed)


def _there_before(case: Case, key: bytes) -> Participant | None:
    """As whom they were let see something before, while they are in the case. Asked as the area: a resident sees no other's row."""
    before = Consent.objects.filter(case=case, to_key=key, withdraws__isnull=True).order_by("-at").first()
    if before is None or before.to_id is None:
        return None
    with use(current().municipality, case.area):
        row = Participant.objects.get(id=before.to_id)
    return None if row.is_over_on(dates.today()) else row


def _sees_already(case: Case, key: bytes) -> set[str]:
    """What whoever has this key is let see today: the same twice would stand after one of them was taken back."""
    return {each.scope for each in rows.letting(case.id, [key], dates.today())}


def _log(seat: _Seat, action: str, row: Consent) -> None:
    access.log_case(
        seat.actor,
        area=seat.area,
        case_id=seat.case_id,
        key=seat.key,
        action=action,
        purpose=OWN_CASE,
        object_kind="consent",
        object_id=row.id,
    )
