"""Consents in a case: what was given, by whom and to what; what was taken back; and what somebody is let see by one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from allmenning import vault
from allmenning.basics.identifiers import uuid7
from allmenning.tenancy.read_together import Asked

from ..access import rules
from ..access.actor import Actor
from .errors import AlreadyWithdrawn
from .models import Consent


@dataclass(frozen=True)
class Consented:
    """What somebody consents to. service: its id and version. by: the participant who does, and their key; none: who sent the
    case. to: whom it lets see something: the participant, their key where it is known, and their name.
    """

    service: tuple[str, str]
    scope: str
    given_on: date
    how: Consent.How
    by: tuple[UUID, bytes] | None = None
    by_name: str = ""
    to: tuple[UUID, bytes | None, str] | None = None
    sees: Sequence[str] = ()
    valid_until: date | None = None
    document_id: UUID | None = None
    heard_by: str = ""


@dataclass(frozen=True)
class OpenedConsent:
    """A consent with its texts opened, and how it was taken back, if it was."""

    row: Consent
    by_name: str = ""
    to_name: str = ""
    heard_by: str = ""
    withdrawn: Consent | None = None

    def is_in_force(self, day: date) -> bool:
        return self.withdrawn is None and self.row.holds_on(day)


def new_consent(area: str, case_id: UUID, key: vault.CaseKey, given: Consented, actor: Actor | None = None) -> Consent:
    """A consent, not saved. actor: who registers it, where that is staff."""
    row_id = uuid7()
    party_id, party_key = given.by or (None, None)
    to_id, to_key, to_name = given.to or (None, None, "")
    return Consent(
        id=row_id,
        area=area,
        case_id=case_id,
        service=given.service[0],
        version=given.service[1],
        scope=given.scope,
        participant_id=party_id,
        party_key=party_key,
        by_name=key.seal("cases.Consent.by_name", given.by_name, row_id) if given.by_name else None,
        to_id=to_id,
        to_key=to_key,
        to_name=key.seal("cases.Consent.to_name", to_name, row_id) if to_name else None,
        sees=list(given.sees),
        given_on=given.given_on,
        valid_until=given.valid_until,
        how=given.how,
        document_id=given.document_id,
        heard_by=key.seal("cases.Consent.heard_by", given.heard_by, row_id) if given.heard_by else None,
        staff_id=actor.staff_id if actor else None,
        staff_name=actor.name if actor and actor.staff_id else "",
    )


def withdraw(
    given: Consent,
    key: vault.CaseKey,
    how: Consent.How,
    day: date,
    actor: Actor | None = None,
    *,
    document_id: UUID | None = None,
    heard_by: str = "",
) -> Consent:
    """Take a consent back, from that day. Raises AlreadyWithdrawn: somebody was first."""
    to = (given.to_id, bytes(given.to_key) if given.to_key else None, "") if given.to_id else None
    by = (given.participant_id, bytes(given.party_key or b"")) if given.participant_id else None
    service = (given.service, given.version)
    taken = Consented(service, given.scope, day, how, by, to=to, document_id=document_id, heard_by=heard_by)
    row = new_consent(given.area, given.case_id, key, taken, actor)
    row.withdraws = given
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise AlreadyWithdrawn() from None
    return row


def consents_in(case_id: UUID | Asked) -> QuerySet[Consent]:
    """What was given and taken back in a case, in the order of when it was written."""
    return Consent.objects.filter(case=case_id).order_by("at", "id")


def opened(rows: Sequence[Consent], key: vault.CaseKey) -> list[OpenedConsent]:
    """Each that was given, as it stands."""
    back = {row.withdraws_id: row for row in rows if row.withdraws_id}
    return [_open(row, key, back.get(row.id)) for row in rows if row.withdraws_id is None]


def _open(row: Consent, key: vault.CaseKey, withdrawn: Consent | None) -> OpenedConsent:
    by_name = key.open_text("cases.Consent.by_name", bytes(row.by_name), row.id) if row.by_name else ""
    to_name = key.open_text("cases.Consent.to_name", bytes(row.to_name), row.id) if row.to_name else ""
    heard_by = key.open_text("cases.Consent.heard_by", bytes(row.heard_by), row.id) if row.heard_by else ""
    return OpenedConsent(row, by_name, to_name, heard_by, withdrawn)


def in_force(rows: Sequence[Consent], day: date) -> Mapping[str, int]:
    """How many persons have given each consent, of those that hold that day. One who is named twice is one person."""
    back = {row.withdraws_id for row in rows}
    givers: dict[str, dict[UUID | None, bytes]] = {}
    for row in rows:
        if row.withdraws_id is None and row.id not in back and row.holds_on(day):
            # The key of one without a number is another in each row: the participant says who it is.
            givers.setdefault(row.scope, {}).setdefault(row.participant_id, bytes(row.party_key or b""))
    return {scope: len(set(found.values())) for scope, found in givers.items()}


def letting(case_id: UUID, keys: Collection[bytes], day: date) -> list[Consent]:
    """The consents by which whoever has these keys is let see something of a case that day, by the table of rules."""
    back = Exists(Consent.objects.filter(withdraws=OuterRef("pk")))
    found = Consent.objects.filter(rules.letting(keys, day), ~back, case=case_id).order_by("at", "id")
    return [row for row in found if rules.lets_see(row, keys, day)]


def letting_among(rows: Sequence[Consent], keys: Collection[bytes], day: date) -> list[Consent]:
    """The same, of rows that were read."""
    back = {row.withdraws_id for row in rows}
    return [row for row in rows if row.id not in back and rules.lets_see(row, keys, day)]


def in_force_to(case_id: UUID, participant_id: UUID) -> list[Consent]:
    """The consents that let one participant see something, and were not taken back."""
    return list(_letting_in(case_id).filter(to_id=participant_id))


def in_force_by(case_id: UUID, participant_id: UUID) -> list[Consent]:
    """The consents by which one participant lets others see something, and did not take back."""
    return list(_letting_in(case_id).filter(participant_id=participant_id))


def _letting_in(case_id: UUID) -> QuerySet[Consent]:
    back = Exists(Consent.objects.filter(withdraws=OuterRef("pk")))
    return Consent.objects.filter(~back, case=case_id, to_id__isnull=False, withdraws__isnull=True)
