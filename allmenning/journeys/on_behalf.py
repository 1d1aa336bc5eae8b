"""Staff register for somebody who telephoned, wrote, or came to the counter: the same form, with who and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from allmenning import vault
from allmenning.basics.identifiers import InvalidIdentifier, NationalIdentityNumber, OrganisationNumber
from allmenning.basics.text import clean_text
from allmenning.commons.catalogue.content import Text
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.queries import with_own_key
from allmenning.municipal.access.relations import NewCase
from allmenning.municipal.access.rules import Asked, Facts, judge
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.documents.inspection.apart import inspect_apart
from allmenning.municipal.forms import actions as forms
from allmenning.municipal.forms.models import SCAN, Attachment, Channel, Draft
from allmenning.municipal.people.ports import BASIC_PARTS
from allmenning.municipal.people.protection import Level
from allmenning.tenancy import current

from .applying import Filling, begin_on_behalf
from .casework import require, staff_resident_key
from .concerned import homes_in, named_in
from .errors import NameMissing, NumberNeeded
from .hiding import level_in
from .offered import Offered, all_offered, at_version, offered
from .outside import outside
from .registering import Applicant, Next, Receipt, owner_key, receipt_for, submit, what_happens_next

CHANNELS = (Channel.PHONE, Channel.COUNTER, Channel.EMAIL, Channel.PAPER)

MOST_BEGUN = 20


def services_here(area: str) -> list[Offered]:
    """The services of the area that the municipality offers now."""
    found = [at_version(each.service, each.version, each.values) for each in all_offered()]
    return [each for each in found if each.package.area == area]


def look_up(working: Working, kind: str, number: str, *, staff_key: bytes) -> Applicant:
    """Who has this number, by the register. That somebody was looked up is logged before the register is asked.

    Raises:
        InvalidIdentifier, PersonNotFound, OrganisationNotFound, RegisterUnavailable, RegisterRefused.
        NotYours: it is their own number, or of somebody near (forvaltningsloven § 6).
    """
    value = _valid(working, kind, number, staff_key)
    municipality = current().municipality
    _log_look_up(working, kind, value, ["applicant-name"])
    if kind == "organisation":
        return Applicant(kind, value, outside().business.organisation(value).name)
    person = outside().population.person(value, municipality=municipality, parts=BASIC_PARTS)
    return Applicant(kind, value, person.name.full() if person.name else "")


def _log_look_up(working: Working, kind: str, number: str, field_kinds: Sequence[str]) -> None:
    """That registers are asked of somebody, and for what: before they are."""
    access.log_lookup(
        working.as_actor(),
        area=working.area,
        purpose="register-on-behalf",
        owner_key=vault.resident_key(current().municipality, kind, number),
        field_kinds=field_kinds,
    )


def by_name(working: Working, kind: str, number: str, name: str, *, staff_key: bytes) -> Applicant:
    """The applicant as they gave their own name: the register does not answer, or there is no number.

    Raises InvalidIdentifier, NameMissing, NotYours, UnsafeText.
    """
    told = clean_text(name).strip()
    if not told:
        raise NameMissing()
    if kind == "receipt":
        return Applicant("receipt", "", told)
    return Applicant(kind, _valid(working, kind, number, staff_key), told)


def _valid(working: Working, kind: str, number: str, staff_key: bytes) -> str:
    if kind == "organisation":
        return OrganisationNumber.parse(number).value
    if kind != "person":
        raise InvalidIdentifier
    value = NationalIdentityNumber.parse(number).value
    case = NewCase(working.area, owner_key=staff_resident_key(current().municipality, value))
    _require_may_register(case, working, staff_key)
    return value


def _require_may_register(case: NewCase, working: Working, staff_key: bytes) -> None:
    asked = Asked("register", with_own_key(working, staff_key), purpose="register-on-behalf")
    judged = judge(Facts(asked, case))
    if not judged.allowed:
        raise NotYours(reason=judged.reason)


def begin(
    applicant: Applicant, service: str, language: str, channel: str, working: Working, *, owner_key: bytes
) -> Draft:
    """Begin the form, with what registers tell of the applicant filled in. That they are asked is logged before they are.

    Raises ServiceNotOffered, NumberNeeded (the service asks who the applicant is).
    """
    chosen = offered(service)
    if applicant.kind == "receipt" and chosen.package.access.login == "required":
        raise NumberNeeded()
    asked = dict.fromkeys(f"{each.register}:{each.field}" for each in chosen.form.sources())
    if applicant.number and asked:
        _log_look_up(working, applicant.kind, applicant.number, list(asked))
    return begin_on_behalf(applicant, service, language, Channel(channel), owner_key=owner_key)


@dataclass(frozen=True)
class Begun:
    """A registration that this member of staff has begun and not finished."""

    id: UUID
    service: Text
    applicant: str
    updated_at: datetime


def begun() -> list[Begun]:
    """What whoever is connected has begun to register in this area, newest first. Nobody else sees it."""
    drafts = Draft.objects.exclude(channel=Channel.PORTAL).order_by("-updated_at")[:MOST_BEGUN]
    return [
        Begun(
            draft.id,
            at_version(draft.service, draft.version).package.title,
            forms.open_content(draft).applicant.get("name", ""),
            draft.updated_at,
        )
        for draft in drafts
    ]


def attach_scan(filling: Filling, name: str, declared_type: str, content: bytes) -> Attachment:
    """Attach what came on paper. Raises UnacceptableFile, TooManyFiles, TooMuchTogether."""
    inspected = inspect_apart(name, declared_type, content)
    return forms.attach(
        filling.draft, pointer=SCAN, name=inspected.name, media_type=inspected.media_type, content=content
    )


def remove_scan(filling: Filling, attachment_id: UUID) -> None:
    held = filling.attachments.get(str(attachment_id))
    if held and held.pointer == SCAN:
        forms.remove_attachment(filling.draft, attachment_id)


def applicant_of(filling: Filling) -> Applicant:
    return Applicant(**filling.content.applicant)


def register(filling: Filling, working: Working, *, staff_key: bytes, code: str = "") -> Receipt:
    """Register it: what the applicant would have sent, sent by staff.

    Raises:
        NotComplete, DraftGone.
        NotYours: the applicant lives where they live, or it names them or somebody near (forvaltningsloven § 6).
    """
    applicant, area = applicant_of(filling), filling.draft.area
    case = NewCase(
        area,
        owner_key=owner_key(applicant, code),
        home_keys=homes_in(area, filling.content.registered.values()),
        named_keys=named_in(area, filling.offered.form, filling.content.data),
    )
    _require_may_register(case, working, staff_key)
    return submit(filling.draft, applicant, working.as_actor(), submitted_by=working.name, code=code)


def receipt(draft_id: UUID, working: Working, *, staff_key: bytes, code: str = "") -> tuple[Receipt, Next]:
    """What somebody registered: its number and what comes next. The unit of a protected one's case could tell where they
    live, and is left out.

    Raises:
        DraftGone: it was never sent.
        NotYours: neither has this person registered it nor may they read it; or it is of somebody near.
    """
    given = receipt_for(draft_id, code)
    case = case_queries.case_for(given.case_id)
    is_theirs = case_queries.was_registered_by(case.id, working.staff_id)
    require(case, working, "register" if is_theirs else "read", staff_key=staff_key)
    told = what_happens_next(case.id)
    return given, told if level_in(case) is Level.NONE else replace(told, unit="")
