"""Who may do what with a case, row by row, for whoever wants to check it against the law without reading code.

Each row: who they are, how the case is, what they do, and what the one table of rules answers. "yes" comes with the
relation that is the reason; "no" with the rule that refuses. The case is of Torvet's work (the unit), with nobody yet,
unless the row says otherwise. The purpose is to handle the case, unless the row says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from allmenning.basics import dates
from allmenning.journeys.review_limits import limits_on
from allmenning.municipal.access.actor import Lent, Working, system_at_work
from allmenning.municipal.access.rules import MAY, RULES, Asked, Draft, Facts, judge, may_review

TORVET, HAVNA, ALICE, BOB, A_CASE = UUID(int=1), UUID(int=2), UUID(int=101), UUID(int=102), UUID(int=900)
RITA, ALICE_HERSELF, HER_SON = b"r" * 32, b"a" * 32, b"s" * 32
AS_HERSELF, AS_HER_SON = b"A" * 32, b"S" * 32  # how forms name them
FJORDVEGEN_1, TODAY, A_DAY = b"f" * 32, date(2026, 11, 22), timedelta(days=1)
UNTIL = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


@dataclass(frozen=True)
class TheCase:
    id: UUID = A_CASE
    area: str = "ordinary"
    service: str = "playground"
    unit_id: UUID | None = TORVET
    assigned_to: UUID | None = None
    owner_key: bytes = RITA
    is_strictly_protected: bool = False
    home_keys: tuple[bytes, ...] = (FJORDVEGEN_1,)
    named_keys: tuple[bytes, ...] = ()


def alice(unit: UUID = TORVET, *roles: str, **more) -> Working:
    named_as = frozenset({AS_HERSELF, *more.pop("named_as", ())})
    roles_here = {unit: frozenset(roles)}
    return Working(ALICE, "Alice", "ordinary", roles_here, own_key=ALICE_HERSELF, named_as=named_as, **more)


def lent(start: date, end: date | None = None) -> Working:
    """A caseworker whom Smøla lends by a mandate."""
    return alice(TORVET, "caseworker", lent=(Lent("smola", start, end),), today=TODAY)


def system(*scopes: str, services: tuple[str, ...] = ("playground",), area: str = "ordinary") -> Working:
    """Another system, let in by the municipality."""
    return system_at_work(UUID(int=301), "Barnehage-appen", area, scopes, services)


WHO = {
    "caseworker": alice(TORVET, "caseworker"),
    "leader": alice(TORVET, "leader"),
    "approver": alice(TORVET, "approver"),
    "archivist": alice(TORVET, "archivist"),
    "administrator": alice(TORVET, "administrator"),
    "former employee": replace(alice(), roles={}),
    "caseworker of another unit": alice(HAVNA, "caseworker"),
    "… that does the same service": alice(HAVNA, "caseworker", services=frozenset({"playground"})),
    "leader of another unit": alice(HAVNA, "leader"),
    "archivist of another unit": alice(HAVNA, "archivist"),
    "archivist and caseworker of another unit": alice(HAVNA, "archivist", "caseworker"),
    "Bob's substitute": alice(HAVNA, "caseworker", substitutes_for=frozenset({BOB}), covered_units=frozenset({TORVET})),
    "substitute of one who left the unit": alice(HAVNA, "caseworker", substitutes_for=frozenset({BOB})),
    "lent, the mandate holds": lent(TODAY, TODAY),
    "lent, from tomorrow": lent(TODAY + A_DAY),
    "lent, until yesterday": lent(TODAY - 30 * A_DAY, TODAY - A_DAY),
    "one of the applicant's household": alice(TORVET, "caseworker", near_addresses=frozenset({FJORDVEGEN_1})),
    "a leader of the applicant's household": alice(TORVET, "leader", near_addresses=frozenset({FJORDVEGEN_1})),
    "a neighbour in the same street": alice(TORVET, "caseworker", near_addresses=frozenset({b"v" * 32})),
    "a system": system("submit", "cases", "documents", "changes"),
    "a system that sends in": system("submit"),
    "a system of another service": system("cases", services=("respite",)),
    "a system of another area": system("cases", area="care"),
    "a system that was let into nothing": system(),
    "mother of the applicant": alice(TORVET, "caseworker", near=frozenset({HER_SON}), named_as={AS_HER_SON}),
    "one who declared herself partial": alice(TORVET, "caseworker", partial_in=frozenset({A_CASE})),
    "one who broke the glass": alice(HAVNA, "caseworker", broken_glass={A_CASE: UNTIL}),
    "one of the household who broke the glass": alice(
        HAVNA, "caseworker", near_addresses=frozenset({FJORDVEGEN_1}), broken_glass={A_CASE: UNTIL}
    ),
    "a mother who broke the glass": alice(HAVNA, "caseworker", near=frozenset({HER_SON}), broken_glass={A_CASE: UNTIL}),
}
CASE = {
    "": TheCase(),
    "given to her": TheCase(assigned_to=ALICE),
    "given to Bob": TheCase(assigned_to=BOB),
    "with no unit, given to her": TheCase(unit_id=None, assigned_to=ALICE),
    "with no unit": TheCase(unit_id=None),
    "her own": TheCase(owner_key=ALICE_HERSELF, assigned_to=ALICE),
    "her son's": TheCase(owner_key=HER_SON, assigned_to=ALICE),
    "that names her": TheCase(named_keys=(b"x" * 32, AS_HERSELF), assigned_to=ALICE),
    "that names her son": TheCase(named_keys=(AS_HER_SON,), assigned_to=ALICE),
    "of nobody knows where": TheCase(home_keys=()),
    "of one strictly protected": TheCase(is_strictly_protected=True),
    "of one strictly protected, given to her": TheCase(is_strictly_protected=True, assigned_to=ALICE),
    "of one strictly protected, given to Bob": TheCase(is_strictly_protected=True, assigned_to=BOB),
}

# fmt: off
TABLE = [
    # who                                        the case                                    does          answer
    # A unit's own work: everybody in it reads and handles the unit's queue; an administrator sees no case.
    ("caseworker",                               "",                                         "read",       "yes: unit"),
    ("caseworker",                               "",                                         "handle",     "yes: unit"),
    ("caseworker",                               "",                                         "decide",     "yes: unit"),
    ("caseworker",                               "given to her",                             "read",       "yes: assigned"),
    ("caseworker",                               "given to her",                             "handle",     "yes: assigned"),
    ("caseworker",                               "given to Bob",                             "read",       "yes: unit"),
    ("leader",                                   "",                                         "read",       "yes: leader"),
    ("leader",                                   "given to Bob",                             "handle",     "yes: leader"),
    ("approver",                                 "given to Bob",                             "approve",    "yes: unit"),
    ("administrator",                            "",                                         "find",       "no: role-may-not"),
    ("administrator",                            "",                                         "read",       "no: role-may-not"),
    ("administrator",                            "given to her",                             "read",       "no: role-may-not"),
    ("administrator",                            "given to her",                             "handle",     "no: only-reads"),
    ("former employee",                          "given to her",                             "read",       "no: not-staff-here"),
    ("former employee",                          "given to her",                             "break-glass", "no: not-staff-here"),
    # Another municipality's staff: by a dated mandate, from its first day to its last (kommuneloven ch. 20).
    ("lent, the mandate holds",                  "",                                         "handle",     "yes: unit"),
    ("lent, from tomorrow",                      "",                                         "read",       "no: mandate-not-in-force"),
    ("lent, from tomorrow",                      "given to her",                             "handle",     "no: mandate-not-in-force"),
    ("lent, until yesterday",                    "given to her",                             "read",       "no: mandate-not-in-force"),
    ("lent, until yesterday",                    "",                                         "break-glass", "no: mandate-not-in-force"),
    ("lent, until yesterday",                    "",                                         "be-given",   "no: mandate-not-in-force"),
    # Other units: nothing, unless the case is given to one in a unit that does the service.
    ("caseworker of another unit",               "",                                         "find",       "no: no-relation"),
    ("caseworker of another unit",               "",                                         "read",       "no: no-relation"),
    ("caseworker of another unit",               "",                                         "handle",     "no: no-relation"),
    ("caseworker of another unit",               "given to her",                             "read",       "no: no-relation"),
    ("caseworker of another unit",               "with no unit, given to her",               "handle",     "yes: assigned"),
    ("caseworker of another unit",               "with no unit",                             "read",       "no: no-relation"),
    ("… that does the same service",             "given to her",                             "handle",     "yes: assigned"),
    ("… that does the same service",             "",                                         "read",       "no: no-relation"),
    ("leader of another unit",                   "",                                         "read",       "no: no-relation"),
    ("leader of another unit",                   "given to Bob",                             "handle",     "no: no-relation"),
    # A substitute stands where the absent one stood, and no further.
    ("Bob's substitute",                         "given to Bob",                             "read",       "yes: substitute"),
    ("Bob's substitute",                         "given to Bob",                             "handle",     "yes: substitute"),
    ("Bob's substitute",                         "",                                         "read",       "no: no-relation"),
    ("substitute of one who left the unit",      "given to Bob",                             "read",       "no: no-relation"),
    # The archive reads the whole area, and changes nothing (arkivlova).
    ("archivist",                                "",                                         "read",       "yes: unit"),
    ("archivist",                                "",                                         "handle",     "no: only-reads"),
    ("archivist of another unit",                "",                                         "read",       "yes: archive"),
    ("archivist of another unit",                "",                                         "handle",     "no: only-reads"),
    ("archivist and caseworker of another unit", "",                                         "read",       "yes: archive"),
    ("archivist and caseworker of another unit", "",                                         "handle",     "no: only-reads"),
    ("archivist and caseworker of another unit", "",                                         "decide",     "no: only-reads"),
    # Disqualification (forvaltningsloven § 6): not one's own, not one's family's, not where one has said so.
    ("caseworker",                               "her own",                                  "find",       "no: own-case"),
    ("caseworker",                               "her own",                                  "read",       "no: own-case"),
    ("leader",                                   "her own",                                  "handle",     "no: own-case"),
    ("archivist",                                "her own",                                  "read",       "no: own-case"),
    ("caseworker",                               "her own",                                  "break-glass", "no: own-case"),
    ("mother of the applicant",                  "her son's",                                "find",       "no: near-case"),
    ("mother of the applicant",                  "her son's",                                "read",       "no: near-case"),
    ("mother of the applicant",                  "her son's",                                "decide",     "no: near-case"),
    ("mother of the applicant",                  "her son's",                                "break-glass", "no: near-case"),
    ("mother of the applicant",                  "",                                         "read",       "yes: unit"),
    ("one of the applicant's household",         "given to her",                             "read",       "no: same-household"),
    ("one of the applicant's household",         "",                                         "decide",     "no: same-household"),
    ("one of the applicant's household",         "",                                         "break-glass", "no: same-household"),
    ("a leader of the applicant's household",    "",                                         "handle",     "no: same-household"),
    ("a neighbour in the same street",           "",                                         "read",       "yes: unit"),
    ("one of the applicant's household",         "of nobody knows where",                    "read",       "yes: unit"),
    # … nor where the form names oneself or somebody near, as a spouse, a cohabitant or a child.
    ("caseworker",                               "that names her",                           "find",       "no: near-named"),
    ("caseworker",                               "that names her",                           "break-glass", "no: near-named"),
    ("mother of the applicant",                  "that names her son",                       "read",       "no: near-named"),
    ("mother of the applicant",                  "that names her son",                       "decide",     "no: near-named"),
    ("mother of the applicant",                  "that names her son",                       "be-given",   "no: near-named"),
    ("caseworker",                               "that names her son",                       "read",       "yes: assigned"),
    # … nor is such a case given to them, by themselves or by others. Who is asked about is the one it would be given to.
    ("caseworker",                               "",                                         "be-given",   "yes: unit"),
    ("caseworker of another unit",               "",                                         "be-given",   "yes: "),
    ("caseworker",                               "of one strictly protected",                "be-given",   "yes: "),
    ("caseworker",                               "her own",                                  "be-given",   "no: own-case"),
    ("mother of the applicant",                  "her son's",                                "be-given",   "no: near-case"),
    ("one of the applicant's household",         "",                                         "be-given",   "no: same-household"),
    ("one who declared herself partial",         "",                                         "be-given",   "no: declared-partial"),
    ("archivist",                                "",                                         "be-given",   "no: role-may-not"),
    ("one who declared herself partial",         "given to her",                             "read",       "no: declared-partial"),
    ("one who declared herself partial",         "given to her",                             "handle",     "no: declared-partial"),
    # Strictly protected («kode 6»): whoever has the case, their substitute and the leader; not the queue, not the archive.
    ("caseworker",                               "of one strictly protected",                "find",       "no: strictly-protected"),
    ("caseworker",                               "of one strictly protected",                "read",       "no: strictly-protected"),
    ("caseworker",                               "of one strictly protected, given to her",  "handle",     "yes: assigned"),
    ("caseworker",                               "of one strictly protected, given to Bob",  "read",       "no: strictly-protected"),
    ("Bob's substitute",                         "of one strictly protected, given to Bob",  "read",       "yes: substitute"),
    ("leader",                                   "of one strictly protected",                "read",       "yes: leader"),
    ("archivist of another unit",                "of one strictly protected",                "read",       "no: strictly-protected"),
    ("administrator",                            "of one strictly protected",                "read",       "no: strictly-protected"),
    # To register for somebody who telephones or comes is to prepare the case: not for oneself, nor for one's family.
    ("caseworker",                               "",                                         "register",   "yes: unit"),
    ("archivist of another unit",                "",                                         "register",   "yes: archive"),
    ("caseworker",                               "her own",                                  "register",   "no: own-case"),
    ("mother of the applicant",                  "her son's",                                "register",   "no: near-case"),
    ("administrator",                            "",                                         "register",   "no: role-may-not"),
    # A report to the state is made of what was read: by who leads the unit, and nobody else.
    ("leader",                                   "",                                         "report",     "yes: leader"),
    ("leader",                                   "of one strictly protected",                "report",     "yes: leader"),
    ("caseworker",                               "given to her",                             "report",     "no: role-may-not"),
    ("archivist",                                "",                                         "report",     "no: role-may-not"),
    ("leader of another unit",                   "",                                         "report",     "no: no-relation"),
    # A protection is set up by who handles the case, and lowered by its unit's leader alone.
    ("caseworker",                               "given to her",                             "lower-protection", "no: only-reads"),
    ("leader",                                   "",                                         "lower-protection", "yes: leader"),
    ("leader of another unit",                   "given to her",                             "lower-protection", "no: no-relation"),
    # What is kept from a resident's own log ends by itself; before its time its unit's leader alone ends it.
    ("caseworker",                               "given to her",                             "end-keeping", "no: only-reads"),
    ("leader",                                   "",                                         "end-keeping", "yes: leader"),
    ("archivist",                                "",                                         "end-keeping", "no: only-reads"),
    # Broken glass: who works with cases may break it, for an hour; it lets them read for that purpose, and nothing else.
    ("caseworker of another unit",               "",                                         "break-glass", "yes: "),
    ("caseworker of another unit",               "of one strictly protected",                "break-glass", "yes: "),
    ("archivist of another unit",                "",                                         "break-glass", "no: role-may-not"),
    ("administrator",                            "",                                         "break-glass", "no: role-may-not"),
    ("one who broke the glass",                  "",                                         "find",       "yes: break-glass"),
    ("one who broke the glass",                  "",                                         "read",       "no: no-purpose"),
    ("one who broke the glass",                  "of one strictly protected",                "find",       "yes: break-glass"),
    ("one who broke the glass",                  "",                                         "handle",     "no: only-reads"),
    ("one who broke the glass",                  "",                                         "decide",     "no: only-reads"),
    ("a mother who broke the glass",             "her son's",                                "read",       "no: near-case"),
    ("one of the household who broke the glass", "",                                         "read",       "no: same-household"),
    # Who has looked: those who answer for the case, and the archive. Who reviews what was found: REVIEWS.
    ("caseworker",                               "given to her",                             "see-log",    "no: role-may-not"),
    ("leader",                                   "",                                         "see-log",    "yes: leader"),
    ("archivist",                                "",                                         "see-log",    "yes: unit"),
    # Who waits, and for what: the leader of the unit alone.
    ("leader",                                   "",                                         "oversee",    "yes: leader"),
    ("caseworker",                               "given to her",                             "oversee",    "no: role-may-not"),
    ("leader of another unit",                   "",                                         "oversee",    "no: no-relation"),
    # Erasing (arkivlova): an archivist proposes; an archivist or a leader approves, and never what they proposed themselves.
    ("archivist of another unit",                "",                                         "propose-disposal", "yes: archive"),
    ("archivist",                                "her own",                                  "propose-disposal", "no: own-case"),
    ("archivist of another unit",                "of one strictly protected",                "propose-disposal", "yes: archive"),
    ("archivist of another unit",                "of one strictly protected",                "approve-disposal", "yes: archive"),
    ("archivist of another unit",                "of one strictly protected",                "read",       "no: strictly-protected"),
    ("caseworker",                               "given to her",                             "propose-disposal", "no: role-may-not"),
    ("leader",                                   "",                                         "propose-disposal", "no: role-may-not"),
    ("leader",                                   "",                                         "approve-disposal", "yes: leader"),
    ("archivist of another unit",                "",                                         "approve-disposal", "yes: archive"),
    ("leader of another unit",                   "",                                         "approve-disposal", "no: no-relation"),
    ("approver",                                 "",                                         "approve-disposal", "no: role-may-not"),
]
# Another system: what its scopes say, in the services and areas that it was let into; it never reads as staff do.
SYSTEMS = [
    # who                                        the case                                    does          answer
    ("a system",                                 "",                                         "follow",     "yes: integration"),
    ("a system",                                 "given to Bob",                             "follow",     "yes: integration"),
    ("a system",                                 "of one strictly protected",                "follow",     "yes: integration"),
    ("a system",                                 "",                                         "follow-documents", "yes: integration"),
    ("a system",                                 "",                                         "follow-changes", "yes: integration"),
    ("a system",                                 "",                                         "submit",     "yes: integration"),
    ("a system",                                 "",                                         "read",       "no: role-may-not"),
    ("a system",                                 "",                                         "handle",     "no: only-reads"),
    ("a system",                                 "",                                         "break-glass", "no: role-may-not"),
    ("a system",                                 "",                                         "see-log",    "no: role-may-not"),
    ("a system that sends in",                   "",                                         "submit",     "yes: integration"),
    ("a system that sends in",                   "",                                         "follow",     "no: role-may-not"),
    ("a system of another service",              "",                                         "follow",     "no: no-relation"),
    ("a system of another area",                 "",                                         "follow",     "no: no-relation"),
    ("a system that was let into nothing",       "",                                         "follow",     "no: not-staff-here"),
    ("leader",                                   "",                                         "follow",     "no: role-may-not"),
    ("archivist",                                "",                                         "follow-documents", "no: role-may-not"),
]
# Who issues what is drafted (kommuneloven § 13-1; forvaltningsloven). Delegated to caseworkers, unless the row says otherwise.
DECISIONS = [
    # who            the draft                                does       answer
    ("caseworker",   "her own",                               "decide",  "yes: unit"),
    ("caseworker",   "her own, delegated to leaders",         "decide",  "no: not-delegated"),
    ("leader",       "her own, delegated to leaders",         "decide",  "yes: leader"),
    ("caseworker",   "Bob's",                                 "decide",  "yes: unit"),
    ("approver",     "Bob's",                                 "decide",  "no: not-delegated"),
    ("caseworker",   "her own, sent for approval",            "approve", "no: same-person"),
    ("caseworker",   "Bob's, not sent for approval",          "approve", "no: not-sent-for-approval"),
    ("caseworker",   "Bob's, sent for approval",              "approve", "yes: unit"),
    ("approver",     "Bob's, sent for approval",              "approve", "yes: unit"),
    ("approver",     "her own, sent for approval",            "approve", "no: not-delegated"),
    ("archivist",    "Bob's, sent for approval",              "approve", "no: only-reads"),
]
# What was found for review afterwards: who looks into it, and closes it with a conclusion. Whoever is disqualified in a case
# that a finding is about closes nothing of it, and is shown nothing of that case (`journeys.reviewing`).
REVIEWS = [
    # who                                        the finding                                 looks into it
    ("leader",                                   "in Torvet",                                True),
    ("caseworker",                               "in Torvet",                                False),
    ("approver",                                 "in Torvet",                                False),
    ("administrator",                            "in Torvet",                                False),
    ("archivist",                                "in Torvet",                                False),
    ("leader of another unit",                   "in Torvet",                                False),
    # What a leader did, and what is nobody's unit's, is for the other leaders of the area and its archivists as well.
    ("leader of another unit",                   "what Torvet's leader did",                 True),
    ("archivist of another unit",                "what Torvet's leader did",                 True),
    ("leader of another unit",                   "in no unit",                               True),
    ("archivist",                                "in no unit",                               True),
    ("caseworker of another unit",               "in no unit",                               False),
    # So is what nobody in the unit has closed in a week: its leader is away, disqualified, or not there.
    ("leader of another unit",                   "in Torvet, and has waited a week",         True),
    ("archivist",                                "in Torvet, and has waited a week",         True),
    ("caseworker",                               "in Torvet, and has waited a week",         False),
    # What residents' own logs left out, archivists look into as well; who closed something sees what they closed.
    ("leader",                                   "left out of a log in Torvet",              True),
    ("archivist of another unit",                "left out of a log in Torvet",              True),
    ("leader of another unit",                   "left out of a log in Torvet",              False),
    ("archivist of another unit",                "in Torvet, closed by her",                 True),
    ("archivist of another unit",                "in Torvet, closed by Bob",                 False),
    # Nobody, what they did themselves.
    ("leader",                                   "what she did herself",                     False),
    ("archivist",                                "what she did herself",                     False),
]
# fmt: on


@dataclass(frozen=True)
class Finding:
    kind: str = "volume"
    unit_id: UUID | None = TORVET
    staff_id: UUID | None = BOB
    by_leader: bool = False
    found_at: datetime = UNTIL
    closed_at: datetime | None = None
    closed_by: UUID | None = None


A_WEEK = timedelta(days=limits_on(TODAY)["days-in-its-unit"])
FINDING = {
    "in Torvet": Finding(),
    "in no unit": Finding(unit_id=None),
    "what Torvet's leader did": Finding(by_leader=True),
    "in Torvet, and has waited a week": Finding(found_at=UNTIL - A_WEEK),
    "left out of a log in Torvet": Finding(kind="left-out", staff_id=None),
    "in Torvet, closed by her": Finding(closed_at=UNTIL, closed_by=ALICE),
    "in Torvet, closed by Bob": Finding(closed_at=UNTIL, closed_by=BOB),
    "what she did herself": Finding(staff_id=ALICE, by_leader=True),
}

BY_CASEWORKERS, BY_LEADERS = frozenset({"caseworker"}), frozenset({"leader"})
DRAFT = {
    "her own": Draft(BY_CASEWORKERS),
    "her own, delegated to leaders": Draft(BY_LEADERS),
    "Bob's": Draft(BY_CASEWORKERS, is_own=False),
    "her own, sent for approval": Draft(BY_CASEWORKERS, is_sent=True),
    "Bob's, not sent for approval": Draft(BY_CASEWORKERS, is_own=False),
    "Bob's, sent for approval": Draft(BY_CASEWORKERS, is_sent=True, is_own=False),
}

PURPOSES = [
    # who                          for this purpose         answer
    ("caseworker", "supervision", "yes: unit"),
    ("caseworker", "work-list", "yes: unit"),
    ("caseworker", "curiosity", "no: no-purpose"),
    ("caseworker", "", "no: no-purpose"),
    ("caseworker", "own-case", "no: no-purpose"),
    ("caseworker", "break-glass", "no: no-purpose"),
    ("one who broke the glass", "break-glass", "yes: break-glass"),
    ("one who broke the glass", "work-list", "no: no-purpose"),
    ("one of the household who broke the glass", "break-glass", "no: same-household"),
]
PURPOSES_OF_SYSTEMS = [
    ("a system", "integration", "yes: integration"),
    ("a system", "case-handling", "no: no-purpose"),
    ("a system", "break-glass", "no: no-purpose"),
    ("a system", "", "no: no-purpose"),
]


def answer(who: str, case: str, does: str, purpose: str = "case-handling", draft: Draft | None = None) -> str:
    facts = Facts(Asked(does, WHO[who], purpose), CASE[case], draft=draft)
    verdict = judge(facts)
    return f"{'yes' if verdict.allowed else 'no'}: {verdict.reason}"


@pytest.mark.parametrize(("who", "case", "does", "said"), TABLE)
def test_who_may_do_what(who, case, does, said):
    assert answer(who, case, does) == said


@pytest.mark.parametrize(("who", "case", "does", "said"), SYSTEMS)
def test_what_another_system_may_do(who, case, does, said):
    assert answer(who, case, does, "integration") == said


@pytest.mark.parametrize(("who", "draft", "does", "said"), DECISIONS)
def test_who_issues_a_decision(who, draft, does, said):
    assert answer(who, "", does, draft=DRAFT[draft]) == said


@pytest.mark.parametrize(("who", "finding", "looks"), REVIEWS)
def test_who_reviews_what(who, finding, looks):
    with dates.clock.frozen(UNTIL + timedelta(seconds=1)):
        assert may_review(WHO[who], FINDING[finding], A_WEEK) is looks


@pytest.mark.parametrize(("who", "purpose", "said"), PURPOSES)
def test_for_which_purpose(who, purpose, said):
    assert answer(who, "", "read", purpose) == said


@pytest.mark.parametrize(("who", "purpose", "said"), PURPOSES_OF_SYSTEMS)
def test_for_which_purpose_another_system(who, purpose, said):
    assert answer(who, "", "follow", purpose) == said


def test_a_yes_says_why():
    """Each rule that was asked gives its reason for yes."""
    verdict = judge(Facts(Asked("read", WHO["caseworker"], "case-handling"), CASE["given to her"]))
    assert verdict.because == (
        *("works-here", "mandate", "not-own", "not-near", "not-same-household", "not-named", "not-partial"),
        *("protection", "related", "role", "purpose"),
    )


def test_every_rule_refuses_in_some_row_and_every_action_has_a_row(record_property):
    rows = [*TABLE, *SYSTEMS, *DECISIONS, *PURPOSES, *PURPOSES_OF_SYSTEMS]
    assert {f"no: {rule.no}" for rule in RULES} <= {row[-1] for row in rows}
    acts = {row[2] for row in (*TABLE, *SYSTEMS, *DECISIONS)}
    assert acts == set(MAY)
    counts = f"{len(WHO)} roles and situations × {len(CASE)} cases × {len(acts)} actions"
    record_property("told", f"who may do what: {len(rows)} answers, {len(RULES)} rules, of {counts}")
