"""Who may do what in a case, and why: one table of rules over facts.

Access = works here, or by a mandate in force ∧ is not disqualified ∧ has a relation to the case, in a unit that does this service ∧ a role that may
do this ∧ a stated purpose ∧ the protection level. The caller gathers the facts. `judge` answers for one case with yes or
no and the reasons; `condition` is the same table as SQL, for lists. Nothing else decides: a guard test looks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.db.models import Q

from allmenning.basics import dates

from . import purposes
from .actor import Working
from .relations import ARCHIVE, BREAK_GLASS, BY_NAME, NONE, AboutCase, related, relation_of

ALL = Q()
LEFT_OUT = "left-out"  # the kind of finding that archivists look into as well

# What can be done with a case, and which roles may. `find`: be asked for a purpose, before anything is shown.
MAY: dict[str, frozenset[str]] = {
    "find": frozenset({"caseworker", "leader", "approver", "archivist"}),
    "read": frozenset({"caseworker", "leader", "approver", "archivist"}),
    "handle": frozenset({"caseworker", "leader", "approver"}),
    "decide": frozenset({"caseworker", "leader", "approver"}),
    "approve": frozenset({"caseworker", "leader", "approver"}),
    "register": frozenset({"caseworker", "leader", "approver", "archivist"}),
    "be-given": frozenset({"caseworker", "leader", "approver"}),
    "report": frozenset({"leader"}),
    "lower-protection": frozenset({"leader"}),
    "end-keeping": frozenset({"leader"}),
    "break-glass": frozenset({"caseworker", "leader", "approver"}),
    "see-log": frozenset({"leader", "archivist"}),
    "oversee": frozenset({"leader"}),  # see who waits in the unit, case by case
    # Two persons erase a case: one proposes it, another approves (`journeys.erasing`).
    "propose-disposal": frozenset({"archivist"}),
    "approve-disposal": frozenset({"archivist", "leader"}),
    # Another system's: what is a role to staff is to it a scope that the municipality let it have.
    "submit": frozenset({"submit"}),
    "follow": frozenset({"cases"}),
    "follow-documents": frozenset({"documents"}),
    "follow-changes": frozenset({"changes"}),
}
CHANGES = frozenset({"handle", "decide", "approve", "lower-protection", "end-keeping"})
ONLY_READ = frozenset({"archive", "break-glass"})  # relations that let one read, and change nothing
# An archivist does these by a case's number and its rule alone, and is shown nothing of it: also where the applicant is
# strictly protected, for else those cases would be kept for ever.
OF_RECORDS = frozenset({"propose-disposal", "approve-disposal"})
NEEDS_NO_PURPOSE = frozenset({"find"})
NEEDS_NO_RELATION = frozenset({"break-glass", "be-given", "register"})
# Reasons to refuse that are disqualification (forvaltningsloven § 6): the leader is told of each.
DISQUALIFIED = frozenset({"own-case", "near-case", "same-household", "near-named", "declared-partial"})


@dataclass(frozen=True)
class Asked:
    """Who asks to do what, and why. `protected`: the cases whose applicant is strictly protected, as SQL."""

    action: str
    working: Working
    purpose: str
    protected: Q = NONE


@dataclass(frozen=True)
class Draft:
    """What is known of a decision that somebody would issue.

    delegated_to: the roles that may decide it, by the municipality's delegation or the service's proposal (kommuneloven
    § 13-1). is_sent: it was sent for approval. is_own: whoever asks has drafted it.
    """

    delegated_to: frozenset[str] = frozenset()
    is_sent: bool = False
    is_own: bool = True


@dataclass(frozen=True)
class Facts:
    """What is known of one person, one action and one case. draft: the decision that is asked about, if one is. let: the
    roles that the service lets do this, where it says so of the very thing (a kind of record): of those that may at all.
    """

    asked: Asked
    case: AboutCase
    draft: Draft | None = None
    let: frozenset[str] | None = None

    @property
    def relation(self) -> str:
        found = relation_of(self.asked.working, self.case)
        if not found and self.asked.action in OF_RECORDS and ARCHIVE.holds(self.asked.working, self.case):
            return ARCHIVE.name
        return found


@dataclass(frozen=True)
class Verdict:
    """`reason`: the rule that refuses, or the relation that is the reason for yes. `because`: each rule's yes, in order."""

    allowed: bool
    reason: str
    because: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One condition for access: its reason for yes, its reason for no, in Python for one case and in SQL for lists."""

    yes: str
    no: str
    holds: Callable[[Facts], bool]
    condition: Callable[[Asked], Q]
    actions: frozenset[str] = frozenset(MAY)


def _of_person(yes: str, no: str, holds: Callable[[Asked], bool]) -> Rule:
    """A rule that asks nothing of the case."""
    return Rule(yes, no, lambda facts: holds(facts.asked), lambda asked: ALL if holds(asked) else NONE)


def _of_decision(yes: str, no: str, holds: Callable[[frozenset[str], Draft], bool], *actions: str) -> Rule:
    """A rule about a decision that is drafted, and the roles of who would issue it; no list is made of it."""

    def of_draft(facts: Facts) -> bool:
        return facts.draft is None or holds(facts.asked.working.roles_in(facts.case.unit_id), facts.draft)

    return Rule(yes, no, of_draft, lambda asked: ALL, frozenset(actions))


def _may_approve(roles: frozenset[str], draft: Draft) -> bool:
    """Those who may decide it, and a unit's approver: who is there for just that, but not for what is their own."""
    return bool(roles & draft.delegated_to) or ("approver" in roles and not draft.is_own)


