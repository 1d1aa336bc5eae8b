"""Protected addresses at work: who may see where somebody lives, who may set and lower a protection, and by which need.

Every opening is a row of the log with its need as purpose, committed before anything is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from allmenning import vault
from allmenning.basics.errors import AllmenningError
from allmenning.basics.text import clean_text
from allmenning.municipal.access.actor import Working
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.models import Case
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.people import protection
from allmenning.municipal.people.ports import RegisterUnavailable
from allmenning.municipal.people.protection import Detail, Level, Said
from allmenning.municipal.post import actions as post
from allmenning.municipal.post.models import Outbox
from allmenning.tenancy import current

from . import concerned, participants
from .casework import require, verdict
from .hiding import ADDRESS, OPENED, is_open_for, level_in
from .offered import of_case
from .outbox import handles
from .prefilling import Known

# Why somebody needs to know where a protected person lives, and why a level is set: codes, since a text could tell it.
NEEDS = ("decide", "visit", "transport", "placement", "reach", "danger")
REASONS = ("asked-for", "threat", "register-late", "moved-in-with", "over", "postal-address")
_LINES, _LONGEST = 4, 80
_CLOSE = ("assigned", "substitute", "leader")  # to the case: who may open a strictly confidential address


class NeedMissing(AllmenningError):
    """Choose why you need to see where the person lives."""


class ReasonMissing(AllmenningError):
    """Choose a level and why it is set."""


class OnlyLeadersLower(AllmenningError):
    """Only the leader of the unit may lower the protection of an address. Ask your leader."""


@dataclass(frozen=True)
class Protected:
    """What the page about a protection shows. `history` and `postal_address` are empty until a need is stated."""

    case: Case
    level: Level
    is_open: bool
    may_open: bool
    may_set: bool
    may_lower: bool
    history: Sequence[Said] = ()
    postal_address: Sequence[str] = ()


def look(case_id: UUID, working: Working, *, staff_key: bytes) -> Protected:
    """The protection of a case's applicant. Of a need that was stated, each look is logged again. Raises NotYours."""
    case = case_queries.case_for(case_id)
    require(case, working, "read", purpose="case-handling", staff_key=staff_key)
    level, owner_key = level_in(case), bytes(case.owner_key)
    may_set = case.applicant is not None and verdict(case, working, "handle", staff_key=staff_key).allowed
    found = Protected(
        case=case,
        level=level,
        is_open=is_open_for(case, working.staff_id),
        may_open=level is not Level.NONE and _may_open(case, level, working, staff_key),
        may_set=may_set,
        may_lower=may_set and verdict(case, working, "lower-protection", staff_key=staff_key).allowed,
    )
    if not (found.is_open and found.may_open):
        return found
    _log(case, working, "read", "case-handling")
    return replace(found, history=protection.history(owner_key), postal_address=protection.postal_address(owner_key))


def state_need(case_id: UUID, need: str, working: Working, *, staff_key: bytes) -> None:
    """Say why one needs to see where a protected person lives. It opens the case for this person for a while (`HOLDS`).

    Raises NeedMissing, NotYours: an archivist never, and of a strict one only those who have the case and their leader.
    """
    case = case_queries.case_for(case_id)
    level = level_in(case)
    if not _may_open(case, level, working, staff_key):
        require(case, working, "handle", staff_key=staff_key)
        raise NotYours(reason="protected-address")
    if need not in NEEDS:
        raise NeedMissing()
    _log(case, working, OPENED, need)


def _may_open(case: Case, level: Level, working: Working, staff_key: bytes) -> bool:
    """Who handles the case; where it is strict, who has it, substitutes or leads."""
    if not verdict(case, working, "handle", staff_key=staff_key).allowed:
        return False
    return level is not Level.STRICT or working.relation_to(case) in _CLOSE


