"""One table of rules says who may see a case: in Python for one case, in SQL for lists. For any data they agree."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from uuid import UUID

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from allmenning.basics import dates
from allmenning.municipal.access import purposes
from allmenning.municipal.access.actor import Lent, Working, system_at_work
from allmenning.municipal.access.models import Review, Role
from allmenning.municipal.access.rules import CHANGES, MAY, Asked, Facts, condition, judge, may_review, reviewable
from allmenning.municipal.cases.models import Case
from allmenning.municipal.cases.queries import VIEWS, Filters, counts, theirs, work_list
from allmenning.municipal.people import protection
from allmenning.municipal.people.queries import forget_protected
from allmenning.tenancy import use
from attack.rows import Owner

UNITS = [UUID(int=n) for n in range(1, 5)]
STAFF = [UUID(int=n) for n in range(101, 106)]
ROLES = [role.value for role in Role]
SERVICES = ["playground", "respite"]
RITA, OMAR, ALICE_HERSELF = b"r" * 32, b"o" * 32, b"a" * 32  # as owner keys; Omar is strictly protected
FJORDVEGEN_1, HAVNEGATA_2 = b"f" * 32, b"h" * 32
AS_KARI, AS_ALICE = b"K" * 32, b"A" * 32  # as forms name them
DRAWN = 100
ACTIONS = sorted(set(MAY) - {"approve"})

UNTIL = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
DAYS = some.dates(date(2026, 11, 20), date(2026, 11, 24))

working = some.builds(
    Working,
    staff_id=some.sampled_from(STAFF),
    name=some.just("Alice"),
    area=some.just("care"),
    roles=some.dictionaries(
        some.sampled_from(UNITS), some.frozensets(some.sampled_from(ROLES), min_size=1), max_size=3
    ),
    services=some.frozensets(some.sampled_from(SERVICES), max_size=1),
    substitutes_for=some.frozensets(some.sampled_from(STAFF), max_size=2),
    covered_units=some.frozensets(some.sampled_from(UNITS), max_size=2),
    own_key=some.sampled_from([b"", RITA, ALICE_HERSELF]),
    near=some.frozensets(some.sampled_from([RITA, OMAR, b"n" * 32]), max_size=1),
    named_as=some.frozensets(some.sampled_from([AS_KARI, AS_ALICE, b"n" * 32]), max_size=2),
    near_addresses=some.frozensets(some.sampled_from([FJORDVEGEN_1, HAVNEGATA_2]), max_size=2),
    lent=some.lists(some.builds(Lent, some.just("smola"), DAYS, DAYS | some.none()), max_size=2).map(tuple),
    today=some.just(date(2026, 11, 22)),
)


@pytest.fixture
def cases(municipality_a):
    """A case for every unit (and none), assignee (and nobody), service, and applicant; in turn with and without a home that
    is known, and people whom the form names.
    """
    homes = cycle([[], [FJORDVEGEN_1], [HAVNEGATA_2, FJORDVEGEN_1], [b"x" * 32]])
    named = cycle([[], [], [AS_KARI], [AS_ALICE, b"x" * 32], [AS_ALICE]])
    rows = []
    for key in (RITA, OMAR):
        owner = Owner(municipality_a, "care", key)
        rows += [
            owner.unsaved(
                Case, unit_id=unit, assigned_to=staff, service=service, home_keys=next(homes), named_keys=next(named)
            )
            for unit in [None, *UNITS]
            for staff in [None, *STAFF]
            for service in SERVICES
        ]
    with use(municipality_a, "care"):
        protection.set_by_hand(OMAR, protection.Level.STRICT, protection.Detail("threat"))
        protection.set_by_hand(RITA, protection.Level.CONFIDENTIAL, protection.Detail("threat"))
        forget_protected()
        return Case.objects.bulk_create(rows)


SYSTEM_SCOPES = ["submit", "cases", "documents", "changes"]
system = some.builds(
    system_at_work,
    client_id=some.just(UUID(int=301)),
    name=some.just("App"),
    area=some.sampled_from(["care", "ordinary"]),
    scopes=some.sets(some.sampled_from(SYSTEM_SCOPES)),
    services=some.sets(some.sampled_from(SERVICES), max_size=1),
)


@settings(max_examples=DRAWN, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    somebody=working | system,
    action=some.sampled_from(ACTIONS),
    purpose=some.sampled_from(["case-handling", "work-list", purposes.BREAK_GLASS, "integration", "", "curiosity"]),
    declared=some.sets(some.integers(0, 119), max_size=20),
    broken=some.sets(some.integers(0, 119), max_size=20),
)
def test_the_list_and_the_rule_agree(cases, municipality_a, somebody, action, purpose, declared, broken):
    somebody = replace(
        somebody,
        partial_in=frozenset(cases[n].id for n in declared),
        broken_glass={cases[n].id: UNTIL for n in broken},
    )
    with use(municipality_a, "care"):
        asked = Asked(action, somebody, purpose, Q(owner_key=OMAR))
        by_rule = {case.id for case in cases if judge(Facts(asked, case)).allowed}
        assert set(Case.objects.filter(condition(asked)).values_list("id", flat=True)) == by_rule
        assert set(Case.objects.filter(theirs(somebody, action, purpose)).values_list("id", flat=True)) == by_rule


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(somebody=working)
def test_no_list_shows_what_the_rule_refuses(cases, municipality_a, somebody):
    with use(municipality_a, "care"):
        asked = Asked("read", somebody, "work-list")
        by_rule = {case.id for case in cases if judge(Facts(asked, case)).allowed}
        for view in VIEWS:
            assert {case.id for case in work_list(somebody, Filters(view=view)).cases} <= by_rule
        for filters in (Filters(words="x"), Filters(number=cases[7].number), Filters(person_ids=(UUID(int=9),))):
            assert {case.id for case in work_list(somebody, filters).cases} <= by_rule
        assert max(counts(somebody).values(), default=0) <= len(by_rule)


A_WEEK = timedelta(days=7)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(somebody=working | system)
def test_who_reviews_what_is_the_same_in_the_list_and_in_the_rule(findings, municipality_a, somebody):
    with use(municipality_a, "care"):
        by_rule = {each.id for each in findings if may_review(somebody, each, A_WEEK)}
        assert set(Review.objects.filter(reviewable(somebody, A_WEEK)).values_list("id", flat=True)) == by_rule


@pytest.fixture
def findings(municipality_a):
    """A finding of each kind, in each unit and none, of each person and none, a leader's and another's; one that has waited for
    long, and one that somebody closed.
    """
    owner = Owner(municipality_a, "care", RITA)
    usual, long_ago = {"by_leader": False, "found_at": dates.now()}, dates.now() - timedelta(days=30)
    closed = {"closed_at": dates.now(), "conclusion": "fine", "comment": b"sealed"}
    kinds = (
        {"kind": "break-glass", "by_leader": True},
        {"kind": "break-glass"},
        {"kind": "left-out", "by_leader": True},
        {"kind": "left-out"},
        {"kind": "break-glass", "found_at": long_ago},
        {"kind": "break-glass", "found_at": long_ago, "closed_by": UUID(int=77), **closed},
        {"kind": "break-glass", "closed_by": STAFF[0], **closed},
    )
    rows = [
        owner.unsaved(Review, **{**usual, **kind}, unit_id=unit, staff_id=staff, about=f"{n}:{unit}:{staff}")
        for n, kind in enumerate(kinds)
        for unit in [None, *UNITS]
        for staff in [None, *STAFF]
        if kind.get("closed_by") is None or kind["closed_by"] != staff
    ]
    with use(municipality_a, "care"):
        return Review.objects.bulk_create(rows)


def test_each_rule_has_data_here_that_it_alone_decides(cases, municipality_a, record_property):
    """Else the agreement would say nothing of it: each reason for no is given for some of these cases."""
    unit, other = UNITS[:2]
    ordinary = Working(STAFF[0], "Alice", "care", {unit: frozenset({"caseworker"})}, own_key=b"z" * 32)
    with use(municipality_a, "care"):
        said = {
            judge(Facts(Asked(action, who, purpose), case)).reason
            for who, action, purpose in (
                (Working(STAFF[0], "Alice", "care"), "read", "case-handling"),
                (ordinary, "read", "case-handling"),
                (ordinary, "read", "curiosity"),
                (replace(ordinary, own_key=RITA), "read", "case-handling"),
                (replace(ordinary, near=frozenset({RITA})), "read", "case-handling"),
                (replace(ordinary, named_as=frozenset({AS_KARI})), "read", "case-handling"),
                (replace(ordinary, near_addresses=frozenset({HAVNEGATA_2})), "read", "case-handling"),
                (replace(ordinary, partial_in=frozenset(each.id for each in cases)), "read", "case-handling"),
                (replace(ordinary, roles={other: frozenset({"administrator"})}), "read", "case-handling"),
                (replace(ordinary, roles={other: frozenset({"archivist"})}), "handle", "case-handling"),
            )
            for case in cases
        }
    assert said >= {
        *("not-staff-here", "own-case", "near-case", "near-named", "same-household", "declared-partial"),
        *("strictly-protected", "no-relation"),
        *("role-may-not", "only-reads", "no-purpose", "assigned", "unit"),
    }
    tried = f"{DRAWN} people, systems, actions and purposes drawn, each with {len(cases)} cases"
    record_property("told", f"the rules in Python and in SQL agree: {tried}")


def test_actions_that_change_are_no_more_than_those_that_roles_have():
    assert set(MAY) > CHANGES
