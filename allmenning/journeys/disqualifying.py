"""Who is disqualified in whose cases (forvaltningsloven § 6): family by the population register, and what staff declare.

Asked of the register on the first page after a login, once a month, for that need alone, and kept as keys that tell nobody
who it is. A register that does not answer stops nobody: what was known stands, it is asked again while they work, and what
they read meanwhile is held against the answer when it comes.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import NationalIdentityNumber
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.log_actions import NOT_GIVEN, REFUSED
from allmenning.municipal.access.models import LogEntry, NearOne, PartialInCase, Review, StaffMember
from allmenning.municipal.access.queries import home_key, named_key, standing, working_as
from allmenning.municipal.access.rules import DISQUALIFIED, Asked, Facts, Verdict, judge
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases.models import Case
from allmenning.municipal.people.ports import Part, PersonNotFound
from allmenning.tenancy import current, use

from .concerned import address_key, person_key, street_key
from .errors import NotDeclared, NotThatLong
from .outside import outside
from .reviewing import note

log = logging.getLogger(__name__)

KNOWN_FOR = timedelta(days=30)
ASKED_AGAIN_AFTER = timedelta(minutes=10)  # by each process, when the register was away
LOOKS_BACK = timedelta(days=90)  # when nothing was known of somebody's family before
LONGEST_YEARS = 20  # ahead that a last day of partiality may be: else there is none
PURPOSE = "disqualification"
_FAMILY = frozenset({Part.FAMILY})
_PARTS = frozenset({Part.FAMILY, Part.MARITAL_STATUS, Part.ADDRESS, Part.PROTECTION})


def learns_near_ones(working: Working, number: str) -> bool:
    """See that the near ones of somebody at work are known, and known lately.

    In the direct line up and down, sideways as near as siblings, spouse and theirs (§ 6 first paragraph b and c), and who
    lives at the same address. That the register is asked is logged before it is. What was known stands until it answers;
    then whatever they have read or been given meanwhile is held against the answer, and the leader told.

    Returns:
        Whether something new is known, so that `working` must be read again.
    """
    now = dates.now()
    if working.near_known_at is not None and now - working.near_known_at < KNOWN_FOR:
        return False
    if _asked_in_vain.get(working.staff_id, now) > now:
        return False
    actor = working.as_actor()
    access.log_object(
        actor, area=working.area, action="look-up", purpose=PURPOSE, object_kind="near-ones", object_id=working.staff_id
    )
    try:
        near = _near_by_register(number)
    except AllmenningError as failure:
        log.warning("near ones could not be looked up: %s", type(failure).__name__)
        _asked_in_vain[working.staff_id] = now + ASKED_AGAIN_AFTER
        return False
    with use(current().municipality, "administration"):
        NearOne.objects.bulk_create(_row(working.staff_id, kind, key, now) for kind, key in sorted(near))
    _look_back(working, near)
    return True


_asked_in_vain: dict[UUID, datetime] = {}  # until when a register that was away is left alone, as this process knows


def _row(staff_id: UUID, kind: str, key: bytes, at: datetime) -> NearOne:
    return NearOne(staff_id=staff_id, kind=kind, near_key=key, source=NearOne.Source.REGISTER, at=at)


def _near_by_register(number: str) -> set[tuple[str, bytes]]:
    """Two questions: one about themselves, one about all whom that tells of. Raises RegisterUnavailable, RegisterRefused."""
    register, here = outside().population, current().municipality
    try:
        own = register.person(number, municipality=here, parts=_PARTS)
    except PersonNotFound:  # from another country: of them no family is known here
        return {(NearOne.Kind.PERSON.value, person_key(number))}
    family = {*own.parents, *own.children, *([own.spouse] if own.spouse else [])}
    for kin in register.persons(family, municipality=here, parts=_FAMILY).values():
        # Parents' parents and children (siblings); children's children; a spouse's parents and children.
        family = family | {*kin.parents, *kin.children}
    keys = {(NearOne.Kind.PERSON.value, person_key(each)) for each in {number, *family}}
    if own.address and not own.is_protected:
        home = {"street": own.address.street, "postal_code": own.address.postal_code}
        keys |= {(NearOne.Kind.ADDRESS.value, address_key(home)), (NearOne.Kind.STREET.value, street_key(home))}
    return keys


def _look_back(working: Working, near: Collection[tuple[str, bytes]]) -> None:
    """Tell the leader of cases of near ones that this person was given, or read or changed, before it was known."""
    since = working.near_known_at or dates.now() - LOOKS_BACK
    by_staff = LogEntry.objects.filter(staff_id=working.staff_id, at__gte=since, case_id__isnull=False)
    touched = by_staff.exclude(action=REFUSED).values("case_id")
    theirs = Q(assigned_to=working.staff_id, closed_at__isnull=True) | Q(id__in=touched)
    people = sorted(key for kind, key in near if kind == NearOne.Kind.PERSON)
    named = [named_key(working.area, key) for key in people]
    homes = [home_key(working.area, key) for kind, key in near if kind == NearOne.Kind.ADDRESS]
    concerns = Q(owner_key__in=people) | Q(named_keys__overlap=named) | Q(home_keys__overlap=homes)
    for case in Case.objects.filter(theirs, concerns):
        tell_leader(case, working, "found-afterwards")


def tell_leader(case: Case, working: Working, reason: str) -> None:
    """The leader learns that somebody met a case that they are disqualified in, and sees that another has it.

    One finding waits for each day, person and case. One that was closed tells nothing of what is tried after it.
    """
    about = f"{case.id}:{working.staff_id}:{dates.today()}"
    note(Review.Kind.DISQUALIFIED, about=about, working=working, case=case, reason=reason)


def tell_of_refusal(refused: NotYours, working: Working) -> None:
    """When it was for disqualification that somebody was refused a case: the log holds each try, and the leader is told.

    The row says by which rule in `field_kinds`. The resident sees that somebody tried and was refused, not why.
    """
    reason, case_id = refused.params.get("reason"), refused.params.get("case_id")
    if reason not in DISQUALIFIED or not case_id:
        return
    with transaction.atomic():
        case = Case.objects.get(id=case_id)
        tell_leader(case, working, str(reason))  # first: a finding has the tries that come after it
        cases.log(case, working.as_actor(case), REFUSED, purpose=PURPOSE, field_kinds=[str(reason)])


def may_be_given(case: Case, to: UUID, by: Working) -> Verdict:
    """Whether a case may be given to somebody: the table answers, of them. One statement, outside what opens cases.

    Of a refusal for disqualification the leader is told, and the log holds who tried, and to whom. Raises NotStaffHere.
    """
    colleague = working_as(to, case.area)
    judged = judge(Facts(Asked("be-given", colleague, purpose="case-handling"), case))
    if judged.reason in DISQUALIFIED:
        with transaction.atomic():
            tell_leader(case, colleague, judged.reason)
            cases.log(
                case,
                by.as_actor(case),
                NOT_GIVEN,
                purpose=PURPOSE,
                object_kind="staff",
                object_id=to,
                field_kinds=[judged.reason],
            )
    return judged


def declare_in_case(case_id: UUID, working: Working, *, staff_key: bytes) -> None:
    """This person is partial in a case: from now on they do not see it, it goes back to the queue, the leader is told.

    Raises NotYours, CaseNotFound.
    """
    from .casework import require  # which refuses whom we know of

    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "find", staff_key=staff_key)
        actor = working.as_actor(case)
        PartialInCase.objects.create(area=case.area, case_id=case.id, staff_id=working.staff_id)
        cases.log(case, actor, "declare-partial", purpose=PURPOSE)
        cases.happened(case, "declared-partial", actor, visible=False)
        if case.assigned_to == working.staff_id and case.is_open:
            cases.assign(case, to=None, name="", unit_id=None, actor=actor, revision=case.revision)
        tell_leader(case, working, "declared-partial")


def declare_towards(number: str, until: date | None, working: Working) -> None:
    """This person is partial to somebody: from now on they see no case of theirs here, in any area.

    Args:
        until: the last day, at most `LONGEST_YEARS` ahead; None lasts until it is ended.

    Raises InvalidIdentifier, NotThatLong.
    """
    value = NationalIdentityNumber.parse(number).value
    if until is not None and until > dates.add_months(dates.today(), 12 * LONGEST_YEARS):
        raise NotThatLong(years=LONGEST_YEARS)
    with use(current().municipality, "administration"):
        row = NearOne.objects.create(
            staff_id=working.staff_id,
            kind=NearOne.Kind.PERSON,
            near_key=person_key(value),
            source=NearOne.Source.DECLARED,
            expires_at=dates.end_of(until) if until else None,
        )
    _log(working, "declare-partial", row)


def declared(working: Working) -> list[NearOne]:
    """How often, and until when, this person has declared themselves partial to somebody, and has not ended it. Whom is
    kept nowhere.
    """
    by_themselves = (NearOne.Source.DECLARED, NearOne.Source.ENDED)
    return standing(NearOne.objects.filter(staff=working.staff_id, source__in=by_themselves).order_by("-at"))


def end_declared(declared_id: UUID, working: Working) -> None:
    """This person is partial to somebody no longer: what they declared counts no more. It is a row of the log.

    What the register says of their family, and what they declared in a case, counts as before.
    Raises NotDeclared: it is not theirs, or has ended.
    """
    with use(current().municipality, "administration"), transaction.atomic():
        # One at a time: ending it twice would be two rows of one thing.
        StaffMember.objects.select_for_update().get(id=working.staff_id)
        row = next((each for each in declared(working) if each.id == declared_id), None)
        if row is None:
            raise NotDeclared()
        ended = NearOne.objects.create(
            staff_id=working.staff_id,
            kind=row.kind,
            near_key=row.near_key,
            source=NearOne.Source.ENDED,
            expires_at=row.expires_at,
        )
    _log(working, "end-partial", ended)


def _log(working: Working, action: str, row: NearOne) -> None:
    access.log_object(
        working.as_actor(), area=working.area, action=action, purpose=PURPOSE, object_kind="near-ones", object_id=row.id
    )