def set_level(
    case_id: UUID, level: str, because: str, postal_address: str, working: Working, *, staff_key: bytes
) -> None:
    """Set the protection of a case's applicant by hand: up by who handles the case, down by its unit's leader alone.

    Args:
        postal_address: how letters reach the person, in lines; empty keeps what is there.

    Raises ReasonMissing, OnlyLeadersLower, NotYours, UnsafeText.
    """
    chosen = Level(level) if level in set(Level) else None
    if chosen is None or because not in REASONS:
        raise ReasonMissing()
    lines = [line.strip()[:_LONGEST] for line in clean_text(postal_address).splitlines() if line.strip()][:_LINES]
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        if case.applicant is None:
            raise NotYours(reason="no-such-person")
        owner_key = bytes(case.owner_key)
        known = list(protection.said_of(owner_key))
        lowers = not is_no_lower(chosen, protection.standing(known))
        if lowers and not verdict(case, working, "lower-protection", staff_key=staff_key).allowed:
            raise OnlyLeadersLower()
        kept = tuple(lines) or protection.postal_address(owner_key)
        detail = Detail(because, str(working.staff_id), working.name, kept)
        protection.set_by_hand(owner_key, chosen, detail, lowers=known if lowers else ())
        cases.happened(case, "protection-set", working.as_actor(case), visible=False)
        _log(case, working, "lower-protection" if lowers else "set-protection", "case-handling")
        forget_words(owner_key)
        if chosen is not Level.NONE:
            post.put_back_in_outbox(case.area, case.id, "protect", case.id)


def is_no_lower(level: Level, stands: Level) -> bool:
    """Whether a level is as strict as what stands, or stricter."""
    return protection.strictest([level, stands]) is level


def note_register(number: str) -> Level:
    """Ask the population register of one person and their household, and note the protection. Returns what stands.

    Raises RegisterUnavailable: nothing was noted of what it did not tell.
    """
    return _noted(Known(current().municipality, "person", number))


def _noted(known: Known) -> Level:
    known.protected()
    if known.unavailable:
        raise RegisterUnavailable(register=min(known.unavailable))
    owner_key = concerned.person_key(known.number)
    return protection.levels_of_owners([owner_key]).get(owner_key, Level.NONE)


@handles("protect", opens=("submission", "protection", "household"), purpose="see-protection")
def protect(row: Outbox) -> None:
    """Outbox: a case came of one whom the register was not asked about, or who names somebody whom they live with; or a
    person was protected by hand. No word of a subject finds them any more, and who lives together is protected together.

    Raises RegisterUnavailable: the row waits and is tried again.
    """
    case = Case.objects.select_related("applicant").get(id=row.object_id)
    if case.applicant is None or case.applicant.kind != "person":
        return
    number, owner_key = case.applicant.opened_number(current().municipality), bytes(case.owner_key)
    known = Known(current().municipality, "person", number)
    level = _noted(known)
    concerned.learn(case, homes=concerned.homes_in(case.area, [known.value("folkeregister:adresse")]))
    for other in (named_in(case) | participants.numbers_in(case)) - {number}:
        level = protection.raise_by_register(owner_key, note_register(other), because=protection.NAMED)
    if level is Level.NONE:
        return
    forget_words(owner_key)
    _protect_household(number, level)


def _protect_household(number: str, level: Level) -> None:
    """Of one who is protected by themselves; else it would spread from home to home."""
    known = Known(current().municipality, "person", number)
    for other in known.household() if known.protected() == "self" else ():
        theirs = vault.resident_key(current().municipality, "person", other)
        protection.raise_by_register(theirs, level, because="household")
        forget_words(theirs)


def named_in(case: Case) -> frozenset[str]:
    """Identity numbers that the applicant gave of others: the population register knows no cohabitants, a form does."""
    submission = Submission.objects.filter(case_id=case.id).first()
    if submission is None:
        return frozenset()
    form = of_case(case.service, case.version).form
    return concerned.identity_numbers(form, open_submission(submission, case.key).data)


def forget_words(owner_key: bytes) -> None:
    """No index in the area at hand has the words of a protected person's subjects any longer.

    The subjects stay, sealed. Staff are not shown them while a level stands (`hiding`), and no search by words finds whoever has
    been protected (`cases.queries`). Residents keep what they wrote: it may be kept from them that somebody near them is
    protected, and a subject that vanished from their own page would tell.
    """
    Case.objects.filter(owner_key=owner_key).exclude(subject_words=[]).update(subject_words=[])


def _log(case: Case, working: Working, action: str, purpose: str) -> None:
    actor = working.as_actor(case)
    cases.log(case, actor, action, purpose=purpose, field_kinds=[ADDRESS])