def _service_lets(facts: Facts) -> bool:
    return facts.let is None or bool(facts.asked.working.roles_in(facts.case.unit_id) & facts.let)


def _role_may(facts: Facts) -> bool:
    return bool(facts.asked.working.roles_in(facts.case.unit_id) & MAY[facts.asked.action])


def _where_role_may(asked: Asked) -> Q:
    """Roles count in their own unit; elsewhere (a case given to one from there, the archive) any of them does."""
    if not asked.working.all_roles & MAY[asked.action]:
        return NONE
    without = [unit for unit, roles in asked.working.roles.items() if not roles & MAY[asked.action]]
    return ~Q(unit_id__in=without)


def _states_purpose(facts: Facts) -> bool:
    by_break_glass, by_system = facts.relation == BREAK_GLASS.name, facts.asked.working.is_system
    return purposes.may_state(facts.asked.purpose, by_break_glass=by_break_glass, by_system=by_system)


def _where_purpose(asked: Asked) -> Q:
    """A case that is open to one by broken glass alone is read for that, and stands in no list."""
    if asked.working.is_system:
        return ALL if purposes.may_state(asked.purpose, by_break_glass=False, by_system=True) else NONE
    only_by_it = BREAK_GLASS.condition(asked.working) & ~related(asked.working, asked.protected, but=[BREAK_GLASS])
    of_that = only_by_it if purposes.may_state(asked.purpose, by_break_glass=True) else NONE
    of_others = ~only_by_it if purposes.may_state(asked.purpose, by_break_glass=False) else NONE
    return of_that | of_others


def _where_related(asked: Asked) -> Q:
    found = related(asked.working, asked.protected)
    return found | ARCHIVE.condition(asked.working) if asked.action in OF_RECORDS else found


def _where_changes(asked: Asked) -> Q:
    return related(asked.working, asked.protected, but=[BY_NAME[name] for name in ONLY_READ])


def _where_none(column: str, keys: frozenset[bytes]) -> Q:
    return ~Q(**{f"{column}__overlap": sorted(keys)}) if keys else ALL


OF_WORK = (
    _of_person("works-here", "not-staff-here", lambda a: a.working.is_let_in),
    _of_person("mandate", "mandate-not-in-force", lambda a: not a.working.lent or a.working.mandate is not None),
)
RULES: tuple[Rule, ...] = (
    *OF_WORK,
    # Disqualification, forvaltningsloven § 6: a party oneself (a), near ones (b, c), also as one whom the form names, the
    # same household, or declared.
    Rule(
        "not-own",
        "own-case",
        lambda f: not f.asked.working.own_key or bytes(f.case.owner_key) != f.asked.working.own_key,
        lambda a: ~Q(owner_key=a.working.own_key) if a.working.own_key else ALL,
    ),
    Rule(
        "not-near",
        "near-case",
        lambda f: bytes(f.case.owner_key) not in f.asked.working.near,
        lambda a: ~Q(owner_key__in=sorted(a.working.near)),
    ),
    Rule(
        "not-same-household",
        "same-household",
        lambda f: not f.asked.working.near_addresses & set(map(bytes, f.case.home_keys)),
        lambda a: _where_none("home_keys", a.working.near_addresses),
    ),
    Rule(
        "not-named",
        "near-named",
        lambda f: not f.asked.working.named_as & set(map(bytes, f.case.named_keys)),
        lambda a: _where_none("named_keys", a.working.named_as),
    ),
    Rule(
        "not-partial",
        "declared-partial",
        lambda f: f.case.id not in f.asked.working.partial_in,
        lambda a: ~Q(id__in=sorted(a.working.partial_in)),
    ),
    Rule(
        "protection",
        "strictly-protected",
        lambda f: bool(f.relation) or not f.case.is_strictly_protected,
        lambda a: ~a.protected | _where_related(a),
        frozenset(MAY) - NEEDS_NO_RELATION,
    ),
    Rule(
        "related",
        "no-relation",
        lambda f: bool(f.relation),
        _where_related,
        frozenset(MAY) - NEEDS_NO_RELATION,
    ),
    Rule("role", "only-reads", _role_may, _where_role_may, CHANGES),
    Rule("role", "role-may-not", _role_may, _where_role_may, frozenset(MAY) - CHANGES),
    Rule("service", "role-may-not", _service_lets, lambda a: ALL, frozenset({"handle"})),
    Rule("changes", "only-reads", lambda f: f.relation not in ONLY_READ, _where_changes, CHANGES),
    Rule(
        "purpose", "no-purpose", _states_purpose, _where_purpose, frozenset(MAY) - NEEDS_NO_PURPOSE - NEEDS_NO_RELATION
    ),
    _of_decision("delegated", "not-delegated", lambda roles, draft: bool(roles & draft.delegated_to), "decide"),
    _of_decision("delegated", "not-delegated", _may_approve, "approve"),
    _of_decision("sent", "not-sent-for-approval", lambda roles, draft: draft.is_sent, "approve"),
    _of_decision("second-person", "same-person", lambda roles, draft: not draft.is_own, "approve"),
)


def why_not_at_work(working: Working) -> str:
    """The rule by which this person is not at work here today, whatever the case; empty when they are."""
    asked = Asked("find", working, "")
    return next((rule.no for rule in OF_WORK if rule.condition(asked) is NONE), "")


def judge(facts: Facts) -> Verdict:
    """The first rule that refuses decides; otherwise the relation is the reason for yes."""
    held: list[str] = []
    for rule in RULES:
        if facts.asked.action in rule.actions:
            if not rule.holds(facts):
                return Verdict(False, rule.no, tuple(held))
            held.append(rule.yes)
    return Verdict(True, facts.relation, tuple(held))


def condition(asked: Asked) -> Q:
    """The cases of which `judge` says yes, as SQL. Asked of `Case`, by its own name for what is protected."""
    found = ALL
    for rule in RULES:
        if asked.action in rule.actions:
            found &= rule.condition(asked)
    return found


def not_disqualified(asked: Asked) -> Q:
    """The cases that this person is not disqualified in, as SQL: what the rules of it say alone."""
    found = ALL
    for rule in RULES:
        if rule.no in DISQUALIFIED:
            found &= rule.condition(asked)
    return found


class ToReview(Protocol):
    """What the rules ask of a finding. The model `Review` answers."""

    kind: str
    unit_id: UUID | None
    staff_id: UUID | None
    by_leader: bool
    found_at: datetime
    closed_at: datetime | None
    closed_by: UUID | None


def may_review(working: Working, found: ToReview, waits: timedelta) -> bool:
    """Whether this person looks into a finding: in a unit that they lead; what a leader did, what nobody's unit did, and what
    has waited for long, also other leaders of the area and its archivists, who then see what they closed; what was left out
    of residents' logs, archivists too. Never their own.

    Args:
        waits: after so long nobody leads the unit, or who does is away or disqualified.
    """
    if found.staff_id == working.staff_id:
        return False
    led, keeps_records = working.units_with("leader"), "archivist" in working.all_roles
    if found.kind == LEFT_OUT and keeps_records:
        return True
    has_waited = found.closed_at is None and found.found_at < dates.now() - waits
    is_anybodys = found.by_leader or found.unit_id is None or has_waited or found.closed_by == working.staff_id
    return found.unit_id in led or (is_anybodys and bool(led or keeps_records))


def reviewable(working: Working, waits: timedelta) -> Q:
    """The same as SQL, of `Review`."""
    led, keeps_records = working.units_with("leader"), "archivist" in working.all_roles
    found = Q(unit_id__in=led)
    if led or keeps_records:
        found |= Q(by_leader=True) | Q(unit_id__isnull=True)
        found |= Q(closed_at__isnull=True, found_at__lt=dates.now() - waits) | Q(closed_by=working.staff_id)
    if keeps_records:
        found |= Q(kind=LEFT_OUT)
    return found & (Q(staff_id__isnull=True) | ~Q(staff_id=working.staff_id))


def oversees(working: Working) -> bool:
    """Whether this person leads a unit, and so sees who waits in it."""
    return bool(working.all_roles & MAY["oversee"])


def reviews_anything(working: Working) -> bool:
    """Whether this person has a queue to review at all."""
    return bool(working.all_roles & {"leader", "archivist"})


def confirms_retention(working: Working) -> bool:
    """Whether this person says what is preserved, and what may be erased and when."""
    return bool(working.all_roles & MAY["propose-disposal"])


def disposes(working: Working) -> bool:
    """Whether this person has to do with erasing at all."""
    return bool(working.all_roles & (MAY["propose-disposal"] | MAY["approve-disposal"]))


class ToLet(Protocol):
    """What the rules ask of a consent that lets somebody see something of a case. The model `Consent` answers."""

    to_key: bytes | memoryview | None
    sees: list[str]
    given_on: date
    valid_until: date | None
    withdraws_id: UUID | None


def lets_see(consent: ToLet, keys: Collection[bytes], day: date) -> bool:
    """Whether whoever has these keys is let see something by a consent that nobody took back: it names them, says what, and
    holds that day. The database's own wall asks the same (`tenancy/walls.py`).
    """
    names_them = consent.to_key is not None and bytes(consent.to_key) in keys
    is_given = consent.withdraws_id is None and bool(consent.sees)
    return (
        names_them
        and is_given
        and consent.given_on <= day
        and (consent.valid_until is None or day <= consent.valid_until)
    )


def letting(keys: Collection[bytes], day: date) -> Q:
    """The same as SQL, of `Consent`."""
    holds = Q(given_on__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gte=day))
    return Q(to_key__in=sorted(keys), withdraws__isnull=True) & holds & ~Q(sees=[])
